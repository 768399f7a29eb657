//! The frame of a pane: header with title, secondary text and controls, body below, ring when focused.

use egui::{Align, CornerRadius, Layout, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::ui::cx::Cx;
use crate::ui::theme::{Tokens, size, text};

/// What stands in a pane's header.
#[derive(Debug, Clone, Copy)]
pub struct Pane<'a> {
    /// Title.
    pub title: &'a str,
    /// Secondary text after it, cut where the controls begin.
    pub subtitle: &'a str,
    /// Drawn with the focus ring.
    pub focused: bool,
}

/// A pane: header with title, secondary text and controls at the right, then the body, which gets all the space and no padding
/// (see [`super::padded_ui`]). Controls are laid out from right to left: add the rightmost first. Returns the header's response, so
/// that the layout can start a drag with it.
pub fn pane_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    title: &str,
    subtitle: &str,
    controls: impl FnOnce(&mut Ui),
    body: impl FnOnce(&mut Ui),
) -> Response {
    Pane { title, subtitle, focused: cx.focused }.show(ui, cx.tokens, controls, body)
}

impl Pane<'_> {
    /// Draws it into all available space.
    pub fn show(self, ui: &mut Ui, tokens: &Tokens, controls: impl FnOnce(&mut Ui), body: impl FnOnce(&mut Ui)) -> Response {
        let rect = ui.available_rect_before_wrap();
        let radius = CornerRadius::same(size::PANE_RADIUS);
        let top = CornerRadius { sw: 0, se: 0, ..radius };
        let header = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + size::PANE_HEADER));
        ui.painter().rect_filled(rect, radius, tokens.bg1);
        ui.painter().rect_filled(header, top, tokens.bg2);
        ui.painter().hline(header.x_range(), header.bottom(), Stroke::new(1.0, tokens.bd));
        ui.painter().rect_stroke(rect, radius, Stroke::new(1.0, tokens.bd), StrokeKind::Inside);
        let response = ui.interact(header, ui.scope_id().with("pane-header"), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::TitleBar, true, self.title));
        let controls_left = controls_ui(ui, header, controls);
        self.title_ui(ui, tokens, header, controls_left);
        let body_rect = Rect::from_min_max(pos2(rect.left() + 1.0, header.bottom() + 1.0), rect.max - vec2(1.0, 1.0));
        let mut child =
            ui.new_child(UiBuilder::new().id_salt("pane-body").max_rect(body_rect).layout(Layout::top_down(Align::Min)));
        child.set_clip_rect(body_rect.intersect(ui.clip_rect()));
        child.spacing_mut().item_spacing = vec2(6.0, 4.0);
        body(&mut child);
        if self.focused {
            ui.painter().rect_stroke(rect, radius, Stroke::new(size::RING, tokens.focus), StrokeKind::Inside);
        }
        ui.advance_cursor_after_rect(rect);
        response
    }

    fn title_ui(&self, ui: &Ui, tokens: &Tokens, header: Rect, right: f32) {
        let painter = ui.painter().with_clip_rect(header.intersect(ui.clip_rect()));
        let title = painter.layout_no_wrap(self.title.to_owned(), text::header().resolve(ui.style()), tokens.tx);
        let at = |left: f32, height: f32| pos2(left, header.center().y - height / 2.0);
        let left = header.left() + 10.0;
        let subtitle_left = left + title.size().x + 10.0;
        painter.galley(at(left, title.size().y), title, tokens.tx);
        let room = right - subtitle_left - 8.0;
        if !self.subtitle.is_empty() && room > 24.0 {
            let mut job = egui::text::LayoutJob::single_section(
                self.subtitle.to_owned(),
                egui::TextFormat::simple(egui::TextStyle::Small.resolve(ui.style()), tokens.tx2),
            );
            job.wrap = egui::text::TextWrapping::truncate_at_width(room);
            let subtitle = painter.layout_job(job);
            painter.galley(at(subtitle_left, subtitle.size().y), subtitle, tokens.tx2);
        }
    }
}

/// Draws the controls and returns where they begin.
fn controls_ui(ui: &mut Ui, header: Rect, controls: impl FnOnce(&mut Ui)) -> f32 {
    let place = header.shrink2(vec2(4.0, 2.0));
    let layout = Layout::right_to_left(Align::Center);
    let mut child = ui.new_child(UiBuilder::new().id_salt("pane-controls").max_rect(place).layout(layout));
    child.set_clip_rect(header.intersect(ui.clip_rect()));
    controls(&mut child);
    child.min_rect().left()
}
