//! The first page of a pack and the summary of its season, as plain data.

use std::collections::BTreeMap;

use crate::engine::quality::{self, Case, Share, light};
use crate::engine::review::Review;
use crate::model::evidence::{AssessmentLine, CauseLine, CountLine, Index, IndexLine, Rate, RateLine, Season};
use crate::model::review::{Look, ReviewForm, Standing};
use crate::model::rules::Verdict;
use crate::model::units::{iso_utc, utc_day};
use crate::project::{Dataset, Project};

use super::holders::Holders;
use super::sheet::software;
use super::summary::Brief;
use super::{PackOptions, decisions};

/// Share of the parcels of a crop that the yearly assessment looks at again.
const ASSESSED_SHARE: f64 = 0.05;

/// Parcels of one holder in the assessment, at most.
const OF_ONE_HOLDER: usize = 3;

/// Parcels named as examples of a cause.
const EXAMPLES: usize = 5;

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
        let sheet = |ending: &str| (ending.to_ascii_uppercase(), format!("parcels/{}.{ending}", brief.name));
        let endings = [("html", true), ("pdf", self.options.pdf), ("docx", self.options.docx)];
        IndexLine {
            parcel: brief.id.clone(),
            summary: brief.summary.clone(),
            automatic: brief.automatic,
            expert: self.expert(brief),
            resolved: self.resolved(brief),
            flagged: brief.review.flag.is_some(),
            disputed: brief.review.disputed(),
            sheets: endings.iter().filter(|(_, wanted)| *wanted).map(|(ending, _)| sheet(ending)).collect(),
        }
    }

    /// Look and word of the latest expert verdict.
    fn expert(&self, brief: &Brief) -> Option<(Look, String)> {
        let (_, opinion) = brief.review.latest.as_ref()?;
        let code = &opinion.decided.verdict;
        Some((decisions::look(code, self.form), decisions::word(code, self.form)))
    }

    /// Look and word of the final verdict.
    fn resolved(&self, brief: &Brief) -> Option<(Look, String)> {
        let (_, _, own) = brief.review.resolved.as_ref()?;
        Some((decisions::look(&own.verdict, self.form), decisions::word(&own.verdict, self.form)))
    }

    fn ruleset(&self) -> (String, String) {
        let detection = self.project.tuning().detection();
        detection.map(|own| (own.rules.name.clone(), own.hash().to_owned())).unwrap_or_default()
    }

    /// Time of the newest entry.
    fn newest(&self) -> String {
        self.review.entries().iter().map(|entry| entry.time).max().map(iso_utc).unwrap_or_default()
    }

    /// The summary of the season.
    pub fn season(&self) -> Season {
        let cases = self.cases();
        let quality = quality::quality(&cases, self.form);
        let mut notes = vec![
            "Commission: of the parcels whose automatic verdict is red, those that people found compliant. Omission: of the parcels that \
             people found non-compliant, those whose automatic verdict is green. Yellow is neither."
                .to_owned(),
            "People’s verdict is the final one, or the latest of an expert where there is none.".to_owned(),
        ];
        if quality.unknown_words > 0 {
            notes.push(format!(
                "{} parcels have a verdict that the form does not know; they are in no rate.",
                quality.unknown_words
            ));
        }
        let (assessment, sampling) = self.assessment();
        Season {
            project: self.project.file().name.clone(),
            period: self.period(),
            software: software(),
            ruleset: self.ruleset(),
            attribution: self.project.file().attribution.clone(),
            newest: self.newest(),
            parcels: self.briefs.len() as u64,
            counts: self.counts(),
            intervals: "95 % intervals after Wilson".to_owned(),
            rates: quality.errors.iter().map(|own| self.rates(own, &cases)).collect(),
            causes: self.causes(&cases),
            assessment,
            sampling,
            notes,
        }
    }

    /// What is known of each parcel, with the automatic verdict of this pack.
    fn cases(&self) -> Vec<Case> {
        let named = self.briefs.iter().map(|brief| (brief.id.as_str(), group(brief)));
        let mut cases = quality::cases(self.review, named);
        for (case, brief) in cases.iter_mut().zip(self.briefs) {
            case.automatic = brief.automatic.map(|own| light_of(own).to_owned());
        }
        cases
    }

    fn rates(&self, own: &quality::ErrorRate, cases: &[Case]) -> RateLine {
        let of_group = cases.iter().filter(|case| own.group == quality::ALL || case.group == own.group);
        let both: Vec<(&str, &str)> = of_group.filter_map(|case| self.lights(case)).collect();
        let same = both.iter().filter(|(automatic, truth)| automatic == truth).count();
        RateLine {
            group: own.group.clone(),
            parcels: both.len() as u64,
            agreement: rate(Share::of(same, both.len())),
            commission: rate(own.commission),
            omission: rate(own.omission),
        }
    }

    /// Lights of the automatic verdict and of people's, of a parcel that has both.
    fn lights<'c>(&self, case: &'c Case) -> Option<(&'c str, &'static str)> {
        Some((case.automatic.as_deref()?, light(self.form.verdict(case.truth()?)?.look)))
    }

    /// Parcels by verdict and standing.
    fn counts(&self) -> Vec<CountLine> {
        let count = |of: &dyn Fn(&Brief) -> bool| self.briefs.iter().filter(|brief| of(brief)).count() as u64;
        let has_rules = self.project.tuning().draft().is_some();
        let first = |look: Look| self.form.verdicts.iter().find(|own| own.look == look).map(|own| own.code.as_str());
        let mut lines: Vec<CountLine> = self
            .form
            .verdicts
            .iter()
            .map(|own| {
                let lit = |look: Look, verdict: Verdict| {
                    (own.look == look && first(look) == Some(own.code.as_str()) && has_rules)
                        .then(|| count(&|brief| brief.automatic == Some(verdict)))
                };
                let latest = |brief: &Brief| brief.review.latest.as_ref().is_some_and(|(_, it)| it.decided.verdict == own.code);
                let last = |brief: &Brief| brief.review.resolved.as_ref().is_some_and(|(_, _, it)| it.verdict == own.code);
                CountLine {
                    look: Some(own.look),
                    label: own.label.clone(),
                    automatic: lit(Look::Compliant, Verdict::Green)
                        .or_else(|| lit(Look::NonCompliant, Verdict::Red))
                        .or_else(|| lit(Look::Inconclusive, Verdict::Yellow)),
                    expert: Some(count(&latest)),
                    resolved: Some(count(&last)),
                }
            })
            .collect();
        let plain = |label: &str, automatic: Option<u64>, expert: u64, resolved: Option<u64>| CountLine {
            look: None,
            label: label.to_owned(),
            automatic,
            expert: Some(expert),
            resolved,
        };
        lines.push(plain(
            "not assessed",
            has_rules.then(|| count(&|brief| brief.automatic.is_none())),
            count(&|brief| brief.review.latest.is_none()),
            Some(count(&|brief| brief.review.resolved.is_none())),
        ));
        lines.push(plain("deferred", None, count(&|brief| brief.review.standing() == Standing::Deferred), None));
        lines.push(plain("flagged", None, count(&|brief| brief.review.flag.is_some()), None));
        lines.push(plain("reviewers disagree", None, count(&|brief| brief.review.disputed()), None));
        lines
    }

    /// What people gave as reason where the automatic verdict was another; the most frequent first.
    fn causes(&self, cases: &[Case]) -> Vec<CauseLine> {
        let mut found: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
        for case in cases {
            let kind = match self.lights(case) {
                Some(("red", "green")) => "commission",
                Some(("green", "red")) => "omission",
                _ => continue,
            };
            let reasons: Vec<String> = case.reasons.iter().map(|code| decisions::reason(code, self.form)).collect();
            let reasons = if reasons.is_empty() { vec!["no reason given".to_owned()] } else { reasons };
            for reason in reasons {
                found.entry((kind, reason)).or_default().push(case.parcel.clone());
            }
        }
        let line = |((kind, cause), ids): ((&str, String), Vec<String>)| CauseLine {
            kind: kind.to_owned(),
            cause,
            parcels: ids.len() as u64,
            examples: ids.into_iter().take(EXAMPLES).collect(),
        };
        let mut lines: Vec<CauseLine> = found.into_iter().map(line).collect();
        lines.sort_by(|a, b| b.parcels.cmp(&a.parcels).then_with(|| (&a.kind, &a.cause).cmp(&(&b.kind, &b.cause))));
        lines
    }

    /// Parcels that the yearly assessment looks at again, and how they were chosen.
    ///
    /// The rank of a parcel is the BLAKE3 hash of its id: as good as drawn, the same whoever draws, and no other parcel changes it.
    fn assessment(&self) -> (Vec<AssessmentLine>, String) {
        let mut groups: BTreeMap<&str, Vec<&Brief>> = BTreeMap::new();
        for brief in self.briefs {
            groups.entry(group(brief)).or_default().push(brief);
        }
        let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
        let mut lines = Vec::new();
        for (name, mut briefs) in groups {
            briefs.sort_by_cached_key(|brief| *blake3::hash(brief.id.as_bytes()).as_bytes());
            let wanted = (briefs.len() as f64 * ASSESSED_SHARE).ceil() as usize;
            let mut chosen = 0;
            for brief in briefs {
                let count = brief.holder.as_deref().map(|holder| taken.entry(holder).or_default());
                if chosen == wanted || count.as_ref().is_some_and(|count| **count >= OF_ONE_HOLDER) {
                    continue;
                }
                if let Some(count) = count {
                    *count += 1;
                }
                chosen += 1;
                lines.push(self.assessed(name, brief));
            }
        }
        let text = format!(
            "Of each crop {:.0} %, at least one parcel, by the order of the BLAKE3 hashes of their ids; at most {OF_ONE_HOLDER} of one \
             holder where the layer names holders.",
            ASSESSED_SHARE * 100.0
        );
        (lines, text)
    }

    fn assessed(&self, group: &str, brief: &Brief) -> AssessmentLine {
        let (resolved, latest) = (&brief.review.resolved, &brief.review.latest);
        let codes = resolved.as_ref().map(|own| &own.2.reasons).or(latest.as_ref().map(|own| &own.1.decided.reasons));
        AssessmentLine {
            group: group.to_owned(),
            parcel: brief.id.clone(),
            holder: brief.holder.clone().unwrap_or_default(),
            summary: brief.summary.clone(),
            automatic: brief.automatic,
            expert: self.expert(brief),
            resolved: self.resolved(brief),
            reasons: codes.into_iter().flatten().map(|code| decisions::reason(code, self.form)).collect(),
            sheet: format!("parcels/{}.html", brief.name),
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

fn group(brief: &Brief) -> &str {
    if brief.crop.is_empty() { "no crop declared" } else { &brief.crop }
}

fn light_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Green => "green",
        Verdict::Yellow => "yellow",
        Verdict::Red => "red",
    }
}

fn rate(share: Share) -> Rate {
    Rate { hits: share.part as u64, of: share.whole as u64, low: share.interval.low, high: share.interval.high }
}
