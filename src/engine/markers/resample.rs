//! Equal steps from irregular observations.

use std::sync::Arc;

use crate::model::ruleset::Fill;
use crate::model::{SampleColumn, SampleTable};

/// Several parts as one table of equal steps.
///
/// Steps of `step_days` whole days are counted from the day of the first observation of any part. Observations of a step are averaged,
/// gaps between filled; nothing is made up before the first and after the last value. Of several parts or components the steps
/// remain that all have; parts and components without any value are left out. `parts` gives the name of each; components are called
/// `part_component` where `prefixed`.
///
/// * **NaN:** missing observations take no part; the result has none.
/// * **Source:** the block `interp` of the JRC framework, which fails where a part is missing.
pub fn resampled(parts: &[(Arc<str>, SampleTable)], step_days: u32, fill: Fill, prefixed: bool) -> SampleTable {
    let step = f64::from(step_days.max(1));
    let valued: Vec<(&Arc<str>, &SampleTable, &SampleColumn)> = parts
        .iter()
        .flat_map(|(name, table)| table.columns.iter().map(move |column| (name, table, column)))
        .filter(|(.., column)| column.values.iter().any(|value| value.is_finite()))
        .collect();
    let firsts = valued.iter().filter_map(|(_, table, column)| {
        column.values.iter().position(|value| value.is_finite()).map(|at| table.days[at].floor())
    });
    let anchor = firsts.fold(f64::INFINITY, f64::min);
    if !anchor.is_finite() {
        return SampleTable::default();
    }
    let steps: Vec<(usize, Vec<f64>)> =
        valued.iter().map(|(_, table, column)| filled(&table.days, &column.values, anchor, step, fill)).collect();
    let from = steps.iter().map(|(first, _)| *first).max().unwrap_or(0);
    let to = steps.iter().map(|(first, values)| first + values.len()).min().unwrap_or(0).max(from);
    let columns = valued.iter().zip(&steps).map(|((part, _, column), (first, values))| SampleColumn {
        name: if prefixed { Arc::from(format!("{part}_{}", column.name)) } else { Arc::clone(&column.name) },
        values: if from < to { values[from - first..to - first].to_vec() } else { Vec::new() },
        labels: Arc::default(),
    });
    SampleTable {
        columns: columns.collect(),
        days: (from..to).map(|at| anchor + at as f64 * step).collect(),
        observed: Some(observed(parts)),
    }
}

/// Days on which any part has a value, ascending, each once.
pub fn observed(parts: &[(Arc<str>, SampleTable)]) -> Arc<[f64]> {
    let mut days: Vec<f64> = Vec::new();
    for (_, table) in parts {
        if let Some(own) = &table.observed {
            days.extend_from_slice(own);
        } else {
            let valued = |row: usize| table.columns.iter().any(|column| column.values[row].is_finite());
            days.extend((0..table.len()).filter(|&row| valued(row)).map(|row| table.days[row]));
        }
    }
    days.sort_by(f64::total_cmp);
    days.dedup();
    Arc::from(days)
}

/// First step with a value, and the values from there to the last.
fn filled(days: &[f64], values: &[f64], anchor: f64, step: f64, fill: Fill) -> (usize, Vec<f64>) {
    let place = |day: f64| ((day.floor() - anchor) / step) as usize;
    let mut first = None;
    let mut found: Vec<f64> = Vec::new();
    let mut at = 0;
    while at < days.len() {
        let own = place(days[at]);
        let (mut sum, mut count) = (0.0, 0.0);
        while at < days.len() && place(days[at]) == own {
            if values[at].is_finite() {
                sum += values[at];
                count += 1.0;
            }
            at += 1;
        }
        if count == 0.0 {
            continue;
        }
        let mean = sum / count;
        let start = *first.get_or_insert(own);
        if let Some(&before) = found.last() {
            let gap = own + 1 - start - found.len();
            for inside in 1..gap {
                found.push(match fill {
                    Fill::Linear => before + (mean - before) * inside as f64 / gap as f64,
                    Fill::Nearest if 2 * inside <= gap => before,
                    Fill::Nearest => mean,
                });
            }
        }
        found.push(mean);
    }
    (first.unwrap_or(0), found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, days: &[f64], values: &[f64]) -> (Arc<str>, SampleTable) {
        (Arc::from(name), SampleTable::sorted(days, vec![SampleColumn::new("v", values.to_vec())]))
    }

    #[test]
    fn steps_are_averaged_and_gaps_filled_between_observations_only() {
        let own = [part("p", &[9.0, 10.4, 10.9, 14.2, 15.0, 20.0], &[f64::NAN, 1.0, 3.0, 6.0, 0.0, f64::NAN])];
        let daily = resampled(&own, 1, Fill::Linear, false);
        assert_eq!((daily.days[0], daily.columns[0].values.as_slice()), (10.0, [2.0, 3.0, 4.0, 5.0, 6.0, 0.0].as_slice()));
        assert_eq!(daily.observed.as_deref(), Some([10.4, 10.9, 14.2, 15.0].as_slice()));
        assert_eq!(resampled(&own, 1, Fill::Nearest, false).columns[0].values, [2.0, 2.0, 2.0, 6.0, 6.0, 0.0]);
        let coarse = resampled(&own, 5, Fill::Linear, false);
        assert_eq!((coarse.days, coarse.columns[0].values.as_slice()), (vec![10.0, 15.0], [10.0 / 3.0, 0.0].as_slice()));
        assert_eq!(&*daily.columns[0].name, "v");
    }

    #[test]
    fn several_parts_have_the_steps_that_all_have_and_missing_ones_do_not_count() {
        let parts = [part("a", &[1.0, 5.0], &[1.0, 5.0]), part("b", &[3.0, 7.0], &[30.0, 70.0]), part("c", &[], &[])];
        let both = resampled(&parts, 1, Fill::Linear, true);
        assert_eq!(both.days, [3.0, 4.0, 5.0]);
        assert_eq!(
            (both.columns[0].values.as_slice(), both.columns[1].values.as_slice()),
            ([3.0, 4.0, 5.0].as_slice(), [30.0, 40.0, 50.0].as_slice())
        );
        assert_eq!((&*both.columns[0].name, &*both.columns[1].name, both.columns.len()), ("a_v", "b_v", 2));
        let apart = [part("a", &[1.0, 2.0], &[1.0, 5.0]), part("b", &[8.0, 9.0], &[1.0, 2.0])];
        assert!(resampled(&apart, 1, Fill::Linear, false).days.is_empty() && resampled(&[], 1, Fill::Linear, false).is_empty());
    }
}
