//! Of several products of one acquisition the one that serves a parcel best.

use crate::engine::masking::ClassCounts;
use crate::model::{BandStats, MaskSet};

/// How well a product serves a parcel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rank<'a> {
    covered: f64,
    clear: f64,
    baseline: Option<&'a str>,
}

impl<'a> Rank<'a> {
    /// Rank by the parcel's class counts, or by its first band where there is no classification.
    pub(super) fn new(counts: Option<&ClassCounts>, first: Option<&BandStats>, mask: MaskSet, baseline: Option<&'a str>) -> Self {
        if let Some(ClassCounts { classes, without }) = counts {
            let total: f64 = classes.iter().sum::<f64>() + without;
            if total > 0.0 {
                let clear: f64 = (0u8..).zip(classes).filter(|(class, _)| !mask.excludes(*class)).map(|(_, count)| count).sum();
                return Self { covered: (total - without - classes[0]) / total, clear: clear / total, baseline };
            }
        }
        let share = |part: fn(&BandStats) -> f64| {
            first.filter(|stats| stats.pixels > 0.0).map_or(0.0, |stats| part(stats) / stats.pixels)
        };
        Self { covered: share(|stats| stats.pixels - stats.nodata), clear: share(|stats| stats.count), baseline }
    }

    /// True when this product is to be used rather than the other: better covered, then clearer, then of a newer baseline.
    pub(super) fn better_than(&self, other: &Self) -> bool {
        // Shares of the same pixels computed twice differ by rounding only, which must not decide.
        const SAME: f64 = 1e-9;
        if (self.covered - other.covered).abs() > SAME {
            self.covered > other.covered
        } else if (self.clear - other.clear).abs() > SAME {
            self.clear > other.clear
        } else {
            self.baseline > other.baseline
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_decides_before_clearness_and_clearness_before_the_baseline() {
        let rank = |covered, clear, baseline| Rank { covered, clear, baseline };
        assert!(rank(1.0, 0.0, Some("02.13")).better_than(&rank(0.5, 1.0, Some("05.00"))));
        assert!(rank(1.0, 0.9, Some("02.13")).better_than(&rank(1.0, 0.5, Some("05.00"))));
        assert!(rank(1.0, 0.9, Some("05.00")).better_than(&rank(1.0, 0.9, Some("02.13"))));
        assert!(!rank(1.0, 0.9, None).better_than(&rank(1.0, 0.9, None)));
    }
}
