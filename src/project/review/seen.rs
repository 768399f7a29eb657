//! What is on screen when somebody decides, and whether there are data to decide on.

use std::time::Instant;

use crate::engine::markers::Window;
use crate::model::review::Seen;
use crate::model::rules::Verdict;
use crate::model::units::{epoch_days, iso_utc};
use crate::model::{AcquisitionIx, ParcelIx, Sensor, Stretch};
use crate::project::Project;
use crate::project::marking::account::MarkerModel;
use crate::project::queries::coverage::CoverageQuery;

/// A stretch as files name it.
pub(super) fn stretch_text(stretch: &Stretch) -> String {
    match stretch {
        Stretch::Fixed => "fixed".to_owned(),
        dynamic if *dynamic == Stretch::DYNAMIC => "dynamic".to_owned(),
        Stretch::Dynamic { low_percent, high_percent } => format!("dynamic {low_percent}-{high_percent} %"),
        Stretch::Range(limits) => limits.iter().map(|(low, high)| format!("{low}..{high}")).collect::<Vec<_>>().join(","),
    }
}

/// Code of an automatic verdict in files.
pub fn code_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Green => "green",
        Verdict::Yellow => "yellow",
        Verdict::Red => "red",
    }
}

impl Project {
    /// The evidence window of a parcel, when its verdict is known.
    pub fn evidence_window(&self, parcel: ParcelIx) -> Option<Window> {
        let detection = self.tuning().detection()?;
        let marked = self.peek(&self.marked_query(parcel)?)?;
        MarkerModel::new(detection, &marked).window
    }

    /// Automatic verdict of a parcel as far as it is known.
    pub fn automatic_of(&self, parcel: ParcelIx) -> Option<String> {
        let own = self.marked_query(parcel).and_then(|query| self.peek(&query));
        let verdict = match own {
            Some(marked) => marked.explanation.as_ref().map(|own| own.verdict),
            None => self.tuning().effect().and_then(|effect| effect.after.of(parcel)),
        };
        verdict.map(|verdict| code_of(verdict).to_owned())
    }

    /// Usable observations of any sensor that are loaded, in the evidence window or, without one, in the dates shown.
    fn clear_in_window(&self, parcel: ParcelIx) -> Option<u32> {
        let data = self.data()?;
        let coverage = self.peek(&CoverageQuery { parcel, revision: self.revision })?;
        let window = self.evidence_window(parcel);
        let within = |acquisition: AcquisitionIx| {
            let day = epoch_days(data.catalog.get(acquisition).acquired);
            window.is_none_or(|window| (window.from..=window.to).contains(&day))
        };
        let used = coverage.acquisitions.iter().filter_map(|one| one.granules.first()).filter(|best| {
            let optical = data.catalog.get(best.acquisition).sensor == Sensor::S2;
            within(best.acquisition) && if optical { self.usable(&coverage, best.acquisition) } else { best.pixels > best.nodata }
        });
        Some(used.count() as u32)
    }

    /// What is on screen of a parcel.
    pub(super) fn seen(&self, parcel: ParcelIx) -> Seen {
        let Some(data) = self.data() else { return Seen::default() };
        let name = |acquisition: AcquisitionIx| {
            let row = data.catalog.get(acquisition);
            format!("{} {}", iso_utc(row.acquired), row.platform)
        };
        let draft = self.tuning().detection();
        let pins =
            self.reviewing.of(data.parcels.id(parcel)).map(|own| own.pins.iter().map(|(entry, _)| entry.clone()).collect());
        Seen {
            acquisitions: self.shown_acquisitions(parcel).into_iter().map(name).collect(),
            current: self.selection.acquisition.map(name).unwrap_or_default(),
            view: self.file.display.view.label(),
            stretch: stretch_text(&self.file.display.stretch),
            ruleset: draft.map(|own| own.rules.name.clone()).unwrap_or_default(),
            ruleset_hash: draft.map(|own| own.hash().to_owned()).unwrap_or_default(),
            data_of: self.remote_told(parcel),
            clear_in_window: self.clear_in_window(parcel),
            pins: pins.unwrap_or_default(),
            queue: self.queue.list.as_ref().map(|list| list.name.clone()).unwrap_or_default(),
        }
    }

    /// Notes since when the current parcel is current.
    pub(super) fn time_parcel(&mut self) {
        let current = self.selection.parcel;
        if self.reviewing.current.map(|(own, _)| own) != current {
            self.reviewing.current = current.map(|parcel| (parcel, Instant::now()));
        }
    }

    /// Notes when the parcel after a decision was drawn whole: a frame has shown it, and waited for nothing.
    pub(in crate::project) fn measure_drawn(&mut self) {
        let Some((began, frames)) = &mut self.reviewing.drawing else { return };
        *frames += 1;
        if *frames > 1 && self.cache.complete() {
            let drawn_ms = began.elapsed().as_secs_f64() * 1e3;
            if let Some(took) = self.reviewing.took.last_mut() {
                took.drawn_ms = drawn_ms;
            }
            self.reviewing.drawing = None;
        }
    }
}
