//! Colours and sizes of figures: the light values of the design tokens.

/// Page.
pub const PAGE: &str = "#FFFFFF";
/// Plot background.
pub const PLOT: &str = "#FBFCFC";
/// Surface of notes and of chips without pixels.
pub const SURFACE: &str = "#F2F5F6";
/// Decorative border.
pub const BORDER: &str = "#C8D0D5";
/// Row and plot grid lines.
pub const GRID: &str = "#E4E9EB";
/// Axis line and ticks.
pub const AXIS: &str = "#76828B";
/// Text.
pub const TEXT: &str = "#151B1F";
/// Secondary text.
pub const TEXT_2: &str = "#48545D";
/// Dash of a cell without acquisition.
pub const MISSING: &str = "#8B969E";
/// Notice: background.
pub const NOTICE: &str = "#FBE9E4";
/// Notice: line and mark.
pub const NOTICE_LINE: &str = "#B5301A";
/// Masked observation.
pub const MASKED: &str = "#7A858D";
/// Peers p10–p90.
pub const BAND: &str = "#DDE2E5";
/// Median of peers.
pub const MEDIAN: &str = "#59646C";
/// Badge.
pub const BADGE: &str = "#10151A";
/// Outline of a parcel on imagery: dark stroke under the light one, so that one of them shows on any background.
pub const OUTLINE_UNDER: &str = "#10151A";
/// Outline of a parcel on imagery: light stroke.
pub const OUTLINE: &str = "#FFE94A";
/// Mask: veil, light and dark stroke of the hatch.
pub const MASK: [&str; 3] = ["#5C636A", "#E2E7EB", "#343A40"];

/// NDVI.
pub const NDVI: &str = "#00695F";
/// BSI.
pub const BSI: &str = "#8A4B14";
/// VV polarisation.
pub const VV: &str = "#1F5FBF";
/// VH polarisation.
pub const VH: &str = "#A85400";
/// Other lines, in the order of use; each has at least 4.5:1 on white.
pub const OTHERS: [&str; 6] = ["#00695F", "#8A4B14", "#6440C4", "#A8236F", "#2A5FC4", "#5F6B74"];

/// Text face.
pub const SANS: &str = "Inter, 'DejaVu Sans', sans-serif";
/// Face of figures, so that digits align.
pub const MONO: &str = "'JetBrains Mono', 'DejaVu Sans Mono', monospace";
