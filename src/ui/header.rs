//! Header strip: position, id, declared crop, area, problems, and where the data stand.

use std::sync::Arc;

use egui::{Response, RichText, Ui};

use crate::model::{ParcelIx, Sensor};
use crate::project::queries::coverage::ParcelCoverage;
use crate::project::{Dataset, Fetch};

use super::cx::{Cx, Out};
use super::icons;
use super::markers::strip;
use super::theme::text;
use super::widgets;

/// State of the header strip.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeaderState {}

/// Where the data of a parcel stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Sentinel-2 acquisitions that touch the parcel.
    pub optical: usize,
    /// Of these with enough usable pixels.
    pub clear: usize,
    /// Backscatter acquisitions.
    pub backscatter: usize,
    /// Coherence pairs.
    pub coherence: usize,
    /// Of all these made, not observed.
    pub synthetic: usize,
    /// Acquisitions outside the parcel.
    pub outside: usize,
}

/// Counts the acquisitions that see a parcel.
pub fn standing(coverage: &ParcelCoverage, dataset: &Dataset, mask: crate::model::MaskSet, min_usable_share: f64) -> Standing {
    let mut standing = Standing { outside: coverage.outside, ..Standing::default() };
    for entry in &coverage.acquisitions {
        let Some(best) = entry.granules.first() else { continue };
        let acquisition = dataset.catalog.get(best.acquisition);
        standing.synthetic += usize::from(acquisition.synthetic());
        match acquisition.sensor {
            Sensor::S2 => {
                standing.optical += 1;
                standing.clear += usize::from(best.clear(mask) > 0.0 && best.clear(mask) >= min_usable_share);
            }
            Sensor::S1Backscatter => standing.backscatter += 1,
            Sensor::S1Coherence => standing.coherence += 1,
        }
    }
    standing
}

/// Draws the strip; returns its response.
pub fn header_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut HeaderState, out: &mut Out) -> Response {
    let HeaderState {} = state;
    let rect = ui.available_rect_before_wrap();
    ui.painter().rect_filled(rect, 0.0, cx.tokens.bg1);
    let frame = egui::Frame::NONE.inner_margin(egui::Margin::symmetric(10, 6));
    let inner = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        match (cx.project.dataset(), cx.project.selection().parcel) {
            (Fetch::Ready(dataset), Some(parcel)) => parcel_ui(ui, cx, &dataset, parcel, out),
            (Fetch::Ready(_), None) => {
                ui.label(widgets::strong(cx.t("header-no-parcel").to_string()));
            }
            (Fetch::Pending, _) => {
                ui.label(widgets::secondary(cx.tokens, cx.t("header-loading").to_string()));
            }
            // The panes say why.
            (Fetch::Failed(_), _) => drop(ui.label(widgets::strong(cx.t("header-failed").to_string()))),
        }
    });
    inner.response
}

/// Two lines: who the parcel is, and why it has its verdict. Without a ruleset the second line says where the data stand.
fn parcel_ui(ui: &mut Ui, cx: &Cx<'_>, dataset: &Arc<Dataset>, parcel: ParcelIx, out: &mut Out) {
    let fault = cx.project.tuning().fault();
    let hidden = super::review::current_id(cx.project).is_some_and(|id| cx.project.review().hides(&id));
    let judging = fault.is_some() || cx.judged.is_some() || hidden;
    ui.horizontal(|ui| {
        identity_ui(ui, cx, dataset, parcel);
        if !judging {
            return;
        }
        // The verdict keeps its place at the right, where the data stand takes what is left.
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            expert_ui(ui, cx, parcel);
            if let Some(judged) = cx.judged {
                strip::verdict_ui(ui, cx, judged);
            }
            ui.add_space(12.0);
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.set_clip_rect(ui.max_rect().intersect(ui.clip_rect()));
                data_ui(ui, cx, dataset, parcel);
            });
        });
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        match (fault, cx.judged) {
            (Some(fault), _) => strip::fault_ui(ui, cx, fault, out),
            (None, Some(judged)) => strip::why_ui(ui, cx, judged, out),
            (None, None) if hidden => {
                ui.label(widgets::secondary(cx.tokens, cx.t("review-hidden").to_string()));
            }
            (None, None) => data_ui(ui, cx, dataset, parcel),
        }
    });
}

/// The expert or final verdict: symbol and word, beside the automatic one.
fn expert_ui(ui: &mut Ui, cx: &Cx<'_>, parcel: ParcelIx) {
    let tokens = cx.tokens;
    let shown = super::review::counts::of_row(cx, parcel);
    let (sign, word) =
        shown.map_or_else(|| (super::review::signs::Sign::Open, cx.t("review-state-open")), |(sign, _, word)| (sign, word));
    let ink = super::review::signs::colour(tokens, sign);
    let title = cx.t("review-expert");
    let paint = |painter: &egui::Painter, at| super::review::signs::paint(painter, tokens, at, 16.0, sign);
    let response = widgets::titled_sign_ui(ui, tokens, &title, &word, ink, paint);
    let name = format!("{title}: {word}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    ui.add_space(12.0);
}

/// Place in the queue, id, crop, area.
fn identity_ui(ui: &mut Ui, cx: &Cx<'_>, dataset: &Arc<Dataset>, parcel: ParcelIx) {
    let parcels = &dataset.parcels;
    let tokens = cx.tokens;
    let queue = cx.project.queue();
    let position = queue.position(parcel).map_or_else(|| "–".to_owned(), |row| cx.texts.number((row + 1) as f64, 0));
    ui.spacing_mut().item_spacing.x = 12.0;
    let place = format!("{position}/{}", cx.texts.number(queue.rows().len() as f64, 0));
    ui.label(RichText::new(place).text_style(text::numeric()).color(tokens.tx2));
    ui.add(egui::Label::new(RichText::new(parcels.id(parcel)).text_style(text::title())).selectable(true));
    match parcels.crop(parcel) {
        Some(crop) => {
            ui.label(crop);
            ui.label(widgets::secondary(tokens, cx.t("header-declared").to_string()));
        }
        None => drop(ui.label(widgets::secondary(tokens, cx.t("queue-no-crop").to_string()))),
    }
    let area = cx.tw("queue-area", &[("area", cx.texts.number(parcels.area_ha(parcel), 2).into())]);
    ui.label(widgets::figure(area));
}

/// Import problems, and where the data stand.
fn data_ui(ui: &mut Ui, cx: &Cx<'_>, dataset: &Arc<Dataset>, parcel: ParcelIx) {
    let (parcels, tokens) = (&dataset.parcels, cx.tokens);
    ui.spacing_mut().item_spacing.x = 6.0;
    for problem in parcels.problems(parcel) {
        ui.label(RichText::new(icons::WARNING).text_style(text::icon()).color(tokens.yellow));
        ui.label(RichText::new(super::parcel::problem_text(cx, problem)).color(tokens.yellow));
        ui.add_space(6.0);
    }
    match cx.project.coverage(parcel) {
        Fetch::Ready(coverage) => {
            let min_usable = cx.project.file().observations.min_usable_share;
            standing_ui(ui, cx, standing(&coverage, dataset, cx.project.mask(), min_usable));
        }
        Fetch::Pending => drop(ui.label(widgets::secondary(tokens, cx.t("header-counting").to_string()))),
        // The calendar shows the failure with Retry in its own place.
        Fetch::Failed(_) => drop(ui.label(widgets::secondary(tokens, cx.t("header-unknown").to_string()))),
    }
    if let Some(told) = cx.project.remote_told(parcel) {
        let time = told.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string();
        ui.label(widgets::secondary(tokens, format!("· {}", cx.tw("remote-told", &[("time", time.into())]))));
    }
}

fn standing_ui(ui: &mut Ui, cx: &Cx<'_>, standing: Standing) {
    let tokens = cx.tokens;
    if standing.optical + standing.backscatter + standing.coherence == 0 {
        ui.label(cx.tw("header-no-imagery", &[("outside", standing.outside.into())]));
        return;
    }
    let mut parts = vec![cx.tw("header-optical", &[("n", standing.optical.into()), ("clear", standing.clear.into())])];
    if standing.backscatter > 0 {
        parts.push(cx.tw("header-backscatter", &[("n", standing.backscatter.into())]));
    }
    if standing.coherence > 0 {
        parts.push(cx.tw("header-coherence", &[("n", standing.coherence.into())]));
    }
    ui.add(egui::Label::new(widgets::secondary(tokens, parts.join(" · "))).truncate());
    if standing.synthetic > 0 {
        let notice = cx.tw("header-synthetic", &[("n", standing.synthetic.into())]);
        ui.label(RichText::new(icons::INFO).text_style(text::icon()).color(tokens.tx2));
        ui.add(egui::Label::new(notice).truncate()).on_hover_text(cx.t("header-synthetic-hint").as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::Origin;
    use crate::model::observation::Coverage;
    use crate::model::parcels::ParcelsBuilder;
    use crate::model::{Acquisition, AcquisitionIx, Catalog, Crs, MaskSet};
    use crate::project::queries::coverage::AcquisitionCoverage;

    #[test]
    fn acquisitions_are_counted_by_sensor_and_clear_ones_by_the_mask() {
        let acquisition = |sensor| Acquisition {
            sensor,
            acquired: jiff::Timestamp::UNIX_EPOCH,
            first: None,
            platform: String::new(),
            relative_orbit: None,
            pass: None,
            pass_origin: Origin::Name,
            granules: vec![],
        };
        let catalog =
            Catalog { acquisitions: [Sensor::S2, Sensor::S2, Sensor::S1Coherence].map(acquisition).to_vec(), problems: vec![] };
        let dataset = Dataset {
            parcels: Arc::new(ParcelsBuilder::new(Crs::Epsg(32631)).finish(vec![])),
            catalog: Arc::new(catalog),
            import_problems: vec![],
            tables: None,
        };
        let coverage = |number: u32, clear: u32, cloud: u32| {
            let mut classes = [0; 12];
            (classes[4], classes[9]) = (clear, cloud);
            let classified = number < 2;
            AcquisitionCoverage {
                granules: vec![Coverage {
                    acquisition: AcquisitionIx(number),
                    granule: 0,
                    pixels: 10,
                    classes,
                    nodata: 0,
                    classified,
                }],
            }
        };
        let coverage = ParcelCoverage { acquisitions: vec![coverage(0, 6, 4), coverage(1, 4, 6), coverage(2, 0, 0)], outside: 3 };
        let counted = standing(&coverage, &dataset, MaskSet::default(), 0.5);
        assert_eq!(counted, Standing { optical: 2, clear: 1, backscatter: 0, coherence: 1, synthetic: 0, outside: 3 });
    }
}
