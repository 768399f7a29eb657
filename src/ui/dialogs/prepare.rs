//! Preparing the queue: what it would take, and the start of it.

use egui::{DragValue, Ui};

use super::{Around, line_name_ui};
use crate::jobs::Lane;
use crate::project::prepare::Prediction;
use crate::project::{Command, Fetch, Project};
use crate::ui::app::{Purpose, Wish};
use crate::ui::cx::Look;
use crate::ui::widgets::{self, Button};

/// Width of the names of lines.
const NAMES: f32 = 150.0;

/// Draws the dialog.
pub fn prepare_ui(ui: &mut Ui, around: &Around<'_>, margin_m: &mut u32, wishes: &mut Vec<Wish>) {
    let look = around.look;
    ui.label(widgets::secondary(look.tokens, look.t("prepare-hint").to_string()));
    let Some(project) = around.project else { return };
    if project.data().is_none() {
        widgets::pending_ui(ui, look.tokens, &look.t("status-loading"));
        return;
    }
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        let name = look.t("prepare-margin");
        line_name_ui(ui, &name, NAMES);
        let field = ui.add(DragValue::new(margin_m).range(0..=2000).speed(5.0).suffix(" m").update_while_editing(false));
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, &*name));
    });
    if project.file().remote.is_some() {
        return server_ui(ui, &look, project, *margin_m, wishes);
    }
    let prediction = project.get(&project.predict_query(*margin_m), Lane::Interactive);
    match &prediction {
        Fetch::Ready(prediction) => prediction_ui(ui, &look, Some(prediction)),
        Fetch::Pending => prediction_ui(ui, &look, None),
        Fetch::Failed(error) => drop(ui.colored_label(look.tokens.red, error.to_string())),
    }
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        let idle = !project.preparing();
        let left = matches!(&prediction, Fetch::Ready(prediction) if prediction.present < prediction.chips);
        if ui.add_enabled(idle && left, Button::new(&look.t("prepare-start")).primary()).clicked() {
            wishes.push(Wish::Command(Command::Prepare(*margin_m, None)));
            wishes.push(Wish::Close);
        }
        if ui.add_enabled(idle, Button::new(&look.t("prepare-pack"))).on_hover_text(&*look.t("prepare-pack-hint")).clicked() {
            wishes.push(Wish::Ask(Purpose::Pack(*margin_m)));
        }
        if !idle {
            ui.label(widgets::secondary(look.tokens, look.t("prepare-running").to_string()));
        }
    });
}

/// From a server nothing is foreseen: it is not known what it has before it was asked.
fn server_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, margin_m: u32, wishes: &mut Vec<Wish>) {
    ui.label(look.tw("prepare-server", &[("parcels", project.queue().rows().len().into())]));
    ui.add_space(8.0);
    let idle = !project.preparing();
    if ui.add_enabled(idle, Button::new(&look.t("prepare-start")).primary()).clicked() {
        wishes.push(Wish::Command(Command::Prepare(margin_m, None)));
        wishes.push(Wish::Close);
    }
    if !idle {
        ui.label(widgets::secondary(look.tokens, look.t("prepare-running").to_string()));
    }
}

/// The lines of a prediction; all of them also while it is being made, so that nothing moves when it arrives.
fn prediction_ui(ui: &mut Ui, look: &Look<'_>, prediction: Option<&Prediction>) {
    let number = |value: usize| look.texts.number(value as f64, 0);
    let mut line = |id: &str, value: &dyn Fn(&Prediction) -> String| {
        ui.horizontal(|ui| {
            line_name_ui(ui, &look.t(id), NAMES);
            ui.label(widgets::figure(prediction.map_or_else(|| "…".to_owned(), value)));
        });
    };
    line("prepare-parcels", &|known| number(known.parcels));
    line("prepare-acquisitions", &|known| number(known.acquisitions));
    line("prepare-chips", &|known| {
        look.tw("prepare-chips-value", &[("chips", number(known.chips).into()), ("present", number(known.present).into())])
    });
    line("prepare-read", &|known| megabytes(look, known.pixel_bytes));
    line("prepare-disk", &|known| megabytes(look, known.disk_bytes));
    line("prepare-time", &|known| time(look, known.seconds));
    let complete = prediction.is_some_and(|known| known.present == known.chips);
    let state = match prediction {
        None => look.t("prepare-predicting"),
        Some(_) if complete => look.t("prepare-complete"),
        Some(_) => "".into(),
    };
    ui.label(widgets::secondary(look.tokens, state.to_string()));
}

pub(super) fn time(look: &Look<'_>, seconds: f64) -> String {
    let minutes = seconds / 60.0;
    if minutes < 1.5 {
        look.tw("prepare-seconds", &[("n", (seconds.ceil() as usize).into())])
    } else {
        look.tw("prepare-minutes", &[("n", (minutes.ceil() as usize).into())])
    }
}

pub(super) fn megabytes(look: &Look<'_>, bytes: u64) -> String {
    let megabytes = bytes as f64 / 1e6;
    format!("{} MB", look.texts.number(megabytes, u8::from(megabytes < 10.0)))
}
