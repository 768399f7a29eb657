//! Map: parcels in the colours of a colouring, the current chip at its true place.
//!
//! Without a background nothing is fetched: parcels and chips come from the project. Where many parcels are in view they are
//! pictures of tiles that workers make ([`tiles`]); nearer, outlines that workers cut into triangles once per block of tiles, and
//! that are only moved and scaled per frame ([`paint`]). No frame touches all parcels.

pub mod background;
pub mod paint;
pub mod shapes;
pub mod tiles;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Response, Role, Ui, WidgetInfo, vec2};
use walkers::{HttpTiles, Map, MapMemory, Projector, Tiles, lon_lat};

use crate::engine::colouring::{Classes, Colouring};
use crate::engine::net::Net;
use crate::jobs::Lane;
use crate::model::project_file::Background;
use crate::model::units::utc_day;
use crate::model::view::Polarisation;
use crate::model::{AcquisitionIx, Bounds, ParcelIx, Parcels, Sensor, Signal, View};
use crate::project::queries::map::{ClassesQuery, CornersQuery, MapOutlines, NetQuery, OutlinesQuery, PlaceQuery, ShapeQuery};
use crate::project::queries::picture::ChipPicture;
use crate::project::{Command, Dataset, Fetch};

use super::cx::{Cx, Out};
use super::icons;
use super::widgets::{self, Button};

use tiles::{TileTextures, TileView};

/// More parcels than this in view are drawn as tiles, not as outlines.
const MOST_OUTLINES: f64 = 1_600.0;

/// Colours of what is being computed are renewed so often.
const RENEWED_EVERY: Duration = Duration::from_secs(1);

/// Speed of the wheel: a click is about half a zoom level at 60 frames a second.
const WHEEL_LEVELS: f64 = 1.0;

/// Zoom levels of the map; nearer nothing more is to be seen.
const ZOOMS: std::ops::RangeInclusive<f64> = 1.0..=20.0;

/// Circumference of the earth at the equator, m.
const EQUATOR_M: f64 = 40_075_016.7;

/// State of a map pane.
pub struct MapState {
    /// The map moves to the current parcel when that changes.
    pub follow: bool,
    /// The current chip is shown.
    pub chip: bool,
    /// What parcels are coloured by; `None` leaves them empty.
    pub colouring: Option<Colouring>,
    /// The map starts with all parcels in view, not with the current one.
    pub overview: bool,
    /// Background by its place in the project's list; `None` is none.
    pub background: Option<usize>,
    memory: MapMemory,
    /// Parcel that the map was last moved to.
    placed: Option<ParcelIx>,
    /// True until the first parcel was fitted into the view.
    unfitted: bool,
    /// Zoom to this parcel as soon as its place is known.
    zoom_to: Option<ParcelIx>,
    /// Zoom to all parcels.
    zoom_to_all: bool,
    /// Revision and view of the last zoom to all: a table that grows is fitted again unless the user moved the map.
    fitted: Option<(u64, f64, walkers::Position)>,
    outlines: Option<(OutlinesQuery, Arc<MapOutlines>)>,
    classes: Option<(ClassesQuery, Arc<Classes>)>,
    net: Option<Arc<Net>>,
    tile_textures: TileTextures,
    /// When it was last looked how much is computed, and how much it was.
    computed: Option<(Instant, u64)>,
    texture: Option<(Arc<ChipPicture>, egui::TextureHandle)>,
    corners: Option<Arc<[[f64; 2]; 4]>>,
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
            colouring: Some(Colouring::Crop),
            overview: false,
            background: None,
            memory: MapMemory::default(),
            placed: None,
            unfitted: true,
            zoom_to: None,
            zoom_to_all: false,
            fitted: None,
            outlines: None,
            classes: None,
            net: None,
            tile_textures: TileTextures::default(),
            computed: None,
            texture: None,
            corners: None,
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

impl MapState {
    /// Number of textures of tiles held.
    pub fn tile_count(&self) -> usize {
        self.tile_textures.len()
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
        Options { follow: state.follow, chip: state.chip, colouring: state.colouring, background: state.background, act: None };
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
    (state.follow, state.chip, state.colouring, state.background) =
        (options.follow, options.chip, options.colouring, options.background);
    // At the end of the zoom range nothing happens, as a person expects.
    match options.act {
        Some(Zoom::In) => drop(state.memory.set_zoom((state.memory.zoom() + 0.5).min(*ZOOMS.end()))),
        Some(Zoom::Out) => drop(state.memory.set_zoom((state.memory.zoom() - 0.5).max(*ZOOMS.start()))),
        Some(Zoom::ToParcel) => state.zoom_to = parcel,
        Some(Zoom::ToAll) => state.zoom_to_all = true,
        None => {}
    }
    response
}

/// What the header's controls change.
struct Options {
    follow: bool,
    chip: bool,
    colouring: Option<Colouring>,
    background: Option<usize>,
    act: Option<Zoom>,
}

enum Zoom {
    In,
    Out,
    ToParcel,
    ToAll,
}

/// Buttons of the header, rightmost first.
fn controls_ui(ui: &mut Ui, cx: &Cx<'_>, options: &mut Options) {
    let layers = ui.add(Button::icon_only(icons::STACK, &cx.t("map-layers")));
    egui::Popup::menu(&layers).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(220.0);
        ui.checkbox(&mut options.chip, cx.t("map-layer-chip").as_ref());
        ui.checkbox(&mut options.follow, cx.t("map-follow").as_ref());
        ui.separator();
        ui.label(widgets::secondary(cx.tokens, cx.t("map-colouring").to_string()));
        for colouring in Colouring::ALL {
            ui.radio_value(&mut options.colouring, Some(colouring), cx.t(colouring_id(colouring)).as_ref());
        }
        ui.radio_value(&mut options.colouring, None, cx.t("map-colouring-none").as_ref());
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
        (icons::EXPAND, "map-zoom-all", Zoom::ToAll),
        (icons::PLUS, "map-zoom-in", Zoom::In),
        (icons::MINUS, "map-zoom-out", Zoom::Out),
    ] {
        if ui.add(Button::icon_only(icon, &cx.t(id))).clicked() {
            options.act = Some(act);
        }
    }
}

fn colouring_id(colouring: Colouring) -> &'static str {
    match colouring {
        Colouring::Crop => "map-colouring-crop",
        Colouring::Ndvi => "map-colouring-ndvi",
        Colouring::Sufficiency => "map-colouring-sufficiency",
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

/// Picture of the date under the pointer in another pane, else of the current one, and what the header says about it.
fn current_chip(cx: &Cx<'_>, state: &MapState, dataset: &Dataset, parcel: ParcelIx) -> Option<(Arc<ChipPicture>, String)> {
    let pointed = cx.pointed.filter(|_| state.chip).and_then(|pointed| chip_of(cx, dataset, parcel, pointed));
    pointed.or_else(|| chip_of(cx, dataset, parcel, cx.project.selection().acquisition.filter(|_| state.chip)?))
}

fn chip_of(cx: &Cx<'_>, dataset: &Dataset, parcel: ParcelIx, ix: AcquisitionIx) -> Option<(Arc<ChipPicture>, String)> {
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
    let view = ViewTiles::of(ui, state, centre);
    update_net(cx, state, &view);
    let outlined = update_outlines(cx, state, dataset, &view);
    let classes = update_classes(ui, cx, state);
    update_chip(ui, cx, state, chip);
    let peers = highlighted(ui, cx);
    let backdrop = update_tiles(ui, cx, state);
    let current = cx.project.selection().parcel;
    let own_shape = current
        .and_then(|parcel| cx.project.get(&ShapeQuery { parcel, revision: cx.project.revision() }, Lane::Interactive).ready());
    let scene = paint::Scene {
        shapes: state.outlines.as_ref().filter(|_| outlined).map(|(_, outlines)| &outlines.shapes),
        own_shape: own_shape.as_deref(),
        parcels: &dataset.parcels,
        current,
        peers: &peers,
        classes: state.classes.as_ref().filter(|_| state.colouring.is_some()).map(|(_, classes)| classes.as_ref()),
        backdrop: backdrop.is_some(),
        chip: state.texture.as_ref().zip(state.corners.as_ref()).map(|((_, texture), corners)| (texture.id(), **corners)),
    };
    let pixels = &mut state.tile_textures;
    let tiles = state.tiles.as_mut().filter(|_| backdrop.is_some()).map(|(_, tiles)| tiles as &mut dyn Tiles);
    let map = Map::new(tiles, &mut state.memory, centre)
        .zoom_with_ctrl(false)
        .zoom_speed(WHEEL_LEVELS)
        .double_click_to_zoom(false)
        .panning(false);
    let (map_rect, strip) = whole.split_top_bottom_at_y(whole.top() + size.y);
    let shown = ui.scope_builder(egui::UiBuilder::new().max_rect(map_rect), |ui| {
        map.show(ui, |ui, response, projector, memory| {
            let position = response.hover_pos().map(|pointer| projector.unproject(pointer.to_vec2()));
            if let Some(classes) = classes.as_ref().filter(|_| !outlined) {
                let painter = ui.painter().with_clip_rect(projector.clip_rect().intersect(ui.clip_rect()));
                let tint = egui::Color32::from_white_alpha(scene.opacity());
                pixels.paint(ui, cx, &painter, &view.pixels(projector, memory.zoom()), (classes, tint));
            }
            (position, paint::scene_ui(ui, cx, &scene, projector, memory.zoom()))
        })
    });
    let shown = shown.inner;
    if !ZOOMS.contains(&state.memory.zoom()) {
        // Inside the range it cannot be refused.
        drop(state.memory.set_zoom(state.memory.zoom().clamp(*ZOOMS.start(), *ZOOMS.end())));
    }
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

/// Centre of the map. Moves it when another parcel became current, and fits the first one, or all, into the view.
fn place(cx: &Cx<'_>, state: &mut MapState, dataset: &Dataset, size: egui::Vec2) -> walkers::Position {
    fit_all(cx, state, size);
    let fallback = lon_lat(0.0, 0.0);
    let Some(parcel) = cx.project.selection().parcel else { return state.memory.detached().unwrap_or(fallback) };
    let query = PlaceQuery { parcel: Some(parcel), revision: cx.project.revision() };
    let Some(lonlat) = cx.project.get(&query, Lane::Interactive).ready().filter(|bounds| !bounds.is_empty()) else {
        return state.memory.detached().unwrap_or(fallback);
    };
    let (lon, lat) = lonlat.center();
    let centre = lon_lat(lon, lat);
    if (state.unfitted && !state.overview) || state.zoom_to == Some(parcel) {
        state.memory.center_at(centre);
        let around = surroundings(&lonlat, &dataset.parcels.bounds(parcel), f64::from(cx.project.file().display.margin_m));
        // The zoom is clamped to what the map knows; a refusal would leave the old one, which still works.
        drop(state.memory.set_zoom(shapes::zoom_for(&around, f64::from(size.x), f64::from(size.y))));
        (state.unfitted, state.zoom_to, state.placed) = (false, None, Some(parcel));
    } else if state.placed != Some(parcel) {
        // The first parcel of an overview is in view already.
        if state.follow && state.placed.is_some() {
            state.memory.center_at(centre);
        }
        state.placed = Some(parcel);
    }
    centre
}

/// Shows all parcels when asked to, at the start of an overview, and again while the table grows.
fn fit_all(cx: &Cx<'_>, state: &mut MapState, size: egui::Vec2) {
    let revision = cx.project.revision();
    let grown = state.fitted.is_some_and(|(before, zoom, position)| {
        before != revision && state.memory.zoom() == zoom && state.memory.detached() == Some(position)
    });
    if !(state.zoom_to_all || grown || (state.overview && state.unfitted)) {
        return;
    }
    let query = PlaceQuery { parcel: None, revision };
    let Some(lonlat) = cx.project.get(&query, Lane::Interactive).ready().filter(|bounds| !bounds.is_empty()) else { return };
    let (lon, lat) = lonlat.center();
    let centre = lon_lat(lon, lat);
    state.memory.center_at(centre);
    // As above: a refused zoom leaves the old one.
    drop(state.memory.set_zoom(shapes::zoom_for(&lonlat, f64::from(size.x), f64::from(size.y))));
    (state.unfitted, state.zoom_to_all) = (false, false);
    state.fitted = Some((revision, state.memory.zoom(), centre));
}

/// The parcel's box squared and grown by the chip's margin, in degrees.
fn surroundings(lonlat: &Bounds, world: &Bounds, margin: f64) -> Bounds {
    let side = world.width().max(world.height()).max(1.0) + 2.0 * margin;
    let (lon, lat) = lonlat.center();
    let half_lon = lonlat.width() / world.width().max(1e-9) * side / 2.0;
    let half_lat = lonlat.height() / world.height().max(1e-9) * side / 2.0;
    Bounds { min_x: lon - half_lon, min_y: lat - half_lat, max_x: lon + half_lon, max_y: lat + half_lat }
}

/// The tiles of a view, with one around it.
struct ViewTiles {
    zoom: u8,
    columns: (u32, u32),
    rows: (u32, u32),
    /// Area in view, ha.
    area_ha: f64,
    /// West, south, east, north.
    edges: [f64; 4],
}

impl ViewTiles {
    fn of(ui: &Ui, state: &MapState, centre: walkers::Position) -> Self {
        let projector = Projector::new(ui.available_rect_before_wrap(), &walkers::MercatorProjection, &state.memory, centre);
        let rect = projector.clip_rect();
        let (a, b) = (projector.unproject(rect.left_top().to_vec2()), projector.unproject(rect.right_bottom().to_vec2()));
        let zoom = state.memory.zoom().floor().clamp(0.0, 20.0) as u8;
        let (columns, rows) = shapes::tiles_of(a.x(), b.y(), b.x(), a.y(), zoom, 1);
        let pixel_m = EQUATOR_M * f64::midpoint(a.y(), b.y()).to_radians().cos() / (256.0 * 2f64.powf(state.memory.zoom()));
        let area_ha = f64::from(rect.width() * rect.height()) * pixel_m * pixel_m / 10_000.0;
        Self { zoom, columns, rows, area_ha, edges: [a.x(), b.y(), b.x(), a.y()] }
    }

    /// About so many parcels are in view, as if they were spread evenly.
    fn parcels(&self, parcels: &Parcels) -> f64 {
        let all = parcels.len() as f64;
        // Without any area all may be in view.
        let mean = parcels.mean_area_ha();
        if mean > 0.0 { (self.area_ha / mean).min(all) } else { all }
    }

    /// Tiles whose pixels are about as large as those of the screen.
    fn pixels(&self, projector: &Projector<'_>, zoom: f64) -> TileView {
        let own = zoom.round().clamp(0.0, 20.0);
        let [west, south, east, north] = self.edges;
        let (columns, rows) = shapes::tiles_of(west, south, east, north, own as u8, 0);
        let count = 2f64.powf(own);
        let [lon, lat] = crate::engine::tiles::lonlat([f64::from(columns.0) / count, f64::from(rows.0) / count]);
        TileView {
            zoom: own as u8,
            columns,
            rows,
            origin: projector.project(lon_lat(lon, lat)).to_pos2(),
            edge: (256.0 * 2f64.powf(zoom - own)) as f32,
        }
    }
}

fn update_net(cx: &Cx<'_>, state: &mut MapState, view: &ViewTiles) {
    let query = NetQuery { zoom: view.zoom, columns: view.columns, rows: view.rows, revision: cx.project.revision() };
    if let Some(net) = cx.project.get(&query, Lane::Interactive).ready() {
        state.net = Some(net);
    }
}

/// Asks for the outlines of the view when they are not too many; the old ones stay until the answer is there. True when there are
/// outlines to draw.
fn update_outlines(cx: &Cx<'_>, state: &mut MapState, dataset: &Dataset, view: &ViewTiles) -> bool {
    if view.parcels(&dataset.parcels) > MOST_OUTLINES {
        return false;
    }
    let query = OutlinesQuery { zoom: view.zoom, columns: view.columns, rows: view.rows, revision: cx.project.revision() };
    // A failure here is one of coordinates, which the import report explains.
    if let Some(outlines) = cx.project.get(&query, Lane::Interactive).ready() {
        state.outlines = Some((query, outlines));
    }
    let apart = |a: (u32, u32), b: (u32, u32)| a.0 > b.1 || b.0 > a.1;
    state.outlines.as_ref().is_some_and(|(own, outlines)| {
        let usable = !outlines.shapes.parcels.is_empty() || outlines.left_out == 0;
        let near = own.zoom.abs_diff(view.zoom) > 0 || !(apart(own.columns, view.columns) || apart(own.rows, view.rows));
        usable && near && own.zoom.abs_diff(view.zoom) <= 1
    })
}

/// Asks for the classes of the colouring in force; the old ones of the same colouring stay until the answer is there.
fn update_classes(ui: &Ui, cx: &Cx<'_>, state: &mut MapState) -> Option<ClassesQuery> {
    let colouring = state.colouring?;
    if colouring != Colouring::Crop {
        if state.computed.is_none_or(|(at, _)| at.elapsed() >= RENEWED_EVERY) {
            state.computed = Some((Instant::now(), cx.project.computed_series()));
        }
        ui.ctx().request_repaint_after(RENEWED_EVERY);
        ask_for_series(cx, state);
    }
    let query = cx.project.classes_query(colouring, state.computed.map_or(0, |(_, computed)| computed));
    if let Some(classes) = cx.project.get(&query, Lane::Interactive).ready() {
        state.classes = Some((query.clone(), classes));
    } else if state.classes.as_ref().is_some_and(|(own, _)| own.colouring != colouring) {
        state.classes = None;
    }
    Some(query)
}

/// Has the NDVI of parcels in view computed, a few at a time, when they are near enough to be outlines.
fn ask_for_series(cx: &Cx<'_>, state: &MapState) {
    let pool = cx.project.pool();
    let Some((_, outlines)) = state.outlines.as_ref().filter(|_| pool.waiting() == 0) else { return };
    let mut room = 2 * pool.threads();
    for shape in &outlines.shapes.parcels {
        let query = cx.project.series_query(shape.parcel, &Signal::Index("NDVI".to_owned()));
        if cx.project.peek(&query).is_none() && matches!(cx.project.get(&query, Lane::Prefetch), Fetch::Pending) {
            room -= 1;
            if room == 0 {
                return;
            }
        }
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
    let world = state.net.as_ref().and_then(|net| net.inside(lon, lat));
    let under = world.and_then(|[x, y]| dataset.parcels.at_point(x, y));
    out.status = Some(place_text(cx, dataset, lonlat, world, under));
    if let Some(parcel) = under {
        if response.clicked() {
            if state.overview {
                // It is in view already; moving the map would take it from under the pointer.
                state.placed = Some(parcel);
            }
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
