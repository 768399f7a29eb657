//! Plays the dates: one usable date after the other, twice a second. Nothing flashes faster than that.

use egui::{Key, Ui};

use super::{CalendarState, Scene};
use crate::project::Command;
use crate::ui::cx::Out;

const STEP_SECS: f64 = 0.5;

/// When the next date is due.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Play {
    due: Option<f64>,
}

/// Goes on to the next date when it is due; stops after the last one or on Escape.
pub(super) fn step(ui: &Ui, scene: &Scene<'_>, state: &mut CalendarState, out: &mut Out) {
    if !state.playing {
        state.runtime.play.due = None;
        return;
    }
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        state.playing = false;
        return;
    }
    let now = ui.input(|input| input.time);
    let current = scene.cx.project.selection().acquisition;
    let next = scene.model.step(current, 1, true);
    let Some(due) = state.runtime.play.due else {
        if next.is_none() {
            // Played from the last date: from the beginning.
            if let Some(first) = scene.model.step(None, 1, true) {
                out.push(Command::SelectAcquisition(first));
            }
        }
        state.runtime.play.due = Some(now + STEP_SECS);
        ui.ctx().request_repaint_after_secs(STEP_SECS as f32);
        return;
    };
    if now < due {
        ui.ctx().request_repaint_after_secs((due - now) as f32);
        return;
    }
    match next {
        Some(next) => {
            out.push(Command::SelectAcquisition(next));
            state.runtime.play.due = Some(now + STEP_SECS);
            ui.ctx().request_repaint_after_secs(STEP_SECS as f32);
        }
        None => state.playing = false,
    }
}
