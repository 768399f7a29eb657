//! Counts of verdicts in the queue, as chips that show only these parcels.

use std::sync::Arc;

use egui::{RichText, Ui};

use super::Judged;
use crate::model::ParcelIx;
use crate::model::rules::Verdict;
use crate::project::Command;
use crate::project::queue::ParcelList;
use crate::ui::cx::{Cx, Out};
use crate::ui::icons;
use crate::ui::theme::text;
use crate::ui::verdict;
use crate::ui::widgets::{self, Button};

/// Tables of so many parcels are judged at once.
const SMALL: usize = 100;

/// Counts of verdicts as chips that show only these parcels, and what computes them where they are not known.
pub fn counts_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out) {
    let tuning = cx.project.tuning();
    if tuning.draft().is_none_or(|draft| draft.rules.is_none()) {
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.label(widgets::secondary(cx.tokens, cx.t("markers-auto").to_string()));
        let Some(effect) = tuning.effect() else {
            return unknown_ui(ui, cx, out);
        };
        let counts = effect.after.counts();
        let listed = cx.project.queue().list.as_ref();
        for (verdict, count) in verdict::ALL.into_iter().zip(counts) {
            let word = verdict::word(cx, Some(verdict));
            let name = cx.tw("markers-only", &[("n", count.into()), ("verdict", Arc::clone(&word).into())]);
            let on = listed.is_some_and(|list| list.name == *word);
            let sign = |painter: &egui::Painter, at| verdict::paint(painter, cx.tokens, at, 13.0, Some(verdict));
            if widgets::count_chip_ui(ui, cx, count, &name, on, sign).clicked() {
                let list = (!on).then(|| Box::new(list_of(&effect.after.verdicts, verdict, &word)));
                out.push(Command::ShowList(list));
            }
        }
        if effect.after.verdicts.len() < cx.project.data().map_or(0, |data| data.parcels.len()) {
            let share = cx.tw("markers-partial", &[("done", effect.after.verdicts.len().into())]);
            ui.label(RichText::new("…").color(cx.tokens.tx2)).on_hover_text(share);
        }
    });
}

/// Has the verdicts of a small table computed without being asked, once the current parcel is shown. Large ones take their time, and
/// those of a server are its own: there somebody has to want it.
pub fn start_small(cx: &Cx<'_>, out: &mut Out) {
    let (project, tuning) = (cx.project, cx.project.tuning());
    let small = project.data().is_some_and(|data| (1..=SMALL).contains(&data.parcels.len())) && !project.growing();
    let wanted = tuning.draft().is_some_and(|draft| draft.rules.is_some()) && project.features().is_none();
    let shown = cx.judged.is_some_and(|judged| judged.known.is_some());
    if small && wanted && shown && project.remote_status().is_none() && !project.marking() && tuning.failed().is_none() {
        out.push(Command::Mark);
    }
}

fn list_of(verdicts: &[u8], wanted: Verdict, name: &str) -> ParcelList {
    let parcels = (0u32..).zip(verdicts).filter(|(_, own)| **own == wanted as u8).map(|(row, _)| ParcelIx(row)).collect();
    ParcelList { name: name.to_owned(), parcels }
}

/// The symbol of a parcel in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbol(pub Option<Verdict>);

/// Verdict of a parcel in the queue: that of the panes where it is the current one, else that of the population. `None` without rules.
pub fn of_row(cx: &Cx<'_>, parcel: ParcelIx) -> Option<Symbol> {
    let tuning = cx.project.tuning();
    tuning.draft()?.rules.as_ref()?;
    let own = cx.judged.filter(|judged| cx.project.selection().parcel == Some(parcel) && judged.known.is_some());
    let known = || tuning.effect().and_then(|effect| effect.after.of(parcel));
    Some(Symbol(own.map_or_else(known, Judged::verdict)))
}

/// What stands in a row of a queue that is sorted by margins.
pub fn margin_text(cx: &Cx<'_>, parcel: ParcelIx) -> String {
    let effect = cx.project.tuning().effect();
    match effect.and_then(|effect| effect.after.margins.get(parcel.at())).filter(|margin| !margin.is_nan()) {
        Some(margin) => {
            let sign = if *margin > 0.0 { "+" } else { "" };
            let number = super::words::number(cx, f64::from(*margin)).replace('-', "−");
            cx.tw("markers-margin", &[("margin", format!("{sign}{number}").into())])
        }
        None => cx.t("markers-margin-none").to_string(),
    }
}

/// Verdicts of all parcels are not known: progress, failure, or the button that starts it.
fn unknown_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out) {
    let tuning = cx.project.tuning();
    if let Some((done, all)) = tuning.progress() {
        let text = cx.tw("markers-computing", &[("done", done.into()), ("total", all.into())]);
        ui.label(widgets::secondary(cx.tokens, text));
        return;
    }
    let button = ui.add(Button::new(&cx.t("markers-compute")));
    let clicked = button.clicked();
    if let Some(fault) = tuning.failed() {
        ui.label(RichText::new(icons::WARNING).text_style(text::icon()).color(cx.tokens.red)).on_hover_text(fault);
    }
    if clicked {
        out.push(Command::Mark);
    }
}
