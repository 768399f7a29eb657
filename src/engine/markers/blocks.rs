//! Steps of a signal that look at one sample, or at samples and their neighbours, and need no design of their own.
//!
//! A chain works on parts: named tables. Steps that compute do so part by part; [`split`] makes several, [`join`] and
//! [`super::resample::resampled`] make them one.

use std::borrow::Borrow;
use std::sync::Arc;

use super::colours::Colours;
use super::{Samples, resample, smooth};
use crate::engine::indices::Formula;
use crate::model::ruleset::{Slope, When};
use crate::model::units::db_from_linear;
use crate::model::{SampleColumn, SampleTable};

/// A table with its name.
pub type Part = (Arc<str>, SampleTable);

/// A table does not have the component that a step needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The component.
    pub component: String,
}

/// Place of a component.
fn place(table: &SampleTable, name: &str) -> Result<usize, Missing> {
    table.columns.iter().position(|column| &*column.name == name).ok_or_else(|| Missing { component: name.to_owned() })
}

/// Only some components, in the order asked for; those that are not there are left out, but one must be.
pub fn select(table: &mut SampleTable, components: &[String]) -> Result<(), Missing> {
    let mut columns = std::mem::take(&mut table.columns);
    for name in components {
        if let Some(at) = columns.iter().position(|column| &*column.name == name.as_str()) {
            table.columns.push(columns.swap_remove(at));
        }
    }
    if table.columns.is_empty() { Err(Missing { component: components.join(", ") }) } else { Ok(()) }
}

/// Without the rows whose component meets a condition.
///
/// * **Source:** the JRC framework's `filter`, whose `lower_equal` keeps the limit itself; here it does not.
pub fn remove(table: &mut SampleTable, by: &str, when: When, threshold: f64) -> Result<(), Missing> {
    let at = place(table, by)?;
    let met: Vec<bool> = table.columns[at].values.iter().map(|&value| when.met(value, threshold)).collect();
    table.retain(|row| !met[row]);
    Ok(())
}

/// A further component of two others.
pub fn add_of_two(
    table: &mut SampleTable,
    of: &[String; 2],
    name: &Arc<str>,
    value: impl Fn(f64, f64) -> f64,
) -> Result<(), Missing> {
    let (a, b) = (place(table, &of[0])?, place(table, &of[1])?);
    let pairs = table.columns[a].values.iter().zip(&table.columns[b].values);
    let values = pairs.map(|(&a, &b)| finite(value(a, b))).collect();
    put(table, name, values);
    Ok(())
}

/// (a - b) / (a + b).
pub fn normalised_difference(a: f64, b: f64) -> f64 {
    (a - b) / (a + b)
}

/// a / b in decibels of linear power.
pub fn ratio_db(a: f64, b: f64) -> f64 {
    if a > 0.0 && b > 0.0 { db_from_linear(a / b) } else { f64::NAN }
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// A component by name, in the place of one that is called so.
fn put(table: &mut SampleTable, name: &Arc<str>, values: Vec<f64>) {
    let column = SampleColumn::new(Arc::clone(name), values);
    match table.columns.iter_mut().find(|own| own.name == *name) {
        Some(own) => *own = column,
        None => table.columns.push(column),
    }
}

/// A further component by a formula; `sources` are for each of its bands the components that may stand for it, the first found counts.
pub fn index(table: &mut SampleTable, formula: &Formula, sources: &[Vec<String>], name: &Arc<str>) -> Result<(), Missing> {
    let mut places = Vec::with_capacity(sources.len());
    for names in sources {
        let found = names.iter().find_map(|name| place(table, name).ok());
        places.push(found.ok_or_else(|| Missing { component: names.join(" or ") })?);
    }
    let mut bands = vec![0.0; places.len()];
    let values = (0..table.len()).map(|row| {
        bands.iter_mut().zip(&places).for_each(|(band, &at)| *band = table.columns[at].values[row]);
        formula.eval(&bands)
    });
    let values = values.collect();
    put(table, name, values);
    Ok(())
}

/// Values as value · factor + offset.
pub fn scale(table: &mut SampleTable, factor: f64, offset: f64) {
    let values = table.columns.iter_mut().flat_map(|column| &mut column.values);
    values.for_each(|value| *value = finite(*value * factor + offset));
}

/// Values from `min..max` to 0..255, cut off and without fraction; the last limits given serve the components after.
pub fn stretch(table: &mut SampleTable, min: &[f64], max: &[f64]) {
    for (at, column) in table.columns.iter_mut().enumerate() {
        let of = |limits: &[f64]| limits.get(at).or(limits.last()).copied().unwrap_or(f64::NAN);
        let (min, max) = (of(min), of(max));
        column.values.iter_mut().for_each(|value| *value = stretched(*value, min, max));
    }
}

fn stretched(value: f64, min: f64, max: f64) -> f64 {
    ((value - min) / (max - min) * 255.0).clamp(0.0, 255.0).trunc()
}

/// A further component: the class of the colour of three others, each stretched from its limits (`[min, max]`) to 0..255.
pub fn colour_class(
    table: &mut SampleTable,
    of: &[String; 3],
    [min, max]: [&[f64; 3]; 2],
    colours: &Colours,
    name: &Arc<str>,
) -> Result<(), Missing> {
    let places = [place(table, &of[0])?, place(table, &of[1])?, place(table, &of[2])?];
    let mut near = Vec::new();
    let class = |row: usize| {
        let colour = [0, 1, 2].map(|at| stretched(table.columns[places[at]].values[row], min[at], max[at]));
        colours.class(colour, &mut near)
    };
    let values = (0..table.len()).map(class).collect();
    put(table, name, values);
    Ok(())
}

/// One part for each value of a component, in the order of the values, called `part_value`, without that component; only the part of one
/// value keeps its name. Rows without a value are left out.
pub fn split<T: Borrow<SampleTable>>(part: (Arc<str>, T), by: &str, only: Option<&str>) -> Result<Vec<Part>, Missing> {
    let (name, table) = part;
    let table = table.borrow();
    let at = place(table, by)?;
    let key = &table.columns[at];
    // Sorted, each once; there are few of them.
    let mut values: Vec<f64> = Vec::new();
    for &value in key.values.iter().filter(|value| value.is_finite()) {
        let at = values.partition_point(|&own| own < value);
        if values.get(at) != Some(&value) {
            values.insert(at, value);
        }
    }
    values.retain(|&value| only.is_none_or(|only| key.word(value) == only));
    let of = |value: f64| {
        let mine = |all: &[f64]| all.iter().zip(&key.values).filter(|(_, own)| **own == value).map(|(own, _)| *own).collect();
        let others = table.columns.iter().enumerate().filter(|(own, _)| *own != at).map(|(_, column)| column);
        let column = |column: &SampleColumn| SampleColumn {
            name: Arc::clone(&column.name),
            values: mine(&column.values),
            labels: Arc::clone(&column.labels),
        };
        let days = mine(&table.days);
        let own = SampleTable { days, columns: others.map(column).collect(), observed: table.observed.clone() };
        (if only.is_some() { Arc::clone(&name) } else { Arc::from(format!("{name}_{}", key.word(value))) }, own)
    };
    Ok(values.into_iter().map(of).collect())
}

/// Parts as one table at the times that all have, components called `part_component`; empty parts do not count.
pub fn join<T: Borrow<SampleTable>>(parts: &[(Arc<str>, T)]) -> SampleTable {
    let full: Vec<(&Arc<str>, &SampleTable)> =
        parts.iter().map(|(name, table)| (name, table.borrow())).filter(|(_, table)| !table.is_empty()).collect();
    let Some((first, rest)) = full.split_first() else { return SampleTable::default() };
    let row_of = |table: &SampleTable, day: f64| table.days.binary_search_by(|own| own.total_cmp(&day)).ok();
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); full.len()];
    let mut days = Vec::new();
    for (row, &day) in first.1.days.iter().enumerate() {
        let Some(others) = rest.iter().map(|(_, table)| row_of(table, day)).collect::<Option<Vec<usize>>>() else { continue };
        days.push(day);
        rows.iter_mut().zip(std::iter::once(row).chain(others)).for_each(|(rows, row)| rows.push(row));
    }
    let columns = full.iter().zip(&rows).flat_map(|((name, table), rows)| {
        table.columns.iter().map(move |column| SampleColumn {
            name: Arc::from(format!("{name}_{}", column.name)),
            values: rows.iter().map(|&row| column.values[row]).collect(),
            labels: Arc::clone(&column.labels),
        })
    });
    let observed = full.iter().any(|(_, table)| table.observed.is_some()).then(|| resample::observed(parts));
    SampleTable { columns: columns.collect(), days, observed }
}

/// Root of the sum of squares of all components, or with `normalised` of their mean, as the only component.
///
/// * **NaN:** a missing component makes the norm missing.
/// * **Source:** the JRC framework's `norm`.
pub fn norm(table: &mut SampleTable, normalised: bool) {
    let columns = std::mem::take(&mut table.columns);
    let Some((first, rest)) = columns.split_first() else { return };
    let share = if normalised { columns.len() as f64 } else { 1.0 };
    let mut sums: Vec<f64> = first.values.iter().map(|value| value * value).collect();
    for column in rest {
        sums.iter_mut().zip(&column.values).for_each(|(sum, value)| *sum += value * value);
    }
    for sum in &mut sums {
        *sum = (*sum / share).sqrt();
    }
    table.columns = vec![SampleColumn::new("norm", sums)];
}

/// Change since the last value before, per day where asked for; 0 at the first.
///
/// * **Source:** the JRC framework's `differentiator`, which fails where time counts.
pub fn differentiate(table: &mut SampleTable, per_day: bool) {
    for column in &mut table.columns {
        let mut last: Option<(f64, f64)> = None;
        for (value, &day) in column.values.iter_mut().zip(&table.days).filter(|(value, _)| value.is_finite()) {
            let own = *value;
            *value = match last {
                None => 0.0,
                Some((before, own_before)) => (own - own_before) / if per_day { day - before } else { 1.0 },
            };
            last = Some((day, own));
        }
    }
}

/// A causal linear filter from rest, over complete rows.
///
/// * **Source:** the JRC framework's `lti_system`.
pub fn linear_filter(table: &mut SampleTable, b: &[f64], a: &[f64]) {
    complete(table);
    let Some((&lead, feedback)) = a.split_first() else { return };
    for column in &mut table.columns {
        let input = std::mem::take(&mut column.values);
        let mut output: Vec<f64> = Vec::with_capacity(input.len());
        for at in 0..input.len() {
            let forward: f64 = b.iter().take(at + 1).enumerate().map(|(lag, weight)| weight * input[at - lag]).sum();
            let back: f64 = feedback.iter().take(at).enumerate().map(|(lag, weight)| weight * output[at - 1 - lag]).sum();
            output.push((forward - back) / lead);
        }
        column.values = output.into_iter().map(finite).collect();
    }
}

/// True when nothing is missing. Looks at all without a way out, which goes several at a time.
pub(super) fn whole(values: &[f64]) -> bool {
    values.iter().fold(true, |all, value| all & value.is_finite())
}

/// Without rows in which any component is missing.
pub fn complete(table: &mut SampleTable) {
    if table.columns.iter().all(|column| whole(&column.values)) {
        return;
    }
    let whole: Vec<bool> =
        (0..table.len()).map(|row| table.columns.iter().all(|column| column.values[row].is_finite())).collect();
    if whole.iter().any(|whole| !whole) {
        table.observed.get_or_insert_with(|| {
            let valued = |row: &usize| table.columns.iter().any(|column| column.values[*row].is_finite());
            (0..table.days.len()).filter(valued).map(|row| table.days[row]).collect()
        });
        table.retain(|row| whole[row]);
    }
}

/// Missing values in the place of those that leave both neighbours in one direction; see [`smooth::spikes`].
pub fn despike(table: &mut SampleTable, threshold: f64, slope: Slope, most_days: f64) {
    for column in &mut table.columns {
        let rows: Vec<usize> = (0..table.days.len()).filter(|&row| column.values[row].is_finite()).collect();
        let days: Vec<f64> = rows.iter().map(|&row| table.days[row]).collect();
        let values: Vec<f64> = rows.iter().map(|&row| column.values[row]).collect();
        let found = smooth::spikes(Samples { days: &days, values: &values }, threshold, slope, most_days);
        rows.iter().zip(found).filter(|(_, spike)| *spike).for_each(|(&row, _)| column.values[row] = f64::NAN);
    }
}

/// Each component by the Whittaker smoother, filled between its first and last value.
pub fn whittaker(table: &mut SampleTable, lambda: f64) {
    for column in &mut table.columns {
        let valued = |value: &f64| value.is_finite();
        let (Some(first), Some(last)) = (column.values.iter().position(valued), column.values.iter().rposition(valued)) else {
            continue;
        };
        let own = &mut column.values[first..=last];
        let weights: Vec<f64> = own.iter().map(|value| f64::from(u8::from(value.is_finite()))).collect();
        let smooth = smooth::whittaker(own, &weights, lambda);
        own.copy_from_slice(&smooth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[(&str, &[f64])]) -> SampleTable {
        let days: Vec<f64> = (0..columns[0].1.len()).map(|at| 10.0 * at as f64).collect();
        SampleTable::sorted(&days, columns.iter().map(|(name, values)| SampleColumn::new(*name, values.to_vec())).collect())
    }

    fn values<'t>(table: &'t SampleTable, name: &str) -> &'t [f64] {
        &table.column(name).expect("a component").values
    }

    #[test]
    fn rows_are_removed_by_a_component_and_components_chosen() {
        let mut own = table(&[("v", &[1.0, 2.0, 3.0]), ("cloud", &[0.0, 10.0, f64::NAN])]);
        assert_eq!(remove(&mut own, "cloud", When::Above, 0.0), Ok(()));
        assert_eq!(own.days, [0.0, 20.0], "a missing number meets no condition");
        assert!(remove(&mut own, "clouds", When::Above, 0.0).is_err());
        assert_eq!(select(&mut own, &["w".to_owned(), "v".to_owned()]), Ok(()));
        assert_eq!(own.columns.len(), 1);
        assert!(select(&mut own, &["w".to_owned()]).is_err());
    }

    #[test]
    fn indices_find_their_bands_and_zero_denominators_are_missing() {
        let mut own = table(&[("B04_mean", &[0.25, 0.0]), ("B08", &[0.75, 0.0])]);
        let formula = Formula::compile("(B08 - B04) / (B08 + B04)").expect("valid");
        let sources = [vec!["B04".to_owned(), "B04_mean".to_owned()], vec!["B08".to_owned()]];
        assert_eq!(index(&mut own, &formula, &sources, &"ndvi".into()), Ok(()));
        assert!(values(&own, "ndvi")[0] == 0.5 && values(&own, "ndvi")[1].is_nan());
        let of = ["B08".to_owned(), "B04_mean".to_owned()];
        add_of_two(&mut own, &of, &"nd".into(), normalised_difference).expect("there");
        assert!(values(&own, "nd")[0] == 0.5 && values(&own, "nd")[1].is_nan());
        assert!((ratio_db(1.0, 10.0) + 10.0).abs() < 1e-12 && ratio_db(-1.0, -10.0).is_nan());
    }

    #[test]
    fn a_split_makes_a_part_a_value_and_a_join_takes_common_times() {
        let own = table(&[("v", &[1.0, 2.0, 3.0, 4.0]), ("orbit", &[88.0, 8.0, f64::NAN, 88.0])]);
        let parts = split(("c".into(), own.clone()), "orbit", None).expect("there");
        let told: Vec<(&str, &[f64])> = parts.iter().map(|(name, table)| (&**name, table.days.as_slice())).collect();
        assert_eq!(told, [("c_8", [10.0].as_slice()), ("c_88", [0.0, 30.0].as_slice())]);
        assert_eq!(split(("c".into(), own.clone()), "orbit", Some("88")).expect("there").len(), 1);
        assert!(join(&parts).days.is_empty());
        let late = ("d".into(), {
            let mut late = own.clone();
            late.retain(|row| row > 1);
            late
        });
        let both = join(&[("c".into(), own), late, ("e".into(), SampleTable::default())]);
        assert_eq!((both.days.as_slice(), values(&both, "d_v")), ([20.0, 30.0].as_slice(), [3.0, 4.0].as_slice()));
    }

    #[test]
    fn norms_and_stretches_follow_their_formulas() {
        let mut own = table(&[("a", &[3.0, 1.0]), ("b", &[4.0, f64::NAN])]);
        let mut mean = own.clone();
        norm(&mut own, false);
        assert!(values(&own, "norm")[0] == 5.0 && values(&own, "norm")[1].is_nan());
        norm(&mut mean, true);
        assert!((values(&mean, "norm")[0] - 12.5_f64.sqrt()).abs() < 1e-15);
        let mut bytes = table(&[("a", &[-1.0, 0.5, 0.999, 7.0])]);
        stretch(&mut bytes, &[0.0], &[1.0]);
        assert_eq!(values(&bytes, "a"), [0.0, 127.0, 254.0, 255.0]);
        scale(&mut bytes, 2.0, 1.0);
        assert_eq!(values(&bytes, "a")[1], 255.0);
    }

    #[test]
    fn differences_and_filters_look_back_over_what_is_missing() {
        let mut own = table(&[("a", &[1.0, f64::NAN, 3.0, 2.0])]);
        let mut slow = own.clone();
        differentiate(&mut own, false);
        assert!(values(&own, "a")[1].is_nan() && values(&own, "a")[2..] == [2.0, -1.0]);
        differentiate(&mut slow, true);
        assert_eq!(values(&slow, "a")[2..], [0.1, -0.1]);
        let mut mean = table(&[("a", &[1.0, f64::NAN, 3.0, 2.0])]);
        linear_filter(&mut mean, &[0.5, 0.5], &[1.0]);
        assert_eq!(
            (values(&mean, "a"), mean.observed.as_deref()),
            ([0.5, 2.0, 2.5].as_slice(), Some([0.0, 20.0, 30.0].as_slice()))
        );
        let mut memory = table(&[("a", &[1.0, 0.0, 0.0])]);
        linear_filter(&mut memory, &[2.0], &[2.0, -1.0]);
        assert_eq!(values(&memory, "a"), [1.0, 0.5, 0.25]);
    }

    #[test]
    fn spikes_are_found_over_what_is_missing_and_smoothing_fills_it() {
        let mut own = table(&[("a", &[0.8, 0.2, f64::NAN, 0.8, 0.8])]);
        despike(&mut own, 0.5, Slope::Falls, 30.0);
        assert!(values(&own, "a")[1].is_nan() && values(&own, "a")[3] == 0.8);
        let mut line = table(&[("a", &[f64::NAN, 1.0, f64::NAN, 3.0, 4.0])]);
        whittaker(&mut line, 10.0);
        assert!(values(&line, "a")[0].is_nan() && (values(&line, "a")[2] - 2.0).abs() < 1e-9);
    }
}
