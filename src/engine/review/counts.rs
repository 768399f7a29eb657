//! Counts over parcels, and what reviewers see differently.

use std::collections::BTreeMap;

use crate::model::review::{ParcelReview, Standing};

use super::Review;

/// How many parcels stand where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewCounts {
    /// Parcels that were asked about.
    pub parcels: usize,
    /// Nobody has decided.
    pub open: usize,
    /// Somebody wants to come back.
    pub deferred: usize,
    /// With an expert verdict that stands.
    pub decided: usize,
    /// Flagged, whatever else.
    pub flagged: usize,
    /// Reviewers disagree and nobody has resolved it.
    pub disputed: usize,
    /// With a final verdict.
    pub resolved: usize,
    /// Decided parcels by the code of the latest expert verdict.
    pub verdicts: BTreeMap<String, usize>,
}

impl Review {
    /// Counts among given parcels.
    pub fn count<'p>(&self, parcels: impl IntoIterator<Item = &'p str>) -> ReviewCounts {
        let mut counts = ReviewCounts::default();
        let silent = ParcelReview::default();
        for parcel in parcels {
            let state = self.of(parcel).unwrap_or(&silent);
            counts.parcels += 1;
            counts.flagged += usize::from(state.flag.is_some());
            counts.disputed += usize::from(state.disputed());
            counts.resolved += usize::from(state.resolved.is_some());
            match (state.standing(), &state.latest) {
                (Standing::Decided, Some((_, opinion))) => {
                    counts.decided += 1;
                    *counts.verdicts.entry(opinion.decided.verdict.clone()).or_default() += 1;
                }
                (Standing::Deferred, _) => counts.deferred += 1,
                _ => counts.open += 1,
            }
        }
        counts
    }
}

/// A parcel that reviewers see differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// Id of the parcel.
    pub parcel: String,
    /// Each user's verdict, by user.
    pub verdicts: Vec<(String, String)>,
}

/// Parcels with different verdicts that nobody has resolved since, by id.
pub fn disagreements(review: &Review) -> Vec<Disagreement> {
    let verdicts = |state: &ParcelReview| {
        state.opinions.iter().map(|(user, opinion)| (user.clone(), opinion.decided.verdict.clone())).collect()
    };
    review
        .parcels()
        .filter(|(_, state)| state.disputed())
        .map(|(parcel, state)| Disagreement { parcel: parcel.to_owned(), verdicts: verdicts(state) })
        .collect()
}
