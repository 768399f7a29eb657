//! Measures a drag in the real window: the threshold goes over its range and back, a place a frame.

use std::time::{Duration, Instant};

use crate::project::Command;
use crate::ui::cx::{Cx, Out};

use super::TuneState;

/// Frames of a measurement.
const FRAMES: usize = 240;

/// A measurement under way.
pub(super) struct Measure {
    /// Value before, to which the threshold returns.
    from: Option<f64>,
    range: (f64, f64),
    since: Instant,
    last: Option<Instant>,
    /// From the beginning of a frame to that of the next.
    intervals: Vec<Duration>,
    /// The window's own part of each frame.
    own: Vec<Duration>,
    updates: usize,
}

impl Measure {
    pub fn updated(&mut self) {
        self.updates += usize::from(self.from.is_some());
    }
}

fn percentile(times: &[Duration], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = ((sorted.len().max(1) - 1) as f64 * share).round() as usize;
    sorted.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}

/// `p50 1.2, p95 2.0, p99 3.1, max 4.0 ms`.
fn summary(times: &[Duration]) -> String {
    let at = |share| percentile(times, share);
    format!("p50 {:.1}, p95 {:.1}, p99 {:.1}, max {:.1} ms", at(0.5), at(0.95), at(0.99), at(1.0))
}

impl TuneState {
    /// Begins as soon as the effect of the draft is known.
    pub(super) fn start_measuring(&mut self) {
        self.measure = Some(Measure {
            from: None,
            range: (0.0, 1.0),
            since: Instant::now(),
            last: None,
            intervals: Vec::with_capacity(FRAMES),
            own: Vec::with_capacity(FRAMES),
            updates: 0,
        });
    }

    /// Notes how long the window worked on the frame that ends.
    pub fn frame_took(&mut self, took: Duration) {
        if let Some(measure) = self.measure.as_mut().filter(|own| own.last.is_some()) {
            measure.own.push(took);
        }
    }

    /// The next place of the threshold; the report once it is back. Nothing while there is no effect yet.
    pub(super) fn go_on_measuring(&mut self, cx: &Cx<'_>, out: &mut Out) -> Option<String> {
        self.measure.as_ref()?;
        let complete = cx.project.features().is_some_and(|own| own.complete()) && cx.project.tuning().effect().is_some();
        let line = self.line().map(|(own, parameter)| (own.path.clone(), parameter.value));
        let shown = self.distribution.shown().map(|(_, found)| (found.low, found.high));
        let (Some((path, value)), Some(shown), true) = (line, shown, complete) else { return None };
        let measure = self.measure.as_mut()?;
        let now = Instant::now();
        if measure.from.is_none() {
            (measure.from, measure.range, measure.since) = (Some(value), shown, now);
        }
        measure.intervals.extend(measure.last.map(|last| now - last));
        measure.last = Some(now);
        let frame = measure.intervals.len();
        if frame < FRAMES {
            let share = 1.0 - (2.0 * frame as f64 / FRAMES as f64 - 1.0).abs();
            let place = measure.range.0 + share * (measure.range.1 - measure.range.0);
            out.push(Command::SetParameter(path, place));
            return None;
        }
        let secs = measure.since.elapsed().as_secs_f64();
        let parcels = cx.project.data().map_or(0, |data| data.parcels.len());
        let report = format!(
            "drag of {path} over {parcels} parcels, {frame} frames in {secs:.2} s: frame to frame {}; own part of a frame {}; {:.1} \
             effects a second",
            summary(&measure.intervals),
            summary(&measure.own),
            measure.updates as f64 / secs
        );
        if let Some(from) = measure.from {
            out.push(Command::SetParameter(path, from));
        }
        self.measure = None;
        Some(report)
    }
}
