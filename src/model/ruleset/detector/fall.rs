//! What counts as a fall.

use serde::{Deserialize, Serialize};

/// What counts as a fall: a loss between two successive samples that is larger than time explains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fall {
    /// Least loss beyond the allowance, signal's unit. Default 0.12, that of L4B of `Sen4CAP` for NDVI.
    pub min_depth: f64,
    /// The value before is at least this, so that what is low already cannot fall. Default: any.
    pub min_before: Option<f64>,
    /// Loss that each day between the two samples explains, signal's unit per day: ripening, drought. Default 0.
    pub allowance_per_day: f64,
    /// The value before is the median of so many samples. Default 1.
    pub before: u32,
    /// The value after is the median of so many samples. Default 1.
    pub after: u32,
    /// Samples farther than this from the two take no part in these medians, days. Default 20.
    pub within_days: f64,
    /// A fall between samples farther apart than this has no date that could be told, days. Default 40.
    pub max_gap_days: f64,
    /// A share of the loss: a next sample that regains as much or more makes it a missed cloud. Default: any.
    pub max_recovery: Option<f64>,
    /// The next sample counts for this when it comes within so many days. Default 10.
    pub recovery_days: f64,
    /// Of falls nearer than this only the largest counts, days. Default 28: two cuts of a meadow are rarely nearer.
    pub separation_days: f64,
}

impl Default for Fall {
    fn default() -> Self {
        Self {
            min_depth: 0.12,
            min_before: None,
            allowance_per_day: 0.0,
            before: 1,
            after: 1,
            within_days: 20.0,
            max_gap_days: 40.0,
            max_recovery: None,
            recovery_days: 10.0,
            separation_days: 28.0,
        }
    }
}

impl Fall {
    /// A number out of range, as a sentence.
    pub(in crate::model::ruleset) fn fault(&self) -> Option<String> {
        let days = [
            ("within_days", self.within_days),
            ("max_gap_days", self.max_gap_days),
            ("recovery_days", self.recovery_days),
            ("separation_days", self.separation_days),
            ("allowance_per_day", self.allowance_per_day),
        ];
        if let Some((name, value)) = days.into_iter().find(|(_, value)| !(value.is_finite() && *value >= 0.0)) {
            return Some(format!("{name} is {value}; expected 0 or more"));
        }
        if !(1..=100).contains(&self.before) || !(1..=100).contains(&self.after) {
            return Some(format!("before is {} and after {}; expected 1 to 100 samples", self.before, self.after));
        }
        let numbers = [("min_depth", Some(self.min_depth)), ("min_before", self.min_before), ("max_recovery", self.max_recovery)];
        let wrong = numbers.into_iter().find(|(_, value)| value.is_some_and(|value| !value.is_finite()));
        wrong.map(|(name, _)| format!("{name} is not a finite number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_are_told() {
        assert_eq!(Fall::default().fault(), None);
        assert_eq!(
            Fall { before: 0, ..Fall::default() }.fault().as_deref(),
            Some("before is 0 and after 1; expected 1 to 100 samples")
        );
        assert!(
            Fall { separation_days: f64::NAN, ..Fall::default() }
                .fault()
                .is_some_and(|fault| fault.starts_with("separation_days"))
        );
        assert!(Fall { min_before: Some(f64::INFINITY), ..Fall::default() }.fault().is_some());
    }
}
