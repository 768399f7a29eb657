//! The tokens as an egui style: flat fills, strokes of one pixel, no shadow.

use egui::epaint::Shadow;
use egui::style::{HandleShape, ScrollStyle, Selection, WidgetVisuals, Widgets};
use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Theme, vec2};

use super::{DARK, LIGHT, Tokens, size};
use crate::ui::fonts;

/// Text styles of the type scale. `TextStyle::Body`, `Small`, `Button` and `Monospace` are set to it as well.
pub mod text {
    use std::sync::Arc;

    use egui::TextStyle;

    fn named(name: &str) -> TextStyle {
        TextStyle::Name(Arc::from(name))
    }

    /// Start page title, 32, weight 600.
    pub fn start_title() -> TextStyle {
        named("start-title")
    }

    /// Parcel id, 18, weight 600.
    pub fn title() -> TextStyle {
        named("title")
    }

    /// Section of a page, 15, weight 600.
    pub fn section() -> TextStyle {
        named("section")
    }

    /// Pane title and emphasis in text, 13, weight 600.
    pub fn header() -> TextStyle {
        named("header")
    }

    /// Figures, 12, monospace.
    pub fn numeric() -> TextStyle {
        TextStyle::Monospace
    }

    /// Figures that count, 12, monospace, weight 600.
    pub fn numeric_strong() -> TextStyle {
        named("numeric-strong")
    }

    /// Axis ticks and keys, 11, monospace.
    pub fn tick() -> TextStyle {
        named("tick")
    }

    /// Badges, 11, monospace, weight 600.
    pub fn badge() -> TextStyle {
        named("badge")
    }

    /// Icons in buttons, 16.
    pub fn icon() -> TextStyle {
        named("icon")
    }
}

/// Faces and both styles, once per context. Tests of single views call it too: text styles and families are missing otherwise.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts::definitions());
    ctx.set_style_of(Theme::Dark, style(&DARK));
    ctx.set_style_of(Theme::Light, style(&LIGHT));
    // The window has its own keys for it, shown in the menu.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
}

/// Interface scale in percent, within 75 to 250.
pub fn set_scale(ctx: &egui::Context, percent: u32) {
    ctx.set_zoom_factor(percent.clamp(75, 250) as f32 / 100.0);
}

fn style(tokens: &Tokens) -> Style {
    let mut style = Style { animation_time: 0.08, ..Style::default() };
    let strong = fonts::strong();
    style.text_styles = [
        (TextStyle::Heading, 15.0, strong.clone()),
        (TextStyle::Body, 13.0, FontFamily::Proportional),
        (TextStyle::Button, 13.0, FontFamily::Proportional),
        (TextStyle::Small, 12.0, FontFamily::Proportional),
        (TextStyle::Monospace, 12.0, FontFamily::Monospace),
        (text::start_title(), 32.0, strong.clone()),
        (text::title(), 18.0, strong.clone()),
        (text::section(), 15.0, strong.clone()),
        (text::header(), 13.0, strong),
        (text::numeric_strong(), 12.0, fonts::mono_strong()),
        (text::tick(), 11.0, FontFamily::Monospace),
        (text::badge(), 11.0, fonts::mono_strong()),
        (text::icon(), 16.0, fonts::icons()),
    ]
    .into_iter()
    .map(|(name, points, family)| (name, FontId::new(points, family)))
    .collect();
    style.visuals = visuals(tokens);
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(6.0, 4.0);
    spacing.button_padding = vec2(8.0, 3.0);
    spacing.window_margin = Margin::same(12);
    spacing.menu_margin = Margin::same(4);
    spacing.interact_size = vec2(24.0, size::BUTTON);
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 8.0;
    spacing.icon_spacing = 6.0;
    spacing.combo_width = 60.0;
    spacing.tooltip_width = 420.0;
    spacing.scroll = ScrollStyle::thin();
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    style
}

fn visuals(tokens: &Tokens) -> egui::Visuals {
    let mut visuals = if tokens.dark { egui::Visuals::dark() } else { egui::Visuals::light() };
    visuals.widgets = widgets(tokens);
    visuals.selection = Selection { bg_fill: tokens.sel, stroke: Stroke::new(1.0, tokens.ac) };
    visuals.weak_text_color = Some(tokens.tx2);
    visuals.hyperlink_color = tokens.ac;
    visuals.faint_bg_color = tokens.bg2;
    visuals.extreme_bg_color = tokens.bg1;
    visuals.text_edit_bg_color = Some(tokens.bg1);
    visuals.code_bg_color = tokens.bg2;
    visuals.warn_fg_color = tokens.yellow;
    visuals.error_fg_color = tokens.red;
    visuals.window_fill = tokens.bg1;
    visuals.window_stroke = Stroke::new(1.0, tokens.bds);
    visuals.window_corner_radius = CornerRadius::same(size::PANE_RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(size::PANE_RADIUS);
    visuals.panel_fill = tokens.bg0;
    visuals.window_shadow = Shadow::NONE;
    visuals.popup_shadow = Shadow::NONE;
    visuals.window_highlight_topmost = false;
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = HandleShape::Circle;
    visuals.indent_has_left_vline = false;
    visuals.disabled_alpha = 0.5;
    visuals
}

fn widgets(tokens: &Tokens) -> Widgets {
    let state = |fill: Color32, border: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, border),
        corner_radius: CornerRadius::same(size::RADIUS),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: state(tokens.bg1, tokens.bd, tokens.tx),
        inactive: state(tokens.bg2, tokens.bd, tokens.tx),
        hovered: state(tokens.bg3, tokens.bds, tokens.tx),
        // egui draws pressed and focused controls alike; the ring is what a keyboard user looks for.
        active: WidgetVisuals { bg_stroke: Stroke::new(size::RING, tokens.focus), ..state(tokens.bg3, tokens.focus, tokens.tx) },
        open: state(tokens.sel, tokens.ac, tokens.tx),
    }
}
