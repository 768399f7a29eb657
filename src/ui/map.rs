//! Locator map: the parcel, its neighbours coloured by crop, the current chip at its true place.
//!
//! Without a background nothing is fetched: outlines and chips come from the project. Outlines are triangulated once per block of
//! tiles ([`shapes`]) and only moved and scaled per frame ([`paint`]).

pub mod background;
pub mod paint;
pub mod shapes;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Response, Role, Ui, WidgetInfo, vec2};
use walkers::{HttpTiles, Map, MapMemory, Projector, Tiles, lon_lat};

use crate::jobs::Lane;
use crate::model::project_file::Background;
use crate::model::units::utc_day;
use crate::model::view::Polarisation;
use crate::model::{AcquisitionIx, Bounds, ParcelIx, Sensor, Signal, View};
use crate::project::queries::map::{CornersQuery, MapOutlines, OutlinesQuery, PlaceQuery};
use crate::project::queries::picture::ChipPicture;
use crate::project::{Command, Dataset, Fetch};

use super::cx::{Cx, Out};
use super::icons;
use super::widgets::{self, Button};

use shapes::MapShapes;

/// Crops of a data set that have a colour, with the number of their parcels.
type CropColours = (Arc<Dataset>, Vec<(String, usize)>);

/// State of a map pane.
pub struct MapState {
    /// The map moves to the current parcel when that changes.
    pub follow: bool,
    /// The current chip is shown.
    pub chip: bool,
    /// Parcels are filled by crop.
    pub crops: bool,
    /// Background by its place in the project's list; `None` is none.
    pub background: Option<usize>,
    memory: MapMemory,
    /// Parcel that the map was last moved to.
    placed: Option<ParcelIx>,
    /// True until the first parcel was fitted into the view.
    unfitted: bool,
    /// Zoom to this parcel as soon as its place is known.
    zoom_to: Option<ParcelIx>,
    outlines: Option<(Arc<MapOutlines>, MapShapes)>,
    texture: Option<(Arc<ChipPicture>, egui::TextureHandle)>,
    corners: Option<Arc<[[f64; 2]; 4]>>,
    crop_colours: Option<CropColours>,
    tiles: Option<(Background, HttpTiles)>,
    /// Width of the pane and the height that legend and attribution needed at it so far: it only grows, so that the map does not
    /// jump while other crops come into view.
    footer: (f32, f32),
}

impl Default for MapState {
    fn default() -> Self {
        Self {
            follow: true,
            chip: true,
            crops: true,
            background: None,
            memory: MapMemory::default(),
            placed: None,
            unfitted: true,
            zoom_to: None,
            outlines: None,
            texture: None,
            corners: None,
            crop_colours: None,
            tiles: None,
            footer: (0.0, 0.0),
        }
    }
}

impl std::fmt::Debug for MapState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MapState").field("follow", &self.follow).field("zoom", &self.memory.zoom()).finish_non_exhaustive()
    }
}

/// Draws the pane; returns the response of its header.
pub fn map_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut MapState, out: &mut Out) -> Response {
    let dataset = cx.project.dataset();
    let parcel = cx.project.selection().parcel;
    let chip = match (&dataset, parcel) {
        (Fetch::Ready(dataset), Some(parcel)) => current_chip(cx, state, dataset, parcel),
        _ => None,
    };
    let subtitle = chip.as_ref().map(|(_, label)| label.clone()).unwrap_or_default();
    let mut options =
        Options { follow: state.follow, chip: state.chip, crops: state.crops, background: state.background, act: None };
    let response = widgets::pane_ui(
        ui,
        cx,
        &cx.t("map-title"),
        &subtitle,
        |ui| controls_ui(ui, cx, &mut options),
        |ui| match &dataset {
            Fetch::Ready(dataset) => body_ui(ui, cx, state, dataset, chip.map(|(chip, _)| chip), out),
            Fetch::Pending => widgets::pending_ui(ui, cx.tokens, &cx.t("map-loading")),
            Fetch::Failed(error) => widgets::failed_ui(ui, cx, error, out),
        },
    );
    (state.follow, state.chip, state.crops, state.background) = (options.follow, options.chip, options.crops, options.background);
    // At the end of the zoom range nothing happens, as a person expects.
    match options.act {
        Some(Zoom::In) => drop(state.memory.set_zoom((state.memory.zoom() + 0.5).min(20.0))),
        Some(Zoom::Out) => drop(state.memory.set_zoom((state.memory.zoom() - 0.5).max(1.0))),
        Some(Zoom::ToParcel) => state.zoom_to = parcel,
        None => {}
    }
    response
}

/// What the header's controls change.
struct Options {
    follow: bool,
    chip: bool,
    crops: bool,
    background: Option<usize>,
    act: Option<Zoom>,
}

enum Zoom {
    In,
    Out,
    ToParcel,
}

/// Buttons of the header, rightmost first.
fn controls_ui(ui: &mut Ui, cx: &Cx<'_>, options: &mut Options) {
    let layers = ui.add(Button::icon_only(icons::STACK, &cx.t("map-layers")));
    egui::Popup::menu(&layers).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(220.0);
        ui.checkbox(&mut options.chip, cx.t("map-layer-chip").as_ref());
        ui.checkbox(&mut options.crops, cx.t("map-layer-crops").as_ref());
        ui.checkbox(&mut options.follow, cx.t("map-follow").as_ref());
        ui.separator();
        ui.label(widgets::secondary(cx.tokens, cx.t("map-background").to_string()));
        ui.radio_value(&mut options.background, None, cx.t("map-background-none").as_ref());
        for (number, background) in cx.project.file().backgrounds.iter().enumerate() {
            ui.radio_value(&mut options.background, Some(number), &background.name);
        }
        if cx.project.file().backgrounds.is_empty() {
            ui.label(widgets::secondary(cx.tokens, cx.t("map-background-hint").to_string()));
        }
    });
    for (icon, id, act) in [
        (icons::CROSSHAIR, "map-zoom-parcel", Zoom::ToParcel),
        (icons::PLUS, "map-zoom-in", Zoom::In),
        (icons::MINUS, "map-zoom-out", Zoom::Out),
    ] {
        if ui.add(Button::icon_only(icon, &cx.t(id))).clicked() {
            options.act = Some(act);
        }
    }
}

/// What the chip on the map shows: the calendar's view where the acquisition can give it, else its sensor's usual one.
pub fn view_for(view: &View, sensor: Sensor) -> View {
    let of = |view: &View| match view {
        View::Backscatter(..) | View::BackscatterRatio(_) => Some(Sensor::S1Backscatter),
        View::Coherence(..) => Some(Sensor::S1Coherence),
        View::Composite(_) | View::Index(_) | View::SceneClass => Some(Sensor::S2),
        View::NdviHistogram | View::RedNirScatter => None,
    };
    if of(view) == Some(sensor) {
        return view.clone();
    }
    match sensor {
        Sensor::S2 => View::default(),
        Sensor::S1Backscatter => View::Backscatter(Polarisation::Vv, None),
        Sensor::S1Coherence => View::Coherence(Polarisation::Vv, None),
    }
}

/// Picture of the current acquisition and what the header says about it.
fn current_chip(cx: &Cx<'_>, state: &MapState, dataset: &Dataset, parcel: ParcelIx) -> Option<(Arc<ChipPicture>, String)> {
    let ix: AcquisitionIx = cx.project.selection().acquisition.filter(|_| state.chip)?;
    let acquisition = dataset.catalog.get(ix);
    let view = view_for(cx.project.view(), acquisition.sensor);
    // A chip that cannot be read is reported in the calendar; the map stays useful without it.
    let picture = cx.project.picture_of(parcel, ix, cx.project.granule(parcel, ix), &view).ready()?;
    Some((picture, format!("{}, {}", cx.texts.date(utc_day(acquisition.acquired)), view.label())))
}

fn body_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    state: &mut MapState,
    dataset: &Arc<Dataset>,
    chip: Option<Arc<ChipPicture>>,
    out: &mut Out,
) {
    let whole = ui.available_rect_before_wrap();
    let most_rows = (whole.height() / 4.0 / 16.0) as usize;
    if (state.footer.0 - whole.width()).abs() > 1.0 {
        state.footer = (whole.width(), 0.0);
    }
    let size = vec2(whole.width(), whole.height() - state.footer.1);
    let centre = place(cx, state, dataset, size);
    update_outlines(ui, cx, state, centre);
    update_chip(ui, cx, state, chip);
    if state.crop_colours.as_ref().is_none_or(|(of, _)| !Arc::ptr_eq(of, dataset)) {
        state.crop_colours = Some((Arc::clone(dataset), shapes::crop_colours(&dataset.parcels)));
    }
    let peers = highlighted(ui, cx);
    let backdrop = update_tiles(ui, cx, state);
    let scene = paint::Scene {
        shapes: state.outlines.as_ref().map(|(_, shapes)| shapes),
        parcels: &dataset.parcels,
        current: cx.project.selection().parcel,
        peers: &peers,
        crops: state.crop_colours.as_ref().map(|(_, crops)| crops.as_slice()).unwrap_or_default(),
        fill: state.crops,
        chip: state.texture.as_ref().zip(state.corners.as_ref()).map(|((_, texture), corners)| (texture.id(), **corners)),
    };
    let tiles = state.tiles.as_mut().filter(|_| backdrop.is_some()).map(|(_, tiles)| tiles as &mut dyn Tiles);
    let map = Map::new(tiles, &mut state.memory, centre).zoom_with_ctrl(false).double_click_to_zoom(false).panning(false);
    let (map_rect, strip) = whole.split_top_bottom_at_y(whole.top() + size.y);
    let shown = ui.scope_builder(egui::UiBuilder::new().max_rect(map_rect), |ui| {
        map.show(ui, |ui, response, projector, memory| {
            let position = response.hover_pos().map(|pointer| projector.unproject(pointer.to_vec2()));
            (position, paint::scene_ui(ui, cx, &scene, projector, memory.zoom()))
        })
    });
    let shown = shown.inner;
    let (position, legend) = shown.inner;
    let attribution = match &backdrop {
        Some(background) => format!("{} · {}", background.attribution, cx.project.file().attribution),
        None => cx.project.file().attribution.clone(),
    };
    let needed = paint::footer_ui(ui, cx, &legend, &attribution, strip, most_rows);
    if needed > state.footer.1 {
        state.footer.1 = needed;
        ui.ctx().request_repaint();
    }
    let response = shown.response;
    let name = summary(cx, dataset);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    if response.has_focus() {
        ui.painter().rect_stroke(response.rect, 0.0, egui::Stroke::new(2.0, cx.tokens.focus), egui::StrokeKind::Inside);
    }
    if let Some(position) = position {
        pointer_ui(ui, cx, state, dataset, &response, [position.x(), position.y()], out);
    }
}

/// Centre of the map. Moves it when another parcel became current, and fits the first one into the view.
fn place(cx: &Cx<'_>, state: &mut MapState, dataset: &Dataset, size: egui::Vec2) -> walkers::Position {
    let fallback = lon_lat(0.0, 0.0);
    let Some(parcel) = cx.project.selection().parcel else { return fallback };
    let query = PlaceQuery { parcel, revision: cx.project.revision() };
    let Some(lonlat) = cx.project.get(&query, Lane::Interactive).ready().filter(|bounds| !bounds.is_empty()) else {
        return state.memory.detached().unwrap_or(fallback);
    };
    let (lon, lat) = lonlat.center();
    let centre = lon_lat(lon, lat);
    if state.unfitted || state.zoom_to == Some(parcel) {
        state.memory.center_at(centre);
        let around = surroundings(&lonlat, &dataset.parcels.bounds(parcel), f64::from(cx.project.file().display.margin_m));
        // The zoom is clamped to what the map knows; a refusal would leave the old one, which still works.
        drop(state.memory.set_zoom(shapes::zoom_for(&around, f64::from(size.x), f64::from(size.y))));
        (state.unfitted, state.zoom_to, state.placed) = (false, None, Some(parcel));
    } else if state.placed != Some(parcel) {
        if state.follow {
            state.memory.center_at(centre);
        }
        state.placed = Some(parcel);
    }
    centre
}

/// The parcel's box squared and grown by the chip's margin, in degrees.
fn surroundings(lonlat: &Bounds, world: &Bounds, margin: f64) -> Bounds {
    let side = world.width().max(world.height()).max(1.0) + 2.0 * margin;
    let (lon, lat) = lonlat.center();
    let half_lon = lonlat.width() / world.width().max(1e-9) * side / 2.0;
    let half_lat = lonlat.height() / world.height().max(1e-9) * side / 2.0;
    Bounds { min_x: lon - half_lon, min_y: lat - half_lat, max_x: lon + half_lon, max_y: lat + half_lat }
}

/// Asks for the outlines of the view; the old ones stay until the answer is there.
fn update_outlines(ui: &Ui, cx: &Cx<'_>, state: &mut MapState, centre: walkers::Position) {
    let projector = Projector::new(ui.available_rect_before_wrap(), &walkers::MercatorProjection, &state.memory, centre);
    let rect = projector.clip_rect();
    let (a, b) = (projector.unproject(rect.left_top().to_vec2()), projector.unproject(rect.right_bottom().to_vec2()));
    let zoom = state.memory.zoom().floor().clamp(0.0, 20.0) as u8;
    let (columns, rows) = shapes::tiles_of(a.x(), b.y(), b.x(), a.y(), zoom);
    let query = OutlinesQuery { zoom, columns, rows, revision: cx.project.revision() };
    // A failure here is one of coordinates, which the import report explains.
    let Some(outlines) = cx.project.get(&query, Lane::Interactive).ready() else { return };
    if state.outlines.as_ref().is_none_or(|(own, _)| !Arc::ptr_eq(own, &outlines)) {
        let shapes = MapShapes::new(&outlines);
        state.outlines = Some((outlines, shapes));
    }
}

/// Uploads the chip when it is another one, and asks where its corners lie.
fn update_chip(ui: &Ui, cx: &Cx<'_>, state: &mut MapState, chip: Option<Arc<ChipPicture>>) {
    if !state.chip || cx.project.selection().parcel.is_none() {
        state.texture = None;
        return;
    }
    let Some(chip) = chip else { return };
    let (Some(picture), Some(pixels)) = (&chip.picture, &chip.chip.chip) else {
        state.texture = None;
        return;
    };
    if picture.width * picture.height * 4 != picture.rgba.len() || picture.rgba.is_empty() {
        return;
    }
    let Some(corners) = cx.project.get(&CornersQuery::new(&pixels.grid), Lane::Interactive).ready() else { return };
    state.corners = Some(corners);
    if state.texture.as_ref().is_none_or(|(own, _)| !Arc::ptr_eq(own, &chip)) {
        let image = egui::ColorImage::from_rgba_unmultiplied([picture.width, picture.height], &picture.rgba);
        let texture = ui.ctx().load_texture("map-chip", image, egui::TextureOptions::NEAREST);
        state.texture = Some((Arc::clone(&chip), texture));
    }
}

/// Starts the chosen background; it exists only while it is chosen.
fn update_tiles(ui: &Ui, cx: &Cx<'_>, state: &mut MapState) -> Option<Background> {
    let chosen = state.background.and_then(|number| cx.project.file().backgrounds.get(number)).cloned();
    match &chosen {
        None => state.tiles = None,
        Some(background) if state.tiles.as_ref().is_some_and(|(own, _)| own == background) => {}
        Some(background) => {
            // A provider that is installed already serves as well.
            drop(rustls::crypto::ring::default_provider().install_default());
            state.tiles = Some((background.clone(), HttpTiles::new(background::Source::new(background), ui.ctx().clone())));
        }
    }
    chosen
}

/// Peers to highlight: those of the first optical graph, when the list is wanted.
fn highlighted(ui: &Ui, cx: &Cx<'_>) -> BTreeSet<ParcelIx> {
    let Some(parcel) = cx.project.selection().parcel.filter(|_| super::graph::peers_listed(ui.ctx())) else {
        return BTreeSet::new();
    };
    let band = cx.project.peers(parcel, &peer_signal(cx)).ready();
    band.map(|band| band.peers.iter().map(|peer| peer.parcel).collect()).unwrap_or_default()
}

/// Signal whose peers are listed: who the peers are does not depend on it, so the one already shown is the cheapest.
pub fn peer_signal(cx: &Cx<'_>) -> Signal {
    let graphs = &cx.project.file().display.graphs;
    let optical = graphs.iter().flatten().find(|signal| signal.sensor() == Sensor::S2).cloned();
    optical.unwrap_or_else(|| Signal::Index("NDVI".to_owned()))
}

fn summary(cx: &Cx<'_>, dataset: &Dataset) -> String {
    match cx.project.selection().parcel {
        Some(parcel) => {
            cx.tw("map-summary", &[("id", dataset.parcels.id(parcel).into()), ("crs", dataset.parcels.crs().label().into())])
        }
        None => cx.t("map-title").to_string(),
    }
}

/// Readout, click, double-click and the menu of a place.
fn pointer_ui(
    ui: &Ui,
    cx: &Cx<'_>,
    state: &mut MapState,
    dataset: &Dataset,
    response: &Response,
    lonlat: [f64; 2],
    out: &mut Out,
) {
    let [lon, lat] = lonlat;
    let Some((outlines, _)) = &state.outlines else { return };
    let world = outlines.project.from_lonlat(lon, lat);
    let under = shapes::parcel_at(outlines, &dataset.parcels, lon, lat);
    out.status = Some(place_text(cx, dataset, lonlat, world, under));
    if let Some(parcel) = under {
        if response.clicked() {
            out.push(Command::SelectParcel(parcel));
        }
        if response.double_clicked() {
            state.zoom_to = Some(parcel);
            out.push(Command::SelectParcel(parcel));
        }
    }
    response.context_menu(|ui| {
        if ui.button(cx.t("map-copy-wgs84").as_ref()).clicked() {
            ui.ctx().copy_text(format!("{lat:.6} {lon:.6}"));
        }
        if let Some([x, y]) = world
            && ui.button(cx.tw("map-copy-project", &[("crs", dataset.parcels.crs().label().into())])).clicked()
        {
            ui.ctx().copy_text(format!("{x:.1} {y:.1}"));
        }
    });
    if response.hovered() && under.is_some() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
    }
}

/// `EPSG:32631 574 995 E 5 622 120 N · 50.77123° N 4.12345° E · FLAPAJ013 Maize`.
fn place_text(cx: &Cx<'_>, dataset: &Dataset, [lon, lat]: [f64; 2], world: Option<[f64; 2]>, under: Option<ParcelIx>) -> String {
    let half = |value: f64, positive: &'static str, negative: &'static str| {
        format!("{}°\u{00A0}{}", cx.texts.number(value.abs(), 5), if value < 0.0 { negative } else { positive })
    };
    let mut parts = Vec::new();
    if let Some([x, y]) = world {
        parts.push(format!("{}  {} E  {} N", dataset.parcels.crs().label(), cx.texts.number(x, 0), cx.texts.number(y, 0)));
    }
    parts.push(format!("{}  {}", half(lat, "N", "S"), half(lon, "E", "W")));
    if let Some(parcel) = under {
        parts.push(format!("{} {}", dataset.parcels.id(parcel), dataset.parcels.crop(parcel).unwrap_or_default()));
    }
    parts.join("  ·  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chip_shows_a_view_that_its_sensor_can_give() {
        let ndvi = View::Index("NDVI".to_owned());
        assert_eq!(view_for(&ndvi, Sensor::S2), ndvi);
        assert_eq!(view_for(&ndvi, Sensor::S1Coherence), View::Coherence(Polarisation::Vv, None));
        assert_eq!(view_for(&View::NdviHistogram, Sensor::S2), View::default());
        let ratio = View::BackscatterRatio(None);
        assert_eq!(view_for(&ratio, Sensor::S1Backscatter), ratio);
    }

    #[test]
    fn surroundings_are_as_square_on_the_ground_as_the_chip() {
        let world = Bounds { min_x: 0.0, min_y: 0.0, max_x: 200.0, max_y: 100.0 };
        // One degree east is here 100 m, one degree north 50 m.
        let lonlat = Bounds { min_x: 0.0, min_y: 0.0, max_x: 2.0, max_y: 2.0 };
        let around = surroundings(&lonlat, &world, 100.0);
        assert!((around.width() * 100.0 - 400.0).abs() < 1e-9 && (around.height() * 50.0 - 400.0).abs() < 1e-9);
    }
}
