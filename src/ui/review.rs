//! The decision pane: verdicts, reasons, note, flag, pins, and what stands of the parcel.

pub mod counts;
pub mod end;
pub mod keys;
pub mod signs;
mod stand;

use egui::{Key, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, pos2, vec2};

use crate::model::review::{Look, Reason, VerdictWord};
use crate::project::review::{JournalState, Refusal, ReviewCommand};
use crate::project::{Command, Project};

use super::actions::Action;
use super::cx::{Cx, Out};
use super::theme::{size, text};
use super::widgets::{self, Button};

/// What the next digit means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Armed {
    /// A verdict.
    #[default]
    Nothing,
    /// A reason for this verdict: the list is open.
    Reason(String),
    /// Two-key mode: this verdict, with these reasons, waits for Enter.
    Verdict(String, Vec<String>),
    /// A reason for a flag.
    Flag,
    /// The final verdict.
    Final,
    /// A reason for this final verdict.
    FinalReason(String),
}

/// State of the decision pane.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReviewState {
    /// What the next digit means.
    pub armed: Armed,
    /// Set to move the keyboard focus into the note in the next frame.
    pub focus_note: bool,
    /// Note as it stands in the field, and the parcel that it belongs to.
    note: (String, String),
    /// Note that is on its way.
    sent: String,
    /// A digit arms, Enter commits.
    pub two_key: bool,
    /// Why the last act was refused, in words.
    pub refused: Option<String>,
    /// Parcel that was current in the last frame: what was armed for another one is off.
    parcel: String,
}

impl ReviewState {
    /// What was armed for another parcel is off.
    pub fn follow(&mut self, parcel: &str) {
        if self.parcel != parcel {
            self.armed = Armed::Nothing;
            self.refused = None;
            parcel.clone_into(&mut self.parcel);
        }
    }
}

/// Draws the pane; returns the response of its header.
pub fn decide_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReviewState, out: &mut Out) -> Response {
    let review = cx.project.review();
    let id = current_id(cx.project).unwrap_or_default();
    state.follow(&id);
    let subtitle = if review.blind() { cx.t("review-blind-on").to_string() } else { review.user().to_owned() };
    let mut leave = false;
    let response = widgets::pane_ui(
        ui,
        cx,
        &cx.t("review-title"),
        &subtitle,
        |ui| leave = review.blind() && ui.add(Button::new(&cx.t("review-blind-leave")).on(true)).clicked(),
        |ui| body_ui(ui, cx, state, &id, out),
    );
    if leave {
        out.push(Command::Review(ReviewCommand::SetBlind(false)));
    }
    response
}

/// Id of the current parcel.
pub fn current_id(project: &Project) -> Option<String> {
    Some(project.data()?.parcels.id(project.selection().parcel?).to_owned())
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReviewState, id: &str, out: &mut Out) {
    let review = cx.project.review();
    match review.state() {
        JournalState::Closed | JournalState::Opening => return widgets::pending_ui(ui, cx.tokens, &cx.t("review-opening")),
        JournalState::Failed(error) => return failed_ui(ui, cx, &error.to_string(), out),
        JournalState::ReadOnly(why) => {
            if widgets::banner_ui(ui, cx.tokens, &cx.tw("review-read-only", &[("why", why.as_str().into())]), &cx.t("retry")) {
                out.push(Command::Review(ReviewCommand::Reopen));
            }
        }
        JournalState::Open => {}
    }
    if id.is_empty() {
        widgets::empty_ui(ui, cx.tokens, &cx.t("graph-no-parcel"), &cx.t("graph-no-parcel-hint"), None);
        return;
    }
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        widgets::padded_ui(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
            verdicts_ui(ui, cx, state, id, out);
            if let Some(refused) = &state.refused {
                ui.add(egui::Label::new(RichText::new(refused).color(cx.tokens.red)).wrap());
            }
            reasons_ui(ui, cx, state, out);
            note_ui(ui, cx, state, id, out);
            buttons_ui(ui, cx, state, id, out);
            stand::stand_ui(ui, cx, id, out);
        });
    });
}

/// The journal cannot be used: what happened, again, another place.
fn failed_ui(ui: &mut Ui, cx: &Cx<'_>, fact: &str, out: &mut Out) {
    let frame = egui::Frame::NONE.fill(cx.tokens.warnbg).inner_margin(10.0);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(widgets::strong(cx.t("review-no-journal").to_string()).color(cx.tokens.red));
        ui.add(egui::Label::new(fact).wrap().selectable(true));
        ui.horizontal_wrapped(|ui| {
            if ui.add(Button::new(&cx.t("retry"))).clicked() {
                out.push(Command::Review(ReviewCommand::Reopen));
            }
            if ui.add(Button::new(&cx.t("action-move-journal"))).clicked() {
                out.act(Action::MoveJournal);
            }
        });
    });
}

/// Verdicts in two columns, each with its key.
fn verdicts_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReviewState, id: &str, out: &mut Out) {
    let review = cx.project.review();
    let own = review.of(id).and_then(|own| own.opinions.get(review.user()));
    let width = (ui.available_width() - 6.0) / 2.0;
    let words = &review.form().verdicts;
    for (row, pair) in words.chunks(2).enumerate() {
        ui.horizontal(|ui| {
            for (column, word) in pair.iter().enumerate() {
                let number = row * 2 + column;
                let given = own.is_some_and(|own| own.decided.verdict == word.code);
                let armed = match &state.armed {
                    Armed::Reason(code) | Armed::Verdict(code, _) | Armed::FinalReason(code) => *code == word.code,
                    _ => false,
                };
                let key = Action::VERDICTS.get(number).map(|action| cx.key(*action)).unwrap_or_default();
                if verdict_button(ui, cx, word, &key, width, given || armed).clicked() {
                    keys::verdict(cx.project, state, word, out);
                }
            }
        });
    }
}

/// A button with the symbol of a verdict, its word and its key.
fn verdict_button(ui: &mut Ui, cx: &Cx<'_>, word: &VerdictWord, key: &str, width: f32, on: bool) -> Response {
    let tokens = cx.tokens;
    let (rect, response) = ui.allocate_exact_size(vec2(width, size::BUTTON_LARGE), Sense::click());
    let (fill, border) = match (on, response.hovered()) {
        (true, _) => (tokens.sel, tokens.ac),
        (false, true) => (tokens.bg3, tokens.bds),
        (false, false) => (tokens.bg2, tokens.bds),
    };
    ui.painter().rect(rect, f32::from(size::RADIUS), fill, Stroke::new(1.0, border), StrokeKind::Inside);
    signs::paint(ui.painter(), tokens, pos2(rect.left() + 15.0, rect.center().y), 15.0, signs::Sign::Look(word.look));
    let font = text::header().resolve(ui.style());
    let mut job = egui::text::LayoutJob::single_section(word.label.clone(), egui::TextFormat::simple(font, tokens.tx));
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - 54.0);
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(pos2(rect.left() + 27.0, rect.center().y - galley.size().y / 2.0), galley, tokens.tx);
    if !key.is_empty() {
        let galley = ui.painter().layout_no_wrap(key.to_owned(), text::tick().resolve(ui.style()), tokens.tx2);
        let cap =
            Rect::from_center_size(pos2(rect.right() - 15.0, rect.center().y), vec2((galley.size().x + 8.0).max(16.0), 17.0));
        widgets::paint_key_cap(ui, tokens, cap, galley);
    }
    widgets::focus_ring(ui, tokens, &response);
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), on, &word.label));
    response
}

/// The list of reasons; what it says above depends on whether it takes digits.
fn reasons_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReviewState, out: &mut Out) {
    let form = cx.project.review().form();
    let (title, open) = match &state.armed {
        Armed::Nothing => (cx.t("review-reason-later").to_string(), false),
        Armed::Reason(code) | Armed::FinalReason(code) => {
            let word = form.verdict(code).map_or(code.as_str(), |word| word.label.as_str());
            (cx.tw("review-reason-now", &[("verdict", word.into())]), true)
        }
        Armed::Verdict(code, reasons) => {
            let word = form.verdict(code).map_or(code.as_str(), |word| word.label.as_str());
            let words: Vec<&str> =
                reasons.iter().filter_map(|code| form.reason(code)).map(|reason| reason.label.as_str()).collect();
            let said = if words.is_empty() { word.to_owned() } else { format!("{word}: {}", words.join(", ")) };
            (cx.tw("review-enter", &[("verdict", said.into())]), false)
        }
        Armed::Flag => (cx.t("review-flag-now").to_string(), true),
        Armed::Final => (cx.t("review-final-now").to_string(), true),
    };
    let tokens = cx.tokens;
    let border = if open { tokens.ac } else { tokens.bd };
    egui::Frame::NONE.stroke(Stroke::new(1.0, border)).corner_radius(f32::from(size::RADIUS)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        let ink = if open { tokens.tx } else { tokens.tx2 };
        egui::Frame::NONE.inner_margin(egui::Margin::symmetric(8, 4)).show(ui, |ui| {
            let words = RichText::new(&title).color(ink);
            ui.add(egui::Label::new(if open { words.text_style(text::header()) } else { words }).truncate());
        });
        let code = match &state.armed {
            Armed::Reason(code) | Armed::FinalReason(code) => Some(code.clone()),
            Armed::Flag | Armed::Final | Armed::Verdict(..) => None,
            Armed::Nothing => Some(String::new()),
        };
        if state.armed == Armed::Flag {
            for (number, label) in form.flags.iter().enumerate() {
                if reason_row(ui, cx, number, label, true).clicked() {
                    keys::flag(state, label, out);
                }
            }
        } else if let Some(code) = code {
            let shown: Vec<&Reason> =
                if code.is_empty() { form.reasons.iter().collect() } else { form.reasons_of(&code).collect() };
            let room = if open { 9 } else { 4 };
            for (number, reason) in shown.into_iter().enumerate().take(room) {
                if reason_row(ui, cx, number, &reason.label, open).clicked() && open {
                    keys::reason(state, reason, out);
                }
            }
        }
    });
}

fn reason_row(ui: &mut Ui, cx: &Cx<'_>, number: usize, label: &str, open: bool) -> Response {
    let tokens = cx.tokens;
    let sense = if open { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::BUTTON), sense);
    if open && response.hovered() {
        ui.painter().rect_filled(rect, 0.0, tokens.bg3);
    }
    if number < 9 {
        let galley = ui.painter().layout_no_wrap((number + 1).to_string(), text::tick().resolve(ui.style()), tokens.tx2);
        widgets::paint_key_cap(
            ui,
            tokens,
            Rect::from_center_size(pos2(rect.left() + 16.0, rect.center().y), vec2(16.0, 17.0)),
            galley,
        );
    }
    let ink = if open { tokens.tx } else { tokens.tx2 };
    let font = egui::TextStyle::Body.resolve(ui.style());
    let mut job = egui::text::LayoutJob::single_section(label.to_owned(), egui::TextFormat::simple(font, ink));
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - 40.0);
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(pos2(rect.left() + 32.0, rect.center().y - galley.size().y / 2.0), galley, ink);
    widgets::focus_ring(ui, tokens, &response);
    let role = if open { Role::Button } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, true, label));
    response.on_hover_text(label)
}

/// The own note; kept when the field is left or Enter is pressed.
fn note_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReviewState, id: &str, out: &mut Out) {
    let review = cx.project.review();
    let kept = review.of(id).and_then(|own| own.notes.get(review.user())).map_or("", String::as_str);
    let field = egui::Id::unique("review-note");
    let focused = ui.memory(|memory| memory.has_focus(field));
    if state.note.0 != id || (!focused && state.note.1 != kept && !review.writing()) {
        state.note = (id.to_owned(), kept.to_owned());
    }
    let rows = if focused || state.note.1.contains('\n') { 3 } else { 1 };
    let edit = TextEdit::multiline(&mut state.note.1)
        .id(field)
        .desired_rows(rows)
        .return_key(egui::KeyboardShortcut::new(egui::Modifiers::SHIFT, Key::Enter))
        .margin(egui::Margin { left: 8, right: 28, top: 5, bottom: 4 })
        .desired_width(f32::INFINITY)
        .hint_text(cx.t("review-note").as_ref());
    let response = ui
        .scope(|ui| {
            ui.visuals_mut().widgets.inactive.bg_stroke.color = cx.tokens.bds;
            ui.add(edit)
        })
        .inner;
    let name = cx.t("review-note");
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.as_ref()));
    if !focused {
        let galley = ui.painter().layout_no_wrap(cx.key(Action::Note), text::tick().resolve(ui.style()), cx.tokens.tx2);
        let cap = Rect::from_center_size(pos2(response.rect.right() - 15.0, response.rect.center().y), vec2(16.0, 17.0));
        widgets::paint_key_cap(ui, cx.tokens, cap, galley);
    }
    if std::mem::take(&mut state.focus_note) {
        response.request_focus();
    }
    let enter = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter) && !input.modifiers.shift);
    let escape = response.has_focus() && ui.input(|input| input.key_pressed(Key::Escape));
    if escape {
        kept.clone_into(&mut state.note.1);
    }
    if enter || escape {
        response.surrender_focus();
    }
    let text = state.note.1.trim();
    // A frame may be drawn twice: the same text is sent once.
    if (enter || response.lost_focus()) && !escape && text != kept && state.sent != text {
        text.clone_into(&mut state.sent);
        out.push(Command::Review(ReviewCommand::Note(text.to_owned())));
    }
    if text == kept {
        state.sent.clear();
    }
}

fn buttons_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReviewState, id: &str, out: &mut Out) {
    let review = cx.project.review();
    let flagged = review.of(id).is_some_and(|own| own.flag.is_some());
    let pinned = cx.project.selection().acquisition.is_some_and(|acquisition| cx.project.pinned(acquisition));
    let last = review.last().and_then(|(code, _)| review.form().verdict(code)).map(|word| word.label.clone());
    let last = last.unwrap_or_else(|| cx.t("review-no-last").to_string());
    let button = |ui: &mut Ui, name: &str, action: Action, on: Option<bool>, tip: &str| {
        let (name, key) = (cx.t(name), cx.key(action));
        let button = Button::new(&name).key(&key).tip(tip);
        ui.add(if let Some(on) = on { button.on(on) } else { button }).clicked()
    };
    ui.horizontal_wrapped(|ui| {
        if button(ui, "review-defer", Action::Defer, None, &cx.t("action-defer")) {
            out.push(Command::Review(ReviewCommand::Defer));
        }
        if button(ui, "review-flag", Action::Flag, Some(flagged), &cx.t("action-flag")) {
            keys::toggle_flag(cx.project, state, out);
        }
        if button(ui, "review-pin", Action::Pin, Some(pinned), &cx.t("action-pin")) {
            out.push(Command::Review(ReviewCommand::TogglePin));
        }
        ui.add_enabled_ui(review.last().is_some(), |ui| {
            if button(ui, "review-repeat", Action::Repeat, None, &last) {
                out.push(Command::Review(ReviewCommand::Repeat));
            }
        });
    });
}

/// A refusal in words.
pub fn refusal_text(cx: &Cx<'_>, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Journal(error) => cx.tw("review-not-stored", &[("why", error.to_string().into())]),
        Refusal::NoData => {
            let form = cx.project.review().form();
            let reason = form.reasons.iter().find(|reason| reason.no_data).map_or("", |reason| reason.label.as_str());
            cx.tw("review-no-data", &[("reason", reason.into())])
        }
        Refusal::NeedsReason => cx.t("review-needs-reason").to_string(),
        Refusal::Nothing => cx.t("review-nothing").to_string(),
        Refusal::NothingToRepeat => cx.t("review-no-last").to_string(),
        Refusal::Closed(why) => cx.tw("review-closed", &[("why", why.as_str().into())]),
        Refusal::Photo(why) => why.clone(),
        Refusal::Queue(why) => cx.tw("review-no-queue", &[("why", why.as_str().into())]),
    }
}

/// Symbol and colour of a verdict of the form by its code.
pub fn sign_of(project: &Project, code: &str) -> signs::Sign {
    signs::Sign::Look(project.review().form().verdict(code).map_or(Look::Inconclusive, |word| word.look))
}

/// Words of a verdict of the form by its code; the code itself when the form does not know it.
pub fn word_of<'p>(project: &'p Project, code: &'p str) -> &'p str {
    project.review().form().verdict(code).map_or(code, |word| word.label.as_str())
}
