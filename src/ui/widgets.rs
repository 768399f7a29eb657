//! Shared widgets in the look of the theme. Every one has an accessible name; none keeps project state.

mod button;
mod pane;
mod signs;

use egui::{
    Align, Align2, Color32, CornerRadius, Layout, Response, RichText, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2,
};

pub use button::Button;
pub use pane::{Pane, pane_ui};
pub use signs::{count_chip_ui, titled_sign_ui};

use super::cx::{Cx, Out};
use super::icons;
use super::theme::{Tokens, size, text};
use crate::project::{Command, Error};
use crate::text::Texts;

/// Text with a frame that shows a key, e.g. `M`.
pub fn key_ui(ui: &mut Ui, cx: &Cx<'_>, key: &str) {
    key_cap_ui(ui, cx.tokens, key);
}

/// [`key_ui`] where no project is open.
pub fn key_cap_ui(ui: &mut Ui, tokens: &Tokens, key: &str) -> Response {
    let galley = ui.painter().layout_no_wrap(key.to_owned(), text::tick().resolve(ui.style()), tokens.tx2);
    let desired = vec2((galley.size().x + 8.0).max(16.0), 17.0);
    let (rect, response) = ui.allocate_exact_size(desired, Sense::hover());
    paint_key_cap(ui, tokens, rect, galley);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, key));
    response
}

pub(crate) fn paint_key_cap(ui: &Ui, tokens: &Tokens, rect: egui::Rect, galley: std::sync::Arc<egui::Galley>) {
    ui.painter().rect(rect, CornerRadius::same(size::BADGE_RADIUS), tokens.bg1, Stroke::new(1.0, tokens.bds), StrokeKind::Inside);
    let place = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), rect).min;
    ui.painter().galley(place, galley, tokens.tx2);
}

/// Keys such as `Ctrl+G` or `↓ / J` as caps; several alternatives are separated by a blank.
pub fn keys_ui(ui: &mut Ui, tokens: &Tokens, keys: &[String]) {
    for key in keys {
        key_cap_ui(ui, tokens, key);
    }
}

/// The ring of a control that has the keyboard focus.
pub fn focus_ring(ui: &Ui, tokens: &Tokens, response: &Response) {
    if response.has_focus() {
        ui.painter().rect_stroke(
            response.rect.expand(1.0),
            CornerRadius::same(size::RADIUS + 1),
            Stroke::new(size::RING, tokens.focus),
            StrokeKind::Outside,
        );
    }
}

/// One of several, side by side. Returns the one clicked. `options` are label and key.
pub fn segmented_ui(ui: &mut Ui, options: &[(&str, &str)], current: Option<usize>) -> Option<usize> {
    let mut chosen = None;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.x = -1.0;
        for (number, &(label, key)) in options.iter().enumerate() {
            let button = Button::new(label).key(key).on(current == Some(number)).square();
            if ui.add(button).clicked() {
                chosen = Some(number);
            }
        }
    });
    chosen
}

/// A number with its unit in the numeric face.
pub fn figure(value: impl Into<String>) -> RichText {
    RichText::new(value).text_style(text::numeric())
}

/// Secondary text.
pub fn secondary(tokens: &Tokens, value: impl Into<String>) -> RichText {
    RichText::new(value).color(tokens.tx2)
}

/// Text of weight 600.
pub fn strong(value: impl Into<String>) -> RichText {
    RichText::new(value).text_style(text::header())
}

/// Title of a section of a page or dialog.
pub fn section_ui(ui: &mut Ui, title: &str) -> Response {
    ui.label(RichText::new(title).text_style(text::section()))
}

/// Content with the padding of panes.
pub fn padded_ui<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    egui::Frame::NONE.inner_margin(size::PAD).show(ui, content).inner
}

/// A failed answer in its place: what happened, Retry, Copy details.
pub fn failed_ui(ui: &mut Ui, cx: &Cx<'_>, error: &Error, out: &mut Out) {
    if failed_bar_ui(ui, cx.texts, cx.tokens, &error.0.to_string(), &error.chain()) {
        out.push(Command::Retry);
    }
}

/// [`failed_ui`] where no project is open: what happened and the whole chain of causes. True when *Retry* is clicked.
pub fn failed_bar_ui(ui: &mut Ui, texts: &Texts, tokens: &Tokens, title: &str, details: &str) -> bool {
    let mut retry = false;
    let frame = egui::Frame::NONE.fill(tokens.warnbg).inner_margin(10.0);
    let response = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(icons::WARNING).text_style(text::icon()).color(tokens.red));
            ui.label(strong(title).color(tokens.red));
        });
        let rest = details.strip_prefix(title).map_or(details, |rest| rest.trim_start_matches([':', ' ']));
        if !rest.is_empty() {
            ui.label(rest);
        }
        ui.horizontal(|ui| {
            retry = ui.add(Button::new(&texts.get("retry"))).clicked();
            if ui.add(Button::new(&texts.get("copy-details"))).clicked() {
                ui.ctx().copy_text(details.to_owned());
            }
        });
    });
    let rect = response.response.rect;
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.red));
    retry
}

/// A sentence that asks for attention, with one command at its end. True when that is clicked.
pub fn banner_ui(ui: &mut Ui, tokens: &Tokens, message: &str, command: &str) -> bool {
    let mut clicked = false;
    let frame = egui::Frame::NONE.fill(tokens.warnbg).inner_margin(egui::Margin::symmetric(10, 3));
    let response = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(icons::WARNING).text_style(text::icon()).color(tokens.red));
            ui.label(message);
            clicked = ui.add(Button::new(command)).clicked();
        });
    });
    let rect = response.response.rect;
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.red));
    clicked
}

/// A pane without content: what is the case, why, and the command that changes it. True when that is clicked.
pub fn empty_ui(ui: &mut Ui, tokens: &Tokens, title: &str, reason: &str, command: Option<&str>) -> bool {
    padded_ui(ui, |ui| {
        ui.label(strong(title));
        if !reason.is_empty() {
            ui.label(secondary(tokens, reason));
        }
        command.is_some_and(|command| ui.add(Button::new(command)).clicked())
    })
}

/// Work that is not done yet: static lines in the colour of the skeleton, and the name of the work for screen readers.
pub fn pending_ui(ui: &mut Ui, tokens: &Tokens, name: &str) {
    padded_ui(ui, |ui| {
        ui.label(secondary(tokens, name));
        for share in [0.9, 0.7, 0.8] {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width() * share, 12.0), Sense::hover());
            ui.painter().rect_filled(rect, CornerRadius::same(size::BADGE_RADIUS), tokens.skel);
        }
    });
}

/// A progress bar of a width; `None` is work of unknown length, drawn as a full track in the border colour.
pub fn progress_ui(ui: &mut Ui, tokens: &Tokens, name: &str, share: Option<f32>, width: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 6.0), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::ZERO, tokens.bg3);
    let mut done = rect;
    done.set_width(rect.width() * share.unwrap_or(1.0).clamp(0.0, 1.0));
    ui.painter().rect_filled(done, CornerRadius::ZERO, if share.is_some() { tokens.ac } else { tokens.bds });
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, name);
        info.value = share.map(|share| f64::from(share) * 100.0);
        info
    });
    response
}

/// A row of a list: full width, selected rows filled with a bar at the left. The content is laid out from left to right.
pub fn row_ui(ui: &mut Ui, tokens: &Tokens, name: &str, height: f32, selected: bool, content: impl FnOnce(&mut Ui)) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    let fill = match (selected, response.hovered()) {
        (true, _) => tokens.sel,
        (false, true) => tokens.bg3,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, CornerRadius::ZERO, fill);
    if selected {
        let bar = egui::Rect::from_min_max(rect.min, egui::pos2(rect.left() + 3.0, rect.bottom()));
        ui.painter().rect_filled(bar, CornerRadius::ZERO, tokens.ac);
    }
    let inner = rect.shrink2(vec2(size::PAD, 0.0));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    child.set_clip_rect(rect.intersect(ui.clip_rect()));
    content(&mut child);
    if response.has_focus() {
        ui.painter().rect_stroke(rect, CornerRadius::ZERO, Stroke::new(size::RING, tokens.focus), StrokeKind::Inside);
    }
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, selected, name));
    response
}
