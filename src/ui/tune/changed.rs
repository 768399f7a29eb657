//! Pane of the parcels that changed their verdict, the nearest to their limit first, or of one cell of the transition table.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::engine::rules::Verdict;
use crate::model::ParcelIx;
use crate::project::marking::effect::Moved;
use crate::project::{Command, Dataset, Fetch};
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::graph::model::full_range;
use crate::ui::icons;
use crate::ui::queue::model::scroll_to;
use crate::ui::theme::{size, text};
use crate::ui::verdict;
use crate::ui::widgets::{self, Button};

use super::steady::Steady;
use super::{Sending, TuneState, sparkline, states, text_of};

/// Height of a row.
const ROW: f32 = 34.0;

/// Where the list stands.
#[derive(Debug, Default)]
pub(super) struct ListState {
    /// Offset and height in the last frame.
    viewport: (f32, f32),
    /// Parcel that was last scrolled to.
    shown: Option<ParcelIx>,
    /// The selected number is to be brought into view.
    pub scroll_to_parameter: bool,
}

/// Columns of a width: where each begins, crop and graph only where there is room.
struct Columns {
    id: f32,
    crop: Option<f32>,
    state: f32,
    value: f32,
    margin: f32,
    graph: Option<f32>,
    right: f32,
}

impl Columns {
    fn of(left: f32, right: f32) -> Self {
        let width = right - left;
        let graph = (width > 330.0).then_some(right - 72.0);
        let margin = graph.unwrap_or(right) - 62.0;
        let value = margin - 58.0;
        let state = value - verdict::CHANGE - 6.0;
        let room = state - left;
        let crop = (room > 170.0).then_some(left + (room * 0.52).max(92.0));
        Self { id: left + 8.0, crop, state, value, margin, graph, right }
    }
}

/// Draws the pane; returns the response of its header.
pub fn changed_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, out: &mut Out) -> Response {
    let counted = state.changed();
    let subtitle = match counted {
        Some((moved, all)) => cx.tw("tune-changed-of", &[("n", moved.into()), ("all", all.into())]),
        None => String::new(),
    };
    let wanted = state.cell.map_or(counted.map_or(0, |own| own.0), |cell| count_of(state, cell));
    let mut send = false;
    let free = state.sending.is_none();
    let response = widgets::pane_ui(
        ui,
        cx,
        &cx.t("pane-changed"),
        &subtitle,
        |ui| {
            let name = cx.tw("tune-send", &[("n", wanted.into())]);
            send = ui.add_enabled(wanted > 0 && free, Button::new(&name).tip(&cx.t("tune-send-hint"))).clicked();
        },
        |ui| body_ui(ui, cx, state, out),
    );
    if send {
        state.send_to_queue(cx);
    }
    response
}

fn count_of(state: &TuneState, (before, after): (Verdict, Verdict)) -> usize {
    state.effect.as_ref().map_or(0, |effect| effect.table[before as usize][after as usize])
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, out: &mut Out) {
    if state.effect.is_none() || cx.project.tuning().failed().is_some() {
        if cx.project.tuning().draft().is_some() {
            widgets::empty_ui(ui, cx.tokens, &cx.t("tune-no-effect"), &cx.t("tune-no-effect-hint"), None);
        } else {
            states::no_ruleset_ui(ui, cx, out);
        }
        return;
    }
    let Fetch::Ready(dataset) = cx.project.dataset() else { return };
    if let Some(cell) = state.cell {
        chip_ui(ui, cx, state, cell);
    }
    let rows = state.rows(cx);
    if rows.is_empty() {
        widgets::empty_ui(ui, cx.tokens, &cx.t("tune-nothing-changed"), &cx.t("tune-nothing-changed-hint"), None);
        return;
    }
    heads_ui(ui, cx);
    list_ui(ui, cx, state, &dataset, &rows, out);
}

/// The cell whose parcels are listed; a click lists all again.
fn chip_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, (before, after): (Verdict, Verdict)) {
    egui::Frame::NONE.inner_margin(egui::Margin { left: 8, right: 8, top: 6, bottom: 2 }).show(ui, |ui| {
        let words = (verdict::word(cx, Some(before)), verdict::word(cx, Some(after)));
        let label = format!("{} → {} {}", words.0, words.1, icons::CLOSE);
        let response = ui.add(egui::Button::new(egui::RichText::new(label).text_style(egui::TextStyle::Small)));
        let name = cx.t("tune-all-changed");
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.as_ref()));
        if response.on_hover_text(&*name).clicked() {
            state.cell = None;
        }
    });
}

impl TuneState {
    /// What is listed, in order.
    fn rows(&mut self, cx: &Cx<'_>) -> Vec<Moved> {
        let Some(effect) = &self.effect else { return Vec::new() };
        match self.cell {
            None => effect.moved.clone(),
            Some((before, after)) if before != after => {
                effect.moved.iter().filter(|own| (own.before, own.after) == (before, after)).copied().collect()
            }
            // Those that stayed what they were are not listed by the effect.
            Some((before, after)) => {
                self.listed.update(cx.project, cx.project.moved_query(Some((before as u8, after as u8))));
                let kept =
                    |own: &&(_, Arc<Vec<Moved>>)| own.1.first().is_none_or(|own| (own.before, own.after) == (before, after));
                self.listed.shown().filter(kept).map(|(_, moved)| moved.as_slice().to_vec()).unwrap_or_default()
            }
        }
    }

    /// Gives what is listed, all of it, to the review queue.
    pub(super) fn send_to_queue(&mut self, cx: &Cx<'_>) {
        let counted = self.cell.map_or(self.changed().map_or(0, |own| own.0), |cell| count_of(self, cell));
        if counted == 0 {
            return;
        }
        let change = match self.line() {
            Some((threshold, parameter)) => {
                let before = self.model.as_ref().and_then(|model| model.baseline.get(&threshold.path).copied());
                let name = super::model::name_of(cx.texts, parameter, &[]);
                let before = before.map_or_else(|| "–".to_owned(), |value| text_of(parameter, value));
                let after = text_of(parameter, parameter.value);
                cx.tw("tune-step", &[("name", name.into()), ("from", before.into()), ("to", after.into())])
            }
            None => cx.t("tune-list-changed").to_string(),
        };
        let name = match self.cell {
            Some((before, after)) => {
                let words = (verdict::word(cx, Some(before)), verdict::word(cx, Some(after)));
                let args = [("before", words.0.as_ref().into()), ("after", words.1.as_ref().into()), ("change", change.into())];
                cx.tw("tune-list-cell", &args)
            }
            None => change,
        };
        let cell = self.cell.map(|(before, after)| (before as u8, after as u8));
        self.sending = Some(Sending { name, cell, answer: Steady::default() });
    }

    /// Walks through the list.
    pub(super) fn step_list(&mut self, cx: &Cx<'_>, by: isize, out: &mut Out) {
        let rows = self.rows(cx);
        let at = rows.iter().position(|own| Some(own.parcel) == cx.project.selection().parcel);
        let next = at.map_or(0, |at| (at as isize + by).clamp(0, rows.len() as isize - 1) as usize);
        if let Some(own) = rows.get(next) {
            out.push(Command::SelectParcel(own.parcel));
        }
    }
}

fn heads_ui(ui: &mut Ui, cx: &Cx<'_>) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
    let columns = Columns::of(rect.left(), rect.right() - 6.0);
    let font = egui::TextStyle::Small.resolve(ui.style());
    let head = |x: f32, align: Align2, id: &str| {
        ui.painter().text(pos2(x, rect.center().y), align, &*cx.t(id), font.clone(), cx.tokens.tx2);
    };
    head(columns.id, Align2::LEFT_CENTER, "tune-column-parcel");
    if let Some(crop) = columns.crop {
        head(crop, Align2::LEFT_CENTER, "tune-column-crop");
    }
    head(columns.state, Align2::LEFT_CENTER, "tune-column-state");
    head(columns.margin - 8.0, Align2::RIGHT_CENTER, "tune-column-value");
    head(columns.graph.unwrap_or(columns.right) - 8.0, Align2::RIGHT_CENTER, "tune-column-margin");
    if let Some(graph) = columns.graph {
        head(graph, Align2::LEFT_CENTER, "tune-column-ndvi");
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, cx.tokens.bd));
    let place = Rect::from_min_max(pos2(columns.value, rect.top()), rect.max);
    ui.interact(place, ui.scope_id().with("tune-margin-head"), Sense::hover()).on_hover_text(cx.t("tune-margin-hint").as_ref());
}

fn list_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, dataset: &Dataset, rows: &[Moved], out: &mut Out) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let current = cx.project.selection().parcel;
    let mut area = egui::ScrollArea::vertical().id_salt("tune-changed").auto_shrink(false);
    if current != state.list.shown {
        let row = current.and_then(|parcel| rows.iter().position(|own| own.parcel == parcel));
        if let Some(offset) = row.and_then(|row| scroll_to(row, ROW, state.list.viewport.0, ui.available_height())) {
            area = area.vertical_scroll_offset(offset);
        }
        state.list.shown = current;
    }
    let feature = state.feature().map(str::to_owned);
    let windows = match (&feature, &state.model) {
        (Some(feature), Some(model)) => model.windows(feature, &dataset.catalog),
        _ => Vec::new(),
    };
    let column = cx.project.features().zip(feature.as_deref()).and_then(|(own, name)| own.plan().position(name));
    let scene =
        Scene { dataset, shown: full_range(&dataset.catalog, false), windows: &windows, column, dimmed: states::dimmed(cx) };
    let output = area.show_rows(ui, ROW, rows.len(), |ui, range| {
        for own in &rows[range.start.min(rows.len())..range.end.min(rows.len())] {
            let response = row_ui(ui, cx, &scene, own, Some(own.parcel) == current);
            if response.double_clicked() {
                out.push(Command::SelectParcel(own.parcel));
                out.act(Action::Review);
            } else if response.clicked() {
                out.push(Command::SelectParcel(own.parcel));
            }
        }
    });
    state.list.viewport = (output.state.clamped_offset().y, output.inner_rect.height());
}

/// What all rows share.
struct Scene<'a> {
    dataset: &'a Dataset,
    shown: (f64, f64),
    windows: &'a [(f64, f64)],
    column: Option<usize>,
    dimmed: bool,
}

/// A value of a feature with three decimals; a dash where there is none.
pub(super) fn figure(value: f32) -> String {
    if value.is_nan() { "–".to_owned() } else { format!("{value:.3}") }
}

/// A distance with its sign.
pub(super) fn signed(value: f32) -> String {
    if value.is_nan() { "–".to_owned() } else { format!("{value:+.3}") }
}

fn row_ui(ui: &mut Ui, cx: &Cx<'_>, scene: &Scene<'_>, own: &Moved, current: bool) -> Response {
    let tokens = cx.tokens;
    let parcels = &scene.dataset.parcels;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let fill = match (current, response.hovered()) {
        (true, _) => tokens.sel,
        (false, true) => tokens.bg3,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, 0.0, fill);
    if current {
        ui.painter().rect_filled(Rect::from_min_max(rect.min, pos2(rect.left() + 3.0, rect.bottom())), 0.0, tokens.ac);
    }
    let columns = Columns::of(rect.left(), rect.right() - 6.0);
    let value = match (scene.column, cx.project.features()) {
        (Some(column), Some(features)) => features.value(column, own.parcel),
        _ => f32::NAN,
    };
    let id = parcels.id(own.parcel);
    let crop = parcels.crop(own.parcel).unwrap_or_default();
    let strength = if scene.dimmed { 0.6 } else { 1.0 };
    let line = |content: &str, font: egui::FontId, ink: Color32, left: f32, right: f32| {
        let mut job = LayoutJob::single_section(content.to_owned(), TextFormat::simple(font, ink.gamma_multiply(strength)));
        job.wrap = TextWrapping::truncate_at_width((right - left).max(8.0));
        let galley = ui.painter().layout_job(job);
        let y = rect.center().y - galley.size().y / 2.0;
        ui.painter().galley(pos2(left, y), galley, ink);
    };
    let id_font = if current { text::header() } else { egui::TextStyle::Body }.resolve(ui.style());
    line(id, id_font, tokens.tx, columns.id, columns.crop.unwrap_or(columns.state) - 8.0);
    if let Some(left) = columns.crop {
        line(crop, egui::TextStyle::Small.resolve(ui.style()), tokens.tx2, left, columns.state - 8.0);
    }
    let change = Rect::from_min_max(pos2(columns.state, rect.top()), pos2(columns.value, rect.bottom()));
    verdict::paint_change(ui.painter(), tokens, (own.before, own.after), change);
    let numeric = text::numeric().resolve(ui.style());
    let y = rect.center().y;
    ui.painter().text(pos2(columns.margin - 8.0, y), Align2::RIGHT_CENTER, figure(value), numeric.clone(), tokens.tx);
    let right = columns.graph.unwrap_or(columns.right) - 8.0;
    ui.painter().text(pos2(right, y), Align2::RIGHT_CENTER, signed(own.margin), numeric, tokens.tx2);
    let mut bare = false;
    if let Some(left) = columns.graph {
        let place = Rect::from_min_max(pos2(left, rect.top() + 6.0), pos2(columns.right, rect.bottom() - 6.0));
        let series = sparkline::paint(ui, cx, own.parcel, place, (scene.shown, scene.windows));
        bare = series.is_some_and(|series| series.points.is_empty());
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, tokens.grid));
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 0.0, Stroke::new(size::RING, tokens.focus), egui::StrokeKind::Inside);
    }
    let words = (verdict::word(cx, Some(own.before)), verdict::word(cx, Some(own.after)));
    let args = [
        ("id", id.into()),
        ("crop", crop.into()),
        ("before", words.0.as_ref().into()),
        ("after", words.1.as_ref().into()),
        ("value", figure(value).into()),
        ("margin", signed(own.margin).into()),
    ];
    let mut name = cx.tw("tune-changed-row", &args);
    if bare {
        name = format!("{name}, {}", cx.t("tune-no-ndvi-why"));
    }
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, current, name.as_str()));
    response
}
