//! Pane of the parcels nearest to the limit on both sides, as cards: what was said of them, what is said, and what is seen.

use std::sync::Arc;

use egui::{Align2, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::model::{AcquisitionIx, ParcelIx, Series};
use crate::project::{Command, Dataset, Fetch};
use crate::ui::actions::Action;
use crate::ui::chip_paint::{self, Hatch, Zoom};
use crate::ui::cx::{Cx, Out};
use crate::ui::graph::model::full_range;
use crate::ui::theme::{size, text};
use crate::ui::{verdict, widgets};

use super::changed::{figure, signed};
use super::model::steepest_fall;
use super::{TuneState, sparkline, text_of};

/// A card is at least so wide.
const LEAST: f32 = 172.0;

/// Cards at most.
const MOST: usize = 6;

/// Draws the pane; returns the response of its header.
pub fn boundary_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, out: &mut Out) -> Response {
    let line =
        state.line().map(|(threshold, parameter)| (threshold.feature.clone(), parameter.clone(), state.value_of(parameter)));
    let subtitle = line.as_ref().map_or_else(String::new, |(_, parameter, value)| {
        cx.tw("tune-boundary-hint", &[("at", text_of(parameter, *value).into())])
    });
    widgets::pane_ui(
        ui,
        cx,
        &cx.t("pane-boundary"),
        &subtitle,
        |_| {},
        |ui| {
            let (Some((feature, parameter, value)), Fetch::Ready(dataset)) = (line, cx.project.dataset()) else { return };
            // A drag would ask for other parcels in every frame: they follow when it ends.
            let waits = super::on_release(&parameter) && state.change.is_open();
            let moving = state.change.is_dragged() || state.measure.is_some() || waits;
            if !moving || state.boundary.shown().is_none() {
                state.boundary.update(cx.project, cx.project.boundary_query(&feature, value, MOST));
            }
            let Some((_, parcels)) = state.boundary.shown().cloned() else {
                if state.effect.is_some() {
                    widgets::pending_ui(ui, cx.tokens, &cx.t("tune-counting"));
                }
                return;
            };
            cards_ui(ui, cx, state, (&dataset, &feature, value), &parcels, out);
        },
    )
}

fn cards_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    state: &mut TuneState,
    (dataset, feature, at): (&Dataset, &str, f64),
    parcels: &[(ParcelIx, f32)],
    out: &mut Out,
) {
    let body = ui.available_rect_before_wrap().shrink(size::PAD);
    let fitting = (((body.width() + 6.0) / (LEAST + 6.0)) as usize).clamp(1, MOST).min(parcels.len().max(1));
    // The nearest ones in the middle of those that were asked for.
    let below = parcels.iter().filter(|(_, value)| f64::from(*value) < at).count();
    let first = below.saturating_sub(fitting / 2).min(parcels.len().saturating_sub(fitting));
    let width = (body.width() - 6.0 * (fitting as f32 - 1.0)) / fitting as f32;
    let windows = state.model.as_ref().map_or_else(Vec::new, |model| model.windows(feature, &dataset.catalog));
    state.textures.begin_frame(ui.ctx().cumulative_frame_nr());
    let scene = Scene { dataset, windows, shown: full_range(&dataset.catalog, false), at };
    for (number, &(parcel, value)) in parcels.iter().skip(first).take(fitting).enumerate() {
        let left = body.left() + number as f32 * (width + 6.0);
        let place = Rect::from_min_size(pos2(left, body.top()), vec2(width, body.height()));
        let response = card_ui(ui, cx, state, &scene, (parcel, value), place);
        if response.double_clicked() {
            out.act(Action::Review);
        }
        if response.clicked() {
            out.push(Command::SelectParcel(parcel));
        }
    }
}

/// What all cards share.
struct Scene<'a> {
    dataset: &'a Dataset,
    windows: Vec<(f64, f64)>,
    shown: (f64, f64),
    at: f64,
}

fn card_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    state: &mut TuneState,
    scene: &Scene<'_>,
    (parcel, value): (ParcelIx, f32),
    place: Rect,
) -> Response {
    let tokens = cx.tokens;
    let response = ui.interact(place, ui.scope_id().with(("tune-card", parcel)), Sense::click());
    let current = cx.project.selection().parcel == Some(parcel);
    let border = if current {
        Stroke::new(2.0, tokens.ac)
    } else {
        Stroke::new(1.0, if response.hovered() { tokens.bds } else { tokens.bd })
    };
    ui.painter().rect(place, CornerRadius::same(4), tokens.bg1, border, StrokeKind::Inside);
    if response.has_focus() {
        ui.painter().rect_stroke(place, CornerRadius::same(4), Stroke::new(size::RING, tokens.focus), StrokeKind::Inside);
    }
    let inner = place.shrink2(vec2(9.0, 7.0));
    let id = scene.dataset.parcels.id(parcel);
    let verdicts = state.effect.as_ref().and_then(|effect| effect.before.of(parcel).zip(effect.after.of(parcel)));
    let sign = Rect::from_min_max(pos2(inner.right() - verdict::CHANGE, inner.top()), pos2(inner.right(), inner.top() + 18.0));
    let mut job = egui::text::LayoutJob::single_section(
        id.to_owned(),
        egui::TextFormat::simple(text::header().resolve(ui.style()), tokens.tx),
    );
    job.wrap = egui::text::TextWrapping::truncate_at_width(sign.left() - inner.left() - 4.0);
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(pos2(inner.left(), inner.top() + 1.0), galley, tokens.tx);
    if let Some(change) = verdicts {
        verdict::paint_change(ui.painter(), tokens, change, sign);
    }
    let margin = value - scene.at as f32;
    let figures = cx.tw("tune-card-figures", &[("value", figure(value).into()), ("margin", signed(margin).into())]);
    let numeric = text::numeric().resolve(ui.style());
    ui.painter().text(pos2(inner.left(), inner.top() + 20.0), Align2::LEFT_TOP, &figures, numeric, tokens.tx2);
    let bare = below_ui(ui, cx, state, scene, parcel, Rect::from_min_max(pos2(inner.left(), inner.top() + 40.0), inner.max));
    let mut name = match verdicts {
        Some((before, after)) => {
            let words = (verdict::word(cx, Some(before)), verdict::word(cx, Some(after)));
            let args = [
                ("id", id.into()),
                ("figures", figures.as_str().into()),
                ("before", words.0.as_ref().into()),
                ("after", words.1.as_ref().into()),
            ];
            cx.tw("tune-card-name", &args)
        }
        None => format!("{id}, {figures}"),
    };
    if bare {
        name = format!("{name}, {}", cx.t("tune-no-ndvi-why"));
    }
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, current, name.as_str()));
    response
}

/// Two chips and the graph, as far as there is room; true where no image has what the graph shows.
fn below_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, scene: &Scene<'_>, parcel: ParcelIx, place: Rect) -> bool {
    const DATE: f32 = 16.0;
    let edge = ((place.width() - 6.0) / 2.0).min(96.0).min(place.height() * 0.56 - DATE);
    let chips = edge >= 36.0;
    let top = if chips { place.top() + edge + DATE + 4.0 } else { place.top() };
    let graph = Rect::from_min_max(pos2(place.left(), top), place.max);
    let mut series: Option<Arc<Series>> = None;
    if graph.height() >= 18.0 {
        series = sparkline::paint(ui, cx, parcel, graph, (scene.shown, &scene.windows));
    }
    let bare = series.as_ref().is_some_and(|series| series.points.is_empty());
    if !chips {
        return bare;
    }
    let pair = series.as_deref().and_then(|series| steepest_fall(series, &scene.windows));
    for (number, acquisition) in pair.map(|(before, after)| [before, after]).into_iter().flatten().enumerate() {
        let left = place.left() + number as f32 * (edge + 6.0);
        chip_ui(ui, cx, state, (parcel, acquisition), Rect::from_min_size(pos2(left, place.top()), vec2(edge, edge)));
    }
    bare
}

fn chip_ui(ui: &Ui, cx: &Cx<'_>, state: &mut TuneState, (parcel, acquisition): (ParcelIx, AcquisitionIx), place: Rect) {
    let tokens = cx.tokens;
    let granule = cx.project.granule(parcel, acquisition);
    let query = cx.project.picture_query(parcel, acquisition, granule, cx.project.view());
    let hatch = state.hatch.get_or_insert_with(|| Hatch::new(ui.ctx())).clone();
    let mut drawn = false;
    if let Fetch::Ready(picture) = cx.project.get(&query, crate::jobs::Lane::Prefetch) {
        let texture = state.textures.get(ui.ctx(), &picture);
        let look = chip_paint::Look { mask: false, outline: true, neighbours: false, opacity: 1.0, zoom: Zoom::default() };
        drawn = chip_paint::paint(ui.painter(), &picture, texture, &hatch, place, &look).is_some();
    }
    if !drawn {
        ui.painter().rect_filled(place, 0.0, tokens.skel);
    }
    ui.painter().rect_stroke(place, 0.0, Stroke::new(1.0, tokens.bd), StrokeKind::Outside);
    if let Some(data) = cx.project.data() {
        let date = data.catalog.get(acquisition).acquired.strftime("%m-%d").to_string();
        let font = text::tick().resolve(ui.style());
        ui.painter().text(pos2(place.left(), place.bottom() + 3.0), Align2::LEFT_TOP, date, font, tokens.tx2);
    }
}
