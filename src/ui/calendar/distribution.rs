//! Distribution views: NDVI histogram of each date, and red against near infrared of each date over all earlier dates.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use egui::{
    Align2, Color32, ColorImage, Mesh, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, TextureHandle, TextureOptions, Ui, pos2,
    vec2,
};

use super::chip::Drawn;
use super::model::{CalendarModel, ChipInfo};
use super::{CalendarState, Scene};
use crate::engine::histogram::{self, NDVI_BINS, NDVI_LIMITS, SCATTER_MAX};
use crate::engine::{ramp, stretch};
use crate::jobs::Lane;
use crate::model::{AcquisitionIx, Band, MaskSet, View};
use crate::project::Fetch;
use crate::project::queries::chip::{ChipQuery, ParcelChip};
use crate::ui::chip_paint;
use crate::ui::theme::text;

/// Texels of a scatter cell.
const CLOUD: usize = 96;

/// Numbers of one date.
pub(super) struct Distribution {
    /// Pixels by NDVI.
    pub counts: Vec<u32>,
    /// (red, near infrared).
    pub points: Vec<[f32; 2]>,
}

/// Distributions of chips already seen, and the clouds of points made of them.
#[derive(Default)]
pub(super) struct Distributions {
    known: HashMap<AcquisitionIx, (Arc<ParcelChip>, MaskSet, Arc<Distribution>)>,
    clouds: HashMap<AcquisitionIx, (u64, TextureHandle)>,
    season: Option<Season>,
}

/// Distributions of all dates as one frame found them.
struct Season {
    frame: u64,
    model: Arc<CalendarModel>,
    /// One per chip of the model; `None` until it is read.
    dates: Vec<Option<Arc<Distribution>>>,
}

fn fetch(scene: &Scene<'_>, state: &mut CalendarState, info: &ChipInfo) -> Fetch<Distribution> {
    let project = scene.cx.project;
    let query = ChipQuery {
        parcel: scene.parcel,
        acquisition: info.acquisition,
        granule: info.granule,
        bands: vec![Band::new("B04"), Band::new("B08")],
        margin_m: project.file().display.margin_m,
        revision: project.revision(),
    };
    let chip = match project.get(&query, Lane::Interactive) {
        Fetch::Ready(chip) => chip,
        Fetch::Pending => return Fetch::Pending,
        Fetch::Failed(error) => return Fetch::Failed(error),
    };
    let mask = project.mask();
    if let Some((known, own_mask, distribution)) = state.runtime.distributions.known.get(&info.acquisition)
        && Arc::ptr_eq(known, &chip)
        && *own_mask == mask
    {
        return Fetch::Ready(Arc::clone(distribution));
    }
    let distribution = Arc::new(match &chip.chip {
        Some(pixels) => {
            let ndvi = stretch::scalar(pixels, &View::Index("NDVI".to_owned()), project.indices());
            Distribution {
                counts: histogram::bins(&ndvi, pixels, mask, NDVI_LIMITS.0, NDVI_LIMITS.1, NDVI_BINS),
                points: histogram::red_nir(pixels, mask),
            }
        }
        None => Distribution { counts: vec![0; NDVI_BINS], points: Vec::new() },
    });
    state.runtime.distributions.known.insert(info.acquisition, (chip, mask, Arc::clone(&distribution)));
    Fetch::Ready(distribution)
}

/// Draws the distribution of a date into a calendar cell; gives what stands there instead while it is not known.
pub(super) fn cell_ui(ui: &Ui, scene: &Scene<'_>, state: &mut CalendarState, info: &ChipInfo, rect: Rect) -> Option<Drawn> {
    let tokens = scene.cx.tokens;
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    match fetch(scene, state, info) {
        Fetch::Pending => return Some(Drawn::Skeleton),
        Fetch::Failed(error) => return Some(Drawn::Failed(error)),
        Fetch::Ready(own) if own.points.is_empty() => {
            painter.rect_filled(rect, 0.0, tokens.plot);
            if let Some(hatch) = &state.runtime.hatch {
                chip_paint::paint_hatch(&painter, hatch, rect.min, [rect].into_iter(), Color32::WHITE);
            }
        }
        Fetch::Ready(own) if *scene.cx.project.view() == View::NdviHistogram => {
            painter.rect_filled(rect, 0.0, tokens.plot);
            histogram_bars(&painter, rect.shrink(2.0), &own.counts);
        }
        Fetch::Ready(own) => {
            painter.rect_filled(rect, 0.0, tokens.plot);
            let cloud = cloud(ui, scene, state, info, &own);
            painter.image(cloud.id(), rect.shrink(1.0), Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Color32::WHITE);
        }
    }
    None
}

/// Bars from the bottom, each in the colour of its NDVI; the largest count fills the height.
fn histogram_bars(painter: &Painter, rect: Rect, counts: &[u32]) {
    let most = counts.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    let step = rect.width() / counts.len() as f32;
    let mut mesh = Mesh::default();
    for (bin, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let left = rect.left() + step * bin as f32;
        let top = rect.bottom() - (rect.height() * count as f32 / most as f32).max(1.0);
        let bar = Rect::from_min_max(pos2(left, top), pos2(left + step.max(1.0), rect.bottom()));
        let [r, g, b, a] = ramp::index((bin as f32 + 0.5) / counts.len() as f32);
        mesh.add_colored_rect(bar, Color32::from_rgba_unmultiplied(r, g, b, a));
    }
    painter.add(Shape::mesh(mesh));
}

/// All earlier dates that are read so far. The whole season is asked for once a frame, whatever the number of cells.
fn earlier(ui: &Ui, scene: &Scene<'_>, state: &mut CalendarState, info: &ChipInfo) -> Vec<Arc<Distribution>> {
    let frame = ui.ctx().cumulative_frame_nr();
    let known = state.runtime.distributions.season.take();
    let season = match known.filter(|own| own.frame == frame && Arc::ptr_eq(&own.model, &scene.model)) {
        Some(known) => known,
        None => Season {
            frame,
            model: Arc::clone(&scene.model),
            dates: scene.model.chips.iter().map(|own| fetch(scene, state, own).ready()).collect(),
        },
    };
    let before = season.dates[..scene.model.position(info.acquisition).unwrap_or(0)].iter().flatten().cloned().collect();
    state.runtime.distributions.season = Some(season);
    before
}

fn cloud(ui: &Ui, scene: &Scene<'_>, state: &mut CalendarState, info: &ChipInfo, own: &Arc<Distribution>) -> TextureHandle {
    let before = earlier(ui, scene, state, info);
    let mut hasher = DefaultHasher::new();
    for part in before.iter().chain([own]) {
        (Arc::as_ptr(part) as usize).hash(&mut hasher);
    }
    scene.cx.tokens.dark.hash(&mut hasher);
    let key = hasher.finish();
    if let Some((known, texture)) = state.runtime.distributions.clouds.get(&info.acquisition)
        && *known == key
    {
        return texture.clone();
    }
    let tokens = scene.cx.tokens;
    let mut image = ColorImage::filled([CLOUD, CLOUD], Color32::TRANSPARENT);
    for point in before.iter().flat_map(|part| &part.points) {
        dot(&mut image, *point, 1, tokens.vv.gamma_multiply(0.8));
    }
    for point in &own.points {
        dot(&mut image, *point, 2, tokens.red);
    }
    let texture = ui.ctx().load_texture("scatter", image, TextureOptions::LINEAR);
    state.runtime.distributions.clouds.insert(info.acquisition, (key, texture.clone()));
    texture
}

fn dot(image: &mut ColorImage, [red, nir]: [f32; 2], edge: usize, colour: Color32) {
    let place = |value: f32| (value / SCATTER_MAX * CLOUD as f32) as i64;
    let (x, y) = (place(red), CLOUD as i64 - 1 - place(nir));
    for dy in 0..edge as i64 {
        for dx in 0..edge as i64 {
            if (0..CLOUD as i64).contains(&(x + dx)) && (0..CLOUD as i64).contains(&(y + dy)) {
                image[((x + dx) as usize, (y + dy) as usize)] = colour;
            }
        }
    }
}

/// Draws the distribution of a date large, with axes.
pub(super) fn large_ui(ui: &Ui, scene: &Scene<'_>, state: &mut CalendarState, info: &ChipInfo, rect: Rect) {
    let tokens = scene.cx.tokens;
    let plot = Rect::from_min_max(rect.min + vec2(56.0, 8.0), rect.max - vec2(16.0, 40.0));
    ui.painter().rect_filled(plot, 0.0, tokens.plot);
    let histogram = *scene.cx.project.view() == View::NdviHistogram;
    let own = match fetch(scene, state, info) {
        Fetch::Ready(own) => own,
        Fetch::Pending => {
            ui.painter().rect_filled(plot, 0.0, tokens.skel);
            return;
        }
        Fetch::Failed(error) => {
            let font = egui::TextStyle::Body.resolve(ui.style());
            ui.painter().text(plot.center(), Align2::CENTER_CENTER, error.to_string(), font, tokens.red);
            return;
        }
    };
    let painter = ui.painter().with_clip_rect(plot.intersect(ui.clip_rect()));
    if histogram {
        let most = own.counts.iter().copied().max().unwrap_or(0).max(1);
        axes(ui, scene, plot, (1.0, &scene.cx.t("cal-axis-ndvi"), 1), (most as f32, &scene.cx.t("cal-axis-pixels"), 0));
        histogram_bars(&painter, plot, &own.counts);
    } else {
        let (red, nir) = (scene.cx.t("cal-axis-red"), scene.cx.t("cal-axis-nir"));
        axes(ui, scene, plot, (SCATTER_MAX, &red, 1), (SCATTER_MAX, &nir, 1));
        let place = |[red, nir]: [f32; 2]| {
            pos2(plot.left() + red / SCATTER_MAX * plot.width(), plot.bottom() - nir / SCATTER_MAX * plot.height())
        };
        let mut mesh = Mesh::default();
        for point in earlier(ui, scene, state, info).iter().flat_map(|part| &part.points) {
            mesh.add_colored_rect(Rect::from_center_size(place(*point), vec2(2.0, 2.0)), tokens.vv.gamma_multiply(0.5));
        }
        // Crosses for this date: told apart by shape as well as by colour.
        for point in &own.points {
            let at = place(*point);
            mesh.add_colored_rect(Rect::from_center_size(at, vec2(7.0, 1.5)), tokens.red);
            mesh.add_colored_rect(Rect::from_center_size(at, vec2(1.5, 7.0)), tokens.red);
        }
        painter.add(Shape::mesh(mesh));
    }
}

/// Frame, grid lines and numbers: (largest value, name, decimals) of each axis, both from 0.
fn axes(ui: &Ui, scene: &Scene<'_>, plot: Rect, x: (f32, &str, u8), y: (f32, &str, u8)) {
    const PARTS: usize = 5;
    let (tokens, painter) = (scene.cx.tokens, ui.painter());
    let (tick, label) = (text::tick().resolve(ui.style()), egui::TextStyle::Small.resolve(ui.style()));
    for part in 0..=PARTS {
        let share = part as f32 / PARTS as f32;
        let (at_x, at_y) = (plot.left() + plot.width() * share, plot.bottom() - plot.height() * share);
        painter.vline(at_x, plot.y_range(), Stroke::new(1.0, tokens.grid));
        painter.hline(plot.x_range(), at_y, Stroke::new(1.0, tokens.grid));
        let number = |(most, _, decimals): (f32, &str, u8)| {
            scene.cx.texts.number(f64::from(most * share), if decimals == 0 { 0 } else { decimals + 1 })
        };
        painter.text(pos2(at_x, plot.bottom() + 4.0), Align2::CENTER_TOP, number(x), tick.clone(), tokens.tx2);
        painter.text(pos2(plot.left() - 6.0, at_y), Align2::RIGHT_CENTER, number(y), tick.clone(), tokens.tx2);
    }
    painter.rect_stroke(plot, 0.0, Stroke::new(1.0, tokens.bd), StrokeKind::Outside);
    painter.text(pos2(plot.center().x, plot.bottom() + 22.0), Align2::CENTER_TOP, x.1, label.clone(), tokens.tx2);
    let galley = painter.layout_no_wrap(y.1.to_owned(), label, tokens.tx2);
    let corner = pos2(plot.left() - 52.0, plot.center().y + galley.size().x / 2.0);
    painter.add(egui::epaint::TextShape::new(corner, galley, tokens.tx2).with_angle(-std::f32::consts::FRAC_PI_2));
}
