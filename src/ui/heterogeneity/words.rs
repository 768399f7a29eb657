//! Heterogeneity in words: index, reasons, parameters.

use egui::Color32;

use crate::engine::heterogeneity::not_calibrated;
use crate::model::heterogeneity::{Because, CIndex, ClusterParams, Context, HeterogeneityParams, Stream};
use crate::project::heterogeneity::pixels::Absence;
use crate::ui::cx::Cx;
use crate::ui::theme::Tokens;

/// Word of an index.
pub fn index(cx: &Cx<'_>, index: CIndex) -> String {
    let id = match index {
        CIndex::No => "hetero-no",
        CIndex::Poor => "hetero-poor",
        CIndex::Weak => "hetero-weak",
        CIndex::Moderate => "hetero-moderate",
        CIndex::Strong => "hetero-strong",
    };
    cx.t(id).to_string()
}

/// Colour of an index; its word always stands beside it.
pub fn colour(tokens: &Tokens, index: CIndex) -> Color32 {
    match index {
        CIndex::No => tokens.green,
        CIndex::Poor => tokens.grey,
        CIndex::Weak => tokens.yellow,
        CIndex::Moderate | CIndex::Strong => tokens.red,
    }
}

/// Names of the markers of a stream, in the places of [`crate::model::heterogeneity::Marks::values`].
pub fn names(stream: Stream) -> [&'static str; 4] {
    match stream {
        Stream::S2 => ["M1", "M2", "M3", "M4"],
        Stream::S1 => ["M5", "M6", "", "M7"],
    }
}

/// Why a marker is what it is.
pub fn because(cx: &Cx<'_>, because: &Because, absent: Option<Absence>) -> String {
    let number = |value: f64, digits: u8| cx.texts.number(value, digits);
    match because {
        Because::Holds => cx.t("hetero-holds").to_string(),
        Because::NoPixels => absent.map_or_else(|| cx.t("hetero-no-pixels").to_string(), |own| absence(cx, own)),
        Because::OneCluster(share) => cx.tw("hetero-one-cluster", &[("share", cx.texts.percent(*share).into())]),
        Because::NotOfStream => cx.t("hetero-not-of-stream").to_string(),
        Because::NoArea => cx.t("hetero-no-area").to_string(),
        Because::FirstIsZero => cx.t("hetero-first-zero").to_string(),
        Because::FewLargeClusters(count) => cx.tw("hetero-few-large", &[("n", (*count).into())]),
        Because::Below { value, threshold } if value.is_nan() => {
            cx.tw("hetero-no-pair", &[("threshold", number(*threshold, 2).into())])
        }
        Because::Below { value, threshold } => {
            cx.tw("hetero-below", &[("value", number(*value, 2).into()), ("threshold", number(*threshold, 2).into())])
        }
    }
}

/// Why a parcel has no clusters.
pub fn absence(cx: &Cx<'_>, absent: Absence) -> String {
    let id = match absent {
        Absence::NoOutline => "hetero-absent-outline",
        Absence::TooSmall => "hetero-absent-small",
        Absence::NoImages => "hetero-absent-images",
        Absence::NoDates => "hetero-absent-dates",
        Absence::Masked => "hetero-absent-masked",
    };
    cx.t(id).to_string()
}

/// Parameters in one line.
pub fn params(cx: &Cx<'_>, params: &HeterogeneityParams) -> String {
    let HeterogeneityParams { clusters: ClusterParams { clusters, radius, context, .. }, markers, .. } = params;
    let line = cx.tw(
        "hetero-params",
        &[
            ("k", u32::from(*clusters).into()),
            ("radius", u32::from(*radius).into()),
            ("compact", cx.texts.number(markers.compact_s2, 2).into()),
            ("distance", cx.texts.number(markers.ndvi_distance, 2).into()),
        ],
    );
    if *context == Context::Alone { format!("{line} · {}", cx.t("hetero-alone-short")) } else { line }
}

/// Whether radius and compactness belong together.
pub fn calibration(cx: &Cx<'_>, params: &HeterogeneityParams) -> String {
    let apart = not_calibrated(params.clusters.radius, params.markers.compact_s2);
    let id = if apart { "hetero-not-calibrated" } else { "hetero-calibrated" };
    cx.t(id).to_string()
}

/// A share with one digit: rates are small.
pub fn percent_fine(cx: &Cx<'_>, share: f64) -> String {
    cx.tw("percent-form", &[("number", cx.texts.number(share * 100.0, 1).into())])
}

/// Takes radius and compactness of a preset.
pub fn calibrate(own: &mut HeterogeneityParams, preset: &HeterogeneityParams) {
    own.clusters.radius = preset.clusters.radius;
    (own.markers.compact_s2, own.markers.compact_s1) = (preset.markers.compact_s2, preset.markers.compact_s1);
}
