//! Population statistics: what the observation store holds, what bringing it up to date would take, and the start of it.

use egui::Ui;

use super::prepare::{megabytes, time};
use super::{Around, line_name_ui};
use crate::project::extract::Forecast;
use crate::project::{Command, Fetch};
use crate::ui::app::Wish;
use crate::ui::cx::Look;
use crate::ui::widgets::{self, Button};

/// Width of the names of lines.
const NAMES: f32 = 190.0;

/// Draws the dialog.
pub fn population_ui(ui: &mut Ui, around: &Around<'_>, wishes: &mut Vec<Wish>) {
    let look = around.look;
    ui.label(widgets::secondary(look.tokens, look.t("population-hint").to_string()));
    let Some(project) = around.project else { return };
    let Some(data) = project.data() else {
        widgets::pending_ui(ui, look.tokens, &look.t("status-loading"));
        return;
    };
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        line_name_ui(ui, &look.t("population-parcels"), NAMES);
        ui.label(widgets::figure(look.texts.number(data.parcels.len() as f64, 0)));
    });
    let busy = project.updating_population();
    // While the store grows a forecast would chase it.
    let forecast = if busy { Fetch::Pending } else { project.population_forecast() };
    let known = match &forecast {
        Fetch::Ready(forecast) => Some(**forecast),
        Fetch::Pending => None,
        Fetch::Failed(error) => {
            ui.colored_label(look.tokens.red, error.to_string());
            None
        }
    };
    forecast_ui(ui, &look, known.as_ref());
    let complete = known.is_some_and(|known| known.rows == 0 && known.acquisitions == 0);
    let state = match known {
        _ if busy => look.t("population-running"),
        None if matches!(forecast, Fetch::Pending) => look.t("population-predicting"),
        Some(_) if complete => look.t("population-complete"),
        _ => "".into(),
    };
    ui.label(widgets::secondary(look.tokens, state.to_string()));
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        let ready = known.is_some() && !complete && !project.growing();
        if ui.add_enabled(!busy && ready, Button::new(&look.t("population-start")).primary()).clicked() {
            wishes.push(Wish::Command(Command::Population));
            wishes.push(Wish::Close);
        }
    });
    ui.add_space(4.0);
    let folder = project.store_ref().folder;
    ui.label(widgets::secondary(look.tokens, look.tw("population-folder", &[("folder", folder.display().to_string().into())])));
}

/// The lines of a forecast; all of them also while it is being made, so that nothing moves when it arrives.
fn forecast_ui(ui: &mut Ui, look: &Look<'_>, forecast: Option<&Forecast>) {
    let number = |value: usize| look.texts.number(value as f64, 0);
    let mut line = |id: &str, value: &dyn Fn(&Forecast) -> String| {
        ui.horizontal(|ui| {
            line_name_ui(ui, &look.t(id), NAMES);
            ui.label(widgets::figure(forecast.map_or_else(|| "…".to_owned(), value)));
        });
    };
    line("population-acquisitions", &|known| {
        look.tw(
            "population-acquisitions-value",
            &[("missing", number(known.acquisitions).into()), ("stored", number(known.stored).into())],
        )
    });
    line("population-rows", &|known| number(known.rows));
    line("population-read", &|known| megabytes(look, known.read_bytes));
    line("population-disk", &|known| megabytes(look, known.result_bytes));
    line("population-time", &|known| time(look, known.seconds));
}
