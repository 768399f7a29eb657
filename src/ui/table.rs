//! Attribute table: every parcel of the queue in a row, every attribute in a column. No frame touches more than what is in view.
//!
//! Rows are drawn at whole multiples of their height from the top: a million of them are higher than single precision can place.

pub mod columns;
pub mod selection;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align2, Color32, Galley, Key, Modifiers, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use crate::model::{ParcelIx, Parcels};
use crate::project::{Command, Fetch, Project};

use super::actions::Action;
use super::cx::{Cx, Out};
use super::icons;
use super::queue::model::{scroll_to, sorted_by};
use super::theme::text;
use super::widgets::{self, Button};

use columns::{Column, Columns, Placed};
use selection::Selected;

/// Height of a row, and of the names above.
const ROW: f32 = 24.0;

/// Space between the edge of a column and its content.
const PAD: f32 = 7.0;

/// Width of the place where a column is taken to make it wider.
const HANDLE: f32 = 7.0;

/// More rows than this are not copied: whoever wants them all exports them.
const MOST_COPIED: usize = 10_000;

/// State of the table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableState {
    /// Which columns, how wide.
    pub columns: Columns,
    /// Which rows beside the current one.
    pub selected: Selected,
    /// Names of the columns as they were last shown, for copies.
    names: Vec<String>,
    /// Parcel and row that was last scrolled to.
    shown: Option<(ParcelIx, usize)>,
    /// Offset and height of the list in the last frame.
    viewport: (f32, f32),
    /// Filter of the list of columns.
    search: String,
}

/// Rows as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Values with tabs between them, with a line of names.
    pub text: String,
    /// Number of rows in the text.
    pub rows: usize,
    /// Number of rows selected.
    pub selected: usize,
}

impl TableState {
    /// Rows on a page.
    pub fn page(&self) -> i32 {
        ((self.viewport.1 / ROW) as i32 - 1).max(1)
    }

    /// Steps through rows that a key means in the table: pages, and the ends of the list.
    pub fn step_of(&self, action: Action) -> Option<i32> {
        Some(match action {
            Action::NextTen => self.page(),
            Action::PreviousTen => -self.page(),
            Action::FirstDate => -i32::MAX,
            Action::LastDate => i32::MAX,
            _ => return None,
        })
    }

    /// The selected rows as text.
    pub fn copied(&self, project: &Project) -> Copied {
        let Some(data) = project.data() else { return Copied { text: String::new(), rows: 0, selected: 0 } };
        let rows = self.selected.parcels(project.queue(), MOST_COPIED);
        let placed = self.columns.placed(&data.parcels);
        Copied {
            text: columns::tsv(&data.parcels, &placed, &self.names, &rows),
            rows: rows.len(),
            selected: self.selected.count(project.queue()),
        }
    }
}

/// Draws the pane; returns the response of its header.
pub fn table_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TableState, out: &mut Out) -> Response {
    let dataset = cx.project.dataset();
    let queue = cx.project.queue();
    state.selected.follow(cx.project.selection().parcel);
    if cx.focused {
        keys(ui, state, out);
    }
    let subtitle = match &dataset {
        Fetch::Ready(dataset) => subtitle(cx, state, dataset.parcels.len()),
        _ => String::new(),
    };
    let mut header_out = Out::default();
    let (mut columns, mut search) = (state.columns.clone(), std::mem::take(&mut state.search));
    let before = columns.clone();
    let mut copy = false;
    let response = widgets::pane_ui(
        ui,
        cx,
        &cx.t("pane-table"),
        &subtitle,
        |ui| {
            if let Fetch::Ready(dataset) = &dataset {
                copy = controls_ui(ui, cx, (&mut columns, &mut search), &dataset.parcels, &mut header_out);
            }
        },
        |ui| match &dataset {
            Fetch::Ready(dataset) if queue.rows().is_empty() => {
                let title = cx.tw("queue-none-match", &[("total", dataset.parcels.len().into())]);
                if widgets::empty_ui(ui, cx.tokens, &title, "", Some(&cx.t("queue-clear"))) {
                    out.push(Command::SetFilter(String::new()));
                }
            }
            Fetch::Ready(dataset) => body_ui(ui, cx, state, &dataset.parcels, out),
            Fetch::Pending => widgets::pending_ui(ui, cx.tokens, &cx.t("queue-loading")),
            Fetch::Failed(error) => widgets::failed_ui(ui, cx, error, out),
        },
    );
    if columns != before {
        state.columns = columns;
    }
    state.search = search;
    out.actions.append(&mut header_out.actions);
    if copy {
        let copied = state.copied(cx.project);
        out.toast = Some(cx.tw("table-copied", &[("n", copied.rows.into()), ("total", copied.selected.into())]));
        ui.ctx().copy_text(copied.text);
    }
    response
}

/// `17 of 17 · 3 selected`.
fn subtitle(cx: &Cx<'_>, state: &TableState, total: usize) -> String {
    let queue = cx.project.queue();
    let shown = cx.tw("queue-subtitle", &[("shown", queue.rows().len().into()), ("total", total.into())]);
    match state.selected.count(queue) {
        0 | 1 => shown,
        selected => format!("{shown} · {}", cx.tw("table-selected", &[("n", selected.into())])),
    }
}

/// Shift with an arrow makes the selection longer or shorter.
fn keys(ui: &Ui, state: &mut TableState, out: &mut Out) {
    for (key, step) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1)] {
        if ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, key)) {
            state.selected.extend();
            out.push(Command::StepParcel(step));
        }
    }
}

/// Buttons of the header, rightmost first. True when the selected rows are to be copied.
fn controls_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    (columns, search): (&mut Columns, &mut String),
    parcels: &Parcels,
    out: &mut Out,
) -> bool {
    if ui.add(Button::icon_only(icons::CLOSE, &cx.t("table-close")).key(&cx.key(Action::ToggleTable))).clicked() {
        out.act(Action::ToggleTable);
    }
    let menu = ui.add(Button::icon_only(icons::SLIDERS, &cx.t("table-columns")));
    egui::Popup::menu(&menu).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(220.0);
        chooser_ui(ui, cx, columns, search, parcels);
    });
    ui.add(Button::icon_only(icons::COPY, &cx.t("table-copy")).key(&cx.key(Action::CopyPane))).clicked()
}

/// List of all columns with a filter.
fn chooser_ui(ui: &mut Ui, cx: &Cx<'_>, columns: &mut Columns, search: &mut String, parcels: &Parcels) {
    let all = Column::all(parcels);
    let field = ui.add(egui::TextEdit::singleline(search).hint_text(cx.t("table-columns-filter").as_ref()));
    let name = cx.t("table-columns-filter");
    ui.ctx().accesskit_node_builder(field.id, |node| node.set_label(name.as_ref()));
    let wanted = search.to_lowercase();
    let listed: Vec<(Column, String)> = all
        .into_iter()
        .map(|column| (column, title(cx, column, parcels)))
        .filter(|(_, title)| title.to_lowercase().contains(&wanted))
        .collect();
    ui.horizontal(|ui| {
        for (id, shown) in [("table-columns-all", true), ("table-columns-none", false)] {
            if ui.add(Button::new(&cx.t(id))).clicked() {
                for (column, _) in &listed {
                    columns.show(*column, parcels, shown);
                }
            }
        }
    });
    ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
        for (column, title) in &listed {
            let mut shown = columns.shows(*column, parcels);
            let name = cx.tw("table-column", &[("name", title.as_str().into())]);
            let response = ui.add_enabled(*column != Column::Id, egui::Checkbox::new(&mut shown, title.as_str()));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.as_str()));
            if response.changed() {
                columns.show(*column, parcels, shown);
            }
        }
    });
}

/// Name of a column on screen.
fn title(cx: &Cx<'_>, column: Column, parcels: &Parcels) -> String {
    match column {
        Column::Id => cx.t("table-id").to_string(),
        Column::Crop => cx.t("table-crop").to_string(),
        Column::Area => cx.t("table-area").to_string(),
        Column::Attribute(at) => parcels.columns()[at].name.clone(),
    }
}

/// What is drawn of the table in a frame.
struct Grid<'a> {
    parcels: &'a Parcels,
    columns: Vec<(Placed, String)>,
    /// Screen position of the left edge of the first column.
    left: f32,
}

impl Grid<'_> {
    /// Columns that meet a stretch of the screen.
    fn in_view(&self, view: Rect) -> impl Iterator<Item = &(Placed, String)> {
        let left = self.left;
        self.columns
            .iter()
            .filter(move |(placed, _)| left + placed.left < view.right() && left + placed.left + placed.width > view.left())
    }
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TableState, parcels: &Parcels, out: &mut Out) {
    let queue = cx.project.queue();
    let (names, list) = ui.available_rect_before_wrap().split_top_bottom_at_y(ui.available_rect_before_wrap().top() + ROW);
    let placed = state.columns.placed(parcels);
    let mut grid = Grid {
        parcels,
        columns: placed.into_iter().map(|placed| (placed, title(cx, placed.column, parcels))).collect(),
        left: list.left(),
    };
    state.names = grid.columns.iter().map(|(_, title)| title.clone()).collect();
    let width = grid.columns.last().map_or(0.0, |(placed, _)| placed.left + placed.width);
    let mut area = ScrollArea::both().id_salt("table").auto_shrink(false);
    let current = cx.project.selection().parcel.and_then(|parcel| Some((parcel, queue.position(parcel)?)));
    if current != state.shown {
        let offset = current.and_then(|(_, row)| scroll_to(row, ROW, state.viewport.0, list.height()));
        if let Some(offset) = offset {
            area = area.vertical_scroll_offset(offset);
        }
        state.shown = current;
    }
    let output = ui
        .scope_builder(egui::UiBuilder::new().max_rect(list), |ui| {
            area.show_viewport(ui, |ui, viewport| {
                ui.allocate_space(vec2(width, queue.rows().len() as f32 * ROW));
                grid.left = list.left() - viewport.min.x;
                rows_ui(ui, cx, state, &grid, (list.top(), viewport), out);
            })
        })
        .inner;
    state.viewport = (output.state.clamped_offset().y, output.inner_rect.height());
    let view = names.intersect(ui.clip_rect());
    names_ui(ui, cx, state, &grid, (names, view), out);
}

fn rows_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TableState, grid: &Grid<'_>, (top, viewport): (f32, Rect), out: &mut Out) {
    let queue = cx.project.queue();
    let view = ui.clip_rect();
    // Whole rows, so that the last one can be seen whole.
    let first = (viewport.min.y / ROW - 0.05).ceil().max(0.0) as usize;
    let count = (view.height() / ROW).ceil() as usize;
    let last = (first + count).min(queue.rows().len());
    for row in first.min(last)..last {
        let parcel = queue.rows()[row];
        let y = top + (row - first) as f32 * ROW;
        let place = Rect::from_min_max(pos2(view.left(), y), pos2(view.right(), y + ROW));
        let response = row_ui(ui, cx, state, grid, (row, parcel), place);
        if !response.clicked() {
            continue;
        }
        let modifiers = ui.input(|input| input.modifiers);
        if modifiers.command {
            state.selected.toggle(parcel);
            continue;
        }
        if modifiers.shift {
            state.selected.extend();
        } else {
            state.selected.clear();
        }
        out.push(Command::SelectParcel(parcel));
    }
}

fn row_ui(ui: &Ui, cx: &Cx<'_>, state: &TableState, grid: &Grid<'_>, (row, parcel): (usize, ParcelIx), place: Rect) -> Response {
    let tokens = cx.tokens;
    let response = ui.interact(place, ui.scope_id().with(("row", parcel)), Sense::click());
    let current = cx.project.selection().parcel == Some(parcel);
    let selected = state.selected.holds(cx.project.queue(), row, parcel);
    let fill = match (current || selected, response.hovered()) {
        (true, _) => tokens.sel,
        (false, true) => tokens.bg3,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(place, 0.0, fill);
    let mut values = Vec::new();
    let mut hovered_cell = None;
    let pointer = response.hover_pos();
    let veiled = cx.project.other_column().filter(|_| cx.project.review().hides(grid.parcels.id(parcel)));
    for (placed, name) in grid.in_view(place) {
        let value = if placed.column == Column::Area {
            cx.texts.number(grid.parcels.area_ha(parcel), 2)
        } else if veiled.is_some_and(|veiled| veiled == name) {
            cx.t("review-hidden-value").to_string()
        } else {
            placed.column.cell(grid.parcels, parcel)
        };
        let (galley, cell) = cell_of(ui, cx, grid, placed, &value, place);
        let elided = galley.elided;
        paint_cell(ui, grid, placed, galley, cell);
        if elided && pointer.is_some_and(|pointer| cell.contains(pointer)) {
            hovered_cell = Some(value.clone());
        }
        values.push(value);
    }
    ui.painter().hline(place.x_range(), place.bottom() - 0.5, Stroke::new(1.0, tokens.grid));
    if current {
        let bar = Rect::from_min_max(place.min, pos2(place.left() + 3.0, place.bottom()));
        ui.painter().rect_filled(bar, 0.0, tokens.ac);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(place, 0.0, Stroke::new(2.0, tokens.focus), egui::StrokeKind::Inside);
    }
    values.retain(|value| !value.is_empty());
    let name = cx.tw("table-row", &[("row", (row + 1).into()), ("values", values.join(", ").into())]);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, current || selected, &name));
    match hovered_cell {
        Some(value) => response.on_hover_text_at_pointer(value),
        None => response,
    }
}

/// Text of a cell, cut where the column ends, and the cell's place in a row.
fn cell_of(ui: &Ui, cx: &Cx<'_>, grid: &Grid<'_>, placed: &Placed, value: &str, row: Rect) -> (std::sync::Arc<Galley>, Rect) {
    let number = placed.column.is_number(grid.parcels);
    let style = if number { text::numeric() } else { egui::TextStyle::Body };
    let left = grid.left + placed.left;
    let cell = Rect::from_min_max(pos2(left, row.top()), pos2(left + placed.width, row.bottom()));
    let (value, ink) = if value.is_empty() { ("–", cx.tokens.tx3) } else { (value, cx.tokens.tx) };
    let mut job = LayoutJob::single_section(value.to_owned(), TextFormat::simple(style.resolve(ui.style()), ink));
    job.wrap = TextWrapping::truncate_at_width(placed.width - 2.0 * PAD);
    (ui.painter().layout_job(job), cell)
}

fn paint_cell(ui: &Ui, grid: &Grid<'_>, placed: &Placed, galley: std::sync::Arc<Galley>, cell: Rect) {
    let inner = cell.shrink2(vec2(PAD, 0.0));
    let align = if placed.column.is_number(grid.parcels) { Align2::RIGHT_CENTER } else { Align2::LEFT_CENTER };
    let corner = align.align_size_within_rect(galley.size(), inner).min;
    ui.painter().with_clip_rect(cell.intersect(ui.clip_rect())).galley(corner, galley, Color32::PLACEHOLDER);
}

/// The names above the columns: a click sorts, the right edge makes a column wider.
fn names_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TableState, grid: &Grid<'_>, (strip, view): (Rect, Rect), out: &mut Out) {
    ui.painter().rect_filled(view, 0.0, cx.tokens.bg2);
    for (placed, title) in grid.in_view(view) {
        let left = grid.left + placed.left;
        let place = Rect::from_min_max(pos2(left, strip.top()), pos2(left + placed.width, strip.bottom()));
        name_ui(ui, cx, (placed, title), place.intersect(view), grid.parcels, out);
        let edge = Rect::from_center_size(pos2(place.right(), place.center().y), vec2(HANDLE, ROW)).intersect(view);
        if edge.is_positive() {
            handle_ui(ui, cx, state, grid, (placed, title), edge);
        }
    }
    ui.painter().hline(view.x_range(), view.bottom(), Stroke::new(1.0, cx.tokens.bd));
}

fn name_ui(ui: &Ui, cx: &Cx<'_>, (placed, title): (&Placed, &String), place: Rect, parcels: &Parcels, out: &mut Out) {
    let queue = cx.project.queue();
    let key = placed.column.sort_key(parcels);
    let number = queue.sort.iter().position(|(own, _)| *own == key);
    let name = cx.tw("table-sort", &[("name", title.as_str().into())]);
    let response = ui.interact(place, ui.scope_id().with(("name", placed.column.key(parcels))), Sense::click());
    if response.hovered() {
        ui.painter().rect_filled(place, 0.0, cx.tokens.bg3);
    }
    let mark = number.map(|at| {
        let arrow = if queue.sort[at].1 { icons::ARROW_DOWN } else { icons::ARROW_UP };
        let rank = if queue.sort.len() > 1 { format!("{}", at + 1) } else { String::new() };
        let mut job = LayoutJob::default();
        job.append(arrow, 0.0, TextFormat::simple(text::icon().resolve(ui.style()), cx.tokens.ac));
        job.append(&rank, 0.0, TextFormat::simple(text::tick().resolve(ui.style()), cx.tokens.ac));
        ui.painter().layout_job(job)
    });
    let room = mark.as_ref().map_or(0.0, |mark| mark.size().x + 2.0);
    let inner = place.shrink2(vec2(PAD, 0.0));
    let mut job = LayoutJob::single_section(title.clone(), TextFormat::simple(text::header().resolve(ui.style()), cx.tokens.tx));
    job.wrap = TextWrapping::truncate_at_width((inner.width() - room).max(8.0));
    let galley = ui.painter().layout_job(job);
    let painter = ui.painter().with_clip_rect(place);
    let right = placed.column.is_number(parcels);
    let words = if right { Rect::from_min_max(inner.min, inner.max - vec2(room, 0.0)) } else { inner };
    let align = if right { Align2::RIGHT_CENTER } else { Align2::LEFT_CENTER };
    let corner = align.align_size_within_rect(galley.size(), words);
    painter.galley(corner.min, galley, Color32::PLACEHOLDER);
    if let Some(mark) = mark {
        painter.galley(pos2(corner.right() + 2.0, place.center().y - mark.size().y / 2.0), mark, Color32::PLACEHOLDER);
    }
    widgets::focus_ring(ui, cx.tokens, &response);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, number.is_some(), &name));
    let response = response.on_hover_text(format!("{title}\n{}", cx.t("queue-sort-hint")));
    if response.clicked() {
        let add = ui.input(|input| input.modifiers.shift);
        out.push(Command::SetSort(sorted_by(&queue.sort, &key, add)));
    }
}

fn handle_ui(ui: &Ui, cx: &Cx<'_>, state: &mut TableState, grid: &Grid<'_>, (placed, title): (&Placed, &String), edge: Rect) {
    let key = placed.column.key(grid.parcels);
    let response = ui.interact(edge, ui.scope_id().with(("width", key)), Sense::click_and_drag());
    let name = cx.tw("table-width", &[("name", title.as_str().into())]);
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, &name));
    let hot = response.hovered() || response.dragged();
    let colour = if hot { cx.tokens.ac } else { cx.tokens.bd };
    ui.painter().vline(edge.center().x, edge.y_range().shrink(4.0), Stroke::new(if hot { 2.0 } else { 1.0 }, colour));
    if hot {
        ui.ctx().set_cursor_icon(egui::CursorIcon::ResizeHorizontal);
    }
    if response.dragged() {
        state.columns.widen(placed, grid.parcels, response.drag_delta().x);
    }
    if response.double_clicked() {
        let content = content_width(ui, cx, state, grid, placed).max(text_width(ui, title, &text::header()) + 24.0);
        state.columns.fit(placed.column, grid.parcels, content + 2.0 * PAD + 1.0);
    }
}

/// Width of the widest value among the rows in view.
fn content_width(ui: &Ui, cx: &Cx<'_>, state: &TableState, grid: &Grid<'_>, placed: &Placed) -> f32 {
    let first = (state.viewport.0 / ROW) as usize;
    let rows = cx.project.queue().rows().iter().skip(first).take((state.viewport.1 / ROW) as usize + 1);
    let style = if placed.column.is_number(grid.parcels) { text::numeric() } else { egui::TextStyle::Body };
    rows.map(|&parcel| text_width(ui, &placed.column.cell(grid.parcels, parcel), &style)).fold(0.0, f32::max)
}

fn text_width(ui: &Ui, words: &str, style: &egui::TextStyle) -> f32 {
    ui.painter().layout_no_wrap(words.to_owned(), style.resolve(ui.style()), Color32::PLACEHOLDER).size().x
}
