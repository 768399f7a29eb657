//! The first page of a pack and the summary of its season, as plain data.

mod tally;
#[cfg(test)]
mod tests;

use crate::engine::quality;
use crate::engine::review::Review;
use crate::model::evidence::{Index, IndexLine, Season};
use crate::model::review::ReviewForm;
use crate::model::units::{iso_utc, utc_day};
use crate::project::{Dataset, Project};

use super::PackOptions;
use super::holders::Holders;
use super::sheet::software;
use super::summary::Brief;
use tally::Tally;

/// What overviews are made from.
#[derive(Debug, Clone, Copy)]
pub struct Overview<'a> {
    /// The open project.
    pub project: &'a Project,
    /// Its data.
    pub data: &'a Dataset,
    /// The agency's words.
    pub form: &'a ReviewForm,
    /// What the pack holds.
    pub options: &'a PackOptions,
    /// The layer names holders.
    pub has_holders: bool,
    /// What people decided about the parcels of the pack.
    pub review: &'a Review,
    /// The parcels.
    pub briefs: &'a [Brief],
}

impl Overview<'_> {
    /// The first page.
    pub fn index(&self) -> Index {
        let mut files = vec![
            (
                "season.html".to_owned(),
                "Summary of the season: counts, rates, causes of error, parcels for the assessment.".to_owned(),
            ),
            ("decisions.csv".to_owned(), "Verdicts, reasons and notes, a row for each parcel and reviewer.".to_owned()),
            ("decisions.gpkg".to_owned(), "The same with the outlines of the parcels.".to_owned()),
        ];
        if self.project.tuning().draft().is_some() {
            files.push(("ruleset.toml".to_owned(), "The ruleset of the automatic verdicts.".to_owned()));
        }
        files.push(("manifest.json".to_owned(), "SHA-256 of every file and of every input.".to_owned()));
        let holders = match self.options.holders {
            _ if !self.has_holders => "",
            Holders::Keep => "Holders are named as in the parcel layer.",
            Holders::Replace => "Holders are replaced by pseudonyms, the same in every pack of the project.",
            Holders::Omit => "Holders are left out.",
        };
        Index {
            project: self.project.file().name.clone(),
            software: software(),
            ruleset: self.ruleset(),
            attribution: self.project.file().attribution.clone(),
            newest: self.newest(),
            parcels: self.briefs.iter().map(|brief| self.line(brief)).collect(),
            files,
            holders: holders.to_owned(),
            verify: "parcelight report --verify DIR --project PROJECT.toml".to_owned(),
        }
    }

    fn line(&self, brief: &Brief) -> IndexLine {
        let tally = self.tally();
        let sheet = |ending: &str| (ending.to_ascii_uppercase(), format!("parcels/{}.{ending}", brief.name));
        let endings = [("html", true), ("pdf", self.options.pdf), ("docx", self.options.docx)];
        IndexLine {
            parcel: brief.id.clone(),
            summary: brief.summary.clone(),
            automatic: brief.automatic,
            expert: tally.expert(brief),
            resolved: tally.resolved(brief),
            flagged: brief.review.flag.is_some(),
            disputed: brief.review.disputed(),
            sheets: endings.iter().filter(|(_, wanted)| *wanted).map(|(ending, _)| sheet(ending)).collect(),
        }
    }

    fn ruleset(&self) -> (String, String) {
        let detection = self.project.tuning().detection();
        detection.map(|own| (own.rules.name.clone(), own.hash().to_owned())).unwrap_or_default()
    }

    /// Time of the newest entry.
    fn newest(&self) -> String {
        self.review.entries().iter().map(|entry| entry.time).max().map(iso_utc).unwrap_or_default()
    }

    fn tally(&self) -> Tally<'_> {
        let has_rules = self.project.tuning().draft().is_some_and(|draft| draft.rules.is_some());
        Tally { form: self.form, review: self.review, briefs: self.briefs, has_rules }
    }

    /// The summary of the season.
    pub fn season(&self) -> Season {
        let tally = self.tally();
        let cases = tally.cases();
        let quality = quality::quality(&cases, self.form);
        let mut notes = vec![
            "Commission: of the parcels whose automatic verdict is red, those that people found compliant. Omission: of the parcels that \
             people found non-compliant, those whose automatic verdict is green. Yellow is neither."
                .to_owned(),
            "Agreement: green with compliant, red with non-compliant, and yellow with inconclusive or with a photo or visit that is asked \
             for: both leave the parcel open. They are counted apart all the same: yellow is what rules say, inconclusive what people do."
                .to_owned(),
            "People’s verdict is the final one, or the latest of an expert where there is none.".to_owned(),
        ];
        if quality.unknown_words > 0 {
            notes.push(format!(
                "{} parcels have a verdict that the form does not know; they are in no rate.",
                quality.unknown_words
            ));
        }
        let (assessment, sampling) = tally.assessment();
        Season {
            project: self.project.file().name.clone(),
            period: self.period(),
            software: software(),
            ruleset: self.ruleset(),
            attribution: self.project.file().attribution.clone(),
            newest: self.newest(),
            parcels: self.briefs.len() as u64,
            counts: tally.counts(),
            intervals: "95 % intervals after Wilson".to_owned(),
            rates: quality.errors.iter().map(|own| tally.rates(own, &cases)).collect(),
            causes: tally.causes(&cases),
            assessment,
            sampling,
            notes,
        }
    }

    /// `Acquisitions 2018-08-19 to 2019-12-30, decisions 2019-06-01 to 2019-06-03`.
    fn period(&self) -> String {
        let range = |days: Vec<jiff::civil::Date>| {
            days.iter().min().zip(days.iter().max()).map(|(first, last)| format!("{first} to {last}"))
        };
        let acquired = range(self.data.catalog.acquisitions.iter().map(|own| utc_day(own.acquired)).collect());
        let decided = range(self.review.entries().iter().map(|entry| utc_day(entry.time)).collect());
        let parts = [acquired.map(|days| format!("Acquisitions {days}")), decided.map(|days| format!("decisions {days}"))];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
