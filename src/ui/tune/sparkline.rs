//! A small graph of a parcel's NDVI with the window that the rule looks at.

use std::sync::Arc;

use egui::{Rect, Stroke, Ui, pos2};

use crate::jobs::Lane;
use crate::model::{ParcelIx, Series, Signal};
use crate::project::Fetch;
use crate::ui::cx::Cx;
use crate::ui::queue::model::sparkline;

/// The signal of small graphs.
pub(super) fn ndvi() -> Signal {
    Signal::Index("NDVI".to_owned())
}

/// From this width on there is room for a reason.
const LEAST_FOR_WHY: f32 = 120.0;

/// A line or two in the middle of a place, instead of a graph.
fn words(painter: &egui::Painter, ui: &Ui, cx: &Cx<'_>, place: Rect, content: &str) {
    let font = egui::TextStyle::Small.resolve(ui.style());
    let galley = painter.layout(content.to_owned(), font, cx.tokens.tx2, place.width());
    let at = pos2(place.left(), (place.center().y - galley.size().y / 2.0).max(place.top()));
    painter.galley(at, galley, cx.tokens.tx2);
}

/// Draws the graph of a parcel into a place; gives the series once it is there.
pub(super) fn paint(
    ui: &Ui,
    cx: &Cx<'_>,
    parcel: ParcelIx,
    place: Rect,
    (shown, windows): ((f64, f64), &[(f64, f64)]),
) -> Option<Arc<Series>> {
    let painter = ui.painter().with_clip_rect(place.intersect(ui.clip_rect()));
    let x_of = |day: f64| place.left() + ((day - shown.0) / (shown.1 - shown.0).max(1e-9)) as f32 * place.width();
    for &(from, to) in windows {
        let span = Rect::from_x_y_ranges(x_of(from)..=x_of(to), place.y_range());
        painter.rect_filled(span, 0.0, cx.tokens.win.gamma_multiply(0.22));
    }
    let Fetch::Ready(series) = cx.project.get(&cx.project.series_query(parcel, &ndvi()), Lane::Prefetch) else {
        // Not there yet or not possible: the review says why, the list stays calm.
        painter.hline(place.x_range(), place.center().y, Stroke::new(1.0, cx.tokens.skel));
        return None;
    };
    if series.points.is_empty() {
        // No image of this parcel and no table has what NDVI is made of: an empty place would look like a fault.
        let long = place.width() >= LEAST_FOR_WHY;
        words(&painter, ui, cx, place, &cx.t(if long { "tune-no-ndvi-why" } else { "tune-no-ndvi" }));
        return Some(series);
    }
    let gap = f64::from(cx.project.file().display.max_gap_days);
    for run in sparkline(&series, shown, (0.0, 1.0), gap) {
        let points: Vec<egui::Pos2> =
            run.iter().map(|&[x, y]| pos2(place.left() + x * place.width(), place.bottom() - y * place.height())).collect();
        match points.as_slice() {
            [single] => drop(painter.circle_filled(*single, 1.2, cx.tokens.ndvi)),
            _ => drop(painter.line(points, Stroke::new(1.25, cx.tokens.ndvi))),
        }
    }
    Some(series)
}
