//! One acquisition as a widget: picture or one of the empty looks, marks, text, readout, clicks.

use std::sync::Arc;

use egui::{
    Align2, Color32, CornerRadius, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::model::{ChipInfo, is_distribution};
use super::readout::{self, Readout, platform, readout};
use super::{CalendarState, Scene, distribution, events, grid, menus};
use crate::model::project_file::Binning;
use crate::model::units::epoch_days;
use crate::model::{AcquisitionIx, Sensor, Signal, View};
use crate::project::queries::picture::ChipPicture;
use crate::project::{Command, Fetch};
use crate::ui::chip_paint::{self, Frame, Look};
use crate::ui::cx::Out;
use crate::ui::graph::model::short_name;
use crate::ui::icons;
use crate::ui::theme::{size, text};
use crate::ui::widgets;

/// Where a chip lies and what it stands for.
pub(super) struct Place {
    /// Square of the picture.
    pub rect: Rect,
    /// Distance to the next column: the text may use it.
    pub pitch_x: f32,
    /// Text at the right instead of below.
    pub beside: bool,
    /// Acquisitions in the cell.
    pub stacked: usize,
    /// The cell's strip is open.
    pub open: bool,
    /// Part of a strip.
    pub strip: bool,
}

impl Place {
    /// Chip and text.
    fn whole(&self) -> Rect {
        if self.beside {
            Rect::from_min_max(self.rect.min, pos2(self.rect.left() + self.pitch_x - 4.0, self.rect.bottom()))
        } else {
            Rect::from_min_max(self.rect.min, self.rect.max + vec2(0.0, 18.0))
        }
    }
}

/// What can be drawn of an acquisition now.
pub(super) enum Drawn {
    /// The picture, and whether it is one of before.
    Picture(Arc<ChipPicture>, bool),
    /// The product has no pixel here.
    Outside,
    /// No image: the value of a signal from a table, with the signal's name.
    Value(String, Option<f64>),
    /// On a server, and nothing but cloud over the parcel: not fetched unless asked for.
    NotFetched,
    /// Nothing yet.
    Skeleton,
    /// Reading failed.
    Failed(crate::project::Error),
}

/// The picture of an acquisition, the last good one while it is being made.
pub(super) fn picture(scene: &Scene<'_>, state: &mut CalendarState, info: &ChipInfo) -> Drawn {
    let project = scene.cx.project;
    if info.values_only {
        return value_of(scene, info);
    }
    if left_out(scene, info) {
        return Drawn::NotFetched;
    }
    match project.picture_of(scene.parcel, info.acquisition, info.granule, project.view()) {
        Fetch::Ready(picture) if picture.picture.is_some() => {
            state.runtime.last.insert(info.acquisition, Arc::clone(&picture));
            Drawn::Picture(picture, false)
        }
        Fetch::Ready(_) => Drawn::Outside,
        Fetch::Failed(error) => Drawn::Failed(error),
        Fetch::Pending => {
            state.runtime.last.get(&info.acquisition).map_or(Drawn::Skeleton, |last| Drawn::Picture(Arc::clone(last), true))
        }
    }
}

/// True for a fully clouded image of a server that nobody has asked for: it is not worth the way.
fn left_out(scene: &Scene<'_>, info: &ChipInfo) -> bool {
    let project = scene.cx.project;
    let asked = project.selection().acquisition == Some(info.acquisition);
    !asked && !project.worth_fetching(scene.parcel, info.acquisition) && {
        let query = project.picture_query(scene.parcel, info.acquisition, info.granule, project.view());
        project.peek(&query).is_none()
    }
}

/// The value that stands in place of an image: of the view's own signal, for pictures of bands NDVI.
fn value_of(scene: &Scene<'_>, info: &ChipInfo) -> Drawn {
    let signal = match scene.cx.project.view() {
        View::Index(name) => Signal::Index(name.clone()),
        View::Backscatter(polarisation, _) => Signal::BackscatterDb(*polarisation),
        View::BackscatterRatio(_) => Signal::BackscatterRatioDb,
        View::Coherence(polarisation, _) => Signal::Coherence(*polarisation),
        View::Composite(_) | View::SceneClass | View::NdviHistogram | View::RedNirScatter => Signal::Index("NDVI".to_owned()),
    };
    let series = scene.cx.project.series(scene.parcel, &signal).ready();
    let point = series.and_then(|series| series.points.iter().find(|point| point.acquisition == info.acquisition).copied());
    Drawn::Value(short_name(&signal), point.map(|point| point.value))
}

/// Draws a chip with its text and handles the pointer and the keyboard on it.
pub(super) fn chip_ui(ui: &mut Ui, scene: &Scene<'_>, state: &mut CalendarState, out: &mut Out, info: &ChipInfo, place: &Place) {
    let whole = place.whole();
    let id = ui.scope_id().with(("chip", info.acquisition.0, place.strip));
    let alt = ui.input(|input| input.modifiers.alt);
    let response = ui.interact(whole, id, if alt { Sense::click_and_drag() } else { Sense::click() });
    let drawn = if is_distribution(scene.cx.project.view()) && !info.values_only {
        distribution::cell_ui(ui, scene, state, info, place.rect)
    } else {
        Some(picture(scene, state, info))
    };
    let frame = drawn.as_ref().and_then(|drawn| drawn_ui(ui, scene, state, info, place, drawn));
    marks_ui(ui, scene, info, place, &response);
    texts_ui(ui, scene, info, place);
    let current = scene.cx.project.selection().acquisition == Some(info.acquisition);
    let label = || label(scene, info, place, drawn.as_ref());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, current, label()));
    if response.has_focus() {
        response.scroll_to_me(None);
        ui.painter().rect_stroke(
            whole.expand(1.0),
            CornerRadius::ZERO,
            Stroke::new(size::RING, scene.cx.tokens.focus),
            StrokeKind::Outside,
        );
    }
    clicks(ui, scene, state, out, info, place, &response);
    if response.dragged() {
        let drag = response.drag_delta() / place.rect.size();
        let only = ui.input(|input| input.modifiers.shift).then_some(info.acquisition);
        state.runtime.change_zoom(only, |zoom| zoom.panned(drag));
    }
    hover(ui, scene, state, out, info, (place, frame, drawn.as_ref()), response.clone());
    let failed = matches!(drawn, Some(Drawn::Failed(_)));
    response.context_menu(|ui| menus::chip_menu_ui(ui, scene, state, out, info, failed));
}

fn hover(
    ui: &Ui,
    scene: &Scene<'_>,
    state: &mut CalendarState,
    out: &mut Out,
    info: &ChipInfo,
    (place, frame, drawn): (&Place, Option<Frame>, Option<&Drawn>),
    response: Response,
) {
    if !response.hovered() {
        return;
    }
    state.runtime.hovered = Some((info.acquisition, frame.map_or(place.rect, |frame| frame.rect)));
    let pointer = ui.input(|input| input.pointer.hover_pos());
    let pixel = frame.zip(pointer).and_then(|(frame, at)| frame.pixel_at(at));
    let shown = match drawn {
        Some(Drawn::Picture(picture, false)) => Some(picture.as_ref()),
        _ => None,
    };
    let readout = readout(scene, info, shown, pixel);
    out.status = Some(readout.line());
    out.pointed = Some(info.acquisition);
    let failed = if let Some(Drawn::Failed(error)) = drawn { Some(error.to_string()) } else { None };
    response.on_hover_ui(|ui| readout_ui(ui, scene, &readout, failed.as_deref()));
}

/// A readout as text lines.
pub(super) fn readout_ui(ui: &mut Ui, scene: &Scene<'_>, readout: &Readout, failed: Option<&str>) {
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.label(widgets::strong(readout.title.as_str()));
    for line in &readout.lines {
        ui.label(egui::RichText::new(line).text_style(egui::TextStyle::Small).color(scene.cx.tokens.tx2));
    }
    if let Some(pixel) = &readout.pixel {
        ui.label(widgets::figure(pixel.as_str()));
    }
    if let Some(failed) = failed {
        ui.label(egui::RichText::new(failed).color(scene.cx.tokens.red));
    }
}

/// Draws picture, skeleton or failure; gives the picture's place for readouts.
fn drawn_ui(
    ui: &Ui,
    scene: &Scene<'_>,
    state: &mut CalendarState,
    info: &ChipInfo,
    place: &Place,
    drawn: &Drawn,
) -> Option<Frame> {
    let tokens = scene.cx.tokens;
    let painter = ui.painter();
    match drawn {
        Drawn::Picture(picture, before) => {
            let texture = state.runtime.textures.get(ui.ctx(), picture);
            let hatch = state.runtime.hatch.as_ref()?;
            painter.rect_filled(place.rect, 0.0, tokens.skel);
            let look = Look {
                mask: state.mask,
                outline: state.outline,
                neighbours: false,
                opacity: if *before { 0.6 } else { 1.0 },
                zoom: state.runtime.zoom_of(info.acquisition),
            };
            let frame = chip_paint::paint(painter, picture, texture, hatch, place.rect, &look);
            clusters_ui(painter, scene, info, picture, frame.as_ref());
            frame
        }
        Drawn::Skeleton => {
            painter.rect_filled(place.rect, 0.0, tokens.skel);
            None
        }
        Drawn::NotFetched => {
            painter.rect_filled(place.rect, 0.0, tokens.bg2);
            let font = text::tick().resolve(ui.style());
            painter.text(
                place.rect.center(),
                Align2::CENTER_CENTER,
                icons::DOWNLOAD,
                text::icon().resolve(ui.style()),
                tokens.tx2,
            );
            if place.rect.height() >= 64.0 {
                let below = place.rect.center() + vec2(0.0, 18.0);
                painter.text(below, Align2::CENTER_CENTER, scene.cx.t("remote-cloud"), font, tokens.tx2);
            }
            None
        }
        Drawn::Outside => {
            painter.rect_filled(place.rect, 0.0, tokens.bg2);
            painter.line_segment([place.rect.left_bottom(), place.rect.right_top()], Stroke::new(1.0, tokens.bd));
            None
        }
        Drawn::Value(name, value) => {
            value_ui(ui, scene, place.rect, name, *value);
            None
        }
        Drawn::Failed(_) => {
            painter.rect_filled(place.rect, 0.0, tokens.warnbg);
            painter.text(
                place.rect.center(),
                Align2::CENTER_CENTER,
                icons::WARNING,
                text::icon().resolve(ui.style()),
                tokens.red,
            );
            None
        }
    }
}

/// Clusters of the period over the picture, where they are wanted.
pub(super) fn clusters_ui(
    painter: &egui::Painter,
    scene: &Scene<'_>,
    info: &ChipInfo,
    picture: &ChipPicture,
    frame: Option<&Frame>,
) {
    if let (Some(view), Some(frame), Some(chip)) = (scene.cx.clusters, frame, picture.chip.chip.as_ref())
        && view.parcel == scene.parcel
    {
        view.paint(painter, frame, &chip.grid, info.sensor, epoch_days(info.acquired));
    }
}

/// A number in place of a picture, quieter than any picture.
pub(super) fn value_ui(ui: &Ui, scene: &Scene<'_>, rect: Rect, name: &str, value: Option<f64>) {
    let tokens = scene.cx.tokens;
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 0.0, tokens.bg1);
    let words = [
        (icons::DATABASE.to_owned(), text::icon(), tokens.tx2, -0.3),
        (name.to_owned(), text::tick(), tokens.tx2, 0.04),
        (scene.cx.texts.number(value.unwrap_or(f64::NAN), 2), text::numeric_strong(), tokens.tx, 0.3),
    ];
    for (word, style, colour, shift) in words {
        let at = rect.center() + vec2(0.0, shift * rect.height());
        painter.text(at, Align2::CENTER_CENTER, word, style.resolve(ui.style()), colour);
    }
}

/// Frame, rings and badges.
fn marks_ui(ui: &Ui, scene: &Scene<'_>, info: &ChipInfo, place: &Place, response: &Response) {
    let tokens = scene.cx.tokens;
    let selection = scene.cx.project.selection();
    let (rect, painter) = (place.rect, ui.painter());
    let border = if response.hovered() { tokens.tx } else { tokens.bd };
    painter.rect_stroke(rect, 0.0, Stroke::new(1.0, border), StrokeKind::Inside);
    if selection.acquisition == Some(info.acquisition) {
        painter.rect_stroke(rect, 0.0, Stroke::new(3.0, Color32::BLACK), StrokeKind::Inside);
        painter.rect_stroke(rect.expand(0.5), 0.0, Stroke::new(2.0, tokens.ac), StrokeKind::Middle);
    }
    if scene.cx.pointed == Some(info.acquisition) && !response.hovered() {
        // The ruler of the graphs is on this date.
        painter.rect_stroke(rect.expand(1.0), 0.0, Stroke::new(1.5, tokens.ruler), StrokeKind::Middle);
    }
    if selection.reference == Some(info.acquisition) {
        dashed_frame(ui, rect.expand(2.0), Stroke::new(1.0, tokens.tx));
    }
    let pinned = scene.cx.project.pinned(info.acquisition);
    match (selection.compare.iter().position(|&own| own == info.acquisition), pinned) {
        (Some(position), true) => {
            badge(ui, rect, Align2::RIGHT_TOP, &format!("{} {}", position + 1, icons::PIN), tokens.ac, tokens.acx);
        }
        (Some(position), false) => badge(ui, rect, Align2::RIGHT_TOP, &(position + 1).to_string(), tokens.ac, tokens.acx),
        (None, true) => badge(ui, rect, Align2::RIGHT_TOP, icons::PIN, Color32::BLACK, Color32::WHITE),
        (None, false) => {}
    }
    if place.stacked > 1 {
        let count = if place.open { format!("{} {}", place.stacked, icons::CARET_UP) } else { place.stacked.to_string() };
        badge(ui, rect, Align2::RIGHT_BOTTOM, &count, Color32::BLACK, Color32::WHITE);
    } else if info.granules.len() > 1 {
        badge(ui, rect, Align2::RIGHT_BOTTOM, &info.granules.len().to_string(), Color32::BLACK, Color32::WHITE);
    }
    if scene.marks.as_ref().is_some_and(|marks| !marks.of(info.acquisition).is_empty()) {
        events::paint_triangle(painter, tokens, rect);
    }
    if info.synthetic {
        badge(ui, rect, Align2::LEFT_BOTTOM, &scene.cx.t("cal-badge-synthetic"), Color32::BLACK, Color32::WHITE);
    }
}

/// A small label in a corner of a chip.
fn badge(ui: &Ui, rect: Rect, corner: Align2, label: &str, fill: Color32, colour: Color32) {
    let painter = ui.painter();
    let galley = painter.layout_no_wrap(label.to_owned(), text::badge().resolve(ui.style()), colour);
    let size = vec2((galley.size().x + 6.0).max(14.0), 14.0);
    let place = corner.align_size_within_rect(size, rect.shrink(2.0));
    painter.rect(place, CornerRadius::same(size::BADGE_RADIUS), fill, Stroke::new(1.0, Color32::WHITE), StrokeKind::Inside);
    let at = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), place).min;
    painter.galley(at, galley, colour);
}

fn dashed_frame(ui: &Ui, rect: Rect, stroke: Stroke) {
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    ui.painter().extend(Shape::dashed_line(&corners, stroke, 4.0, 3.0));
}

/// Date, satellite, clear share.
fn texts_ui(ui: &Ui, scene: &Scene<'_>, info: &ChipInfo, place: &Place) {
    let (cx, tokens, style) = (scene.cx, scene.cx.tokens, ui.style());
    let painter = ui.painter().with_clip_rect(place.whole().expand(1.0).intersect(ui.clip_rect()));
    let selection = cx.project.selection();
    let current = selection.acquisition == Some(info.acquisition);
    let date = if cx.project.file().display.bins == Binning::Sequence {
        cx.texts.day_month(info.day)
    } else {
        format!("{:02}", info.day.day())
    };
    let share = info.clear_share.map_or_else(|| "…".to_owned(), |share| cx.texts.percent(share).replace('\u{a0}', ""));
    let share_colour = if info.usable { tokens.tx2 } else { tokens.tx };
    let (strong, plain) = (text::numeric_strong().resolve(style), text::numeric().resolve(style));
    let word = |at: Pos2, words: &str, font: &egui::FontId, colour| {
        painter.text(at, Align2::LEFT_TOP, words, font.clone(), colour).right()
    };
    let mut at = if place.beside { place.rect.right_top() + vec2(6.0, 0.0) } else { place.rect.left_bottom() + vec2(0.0, 2.0) };
    let right = word(at, &date, &strong, if current { tokens.ac } else { tokens.tx });
    let small = text::tick().resolve(style);
    let tag = if current {
        Some((cx.t("cal-now"), tokens.ac))
    } else if selection.reference == Some(info.acquisition) {
        Some((cx.t("cal-ref"), tokens.tx))
    } else {
        None
    };
    let right = tag.map_or(right, |(tag, colour)| word(pos2(right + 4.0, at.y + 1.0), &tag, &small, colour));
    let second = if info.sensor == Sensor::S2 { info.platform.clone() } else { orbit_code(info) };
    if place.beside {
        let line = 17.0;
        at.y += line;
        word(at, &second, &plain, tokens.tx2);
        if place.rect.height() >= 3.0 * line - 2.0 {
            at.y += line;
            word(at, &share, &plain, share_colour);
        }
    } else {
        let right = word(pos2(right + 6.0, at.y), &second, &plain, tokens.tx2);
        word(pos2(right + 6.0, at.y), &share, &plain, share_colour);
    }
}

/// `A161`, `D037`: pass and orbit in the space of a chip's text.
fn orbit_code(info: &ChipInfo) -> String {
    match (info.pass, info.orbit) {
        (Some(pass), Some(orbit)) => format!("{}{orbit:03}", pass.code()),
        (Some(pass), None) => format!("{} {}", info.platform, pass.code()),
        _ => info.platform.clone(),
    }
}

/// `16 April 2019, S2A orbit 51, 100 % clear, current`.
fn label(scene: &Scene<'_>, info: &ChipInfo, place: &Place, drawn: Option<&Drawn>) -> String {
    let cx = scene.cx;
    let selection = cx.project.selection();
    let mut parts = vec![cx.texts.date(info.day), platform(cx, info)];
    if let Some(share) = info.clear_share {
        parts.push(cx.tw("cal-chip-clear", &[("share", cx.texts.percent(share).into())]));
    }
    match drawn {
        Some(Drawn::Skeleton | Drawn::Picture(_, true)) => parts.push(cx.t("cal-chip-loading").to_string()),
        Some(Drawn::NotFetched) => parts.push(cx.t("remote-not-fetched").to_string()),
        Some(Drawn::Outside) => parts.push(cx.t("cal-chip-outside").to_string()),
        Some(Drawn::Value(name, value)) => {
            let value = cx.texts.number(value.unwrap_or(f64::NAN), 2);
            parts.push(cx.tw("cal-chip-value", &[("signal", name.as_str().into()), ("value", value.into())]));
        }
        Some(Drawn::Failed(_)) => parts.push(cx.t("cal-chip-failed").to_string()),
        Some(Drawn::Picture(_, false)) | None => {}
    }
    if info.synthetic {
        parts.push(cx.t("cal-chip-synthetic").to_string());
    }
    if cx.project.pinned(info.acquisition) {
        parts.push(cx.t("review-pinned").to_string());
    }
    parts.extend(readout::events_text(scene, info));
    if selection.acquisition == Some(info.acquisition) {
        parts.push(cx.t("cal-chip-current").to_string());
    }
    if selection.reference == Some(info.acquisition) {
        parts.push(cx.t("cal-chip-reference").to_string());
    }
    if selection.compare.contains(&info.acquisition) {
        parts.push(cx.t("cal-chip-compared").to_string());
    }
    if place.stacked > 1 {
        parts.push(cx.tw("cal-chip-more", &[("n", (place.stacked - 1).into())]));
    }
    parts.join(", ")
}

fn clicks(
    ui: &Ui,
    scene: &Scene<'_>,
    state: &mut CalendarState,
    out: &mut Out,
    info: &ChipInfo,
    place: &Place,
    response: &Response,
) {
    let acquisition = info.acquisition;
    if response.double_clicked() {
        out.push(Command::SelectAcquisition(acquisition));
        state.runtime.expanded = None;
        state.large = true;
        return;
    }
    if !response.clicked() {
        return;
    }
    let modifiers = ui.input(|input| input.modifiers);
    if modifiers.command {
        out.push(Command::ToggleCompare(acquisition));
    } else if modifiers.shift {
        out.push(Command::SetCompare(compare_range(scene, acquisition)));
    } else {
        out.push(Command::SelectAcquisition(acquisition));
        if place.stacked > 1 {
            grid::toggle(scene, state, acquisition);
        }
    }
}

/// From the current date to the clicked one.
fn compare_range(scene: &Scene<'_>, to: AcquisitionIx) -> Vec<AcquisitionIx> {
    scene.model.range(scene.cx.project.selection().acquisition.unwrap_or(to), to)
}
