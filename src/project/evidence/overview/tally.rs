//! Counts, rates, causes of error and the list of the yearly assessment, from what is known of the parcels of a pack alone.

use std::collections::BTreeMap;

use crate::engine::quality::{self, Case, Share, light};
use crate::engine::review::Review;
use crate::model::evidence::{AssessmentLine, CauseLine, CountLine, Rate, RateLine};
use crate::model::review::{Look, ReviewForm, Standing};
use crate::model::rules::Verdict;
use crate::project::evidence::decisions;
use crate::project::evidence::summary::Brief;

/// Share of the parcels of a crop that the yearly assessment looks at again.
const ASSESSED_SHARE: f64 = 0.05;

/// Parcels of one holder in the assessment, at most.
const OF_ONE_HOLDER: usize = 3;

/// Parcels named as examples of a cause.
const EXAMPLES: usize = 5;

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub struct Tally<'a> {
    /// The agency's words.
    pub form: &'a ReviewForm,
    /// What people decided about the parcels.
    pub review: &'a Review,
    /// The parcels.
    pub briefs: &'a [Brief],
    /// There are automatic verdicts.
    pub has_rules: bool,
}

impl Tally<'_> {
    /// Look and word of the latest expert verdict.
    pub fn expert(&self, brief: &Brief) -> Option<(Look, String)> {
        let (_, opinion) = brief.review.latest.as_ref()?;
        let code = &opinion.decided.verdict;
        Some((decisions::look(code, self.form), decisions::word(code, self.form)))
    }

    /// Look and word of the final verdict.
    pub fn resolved(&self, brief: &Brief) -> Option<(Look, String)> {
        let (_, _, own) = brief.review.resolved.as_ref()?;
        Some((decisions::look(&own.verdict, self.form), decisions::word(&own.verdict, self.form)))
    }

    /// What is known of each parcel, with the automatic verdict of this pack.
    pub fn cases(&self) -> Vec<Case> {
        let named = self.briefs.iter().map(|brief| (brief.id.as_str(), group(brief)));
        let mut cases = quality::cases(self.review, named);
        for (case, brief) in cases.iter_mut().zip(self.briefs) {
            case.automatic = brief.automatic.map(|own| light_of(own).to_owned());
        }
        cases
    }

    /// How often the automatic verdict agrees with people in a group, and errs.
    pub fn rates(&self, own: &quality::ErrorRate, cases: &[Case]) -> RateLine {
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
    pub fn counts(&self) -> Vec<CountLine> {
        let count = |of: &dyn Fn(&Brief) -> bool| self.briefs.iter().filter(|brief| of(brief)).count() as u64;
        let has_rules = self.has_rules;
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
                    automatic: lit(Look::Compliant, Verdict::Green).or_else(|| lit(Look::NonCompliant, Verdict::Red)),
                    expert: Some(count(&latest)),
                    resolved: Some(count(&last)),
                }
            })
            .collect();
        let plain = |label: &str, automatic: Option<u64>, expert: Option<u64>, resolved: Option<u64>| CountLine {
            look: None,
            label: label.to_owned(),
            automatic,
            expert,
            resolved,
        };
        // What rules leave open is no verdict of a person: it has a line of its own.
        let yellow = has_rules.then(|| count(&|brief| brief.automatic == Some(Verdict::Yellow)));
        lines.push(plain("yellow", yellow, None, None));
        lines.push(plain(
            "not assessed",
            has_rules.then(|| count(&|brief| brief.automatic.is_none())),
            Some(count(&|brief| brief.review.latest.is_none())),
            Some(count(&|brief| brief.review.resolved.is_none())),
        ));
        let expert = |label: &str, number: u64| plain(label, None, Some(number), None);
        lines.push(expert("deferred", count(&|brief| brief.review.standing() == Standing::Deferred)));
        lines.push(expert("flagged", count(&|brief| brief.review.flag.is_some())));
        lines.push(expert("reviewers disagree", count(&|brief| brief.review.disputed())));
        lines
    }

    /// What people gave as reason where the automatic verdict was another; the most frequent first.
    pub fn causes(&self, cases: &[Case]) -> Vec<CauseLine> {
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
    pub fn assessment(&self) -> (Vec<AssessmentLine>, String) {
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
