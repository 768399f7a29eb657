//! What is current: exactly one parcel, one acquisition; optionally a reference and a compare set. And how it steps.

use jiff::civil::Date;

use crate::model::units::utc_day;
use crate::model::{Acquisition, AcquisitionIx, ParcelIx, Pass, Sensor, View};

use super::command::DateStep;
use super::open::Project;
use super::queries::coverage::{CoverageQuery, ParcelCoverage};

/// The current selection; every pane shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Current parcel; `None` only while nothing is loaded or the filter matches nothing.
    pub parcel: Option<ParcelIx>,
    /// Current acquisition.
    pub acquisition: Option<AcquisitionIx>,
    /// Reference acquisition.
    pub reference: Option<AcquisitionIx>,
    /// Compare set, in the order chosen.
    pub compare: Vec<AcquisitionIx>,
    /// Parcels visited before, for "last visited".
    pub visited: Vec<ParcelIx>,
}

/// How many parcels "last visited" remembers.
const VISITED: usize = 100;

/// Sensor whose acquisitions a view shows.
pub fn sensor_of(view: &View) -> Sensor {
    match view {
        View::Backscatter(..) | View::BackscatterRatio(_) => Sensor::S1Backscatter,
        View::Coherence(..) => Sensor::S1Coherence,
        View::Composite(_) | View::Index(_) | View::SceneClass | View::NdviHistogram | View::RedNirScatter => Sensor::S2,
    }
}

fn pass_of(view: &View) -> Option<Pass> {
    match view {
        View::Backscatter(_, pass) | View::BackscatterRatio(pass) | View::Coherence(_, pass) => *pass,
        _ => None,
    }
}

/// True when an acquisition belongs into a calendar of this view and date range.
pub fn belongs(acquisition: &Acquisition, view: &View, from: Option<Date>, to: Option<Date>) -> bool {
    let day = utc_day(acquisition.acquired);
    acquisition.sensor == sensor_of(view)
        && pass_of(view).is_none_or(|pass| acquisition.pass == Some(pass))
        && from.is_none_or(|from| day >= from)
        && to.is_none_or(|to| day <= to)
}

impl Project {
    /// Acquisitions of the calendar's sensor (and pass) under the view in force that touch the parcel, in the date range, by time.
    /// Until the parcel's dates are known: all of that sensor.
    pub fn shown_acquisitions(&self, parcel: ParcelIx) -> Vec<AcquisitionIx> {
        let Some(data) = self.data() else { return Vec::new() };
        let coverage = self.peek(&CoverageQuery { parcel, revision: self.revision });
        let display = &self.file.display;
        data.catalog
            .iter()
            .filter(|(_, acquisition)| belongs(acquisition, &display.view, display.from, display.to))
            .map(|(ix, _)| ix)
            .filter(|&ix| coverage.as_ref().is_none_or(|coverage| coverage.of(ix).is_some()))
            .collect()
    }

    /// False for the image of a server that shows nothing of the parcel but what the mask excludes: it is fetched when it is asked for.
    pub fn worth_fetching(&self, parcel: ParcelIx, acquisition: AcquisitionIx) -> bool {
        let granule = self.granule(parcel, acquisition);
        if !self.env.as_ref().is_some_and(|env| env.is_remote(acquisition, granule)) {
            return true;
        }
        let coverage = self.peek(&CoverageQuery { parcel, revision: self.revision });
        let entry = coverage.as_ref().and_then(|coverage| coverage.of(acquisition));
        let seen = entry.and_then(|entry| entry.granules.iter().find(|own| own.granule == granule));
        seen.is_none_or(|seen| !seen.classified || seen.clear(self.mask()) > 0.0)
    }

    /// True when enough of the parcel is clear in an acquisition.
    pub(super) fn usable(&self, coverage: &ParcelCoverage, acquisition: AcquisitionIx) -> bool {
        coverage.of(acquisition).is_some_and(|entry| {
            entry.granules[0].clear(self.mask()) >= self.file.observations.min_usable_share.max(f64::EPSILON)
        })
    }

    pub(super) fn select_parcel(&mut self, parcel: ParcelIx) {
        self.move_to(Some(parcel));
    }

    /// Makes a parcel (or none, when the filter matches nothing) current and remembers the one before.
    pub(super) fn move_to(&mut self, parcel: Option<ParcelIx>) {
        if self.selection.parcel == parcel {
            return;
        }
        if let Some(before) = std::mem::replace(&mut self.selection.parcel, parcel) {
            self.selection.visited.push(before);
            if self.selection.visited.len() > VISITED {
                self.selection.visited.remove(0);
            }
        }
    }

    pub(super) fn step_parcel(&mut self, by: i32) {
        let rows = self.queue.rows();
        if rows.is_empty() {
            return;
        }
        let here = self.selection.parcel.and_then(|parcel| self.queue.position(parcel));
        let there = here.map_or(0, |here| (here as i64 + i64::from(by)).clamp(0, rows.len() as i64 - 1) as usize);
        self.select_parcel(rows[there]);
    }

    pub(super) fn last_visited(&mut self) {
        if let Some(parcel) = self.selection.visited.pop() {
            self.selection.parcel = Some(parcel);
        }
    }

    pub(super) fn step_date(&mut self, step: DateStep) {
        let (Some(parcel), Some(data)) = (self.selection.parcel, self.data()) else { return };
        let coverage = self.peek(&CoverageQuery { parcel, revision: self.revision });
        let usable = |ix: &AcquisitionIx| coverage.as_ref().is_none_or(|coverage| self.usable(coverage, *ix));
        let touches = |ix: &AcquisitionIx| coverage.as_ref().is_none_or(|coverage| coverage.of(*ix).is_some());
        let display = &self.file.display;
        let in_range = |acquisition: &Acquisition| {
            let day = utc_day(acquisition.acquired);
            display.from.is_none_or(|from| day >= from) && display.to.is_none_or(|to| day <= to)
        };
        let target = match step {
            DateStep::Usable(by) => {
                let dates: Vec<_> = self.shown_acquisitions(parcel).into_iter().filter(usable).collect();
                stepped(&dates, self.selection.acquisition, by)
            }
            DateStep::Any(by) => {
                let dates: Vec<_> = data
                    .catalog
                    .iter()
                    .filter(|(_, acquisition)| in_range(acquisition))
                    .map(|(ix, _)| ix)
                    .filter(touches)
                    .collect();
                stepped(&dates, self.selection.acquisition, by)
            }
            DateStep::First => self.shown_acquisitions(parcel).first().copied(),
            DateStep::Last => self.shown_acquisitions(parcel).last().copied(),
        };
        if target.is_some() {
            self.selection.acquisition = target;
        }
    }

    /// True when there is another usable date in a direction.
    pub fn has_usable_date(&self, by: i32) -> bool {
        let Some(parcel) = self.selection.parcel else { return false };
        let coverage = self.peek(&CoverageQuery { parcel, revision: self.revision });
        let usable = |ix: &AcquisitionIx| coverage.as_ref().is_none_or(|coverage| self.usable(coverage, *ix));
        let dates: Vec<_> = self.shown_acquisitions(parcel).into_iter().filter(usable).collect();
        let target = stepped(&dates, self.selection.acquisition, by);
        target.is_some() && target != self.selection.acquisition
    }
}

/// The date `by` steps from `here` in an ordered list (catalogue order is time order); from a date outside the list the first
/// step goes to its neighbour in time.
fn stepped(dates: &[AcquisitionIx], here: Option<AcquisitionIx>, by: i32) -> Option<AcquisitionIx> {
    let last = dates.len().checked_sub(1)? as i64;
    let Some(here) = here else { return dates.first().copied() };
    let target = match dates.binary_search(&here) {
        Ok(position) => position as i64 + i64::from(by),
        Err(next) if by > 0 => next as i64 + i64::from(by) - 1,
        Err(next) => next as i64 + i64::from(by),
    };
    Some(dates[target.clamp(0, last) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stay_inside_and_start_at_the_neighbour_in_time() {
        let dates: Vec<_> = [2, 4, 6].map(AcquisitionIx).to_vec();
        let step = |here: u32, by| stepped(&dates, Some(AcquisitionIx(here)), by).map(|ix| ix.0);
        assert_eq!([step(4, 1), step(4, -1), step(6, 1), step(2, -1)], [Some(6), Some(2), Some(6), Some(2)]);
        assert_eq!([step(5, 1), step(5, -1), step(9, 1), step(0, -1)], [Some(6), Some(4), Some(6), Some(2)]);
        assert_eq!(stepped(&dates, None, 1), Some(AcquisitionIx(2)));
        assert_eq!(stepped(&[], None, 1), None);
    }
}
