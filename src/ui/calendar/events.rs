//! Evidence window and events of the ruleset in the calendar: a frame around the cells of the window, a triangle on event dates.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::metrics::{LABEL, Metrics, RowBox};
use super::model::CalendarModel;
use crate::engine::calendar::{Layout, cell_days};
use crate::engine::markers::{Window, epoch_day};
use crate::model::AcquisitionIx;
use crate::model::project_file::Binning;
use crate::model::units::epoch_days;
use crate::ui::cx::Cx;
use crate::ui::markers::model::MarkerModel;
use crate::ui::theme::Tokens;

/// An event is shown at the nearest acquisition, if it is not farther than so many days.
const NEAR_DAYS: f64 = 10.0;
/// Edge of the triangle.
const TRIANGLE: f32 = 13.0;

/// What the ruleset adds to the calendar.
pub(super) struct Marks {
    pub model: Arc<MarkerModel>,
    /// Drawn dimmed: a newer answer is on its way.
    pub stale: bool,
    /// Events by the acquisition that shows them best.
    events: HashMap<AcquisitionIx, Vec<usize>>,
}

impl Marks {
    /// Of the current parcel; nothing without a ruleset or before its answer is there.
    pub fn new(cx: &Cx<'_>, calendar: &CalendarModel) -> Option<Self> {
        let judged = cx.judged?;
        let model = Arc::clone(judged.model()?);
        let mut events: HashMap<AcquisitionIx, Vec<usize>> = HashMap::new();
        for (at, event) in model.events.iter().enumerate() {
            let far = |acquired: jiff::Timestamp| (epoch_days(acquired) - event.main).abs();
            let nearest = calendar.chips.iter().min_by(|a, b| far(a.acquired).total_cmp(&far(b.acquired)));
            if let Some(chip) = nearest.filter(|chip| far(chip.acquired) <= NEAR_DAYS) {
                events.entry(chip.acquisition).or_default().push(at);
            }
        }
        Some(Self { model, stale: judged.stale, events })
    }

    /// Events whose date is shown by an acquisition.
    pub fn of(&self, acquisition: AcquisitionIx) -> &[usize] {
        self.events.get(&acquisition).map_or(&[], Vec::as_slice)
    }
}

/// True when a cell holds days of a window.
fn inside(layout: &Layout, bins: Binning, window: Window, (row, column): (usize, usize)) -> bool {
    let Some(own) = layout.rows.get(row) else { return false };
    let overlaps =
        |from: jiff::civil::Date, to: jiff::civil::Date| epoch_day(from) <= window.to && epoch_day(to) + 1.0 > window.from;
    match bins {
        // Cells of a sequence have no days of their own.
        Binning::Sequence => {
            own.cells.get(column).is_some_and(|cell| cell.entries.iter().any(|entry| overlaps(entry.day, entry.day)))
        }
        Binning::HalfWeek | Binning::IsoWeek => cell_days(bins, own.start, column).is_some_and(|(from, to)| overlaps(from, to)),
    }
}

/// Rows that hold days of a window, first and last.
pub(super) fn rows_of(layout: &Layout, bins: Binning, window: Window) -> Option<(usize, usize)> {
    let columns = layout.columns.len();
    let holds = |row: &usize| (0..columns).any(|column| inside(layout, bins, window, (*row, column)));
    let first = (0..layout.rows.len()).find(holds)?;
    (first..layout.rows.len()).rev().find(holds).map(|last| (first, last))
}

/// The outline of the cells of the window, edge by edge: where a neighbour is inside too there is none.
pub(super) fn window_edges(
    layout: &Layout,
    bins: Binning,
    window: Window,
    (metrics, rows): (&Metrics, &[RowBox]),
) -> Vec<[Pos2; 2]> {
    let columns = layout.columns.len();
    let is_in = |row: Option<usize>, column: Option<usize>| match (row, column) {
        (Some(row), Some(column)) => column < columns && inside(layout, bins, window, (row, column)),
        _ => false,
    };
    let mut edges = Vec::new();
    for (row, place) in rows.iter().enumerate() {
        for column in (0..columns).filter(|&column| is_in(Some(row), Some(column))) {
            let left = LABEL + metrics.pitch_x * column as f32 - 4.0;
            let corner = pos2(left, place.top + 1.0);
            let cell = Rect::from_min_size(corner, vec2(metrics.pitch_x, place.height + place.strip));
            let sides = [
                (is_in(row.checked_sub(1), Some(column)), [cell.left_top(), cell.right_top()]),
                (is_in(Some(row + 1), Some(column)), [cell.left_bottom(), cell.right_bottom()]),
                (is_in(Some(row), column.checked_sub(1)), [cell.left_top(), cell.left_bottom()]),
                (is_in(Some(row), Some(column + 1)), [cell.right_top(), cell.right_bottom()]),
            ];
            edges.extend(sides.into_iter().filter(|(shared, _)| !shared).map(|(_, edge)| edge));
        }
    }
    edges
}

/// Paints the outline of the window, its corner at `origin`.
pub(super) fn paint_window(painter: &Painter, tokens: &Tokens, edges: &[[Pos2; 2]], origin: Pos2, stale: bool) {
    let ink = if stale { tokens.win.gamma_multiply(0.6) } else { tokens.win };
    for edge in edges {
        painter.line_segment(edge.map(|corner| corner + origin.to_vec2()), Stroke::new(2.0, ink));
    }
}

/// Paints the outline of the window that decided on heterogeneity: dashed, to be told from the evidence window.
pub(super) fn paint_deciding(painter: &Painter, tokens: &Tokens, edges: &[[Pos2; 2]], origin: Pos2) {
    for edge in edges {
        let line = edge.map(|corner| corner + origin.to_vec2());
        painter.extend(Shape::dashed_line(&line, Stroke::new(2.0, tokens.bsi), 7.0, 4.0));
    }
}

/// The triangle of an event date in the upper left corner of a chip.
pub(super) fn paint_triangle(painter: &Painter, tokens: &Tokens, chip: Rect) {
    let at = chip.left_top();
    let corners = vec![at, at + vec2(TRIANGLE, 0.0), at + vec2(0.0, TRIANGLE)];
    painter.add(Shape::convex_polygon(corners, tokens.ev, Stroke::new(1.0, egui::Color32::BLACK)));
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::engine::calendar::layout;
    use crate::ui::calendar::metrics::row_boxes;

    #[test]
    fn the_window_is_one_outline_around_its_half_weeks() {
        // From 1 April to 15 May: all of April and four half-weeks of May.
        let layout = layout(&[], Binning::HalfWeek, Some(date(2019, 3, 1)), Some(date(2019, 6, 30)));
        let window = Window::of_dates(Some(date(2019, 4, 1)), Some(date(2019, 5, 15)));
        assert_eq!(rows_of(&layout, Binning::HalfWeek, window), Some((1, 2)));
        let metrics = Metrics::new(57.0, 1020.0, 8);
        let rows = row_boxes(&layout, &metrics, None);
        let edges = window_edges(&layout, Binning::HalfWeek, window, (&metrics, &rows));
        let length = |edge: &[Pos2; 2]| edge[0].distance(edge[1]);
        let whole: f32 = edges.iter().map(length).sum();
        // Eight cells across, back again, and two rows on both sides.
        assert!((whole - (16.0 * metrics.pitch_x + 4.0 * metrics.pitch_y)).abs() < 0.1, "{whole}");
        let late = Window::of_dates(Some(date(2019, 8, 1)), None);
        assert_eq!(rows_of(&layout, Binning::HalfWeek, late), None);
    }
}
