//! Counts of the review in the queue: chips that show only these parcels, and how far it is.

use std::sync::Arc;

use egui::{Response, Ui};

use super::signs::{self, Sign};
use crate::model::ParcelIx;
use crate::model::review::Standing;
use crate::project::review::Counts;
use crate::project::{Command, queue::ParcelList};
use crate::ui::cx::{Cx, Out};
use crate::ui::widgets;

/// Counts by verdict, deferred, flagged and disputed, as chips that show only these parcels.
pub fn counts_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out) {
    let review = cx.project.review();
    if review.review().entries().is_empty() {
        return;
    }
    let counts = cx.project.review_counts();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.label(widgets::secondary(cx.tokens, cx.t("review-expert").to_string()));
        for (code, count) in counts.verdicts.iter().filter(|own| own.1 > 0) {
            let word = super::word_of(cx.project, code).to_owned();
            chip(ui, cx, super::sign_of(cx.project, code), *count, &word, out, |own, standing| {
                standing == Standing::Decided && review.shown(own).is_some_and(|opinion| opinion.decided.verdict == *code)
            });
        }
        if counts.deferred > 0 {
            let word = cx.t("review-state-deferred");
            chip(ui, cx, Sign::Deferred, counts.deferred, &word, out, |_, standing| standing == Standing::Deferred);
        }
        if counts.flagged > 0 {
            chip(ui, cx, Sign::Flag, counts.flagged, &cx.t("review-state-flagged"), out, |own, _| own.flag.is_some());
        }
        if counts.disputed > 0 && !review.blind() {
            chip(ui, cx, Sign::Disputed, counts.disputed, &cx.t("review-state-disputed"), out, |own, _| own.disputed());
        }
        open_chip(ui, cx, &counts, out);
    });
}

/// A count that can be pressed: shows these parcels, or all again.
fn chip(
    ui: &mut Ui,
    cx: &Cx<'_>,
    sign: Sign,
    count: usize,
    word: &str,
    out: &mut Out,
    wanted: impl Fn(&crate::model::review::ParcelReview, Standing) -> bool,
) {
    let on = cx.project.queue().list.as_ref().is_some_and(|list| list.name == word);
    if chip_ui(ui, cx, sign, count, word, on).clicked() {
        let list = (!on).then(|| {
            let review = cx.project.review();
            let own = review.review().parcels().filter(|(id, own)| wanted(own, review.standing(id)));
            let data = cx.project.data();
            let mut parcels: Vec<ParcelIx> = own.filter_map(|(id, _)| data?.parcels.find(id)).collect();
            parcels.sort_unstable();
            Box::new(ParcelList { name: word.to_owned(), parcels })
        });
        out.push(Command::ShowList(list));
    }
}

/// Parcels that nobody has decided.
fn open_chip(ui: &mut Ui, cx: &Cx<'_>, counts: &Counts, out: &mut Out) {
    let word = cx.t("review-state-open");
    let on = cx.project.queue().list.as_ref().is_some_and(|list| list.name == *word);
    if chip_ui(ui, cx, Sign::Open, counts.open, &word, on).clicked() {
        let list = (!on).then(|| {
            let review = cx.project.review();
            let open = |parcel: &ParcelIx| {
                cx.project.data().is_some_and(|data| review.standing(data.parcels.id(*parcel)) == Standing::Open)
            };
            let parcels = cx.project.queue().rows().iter().copied().filter(open).collect();
            Box::new(ParcelList { name: word.to_string(), parcels })
        });
        out.push(Command::ShowList(list));
    }
}

fn chip_ui(ui: &mut Ui, cx: &Cx<'_>, sign: Sign, count: usize, word: &str, on: bool) -> Response {
    let name = cx.tw("review-only", &[("n", count.into()), ("state", word.into())]);
    widgets::count_chip_ui(ui, cx, count, &name, on, |painter, at| signs::paint(painter, cx.tokens, at, 13.0, sign))
}

/// The symbol of a parcel's review in a row of the queue.
pub fn of_row(cx: &Cx<'_>, parcel: ParcelIx) -> Option<(Sign, bool, Arc<str>)> {
    let review = cx.project.review();
    let id = cx.project.data()?.parcels.id(parcel);
    if review.review().entries().is_empty() {
        return None;
    }
    let Some(own) = review.of(id) else { return Some((Sign::Open, false, cx.t("review-state-open"))) };
    let flagged = own.flag.is_some();
    Some(match (review.standing(id), review.shown(own)) {
        (Standing::Deferred, _) => (Sign::Deferred, flagged, cx.t("review-state-deferred")),
        (Standing::Decided, _) if own.disputed() && !review.blind() => (Sign::Disputed, flagged, cx.t("review-state-disputed")),
        (Standing::Decided, Some(opinion)) => {
            let code = own.resolved.as_ref().filter(|_| !review.blind()).map_or(&opinion.decided.verdict, |own| &own.2.verdict);
            (super::sign_of(cx.project, code), flagged, super::word_of(cx.project, code).into())
        }
        _ => (Sign::Open, flagged, cx.t("review-state-open")),
    })
}

/// How far the queue is, as a bar under it.
pub fn progress_ui(ui: &mut Ui, cx: &Cx<'_>) {
    let counts = cx.project.review_counts();
    let done = counts.decided + counts.deferred;
    let said = cx.tw("review-progress", &[("done", done.into()), ("total", counts.all.into())]);
    let share = if counts.all == 0 { 0.0 } else { done as f32 / counts.all as f32 };
    ui.spacing_mut().item_spacing.y = 4.0;
    let small = egui::RichText::new(&said).text_style(egui::TextStyle::Small).color(cx.tokens.tx2);
    ui.add(egui::Label::new(small).truncate());
    widgets::progress_ui(ui, cx.tokens, &said, Some(share), ui.available_width());
}
