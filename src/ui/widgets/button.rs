//! The button of the interface: text, icon, key, pressed state.

use egui::{Align2, Color32, CornerRadius, Response, Role, Sense, Stroke, StrokeKind, Ui, Widget, WidgetInfo, vec2};

use super::{focus_ring, paint_key_cap};
use crate::ui::theme::{Tokens, size, text};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Normal,
    Primary,
    Danger,
    Plain,
}

/// A button in the look of the theme; `ui.add(Button::new("Mask").key("M").on(true))`.
#[derive(Debug, Clone)]
#[must_use = "add it to a Ui"]
pub struct Button<'a> {
    name: &'a str,
    icon: &'a str,
    key: &'a str,
    tip: &'a str,
    on: Option<bool>,
    look: Look,
    text_shown: bool,
    caret: bool,
    height: f32,
    radius: u8,
}

impl<'a> Button<'a> {
    /// A button with a text.
    pub fn new(name: &'a str) -> Self {
        Self {
            name,
            icon: "",
            key: "",
            tip: "",
            on: None,
            look: Look::Normal,
            text_shown: true,
            caret: false,
            height: size::BUTTON,
            radius: size::RADIUS,
        }
    }

    /// A button that shows only an icon; the name is its tooltip (with the key) and its accessible name.
    pub fn icon_only(icon: &'a str, name: &'a str) -> Self {
        Self { icon, text_shown: false, look: Look::Plain, ..Self::new(name) }
    }

    /// Icon before the text.
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = icon;
        self
    }

    /// Key shown in the button, or in the tooltip of an icon. An empty text shows none.
    pub fn key(mut self, key: &'a str) -> Self {
        self.key = key;
        self
    }

    /// Tooltip.
    pub fn tip(mut self, tip: &'a str) -> Self {
        self.tip = tip;
        self
    }

    /// A button that stays pressed.
    pub fn on(mut self, on: bool) -> Self {
        self.on = Some(on);
        self
    }

    /// The one command that a view is for.
    pub fn primary(mut self) -> Self {
        self.look = Look::Primary;
        self
    }

    /// Removes something.
    pub fn danger(mut self) -> Self {
        self.look = Look::Danger;
        self
    }

    /// No frame until hovered.
    pub fn plain(mut self) -> Self {
        self.look = Look::Plain;
        self
    }

    /// A caret at the right: opens a choice.
    pub fn caret(mut self) -> Self {
        self.caret = true;
        self
    }

    /// Height of start page and decision buttons.
    pub fn large(mut self) -> Self {
        self.height = size::BUTTON_LARGE;
        self
    }

    /// Square corners, for buttons that touch.
    pub fn square(mut self) -> Self {
        self.radius = 0;
        self
    }

    fn colours(&self, tokens: &Tokens, hovered: bool, pressed: bool) -> (Color32, Color32, Color32) {
        if self.on == Some(true) || (pressed && self.look != Look::Primary) {
            return (tokens.sel, tokens.ac, tokens.tx);
        }
        match (self.look, hovered) {
            (Look::Primary, _) => (tokens.ac, if hovered { tokens.tx } else { tokens.ac }, tokens.acx),
            (Look::Danger, hovered) => (if hovered { tokens.bg3 } else { tokens.bg2 }, tokens.red, tokens.red),
            (_, true) => (tokens.bg3, tokens.bds, tokens.tx),
            (Look::Plain, false) => (Color32::TRANSPARENT, Color32::TRANSPARENT, tokens.tx),
            (Look::Normal, false) => (tokens.bg2, tokens.bd, tokens.tx),
        }
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui.ctx());
        let style = if self.look == Look::Primary || self.on == Some(true) { text::header() } else { egui::TextStyle::Button };
        let painter = ui.painter().clone();
        let layout = |content: &str, style: egui::TextStyle, ui: &Ui| {
            (!content.is_empty())
                .then(|| painter.layout_no_wrap(content.to_owned(), style.resolve(ui.style()), Color32::PLACEHOLDER))
        };
        let icon = layout(self.icon, text::icon(), ui);
        let label = layout(if self.text_shown { self.name } else { "" }, style, ui);
        let key = layout(if self.text_shown { self.key } else { "" }, text::tick(), ui);
        let caret = layout(if self.caret { crate::ui::icons::CARET_DOWN } else { "" }, text::icon(), ui);
        let key_width = |galley: &egui::Galley| (galley.size().x + 8.0).max(16.0);
        let mut widths = Vec::new();
        widths.extend(icon.iter().map(|galley| galley.size().x));
        widths.extend(label.iter().map(|galley| galley.size().x));
        widths.extend(key.iter().map(|galley| key_width(galley)));
        widths.extend(caret.iter().map(|galley| galley.size().x));
        let content = widths.iter().sum::<f32>() + 6.0 * widths.len().saturating_sub(1) as f32;
        let padding = if self.height > size::BUTTON { 14.0 } else { 8.0 };
        let width = if self.text_shown { content + 2.0 * padding } else { self.height };
        let (rect, mut response) = ui.allocate_exact_size(vec2(width, self.height), Sense::click());
        if ui.is_rect_visible(rect) {
            let (fill, border, colour) = self.colours(tokens, response.hovered(), response.is_pointer_button_down_on());
            ui.painter().rect(rect, CornerRadius::same(self.radius), fill, Stroke::new(1.0, border), StrokeKind::Inside);
            let mut x = rect.center().x - content / 2.0;
            let mut place = |galley: std::sync::Arc<egui::Galley>, as_key: bool| {
                let width = if as_key { key_width(&galley) } else { galley.size().x };
                let column = egui::Rect::from_min_size(egui::pos2(x, rect.top()), vec2(width, rect.height()));
                x += width + 6.0;
                if as_key {
                    let cap = Align2::CENTER_CENTER.align_size_within_rect(vec2(width, 17.0), column);
                    paint_key_cap(ui, tokens, cap, galley);
                } else {
                    let corner = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), column).min;
                    ui.painter().galley(corner, galley, colour);
                }
            };
            for (galley, as_key) in [(icon, false), (label, false), (key, true), (caret, false)] {
                if let Some(galley) = galley {
                    place(galley, as_key);
                }
            }
            focus_ring(ui, tokens, &response);
        }
        response.widget_info(|| match self.on {
            Some(on) => WidgetInfo::selected(Role::Button, ui.is_enabled(), on, self.name),
            None => WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.name),
        });
        if !self.text_shown || !self.tip.is_empty() {
            let tip = if self.tip.is_empty() { self.name } else { self.tip };
            let tip_ui = |ui: &mut Ui| {
                ui.horizontal(|ui| {
                    ui.label(tip);
                    if !self.text_shown && !self.key.is_empty() {
                        super::key_cap_ui(ui, tokens, self.key);
                    }
                });
            };
            response = if ui.is_enabled() { response.on_hover_ui(tip_ui) } else { response.on_disabled_hover_ui(tip_ui) };
        }
        response
    }
}
