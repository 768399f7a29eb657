//! The queue: a virtual list of parcels with filter, order and small graphs.

pub mod model;

use std::sync::Arc;

use egui::{Align2, Color32, Key, Rect, Response, Sense, Stroke, TextEdit, Ui, pos2, vec2};

use crate::jobs::Lane;
use crate::model::{ParcelIx, Signal};
use crate::project::queries::population::Population;
use crate::project::queue::{ParcelList, Queue, SortKey};
use crate::project::{Command, Dataset, Fetch};

use super::actions::Action;
use super::cx::{Cx, Out};
use super::graph::model::full_range;
use super::icons;
use super::markers::counts::{self, Symbol};
use super::review::counts as review;
use super::review::signs::{self, Sign};
use super::theme::{size, text};
use super::verdict;
use super::widgets::{self, Button};

/// State of the queue pane.
#[derive(Debug, Clone, Default)]
pub struct QueueState {
    /// Set to move the keyboard focus into the filter field in the next frame.
    pub focus_filter: bool,
    /// Filter as it stands in the field.
    typed: String,
    /// Filter that the project was last known to have.
    known: String,
    /// Parcel that was last scrolled to.
    shown: Option<ParcelIx>,
    /// Offset and height of the list in the last frame.
    viewport: (f32, f32),
}

impl PartialEq for QueueState {
    fn eq(&self, other: &Self) -> bool {
        (self.focus_filter, &self.typed, &self.known, self.shown) == (other.focus_filter, &other.typed, &other.known, other.shown)
    }
}

/// Narrower than this the pane is a rail: ids without crop, area and graph.
const RAIL: f32 = 120.0;

/// Draws the pane; returns the response of its header.
pub fn queue_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut QueueState, out: &mut Out) -> Response {
    let dataset = cx.project.dataset();
    let queue = cx.project.queue();
    let total = match &dataset {
        Fetch::Ready(dataset) => dataset.parcels.len(),
        _ => 0,
    };
    let rail = ui.available_width() < RAIL;
    let subtitle = cx.tw("queue-subtitle", &[("shown", queue.rows().len().into()), ("total", total.into())]);
    let title = cx.t("queue-title");
    let mut order = None;
    let response = widgets::pane_ui(
        ui,
        cx,
        if rail { "" } else { &title },
        if rail { "" } else { &subtitle },
        |ui| order = sort_ui(ui, cx, queue, &dataset),
        |ui| match &dataset {
            Fetch::Ready(dataset) => body_ui(ui, cx, state, dataset, rail, out),
            Fetch::Pending => widgets::pending_ui(ui, cx.tokens, &cx.t("queue-loading")),
            Fetch::Failed(error) => widgets::failed_ui(ui, cx, error, out),
        },
    );
    if let Some(order) = order {
        out.push(Command::SetSort(order));
    }
    response
}

/// Menu of sort keys; returns the new order when one was chosen.
fn sort_ui(ui: &mut Ui, cx: &Cx<'_>, queue: &Queue, dataset: &Fetch<Dataset>) -> Option<Vec<(SortKey, bool)>> {
    let mut chosen = None;
    let mut keys = vec![SortKey::Given, SortKey::Id, SortKey::Crop, SortKey::Area];
    if cx.project.tuning().draft().is_some_and(|draft| draft.rules.is_some()) {
        keys.push(SortKey::Margin);
    }
    let own = keys.len();
    keys.extend(model::distances(&cx.project.file().display.graphs));
    let columns = keys.len();
    if let Fetch::Ready(dataset) = dataset {
        keys.extend(dataset.parcels.columns().iter().map(|column| SortKey::Column(column.name.clone())));
    }
    let menu = ui.add(Button::icon_only(icons::SLIDERS, &cx.t("queue-sort")));
    egui::Popup::menu(&menu).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(180.0);
        ui.label(widgets::secondary(cx.tokens, cx.t("queue-sort-hint").to_string()));
        let list = egui::ScrollArea::vertical().max_height(420.0);
        list.show(ui, |ui| {
            for (number, key) in keys.into_iter().enumerate() {
                if number == own || number == columns {
                    ui.separator();
                }
                let place = queue.sort.iter().position(|(own, _)| *own == key);
                let mut label = sort_name(cx, &key);
                if let Some(place) = place {
                    let arrow = if queue.sort[place].1 { icons::ARROW_DOWN } else { icons::ARROW_UP };
                    label = if queue.sort.len() > 1 {
                        format!("{label}  {arrow} {}", place + 1)
                    } else {
                        format!("{label}  {arrow}")
                    };
                }
                let on = place.is_some() || (queue.sort.is_empty() && key == SortKey::Given);
                if ui.selectable_label(on, label).clicked() {
                    let add = ui.input(|input| input.modifiers.shift);
                    chosen = Some(model::sorted_by(&queue.sort, &key, add));
                }
            }
        });
    });
    chosen
}

fn sort_name(cx: &Cx<'_>, key: &SortKey) -> String {
    let id = match key {
        SortKey::Given => "queue-sort-given",
        SortKey::Id => "queue-sort-id",
        SortKey::Crop => "queue-sort-crop",
        SortKey::Area => "queue-sort-area",
        SortKey::Column(name) => return name.clone(),
        SortKey::Margin => "markers-sort",
        SortKey::Distance(signal) => return cx.tw("queue-sort-distance", &[("signal", signal.name().into())]),
    };
    cx.t(id).to_string()
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut QueueState, dataset: &Arc<Dataset>, rail: bool, out: &mut Out) {
    let queue = cx.project.queue();
    if !rail || state.focus_filter {
        egui::Frame::NONE.inner_margin(egui::Margin { left: 8, right: 8, top: 8, bottom: 4 }).show(ui, |ui| {
            filter_ui(ui, cx, state, out);
            if !cx.project.review().blind() {
                counts::counts_ui(ui, cx, out);
            }
            review::counts_ui(ui, cx, out);
        });
    }
    if let Some(list) = &queue.list {
        list_chip_ui(ui, cx, list, rail, out);
    }
    counts::start_small(cx, out);
    if dataset.parcels.is_empty() {
        widgets::empty_ui(ui, cx.tokens, &cx.t("queue-no-parcels"), &cx.t("queue-no-parcels-hint"), None);
        return;
    }
    if queue.rows().is_empty() {
        empty_ui(ui, cx, dataset, out);
        return;
    }
    if let Some(signal) = queue.distance().filter(|_| !rail) {
        distance_ui(ui, cx, signal, out);
    }
    let begun = !cx.project.review().review().entries().is_empty();
    let footer = if rail {
        0.0
    } else if begun {
        58.0
    } else {
        28.0
    };
    let height = (ui.available_height() - footer).max(size::QUEUE_ROW);
    let list = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), height));
    ui.scope_builder(egui::UiBuilder::new().max_rect(list), |ui| list_ui(ui, cx, state, dataset, rail, out));
    if !rail {
        footer_ui(ui, cx, dataset, list.bottom());
        if begun {
            let rect =
                Rect::from_min_size(pos2(list.left(), list.bottom() + 25.0), vec2(list.width(), 33.0)).shrink2(vec2(10.0, 0.0));
            ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| review::progress_ui(ui, cx));
        }
    }
}

/// Where the distances of a queue sorted by them stand.
fn distance_ui(ui: &mut Ui, cx: &Cx<'_>, signal: &Signal, out: &mut Out) {
    let frame = egui::Frame::NONE.inner_margin(egui::Margin { left: 10, right: 8, top: 0, bottom: 6 });
    frame.show(ui, |ui| match cx.project.population(signal) {
        Fetch::Ready(population) => {
            let hint = cx.tw("queue-distance-hint", &[("dates", population.acquisitions.into())]);
            ui.label(widgets::secondary(cx.tokens, sort_name(cx, &SortKey::Distance(signal.clone())))).on_hover_text(hint);
        }
        Fetch::Pending => drop(ui.label(widgets::secondary(cx.tokens, cx.t("queue-distance-pending").to_string()))),
        Fetch::Failed(error) => {
            ui.label(widgets::secondary(cx.tokens, cx.t("queue-distance-unknown").to_string())).on_hover_text(error.to_string());
            if ui.add(Button::new(&cx.t("queue-distance-compute")).primary()).clicked() {
                out.act(Action::Population);
            }
        }
    });
}

/// The filter field with its key, its error and its chips.
fn filter_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut QueueState, out: &mut Out) {
    let queue = cx.project.queue();
    if queue.filter != state.known {
        // Changed elsewhere: restored from the last sitting, or cleared.
        state.known.clone_from(&queue.filter);
        state.typed.clone_from(&queue.filter);
    }
    let key_shown = state.typed.is_empty();
    let edit = TextEdit::singleline(&mut state.typed)
        .hint_text(cx.t("queue-filter-hint").as_ref())
        .margin(egui::Margin { left: 26, right: 26, top: 5, bottom: 4 })
        .desired_width(f32::INFINITY);
    let response = ui.add(edit);
    let name = cx.t("queue-filter");
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.as_ref()));
    let rect = response.rect;
    let icon = text::icon().resolve(ui.style());
    ui.painter().text(pos2(rect.left() + 14.0, rect.center().y), Align2::CENTER_CENTER, icons::SEARCH, icon, cx.tokens.tx2);
    if key_shown && !response.has_focus() {
        let place = Rect::from_center_size(pos2(rect.right() - 14.0, rect.center().y), vec2(16.0, 17.0));
        ui.painter().rect_stroke(place, 2.0, Stroke::new(1.0, cx.tokens.bds), egui::StrokeKind::Inside);
        ui.painter().text(place.center(), Align2::CENTER_CENTER, "/", text::tick().resolve(ui.style()), cx.tokens.tx2);
    }
    if std::mem::take(&mut state.focus_filter) {
        response.request_focus();
    }
    if response.changed() {
        state.known.clone_from(&state.typed);
        out.push(Command::SetFilter(state.typed.clone()));
    }
    if response.has_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
        response.surrender_focus();
    }
    if let Some(error) = &queue.error {
        ui.add_space(2.0);
        ui.colored_label(cx.tokens.red, cx.tw("queue-filter-error", &[("fact", error.to_string().into())]));
    }
    if !queue.filter.trim().is_empty() {
        chips_ui(ui, cx, &queue.filter, out);
    }
}

/// Parts of the filter as chips; a click removes one.
fn chips_ui(ui: &mut Ui, cx: &Cx<'_>, filter: &str, out: &mut Out) {
    ui.horizontal_wrapped(|ui| {
        for (number, chip) in model::chips(filter).into_iter().enumerate() {
            let label = format!("{chip} {}", icons::CLOSE);
            let name = cx.tw("queue-chip-remove", &[("chip", chip.into())]);
            let response = ui.add(egui::Button::new(egui::RichText::new(label).text_style(egui::TextStyle::Small)).truncate());
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.as_str()));
            if response.on_hover_text(&name).clicked() {
                out.push(Command::SetFilter(model::without(filter, number)));
            }
        }
    });
}

/// The list that the queue is limited to; a click shows all parcels again.
fn list_chip_ui(ui: &mut Ui, cx: &Cx<'_>, list: &ParcelList, rail: bool, out: &mut Out) {
    egui::Frame::NONE.inner_margin(egui::Margin { left: 8, right: 8, top: 2, bottom: 4 }).show(ui, |ui| {
        let label = if rail { icons::CLOSE.to_owned() } else { format!("{} {}", list.name, icons::CLOSE) };
        let name = cx.tw("queue-list-remove", &[("name", list.name.as_str().into())]);
        let response = ui.add(egui::Button::new(egui::RichText::new(label).text_style(egui::TextStyle::Small)).truncate());
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.as_str()));
        if response.on_hover_text(&name).clicked() {
            out.push(Command::ShowList(None));
        }
    });
}

/// No parcel matches: what is filtered, and how to see all again.
fn empty_ui(ui: &mut Ui, cx: &Cx<'_>, dataset: &Dataset, out: &mut Out) {
    widgets::padded_ui(ui, |ui| {
        ui.label(widgets::strong(cx.tw("queue-none-match", &[("total", dataset.parcels.len().into())])));
        if ui.add(Button::new(&cx.t("queue-clear")).on(true)).clicked() {
            out.push(Command::SetFilter(String::new()));
        }
    });
}

fn list_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut QueueState, dataset: &Arc<Dataset>, rail: bool, out: &mut Out) {
    let queue = cx.project.queue();
    let current = cx.project.selection().parcel;
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut area = egui::ScrollArea::vertical().auto_shrink(false);
    if current != state.shown {
        let row = current.and_then(|parcel| queue.position(parcel));
        if let Some(offset) = row.and_then(|row| model::scroll_to(row, size::QUEUE_ROW, state.viewport.0, ui.available_height()))
        {
            area = area.vertical_scroll_offset(offset);
        }
        state.shown = current;
    }
    let shown = full_range(&dataset.catalog, false);
    let distances = queue.distance().and_then(|signal| cx.project.population(signal).ready());
    let output = area.show_rows(ui, size::QUEUE_ROW, queue.rows().len(), |ui, rows| {
        for &parcel in &queue.rows()[rows.start.min(queue.rows().len())..rows.end.min(queue.rows().len())] {
            let hidden = cx.project.review().hides(dataset.parcels.id(parcel));
            let verdict = if hidden { None } else { counts::of_row(cx, parcel) };
            let expert = review::of_row(cx, parcel);
            let row =
                Row { distances: distances.as_deref(), verdict, expert, parcel, current: Some(parcel) == current, rail, shown };
            if row_ui(ui, cx, dataset, &row).clicked() {
                out.push(Command::SelectParcel(parcel));
            }
        }
    });
    state.viewport = (output.state.clamped_offset().y, output.inner_rect.height());
}

struct Row<'a> {
    /// Distances from peers, when the queue is sorted by them.
    distances: Option<&'a Population>,
    /// Automatic verdict where there are rules, when it is known.
    verdict: Option<Symbol>,
    /// Symbol of the review, whether it is flagged, and the word, where anything was decided.
    expert: Option<(Sign, bool, Arc<str>)>,
    parcel: ParcelIx,
    current: bool,
    rail: bool,
    shown: (f64, f64),
}

fn row_ui(ui: &mut Ui, cx: &Cx<'_>, dataset: &Dataset, row: &Row<'_>) -> Response {
    let parcels = &dataset.parcels;
    let id = parcels.id(row.parcel);
    let crop = parcels.crop(row.parcel).map_or_else(|| cx.t("queue-no-crop").to_string(), str::to_owned);
    // What the queue is sorted by stands in the row.
    let by_margin = cx.project.queue().sort.first().is_some_and(|(key, _)| *key == SortKey::Margin);
    let area = match row.distances {
        _ if by_margin => counts::margin_text(cx, row.parcel),
        Some(population) => match population.score(row.parcel) {
            Some(score) => cx.tw("queue-distance", &[("distance", cx.texts.number(f64::from(score), 1).into())]),
            None => cx.t("queue-distance-none").to_string(),
        },
        None => cx.tw("queue-area", &[("area", cx.texts.number(parcels.area_ha(row.parcel), 2).into())]),
    };
    let problems = parcels.problems(row.parcel);
    let mut name = format!("{id}, {crop}, {area}");
    if let Some(Symbol(Some(own))) = row.verdict {
        name = format!("{name}, {}", verdict::word(cx, Some(own)));
    }
    if let Some((_, flagged, word)) = &row.expert {
        name = format!("{name}, {}: {word}", cx.t("review-expert"));
        if *flagged {
            name = format!("{name}, {}", cx.t("review-state-flagged"));
        }
    }
    if !problems.is_empty() {
        name = format!("{name}, {}", cx.tw("queue-problems", &[("n", problems.len().into())]));
    }
    let response = widgets::row_ui(ui, cx.tokens, &name, size::QUEUE_ROW, row.current, |ui| {
        paint_row(ui, cx, row, id, [&crop, &area], problems.is_empty());
    });
    if row.rail || !problems.is_empty() {
        let words = problems.iter().map(|problem| super::parcel::problem_text(cx, problem)).collect::<Vec<_>>().join("\n");
        response.on_hover_text(format!("{name}\n{words}").trim_end())
    } else {
        response
    }
}

fn paint_row(ui: &Ui, cx: &Cx<'_>, row: &Row<'_>, id: &str, [crop, area]: [&str; 2], sound: bool) {
    let rect = ui.max_rect();
    let tokens = cx.tokens;
    let style = ui.style();
    if row.rail {
        let font = text::tick().resolve(style);
        let both = row.verdict.is_some() || row.expert.is_some();
        let shift = if both { 8.0 } else { 0.0 };
        let aside = if row.verdict.is_some() && row.expert.is_some() { 8.0 } else { 0.0 };
        if let Some(Symbol(own)) = row.verdict {
            verdict::paint(ui.painter(), tokens, rect.center() - vec2(aside, 9.0), 13.0, own);
        }
        if let Some((sign, ..)) = &row.expert {
            signs::paint(ui.painter(), tokens, rect.center() + vec2(aside, -9.0), 13.0, *sign);
        }
        ui.painter().text(
            rect.center() + vec2(0.0, shift),
            Align2::CENTER_CENTER,
            model::tail(id, 3),
            font,
            if sound { tokens.tx } else { tokens.yellow },
        );
        return;
    }
    let spark = Rect::from_min_max(pos2(rect.right() - 52.0, rect.top() + 9.0), pos2(rect.right() - 2.0, rect.bottom() - 9.0));
    let symbol = if row.verdict.is_some() || row.expert.is_some() { 20.0 } else { 0.0 };
    let flagged = row.expert.as_ref().is_some_and(|own| own.1);
    let room = spark.left() - rect.left() - 12.0 - symbol - if sound { 0.0 } else { 20.0 } - if flagged { 18.0 } else { 0.0 };
    let line = |content: &str, font: egui::FontId, ink: Color32, room: f32| {
        let mut job = egui::text::LayoutJob::single_section(content.to_owned(), egui::TextFormat::simple(font, ink));
        job.wrap = egui::text::TextWrapping::truncate_at_width(room);
        ui.painter().layout_job(job)
    };
    let first_font = if row.current { text::header().resolve(style) } else { egui::TextStyle::Body.resolve(style) };
    let left = rect.left() + 4.0 + symbol;
    // Upper symbol automatic, lower expert; one alone stands in the middle.
    let apart = if row.verdict.is_some() && row.expert.is_some() { 8.5 } else { 0.0 };
    if let Some(Symbol(own)) = row.verdict {
        verdict::paint(ui.painter(), tokens, pos2(rect.left() + 9.0, rect.center().y - apart), 14.0, own);
    }
    if let Some((sign, ..)) = &row.expert {
        signs::paint(ui.painter(), tokens, pos2(rect.left() + 9.0, rect.center().y + apart), 14.0, *sign);
    }
    if flagged {
        let x = spark.left() - if sound { 12.0 } else { 32.0 };
        signs::paint(ui.painter(), tokens, pos2(x, rect.center().y), 14.0, Sign::Flag);
    }
    ui.painter().galley(pos2(left, rect.top() + 4.0), line(id, first_font, tokens.tx, room), tokens.tx);
    let small = egui::TextStyle::Small.resolve(style);
    // The crop is cut where it must be; the area always stands whole.
    let area = line(area, small.clone(), tokens.tx2, room);
    let crop = line(crop, small, tokens.tx2, room - area.size().x - 6.0);
    let after = left + crop.size().x + 6.0;
    ui.painter().galley(pos2(left, rect.top() + 21.0), crop, tokens.tx2);
    ui.painter().galley(pos2(after, rect.top() + 21.0), area, tokens.tx2);
    if !sound {
        let icon = text::icon().resolve(style);
        ui.painter().text(pos2(spark.left() - 14.0, rect.center().y), Align2::CENTER_CENTER, icons::WARNING, icon, tokens.yellow);
    }
    paint_sparkline(ui, cx, row, spark);
    let bottom = rect.bottom() - 0.5;
    ui.painter().hline(rect.x_range(), bottom, Stroke::new(1.0, tokens.grid));
}

fn paint_sparkline(ui: &Ui, cx: &Cx<'_>, row: &Row<'_>, place: Rect) {
    let query = cx.project.series_query(row.parcel, &Signal::Index("NDVI".to_owned()));
    let Fetch::Ready(series) = cx.project.get(&query, Lane::Prefetch) else {
        // Not there yet or not possible: the graphs say why, the list stays calm.
        ui.painter().hline(place.x_range(), place.center().y, Stroke::new(1.0, cx.tokens.skel));
        return;
    };
    let gap = f64::from(cx.project.file().display.max_gap_days);
    let ink = if row.current { cx.tokens.ndvi } else { cx.tokens.tx2 };
    for run in model::sparkline(&series, row.shown, (0.0, 1.0), gap) {
        let points: Vec<egui::Pos2> =
            run.iter().map(|&[x, y]| pos2(place.left() + x * place.width(), place.bottom() - y * place.height())).collect();
        match points.as_slice() {
            [single] => drop(ui.painter().circle_filled(*single, 1.2, ink)),
            _ => drop(ui.painter().line(points, Stroke::new(1.25, ink))),
        }
    }
}

fn footer_ui(ui: &mut Ui, cx: &Cx<'_>, dataset: &Dataset, top: f32) {
    let problems = dataset.parcels.all_problems().len();
    let queue = cx.project.queue();
    let mut label = cx.tw("queue-footer", &[("shown", queue.rows().len().into()), ("problems", problems.into())]);
    if let Some((key, _)) = queue.sort.first() {
        label = format!("{label} · {}", cx.tw("queue-sorted", &[("key", sort_name(cx, key).into())]));
    }
    let rect = Rect::from_min_size(pos2(ui.max_rect().left(), top), vec2(ui.max_rect().width(), 28.0));
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, cx.tokens.grid));
    let response = ui.allocate_rect(rect, Sense::hover());
    let font = egui::TextStyle::Small.resolve(ui.style());
    let mut job = egui::text::LayoutJob::single_section(label.clone(), egui::TextFormat::simple(font, cx.tokens.tx2));
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - 16.0);
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(pos2(rect.left() + 10.0, rect.center().y - galley.size().y / 2.0), galley, cx.tokens.tx2);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &label));
}
