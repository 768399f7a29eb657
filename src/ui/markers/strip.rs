//! The verdict in the header strip: symbol, word, and the one sentence why.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Response, RichText, Role, Ui, WidgetInfo};

use crate::engine::rules::Grounds;
use crate::ui::cx::{Cx, Out};
use crate::ui::icons;
use crate::ui::theme::text;
use crate::ui::verdict;
use crate::ui::widgets::{self, Button};

use super::words::{self, Why};
use super::{Judged, fault_buttons_ui, ruleset_text};
use crate::project::Command;

/// The automatic verdict: symbol and word, in a place of its own. Dimmed while a newer one is on its way.
pub fn verdict_ui(ui: &mut Ui, cx: &Cx<'_>, judged: &Judged) -> Response {
    let tokens = cx.tokens;
    let verdict = judged.verdict();
    let why = judged.known.as_ref().and_then(|(marked, _)| marked.explanation.as_ref());
    let mut word = verdict::word(cx, verdict).to_string();
    if why.is_some_and(|why| matches!(why.grounds, Grounds::TooFewData { .. })) {
        word = format!("{word}, {}", cx.t("markers-too-few"));
    }
    let sentence = why.map_or_else(|| without_verdict(cx, judged).to_string(), |why| words::why(cx, why).plain());
    let dim = |ink: Color32| if judged.stale { ink.gamma_multiply(0.6) } else { ink };
    let ink = dim(verdict::colour(tokens, verdict));
    let paint = |painter: &egui::Painter, at| verdict::paint_in(painter, at, 16.0, verdict, ink);
    let response = widgets::titled_sign_ui(ui, tokens, &cx.t("markers-auto"), &word, ink, paint);
    let name = cx.tw("markers-verdict", &[("verdict", word.into()), ("why", sentence.clone().into())]);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    let ruleset = cx.tw("markers-ruleset", &[("ruleset", ruleset_text(&judged.ruleset).into())]);
    response.on_hover_ui(|ui| {
        ui.label(widgets::strong(sentence));
        ui.label(widgets::secondary(tokens, ruleset));
    })
}

/// Why there is no verdict.
fn without_verdict(cx: &Cx<'_>, judged: &Judged) -> Arc<str> {
    match &judged.known {
        Some(_) => cx.t("markers-why-detects"),
        None => cx.t("markers-why-pending"),
    }
}

/// The second line of the strip: the sentence, or what stands in its way.
pub fn why_ui(ui: &mut Ui, cx: &Cx<'_>, judged: &Judged, out: &mut Out) {
    if let Some(error) = &judged.fault {
        if trouble_ui(ui, cx, &error.to_string(), |ui| ui.add(Button::new(&cx.t("retry"))).clicked()) {
            out.push(Command::Retry);
        }
        return;
    }
    let explanation = judged.known.as_ref().and_then(|(marked, _)| marked.explanation.as_ref());
    let Some(explanation) = explanation else {
        ui.add(egui::Label::new(widgets::secondary(cx.tokens, without_verdict(cx, judged).to_string())).truncate());
        return;
    };
    if judged.stale {
        ui.set_opacity(0.6);
    }
    let why = words::why(cx, explanation);
    let ruleset = cx.tw("markers-ruleset", &[("ruleset", ruleset_text(&judged.ruleset).into())]);
    let response = ui.add(egui::Label::new(job(ui, cx, &why)).truncate());
    let plain = format!("{} {}", cx.t("markers-why"), why.plain());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &plain));
    response.on_hover_text(format!("{plain}\n{ruleset}"));
}

/// The sentence with its strong parts and the window in its colour.
fn job(ui: &Ui, cx: &Cx<'_>, why: &Why) -> LayoutJob {
    let (style, tokens) = (ui.style(), cx.tokens);
    let (plain, strong) = (egui::TextStyle::Body.resolve(style), text::header().resolve(style));
    let mut job = LayoutJob::default();
    let format = |bold: bool, ink| TextFormat::simple(if bold { strong.clone() } else { plain.clone() }, ink);
    job.append(&format!("{}  ", cx.t("markers-why")), 0.0, format(false, tokens.tx2));
    for (piece, bold) in words::split(&why.grounds) {
        job.append(piece, 0.0, format(bold, tokens.tx));
    }
    if let Some(window) = &why.window {
        job.append("; ", 0.0, format(false, tokens.tx));
        job.append(window, 0.0, format(true, tokens.win));
    }
    if let Some(clear) = &why.clear {
        job.append(&format!("; {clear}"), 0.0, format(false, tokens.tx));
    }
    job
}

/// The second line when the project's ruleset cannot be used at all.
pub fn fault_ui(ui: &mut Ui, cx: &Cx<'_>, fault: &str, out: &mut Out) {
    let text = format!("{}: {fault}", cx.t("markers-fault"));
    trouble_ui(ui, cx, &text, |ui| {
        fault_buttons_ui(ui, cx, fault, out);
        false
    });
}

/// A sentence in red, cut where the buttons at the right begin.
fn trouble_ui(ui: &mut Ui, cx: &Cx<'_>, text: &str, buttons: impl FnOnce(&mut Ui) -> bool) -> bool {
    let mut clicked = false;
    ui.label(RichText::new(icons::WARNING).text_style(crate::ui::theme::text::icon()).color(cx.tokens.red));
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        clicked = buttons(ui);
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            let line = text.replace('\n', " ");
            ui.add(egui::Label::new(RichText::new(line).color(cx.tokens.red)).truncate()).on_hover_text(text);
        });
    });
    clicked
}
