//! Pane of the numbers: a slider and an exact field each, in sections by what they belong to, with the rules' texts.

use egui::{Align2, CursorIcon, Key, Modifiers, Rect, Response, Role, Sense, Stroke, TextEdit, Ui, WidgetInfo, pos2, vec2};

use crate::model::ruleset::{Form, Parameter};
use crate::project::Command;
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::icons;
use crate::ui::layout::PaneKind;
use crate::ui::theme::{size, text};
use crate::ui::widgets::{self, Button};

use super::model::{self, Section, humanised};
use super::{TuneState, on_release, states};

/// Height of a number with its slider.
const ROW: f32 = 52.0;

/// More numbers than this have a filter.
const MANY: usize = 12;

/// What a row shows.
struct Row {
    path: String,
    name: String,
    /// Its name with that of its owner, for screen readers.
    full: String,
    value: f64,
    baseline: Option<f64>,
    changed: bool,
    selected: bool,
    parameter: Parameter,
}

/// Draws the pane; returns the response of its header.
pub fn parameters_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, out: &mut Out) -> Response {
    let changes = state.model.as_ref().map_or(0, model::TuneModel::changes);
    let subtitle = if changes > 0 { cx.tw("tune-changes", &[("n", changes.into())]) } else { String::new() };
    let mut reset = false;
    let response = widgets::pane_ui(
        ui,
        cx,
        &cx.t("pane-parameters"),
        &subtitle,
        |ui| {
            reset = ui.add_enabled(changes > 0, Button::new(&cx.t("tune-reset-all"))).clicked();
        },
        |ui| {
            if state.model.is_none() {
                states::no_ruleset_ui(ui, cx, out);
                return;
            }
            body_ui(ui, cx, state, out);
        },
    );
    if reset {
        state.settle(cx, out);
        out.act(Action::ResetRuleset);
    }
    response
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, out: &mut Out) {
    let Some(model) = &state.model else { return };
    let sections = model.sections.clone();
    if model.parameters.len() > MANY {
        egui::Frame::NONE.inner_margin(egui::Margin { left: 8, right: 8, top: 6, bottom: 2 }).show(ui, |ui| {
            let name = cx.t("tune-filter");
            let field = ui.add(
                TextEdit::singleline(&mut state.filter)
                    .id(egui::Id::unique("tune-filter"))
                    .hint_text(&*name)
                    .margin(egui::Margin::symmetric(6, 4))
                    .desired_width(f32::INFINITY),
            );
            ui.ctx().accesskit_node_builder(field.id, |node| node.set_label(name.as_ref()));
        });
    }
    egui::ScrollArea::vertical().id_salt("tune-parameters").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let wanted = state.filter.trim().to_lowercase();
        for section in &sections {
            let rows = rows_of(cx, state, section, &wanted);
            let is_rules = section.kind == "rules";
            if rows.is_empty() && !(is_rules && wanted.is_empty()) {
                continue;
            }
            section_ui(ui, cx, state, section, &rows, out);
        }
        footer_ui(ui, cx, state, out);
    });
}

/// The rows of a section that a filter leaves.
fn rows_of(cx: &Cx<'_>, state: &TuneState, section: &Section, wanted: &str) -> Vec<Row> {
    let Some(model) = &state.model else { return Vec::new() };
    let siblings: Vec<&Parameter> = section.rows.iter().map(|row| &model.parameters[*row]).collect();
    let owner = owner_of(cx, section);
    siblings
        .iter()
        .map(|&parameter| {
            let name = model::name_of(cx.texts, parameter, &siblings);
            Row {
                path: parameter.path.clone(),
                full: format!("{name}, {owner}"),
                name,
                value: state.value_of(parameter),
                baseline: model.baseline.get(&parameter.path).copied(),
                changed: model.changed(parameter)
                    || state.change.held(&parameter.path).is_some_and(|value| value != parameter.value),
                selected: state.selected.as_ref() == Some(&parameter.path),
                parameter: parameter.clone(),
            }
        })
        .filter(|row| wanted.is_empty() || row.full.to_lowercase().contains(wanted) || row.path.to_lowercase().contains(wanted))
        .collect()
}

/// Name of a section's owner on screen.
fn owner_of(cx: &Cx<'_>, section: &Section) -> String {
    if section.owner.is_empty() { cx.t("tune-base").to_string() } else { humanised(&section.owner) }
}

/// Message id of the kind of a section.
fn kind_id(kind: &str) -> &'static str {
    match kind {
        "rules" => "tune-kind-rules",
        "features" => "tune-kind-features",
        "markers" => "tune-kind-markers",
        "composites" => "tune-kind-composites",
        "practices" => "tune-kind-practices",
        _ => "tune-kind-signals",
    }
}

fn section_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, section: &Section, rows: &[Row], out: &mut Out) {
    let id = egui::Id::unique(("tune-section", section.key.as_str()));
    // Numbers of signals are rarely tuned: their sections open on demand.
    let by_default = section.kind != "signals" || !state.filter.is_empty();
    let open = ui.data(|data| data.get_temp::<bool>(id)).unwrap_or(by_default)
        || rows.iter().any(|row| row.selected && state.list.scroll_to_parameter);
    let owner = owner_of(cx, section);
    let kind = cx.t(kind_id(&section.kind));
    let name = cx.tw("tune-section", &[("owner", owner.as_str().into()), ("kind", kind.as_ref().into())]);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::LIST_ROW), Sense::click());
    let tokens = cx.tokens;
    ui.painter().rect_filled(rect, 0.0, if response.hovered() { tokens.bg3 } else { tokens.bg2 });
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, tokens.grid));
    let caret = if open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
    let font = text::icon().resolve(ui.style());
    ui.painter().text(pos2(rect.left() + 16.0, rect.center().y), Align2::CENTER_CENTER, caret, font, tokens.tx2);
    let header = text::header().resolve(ui.style());
    let title = ui.painter().text(pos2(rect.left() + 28.0, rect.center().y), Align2::LEFT_CENTER, &owner, header, tokens.tx);
    let small = egui::TextStyle::Small.resolve(ui.style());
    ui.painter().text(pos2(title.right() + 8.0, rect.center().y), Align2::LEFT_CENTER, &*kind, small, tokens.tx2);
    widgets::focus_ring(ui, tokens, &response);
    response.widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, true, open, &name));
    if response.clicked() {
        ui.data_mut(|data| data.insert_temp(id, !open));
    }
    if !open {
        return;
    }
    if section.kind == "rules" {
        super::rules::group_ui(ui, cx, state, &section.owner, out);
    }
    for row in rows {
        row_ui(ui, cx, state, row, out);
    }
}

fn row_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, row: &Row, out: &mut Out) {
    let tokens = cx.tokens;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    if row.selected && std::mem::take(&mut state.list.scroll_to_parameter) {
        ui.scroll_to_rect(rect, None);
    }
    if !ui.is_rect_visible(rect) {
        return;
    }
    if row.selected {
        ui.painter().rect_filled(rect, 0.0, tokens.sel);
        let bar = Rect::from_min_max(rect.min, pos2(rect.left() + 3.0, rect.bottom()));
        ui.painter().rect_filled(bar, 0.0, tokens.ac);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, tokens.grid));
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListItem, true, row.selected, cx.tw("tune-row", &[("name", row.full.as_str().into())]))
    });
    if response.clicked() {
        state.select(cx.project, &row.path);
    }
    let line = Rect::from_min_max(rect.min + vec2(10.0, 4.0), pos2(rect.right() - 6.0, rect.top() + 30.0));
    let right = controls_ui(ui, cx, state, row, line, out);
    let font = if row.changed { text::header() } else { egui::TextStyle::Body };
    let mut name = row.name.clone();
    if row.changed {
        name.push_str(" ●");
    }
    let mut job = egui::text::LayoutJob::single_section(name, egui::TextFormat::simple(font.resolve(ui.style()), tokens.tx));
    let waits = on_release(&row.parameter);
    let hint = if waits {
        ui.painter().layout_no_wrap(cx.t("tune-on-release").to_string(), egui::TextStyle::Small.resolve(ui.style()), tokens.tx2)
    } else {
        ui.painter().layout_no_wrap(String::new(), egui::TextStyle::Small.resolve(ui.style()), tokens.tx2)
    };
    job.wrap = egui::text::TextWrapping::truncate_at_width(right - line.left() - 8.0);
    let galley = ui.painter().layout_job(job);
    let after = line.left() + galley.size().x;
    ui.painter().galley(pos2(line.left(), line.center().y - galley.size().y / 2.0), galley, tokens.tx);
    if waits && after + 10.0 + hint.size().x < right - 6.0 {
        ui.painter().galley(pos2(right - 6.0 - hint.size().x, line.center().y - hint.size().y / 2.0), hint, tokens.tx2);
    }
    let track = Rect::from_min_max(pos2(rect.left() + 14.0, rect.top() + 29.0), pos2(rect.right() - 14.0, rect.bottom() - 3.0));
    slider_ui(ui, cx, state, row, track, out);
    if waits {
        response.on_hover_text(release_hint(cx));
    }
}

/// What a number costs that features depend on.
fn release_hint(cx: &Cx<'_>) -> String {
    let parcels = cx.project.data().map_or(0, |data| data.parcels.len());
    match cx.project.tuning().predicted_secs(parcels) {
        Some(secs) => {
            let secs = cx.texts.number(secs.max(0.1), u8::from(secs < 9.5));
            cx.tw("tune-release-hint-secs", &[("secs", secs.into()), ("n", parcels.into())])
        }
        None => cx.t("tune-release-hint").to_string(),
    }
}

/// Field, unit and reset at the right of a row; gives where they begin.
fn controls_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, row: &Row, line: Rect, out: &mut Out) -> f32 {
    let tokens = cx.tokens;
    let reset = Rect::from_center_size(pos2(line.right() - 12.0, line.center().y), vec2(24.0, 24.0));
    let name = cx.tw("tune-reset", &[("name", row.full.as_str().into())]);
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(reset).id_salt(("reset", &row.path)));
    let known = row.baseline.is_some();
    if child.add_enabled(row.changed && known, Button::icon_only(icons::RESET, &name)).clicked() {
        state.settle(cx, out);
        if let Some(value) = row.baseline {
            let label = TuneState::label(cx, &row.parameter, (row.value, value));
            out.push(Command::ResetParameter(row.path.clone(), label));
        }
    }
    let date = matches!(row.parameter.form, Form::Date | Form::DayOfYear);
    let unit = if date { "" } else { row.parameter.unit };
    let unit = ui.painter().layout_no_wrap(unit.to_owned(), egui::TextStyle::Small.resolve(ui.style()), tokens.tx2);
    let unit_left = reset.left() - 2.0 - unit.size().x;
    ui.painter().galley(pos2(unit_left, line.center().y - unit.size().y / 2.0), unit, tokens.tx2);
    let width = if row.parameter.form == Form::Date { 88.0 } else { 58.0 };
    let field =
        Rect::from_min_max(pos2(unit_left - 4.0 - width, line.center().y - 11.0), pos2(unit_left - 4.0, line.center().y + 11.0));
    field_ui(ui, cx, state, row, field, out);
    field.left()
}

/// The exact number.
fn field_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, row: &Row, place: Rect, out: &mut Out) {
    let id = egui::Id::unique(("tune-field", row.path.as_str()));
    let editing = state.edited.as_ref().filter(|(path, _)| *path == row.path).map(|(_, text)| text.clone());
    let shown = model::written(row.parameter.form, row.parameter.step, row.value);
    let mut typed = editing.clone().unwrap_or_else(|| shown.clone());
    let wrong = model::read(row.parameter.form, &typed).is_none();
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(place).id_salt(("field", &row.path)));
    let border = if wrong { cx.tokens.red } else { cx.tokens.bds };
    child.visuals_mut().widgets.inactive.bg_stroke.color = border;
    child.visuals_mut().widgets.hovered.bg_stroke.color = border;
    let edit = TextEdit::singleline(&mut typed)
        .id(id)
        .font(text::numeric())
        .align(egui::Align2::RIGHT_CENTER)
        .margin(egui::Margin::symmetric(6, 2));
    let response = child.put(place, edit);
    child.ctx().accesskit_node_builder(response.id, |node| node.set_label(row.full.as_str()));
    if response.gained_focus() {
        state.select(cx.project, &row.path);
        state.wants_focus = Some(PaneKind::Parameters);
    }
    if response.has_focus() {
        let step = field_steps(ui);
        if let Some(steps) = step {
            state.edited = None;
            state.step(cx, &row.path, steps, out);
            return;
        }
    }
    if response.changed() {
        state.edited = Some((row.path.clone(), typed.clone()));
    }
    if response.lost_focus() && editing.is_some() {
        let left = ui.input(|input| input.key_pressed(Key::Escape));
        state.edited = None;
        match model::read(row.parameter.form, &typed) {
            Some(value) if !left => {
                state.set(cx, &row.path, value, false, out);
                state.settle(cx, out);
            }
            _ => {}
        }
    } else if response.lost_focus() {
        state.settle(cx, out);
    }
}

/// Up and down in a field.
fn field_steps(ui: &Ui) -> Option<(f64, bool)> {
    ui.input_mut(|input| {
        for (key, by) in [(Key::ArrowUp, 1.0), (Key::ArrowDown, -1.0)] {
            for (modifiers, fine) in [(Modifiers::SHIFT, true), (Modifiers::NONE, false)] {
                if input.consume_key(modifiers, key) {
                    return Some((by, fine));
                }
            }
        }
        None
    })
}

fn slider_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, row: &Row, place: Rect, out: &mut Out) {
    let tokens = cx.tokens;
    let (low, high) = row.parameter.range;
    let share = |value: f64| (((value - low) / (high - low).max(1e-12)).clamp(0.0, 1.0)) as f32;
    let x_of = |value: f64| place.left() + share(value) * place.width();
    let id = egui::Id::unique(("tune-slider", row.path.as_str()));
    let response =
        ui.interact(place.expand2(vec2(6.0, 0.0)), id, Sense::click_and_drag()).on_hover_cursor(CursorIcon::PointingHand);
    let y = place.center().y;
    let painter = ui.painter();
    painter.hline(place.x_range(), y, Stroke::new(2.0, tokens.bds));
    painter.hline(place.left()..=x_of(row.value), y, Stroke::new(2.0, tokens.ac));
    if let Some(value) = row.baseline {
        painter.vline(x_of(value), y - 6.0..=y + 6.0, Stroke::new(1.5, tokens.tx));
    }
    let ring = if response.has_focus() { Stroke::new(3.0, tokens.focus) } else { Stroke::new(1.5, tokens.ac) };
    let fill = if response.dragged() || response.hovered() { tokens.sel } else { tokens.bg1 };
    painter.circle(pos2(x_of(row.value), y), 6.0, fill, ring);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Slider, true, cx.tw("tune-slider", &[("name", row.full.as_str().into())]));
        info.value = Some(row.value);
        info
    });
    if response.gained_focus() || response.drag_started() || response.clicked() {
        state.select(cx.project, &row.path);
        state.wants_focus = Some(PaneKind::Parameters);
    }
    if (response.dragged() || response.clicked())
        && let Some(pointer) = response.interact_pointer_pos()
    {
        let fine = ui.input(|input| input.modifiers.shift);
        let wanted = low + f64::from((pointer.x - place.left()) / place.width()) * (high - low);
        state.set(cx, &row.path, model::snapped(&row.parameter, wanted, fine), false, out);
    }
    if response.drag_stopped() || response.clicked() {
        state.settle(cx, out);
    }
}

/// What the marks mean, and commands for the whole ruleset.
fn footer_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, out: &mut Out) {
    widgets::padded_ui(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        let hint = format!("{} {}", cx.t("tune-tick-hint"), release_hint(cx));
        ui.add(egui::Label::new(egui::RichText::new(hint).text_style(egui::TextStyle::Small).color(cx.tokens.tx2)).wrap());
        ui.horizontal_wrapped(|ui| {
            if ui.add(Button::new(&cx.t("action-save-ruleset")).primary()).clicked() {
                state.settle(cx, out);
                out.act(Action::SaveRuleset);
            }
            if ui.add(Button::new(&cx.t("action-compare-text"))).clicked() {
                out.act(Action::CompareText);
            }
            if ui.add(Button::new(&cx.t("action-override-crops"))).clicked() {
                out.act(Action::OverrideCrops);
            }
        });
    });
}
