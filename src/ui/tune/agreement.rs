//! How far the ruleset agrees with labels: a line below the table of the effect.

use egui::{RichText, Ui};

use crate::engine::evaluation::Score;
use crate::engine::evaluation::sampling::Interval;
use crate::engine::quality::Share;
use crate::project::tuning::labels::{Agreement, Labels};
use crate::project::{Command, Fetch};
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::widgets::{self, Button};

/// What is shown of the half that was held out.
#[derive(Debug, Default)]
pub struct AgreementState {
    /// Content of the labels and of the ruleset for which it was asked; another ruleset hides it again.
    revealed: Option<String>,
}

/// In the header of the pane: which labels, or how to get some.
pub fn header_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out) {
    let label = match cx.project.tuning().labels() {
        None => cx.t("tune-no-labels").to_string(),
        Some(labels) => cx.tw("tune-labels", &[("name", labels.name.as_str().into()), ("n", labels.parcels().into())]),
    };
    if ui.add(Button::new(&label).tip(&cx.t("tune-no-labels-hint"))).clicked() {
        out.act(Action::LoadLabels);
    }
}

/// Below the table: agreement on the half that limits are chosen on, and on request on the other half.
pub fn agreement_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut AgreementState, out: &mut Out) {
    let tuning = cx.project.tuning();
    let Some(labels) = tuning.labels() else { return };
    ui.add_space(6.0);
    half_ui(ui, cx, labels, false);
    let asked = format!("{} {}", labels.name, tuning.hashes()[1]);
    if state.revealed.as_ref() == Some(&asked) {
        half_ui(ui, cx, labels, true);
        let times = cx.tw("tune-revealed", &[("n", (tuning.revealed() as usize).into())]);
        ui.label(widgets::secondary(cx.tokens, times).text_style(egui::TextStyle::Small));
    } else if ui.add(Button::new(&cx.t("tune-reveal")).tip(&cx.t("tune-reveal-hint"))).clicked() {
        state.revealed = Some(asked);
        out.push(Command::RevealHeldOut);
    }
}

fn half_ui(ui: &mut Ui, cx: &Cx<'_>, labels: &Labels, reported: bool) {
    let name = cx.t(if reported { "tune-half-report" } else { "tune-half-tune" });
    let text = match cx.project.agreement(reported) {
        None | Some(Fetch::Pending) => cx.t("tune-counting").to_string(),
        Some(Fetch::Failed(error)) => error.chain(),
        Some(Fetch::Ready(found)) => told(cx, &found),
    };
    let mut hint = cx.tw("tune-labels-left-out", &[("n", labels.left_out.into())]);
    if labels.outside > 0 {
        hint = format!("{hint}\n{}", cx.tw("tune-labels-outside", &[("n", labels.outside.into())]));
    }
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(&*name).strong());
        ui.label(text).on_hover_text(hint);
    });
}

fn told(cx: &Cx<'_>, agreement: &Agreement) -> String {
    match agreement {
        Agreement::Verdicts { table, commission, omission } => {
            let n: usize = table.iter().flatten().sum();
            let args =
                [("n", n.into()), ("commission", share(cx, *commission).into()), ("omission", share(cx, *omission).into())];
            cx.tw("tune-agreement-verdicts", &args)
        }
        Agreement::Events { marker, parcels, score } => {
            let Score { counts, precision, recall, f1, .. } = &**score;
            let args = [
                ("marker", marker.as_str().into()),
                ("n", (*parcels).into()),
                ("events", counts.truths.into()),
                ("precision", number(cx, counts.precision(), *precision).into()),
                ("recall", number(cx, counts.recall(), *recall).into()),
                ("f1", number(cx, counts.f1(), *f1).into()),
            ];
            cx.tw("tune-agreement-events", &args)
        }
    }
}

/// `12 % (8–18), 7 of 58`.
fn share(cx: &Cx<'_>, own: Share) -> String {
    if own.whole == 0 {
        return cx.t("tune-share-none").to_string();
    }
    let percent = |value: f64| cx.texts.number(value * 100.0, 0);
    format!(
        "{} % ({}–{}), {}/{}",
        percent(own.value()),
        percent(own.interval.low),
        percent(own.interval.high),
        own.part,
        own.whole
    )
}

fn number(cx: &Cx<'_>, value: f64, interval: Interval) -> String {
    if value.is_nan() {
        return cx.t("tune-share-none").to_string();
    }
    let shown = |value: f64| if value.is_finite() { cx.texts.number(value, 2) } else { "–".to_owned() };
    format!("{} ({}–{})", shown(value), shown(interval.low), shown(interval.high))
}
