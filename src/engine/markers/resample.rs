//! Equal steps from irregular observations.

use std::borrow::Borrow;
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
pub fn resampled<T: Borrow<SampleTable>>(parts: &[(Arc<str>, T)], step_days: u32, fill: Fill, prefixed: bool) -> SampleTable {
    let step = f64::from(step_days.max(1));
    let tables = parts.iter().map(|(part, table)| (part, table.borrow()));
    let first_day = |table: &SampleTable, column: &SampleColumn| {
        column.values.iter().position(|value| value.is_finite()).map(|at| floor(table.days[at]))
    };
    let firsts = tables.clone().flat_map(|(_, table)| table.columns.iter().filter_map(|column| first_day(table, column)));
    let anchor = firsts.fold(f64::INFINITY, f64::min);
    if !anchor.is_finite() {
        return SampleTable::default();
    }
    let mut columns: Vec<SampleColumn> = Vec::new();
    let mut starts: Vec<usize> = Vec::new();
    for (part, table) in tables {
        let places: Vec<usize> = table.days.iter().map(|&day| ((floor(day) - anchor) / step) as usize).collect();
        for column in &table.columns {
            let Some((start, values)) = filled(&places, &column.values, fill) else { continue };
            let name = if prefixed { Arc::from(format!("{part}_{}", column.name)) } else { Arc::clone(&column.name) };
            columns.push(SampleColumn { name, values, labels: Arc::default() });
            starts.push(start);
        }
    }
    let from = starts.iter().copied().max().unwrap_or(0);
    let to = starts.iter().zip(&columns).map(|(start, column)| start + column.values.len()).min().unwrap_or(0).max(from);
    for (column, start) in columns.iter_mut().zip(starts) {
        column.values.truncate(to - start);
        column.values.drain(..(from - start).min(column.values.len()));
    }
    SampleTable { columns, days: (from..to).map(|at| anchor + at as f64 * step).collect(), observed: Some(observed(parts)) }
}

/// [`f64::floor`], which is a call on processors without an instruction for it.
fn floor(day: f64) -> f64 {
    if day.abs() < 1e15 {
        let whole = day as i64 as f64;
        if whole > day { whole - 1.0 } else { whole }
    } else {
        day.floor()
    }
}

/// Days on which any part has a value, ascending, each once.
pub fn observed<T: Borrow<SampleTable>>(parts: &[(Arc<str>, T)]) -> Arc<[f64]> {
    let mut days: Vec<f64> = Vec::new();
    for (_, table) in parts {
        let table = table.borrow();
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

/// First step with a value, and the values from there to the last; `places` are the steps of the values, ascending. `None` without a
/// value.
fn filled(places: &[usize], values: &[f64], fill: Fill) -> Option<(usize, Vec<f64>)> {
    let valued = |value: &f64| value.is_finite();
    let (start, last) = (places[values.iter().position(valued)?], places[values.iter().rposition(valued)?]);
    let mut found: Vec<f64> = Vec::with_capacity(last + 1 - start);
    let mut at = 0;
    while at < places.len() {
        let own = places[at];
        let (mut sum, mut count) = (0.0, 0.0);
        while at < places.len() && places[at] == own {
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
        if let Some(&before) = found.last() {
            let gap = own + 1 - start - found.len();
            match fill {
                Fill::Linear => {
                    // Counted in 32 bits, which become floats side by side.
                    let (rise, steps, last) = (mean - before, gap as f64, i32::try_from(gap).unwrap_or(i32::MAX));
                    found.extend((1..last).map(|inside| before + rise * f64::from(inside) / steps));
                }
                Fill::Nearest => found.extend((1..gap).map(|inside| if 2 * inside <= gap { before } else { mean })),
            }
        }
        found.push(mean);
    }
    Some((start, found))
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
        assert!(
            resampled(&apart, 1, Fill::Linear, false).days.is_empty()
                && resampled::<SampleTable>(&[], 1, Fill::Linear, false).is_empty()
        );
    }
}
