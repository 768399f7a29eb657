//! What the pointer shows: the observation, its product, and the values of the pixel under it. Text only.

use crate::engine::stretch;
use crate::model::catalog::Origin;
use crate::model::{Chip, Pass, Stretch, View};
use crate::project::queries::picture::ChipPicture;
use crate::ui::cx::Cx;
use crate::ui::markers::words;

use super::Scene;
use super::model::{ChipInfo, is_distribution};

/// Lines of a tooltip; the first is the title.
pub(super) struct Readout {
    /// Date, time, satellite, orbit.
    pub title: String,
    /// Everything else.
    pub lines: Vec<String>,
    /// Values of the pixel under the pointer.
    pub pixel: Option<String>,
}

impl Readout {
    /// One line for the status bar.
    pub fn line(&self) -> String {
        let mut parts = vec![self.title.as_str()];
        parts.extend(self.lines.first().map(String::as_str));
        parts.extend(self.pixel.as_deref());
        parts.join("  ·  ")
    }
}

/// A number with as many decimals as it needs, at least two and at most three.
pub(super) fn short(cx: &Cx<'_>, value: f64) -> String {
    let hundredths = value * 100.0;
    cx.texts.number(value, if (hundredths - hundredths.round()).abs() < 1e-6 { 2 } else { 3 })
}

/// `S2A orbit 51`, `S1B orbit 161 ascending`.
pub(super) fn platform(cx: &Cx<'_>, info: &ChipInfo) -> String {
    let mut parts = vec![info.platform.clone()];
    if let Some(orbit) = info.orbit {
        parts.push(cx.tw("cal-orbit", &[("orbit", orbit.to_string().into())]));
    }
    match info.pass {
        Some(Pass::Ascending) => parts.push(cx.t("cal-ascending").to_string()),
        Some(Pass::Descending) => parts.push(cx.t("cal-descending").to_string()),
        None => {}
    }
    parts.join(" ")
}

/// The whole readout of a chip.
pub(super) fn readout(
    scene: &Scene<'_>,
    info: &ChipInfo,
    picture: Option<&ChipPicture>,
    pixel: Option<(usize, usize)>,
) -> Readout {
    let cx = scene.cx;
    let source = scene.dataset.catalog.get(info.acquisition);
    let time = info.acquired.strftime("%H:%M").to_string();
    let title = cx.tw(
        "cal-readout-title",
        &[("date", cx.texts.date(info.day).into()), ("time", time.into()), ("platform", platform(cx, info).into())],
    );
    let mut lines = Vec::new();
    match info.clear_share {
        Some(share) => lines
            .push(cx.tw("cal-readout-clear", &[("share", cx.texts.percent(share).into()), ("n", f64::from(info.pixels).into())])),
        None => lines.push(cx.t("cal-readout-reading").to_string()),
    }
    if let (Some(first), Some(days)) = (source.first, source.pair_days()) {
        let first = cx.texts.date(crate::model::units::utc_day(first));
        lines.push(cx.tw("cal-readout-pair", &[("first", first.into()), ("n", (days.max(0) as usize).into())]));
    }
    if source.pass.is_some() && source.pass_origin == Origin::Assumed {
        lines.push(cx.t("cal-readout-pass-assumed").to_string());
    }
    if let Some(granule) = source.granules.get(usize::from(info.granule)) {
        lines.push(granule.name.clone());
        if source.sensor == crate::model::Sensor::S2 {
            lines.push(radiometry(cx, granule));
        }
        if granule.synthetic {
            lines.push(cx.t("cal-readout-synthetic").to_string());
        }
    }
    lines.extend(events_text(scene, info));
    if info.granules.len() > 1 {
        lines.push(cx.tw("cal-readout-products", &[("n", info.granules.len().into())]));
    }
    let view = cx.project.view();
    if let Some(drawn) = picture.and_then(|picture| picture.picture.as_ref()) {
        lines.push(limits(cx, view, &drawn.limits));
    }
    let chip = picture.and_then(|picture| picture.chip.chip.as_ref());
    let pixel = chip.zip(pixel).and_then(|(chip, at)| pixel_values(cx, view, chip, at));
    Readout { title, lines, pixel }
}

/// Events that the acquisition shows, a line each.
pub(super) fn events_text<'a>(scene: &'a Scene<'_>, info: &ChipInfo) -> impl Iterator<Item = String> + use<'a> {
    let acquisition = info.acquisition;
    scene.marks.iter().flat_map(move |marks| {
        let events = marks.of(acquisition).iter().filter_map(|&at| marks.model.events.get(at));
        events.map(|event| scene.cx.tw("markers-chip-event", &[("event", words::event_text(scene.cx, event).into())]))
    })
}

fn radiometry(cx: &Cx<'_>, granule: &crate::model::Granule) -> String {
    let origin = match granule.offset_origin {
        Origin::Metadata => cx.t("cal-origin-metadata"),
        Origin::Name => cx.t("cal-origin-name"),
        Origin::Setting => cx.t("cal-origin-setting"),
        Origin::Assumed => cx.t("cal-origin-assumed"),
    };
    let offset = cx.texts.number(granule.boa_offset_dn, 0);
    match &granule.baseline {
        Some(baseline) => {
            let args = [("baseline", baseline.as_str().into()), ("offset", offset.into()), ("origin", origin.into())];
            cx.tw("cal-readout-baseline", &args)
        }
        None => cx.tw("cal-readout-no-baseline", &[("offset", offset.into()), ("origin", origin.into())]),
    }
}

/// `fixed: B08 0.12–0.57, B11 0.08–0.41, B04 0.02–0.28`.
pub(super) fn limits(cx: &Cx<'_>, view: &View, limits: &[(f64, f64)]) -> String {
    let kind = match &cx.project.file().display.stretch {
        Stretch::Fixed => cx.t("cal-stretch-fixed"),
        Stretch::Dynamic { .. } => cx.t("cal-stretch-dynamic"),
        Stretch::Range(_) => cx.t("cal-stretch-range"),
    };
    if *view == View::SceneClass {
        return cx.t("cal-view-scl").to_string();
    }
    let range = |&(low, high): &(f64, f64)| format!("{}–{}", short(cx, low), short(cx, high));
    let text = match view {
        View::Composite(bands) if limits.len() >= 3 => {
            let parts: Vec<String> = bands.iter().zip(limits).map(|(band, pair)| format!("{band} {}", range(pair))).collect();
            parts.join(", ")
        }
        _ => limits.first().map(range).unwrap_or_default(),
    };
    format!("{kind}: {text} {}", unit(cx, view)).trim_end().to_owned()
}

/// Unit of a view's values; empty for plain numbers.
pub(super) fn unit(cx: &Cx<'_>, view: &View) -> String {
    match view {
        View::Composite(_) => cx.t("cal-unit-reflectance").to_string(),
        View::Backscatter(..) | View::BackscatterRatio(_) => "dB".to_owned(),
        _ => String::new(),
    }
}

/// Values of every band of a pixel, the view's own value, and the scene class by name.
fn pixel_values(cx: &Cx<'_>, view: &View, chip: &Chip, (col, row): (usize, usize)) -> Option<String> {
    if col >= chip.grid.width || row >= chip.grid.height {
        return None;
    }
    let at = row * chip.grid.width + col;
    let mut parts = Vec::new();
    let shown = |value: f32| if value.is_finite() { short(cx, f64::from(value)) } else { cx.t("cal-no-value").to_string() };
    match view {
        View::Composite(_) | View::SceneClass => {}
        _ if is_distribution(view) => {}
        _ => {
            if let Some(&value) = stretch::scalar(chip, view, cx.project.indices()).get(at) {
                parts.push(format!("{} {}{}", view.label(), shown(value), unit_suffix(cx, view)));
            }
        }
    }
    for (position, band) in chip.bands.iter().enumerate() {
        let Some(&value) = chip.band(position).get(at) else { continue };
        match view {
            // The view's own value says it already; linear power means little to the eye.
            View::Backscatter(..) | View::Coherence(..) => {}
            View::BackscatterRatio(_) => {
                parts.push(format!("{band} {} dB", shown(crate::model::units::db_from_linear(f64::from(value)) as f32)));
            }
            _ => parts.push(format!("{band} {}", shown(value))),
        }
    }
    if let Some(&class) = chip.classes.as_ref().and_then(|classes| classes.get(at))
        && class != Chip::NO_CLASS
    {
        parts.push(format!("SCL {class} {}", class_name(cx, class)));
    }
    (!parts.is_empty()).then(|| parts.join("  "))
}

fn unit_suffix(cx: &Cx<'_>, view: &View) -> String {
    let unit = unit(cx, view);
    if unit.is_empty() { unit } else { format!(" {unit}") }
}

/// Name of a scene class.
pub(super) fn class_name(cx: &Cx<'_>, class: u8) -> std::sync::Arc<str> {
    match class {
        0 => cx.t("cal-scl-0"),
        1 => cx.t("cal-scl-1"),
        2 => cx.t("cal-scl-2"),
        3 => cx.t("cal-scl-3"),
        4 => cx.t("cal-scl-4"),
        5 => cx.t("cal-scl-5"),
        6 => cx.t("cal-scl-6"),
        7 => cx.t("cal-scl-7"),
        8 => cx.t("cal-scl-8"),
        9 => cx.t("cal-scl-9"),
        10 => cx.t("cal-scl-10"),
        11 => cx.t("cal-scl-11"),
        _ => cx.t("cal-no-value"),
    }
}
