//! Clusters of the chosen period: share, mean NDVI; and the quantities that the markers compare.

use egui::{Align2, Grid, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::overlay::{self, View};
use super::words;
use crate::engine::heterogeneity::stack::days_since_1970;
use crate::model::heterogeneity::Stream;
use crate::project::Fetch;
use crate::ui::cx::Cx;
use crate::ui::theme::text;
use crate::ui::widgets;

/// Draws the table.
pub fn table_ui(ui: &mut Ui, cx: &Cx<'_>, view: &View, selected: Option<(Stream, usize)>) {
    let Some((stream, at)) = selected else {
        ui.label(widgets::secondary(cx.tokens, cx.t("hetero-choose").to_string()));
        return;
    };
    let Some(map) = view.of(stream).and_then(|maps| maps.periods.get(at)) else { return };
    let period = &view.maps.periods[at];
    let name = if stream == Stream::S2 { "S2" } else { "S1" };
    let dates = format!("{name} · {} – {}", cx.texts.day_month(period.from), cx.texts.day_month(period.to));
    ui.label(widgets::strong(dates));
    if let Some(absent) = map.absent {
        ui.label(words::absence(cx, absent));
        return;
    }
    let variables = &view.maps.stream(stream).variables;
    let shown: Vec<usize> = match stream {
        Stream::S2 => variables.iter().position(|own| own == "NDVI").into_iter().collect(),
        Stream::S1 => (0..variables.len().min(2)).collect(),
    };
    let quantities = &map.quantities;
    Grid::new("clusters").num_columns(4).spacing(vec2(12.0, 3.0)).show(ui, |ui| {
        ui.label(widgets::secondary(cx.tokens, cx.t("hetero-cluster").to_string()));
        ui.label(widgets::secondary(cx.tokens, cx.t("hetero-share").to_string()));
        ui.label(widgets::secondary(cx.tokens, cx.t("hetero-count").to_string()));
        for &variable in &shown {
            ui.label(widgets::secondary(cx.tokens, variables[variable].as_str()));
        }
        ui.end_row();
        let present = quantities.clusters.iter().enumerate().filter(|(_, pixels)| **pixels > 0);
        for (class, &pixels) in present {
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(22.0, 14.0), Sense::hover());
                overlay::swatch(ui.painter(), rect, class as u8 + 1, view.style.hatch);
                ui.label(widgets::figure((class + 1).to_string()));
            });
            ui.label(widgets::figure(cx.texts.percent(f64::from(pixels) / f64::from(quantities.pixels))));
            ui.label(widgets::figure(pixels.to_string()));
            for &variable in &shown {
                let mean = map.means.get(class * variables.len() + variable).copied().unwrap_or(f32::NAN);
                ui.label(widgets::figure(cx.texts.number(f64::from(mean), 3)));
            }
            ui.end_row();
        }
    });
    if stream == Stream::S2 {
        curves_ui(ui, cx, view, at);
    }
    let marks = match stream {
        Stream::S2 => view.judged.s2.get(at),
        Stream::S1 => view.judged.s1.get(at),
    };
    let Some(marks) = marks else { return };
    ui.add_space(4.0);
    if stream == Stream::S2 && !marks.ndvi_distance.is_nan() {
        ui.label(cx.tw("hetero-distance", &[("value", cx.texts.number(marks.ndvi_distance, 2).into())]));
    }
    if !marks.compactness.is_nan() {
        ui.label(cx.tw("hetero-compactness", &[("value", cx.texts.number(marks.compactness, 2).into())]));
    }
    for (name, because) in words::names(stream).iter().zip(&marks.because).filter(|(name, _)| !name.is_empty()) {
        if !matches!(because, crate::model::heterogeneity::Because::Holds | crate::model::heterogeneity::Because::FirstIsZero) {
            ui.label(widgets::secondary(cx.tokens, format!("{name}: {}", words::because(cx, because, map.absent))));
        }
    }
}

/// NDVI of every cluster over the season, with the period shaded.
fn curves_ui(ui: &mut Ui, cx: &Cx<'_>, view: &View, at: usize) {
    let Fetch::Ready(curves) = cx.project.heterogeneity_curves(view.parcel, at) else { return };
    let (Some(&first), Some(&last)) = (curves.days.first(), curves.days.last()) else { return };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width().min(300.0), 74.0), Sense::hover());
    let tokens = cx.tokens;
    let plot = Rect::from_min_max(rect.min + vec2(22.0, 4.0), rect.max - vec2(2.0, 4.0));
    let painter = ui.painter();
    painter.rect_filled(plot, 0.0, tokens.plot);
    let x_of = |day: f64| plot.left() + ((day - first) / (last - first).max(1.0)) as f32 * plot.width();
    let y_of = |value: f32| plot.bottom() - value.clamp(0.0, 1.0) * plot.height();
    let period = &view.maps.periods[at];
    let shade = Rect::from_x_y_ranges(x_of(days_since_1970(period.from))..=x_of(days_since_1970(period.to)), plot.y_range());
    painter.rect_filled(shade.intersect(plot), 0.0, tokens.sel);
    for value in [0.0, 0.5, 1.0] {
        painter.hline(plot.x_range(), y_of(value), Stroke::new(1.0, tokens.grid));
        let font = text::tick().resolve(ui.style());
        painter.text(
            pos2(plot.left() - 3.0, y_of(value)),
            Align2::RIGHT_CENTER,
            cx.texts.number(f64::from(value), 1),
            font,
            tokens.tx2,
        );
    }
    for (cluster, means) in &curves.clusters {
        let mut line = Vec::new();
        for (&day, &mean) in curves.days.iter().zip(means) {
            if mean.is_nan() {
                overlay::curve(painter, std::mem::take(&mut line), *cluster);
            } else {
                line.push(pos2(x_of(day), y_of(mean)));
            }
        }
        overlay::curve(painter, line, *cluster);
    }
    let label = cx.t("hetero-curves");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, label.as_ref()));
    response.on_hover_text(label.as_ref());
}
