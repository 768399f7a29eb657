//! Code points of the Phosphor icons in use.

/// Add.
pub const PLUS: &str = "\u{e3d4}";
/// Remove, lower.
pub const MINUS: &str = "\u{e32a}";
/// Close, remove a chip.
pub const CLOSE: &str = "\u{e4f6}";
/// Done, compliant.
pub const CHECK: &str = "\u{e182}";
/// Play.
pub const PLAY: &str = "\u{e3d0}";
/// Pause.
pub const PAUSE: &str = "\u{e39e}";
/// Folder.
pub const FOLDER: &str = "\u{e24a}";
/// Open folder.
pub const FOLDER_OPEN: &str = "\u{e256}";
/// File.
pub const FILE: &str = "\u{e230}";
/// Image.
pub const IMAGE: &str = "\u{e2ca}";
/// Something is wrong.
pub const WARNING: &str = "\u{e4e0}";
/// Something is worth knowing.
pub const INFO: &str = "\u{e2ce}";
/// Search.
pub const SEARCH: &str = "\u{e30c}";
/// Filter.
pub const FUNNEL: &str = "\u{e266}";
/// Layers.
pub const STACK: &str = "\u{e466}";
/// Down.
pub const CARET_DOWN: &str = "\u{e136}";
/// Up.
pub const CARET_UP: &str = "\u{e13c}";
/// Left.
pub const CARET_LEFT: &str = "\u{e138}";
/// Right.
pub const CARET_RIGHT: &str = "\u{e13a}";
/// Sorted ascending.
pub const ARROW_UP: &str = "\u{e08e}";
/// Sorted descending.
pub const ARROW_DOWN: &str = "\u{e03e}";
/// Leads to.
pub const ARROW_RIGHT: &str = "\u{e06c}";
/// Back.
pub const ARROW_LEFT: &str = "\u{e058}";
/// Settings.
pub const GEAR: &str = "\u{e270}";
/// Copy.
pub const COPY: &str = "\u{e1ca}";
/// Save as a file.
pub const DOWNLOAD: &str = "\u{e20c}";
/// Try again, reload.
pub const RETRY: &str = "\u{e036}";
/// Back to the default.
pub const RESET: &str = "\u{e038}";
/// Delete.
pub const TRASH: &str = "\u{e4a6}";
/// More.
pub const DOTS: &str = "\u{e1fe}";
/// Light theme.
pub const SUN: &str = "\u{e472}";
/// Dark theme.
pub const MOON: &str = "\u{e330}";
/// Larger.
pub const EXPAND: &str = "\u{e0a2}";
/// Shown.
pub const EYE: &str = "\u{e220}";
/// Map.
pub const MAP: &str = "\u{e31a}";
/// List.
pub const LIST: &str = "\u{e2f0}";
/// Show at its place.
pub const CROSSHAIR: &str = "\u{e1d6}";
/// Adjust.
pub const SLIDERS: &str = "\u{e432}";
/// Edit.
pub const PENCIL: &str = "\u{e3b4}";
/// Keys.
pub const KEYBOARD: &str = "\u{e2d8}";
/// Stored data.
pub const DATABASE: &str = "\u{e1de}";
/// Parcels.
pub const POLYGON: &str = "\u{e6d0}";
/// Pin.
pub const PIN: &str = "\u{e316}";
/// Takes the last change back.
pub const UNDO: &str = "\u{e08a}";
/// Makes it again.
pub const REDO: &str = "\u{e08c}";
