//! Gathers what the sheet of a parcel says, by the same queries as the window and the command line.

use crate::engine::ENGINE_VERSION;
use crate::engine::review::Review;
use crate::io::crs;
use crate::model::evidence::{InputLine, OtherLine, Sheet};
use crate::model::report::ParcelProblem;
use crate::model::review::{ParcelReview, ReviewForm};
use crate::model::{Crs, ParcelIx, PixelRule};
use crate::project::{Dataset, Error, Project};

use super::figures::{self, Companion};
use super::holders::Pseudonyms;
use super::{decisions, markers, observations};

/// Name and version on every sheet.
pub fn software() -> String {
    format!("Parcelight {}, engine {ENGINE_VERSION}", env!("CARGO_PKG_VERSION"))
}

/// What sheets are gathered from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The open project.
    pub project: &'a Project,
    /// Its data.
    pub data: &'a Dataset,
    /// What people decided.
    pub review: &'a Review,
    /// The agency's words.
    pub form: &'a ReviewForm,
    /// What stands for holders.
    pub holders: &'a Pseudonyms,
    /// Folder of photos, if there is one.
    pub photos: Option<&'a std::path::Path>,
}

/// A sheet and the files that belong to its pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Gathered {
    /// The sheet.
    pub sheet: Sheet,
    /// World files, photos as they were taken, and the table of all observations.
    pub companions: Vec<Companion>,
}

impl Sources<'_> {
    /// The sheet of a parcel; `name` begins the names of its pictures, `inputs` are its files with hashes.
    ///
    /// A figure that cannot be made is missing with its reason; a verdict or observation that cannot be had is an error.
    pub fn gather(&self, parcel: ParcelIx, name: &str, inputs: Vec<InputLine>) -> Result<Gathered, Error> {
        let (project, data) = (self.project, self.data);
        let id = data.parcels.id(parcel);
        let nothing = ParcelReview::default();
        let review = self.review.of(id).unwrap_or(&nothing);
        let (chips, mut companions, mut absent) = figures::chips(project, data, parcel, name, review);
        let (photos, originals, unseen) = figures::photos(self.photos, name, review);
        companions.extend(originals);
        absent.extend(unseen);
        let marked = project.marked_query(parcel).map(|query| project.compute(&query)).transpose()?;
        let detection = project.tuning().detection();
        let window = detection.zip(marked.as_ref()).and_then(|(own, marked)| markers::window(own, marked));
        let map = kept(&mut absent, "Map", figures::map(project, data, parcel, name, review, window)).map(|(picture, beside)| {
            companions.extend(beside);
            picture
        });
        let calendar = kept(&mut absent, "Calendar", figures::calendar(project, parcel, name));
        let graphs = kept(&mut absent, "Graphs", figures::graphs(project, parcel, name));
        let clusters = if project.heterogeneity_params().in_sheets {
            kept(&mut absent, "Clusters", figures::clusters(project, parcel, name))
        } else {
            None
        };
        if let Some(fault) = project.tuning().fault() {
            absent.push(format!("Automatic verdict: {fault}"));
        } else if marked.is_none() {
            absent.push("Automatic verdict: the project has no ruleset.".to_owned());
        }
        if project.file().remote.is_some() {
            absent.push("Inputs: what the project's server answered is no file and has no hash here.".to_owned());
        }
        let observed = observations::all(project, data, parcel)?;
        let (observations, radar) = observations::told(&observed);
        let mut facts = self.facts(parcel);
        facts.extend(radar);
        companions.push(Companion { file: format!("{name}_observations.csv"), bytes: observations::table(&observed)? });
        let other = self.other(parcel, &mut absent);
        let sheet = Sheet {
            parcel: id.to_owned(),
            project: project.file().name.clone(),
            summary: summary(data, parcel),
            facts,
            outline: data.parcels.outline(parcel).rings().map(<[_]>::to_vec).collect(),
            automatic: marked.as_ref().and_then(|marked| markers::automatic(marked)),
            other,
            experts: decisions::experts(review, self.form),
            resolved: decisions::resolved(review, self.form),
            flag: review.flag.clone(),
            history: decisions::history(self.review, review, self.form),
            markers: detection.zip(marked.as_ref()).map(|(own, marked)| markers::lines(own, marked)).unwrap_or_default(),
            map,
            calendar,
            graphs,
            clusters,
            chips,
            photos,
            absent,
            observations,
            inputs,
            ruleset: detection.map(|own| (own.rules.name.clone(), own.hash().to_owned())).unwrap_or_default(),
            software: software(),
            attribution: project.file().attribution.clone(),
        };
        Ok(Gathered { sheet, companions })
    }

    /// What another system has said; where its column is not there, this joins what is absent.
    fn other(&self, parcel: ParcelIx, absent: &mut Vec<String>) -> Option<OtherLine> {
        let said = kept(absent, "Verdict of another system", self.project.other_verdict(parcel)?)?;
        let value = if said.value.is_empty() { "no value".to_owned() } else { format!("“{}”", said.value) };
        let unknown = if said.verdict.is_none() && !said.value.is_empty() { ", which the project does not map" } else { "" };
        let source = format!("{value} in column {}{unknown}, automatic verdict of {}", said.column, said.system);
        Some(OtherLine { verdict: said.verdict, source })
    }

    /// Identification, and how observations are made.
    fn facts(&self, parcel: ParcelIx) -> Vec<(String, String)> {
        let parcels = &self.data.parcels;
        let mut facts: Vec<(String, String)> = Vec::new();
        let mut fact = |name: &str, value: String| {
            if !value.is_empty() {
                facts.push((name.to_owned(), value));
            }
        };
        fact("Parcel", parcels.id(parcel).to_owned());
        let [code, crop] = parcels.crop_words(parcel);
        fact("Declared crop", crop.unwrap_or_default().to_owned());
        fact("Crop code", code.unwrap_or_default().to_owned());
        fact("Area", format!("{:.2} ha", parcels.area_ha(parcel)));
        fact("Perimeter", format!("{:.0} m", parcels.perimeter_m(parcel)));
        let bounds = parcels.bounds(parcel);
        if bounds.is_empty() {
            fact("Place", "no geometry".to_owned());
        } else {
            let (x, y) = bounds.center();
            fact("Place", format!("{x:.0}, {y:.0} ({})", parcels.crs().label()));
            let mut point = [[x, y]];
            // Where the system has no degrees, the place in it says enough.
            if crs::transform_points(&mut point, parcels.crs(), &Crs::Epsg(4326)).is_ok() {
                fact("WGS 84", format!("{:.5}° N, {:.5}° E", point[0][1], point[0][0]));
            }
        }
        for (name, value) in self.holders.facts(parcels, parcel) {
            fact(&name, value);
        }
        let settings = &self.project.file().observations;
        let rule = match settings.pixels {
            PixelRule::Centre => "with their centre inside",
            PixelRule::Coverage => "weighted by covered area",
        };
        let buffer = if settings.buffer_m == 0.0 { String::new() } else { format!(", outline moved by {} m", settings.buffer_m) };
        fact("Pixels", format!("{rule}{buffer}"));
        let classes: Vec<String> = settings.mask.classes().iter().map(u8::to_string).collect();
        let classes = if classes.is_empty() { "none".to_owned() } else { classes.join(", ") };
        fact("Excluded scene classes", format!("{classes}; at least {:.0} % usable", settings.min_usable_share * 100.0));
        for problem in parcels.problems(parcel) {
            fact("Noted at import", noted(problem));
        }
        facts
    }
}

/// What was made; where nothing was, the reason joins those of what is absent.
fn kept<T>(absent: &mut Vec<String>, label: &str, made: Result<T, String>) -> Option<T> {
    made.map_err(|why| absent.push(format!("{label}: {why}"))).ok()
}

/// `Maize, 1.29 ha`.
pub fn summary(data: &Dataset, parcel: ParcelIx) -> String {
    let mut parts: Vec<String> = data.parcels.crop(parcel).map(str::to_owned).into_iter().collect();
    parts.push(format!("{:.2} ha", data.parcels.area_ha(parcel)));
    parts.join(", ")
}

fn noted(problem: &ParcelProblem) -> String {
    match problem {
        ParcelProblem::Repaired { fact } => format!("the outline was invalid and has been repaired ({fact})"),
        ParcelProblem::NoGeometry { fact } => format!("no geometry ({fact})"),
        ParcelProblem::DuplicateId => "the same id occurs more than once".to_owned(),
        ParcelProblem::MissingId => "the id is missing; a row number stands in".to_owned(),
        ParcelProblem::Multipolygon { parts } => format!("{parts} parts"),
        ParcelProblem::Overlap { share, with } => format!("{:.0} % of it lies over {with}", share * 100.0),
        ParcelProblem::OutsideCrs => "outside the area where its CRS is valid".to_owned(),
    }
}
