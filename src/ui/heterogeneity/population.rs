//! Heterogeneity of the population in the Tune workspace: thresholds, how a quantity is distributed, counts of the index.

use std::sync::Arc;

use egui::{Align2, Grid, Rect, Response, Role, Sense, Slider, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::words;
use crate::engine::heterogeneity::suggested_threshold;
use crate::model::ParcelIx;
use crate::model::heterogeneity::{CIndex, DecisionRule, HeterogeneityParams, MarkerParams};
use crate::project::queries::heterogeneity::{Decisions, DecisionsQuery, HISTOGRAM, HistogramQuery, Quantity};
use crate::project::queue::ParcelList;
use crate::project::{Command, Fetch};
use crate::ui::cx::{Cx, Out};
use crate::ui::theme::text;
use crate::ui::widgets::{self, Button};

/// Shares of an index among parcels with a detection, as published for two sites: POOR, WEAK, MODERATE, STRONG, and the share of
/// parcels with a detection.
const PUBLISHED: [(&str, [f64; 4], f64); 2] =
    [("Saxony", [0.71, 0.27, 0.01, 0.01], 0.275), ("Greece", [0.685, 0.295, 0.01, 0.01], 0.085)];

/// State of the pane.
#[derive(Default)]
pub struct PopulationState {
    quantity: Option<Quantity>,
    /// The last answers, shown while the next are computed.
    decisions: Option<Arc<Decisions>>,
    histogram: Option<(Quantity, Arc<[u32; HISTOGRAM]>)>,
}

/// Draws the pane; returns the response of its header.
pub fn population_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut PopulationState, out: &mut Out) -> Response {
    let params = cx.project.heterogeneity_params();
    let measuring = cx.project.measuring_heterogeneity();
    let subtitle = match cx.project.heterogeneity_population() {
        Some(own) => cx.tw("hetero-measured", &[("n", own.measured().into()), ("all", own.rows.len().into())]),
        None => String::new(),
    };
    let shared = std::cell::RefCell::new((state, out));
    widgets::pane_ui(
        ui,
        cx,
        &cx.t("hetero-population"),
        &subtitle,
        |ui| {
            let (_, out) = &mut *shared.borrow_mut();
            let id = if measuring { "hetero-measuring" } else { "hetero-measure" };
            if ui.add_enabled(!measuring, Button::new(&cx.t(id)).tip(&cx.t("hetero-measure-tip"))).clicked() {
                out.push(Command::Heterogeneity);
            }
        },
        |ui| {
            let (state, out) = &mut *shared.borrow_mut();
            body_ui(ui, cx, state, &params, out);
        },
    )
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut PopulationState, params: &HeterogeneityParams, out: &mut Out) {
    let Some(population) = cx.project.heterogeneity_population() else {
        let command = cx.t("hetero-measure");
        if widgets::empty_ui(ui, cx.tokens, &cx.t("hetero-not-measured"), &cx.t("hetero-not-measured-why"), Some(&command)) {
            out.push(Command::Heterogeneity);
        }
        return;
    };
    let of = DecisionsQuery { population: Arc::clone(population), params: params.markers };
    match cx.project.heterogeneity_decisions() {
        Some(Fetch::Ready(decisions)) => state.decisions = Some(decisions),
        Some(Fetch::Failed(error)) => return widgets::failed_ui(ui, cx, &error, out),
        Some(Fetch::Pending) | None => {}
    }
    let quantity = state.quantity.unwrap_or(Quantity::Compactness);
    let query = HistogramQuery { of, quantity };
    if let Fetch::Ready(counts) = cx.project.get(&query, crate::jobs::Lane::Interactive) {
        state.histogram = Some((quantity, counts));
    }
    widgets::padded_ui(ui, |ui| {
        ui.horizontal_top(|ui| {
            let height = ui.available_height();
            let across = ui.available_width();
            let (left, right) = (330.0_f32.min(across * 0.34), 400.0_f32.min(across * 0.4));
            ui.allocate_ui(vec2(left, height), |ui| {
                ui.vertical(|ui| {
                    ui.set_width(left);
                    thresholds_ui(ui, cx, params, quantity, &mut state.quantity, out);
                });
            });
            ui.add_space(10.0);
            ui.allocate_ui(vec2(across - left - right - 40.0, height), |ui| {
                histogram_ui(ui, cx, state, params, quantity, out);
            });
            ui.add_space(10.0);
            ui.vertical(|ui| {
                ui.set_width(right);
                table_ui(ui, cx, state, out);
            });
        });
    });
}

/// Threshold of a quantity.
fn threshold(params: &MarkerParams, quantity: Quantity) -> f64 {
    match quantity {
        Quantity::LargestShare | Quantity::RadarShare => params.per_hetero,
        Quantity::SecondPixels => f64::from(params.n_pix_s2),
        Quantity::NdviDistance => params.ndvi_distance,
        Quantity::Compactness => params.compact_s2,
        Quantity::RadarCompactness => params.compact_s1,
    }
}

fn set_threshold(params: &mut MarkerParams, quantity: Quantity, value: f64) {
    match quantity {
        Quantity::LargestShare | Quantity::RadarShare => params.per_hetero = (value * 100.0).round() / 100.0,
        Quantity::SecondPixels => (params.n_pix_s2, params.n_pix_s1) = (value.round() as u32, value.round() as u32),
        Quantity::NdviDistance => params.ndvi_distance = (value * 200.0).round() / 200.0,
        Quantity::Compactness => params.compact_s2 = (value * 50.0).round() / 50.0,
        Quantity::RadarCompactness => params.compact_s1 = (value * 50.0).round() / 50.0,
    }
}

fn name(cx: &Cx<'_>, quantity: Quantity) -> Arc<str> {
    cx.t(match quantity {
        Quantity::LargestShare => "hetero-q-share",
        Quantity::SecondPixels => "hetero-q-pixels",
        Quantity::NdviDistance => "hetero-q-distance",
        Quantity::Compactness => "hetero-q-compact",
        Quantity::RadarShare => "hetero-q-radar-share",
        Quantity::RadarCompactness => "hetero-q-radar-compact",
    })
}

fn thresholds_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    params: &HeterogeneityParams,
    quantity: Quantity,
    chosen: &mut Option<Quantity>,
    out: &mut Out,
) {
    let mut changed = *params;
    let shown = [
        Quantity::LargestShare,
        Quantity::SecondPixels,
        Quantity::NdviDistance,
        Quantity::Compactness,
        Quantity::RadarCompactness,
    ];
    Grid::new("thresholds").num_columns(2).spacing(vec2(6.0, 3.0)).show(ui, |ui| {
        for own in shown {
            let label = name(cx, own);
            if ui.add(Button::new(&label).on(quantity == own)).clicked() {
                *chosen = Some(own);
            }
            let (from, to) = own.range();
            let mut value = threshold(&changed.markers, own);
            ui.spacing_mut().slider_width = 90.0;
            let slider = ui.add(Slider::new(&mut value, from..=to).max_decimals(3));
            slider.widget_info(|| WidgetInfo::slider(true, value, label.as_ref()));
            if slider.changed() {
                *chosen = Some(own);
                set_threshold(&mut changed.markers, own, value);
            }
            ui.end_row();
        }
    });
    ui.horizontal(|ui| {
        for (rule, id) in [(DecisionRule::Sum, "hetero-sum"), (DecisionRule::Literal, "hetero-literal")] {
            if ui.radio(changed.markers.rule == rule, cx.t(id).as_ref()).clicked() {
                changed.markers.rule = rule;
            }
        }
        if ui.add(Button::new(&cx.t("hetero-defaults"))).clicked() {
            changed.markers =
                MarkerParams { compact_s2: suggested_threshold(changed.clusters.radius), ..MarkerParams::default() };
        }
    });
    if changed != *params {
        out.push(Command::SetHeterogeneity(Box::new(changed)));
    }
}

fn histogram_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    state: &PopulationState,
    params: &HeterogeneityParams,
    quantity: Quantity,
    out: &mut Out,
) {
    let tokens = cx.tokens;
    let (rect, response) = ui.allocate_exact_size(ui.available_size() - vec2(0.0, 4.0), Sense::click_and_drag());
    let plot = Rect::from_min_max(rect.min + vec2(4.0, 20.0), rect.max - vec2(4.0, 18.0));
    let painter = ui.painter();
    painter.rect_filled(plot, 0.0, tokens.plot);
    let font = text::tick().resolve(ui.style());
    painter.text(
        rect.left_top(),
        Align2::LEFT_TOP,
        cx.tw("hetero-histogram", &[("name", name(cx, quantity).into())]),
        font.clone(),
        tokens.tx2,
    );
    let (from, to) = quantity.range();
    let x_of = |value: f64| plot.left() + ((value - from) / (to - from)).clamp(0.0, 1.0) as f32 * plot.width();
    let limit = threshold(&params.markers, quantity);
    let counts = state.histogram.as_ref().filter(|(own, _)| *own == quantity).map(|(_, counts)| Arc::clone(counts));
    if let Some(counts) = &counts {
        let most = counts.iter().copied().max().unwrap_or(1).max(1) as f32;
        let width = plot.width() / HISTOGRAM as f32;
        for (at, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let middle = from + (at as f64 + 0.5) / HISTOGRAM as f64 * (to - from);
            // Square roots: a few parcels beside many stay visible.
            let height = (count as f32 / most).sqrt() * (plot.height() - 6.0);
            let left = plot.left() + width * at as f32;
            let bar = Rect::from_min_max(pos2(left + 0.5, plot.bottom() - height), pos2(left + width - 0.5, plot.bottom()));
            let holds = match quantity {
                Quantity::LargestShare | Quantity::RadarShare => middle < limit,
                _ => middle >= limit,
            };
            painter.rect_filled(bar, 0.0, if holds { tokens.yellow } else { tokens.med });
        }
    } else {
        painter.text(plot.center(), Align2::CENTER_CENTER, cx.t("hetero-counting"), font.clone(), tokens.tx2);
    }
    for tick in 0..=4 {
        let value = from + f64::from(tick) / 4.0 * (to - from);
        let digits = if to > 10.0 { 0 } else { 2 };
        painter.text(
            pos2(x_of(value), plot.bottom() + 3.0),
            Align2::CENTER_TOP,
            cx.texts.number(value, digits),
            font.clone(),
            tokens.tx2,
        );
    }
    let x = x_of(limit);
    painter.vline(x, plot.y_range(), Stroke::new(2.0, tokens.red));
    painter.text(pos2(x + 4.0, plot.top() + 2.0), Align2::LEFT_TOP, cx.texts.number(limit, 2), font, tokens.red);
    let label =
        cx.tw("hetero-histogram-label", &[("name", name(cx, quantity).into()), ("limit", cx.texts.number(limit, 2).into())]);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
    if (response.dragged() || response.clicked())
        && let Some(at) = response.interact_pointer_pos()
    {
        let value = from + f64::from((at.x - plot.left()) / plot.width()).clamp(0.0, 1.0) * (to - from);
        let mut changed = *params;
        set_threshold(&mut changed.markers, quantity, value);
        if changed != *params {
            out.push(Command::SetHeterogeneity(Box::new(changed)));
        }
    }
}

fn table_ui(ui: &mut Ui, cx: &Cx<'_>, state: &PopulationState, out: &mut Out) {
    let Some(decisions) = &state.decisions else {
        ui.label(widgets::secondary(cx.tokens, cx.t("hetero-counting").to_string()));
        return;
    };
    let judged: usize = decisions.counts.iter().sum();
    let detected = judged - decisions.counts[0];
    let share = |part: usize, whole: usize| {
        if whole > 0 { words::percent_fine(cx, part as f64 / whole as f64) } else { "–".to_owned() }
    };
    Grid::new("c-index").num_columns(5).spacing(vec2(12.0, 3.0)).show(ui, |ui| {
        for id in ["hetero-index", "hetero-parcels", "hetero-of-detections"] {
            ui.label(widgets::secondary(cx.tokens, cx.t(id).to_string()));
        }
        for (site, ..) in PUBLISHED {
            ui.label(widgets::secondary(cx.tokens, site)).on_hover_text(cx.t("hetero-published").as_ref());
        }
        ui.end_row();
        for (row, index) in CIndex::ALL.into_iter().enumerate().rev() {
            let count = decisions.counts[row];
            let word = words::index(cx, index);
            let tip = cx.t("hetero-list-tip");
            let button = Button::new(&word).tip(&tip);
            if ui.add_enabled(count > 0, button).clicked() {
                out.push(show(cx, decisions, index));
            }
            ui.label(widgets::figure(count.to_string()));
            if index == CIndex::No {
                ui.label("");
                ui.label("");
                ui.label("");
            } else {
                ui.label(widgets::figure(share(count, detected)));
                for (_, shares, _) in PUBLISHED {
                    ui.label(widgets::figure(words::percent_fine(cx, shares[row - 1])).color(cx.tokens.tx2));
                }
            }
            ui.end_row();
        }
        ui.label(cx.t("hetero-detected").as_ref());
        ui.label(widgets::figure(detected.to_string()));
        ui.label(widgets::figure(share(detected, judged)));
        for (_, _, rate) in PUBLISHED {
            ui.label(widgets::figure(words::percent_fine(cx, rate)).color(cx.tokens.tx2));
        }
        ui.end_row();
    });
    let tip = cx.t("hetero-mixed-tip");
    if ui.add(Button::new(&cx.t("hetero-mixed")).tip(&tip)).clicked() {
        out.commands.extend(mixed(cx));
    }
    if decisions.without > 0 {
        ui.label(widgets::secondary(cx.tokens, cx.tw("hetero-without", &[("n", decisions.without.into())])));
    }
}

/// All parcels with enough clear dates, those with the widest spread of B08 first.
fn mixed(cx: &Cx<'_>) -> Option<Command> {
    let population = cx.project.heterogeneity_population()?;
    let spread = |row: &crate::project::heterogeneity::population::Row| row.spread[0];
    let rows = population.rows.iter().enumerate();
    let mut known: Vec<(f32, ParcelIx)> =
        rows.filter_map(|(at, row)| Some((spread(row.as_ref()?), ParcelIx(at as u32)))).filter(|own| !own.0.is_nan()).collect();
    known.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let parcels = known.into_iter().map(|own| own.1).collect();
    Some(Command::ShowList(Some(Box::new(ParcelList { name: cx.t("hetero-mixed").to_string(), parcels }))))
}

/// The parcels of an index as a list in the queue.
fn show(cx: &Cx<'_>, decisions: &Decisions, index: CIndex) -> Command {
    let parcels = decisions
        .of
        .iter()
        .enumerate()
        .filter(|(_, own)| own.is_some_and(|own| own.index == index))
        .map(|(at, _)| ParcelIx(at as u32))
        .collect();
    Command::ShowList(Some(Box::new(ParcelList {
        name: cx.tw("hetero-list", &[("index", words::index(cx, index).into())]),
        parcels,
    })))
}
