//! Opens what a verb works on, and picks its parcels.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use crate::engine::filter::Filter;
use crate::io::project_file;
use crate::model::catalog::Origin;
use crate::model::project_file::{Display, FORMAT_VERSION, ImagerySource, ParcelSource, Radiometry};
use crate::model::report::{Problem, Severity};
use crate::model::settings::{ObservationSettings, PeerSettings};
use crate::model::{ParcelIx, Parcels, ProjectFile, Sensor, TableSource, Watch};
use crate::project::Fetch;
use crate::project::load::{cache_folder, observations_folder, parcels_only};
use crate::project::{Dataset, Project, tables};

use super::args::{Choice, Inputs, Tables};
use super::output::{Run, absolute};
use super::{progress, usage};

/// An open project with its data.
#[derive(Debug)]
pub struct Opened {
    /// The project; one that was never on disk when parcels and imagery were named directly.
    pub project: Project,
    /// Its data.
    pub data: Arc<Dataset>,
    /// False when parcels and imagery were named directly.
    on_disk: bool,
    /// What is gone at the end. Declared last: the project is closed before.
    _scratch: tempfile::TempDir,
}

impl Opened {
    /// Asks the project's server, if it has one, what it has of the chosen parcels: only then do acquisitions have their numbers.
    pub fn settle(&mut self, parcels: &[ParcelIx], run: &Run) -> anyhow::Result<()> {
        if self.project.file().remote.is_none() {
            return Ok(());
        }
        let watch = Watch::default();
        progress::during(&run.general, "asking the server", &watch, || self.project.settle_remote(parcels, &watch))?;
        if let Fetch::Ready(data) = self.project.dataset() {
            self.data = data;
        }
        Ok(())
    }

    /// Fails where there are no images to read, only a server.
    pub fn need_images(&self, verb: &str) -> anyhow::Result<()> {
        let file = self.project.file();
        if file.remote.is_some() && file.imagery.is_empty() {
            anyhow::bail!(
                "the project's images are on a server: {verb} reads images beside which it runs; use series, calendar and graph here, \
                 or {verb} on the project that is served"
            );
        }
        Ok(())
    }

    /// Files every result depends on: project file and parcel file.
    pub fn inputs(&self) -> Vec<PathBuf> {
        let folder = self.project.path().parent().unwrap_or(Path::new("")).to_owned();
        let layer = &self.project.file().parcels;
        let mut paths: Vec<PathBuf> = (!layer.is_empty()).then(|| folder.join(&layer.path)).into_iter().collect();
        let tables = self.project.file().tables.iter().map(|table| folder.join(&table.path));
        paths.extend(tables.flat_map(|path| tables::files(&path)));
        if self.on_disk {
            paths.insert(0, self.project.path().to_owned());
        }
        paths
    }

    /// Where derived data are kept; `None` when parcels and imagery were named directly, since nobody would find them again.
    pub fn cache(&self) -> Option<PathBuf> {
        self.on_disk.then(|| cache_folder(self.project.path()))
    }

    /// Where observations are stored when no folder is named; `None` when parcels and imagery were named directly.
    pub fn observations(&self) -> Option<PathBuf> {
        self.on_disk.then(|| observations_folder(self.project.path()))
    }

    /// [`Opened::inputs`] and every image of some sensors.
    pub fn inputs_with_images(&self, sensors: &[Sensor]) -> Vec<PathBuf> {
        let mut images: Vec<PathBuf> = self
            .data
            .catalog
            .acquisitions
            .iter()
            .filter(|acquisition| sensors.contains(&acquisition.sensor))
            .flat_map(|acquisition| &acquisition.granules)
            .filter(|granule| !granule.remote)
            .flat_map(|granule| &granule.bands)
            .map(|asset| asset.path.clone())
            .collect();
        images.sort();
        images.dedup();
        let mut paths = self.inputs();
        paths.append(&mut images);
        paths
    }
}

/// Opens a project or what was named directly, and says what was found wrong.
pub fn open(inputs: &Inputs, run: &Run) -> anyhow::Result<Opened> {
    open_with(inputs, &Tables::default(), run)
}

/// [`open`] with tables beside the images.
pub fn open_with(inputs: &Inputs, tables: &Tables, run: &Run) -> anyhow::Result<Opened> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let path = if let Some(path) = &inputs.project {
        absolute(path)?
    } else if let Some(parcels) = &inputs.parcels {
        let path = scratch.path().join("direct.parcelight.toml");
        project_file::save(&path, &direct(inputs, tables, parcels)?)?;
        path
    } else {
        return Err(usage("nothing to work on; name --project PROJECT.toml, or --parcels FILE and --imagery DIR"));
    };
    open_at(&path, scratch, inputs.project.as_ref().map(|_| tables), run)
}

/// A project as far as its decisions go: where it is, what it says, its parcels.
#[derive(Debug)]
pub struct Known {
    /// Its file, absolute.
    pub path: PathBuf,
    /// What it says.
    pub file: ProjectFile,
    /// Its parcels.
    pub parcels: Arc<Parcels>,
}

impl Known {
    /// Reads parcels alone: images are not looked for. Only where a server gives the parcels the project is opened whole.
    pub fn open(path: &Path, run: &Run) -> anyhow::Result<Self> {
        let path = absolute(path)?;
        let watch = Watch::default();
        let only = progress::during(&run.general, "reading parcels", &watch, || parcels_only(&path, &watch))?;
        if let Some(own) = only {
            for problem in own.problems.iter().filter(|problem| problem.severity != Severity::Note) {
                run.say(&format!("parcels: {}", problem.line()));
            }
            return Ok(Self { path, file: own.file, parcels: own.parcels });
        }
        let opened = open_project(&path, run)?;
        Ok(Self { file: opened.project.file().clone(), parcels: Arc::clone(&opened.data.parcels), path })
    }

    /// Files that results depend on.
    pub fn inputs(&self) -> Vec<PathBuf> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let layer = &self.file.parcels;
        std::iter::once(self.path.clone()).chain((!layer.is_empty()).then(|| folder.join(&layer.path))).collect()
    }
}

/// Opens a project by its file.
pub fn open_project(path: &Path, run: &Run) -> anyhow::Result<Opened> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    open_at(&absolute(path)?, scratch, Some(&Tables::default()), run)
}

/// `added` are tables beside those of a project that is on disk.
fn open_at(path: &Path, scratch: tempfile::TempDir, added: Option<&Tables>, run: &Run) -> anyhow::Result<Opened> {
    let jobs = run.general.jobs();
    // Where the user is in the window is none of a script's business: a run keeps its own, and forgets it.
    let home = scratch.path().join("home");
    let mut project = match added {
        Some(tables) if !tables.table.is_empty() => {
            let mut file = project_file::load(path)?;
            file.tables.extend(table_sources(tables)?);
            Project::from_file_at(file, path, jobs, Arc::new(|| {}), home)?
        }
        _ => Project::open_at(path, jobs, Arc::new(|| {}), home)?,
    };
    let data = progress::during(&run.general, "reading parcels and imagery", &Watch::default(), || project.wait_loaded())?;
    tell_problems(&project, &data, run);
    Ok(Opened { project, data, on_disk: added.is_some(), _scratch: scratch })
}

/// A project of what was named directly, with absolute paths.
fn direct(inputs: &Inputs, tables: &Tables, parcels: &Path) -> anyhow::Result<ProjectFile> {
    if !parcels.exists() {
        anyhow::bail!("cannot open the parcels: no such file ({})", parcels.display());
    }
    let imagery = inputs
        .imagery
        .iter()
        .map(|path| Ok(ImagerySource { path: absolute(path)?, pattern: None, ..ImagerySource::default() }))
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(ProjectFile {
        version: FORMAT_VERSION.to_owned(),
        name: parcels.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
        attribution: String::new(),
        parcels: ParcelSource {
            path: absolute(parcels)?,
            layer: inputs.layer.clone(),
            id: inputs.id.clone(),
            // Peers and filters go by the crop's name first: one column serves.
            crop_name: inputs.crop.clone(),
            ..ParcelSource::default()
        },
        imagery,
        tables: table_sources(tables)?,
        remote: None,
        radiometry: Radiometry::default(),
        observations: ObservationSettings::default(),
        peers: PeerSettings::default(),
        display: Display::default(),
        indices: Vec::new(),
        backgrounds: Vec::new(),
        ruleset: None,
        decisions: None,
        heterogeneity: None,
        review: None,
        other_verdict: None,
    })
}

/// Tables named on the command line, with absolute paths.
fn table_sources(tables: &Tables) -> anyhow::Result<Vec<TableSource>> {
    tables.table.iter().map(|path| Ok(TableSource { path: absolute(path)?, ..TableSource::default() })).collect()
}

fn tell_problems(project: &Project, data: &Dataset, run: &Run) {
    for problem in data.import_problems.iter().filter(|problem| problem.severity != Severity::Note) {
        run.say(&format!("parcels: {}", problem.line()));
    }
    let reports = data.tables.as_ref().map(|tables| tables.reports()).unwrap_or_default();
    for report in reports {
        run.say(&format!("table {}", tables::line(report)));
    }
    let of_tables: Vec<&Problem> = reports.iter().flat_map(|report| &report.problems).collect();
    for problem in of_tables.iter().filter(|problem| problem.severity != Severity::Note) {
        run.say(&format!("table {}: {}", problem.path.display(), problem.line()));
    }
    let of_images = data.catalog.problems.iter().filter(|problem| !of_tables.contains(problem));
    let unusable = of_images.filter(|problem| problem.severity == Severity::Error).count();
    if unusable > 0 {
        run.say(&format!("imagery: {unusable} files could not be used; `parcelight scan` lists them with the reason"));
    }
    for (name, fault) in project.index_faults() {
        run.say(&format!("index {name}: {fault}"));
    }
    let assumed = data
        .catalog
        .acquisitions
        .iter()
        .filter(|acquisition| acquisition.sensor == Sensor::S2)
        .filter(|acquisition| acquisition.granules.iter().any(|granule| granule.offset_origin == Origin::Assumed))
        .count();
    let radiometry = &project.file().radiometry;
    if assumed > 0 && !radiometry.confirmed {
        run.say(&format!(
            "imagery: nothing says the reflectance offset of {assumed} Sentinel-2 acquisitions; {} is assumed",
            radiometry.assumed_boa_offset_dn
        ));
    }
}

/// Parcels asked for, in table order: those of `--parcel` and `--parcel-list` (or all), narrowed by `--where`.
pub fn choose(parcels: &Parcels, choice: &Choice) -> anyhow::Result<Vec<ParcelIx>> {
    let mut chosen: Vec<ParcelIx> = if let Some(ids) = asked_ids(choice)? {
        let wanted: std::collections::HashSet<&str> = ids.iter().map(String::as_str).collect();
        let found: Vec<ParcelIx> = parcels.iter().filter(|&parcel| wanted.contains(parcels.id(parcel))).collect();
        let known: std::collections::HashSet<&str> = found.iter().map(|&parcel| parcels.id(parcel)).collect();
        let unknown: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !known.contains(id)).collect();
        if !unknown.is_empty() {
            anyhow::bail!("no parcel has the id {}", few(&unknown));
        }
        found
    } else {
        parcels.iter().collect()
    };
    if let Some(text) = &choice.filter {
        let wrong = |error: crate::engine::filter::FilterError| usage(format!("cannot use --where: {error}"));
        let matching: std::collections::HashSet<ParcelIx> =
            Filter::parse(text).map_err(wrong)?.select(parcels).map_err(wrong)?.into_iter().collect();
        chosen.retain(|parcel| matching.contains(parcel));
    }
    if chosen.is_empty() {
        anyhow::bail!("no parcel matches");
    }
    Ok(chosen)
}

/// Ids asked for of those that are known, without a layer: those of `--parcel` and `--parcel-list`, or all.
pub fn choose_ids(known: &std::collections::BTreeSet<&String>, choice: &Choice) -> anyhow::Result<Vec<String>> {
    let wanted = asked_ids(choice)?;
    let Some(wanted) = wanted else { return Ok(known.iter().map(|&id| id.clone()).collect()) };
    let unknown: Vec<&str> = wanted.iter().filter(|id| !known.contains(id)).map(String::as_str).collect();
    if !unknown.is_empty() {
        anyhow::bail!("no parcel has the id {}", few(&unknown));
    }
    let mut ids = wanted;
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// Ids of `--parcel` and `--parcel-list`; `None` when neither is given.
fn asked_ids(choice: &Choice) -> anyhow::Result<Option<Vec<String>>> {
    let mut ids: Vec<String> = choice.parcel.clone();
    if let Some(path) = &choice.parcel_list {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the parcel list ({})", path.display()))?;
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|line| !line.is_empty());
        ids.extend(lines.map(str::to_owned));
    }
    Ok((!choice.parcel.is_empty() || choice.parcel_list.is_some()).then_some(ids))
}

/// The one parcel that a picture shows.
pub fn choose_one(parcels: &Parcels, choice: &Choice) -> anyhow::Result<ParcelIx> {
    match choose(parcels, choice)?.as_slice() {
        [parcel] => Ok(*parcel),
        [first, ..] if choice.parcel.len() == 1 && choice.filter.is_none() && choice.parcel_list.is_none() => Ok(*first),
        many => Err(usage(format!("{} parcels match, a picture shows one; name it with --parcel ID", many.len()))),
    }
}

/// The first few words, and how many more.
fn few(words: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown = words.iter().take(SHOWN).map(|word| format!("“{word}”")).collect::<Vec<_>>().join(", ");
    if words.len() > SHOWN { format!("{shown} and {} more", words.len() - SHOWN) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parcels::{ParcelRow, ParcelsBuilder};

    fn table() -> Parcels {
        let mut builder = ParcelsBuilder::new(crate::model::Crs::Epsg(32631));
        for id in ["007", "7", "P1", "P1"] {
            builder.push(ParcelRow { id: id.to_owned(), ..ParcelRow::default() });
        }
        builder.finish(Vec::new())
    }

    fn choice(ids: &[&str]) -> Choice {
        Choice { parcel: ids.iter().map(|&id| id.to_owned()).collect(), parcel_list: None, filter: None }
    }

    #[test]
    fn ids_are_text_and_every_row_of_an_id_is_chosen() {
        let parcels = table();
        assert_eq!(choose(&parcels, &choice(&["007"])).expect("found"), [ParcelIx(0)]);
        assert_eq!(choose(&parcels, &choice(&["P1"])).expect("found"), [ParcelIx(2), ParcelIx(3)]);
        assert_eq!(choose(&parcels, &choice(&[])).expect("all").len(), 4);
    }

    #[test]
    fn unknown_ids_are_named() {
        let error = choose(&table(), &choice(&["07", "P1"])).expect_err("unknown");
        assert_eq!(error.to_string(), "no parcel has the id “07”");
    }

    #[test]
    fn a_list_may_have_a_byte_order_mark_blank_lines_and_windows_line_ends() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "\u{feff}007\r\n\r\n7\n").expect("writes");
        let list = Choice { parcel: Vec::new(), parcel_list: Some(file.path().to_owned()), filter: None };
        assert_eq!(choose(&table(), &list).expect("found"), [ParcelIx(0), ParcelIx(1)]);
    }
}
