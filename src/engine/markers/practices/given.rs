//! The series of a practice as its family takes them.

use std::collections::BTreeMap;

use super::super::{Window, date_of, epoch_day};
use super::{Closed, PracticePlan, closed};
use crate::engine::practices::events::Signal;
use crate::engine::practices::statistics::median;
use crate::engine::practices::{clear_observations, clear_series};
use crate::model::SampleTable;
use crate::model::ruleset::practice::BackscatterUnit;
use crate::model::ruleset::{Day, SeriesRef};

/// Component that tells the relative orbit of an acquisition.
const ORBIT: &str = "relative_orbit";
/// Component that counts the usable pixels of an acquisition.
const PIXELS: &str = "usable_pixels";

/// What a parcel gives to a practice.
pub(super) struct Given<'a> {
    pub plan: &'a PracticePlan,
    /// Parts of its series, in the order of the plan's slots.
    pub tables: Vec<Vec<&'a SampleTable>>,
}

/// A series: as many days as values.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Column {
    pub days: Vec<f64>,
    pub values: Vec<f64>,
}

/// A series of one orbit, with a name of the orbit: the part, and the bits of its number.
pub(super) type ByOrbit = ((usize, u64), Column);

impl Column {
    pub fn signal(&self) -> Signal<'_> {
        Signal { days: &self.days, values: &self.values }
    }

    /// Valid observations in a window.
    pub fn observations(&self, window: Closed) -> usize {
        clear_observations(&self.days, &self.values, window)
    }

    /// Only what lies in a window.
    pub fn within(&self, window: Closed) -> Self {
        let rows = self.days.iter().zip(&self.values).filter(|(day, _)| window.holds(**day));
        let (days, values) = rows.map(|(day, value)| (*day, *value)).unzip();
        Self { days, values }
    }

    /// The valid observations by day.
    pub fn clear(&self) -> Vec<(f64, f64)> {
        clear_series(&self.days, &self.values)
    }

    fn mapped(mut self, of: impl Fn(f64) -> f64) -> Self {
        self.values.iter_mut().for_each(|value| *value = of(*value));
        self
    }

    /// Backscatter in dB; power that is not above nothing has none.
    pub fn decibel(self, unit: BackscatterUnit) -> Self {
        match unit {
            BackscatterUnit::Decibel => self,
            BackscatterUnit::Linear => self.mapped(|power| if power > 0.0 { 10.0 * power.log10() } else { f64::NAN }),
        }
    }

    /// Backscatter as linear power.
    pub fn linear(self, unit: BackscatterUnit) -> Self {
        match unit {
            BackscatterUnit::Linear => self,
            BackscatterUnit::Decibel => self.mapped(|decibel| 10_f64.powf(decibel / 10.0)),
        }
    }
}

impl<'a> Given<'a> {
    /// Parts of a series: several after a split.
    fn parts(&self, series: &SeriesRef) -> impl Iterator<Item = &'a SampleTable> {
        let known = self.plan.slots.iter().position(|(name, _)| *name == series.signal);
        known.and_then(|at| self.tables.get(at)).into_iter().flatten().copied()
    }

    /// A series with the rows of all parts; empty where the parcel lacks the component.
    pub fn column(&self, series: &SeriesRef) -> Column {
        let mut all = Column::default();
        for (days, values) in self.parts(series).filter_map(|table| pair(table, series)) {
            all.days.extend_from_slice(days);
            all.values.extend_from_slice(values);
        }
        all
    }

    /// A series that need not be given.
    pub fn optional(&self, series: Option<&SeriesRef>) -> Column {
        series.map(|series| self.column(series)).unwrap_or_default()
    }

    /// A series by relative orbit, in the order of the orbits: each part by itself, and taken apart by its component
    /// `relative_orbit` where it has one. The name of an orbit is equal in series of the same acquisitions.
    pub fn orbits(&self, series: &SeriesRef) -> Vec<ByOrbit> {
        let mut all: BTreeMap<(usize, u64), Column> = BTreeMap::new();
        for (at, table) in self.parts(series).enumerate() {
            let Some((days, values)) = pair(table, series) else { continue };
            let orbits = table.column(ORBIT).map(|column| &column.values);
            for (row, (day, value)) in days.iter().zip(values).enumerate() {
                let orbit = orbits.map_or(0, |orbits| orbits[row].to_bits());
                let own = all.entry((at, orbit)).or_default();
                own.days.push(*day);
                own.values.push(*value);
            }
        }
        all.into_iter().collect()
    }

    /// Usable pixels of a series, their median; `None` where it does not tell.
    pub fn pixels(&self, series: &SeriesRef) -> Option<f64> {
        let columns = self.parts(series).filter_map(|table| table.column(PIXELS));
        let mut counts: Vec<f64> = columns.flat_map(|column| &column.values).copied().filter(|count| count.is_finite()).collect();
        let middle = median(&mut counts);
        (middle > 0.0).then_some(middle)
    }

    /// Days of all series, ascending in each list.
    pub fn days(&self) -> impl Iterator<Item = &[f64]> + Clone {
        self.tables.iter().flatten().map(|table| table.days.as_slice())
    }

    /// A window with both ends: open ones are the first and the last day of any series.
    pub fn closed(&self, window: Window) -> Closed {
        let ends = self.days().filter_map(|days| Some((*days.first()?, *days.last()?)));
        closed(window, ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))))
    }
}

/// Days and values of the component of a series; the first column where it names none.
fn pair<'t>(table: &'t SampleTable, series: &SeriesRef) -> Option<(&'t [f64], &'t [f64])> {
    let column = match &series.component {
        Some(name) => table.column(name),
        None => table.columns.first(),
    };
    column.map(|column| (table.days.as_slice(), column.values.as_slice()))
}

/// The day that is meant in a window: of one without a year the next after the window's first day.
pub(super) fn day_in(day: Day, window: Closed) -> f64 {
    match day {
        Day::Date(date) => epoch_day(date),
        Day::EachYear { .. } => date_of(window.start).map_or(f64::NAN, |first| epoch_day(day.on_or_after(first))),
    }
}
