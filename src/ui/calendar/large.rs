//! One date large, or several side by side; both zoom and pan together with the chips.

use egui::{
    Align, Align2, Color32, Key, Layout, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};

use super::chip::{self, Drawn};
use super::model::{ChipInfo, is_distribution};
use super::{CalendarState, Scene, distribution, readout};
use crate::model::AcquisitionIx;
use crate::project::Command;
use crate::ui::actions::Action;
use crate::ui::chip_paint::{self, Frame, Look};
use crate::ui::cx::Out;
use crate::ui::icons;
use crate::ui::theme::{size, text};
use crate::ui::widgets::{self, Button};

/// Width of the readout at the right of the large view.
const SIDE: f32 = 300.0;
/// Height of the line above a compared picture.
const CAPTION: f32 = 18.0;

/// The current date (or, while its key is held, the reference) over the whole pane.
pub(super) fn large_ui(ui: &mut Ui, scene: &Scene<'_>, state: &mut CalendarState, out: &mut Out) {
    let cx = scene.cx;
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        state.large = false;
    }
    let selection = cx.project.selection();
    let reference = selection.reference.filter(|_| state.show_reference).and_then(|reference| scene.model.get(reference));
    let Some(info) =
        reference.or_else(|| selection.acquisition.and_then(|current| scene.model.get(current))).or(scene.model.chips.first())
    else {
        return;
    };
    bar_ui(ui, scene, state, out, info, reference.is_some());
    let body = ui.available_rect_before_wrap().shrink(size::PAD);
    let side = if body.width() > 2.0 * SIDE { SIDE } else { 0.0 };
    let place = Rect::from_min_max(body.min, body.max - vec2(side, 0.0));
    let pointed = picture_ui(ui, scene, state, info, place);
    let readout = readout::readout(scene, info, pointed.picture.as_deref(), pointed.pixel);
    out.status = Some(readout.line());
    if side > 0.0 {
        let column = Rect::from_min_max(pos2(body.right() - side + 12.0, body.top()), body.max);
        let mut child = ui.new_child(UiBuilder::new().max_rect(column).layout(Layout::top_down(Align::Min)));
        chip::readout_ui(&mut child, scene, &readout, pointed.failed.as_deref());
        child.add_space(8.0);
        child.label(widgets::secondary(cx.tokens, cx.t("cal-large-help").as_ref()));
    }
}

fn bar_ui(ui: &mut Ui, scene: &Scene<'_>, state: &mut CalendarState, out: &mut Out, info: &ChipInfo, is_reference: bool) {
    let cx = scene.cx;
    egui::Frame::NONE.inner_margin(egui::Margin::symmetric(size::PAD as i8, 2)).show(ui, |ui| {
        ui.horizontal(|ui| {
            for (icon, id, direction) in
                [(icons::CARET_LEFT, cx.t("cal-previous"), -1), (icons::CARET_RIGHT, cx.t("cal-next"), 1)]
            {
                let target = scene.model.step(Some(info.acquisition), direction, false);
                let button = ui.add_enabled(target.is_some(), Button::icon_only(icon, &id));
                if let (true, Some(target)) = (button.clicked(), target) {
                    out.push(Command::SelectAcquisition(target));
                }
            }
            ui.label(widgets::strong(cx.texts.date(info.day)));
            ui.label(widgets::secondary(cx.tokens, readout::platform(cx, info)));
            if is_reference {
                ui.label(widgets::strong(cx.t("cal-chip-reference").as_ref()));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(Button::icon_only(icons::CLOSE, &cx.t("cal-close")).key("Esc")).clicked() {
                    state.large = false;
                }
                let (icon, name) = if state.playing { (icons::PAUSE, cx.t("cal-stop")) } else { (icons::PLAY, cx.t("cal-play")) };
                if ui.add(Button::icon_only(icon, &name)).clicked() {
                    state.playing = !state.playing;
                }
                if ui.add(Button::new(&cx.t("cal-compare"))).clicked() {
                    out.act(Action::Compare);
                }
            });
        });
    });
}

/// What lies under the pointer.
#[derive(Default)]
struct Pointed {
    picture: Option<std::sync::Arc<crate::project::queries::picture::ChipPicture>>,
    pixel: Option<(usize, usize)>,
    failed: Option<String>,
}

/// Draws one date as large as the place allows; wheel zooms, drag pans.
fn picture_ui(ui: &mut Ui, scene: &Scene<'_>, state: &mut CalendarState, info: &ChipInfo, place: Rect) -> Pointed {
    let cx = scene.cx;
    if is_distribution(cx.project.view()) && !info.values_only {
        distribution::large_ui(ui, scene, state, info, place);
        return Pointed::default();
    }
    let square = chip_paint::fit(place, 1, 1);
    let response = ui.interact(square, ui.scope_id().with(("large", info.acquisition.0)), Sense::click_and_drag());
    let name =
        cx.tw("cal-large-label", &[("date", cx.texts.date(info.day).into()), ("platform", readout::platform(cx, info).into())]);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    let frame = match chip::picture(scene, state, info) {
        Drawn::Picture(picture, before) => {
            let texture = state.runtime.textures.get(ui.ctx(), &picture);
            let look = Look {
                mask: state.mask,
                outline: state.outline,
                neighbours: true,
                opacity: if before { 0.6 } else { 1.0 },
                zoom: state.runtime.zoom,
            };
            let frame = state
                .runtime
                .hatch
                .as_ref()
                .and_then(|hatch| chip_paint::paint(ui.painter(), &picture, texture, hatch, square, &look));
            chip::clusters_ui(ui.painter(), scene, info, &picture, frame.as_ref());
            frame.map(|frame| (frame, picture))
        }
        Drawn::Failed(error) => {
            ui.painter().rect_filled(square, 0.0, cx.tokens.warnbg);
            return Pointed { failed: Some(error.to_string()), ..Pointed::default() };
        }
        Drawn::Value(name, value) => {
            chip::value_ui(ui, scene, square, &name, value);
            None
        }
        Drawn::Outside | Drawn::NotFetched | Drawn::Skeleton => {
            ui.painter().rect_filled(square, 0.0, cx.tokens.skel);
            None
        }
    };
    let Some((frame, picture)) = frame else { return Pointed::default() };
    let pointer = ui.input(|input| input.pointer.hover_pos());
    if response.dragged() {
        let drag = response.drag_delta() / frame.rect.size();
        state.runtime.change_zoom(None, |zoom| zoom.panned(drag));
    }
    if response.hovered() {
        let (wheel, pinch) = ui.input_mut(|input| (std::mem::take(&mut input.smooth_scroll_delta), input.zoom_delta()));
        let factor = pinch * ((wheel.x + wheel.y) / 200.0).exp();
        if let (true, Some(at)) = (factor != 1.0, pointer) {
            state.runtime.zoom_at(frame.rect, at, factor, None);
        }
    }
    ui.painter().rect_stroke(frame.rect, 0.0, Stroke::new(1.0, cx.tokens.bd), StrokeKind::Outside);
    if let Some(pixels) = picture.chip.chip.as_ref() {
        scale_bar(ui, scene, &frame, pixels.grid.pixel_x);
    }
    north(ui, frame.rect);
    let pixel = pointer.filter(|_| response.hovered()).and_then(|at| frame.pixel_at(at));
    Pointed { picture: Some(picture), pixel, failed: None }
}

/// Length of a scale bar in metres: 1, 2 or 5 times a power of ten, at most `most`.
fn round_length(most: f64) -> f64 {
    let power = 10f64.powf(most.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|digit| digit * power).find(|length| *length <= most).unwrap_or(power)
}

fn scale_bar(ui: &Ui, scene: &Scene<'_>, frame: &Frame, pixel_m: f64) {
    if pixel_m < 0.1 {
        return; // Degrees: a length would be wrong away from the equator.
    }
    let metres_per_px = pixel_m / f64::from(frame.scale());
    let length = round_length(120.0_f64.min(f64::from(frame.rect.width()) * 0.4) * metres_per_px);
    let width = (length / metres_per_px) as f32;
    let corner = frame.rect.left_bottom() + vec2(10.0, -10.0);
    let words = scene.cx.tw("cal-metres", &[("n", length.into())]);
    let painter = ui.painter();
    let back = Rect::from_min_max(corner + vec2(-5.0, -24.0), corner + vec2(width + 5.0, 5.0));
    painter.rect_filled(back, 2.0, Color32::from_black_alpha(150));
    let stroke = Stroke::new(1.5, Color32::WHITE);
    painter.hline(corner.x..=corner.x + width, corner.y, stroke);
    for x in [corner.x, corner.x + width] {
        painter.vline(x, corner.y - 4.0..=corner.y, stroke);
    }
    painter.text(corner + vec2(0.0, -5.0), Align2::LEFT_BOTTOM, words, text::badge().resolve(ui.style()), Color32::WHITE);
}

/// Chips are north up: an arrow says so.
fn north(ui: &Ui, rect: Rect) {
    let top = rect.right_top() + vec2(-18.0, 10.0);
    let painter = ui.painter();
    painter.rect_filled(Rect::from_min_max(top + vec2(-10.0, -5.0), top + vec2(10.0, 32.0)), 2.0, Color32::from_black_alpha(150));
    let arrow = vec![top, top + vec2(5.0, 12.0), top + vec2(0.0, 9.0), top + vec2(-5.0, 12.0)];
    painter.add(Shape::convex_polygon(arrow, Color32::WHITE, Stroke::NONE));
    painter.text(top + vec2(0.0, 30.0), Align2::CENTER_BOTTOM, "N", text::badge().resolve(ui.style()), Color32::WHITE);
}

/// The compare set side by side; without one the current and the reference date.
pub(super) fn compare_ui(ui: &mut Ui, scene: &Scene<'_>, state: &mut CalendarState, out: &mut Out) {
    let cx = scene.cx;
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        state.compare = false;
    }
    let dates = compared(scene);
    egui::Frame::NONE.inner_margin(egui::Margin::symmetric(size::PAD as i8, 2)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(widgets::strong(cx.t("cal-compare").as_ref()));
            ui.label(widgets::secondary(cx.tokens, cx.tw("cal-compare-count", &[("n", dates.len().into())])));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(Button::icon_only(icons::CLOSE, &cx.t("cal-close")).key("Esc")).clicked() {
                    state.compare = false;
                }
                if ui.add(Button::new(&cx.t("cal-compare-clear"))).clicked() {
                    out.push(Command::SetCompare(Vec::new()));
                }
            });
        });
    });
    if dates.len() < 2 {
        widgets::empty_ui(ui, cx.tokens, &cx.t("cal-compare-few"), &cx.t("cal-compare-few-why"), None);
    }
    let body = ui.available_rect_before_wrap().shrink(size::PAD);
    let (columns, rows) = split(dates.len(), body.width() / body.height().max(1.0));
    let cell = vec2(body.width() / columns as f32, body.height() / rows as f32);
    for (at, acquisition) in dates.into_iter().enumerate() {
        let Some(info) = scene.model.get(acquisition) else { continue };
        let corner = body.min + vec2((at % columns) as f32 * cell.x, (at / columns) as f32 * cell.y);
        let place = Rect::from_min_size(corner, cell).shrink(3.0);
        let square = chip_paint::fit(Rect::from_min_max(place.min + vec2(0.0, CAPTION), place.max), 1, 1);
        caption(ui, scene, info, pos2(square.center().x, square.top() - 3.0));
        let pointed = picture_ui(ui, scene, state, info, square);
        if pointed.pixel.is_some() {
            out.status = Some(readout::readout(scene, info, pointed.picture.as_deref(), pointed.pixel).line());
        }
    }
}

fn caption(ui: &Ui, scene: &Scene<'_>, info: &ChipInfo, foot: Pos2) {
    let (cx, tokens) = (scene.cx, scene.cx.tokens);
    let selection = cx.project.selection();
    let mut words = format!("{}  {}", cx.texts.date(info.day), info.platform);
    if let Some(share) = info.clear_share {
        words = format!("{words}  {}", cx.texts.percent(share));
    }
    let colour = if selection.acquisition == Some(info.acquisition) { tokens.ac } else { tokens.tx };
    if selection.reference == Some(info.acquisition) {
        words = format!("{words}  {}", cx.t("cal-ref"));
    }
    ui.painter().text(foot, Align2::CENTER_BOTTOM, words, text::numeric_strong().resolve(ui.style()), colour);
}

fn compared(scene: &Scene<'_>) -> Vec<AcquisitionIx> {
    let selection = scene.cx.project.selection();
    let mut dates: Vec<AcquisitionIx> = if selection.compare.is_empty() {
        selection.reference.into_iter().chain(selection.acquisition).collect()
    } else {
        selection.compare.clone()
    };
    dates.retain(|&date| scene.model.get(date).is_some());
    dates.dedup();
    dates
}

/// Columns and rows that give `count` squares the largest edge in an area of some width to height.
fn split(count: usize, aspect: f32) -> (usize, usize) {
    let count = count.max(1);
    let edge = |columns: usize| (aspect / columns as f32).min(1.0 / count.div_ceil(columns) as f32);
    let columns = (1..=count).max_by(|&a, &b| edge(a).total_cmp(&edge(b)).then(b.cmp(&a))).unwrap_or(1);
    (columns, count.div_ceil(columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compared_pictures_use_the_area_well() {
        assert_eq!(split(1, 2.0), (1, 1));
        assert_eq!(split(2, 2.0), (2, 1));
        assert_eq!(split(2, 0.5), (1, 2));
        assert_eq!(split(6, 1.5), (3, 2));
        assert_eq!(split(0, 1.0), (1, 1));
    }

    #[test]
    fn scale_bars_have_round_lengths() {
        for (most, length) in [(123.0, 100.0), (99.0, 50.0), (499.0, 200.0), (1.0, 1.0), (0.7, 0.5)] {
            assert!((round_length(most) - length).abs() < 1e-9, "{most}");
        }
    }
}
