//! Layers of the map: what is shown, the menu that chooses it, and the buttons of the header.

use egui::Ui;

use crate::engine::colouring::Colouring;
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::icons;
use crate::ui::widgets::{self, Button};

/// What the map shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    /// The map moves to the current parcel when that changes.
    pub follow: bool,
    /// The current chip is shown.
    pub chip: bool,
    /// The whole image of the current date is shown.
    pub season: bool,
    /// Its opacity, percent.
    pub season_percent: u8,
    /// What stands on parcels that are wide enough for it.
    pub labels: Option<Label>,
    /// What parcels are coloured by; `None` leaves them empty.
    pub colouring: Option<Colouring>,
    /// Background by its place in the project's list; `None` is none.
    pub background: Option<usize>,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            follow: true,
            chip: true,
            season: false,
            season_percent: 100,
            labels: Some(Label::Id),
            colouring: Some(Colouring::Crop),
            background: None,
        }
    }
}

/// What stands on a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Its id.
    Id,
    /// Its declared crop.
    Crop,
}

/// Something that a button of the header does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zoom {
    /// Half a level in.
    In,
    /// Half a level out.
    Out,
    /// To the current parcel.
    ToParcel,
    /// To all parcels.
    ToAll,
}

/// Buttons of the header, rightmost first. `large` is the map of its own workspace, which has more of them.
pub fn controls_ui(ui: &mut Ui, cx: &Cx<'_>, layers: &mut Layers, large: bool, out: &mut Out) -> Option<Zoom> {
    let menu = ui.add(Button::icon_only(icons::STACK, &cx.t("map-layers")));
    egui::Popup::menu(&menu).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(240.0);
        images_ui(ui, cx, layers);
        ui.separator();
        parcels_ui(ui, cx, layers);
        ui.separator();
        background_ui(ui, cx, layers);
        ui.separator();
        ui.checkbox(&mut layers.follow, cx.t("map-follow").as_ref());
    });
    let mut act = None;
    for (icon, id, zoom) in [
        (icons::CROSSHAIR, "map-zoom-parcel", Zoom::ToParcel),
        (icons::EXPAND, "map-zoom-all", Zoom::ToAll),
        (icons::PLUS, "map-zoom-in", Zoom::In),
        (icons::MINUS, "map-zoom-out", Zoom::Out),
    ] {
        if ui.add(Button::icon_only(icon, &cx.t(id))).clicked() {
            act = Some(zoom);
        }
    }
    if large {
        for (icon, action) in
            [(icons::ARROW_RIGHT, Action::MapForward), (icons::ARROW_LEFT, Action::MapBack), (icons::LIST, Action::ToggleTable)]
        {
            if ui.add(Button::icon_only(icon, &action.label(cx.texts)).key(&cx.key(action))).clicked() {
                out.act(action);
            }
        }
    }
    act
}

fn images_ui(ui: &mut Ui, cx: &Cx<'_>, layers: &mut Layers) {
    ui.checkbox(&mut layers.chip, cx.t("map-layer-chip").as_ref());
    ui.checkbox(&mut layers.season, cx.t("map-layer-season").as_ref());
    ui.add_enabled_ui(layers.season, |ui| {
        ui.horizontal(|ui| {
            ui.add_space(22.0);
            let name = ui.label(widgets::secondary(cx.tokens, cx.t("map-season-opacity").to_string()));
            let slider = egui::Slider::new(&mut layers.season_percent, 10..=100).suffix("\u{a0}%").step_by(5.0);
            ui.add(slider).labelled_by(name.id);
        });
    });
}

fn parcels_ui(ui: &mut Ui, cx: &Cx<'_>, layers: &mut Layers) {
    ui.label(widgets::secondary(cx.tokens, cx.t("map-colouring").to_string()));
    let judged = cx.project.tuning().draft().is_some_and(|draft| draft.rules.is_some());
    for colouring in Colouring::ALL.into_iter().filter(|own| judged || *own != Colouring::Verdict) {
        ui.radio_value(&mut layers.colouring, Some(colouring), cx.t(colouring_id(colouring)).as_ref());
    }
    ui.radio_value(&mut layers.colouring, None, cx.t("map-colouring-none").as_ref());
    ui.separator();
    ui.label(widgets::secondary(cx.tokens, cx.t("map-labels").to_string()));
    for (label, id) in [(Some(Label::Id), "map-labels-id"), (Some(Label::Crop), "map-labels-crop"), (None, "map-labels-none")] {
        ui.radio_value(&mut layers.labels, label, cx.t(id).as_ref());
    }
}

fn background_ui(ui: &mut Ui, cx: &Cx<'_>, layers: &mut Layers) {
    ui.label(widgets::secondary(cx.tokens, cx.t("map-background").to_string()));
    ui.radio_value(&mut layers.background, None, cx.t("map-background-none").as_ref());
    for (number, background) in cx.project.file().backgrounds.iter().enumerate() {
        ui.radio_value(&mut layers.background, Some(number), &background.name);
    }
    if cx.project.file().backgrounds.is_empty() {
        ui.label(widgets::secondary(cx.tokens, cx.t("map-background-hint").to_string()));
    }
}

fn colouring_id(colouring: Colouring) -> &'static str {
    match colouring {
        Colouring::Crop => "map-colouring-crop",
        Colouring::Ndvi => "map-colouring-ndvi",
        Colouring::Sufficiency => "map-colouring-sufficiency",
        Colouring::Distance => "map-colouring-distance",
        Colouring::Verdict => "markers-colouring",
        Colouring::Heterogeneity => "hetero-colouring",
    }
}
