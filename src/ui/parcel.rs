//! Facts of the current parcel and its peers: attributes, import problems, products of the current date, peers with exclude.

mod served;

use std::sync::Arc;

use egui::{Response, RichText, Ui};

use crate::engine::peers::Peer;
use crate::model::catalog::Origin;
use crate::model::report::ParcelProblem;
use crate::model::settings::PeerSource;
use crate::model::units::{iso_utc, utc_day};
use crate::model::{Acquisition, AcquisitionIx, Granule, ParcelIx, Parcels, Sensor};
use crate::project::queries::coverage::ParcelCoverage;
use crate::project::{Command, Dataset, Fetch};

use super::cx::{Cx, Out};
use super::graph::{peers_listed, set_peers_listed};
use super::icons;
use super::theme::text;
use super::widgets::{self, Button};

/// State of the parcel pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ParcelState {}

/// Draws the pane; returns the response of its header.
pub fn parcel_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ParcelState, out: &mut Out) -> Response {
    let ParcelState {} = state;
    let dataset = cx.project.dataset();
    let parcel = cx.project.selection().parcel;
    let subtitle = match (&dataset, parcel) {
        (Fetch::Ready(dataset), Some(parcel)) => dataset.parcels.id(parcel).to_owned(),
        _ => String::new(),
    };
    let mut toggled = false;
    let listed = peers_listed(ui.ctx());
    let response = widgets::pane_ui(
        ui,
        cx,
        &cx.t("parcel-title"),
        &subtitle,
        |ui| toggled = ui.add(Button::new(&cx.t("parcel-peers")).on(listed)).clicked(),
        |ui| match (&dataset, parcel) {
            (Fetch::Ready(dataset), Some(parcel)) => body_ui(ui, cx, dataset, parcel, out),
            (Fetch::Failed(error), _) => widgets::failed_ui(ui, cx, error, out),
            (Fetch::Pending, _) => widgets::pending_ui(ui, cx.tokens, &cx.t("parcel-loading")),
            (Fetch::Ready(_), None) => {
                widgets::empty_ui(ui, cx.tokens, &cx.t("graph-no-parcel"), &cx.t("graph-no-parcel-hint"), None);
            }
        },
    );
    if toggled {
        set_peers_listed(ui.ctx(), !listed);
    }
    response
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, dataset: &Arc<Dataset>, parcel: ParcelIx, out: &mut Out) {
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        widgets::padded_ui(ui, |ui| {
            ui.set_width(ui.available_width());
            // Rows of text, not of controls.
            ui.spacing_mut().interact_size.y = 16.0;
            if peers_listed(ui.ctx()) {
                peers_ui(ui, cx, dataset, parcel, out);
                ui.add_space(8.0);
            }
            facts_ui(ui, cx, &dataset.parcels, parcel);
            if let Some(acquisition) = cx.project.selection().acquisition {
                ui.add_space(8.0);
                products_ui(ui, cx, dataset, parcel, acquisition, out);
            }
            if !cx.project.review().hides(dataset.parcels.id(parcel)) {
                served::markers_ui(ui, cx, parcel);
            }
            ui.add_space(8.0);
            attributes_ui(ui, cx, &dataset.parcels, parcel);
        });
    });
}

/// A problem of a parcel in words.
pub fn problem_text(cx: &Cx<'_>, problem: &ParcelProblem) -> String {
    match problem {
        ParcelProblem::Repaired { fact } => cx.tw("parcel-problem-repaired", &[("fact", fact.as_str().into())]),
        ParcelProblem::NoGeometry { fact } => cx.tw("parcel-problem-no-geometry", &[("fact", fact.as_str().into())]),
        ParcelProblem::DuplicateId => cx.t("parcel-problem-duplicate-id").to_string(),
        ParcelProblem::MissingId => cx.t("parcel-problem-missing-id").to_string(),
        ParcelProblem::Multipolygon { parts } => cx.tw("parcel-problem-multipolygon", &[("parts", f64::from(*parts).into())]),
        ParcelProblem::Overlap { share, with } => {
            cx.tw("parcel-problem-overlap", &[("share", cx.texts.percent(*share).into()), ("with", with.as_str().into())])
        }
        ParcelProblem::OutsideCrs => cx.t("parcel-problem-outside-crs").to_string(),
    }
}

fn fact_ui(ui: &mut Ui, cx: &Cx<'_>, name: &str, value: impl Into<RichText>) {
    ui.label(widgets::secondary(cx.tokens, name));
    ui.add(egui::Label::new(value.into()).wrap().selectable(true));
    ui.end_row();
}

fn grid(id: &str) -> egui::Grid {
    egui::Grid::new(id).num_columns(2).spacing(egui::vec2(12.0, 4.0)).min_col_width(80.0)
}

fn facts_ui(ui: &mut Ui, cx: &Cx<'_>, parcels: &Parcels, parcel: ParcelIx) {
    for problem in parcels.problems(parcel) {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(icons::WARNING).text_style(text::icon()).color(cx.tokens.yellow));
            ui.label(problem_text(cx, problem));
        });
    }
    grid("parcel-facts").show(ui, |ui| {
        fact_ui(ui, cx, &cx.t("parcel-id"), widgets::strong(parcels.id(parcel)));
        let crop = match (parcels.crop_code(parcel), parcels.crop_name(parcel)) {
            (Some(code), Some(name)) => format!("{code}  {name}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => cx.t("queue-no-crop").to_string(),
        };
        fact_ui(ui, cx, &cx.t("parcel-crop"), crop);
        let area = cx.tw("queue-area", &[("area", cx.texts.number(parcels.area_ha(parcel), 4).into())]);
        fact_ui(ui, cx, &cx.t("parcel-area"), widgets::figure(area));
        let perimeter = format!("{} m", cx.texts.number(parcels.perimeter_m(parcel), 0));
        fact_ui(ui, cx, &cx.t("parcel-perimeter"), widgets::figure(perimeter));
    });
}

fn attributes_ui(ui: &mut Ui, cx: &Cx<'_>, parcels: &Parcels, parcel: ParcelIx) {
    if parcels.columns().is_empty() {
        return;
    }
    ui.label(widgets::strong(cx.t("parcel-attributes").to_string()));
    let hidden = cx.project.review().hides(parcels.id(parcel));
    grid("parcel-attributes").striped(true).show(ui, |ui| {
        for (at, column) in parcels.columns().iter().enumerate() {
            let number = parcels.number(at, parcel);
            let value = match parcels.text(at, parcel) {
                _ if hidden && cx.project.other_column() == Some(column.name.as_str()) => cx.t("review-hidden-value").to_string(),
                Some(text) => text.to_owned(),
                None if number.is_finite() => number.to_string(),
                None => "–".to_owned(),
            };
            fact_ui(ui, cx, &column.name, RichText::new(value).text_style(egui::TextStyle::Small));
        }
    });
}

/// Where a fact comes from, in words.
fn origin_id(origin: Origin) -> &'static str {
    match origin {
        Origin::Metadata => "parcel-origin-metadata",
        Origin::Name => "parcel-origin-name",
        Origin::Setting => "parcel-origin-setting",
        Origin::Assumed => "parcel-origin-assumed",
    }
}

fn products_ui(ui: &mut Ui, cx: &Cx<'_>, dataset: &Dataset, parcel: ParcelIx, ix: AcquisitionIx, out: &mut Out) {
    let acquisition = dataset.catalog.get(ix);
    ui.label(widgets::strong(cx.tw("parcel-products", &[("date", cx.texts.date(utc_day(acquisition.acquired)).into())])));
    grid("parcel-acquisition").show(ui, |ui| acquisition_facts_ui(ui, cx, acquisition));
    let coverage = cx.project.coverage(parcel).ready();
    let chosen = cx.project.granule(parcel, ix);
    for (number, granule) in acquisition.granules.iter().enumerate() {
        ui.add_space(4.0);
        if acquisition.granules.len() == 1 {
            ui.add(egui::Label::new(RichText::new(&granule.name).text_style(egui::TextStyle::Small)).wrap().selectable(true));
        } else if ui.radio(usize::from(chosen) == number, &granule.name).clicked() {
            out.push(Command::ChooseGranule(ix, number as u8));
        }
        let clear = coverage.as_deref().and_then(|coverage| clear_share(coverage, ix, number as u8, cx));
        grid(&format!("granule-{number}")).show(ui, |ui| granule_facts_ui(ui, cx, acquisition.sensor, granule, clear));
    }
}

/// Usable share of the parcel in one product.
fn clear_share(coverage: &ParcelCoverage, ix: AcquisitionIx, granule: u8, cx: &Cx<'_>) -> Option<f64> {
    let granules = coverage.acquisitions.iter().flat_map(|entry| &entry.granules);
    granules.filter(|own| own.acquisition == ix).find(|own| own.granule == granule).map(|own| own.clear(cx.project.mask()))
}

fn acquisition_facts_ui(ui: &mut Ui, cx: &Cx<'_>, acquisition: &Acquisition) {
    fact_ui(ui, cx, &cx.t("parcel-acquired"), widgets::figure(iso_utc(acquisition.acquired)));
    if let (Some(first), Some(days)) = (acquisition.first, acquisition.pair_days()) {
        let pair = cx.tw("parcel-pair", &[("first", iso_utc(first).into()), ("days", (days as f64).into())]);
        fact_ui(ui, cx, &cx.t("parcel-pair-name"), pair);
    }
    let mut source = super::graph::readout::source_text(acquisition);
    if acquisition.sensor != Sensor::S2 {
        source = format!("{} {source}", acquisition.platform);
        if acquisition.pass.is_some() && acquisition.pass_origin == Origin::Assumed {
            source = format!("{source} ({})", cx.t("parcel-pass-assumed"));
        }
    }
    fact_ui(ui, cx, &cx.t("parcel-source"), source);
    if acquisition.synthetic() {
        fact_ui(ui, cx, &cx.t("parcel-note"), RichText::new(cx.t("parcel-synthetic").as_ref()).color(cx.tokens.yellow));
    }
}

fn granule_facts_ui(ui: &mut Ui, cx: &Cx<'_>, sensor: Sensor, granule: &Granule, clear: Option<f64>) {
    if let Some(clear) = clear {
        fact_ui(ui, cx, &cx.t("parcel-clear"), widgets::figure(cx.texts.percent(clear)));
    }
    if let Some(tile) = &granule.tile {
        fact_ui(ui, cx, &cx.t("parcel-tile"), tile.as_str());
    }
    if sensor != Sensor::S2 {
        return;
    }
    if let Some(baseline) = &granule.baseline {
        fact_ui(ui, cx, &cx.t("parcel-baseline"), widgets::figure(baseline.as_str()));
    }
    let offset = format!("{}  {}", cx.texts.number(granule.boa_offset_dn, 0), cx.t(origin_id(granule.offset_origin)));
    let assumed = granule.offset_origin == Origin::Assumed && !cx.project.file().radiometry.confirmed;
    let ink = if assumed { cx.tokens.yellow } else { cx.tokens.tx };
    fact_ui(ui, cx, &cx.t("parcel-offset"), RichText::new(offset).color(ink));
}

/// Who the peers are, how far, and which were excluded.
fn peers_ui(ui: &mut Ui, cx: &Cx<'_>, dataset: &Dataset, parcel: ParcelIx, out: &mut Out) {
    let crop = dataset.parcels.crop(parcel).map_or_else(|| cx.t("queue-no-crop").to_string(), str::to_owned);
    match cx.project.peers(parcel, &super::map::peer_signal(cx)) {
        Fetch::Ready(band) => {
            ui.label(widgets::strong(cx.tw("parcel-peers-count", &[("n", band.count.into()), ("crop", crop.into())])));
            ui.label(widgets::secondary(cx.tokens, peers_rule(cx)));
            if band.count == 0 {
                ui.label(cx.t("parcel-peers-none").as_ref());
            }
            for peer in &band.peers {
                peer_ui(ui, cx, &dataset.parcels, peer, out);
            }
        }
        Fetch::Pending => drop(ui.label(widgets::secondary(cx.tokens, cx.t("parcel-peers-loading").to_string()))),
        Fetch::Failed(error) => widgets::failed_ui(ui, cx, &error, out),
    }
    let excluded = &cx.project.file().peers.excluded;
    if !excluded.is_empty() {
        ui.add_space(4.0);
        ui.label(widgets::strong(cx.t("parcel-excluded").to_string()));
        for id in excluded {
            ui.horizontal(|ui| {
                let name = cx.tw("parcel-take-back", &[("id", id.as_str().into())]);
                if let Some(peer) = dataset.parcels.find(id)
                    && ui.add(Button::icon_only(icons::PLUS, &name)).clicked()
                {
                    out.push(Command::ExcludePeer(peer, false));
                }
                ui.label(id);
            });
        }
    }
}

/// Which parcels can be peers, in words.
fn peers_rule(cx: &Cx<'_>) -> String {
    let peers = &cx.project.file().peers;
    let area = cx.texts.number(peers.min_area_ha, 2);
    match peers.distance_m {
        _ if peers.source == PeerSource::Population => cx.tw("parcel-peers-whole", &[("area", area.into())]),
        Some(distance) => cx.tw("parcel-peers-near", &[("distance", cx.texts.number(distance, 0).into()), ("area", area.into())]),
        None => cx.tw("parcel-peers-all", &[("area", area.into())]),
    }
}

fn peer_ui(ui: &mut Ui, cx: &Cx<'_>, parcels: &Parcels, peer: &Peer, out: &mut Out) {
    let id = parcels.id(peer.parcel);
    ui.horizontal(|ui| {
        let exclude = cx.tw("parcel-exclude", &[("id", id.into())]);
        if ui.add(Button::icon_only(icons::CLOSE, &exclude)).clicked() {
            out.push(Command::ExcludePeer(peer.parcel, true));
        }
        if ui.link(id).on_hover_text(cx.tw("parcel-open", &[("id", id.into())])).clicked() {
            out.push(Command::SelectParcel(peer.parcel));
        }
        ui.label(widgets::figure(format!("{} m", cx.texts.number(peer.distance_m, 0))));
        let area = cx.tw("queue-area", &[("area", cx.texts.number(parcels.area_ha(peer.parcel), 2).into())]);
        ui.label(widgets::figure(area).color(cx.tokens.tx2));
    });
}
