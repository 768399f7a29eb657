//! The card at the end of a queue, and on demand in its middle: what was decided, how fast, and where to go from here.

use egui::{RichText, Ui, vec2};

use super::signs::{self, Sign};
use crate::engine::quality;
use crate::model::review::QueueOrder;
use crate::project::Command;
use crate::project::review::{QueueDemand, QueueSource, ReviewCommand};
use crate::ui::actions::Action;
use crate::ui::app::Wish;
use crate::ui::cx::Look;
use crate::ui::dialogs::Around;
use crate::ui::theme::text;
use crate::ui::widgets::{self, Button};

/// Draws the card's content.
pub fn end_ui(ui: &mut Ui, around: &Around<'_>, wishes: &mut Vec<Wish>) {
    let (look, Some(project)) = (&around.look, around.project) else { return };
    let review = project.review();
    let counts = project.review_counts();
    let name = project.queue().list.as_ref().map_or_else(|| project.file().name.clone(), |list| list.name.clone());
    ui.label(widgets::secondary(look.tokens, look.tw("review-end-queue", &[("name", name.into()), ("n", counts.all.into())])));
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        for (code, count) in &counts.verdicts {
            tile_ui(ui, look, super::sign_of(project, code), *count, super::word_of(project, code));
        }
        tile_ui(ui, look, Sign::Open, counts.open, &look.t("review-state-open"));
        tile_ui(ui, look, Sign::Deferred, counts.deferred, &look.t("review-state-deferred"));
        tile_ui(ui, look, Sign::Flag, counts.flagged, &look.t("review-state-flagged"));
        if counts.disputed > 0 && !review.blind() {
            tile_ui(ui, look, Sign::Disputed, counts.disputed, &look.t("review-state-disputed"));
        }
    });
    ui.add_space(10.0);
    sitting_ui(ui, look, review);
    ui.add_space(12.0);
    ui.horizontal_wrapped(|ui| {
        for (source, id, count) in [
            (QueueSource::Deferred, "review-go-deferred", counts.deferred),
            (QueueSource::Flagged, "review-go-flagged", counts.flagged),
            (QueueSource::Disputed, "review-go-disputed", if review.blind() { 0 } else { counts.disputed }),
        ] {
            let name = look.t(id);
            if count > 0 && ui.add(Button::new(&name)).clicked() {
                let demand = QueueDemand { name: name.to_string(), source, order: QueueOrder::Given, sample: None, group: None };
                wishes.push(Wish::Command(Command::Review(ReviewCommand::MakeQueue(Box::new(demand)))));
                wishes.push(Wish::Close);
            }
        }
        if ui.add(Button::new(&look.t("action-report"))).clicked() {
            wishes.push(Wish::Act(Action::Report));
            wishes.push(Wish::Close);
        }
        if ui.add(Button::new(&look.t("review-end-stay")).primary()).clicked() {
            wishes.push(Wish::Close);
        }
    });
}

/// A count with its symbol and word.
fn tile_ui(ui: &mut Ui, look: &Look<'_>, sign: Sign, count: usize, word: &str) {
    let frame = egui::Frame::NONE.fill(look.tokens.bg2).corner_radius(3.0).inner_margin(egui::Margin::symmetric(12, 8));
    let response = frame.show(ui, |ui| {
        ui.set_min_width(104.0);
        ui.vertical(|ui| {
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(18.0, 24.0), egui::Sense::hover());
                signs::paint(ui.painter(), look.tokens, rect.center(), 17.0, sign);
                ui.label(RichText::new(look.texts.number(count as f64, 0)).text_style(text::title()));
            });
            ui.label(widgets::secondary(look.tokens, word));
        });
    });
    let name = format!("{word}: {count}");
    ui.interact(response.response.rect, ui.scope_id().with(("tile", word)), egui::Sense::hover())
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
}

/// How fast this sitting was: the person, and the program.
fn sitting_ui(ui: &mut Ui, look: &Look<'_>, review: &crate::project::review::Reviewing) {
    let sitting = quality::sitting(review.review(), review.user(), review.began());
    let number = |value: f64, decimals: u8| look.texts.number(value, decimals);
    if sitting.decisions > 0 {
        let said = look.tw(
            "review-end-sitting",
            &[
                ("n", sitting.decisions.into()),
                ("mean", number(sitting.mean_s, 1).into()),
                ("median", number(sitting.median_s, 1).into()),
            ],
        );
        ui.label(said);
    }
    let mut drawn: Vec<f64> = review.took().iter().map(|took| took.drawn_ms).filter(|ms| ms.is_finite()).collect();
    let mut durable: Vec<f64> = review.took().iter().map(|took| took.durable_ms).collect();
    if !drawn.is_empty() {
        let said = look.tw(
            "review-end-program",
            &[
                ("durable", number(percentile(&mut durable, 0.99), 1).into()),
                ("drawn", number(percentile(&mut drawn, 0.99), 1).into()),
                ("mean", number(drawn.iter().sum::<f64>() / drawn.len() as f64, 1).into()),
            ],
        );
        ui.label(widgets::secondary(look.tokens, said));
    }
}

/// Nearest rank.
fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (share * values.len() as f64).ceil() as usize;
    values.get(rank.clamp(1, values.len().max(1)) - 1).copied().unwrap_or(f64::NAN)
}
