//! Where the map is: it follows the current parcel, fits all, and knows the tiles in view.

use egui::{Rect, Ui, pos2};
use walkers::{MapMemory, MercatorProjection, Projector, lon_lat};

use crate::jobs::Lane;
use crate::model::{Bounds, Parcels};
use crate::project::Dataset;
use crate::project::queries::map::PlaceQuery;
use crate::ui::cx::Cx;

use super::tiles::TileView;
use super::{MapState, shapes};

/// Circumference of the earth at the equator, m.
const EQUATOR_M: f64 = 40_075_016.7;

/// Space left around all parcels, pixels.
const MARGIN_PX: f32 = 16.0;

/// A parcel nearer than this to the edge of the view is not in view, pixels.
const EDGE_PX: f32 = 8.0;

/// Centre of the map. Moves it when another parcel became current, and fits the first one, or all, into the view.
pub fn place(cx: &Cx<'_>, state: &mut MapState, dataset: &Dataset, size: egui::Vec2) -> walkers::Position {
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
        // The first parcel of an overview is in view already, and where all are seen, those in view stay where they are.
        let stays = state.overview && in_view(&state.memory, &lonlat, size);
        if state.layers.follow && state.placed.is_some() && !stays {
            state.memory.center_at(centre);
        }
        state.placed = Some(parcel);
    }
    centre
}

/// What all parcels were fitted into, and the view that came of it.
pub struct Fitted {
    revision: u64,
    size: egui::Vec2,
    zoom: f64,
    centre: walkers::Position,
}

/// Shows all parcels when asked to, at the start of an overview, and again while the table grows or the pane changes its size.
fn fit_all(cx: &Cx<'_>, state: &mut MapState, size: egui::Vec2) {
    let revision = cx.project.revision();
    let grown = state.fitted.as_ref().is_some_and(|fitted| {
        (fitted.revision, fitted.size) != (revision, size)
            && state.memory.zoom() == fitted.zoom
            && state.memory.detached() == Some(fitted.centre)
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
    let room = (size - egui::Vec2::splat(2.0 * MARGIN_PX)).max(egui::Vec2::splat(1.0));
    drop(state.memory.set_zoom(shapes::zoom_for(&lonlat, f64::from(room.x), f64::from(room.y))));
    (state.unfitted, state.zoom_to_all) = (false, false);
    state.fitted = Some(Fitted { revision, size, zoom: state.memory.zoom(), centre });
}

/// The parcel's box squared and grown by the chip's margin, in degrees.
fn surroundings(lonlat: &Bounds, world: &Bounds, margin: f64) -> Bounds {
    let side = world.width().max(world.height()).max(1.0) + 2.0 * margin;
    let (lon, lat) = lonlat.center();
    let half_lon = lonlat.width() / world.width().max(1e-9) * side / 2.0;
    let half_lat = lonlat.height() / world.height().max(1e-9) * side / 2.0;
    Bounds { min_x: lon - half_lon, min_y: lat - half_lat, max_x: lon + half_lon, max_y: lat + half_lat }
}

/// True when a box of degrees lies in the view; of one that is larger than the view, its middle.
fn in_view(memory: &MapMemory, lonlat: &Bounds, size: egui::Vec2) -> bool {
    let Some(centre) = memory.detached() else { return false };
    let view = Rect::from_min_size(pos2(0.0, 0.0), size);
    let projector = Projector::new(view, &MercatorProjection, memory, centre);
    let at = |lon: f64, lat: f64| projector.project(lon_lat(lon, lat)).to_pos2();
    let own = Rect::from_min_max(at(lonlat.min_x, lonlat.max_y), at(lonlat.max_x, lonlat.min_y));
    let inside = view.shrink(EDGE_PX);
    let larger = own.width() > inside.width() || own.height() > inside.height();
    if larger { inside.contains(own.center()) } else { inside.contains_rect(own) }
}

/// The tiles of a view, with one around it.
pub struct ViewTiles {
    /// Zoom level.
    pub zoom: u8,
    /// First and last column.
    pub columns: (u32, u32),
    /// First and last row.
    pub rows: (u32, u32),
    /// Area in view, ha.
    area_ha: f64,
    /// West, south, east, north.
    pub edges: [f64; 4],
}

impl ViewTiles {
    /// Those of the map as it is drawn in the space that is left.
    pub fn of(ui: &Ui, state: &MapState, centre: walkers::Position) -> Self {
        let projector = Projector::new(ui.available_rect_before_wrap(), &MercatorProjection, &state.memory, centre);
        let rect = projector.clip_rect();
        let (a, b) = (projector.unproject(rect.left_top().to_vec2()), projector.unproject(rect.right_bottom().to_vec2()));
        let zoom = state.memory.zoom().floor().clamp(0.0, 20.0) as u8;
        let (columns, rows) = shapes::tiles_of(a.x(), b.y(), b.x(), a.y(), zoom, 1);
        let pixel_m = EQUATOR_M * f64::midpoint(a.y(), b.y()).to_radians().cos() / (256.0 * 2f64.powf(state.memory.zoom()));
        let area_ha = f64::from(rect.width() * rect.height()) * pixel_m * pixel_m / 10_000.0;
        Self { zoom, columns, rows, area_ha, edges: [a.x(), b.y(), b.x(), a.y()] }
    }

    /// About so many parcels are in view, as if they were spread evenly.
    pub fn parcels(&self, parcels: &Parcels) -> f64 {
        let all = parcels.len() as f64;
        // Without any area all may be in view.
        let mean = parcels.mean_area_ha();
        if mean > 0.0 { (self.area_ha / mean).min(all) } else { all }
    }

    /// Tiles whose pixels are about as large as those of the screen.
    pub fn pixels(&self, projector: &Projector<'_>, zoom: f64) -> TileView {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surroundings_are_as_square_on_the_ground_as_the_chip() {
        let world = Bounds { min_x: 0.0, min_y: 0.0, max_x: 200.0, max_y: 100.0 };
        // One degree east is here 100 m, one degree north 50 m.
        let lonlat = Bounds { min_x: 0.0, min_y: 0.0, max_x: 2.0, max_y: 2.0 };
        let around = surroundings(&lonlat, &world, 100.0);
        assert!((around.width() * 100.0 - 400.0).abs() < 1e-9 && (around.height() * 50.0 - 400.0).abs() < 1e-9);
    }

    #[test]
    fn a_box_is_in_view_when_all_of_it_is_and_a_larger_one_when_its_middle_is() {
        let mut memory = MapMemory::default();
        memory.center_at(lon_lat(4.0, 50.0));
        memory.set_zoom(10.0).expect("in range");
        // A pixel spans 360 / 2^18 = 0.00137 degrees of longitude: the view reaches 0.27 degrees to either side.
        let around = |lon: f64, half: f64| {
            let lonlat = Bounds { min_x: lon - half, min_y: 50.0 - half, max_x: lon + half, max_y: 50.0 + half };
            in_view(&memory, &lonlat, egui::vec2(400.0, 400.0))
        };
        assert!(around(4.0, 0.01) && around(4.2, 0.01) && !around(4.26, 0.01) && !around(4.4, 0.01));
        assert!(around(4.1, 1.0) && !around(5.0, 1.0));
        assert!(!in_view(
            &MapMemory::default(),
            &Bounds { min_x: 4.0, min_y: 50.0, max_x: 4.1, max_y: 50.1 },
            egui::vec2(400.0, 400.0)
        ));
    }
}
