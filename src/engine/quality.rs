//! Quality of a review: how often verdicts occur, how far raters agree, how often the automatic verdict errs and why. Every share has
//! its interval at 95 %.
//!
//! Three verdicts are compared and none is taken for another: the automatic one at the moment of the decision, the latest expert one,
//! and the final one. Where a truth is needed it is the final verdict, or the expert one where there is none.
//!
//! The automatic verdict is a traffic light, people's verdicts are words of a form: [`light`] is how words are compared with lights.

mod agreement;
mod sitting;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::evaluation::sampling::{Interval, wilson};
use crate::engine::review::Review;
use crate::model::review::{Look, ParcelReview, ReviewForm};

pub use agreement::{Agreement, agreement, agreement_of_table};
pub use sitting::{Sitting, sitting};

/// Group of all parcels.
pub const ALL: &str = "all";

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Part.
    pub part: usize,
    /// Whole.
    pub whole: usize,
    /// At 95 %, after Wilson.
    pub interval: Interval,
}

impl Share {
    /// A share with its interval.
    pub fn of(part: usize, whole: usize) -> Self {
        Self { part, whole, interval: wilson(part, whole) }
    }

    /// The share; `NaN` of nothing.
    pub fn value(self) -> f64 {
        if self.whole == 0 { f64::NAN } else { self.part as f64 / self.whole as f64 }
    }
}

/// The traffic light that a verdict of a person is compared with.
pub fn light(look: Look) -> &'static str {
    match look {
        Look::Compliant => "green",
        Look::NonCompliant => "red",
        Look::Inconclusive | Look::Request => "yellow",
    }
}

/// What is known of a parcel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    /// Id.
    pub parcel: String,
    /// Crop, or group of crops.
    pub group: String,
    /// `green`, `yellow`, `red` at the moment of the latest expert verdict.
    pub automatic: Option<String>,
    /// Code of each user's verdict.
    pub opinions: BTreeMap<String, String>,
    /// Code of the latest expert verdict.
    pub expert: Option<String>,
    /// Code of the final verdict.
    pub resolved: Option<String>,
    /// Codes of the reasons of the final verdict, or else of the expert one.
    pub reasons: Vec<String>,
}

impl Case {
    fn of(parcel: &str, group: &str, state: &ParcelReview) -> Self {
        let latest = state.latest.as_ref().map(|(_, opinion)| opinion);
        let resolved = state.resolved.as_ref().map(|(_, _, resolved)| resolved);
        let reasons = resolved.map(|own| &own.reasons).or(latest.map(|own| &own.decided.reasons));
        Self {
            parcel: parcel.to_owned(),
            group: group.to_owned(),
            automatic: latest.and_then(|own| own.decided.automatic.clone()),
            opinions: state.opinions.iter().map(|(user, own)| (user.clone(), own.decided.verdict.clone())).collect(),
            expert: latest.map(|own| own.decided.verdict.clone()),
            resolved: resolved.map(|own| own.verdict.clone()),
            reasons: reasons.cloned().unwrap_or_default(),
        }
    }

    /// Final verdict, or the expert one where there is none.
    pub fn truth(&self) -> Option<&str> {
        self.resolved.as_deref().or(self.expert.as_deref())
    }
}

/// What is known of given parcels, `(id, group)`; those of which nothing was said are among them.
pub fn cases<'p>(review: &Review, parcels: impl IntoIterator<Item = (&'p str, &'p str)>) -> Vec<Case> {
    let silent = ParcelReview::default();
    let state = |parcel: &str| review.of(parcel).unwrap_or(&silent);
    parcels.into_iter().map(|(parcel, group)| Case::of(parcel, group, state(parcel))).collect()
}

/// How often a verdict occurs in a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Group, or [`ALL`].
    pub group: String,
    /// Code of the verdict.
    pub verdict: String,
    /// Of the parcels of the group that have a verdict.
    pub share: Share,
}

/// How often the automatic verdict errs in a group.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorRate {
    /// Group, or [`ALL`].
    pub group: String,
    /// Of the red parcels those that are compliant.
    pub commission: Share,
    /// Of the parcels that are not compliant those that are green.
    pub omission: Share,
}

/// A reason, and how often it goes with an error of the automatic verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// Code of the reason.
    pub reason: String,
    /// Parcels with this reason.
    pub parcels: usize,
    /// Of the errors of the automatic verdict those with this reason.
    pub errors: Share,
}

/// Agreement of two raters by name.
#[derive(Debug, Clone, PartialEq)]
pub struct RaterPair {
    /// One: a user, `automatic`, `expert`.
    pub first: String,
    /// The other: a user, `expert`, `final`.
    pub second: String,
    /// How far they agree.
    pub agreement: Agreement,
}

/// The quality of a review.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    /// Parcels.
    pub parcels: usize,
    /// Parcels with a verdict of a person.
    pub assessed: usize,
    /// Parcels of which a verdict is no word of the form: they take no part in comparisons with the automatic verdict.
    pub unknown_words: usize,
    /// By group and verdict, all first.
    pub rates: Vec<Rate>,
    /// Automatic and expert, automatic and final, expert and final, and every two users; only pairs that have a parcel in common.
    pub agreements: Vec<RaterPair>,
    /// By group, all first.
    pub errors: Vec<ErrorRate>,
    /// The most frequent first.
    pub causes: Vec<Cause>,
}

/// The quality of a review of given parcels.
pub fn quality(cases: &[Case], form: &ReviewForm) -> Quality {
    let look = |code: &str| form.verdict(code).map(|word| word.look);
    let unknown = |case: &&Case| case.truth().is_some_and(|code| look(code).is_none());
    let groups: BTreeSet<&str> = cases.iter().map(|case| case.group.as_str()).collect();
    let named = std::iter::once((ALL, None)).chain(groups.into_iter().map(|group| (group, Some(group))));
    let (mut rates, mut errors) = (Vec::new(), Vec::new());
    for (name, group) in named {
        let of_group: Vec<&Case> = cases.iter().filter(|case| group.is_none_or(|group| case.group == group)).collect();
        rates.extend(rates_of(name, &of_group, form));
        errors.push(errors_of(name, &of_group, look));
    }
    Quality {
        parcels: cases.len(),
        assessed: cases.iter().filter(|case| case.truth().is_some()).count(),
        unknown_words: cases.iter().filter(unknown).count(),
        rates,
        agreements: agreements(cases, look),
        errors,
        causes: causes(cases, look),
    }
}

/// Verdicts in the order of the form, then others.
fn rates_of(name: &str, cases: &[&Case], form: &ReviewForm) -> Vec<Rate> {
    let mut counts: BTreeMap<(usize, &str), usize> =
        form.verdicts.iter().enumerate().map(|(place, word)| ((place, word.code.as_str()), 0)).collect();
    let truths: Vec<&str> = cases.iter().filter_map(|case| case.truth()).collect();
    for &code in &truths {
        let place = form.verdicts.iter().position(|word| word.code == code).unwrap_or(usize::MAX);
        *counts.entry((place, code)).or_default() += 1;
    }
    let rate = |((_, code), count): ((usize, &str), usize)| Rate {
        group: name.to_owned(),
        verdict: code.to_owned(),
        share: Share::of(count, truths.len()),
    };
    counts.into_iter().map(rate).collect()
}

/// Lights of the automatic verdict and of the truth, of a parcel that has both.
fn lights(case: &Case, look: impl Fn(&str) -> Option<Look>) -> Option<(&str, &'static str)> {
    Some((case.automatic.as_deref()?, light(look(case.truth()?)?)))
}

fn errors_of(name: &str, cases: &[&Case], look: impl Fn(&str) -> Option<Look>) -> ErrorRate {
    let both: Vec<(&str, &str)> = cases.iter().filter_map(|case| lights(case, &look)).collect();
    let count = |automatic: Option<&str>, truth: Option<&str>| {
        both.iter().filter(|own| automatic.is_none_or(|word| own.0 == word) && truth.is_none_or(|word| own.1 == word)).count()
    };
    ErrorRate {
        group: name.to_owned(),
        commission: Share::of(count(Some("red"), Some("green")), count(Some("red"), None)),
        omission: Share::of(count(Some("green"), Some("red")), count(None, Some("red"))),
    }
}

/// An error is a red parcel that complies, or a green one that does not.
fn is_error((automatic, truth): (&str, &str)) -> bool {
    matches!((automatic, truth), ("red", "green") | ("green", "red"))
}

fn causes(cases: &[Case], look: impl Fn(&str) -> Option<Look>) -> Vec<Cause> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut errors = 0;
    for case in cases {
        let wrong = lights(case, &look).is_some_and(is_error);
        errors += usize::from(wrong);
        for reason in case.reasons.iter().collect::<BTreeSet<_>>() {
            let (parcels, with_error) = counts.entry(reason).or_default();
            *parcels += 1;
            *with_error += usize::from(wrong);
        }
    }
    let mut causes: Vec<Cause> = counts
        .into_iter()
        .map(|(reason, (parcels, wrong))| Cause { reason: reason.to_owned(), parcels, errors: Share::of(wrong, errors) })
        .collect();
    causes.sort_by(|a, b| (b.errors.part, b.parcels).cmp(&(a.errors.part, a.parcels)).then_with(|| a.reason.cmp(&b.reason)));
    causes
}

fn agreements(cases: &[Case], look: impl Fn(&str) -> Option<Look>) -> Vec<RaterPair> {
    let as_light = |code: Option<&str>| Some(light(look(code?)?));
    let automatic_and = |other: fn(&Case) -> Option<&str>| {
        agreement(cases.iter().filter_map(|case| Some((case.automatic.as_deref()?, as_light(other(case))?))))
    };
    let of_people = agreement(cases.iter().filter_map(|case| Some((case.expert.as_deref()?, case.resolved.as_deref()?))));
    let pair = |first: &str, second: &str, agreement| RaterPair { first: first.to_owned(), second: second.to_owned(), agreement };
    let mut pairs = vec![
        pair("automatic", "expert", automatic_and(|case| case.expert.as_deref())),
        pair("automatic", "final", automatic_and(|case| case.resolved.as_deref())),
        pair("expert", "final", of_people),
    ];
    let users: Vec<&String> = cases.iter().flat_map(|case| case.opinions.keys()).collect::<BTreeSet<_>>().into_iter().collect();
    for (place, one) in users.iter().enumerate() {
        for other in &users[place + 1..] {
            let both =
                cases.iter().filter_map(|case| Some((case.opinions.get(*one)?.as_str(), case.opinions.get(*other)?.as_str())));
            pairs.push(pair(one, other, agreement(both)));
        }
    }
    pairs.retain(|pair| pair.agreement.count > 0);
    pairs
}
