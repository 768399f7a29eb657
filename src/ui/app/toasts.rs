//! Short messages over the lower edge of the window, some with a button.

use std::time::Instant;

use super::Wish;
use crate::ui::actions::Action;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::Button;

/// A short message.
#[derive(Debug)]
pub(super) struct Toast {
    pub(super) text: String,
    pub(super) until: Instant,
    /// What it offers: name of the button, and what it does.
    pub(super) offer: Option<(String, Action)>,
    /// It is about a decision: the next one about a decision takes its place.
    pub(super) decision: bool,
}

/// Draws those whose time is not over.
pub(super) fn toasts_ui(ctx: &egui::Context, tokens: &Tokens, toasts: &mut Vec<Toast>, wishes: &mut Vec<Wish>) {
    let now = Instant::now();
    toasts.retain(|toast| toast.until > now);
    let Some(next) = toasts.iter().map(|toast| toast.until).min() else { return };
    ctx.request_repaint_after(next - now);
    egui::Area::new(egui::Id::unique("toasts"))
        .order(egui::Order::Foreground)
        .anchor(egui::Align2::CENTER_BOTTOM, egui::vec2(0.0, -size::STATUS - 12.0))
        .show(ctx, |ui| {
            for toast in toasts.iter() {
                let stroke = egui::Stroke::new(1.0, tokens.bds);
                let frame = egui::Frame::NONE.fill(tokens.bg1).stroke(stroke).corner_radius(size::PANE_RADIUS).inner_margin(10.0);
                frame.show(ui, |ui| match &toast.offer {
                    None => drop(ui.label(&toast.text)),
                    Some((name, action)) => {
                        ui.horizontal(|ui| {
                            ui.label(&toast.text);
                            if ui.add(Button::new(name)).clicked() {
                                wishes.push(Wish::Act(*action));
                            }
                        });
                    }
                });
            }
        });
}
