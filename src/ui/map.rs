//! Map: the season's image, parcels in the colours of a colouring, the current chip at its true place.
//!
//! Without a background nothing is fetched: everything comes from the project. Images, and parcels where many are in view, are
//! pictures of tiles that workers make ([`tiles`]); nearer, parcels are outlines that workers cut into triangles once per block of
//! tiles, and that are only moved and scaled per frame ([`paint`]). No frame touches all parcels.

pub mod background;
pub mod extents;
mod figure;
pub mod layers;
pub mod paint;
mod pointer;
mod season;
pub mod shapes;
pub mod tiles;
mod view;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{DragPanButtons, Response, Role, Ui, WidgetInfo, vec2};
use walkers::{HttpTiles, Map, MapMemory, Tiles, lon_lat};

use crate::engine::colouring::{Classes, Colouring, Shown};
use crate::engine::net::Net;
use crate::jobs::Lane;
use crate::model::project_file::Background;
use crate::model::units::utc_day;
use crate::model::{AcquisitionIx, ParcelIx, Sensor, Signal, View};
use crate::project::export::view_for;
use crate::project::queries::map::{
    ClassesQuery, CornersQuery, CountsQuery, MapOutlines, NetQuery, OutlinesQuery, ShapeQuery, ShownQuery,
};
use crate::project::queries::mosaic::Season;
use crate::project::queries::picture::ChipPicture;
use crate::project::{Dataset, Fetch};

use super::cx::{Cx, Out};
use super::widgets;

use extents::Extents;
use layers::{Layers, Zoom};
use tiles::TileTextures;
use view::ViewTiles;

/// More parcels than this in view are drawn as tiles, not as outlines.
const MOST_OUTLINES: f64 = 1_600.0;

/// Colours of what is being computed are renewed so often.
const RENEWED_EVERY: Duration = Duration::from_secs(1);

/// Speed of the wheel: a click is about half a zoom level at 60 frames a second.
const WHEEL_LEVELS: f64 = 1.0;

/// Zoom levels of the map; nearer nothing more is to be seen.
const ZOOMS: std::ops::RangeInclusive<f64> = 1.0..=20.0;

/// State of a map pane.
pub struct MapState {
    /// What is shown.
    pub layers: Layers,
    /// The map starts with all parcels in view, not with the current one.
    pub overview: bool,
    /// Masked pixels of the season's image are hatched, as in the calendar.
    pub mask: bool,
    memory: MapMemory,
    /// Parcel that the map was last moved to.
    placed: Option<ParcelIx>,
    /// True until the first parcel was fitted into the view.
    unfitted: bool,
    /// Zoom to this parcel as soon as its place is known.
    zoom_to: Option<ParcelIx>,
    /// Zoom to all parcels.
    zoom_to_all: bool,
    /// The last zoom to all: it is done again, when the table or the pane changes, unless the user moved the map.
    fitted: Option<view::Fitted>,
    extents: Extents,
    /// Where a box that is being drawn began.
    box_from: Option<egui::Pos2>,
    /// Where the menu of a place was opened, longitude and latitude.
    menu_at: Option<[f64; 2]>,
    /// Corners of an area that is being drawn, longitude and latitude.
    area: Option<Vec<[f64; 2]>>,
    /// The user is done with it: asks for its parcels, or gives it up.
    area_ends: Option<bool>,
    outlines: Option<(OutlinesQuery, Arc<MapOutlines>)>,
    classes: Option<(ClassesQuery, Arc<Classes>)>,
    shown: Option<(ShownQuery, Arc<Result<Shown, crate::engine::filter::FilterError>>)>,
    net: Option<Arc<Net>>,
    parcel_tiles: TileTextures<tiles::Parcels>,
    season_tiles: TileTextures<Season>,
    /// Tiles of the season's image are missing.
    season_reading: bool,
    /// When it was last looked how much is computed, and how much it was.
    computed: Option<(Instant, u64)>,
    /// West, south, east and north of what was in view in the last frame, degrees.
    edges: Option<[f64; 4]>,
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
            layers: Layers::default(),
            overview: false,
            mask: false,
            memory: MapMemory::default(),
            placed: None,
            unfitted: true,
            zoom_to: None,
            zoom_to_all: false,
            fitted: None,
            extents: Extents::default(),
            box_from: None,
            menu_at: None,
            area: None,
            area_ends: None,
            outlines: None,
            classes: None,
            shown: None,
            net: None,
            parcel_tiles: TileTextures::default(),
            season_tiles: TileTextures::default(),
            season_reading: false,
            computed: None,
            edges: None,
            texture: None,
            corners: None,
            tiles: None,
            footer: (0.0, 0.0),
        }
    }
}

impl std::fmt::Debug for MapState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MapState").field("layers", &self.layers).field("zoom", &self.memory.zoom()).finish_non_exhaustive()
    }
}

impl MapState {
    /// True while an area is being drawn: Enter and Esc are about it.
    pub fn drawing(&self) -> bool {
        self.area.is_some()
    }

    /// Ends the area that is being drawn: asks for its parcels, or gives it up.
    pub fn end_area(&mut self, ask: bool) {
        self.area_ends = Some(ask);
    }

    /// Number of textures of tiles held, of parcels and of the season's image.
    pub fn tile_count(&self) -> [usize; 2] {
        [self.parcel_tiles.len(), self.season_tiles.len()]
    }

    /// True when the whole image of the current date is shown and no tile of it is missing.
    pub fn season_complete(&self) -> bool {
        !self.season_reading && !self.season_tiles.is_empty()
    }

    /// Longitude and latitude of the centre, and the zoom; `None` before the first place is known.
    pub fn extent(&self) -> Option<extents::Extent> {
        self.memory.detached().map(|centre| [centre.x(), centre.y(), self.memory.zoom()])
    }

    /// Goes back (-1) or forward (1) through the extents that were shown.
    pub fn step_extent(&mut self, by: isize) {
        if let Some([lon, lat, zoom]) = self.extents.step(by) {
            self.memory.center_at(lon_lat(lon, lat));
            // It was in range when it was shown.
            drop(self.memory.set_zoom(zoom));
        }
    }
}

/// Draws the pane; returns the response of its header.
pub fn map_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut MapState, out: &mut Out) -> Response {
    let dataset = cx.project.dataset();
    let parcel = cx.project.selection().parcel;
    let (chip, season) = match &dataset {
        Fetch::Ready(dataset) => {
            (parcel.and_then(|parcel| current_chip(cx, state, dataset, parcel)), season::wanted(cx, state, dataset))
        }
        _ => (None, None),
    };
    let subtitle = subtitle(cx, state, &dataset, chip.as_ref().map(|(_, label)| label.as_str()), season.as_ref());
    let mut layers = state.layers.clone();
    let (large, mut act, mut header_out) = (state.overview, None, Out::default());
    let response = widgets::pane_ui(
        ui,
        cx,
        &cx.t("map-title"),
        &subtitle,
        |ui| act = layers::controls_ui(ui, cx, &mut layers, large, &mut header_out),
        |ui| match &dataset {
            Fetch::Ready(dataset) => {
                body_ui(ui, cx, state, dataset, &Images { chip: chip.map(|(chip, _)| chip), season }, out);
            }
            Fetch::Pending => widgets::pending_ui(ui, cx.tokens, &cx.t("map-loading")),
            Fetch::Failed(error) => widgets::failed_ui(ui, cx, error, out),
        },
    );
    out.actions.append(&mut header_out.actions);
    state.layers = layers;
    // At the end of the zoom range nothing happens, as a person expects.
    match act {
        Some(Zoom::In) => drop(state.memory.set_zoom((state.memory.zoom() + 0.5).min(*ZOOMS.end()))),
        Some(Zoom::Out) => drop(state.memory.set_zoom((state.memory.zoom() - 0.5).max(*ZOOMS.start()))),
        Some(Zoom::ToParcel) => state.zoom_to = parcel,
        Some(Zoom::ToAll) => state.zoom_to_all = true,
        None => {}
    }
    response
}

/// Images that the map shows.
struct Images {
    chip: Option<Arc<ChipPicture>>,
    season: Option<Season>,
}

/// What the header says of the images: date and view, and that some of them are still being read.
fn subtitle(cx: &Cx<'_>, state: &MapState, dataset: &Fetch<Dataset>, chip: Option<&str>, season: Option<&Season>) -> String {
    let (Fetch::Ready(dataset), Some(season)) = (dataset, season) else { return chip.unwrap_or_default().to_owned() };
    let label = image_label(cx, dataset, season.acquisition, &season.view);
    if state.season_reading { format!("{label} · {}", cx.t("map-season-reading")) } else { label }
}

fn image_label(cx: &Cx<'_>, dataset: &Dataset, acquisition: AcquisitionIx, view: &View) -> String {
    format!("{}, {}", cx.texts.date(utc_day(dataset.catalog.get(acquisition).acquired)), view.label())
}

/// Picture of the date under the pointer in another pane, else of the current one, and what the header says about it.
fn current_chip(cx: &Cx<'_>, state: &MapState, dataset: &Dataset, parcel: ParcelIx) -> Option<(Arc<ChipPicture>, String)> {
    let pointed = cx.pointed.filter(|_| state.layers.chip).and_then(|pointed| chip_of(cx, dataset, parcel, pointed));
    pointed.or_else(|| chip_of(cx, dataset, parcel, cx.project.selection().acquisition.filter(|_| state.layers.chip)?))
}

fn chip_of(cx: &Cx<'_>, dataset: &Dataset, parcel: ParcelIx, ix: AcquisitionIx) -> Option<(Arc<ChipPicture>, String)> {
    let acquisition = dataset.catalog.get(ix);
    let view = view_for(cx.project.view(), acquisition.sensor);
    // A chip that cannot be read is reported in the calendar; the map stays useful without it.
    let picture = cx.project.picture_of(parcel, ix, cx.project.granule(parcel, ix), &view).ready()?;
    Some((picture, image_label(cx, dataset, ix, &view)))
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut MapState, dataset: &Arc<Dataset>, images: &Images, out: &mut Out) {
    let whole = ui.available_rect_before_wrap();
    let most_rows = (whole.height() / 4.0 / 16.0) as usize;
    if (state.footer.0 - whole.width()).abs() > 1.0 {
        state.footer = (whole.width(), 0.0);
    }
    let size = vec2(whole.width(), whole.height() - state.footer.1);
    let centre = view::place(cx, state, dataset, size);
    let view = ViewTiles::of(ui, state, centre);
    state.edges = Some(view.edges);
    update_net(cx, state, &view);
    let outlined = update_outlines(cx, state, dataset, &view);
    let classes = update_classes(ui, cx, state);
    let shown = update_shown(cx, state);
    update_chip(ui, cx, state, images.chip.as_ref());
    let peers = highlighted(ui, cx);
    let backdrop = update_tiles(ui, cx, state);
    let counts = classes
        .as_ref()
        .zip(shown.clone())
        .and_then(|(classes, shown)| cx.project.get(&CountsQuery { classes: classes.clone(), shown }, Lane::Interactive).ready());
    let current = cx.project.selection().parcel;
    let own_shape = current
        .and_then(|parcel| cx.project.get(&ShapeQuery { parcel, revision: cx.project.revision() }, Lane::Interactive).ready());
    let chip = state.texture.as_ref().zip(state.corners.as_ref()).map(|((_, texture), corners)| (texture.id(), **corners));
    let scene = paint::Scene {
        shapes: state.outlines.as_ref().filter(|_| outlined).map(|(_, outlines)| &outlines.shapes),
        own_shape: own_shape.as_deref(),
        parcels: &dataset.parcels,
        current,
        peers: &peers,
        classes: state.classes.as_ref().filter(|_| state.layers.colouring.is_some()).map(|(_, classes)| classes.as_ref()),
        shown: state.shown.as_ref().and_then(|(_, shown)| shown.as_ref().as_ref().ok()),
        counts: counts.as_deref().map(Vec::as_slice),
        backdrop: backdrop.is_some() || images.season.is_some(),
        // In the small map the chip is what is looked at.
        labels: state.layers.labels.filter(|_| state.overview || chip.is_none()),
        chip,
    };
    let (parcel_tiles, season_tiles) = (&mut state.parcel_tiles, &mut state.season_tiles);
    let season_tint = season::tint(state.layers.season_percent);
    let boxing = state.box_from.is_some() || ui.input(|input| input.modifiers.shift);
    let tiles = state.tiles.as_mut().filter(|_| backdrop.is_some()).map(|(_, tiles)| tiles as &mut dyn Tiles);
    let map = Map::new(tiles, &mut state.memory, centre)
        .zoom_with_ctrl(false)
        .zoom_speed(WHEEL_LEVELS)
        .double_click_to_zoom(false)
        .drag_pan_buttons(if boxing { DragPanButtons::MIDDLE } else { DragPanButtons::PRIMARY | DragPanButtons::MIDDLE })
        .panning(false);
    let (map_rect, strip) = whole.split_top_bottom_at_y(whole.top() + size.y);
    let drawn = ui.scope_builder(egui::UiBuilder::new().max_rect(map_rect), |ui| {
        map.show(ui, |ui, response, projector, memory| {
            let position = response.hover_pos().map(|pointer| projector.unproject(pointer.to_vec2()));
            let painter = ui.painter().with_clip_rect(projector.clip_rect().intersect(ui.clip_rect()));
            let pixels = view.pixels(projector, memory.zoom());
            let painted =
                images.season.as_ref().map(|season| season_tiles.paint(ui, cx, &painter, &pixels, (season, season_tint)));
            if let Some(classes) = classes.filter(|_| !outlined) {
                let tint = egui::Color32::from_white_alpha(scene.opacity());
                parcel_tiles.paint(ui, cx, &painter, &pixels, (&tiles::Parcels { classes, shown }, tint));
            }
            (position, painted, paint::scene_ui(ui, cx, &scene, projector, memory.zoom()))
        })
    });
    let drawn = drawn.inner;
    let (position, painted, legend) = drawn.inner;
    let needed = paint::footer_ui(ui, cx, &legend, &attribution(cx, backdrop.as_ref()), strip, most_rows);
    if needed > state.footer.1 {
        state.footer.1 = needed;
        ui.ctx().request_repaint();
    }
    let response = drawn.response;
    name_ui(ui, cx, dataset, &response);
    if let Some(position) = position {
        pointer::pointer_ui(ui, cx, state, dataset, &response, [position.x(), position.y()], out);
    }
    pointer::places_ui(ui, cx, state, (dataset, centre), &response, out);
    if let Some(error) = season::note(ui, state, painted.unwrap_or_default()) {
        season::fault_ui(ui, cx, &error, map_rect, out);
    }
    note_extent(ui, state);
}

/// Accessible name and focus ring.
fn name_ui(ui: &Ui, cx: &Cx<'_>, dataset: &Dataset, response: &Response) {
    let name = summary(cx, dataset);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    if response.has_focus() {
        ui.painter().rect_stroke(response.rect, 0.0, egui::Stroke::new(2.0, cx.tokens.focus), egui::StrokeKind::Inside);
    }
}

/// Keeps the zoom in its range. Where the map rests becomes part of its history.
fn note_extent(ui: &Ui, state: &mut MapState) {
    if !ZOOMS.contains(&state.memory.zoom()) {
        // Inside the range it cannot be refused.
        drop(state.memory.set_zoom(state.memory.zoom().clamp(*ZOOMS.start(), *ZOOMS.end())));
    }
    if let Some(extent) = state.extent()
        && state.extents.note(extent, ui.input(|input| input.time))
    {
        ui.ctx().request_repaint_after(Duration::from_millis(200));
    }
}

/// Attribution of what is shown.
fn attribution(cx: &Cx<'_>, backdrop: Option<&Background>) -> String {
    let own = &cx.project.file().attribution;
    backdrop.map_or_else(|| own.clone(), |background| format!("{} · {own}", background.attribution))
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
    let colouring = state.layers.colouring?;
    if colouring != Colouring::Crop && state.computed.is_none_or(|(at, _)| at.elapsed() >= RENEWED_EVERY) {
        state.computed = Some((Instant::now(), cx.project.computed_series()));
    }
    let query = cx.project.classes_query(colouring, state.computed.map_or(0, |(_, computed)| computed));
    if query.like.is_some() {
        // Nothing is stored: what is in view is observed now.
        ui.ctx().request_repaint_after(RENEWED_EVERY);
        ask_for_series(cx, state);
    }
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

/// Asks which parcels the filter leaves; the old ones stay until the answer is there, and while the filter cannot be used. Returns
/// the question behind what is known.
fn update_shown(cx: &Cx<'_>, state: &mut MapState) -> Option<ShownQuery> {
    let (filter, revision) = (cx.project.queue().filter.trim(), cx.project.revision());
    if filter.is_empty() || state.shown.as_ref().is_some_and(|(own, _)| own.revision != revision) {
        state.shown = None;
    }
    if !filter.is_empty() {
        let query = ShownQuery { filter: filter.to_owned(), revision };
        if let Some(shown) = cx.project.get(&query, Lane::Interactive).ready().filter(|shown| shown.is_ok()) {
            state.shown = Some((query, shown));
        }
    }
    state.shown.as_ref().map(|(query, _)| query.clone())
}

/// Uploads the chip when it is another one, and asks where its corners lie.
fn update_chip(ui: &Ui, cx: &Cx<'_>, state: &mut MapState, chip: Option<&Arc<ChipPicture>>) {
    if !state.layers.chip || cx.project.selection().parcel.is_none() {
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
    if state.texture.as_ref().is_none_or(|(own, _)| !Arc::ptr_eq(own, chip)) {
        let image = egui::ColorImage::from_rgba_unmultiplied([picture.width, picture.height], &picture.rgba);
        let texture = ui.ctx().load_texture("map-chip", image, egui::TextureOptions::NEAREST);
        state.texture = Some((Arc::clone(chip), texture));
    }
}

/// Starts the chosen background; it exists only while it is chosen.
fn update_tiles(ui: &Ui, cx: &Cx<'_>, state: &mut MapState) -> Option<Background> {
    let chosen = state.layers.background.and_then(|number| cx.project.file().backgrounds.get(number)).cloned();
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
