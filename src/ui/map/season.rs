//! The season's image on the map: all products of the current date, in the view and the stretch of the calendar.

use egui::{Color32, Rect, Ui, UiBuilder, vec2};

use crate::model::AcquisitionIx;
use crate::project::export::view_for;
use crate::project::queries::mosaic::Season;
use crate::project::{Command, Dataset, Error};
use crate::ui::cx::{Cx, Out};
use crate::ui::widgets;

use super::MapState;
use super::tiles::Painted;

/// Widest message about what cannot be read.
const FAULT_PX: f32 = 520.0;

/// What the map shows of the current date when the layer is on; the date under the pointer in another pane is only a glance and
/// does not move it.
pub fn wanted(cx: &Cx<'_>, state: &MapState, dataset: &Dataset) -> Option<Season> {
    let acquisition: AcquisitionIx = cx.project.selection().acquisition.filter(|_| state.layers.season)?;
    let sensor = dataset.catalog.acquisitions.get(acquisition.at())?.sensor;
    Some(Season {
        acquisition,
        view: view_for(cx.project.view(), sensor),
        stretch: cx.project.file().display.stretch.clone(),
        mask: state.mask.then(|| cx.project.mask()),
        revision: cx.project.revision(),
    })
}

/// Colour that tiles of the layer are multiplied by.
pub fn tint(percent: u8) -> Color32 {
    Color32::from_white_alpha((u32::from(percent.min(100)) * 255 / 100) as u8)
}

/// Takes over what became of the tiles: the header says when some are still missing.
pub fn note(ui: &Ui, state: &mut MapState, painted: Painted) -> Option<Error> {
    let reading = painted.pending > 0;
    if std::mem::replace(&mut state.season_reading, reading) != reading {
        ui.ctx().request_repaint();
    }
    painted.fault
}

/// Says over the map what of the image cannot be read, with *Retry*.
pub fn fault_ui(ui: &mut Ui, cx: &Cx<'_>, error: &Error, map: Rect, out: &mut Out) {
    let place = Rect::from_min_size(map.min + vec2(8.0, 8.0), vec2((map.width() - 60.0).min(FAULT_PX), 60.0));
    ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
        if widgets::failed_bar_ui(ui, cx.texts, cx.tokens, &cx.t("map-season-failed"), &error.chain()) {
            out.push(Command::Retry);
        }
    });
}
