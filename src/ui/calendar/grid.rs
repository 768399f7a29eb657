//! The grid: rows that scroll, column names that stay, the strip of an expanded cell.

use egui::{Align2, Rect, ScrollArea, Stroke, Ui, UiBuilder, Vec2, pos2, vec2};

use super::chip::{self, Place};
use super::events;
use super::metrics::{CHIP_RANGE, COLUMN_NAMES, LABEL, Metrics, RowBox, row_boxes, visible};
use super::model::ChipInfo;
use super::{CalendarState, Followed, Scene};
use crate::engine::calendar::{Cell, Row};
use crate::model::project_file::Binning;
use crate::ui::cx::Out;
use crate::ui::theme::text;

/// Draws the grid into all space left.
pub(super) fn grid_ui(ui: &mut Ui, scene: &Scene<'_>, state: &mut CalendarState, out: &mut Out) {
    let body = ui.available_rect_before_wrap();
    wheel(ui, body, state);
    state.runtime.hovered = None;
    let layout = &scene.model.layout;
    let metrics = Metrics::new(state.chip_px.round(), ui.available_width() - 10.0, layout.columns.len());
    let expanded = expanded_cell(scene, state);
    let rows = row_boxes(layout, &metrics, expanded);
    let mut area = ScrollArea::both().id_salt("calendar-grid").auto_shrink(false);
    if let Some(offset) = anchored(ui, body, &metrics, state) {
        area = area.scroll_offset(offset);
    }
    let bins = scene.cx.project.file().display.bins;
    let centred = state.runtime.centre.take().and_then(|window| events::rows_of(layout, bins, window));
    let follow = follow(scene, state, expanded, body.height());
    let output = area.show_viewport(ui, |ui, viewport| {
        let origin = ui.max_rect().min;
        let content = metrics.content(&rows) + vec2(0.0, COLUMN_NAMES);
        ui.set_width(content.x.max(viewport.width()));
        ui.set_height(content.y);
        let grid_top = origin.y + COLUMN_NAMES;
        let clip = ui.clip_rect();
        let below_names = Rect::from_min_max(pos2(clip.left(), clip.top() + COLUMN_NAMES), clip.max);
        let mut inner = ui.new_child(UiBuilder::new().id_salt("rows").max_rect(ui.max_rect()));
        inner.set_clip_rect(below_names);
        for at in visible(&rows, viewport.top(), viewport.bottom()) {
            let row_box = RowBox { top: grid_top + rows[at].top, ..rows[at] };
            let column = expanded.filter(|&(row, _)| row == at).map(|(_, column)| column);
            row_ui(
                &mut inner,
                scene,
                state,
                out,
                &RowPlace { metrics: &metrics, left: origin.x, row_box, expanded: column },
                &layout.rows[at],
            );
        }
        if let Some((marks, window)) = scene.marks.as_ref().and_then(|marks| Some((marks, marks.model.window?))) {
            let edges = events::window_edges(layout, bins, window, (&metrics, &rows));
            events::paint_window(inner.painter(), scene.cx.tokens, &edges, pos2(origin.x, grid_top), marks.stale);
        }
        if let Some(window) = scene.cx.deciding {
            let edges = events::window_edges(layout, bins, window, (&metrics, &rows));
            events::paint_deciding(inner.painter(), scene.cx.tokens, &edges, pos2(origin.x, grid_top));
        }
        column_names(ui, scene, &metrics, origin.x, clip);
        if let Some((first, last)) = centred {
            let whole = rows[first].top..=rows[last].top + rows[last].height + rows[last].strip;
            let place = Rect::from_x_y_ranges(origin.x..=origin.x + 1.0, grid_top + whole.start()..=grid_top + whole.end());
            ui.scroll_to_rect_animation(place, Some(egui::Align::Center), egui::style::ScrollAnimation::none());
        } else if let Some((row, column)) = follow {
            let left = origin.x + LABEL + metrics.pitch_x * column as f32;
            let across = (if column == 0 { origin.x } else { left })..=left + metrics.pitch_x;
            let still = egui::style::ScrollAnimation::none();
            let shown = viewport.top()..=viewport.bottom() - COLUMN_NAMES;
            let room = viewport.height() - COLUMN_NAMES;
            let (top, bottom) = (rows[row].top, rows[row].top + rows[row].height + rows[row].strip);
            // The names cover the upper edge: rows go below them, and whole rows are shown from there on.
            let first = if shown.contains(&top) && shown.contains(&bottom) {
                None
            } else if top < viewport.top() {
                Some(row)
            } else {
                (0..=row).find(|&first| bottom - rows[first].top <= room).or(Some(row))
            };
            let at = |row: usize| grid_top + rows[row].top - COLUMN_NAMES;
            let target = |row: usize, height: f32| {
                Rect::from_min_max(pos2(*across.start(), at(row)), pos2(*across.end(), at(row) + height))
            };
            if let Some(first) = first {
                ui.scroll_to_rect_animation(target(first, viewport.height()), None, still);
            } else {
                ui.scroll_to_rect_animation(target(row, COLUMN_NAMES), None, still);
            }
        }
    });
    state.runtime.scrolled = Some((vec2(metrics.pitch_x, metrics.pitch_y), output.state.clamped_offset()));
}

/// Scroll offset that keeps the chip under the pointer in its place when the size of chips has changed. Without a pointer
/// over the grid the current date is scrolled into view instead.
fn anchored(ui: &Ui, body: Rect, metrics: &Metrics, state: &mut CalendarState) -> Option<Vec2> {
    let pitch = vec2(metrics.pitch_x, metrics.pitch_y);
    let (before, offset) = state.runtime.scrolled?;
    if before == pitch {
        return None;
    }
    let Some(pointer) = ui.input(|input| input.pointer.hover_pos()).filter(|&at| body.contains(at)) else {
        state.runtime.followed = None;
        return None;
    };
    let fixed = vec2(LABEL, COLUMN_NAMES); // Label and names do not grow.
    let at = pointer - body.min;
    Some(((offset + at - fixed) * (pitch / before) + fixed - at).max(Vec2::ZERO))
}

/// Row and column of the current date when something happened that may have moved it out of sight.
fn follow(scene: &Scene<'_>, state: &mut CalendarState, expanded: Option<(usize, usize)>, height: f32) -> Option<(usize, usize)> {
    let acquisition = scene.cx.project.selection().acquisition?;
    let bins = scene.cx.project.file().display.bins;
    let followed = Some(Followed { parcel: scene.parcel, acquisition, bins, expanded, height });
    if state.runtime.followed == followed {
        return None;
    }
    let place = scene.model.layout.find(acquisition)?;
    state.runtime.followed = followed;
    Some(place)
}

fn expanded_cell(scene: &Scene<'_>, state: &CalendarState) -> Option<(usize, usize)> {
    let (row, column) = scene.model.layout.find(state.runtime.expanded?)?;
    let several = scene.model.layout.rows.get(row)?.cells.get(column)?.entries.len() > 1;
    several.then_some((row, column))
}

/// Opens or closes the cell of the current date.
pub(super) fn toggle_current(scene: &Scene<'_>, state: &mut CalendarState) {
    let Some(current) = scene.cx.project.selection().acquisition else { return };
    toggle(scene, state, current);
}

/// Opens or closes the cell of an acquisition, if it holds several.
pub(super) fn toggle(scene: &Scene<'_>, state: &mut CalendarState, acquisition: crate::model::AcquisitionIx) {
    let open = expanded_cell(scene, state);
    state.runtime.expanded = match scene.model.layout.find(acquisition) {
        Some(place) if open == Some(place) => None,
        Some(_) => Some(acquisition),
        None => state.runtime.expanded,
    };
}

struct RowPlace<'a> {
    metrics: &'a Metrics,
    left: f32,
    row_box: RowBox,
    expanded: Option<usize>,
}

fn row_ui(ui: &mut Ui, scene: &Scene<'_>, state: &mut CalendarState, out: &mut Out, place: &RowPlace<'_>, row: &Row) {
    let tokens = scene.cx.tokens;
    let &RowPlace { metrics, left, row_box, expanded } = place;
    let width = metrics.content(&[row_box]).x.max(ui.clip_rect().right() - left);
    ui.painter().hline(left..=left + width, row_box.top, Stroke::new(1.0, tokens.grid));
    row_label(ui, scene, left, row_box.top, row);
    for (column, cell) in row.cells.iter().enumerate() {
        let rect = metrics.chip_rect(column, row_box.top).translate(vec2(left, 0.0));
        if let Some(info) = shown(scene, cell) {
            let stacked = cell.entries.len();
            let place = Place {
                rect,
                pitch_x: metrics.pitch_x,
                beside: metrics.beside,
                stacked,
                open: expanded == Some(column),
                strip: false,
            };
            chip::chip_ui(ui, scene, state, out, info, &place);
        } else {
            let dash = Rect::from_center_size(rect.center(), vec2(14.0, 1.5));
            ui.painter().rect_filled(dash, 0.0, tokens.tx3);
        }
    }
    if let Some(cell) = expanded.and_then(|column| row.cells.get(column)) {
        let top = row_box.top + row_box.height;
        let area = Rect::from_min_size(pos2(left, top), vec2(width, row_box.strip));
        ui.painter().rect_filled(area, 0.0, tokens.bg2);
        let mut entries: Vec<&ChipInfo> = cell.entries.iter().filter_map(|entry| scene.model.get(entry.acquisition)).collect();
        entries.sort_by_key(|info| info.acquired);
        for (position, info) in entries.into_iter().enumerate() {
            let rect = metrics.strip_rect(position, top).translate(vec2(left, 0.0));
            let place = Place { rect, pitch_x: metrics.pitch_x, beside: metrics.beside, stacked: 1, open: false, strip: true };
            chip::chip_ui(ui, scene, state, out, info, &place);
        }
    }
}

/// The chip on top of a cell: the current or the reference date when it is in there, else the clearest.
fn shown<'a>(scene: &'a Scene<'_>, cell: &Cell) -> Option<&'a ChipInfo> {
    let selection = scene.cx.project.selection();
    let holds = |wanted: Option<crate::model::AcquisitionIx>| {
        wanted.filter(|&wanted| cell.entries.iter().any(|entry| entry.acquisition == wanted))
    };
    let top = holds(selection.acquisition)
        .or_else(|| holds(selection.reference))
        .or(cell.entries.first().map(|entry| entry.acquisition));
    scene.model.get(top?)
}

fn row_label(ui: &Ui, scene: &Scene<'_>, left: f32, top: f32, row: &Row) {
    let (tokens, painter) = (scene.cx.tokens, ui.painter());
    let at = pos2(left + 8.0, top + 4.0);
    let style = ui.style();
    if scene.cx.project.file().display.bins == Binning::Sequence {
        painter.text(at, Align2::LEFT_TOP, &row.label, text::tick().resolve(style), tokens.tx2);
        return;
    }
    painter.text(at, Align2::LEFT_TOP, scene.cx.texts.month(row.start), text::header().resolve(style), tokens.tx);
    painter.text(at + vec2(0.0, 17.0), Align2::LEFT_TOP, row.start.year(), text::tick().resolve(style), tokens.tx2);
}

fn column_names(ui: &Ui, scene: &Scene<'_>, metrics: &Metrics, left: f32, clip: Rect) {
    let tokens = scene.cx.tokens;
    let strip = Rect::from_min_max(clip.min, pos2(clip.right(), clip.top() + COLUMN_NAMES));
    ui.painter().rect_filled(strip, 0.0, tokens.bg1);
    let font = text::tick().resolve(ui.style());
    for (column, name) in scene.model.layout.columns.iter().enumerate() {
        let x = left + LABEL + metrics.pitch_x * column as f32;
        ui.painter().text(pos2(x, strip.center().y), Align2::LEFT_CENTER, name, font.clone(), tokens.tx2);
    }
}

/// Ctrl + wheel changes the size of chips, Alt + wheel zooms inside all of them, with Shift only inside the one under the pointer.
/// The plain wheel is left to the scroll area.
fn wheel(ui: &Ui, body: Rect, state: &mut CalendarState) {
    if !ui.rect_contains_pointer(body) {
        return;
    }
    let (factor, modifiers, pointer) = ui.input(|input| (input.zoom_delta(), input.modifiers, input.pointer.hover_pos()));
    if factor != 1.0 {
        state.chip_px = (state.chip_px * factor).clamp(*CHIP_RANGE.start(), *CHIP_RANGE.end());
    }
    if modifiers.alt {
        let delta = ui.input_mut(|input| std::mem::take(&mut input.smooth_scroll_delta));
        if let (Some((acquisition, rect)), Some(at)) = (state.runtime.hovered, pointer) {
            let only = modifiers.shift.then_some(acquisition);
            if delta.x + delta.y != 0.0 {
                state.runtime.zoom_at(rect, at, ((delta.x + delta.y) / 200.0).exp(), only);
            }
        }
    }
}
