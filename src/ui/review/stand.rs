//! What stands of the parcel: the verdict of another system, verdicts of people, final verdict, flag, pins, photos, history.

use egui::{RichText, Ui, vec2};

use super::{sign_of, signs, word_of};
use crate::model::review::{Act, Entry, Opinion, Pinned};
use crate::model::units::utc_day;
use crate::project::Command;
use crate::project::review::ReviewCommand;
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::icons;
use crate::ui::theme::text;
use crate::ui::verdict;
use crate::ui::widgets::{self, Button};

/// Draws it; nothing where nothing stands.
pub(super) fn stand_ui(ui: &mut Ui, cx: &Cx<'_>, id: &str, out: &mut Out) {
    let review = cx.project.review();
    let hidden = review.hides(id);
    if !hidden {
        other_ui(ui, cx);
    }
    let Some(own) = review.of(id) else { return };
    ui.add_space(2.0);
    if let Some((user, time, resolved)) = own.resolved.as_ref().filter(|_| !hidden) {
        line_ui(ui, cx, sign_of(cx.project, &resolved.verdict), |ui| {
            let said = cx.tw(
                "review-final-line",
                &[
                    ("verdict", word_of(cx.project, &resolved.verdict).into()),
                    ("user", user.as_str().into()),
                    ("time", stamp(*time).into()),
                ],
            );
            ui.add(egui::Label::new(widgets::strong(said)).wrap());
        });
    }
    for (user, opinion) in &own.opinions {
        let mine = user == review.user();
        if hidden && !mine {
            continue;
        }
        opinion_ui(ui, cx, user, opinion, mine, out);
    }
    if own.deferred {
        line_ui(ui, cx, signs::Sign::Deferred, |ui| drop(ui.label(&*cx.t("review-deferred"))));
    }
    if let Some((reason, user)) = &own.flag {
        line_ui(ui, cx, signs::Sign::Flag, |ui| {
            let said = cx.tw("review-flag-line", &[("reason", reason.as_str().into()), ("user", user.as_str().into())]);
            ui.add(egui::Label::new(said).wrap());
        });
    }
    evidence_ui(ui, cx, own, out);
    if !hidden {
        history_ui(ui, cx, &own.entries);
    }
}

/// The automatic verdict of another system, as the project maps a column of the layer; what is wrong with that.
fn other_ui(ui: &mut Ui, cx: &Cx<'_>) {
    let Some(said) = cx.project.selection().parcel.and_then(|parcel| cx.project.other_verdict(parcel)) else { return };
    match said {
        Err(fault) => drop(ui.add(egui::Label::new(RichText::new(fault).color(cx.tokens.red)).wrap())),
        Ok(said) => {
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), egui::Sense::hover());
                verdict::paint(ui.painter(), cx.tokens, rect.center(), 14.0, said.verdict);
                let word = if said.verdict.is_some() || said.value.is_empty() {
                    verdict::word(cx, said.verdict)
                } else {
                    cx.t("review-other-unmapped")
                };
                let value = if said.value.is_empty() { "–" } else { said.value.as_str() };
                let line = cx.tw(
                    "review-other-line",
                    &[("system", said.system.as_str().into()), ("verdict", word.into()), ("value", value.into())],
                );
                let hint = cx.tw("review-other-hint", &[("column", said.column.as_str().into())]);
                ui.add(egui::Label::new(line).wrap()).on_hover_text(hint);
            });
        }
    }
}

fn line_ui(ui: &mut Ui, cx: &Cx<'_>, sign: signs::Sign, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), egui::Sense::hover());
        signs::paint(ui.painter(), cx.tokens, rect.center(), 14.0, sign);
        content(ui);
    });
}

fn opinion_ui(ui: &mut Ui, cx: &Cx<'_>, user: &str, opinion: &Opinion, mine: bool, out: &mut Out) {
    let form = cx.project.review().form();
    let decided = &opinion.decided;
    let reasons: Vec<&str> =
        decided.reasons.iter().map(|code| form.reason(code).map_or(code.as_str(), |reason| reason.label.as_str())).collect();
    let mut said = word_of(cx.project, &decided.verdict).to_owned();
    if !reasons.is_empty() {
        said = format!("{said}: {}", reasons.join(", "));
    }
    line_ui(ui, cx, sign_of(cx.project, &decided.verdict), |ui| {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            ui.add(egui::Label::new(widgets::strong(said)).wrap());
            let seconds = cx.texts.number(decided.duration_ms as f64 / 1000.0, 0);
            let who =
                cx.tw("review-who", &[("user", user.into()), ("time", stamp(opinion.time).into()), ("seconds", seconds.into())]);
            ui.add(egui::Label::new(widgets::secondary(cx.tokens, who)).wrap());
            if !opinion.note.is_empty() && !mine {
                ui.add(egui::Label::new(&opinion.note).wrap());
            }
            if mine && ui.add(Button::new(&cx.t("review-clear")).key(&cx.key(Action::ClearVerdict))).clicked() {
                out.push(Command::Review(ReviewCommand::Clear));
            }
        });
    });
}

/// Pins and photos, each with a way to take it away.
fn evidence_ui(ui: &mut Ui, cx: &Cx<'_>, own: &crate::model::review::ParcelReview, out: &mut Out) {
    for (entry, pin) in &own.pins {
        let Pinned::Chip { acquired, sensor } = &pin.what;
        let said = format!("{} {sensor} {}", stamp(*acquired), pin.view);
        removable_ui(ui, cx, icons::PIN, &said, || ReviewCommand::Unpin(entry.clone()), out);
    }
    for (entry, photo) in &own.photos {
        let mut said = photo.taken.clone().unwrap_or_else(|| photo.file.clone());
        if photo.place.is_none() {
            said = format!("{said}, {}", cx.t("review-photo-no-place"));
        }
        removable_ui(ui, cx, icons::IMAGE, &said, || ReviewCommand::Detach(entry.clone()), out);
    }
}

fn removable_ui(ui: &mut Ui, cx: &Cx<'_>, icon: &str, said: &str, command: impl FnOnce() -> ReviewCommand, out: &mut Out) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(icon).text_style(text::icon()).color(cx.tokens.tx2));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let name = cx.tw("review-remove", &[("what", said.into())]);
            if ui.add(Button::icon_only(icons::CLOSE, &name)).clicked() {
                out.push(Command::Review(command()));
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.add(egui::Label::new(widgets::figure(said)).truncate());
            });
        });
    });
}

/// Everything that was entered about the parcel, the newest first.
fn history_ui(ui: &mut Ui, cx: &Cx<'_>, places: &[usize]) {
    let entries = cx.project.review().review().entries();
    let title = cx.tw("review-history", &[("n", places.len().into())]);
    egui::CollapsingHeader::new(RichText::new(title).color(cx.tokens.tx2)).id_salt("review-history").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for entry in places.iter().rev().filter_map(|&at| entries.get(at)) {
            let line = format!("{} {} {}", stamp(entry.time), entry.user, entry_text(cx, entry));
            ui.add(egui::Label::new(widgets::secondary(cx.tokens, line)).wrap());
        }
    });
}

/// An entry in words.
pub fn entry_text(cx: &Cx<'_>, entry: &Entry) -> String {
    let project = cx.project;
    match &entry.act {
        Act::Decide(decided) => word_of(project, &decided.verdict).to_owned(),
        Act::Clear => cx.t("review-act-clear").to_string(),
        Act::Defer => cx.t("review-act-defer").to_string(),
        Act::Flag { reason } => cx.tw("review-act-flag", &[("reason", reason.as_str().into())]),
        Act::Unflag => cx.t("review-act-unflag").to_string(),
        Act::Note { text } => cx.tw("review-act-note", &[("text", text.as_str().into())]),
        Act::Pin(_) => cx.t("review-act-pin").to_string(),
        Act::Unpin { .. } => cx.t("review-act-unpin").to_string(),
        Act::Attach(_) => cx.t("review-act-attach").to_string(),
        Act::Detach { .. } => cx.t("review-act-detach").to_string(),
        Act::Resolve(own) => cx.tw("review-act-resolve", &[("verdict", word_of(project, &own.verdict).into())]),
        Act::Undo { .. } => cx.t("review-act-undo").to_string(),
        Act::Redo { .. } => cx.t("review-act-redo").to_string(),
    }
}

/// `2026-11-22 10:02` in the time of this machine.
fn stamp(time: jiff::Timestamp) -> String {
    if cfg!(test) {
        return utc_day(time).to_string();
    }
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}
