//! Every colour and size of the interface, and the style made of them. Lengths in logical pixels at 100 %.

#[cfg(test)]
mod contrast;
mod style;

use egui::Color32;

pub use style::{install, set_scale, text};

/// Colours of one theme.
#[derive(Debug, Clone, PartialEq)]
pub struct Tokens {
    /// True for the dark theme.
    pub dark: bool,
    /// Window, gutters.
    pub bg0: Color32,
    /// Pane surface.
    pub bg1: Color32,
    /// Pane header, buttons, fields.
    pub bg2: Color32,
    /// Hover, progress track.
    pub bg3: Color32,
    /// Pane border (decorative).
    pub bd: Color32,
    /// Control border.
    pub bds: Color32,
    /// Row and plot grid lines.
    pub grid: Color32,
    /// Plot background.
    pub plot: Color32,
    /// Text.
    pub tx: Color32,
    /// Secondary text.
    pub tx2: Color32,
    /// Disabled text, missing dash.
    pub tx3: Color32,
    /// Accent, current date ring.
    pub ac: Color32,
    /// Text on accent.
    pub acx: Color32,
    /// Selected or current row.
    pub sel: Color32,
    /// Focus ring.
    pub focus: Color32,
    /// Compliant.
    pub green: Color32,
    /// Non-compliant, error, threshold.
    pub red: Color32,
    /// Yellow, flag.
    pub yellow: Color32,
    /// Not assessed.
    pub grey: Color32,
    /// Deferred.
    pub blue: Color32,
    /// NDVI, this parcel.
    pub ndvi: Color32,
    /// BSI, this parcel.
    pub bsi: Color32,
    /// Coherence VV.
    pub vv: Color32,
    /// Coherence VH.
    pub vh: Color32,
    /// Peers p10–p90.
    pub band: Color32,
    /// Peers median.
    pub med: Color32,
    /// Event triangle and span (span 16 % opacity).
    pub ev: Color32,
    /// Evidence window frame and bounds.
    pub win: Color32,
    /// Masked observation, hollow.
    pub mask: Color32,
    /// Time ruler and its date tag.
    pub ruler: Color32,
    /// Loading skeleton.
    pub skel: Color32,
    /// Error bar background.
    pub warnbg: Color32,
}

/// An opaque colour from `0xRRGGBB`.
const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// The dark theme.
pub const DARK: Tokens = Tokens {
    dark: true,
    bg0: hex(0x13171A),
    bg1: hex(0x1A1F23),
    bg2: hex(0x242B30),
    bg3: hex(0x303940),
    bd: hex(0x39434B),
    bds: hex(0x74808A),
    grid: hex(0x2A3238),
    plot: hex(0x151A1D),
    tx: hex(0xE7ECEF),
    tx2: hex(0xAAB5BD),
    tx3: hex(0x6F7A83),
    ac: hex(0x4CC9E0),
    acx: hex(0x08262C),
    sel: hex(0x17424C),
    focus: hex(0x4CC9E0),
    green: hex(0x3CC79A),
    red: hex(0xFF7A5C),
    yellow: hex(0xF2C744),
    grey: hex(0x9AA4AD),
    blue: hex(0x8AB4FF),
    ndvi: hex(0x5FD3C4),
    bsi: hex(0xE3AC7C),
    vv: hex(0x7FB2FF),
    vh: hex(0xF2A65A),
    band: hex(0x39434A),
    med: hex(0x8D98A1),
    ev: hex(0xF08CC6),
    win: hex(0xB9A3FF),
    mask: hex(0x8A949C),
    ruler: hex(0xF4F7F9),
    skel: hex(0x2B3339),
    warnbg: hex(0x3A2A25),
};

/// The light theme.
pub const LIGHT: Tokens = Tokens {
    dark: false,
    bg0: hex(0xE6EAEC),
    bg1: hex(0xFFFFFF),
    bg2: hex(0xF2F5F6),
    bg3: hex(0xE0E6E9),
    bd: hex(0xC8D0D5),
    bds: hex(0x76828B),
    grid: hex(0xE4E9EB),
    plot: hex(0xFBFCFC),
    tx: hex(0x151B1F),
    tx2: hex(0x48545D),
    tx3: hex(0x8B969E),
    ac: hex(0x006B82),
    acx: hex(0xFFFFFF),
    sel: hex(0xCFE8EE),
    focus: hex(0x006B82),
    green: hex(0x00734F),
    // Dark enough to be told from yellow without red-green vision: see `theme/contrast.rs`.
    red: hex(0x801A12),
    yellow: hex(0x8A6400),
    grey: hex(0x5F6B74),
    blue: hex(0x2A5FC4),
    ndvi: hex(0x00695F),
    bsi: hex(0x8A4B14),
    vv: hex(0x1F5FBF),
    vh: hex(0xA85400),
    band: hex(0xDDE2E5),
    med: hex(0x59646C),
    ev: hex(0xA8236F),
    win: hex(0x6440C4),
    mask: hex(0x7A858D),
    ruler: hex(0x151B1F),
    skel: hex(0xE3E8EB),
    warnbg: hex(0xFBE9E4),
};

impl Tokens {
    /// Tokens of the theme in force.
    pub fn of(ctx: &egui::Context) -> &'static Self {
        if ctx.theme() == egui::Theme::Dark { &DARK } else { &LIGHT }
    }
}

/// Heights and widths.
pub mod size {
    /// Menu bar.
    pub const MENU: f32 = 28.0;
    /// Header strip.
    pub const HEADER: f32 = 60.0;
    /// Pane header.
    pub const PANE_HEADER: f32 = 28.0;
    /// Status bar.
    pub const STATUS: f32 = 26.0;
    /// Buttons.
    pub const BUTTON: f32 = 24.0;
    /// List rows.
    pub const LIST_ROW: f32 = 28.0;
    /// Decision and start page buttons.
    pub const BUTTON_LARGE: f32 = 32.0;
    /// Fields of forms.
    pub const FIELD: f32 = 26.0;
    /// Queue rows.
    pub const QUEUE_ROW: f32 = 40.0;
    /// Queue pane.
    pub const QUEUE: f32 = 236.0;
    /// Right column.
    pub const RIGHT: f32 = 326.0;
    /// Gap between panes.
    pub const GAP: f32 = 4.0;
    /// Padding inside panes.
    pub const PAD: f32 = 8.0;
    /// Corner radius of controls.
    pub const RADIUS: u8 = 3;
    /// Corner radius of panes.
    pub const PANE_RADIUS: u8 = 4;
    /// Corner radius of badges.
    pub const BADGE_RADIUS: u8 = 2;
    /// Stroke of focus rings.
    pub const RING: f32 = 2.0;
    /// Centre column of the design size.
    pub const CENTRE: f32 = 1022.0;
    /// Height of the calendar in the design size.
    pub const CALENDAR: f32 = 492.0;
    /// Height of the graphs in the design size.
    pub const GRAPHS: f32 = 382.0;
    /// Height of the locator map in the design size.
    pub const LOCATOR: f32 = 286.0;
    /// Height of the list of markers in the design size.
    pub const MARKERS: f32 = 276.0;
    /// Width under which the right column becomes tabs.
    pub const TABS_BELOW: f32 = 1440.0;
    /// Width under which the queue becomes a rail.
    pub const RAIL_BELOW: f32 = 1300.0;
    /// Width under which the panes of the Tune workspace become tabs.
    pub const SMALL_BELOW: f32 = 1050.0;
    /// Numbers of the ruleset.
    pub const PARAMETERS: f32 = 300.0;
    /// Parcels that changed.
    pub const CHANGED: f32 = 480.0;
    /// Width of that rail.
    pub const RAIL: f32 = 36.0;
}

/// Colours on imagery, the same in both themes.
pub mod image {
    use egui::Color32;

    /// Dark stroke under outlines, 80 %.
    pub const OUTLINE_UNDER: Color32 = Color32::from_rgba_premultiplied(0x0D, 0x11, 0x15, 0xCC);
    /// Outline of the current parcel.
    pub const OUTLINE: Color32 = super::hex(0xFFE94A);
    /// Outline of other parcels.
    pub const NEIGHBOUR: Color32 = Color32::WHITE;
    /// Mixed 45 % over masked pixels.
    pub const MASK_VEIL: Color32 = Color32::from_rgba_premultiplied(0x29, 0x2D, 0x2A, 0x73);
    /// Colours of clusters 1 to 8, told apart also without red-green vision; a hatch each goes with them.
    pub const CLUSTERS: [Color32; 8] = [
        super::hex(0x0072B2),
        super::hex(0xE69F00),
        super::hex(0x009E73),
        super::hex(0xCC79A7),
        super::hex(0x56B4E9),
        super::hex(0xD55E00),
        super::hex(0xF0E442),
        super::hex(0x8A8F94),
    ];
    /// Outline of proposed zones.
    pub const ZONE: Color32 = super::hex(0xFF4FD8);
    /// Outline of a part that declined.
    pub const DECLINE: Color32 = super::hex(0xFF5A36);
    /// Light hatch line.
    pub const HATCH_LIGHT: Color32 = super::hex(0xE2E7EB);
    /// Dark hatch line.
    pub const HATCH_DARK: Color32 = super::hex(0x343A40);
}
