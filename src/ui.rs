//! The window; the only place that names egui, eframe, `egui_plot`, `egui_tiles`, walkers and rfd.
//!
//! A view sees the project read-only through [`cx::Cx`], owns a small state, and pushes what should happen onto [`cx::Out`].

pub mod actions;
pub mod app;
pub mod calendar;
pub mod chip_paint;
pub mod cx;
pub mod dialogs;
pub mod fonts;
pub mod graph;
pub mod header;
pub mod heterogeneity;
pub mod icons;
pub mod indices;
pub mod keys;
pub mod layout;
pub mod log;
pub mod map;
pub mod markers;
pub mod menu;
pub mod palette;
pub mod parcel;
pub mod queue;
pub mod remote;
pub mod reports;
pub mod review;
pub mod settings;
pub mod start;
pub mod status;
pub mod table;
pub mod textures;
pub mod theme;
pub mod tune;
pub mod verdict;
pub mod widgets;

pub use app::{LaunchOptions, Window};

use crate::store::session::ThemeChoice;

/// The icon of the window and of the desktop entry.
const ICON: &[u8] = include_bytes!("../assets/icons/parcelight-256.png");

/// Opens the window, on a project, the last one, or the start page.
///
/// Three environment variables are there for scripts that take pictures: `PARCELIGHT_DO` names actions that are done once the
/// project is loaded (`toggle-stretch,large-view`), `PARCELIGHT_SIZE` is the inner size (`1280x800`), `PARCELIGHT_THEME` is `dark`
/// or `light`.
pub fn run(project: Option<std::path::PathBuf>, read_only: bool) -> anyhow::Result<()> {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let words = variable("PARCELIGHT_DO");
    let actions = words.split(',').map(str::trim).filter(|word| !word.is_empty());
    let actions = actions
        .map(|word| {
            actions::Action::from_name(word).ok_or_else(|| anyhow::anyhow!("PARCELIGHT_DO: no action is called “{word}”"))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let size = variable("PARCELIGHT_SIZE");
    let size = size.split_once('x').and_then(|(width, height)| Some([width.parse().ok()?, height.parse().ok()?]));
    let theme = match variable("PARCELIGHT_THEME").as_str() {
        "dark" => Some(ThemeChoice::Dark),
        "light" => Some(ThemeChoice::Light),
        _ => None,
    };
    let last = crate::store::session::load_open(&crate::store::session::home()).filter(|open| open.project.exists());
    let crashed = last.as_ref().is_some_and(|open| !open.ended && project.as_ref().is_none_or(|asked| *asked == open.project));
    let project = project.or(last.map(|open| open.project));
    run_with(LaunchOptions { project, actions, size, theme, home: None, crashed, read_only })
}

/// Opens the window and returns when it is closed.
pub fn run_with(options: LaunchOptions) -> anyhow::Result<()> {
    // Tiles of map backgrounds come over TLS; without a provider the first request would panic. A second call finds it installed.
    drop(rustls::crypto::ring::default_provider().install_default());
    let [width, height] = options.size.unwrap_or([1600.0, 1000.0]);
    let mut viewport = egui::ViewportBuilder::default()
        .with_title("Parcelight")
        .with_app_id("parcelight")
        .with_inner_size([width, height])
        .with_min_inner_size([960.0, 640.0])
        .with_drag_and_drop(true);
    // A window without its icon is still a window.
    if let Ok(icon) = eframe::icon_data::from_png_bytes(ICON) {
        viewport = viewport.with_icon(icon);
    }
    let native = eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Glow,
        persist_window: false,
        system_font_fallback: false,
        ..eframe::NativeOptions::default()
    };
    eframe::run_native("parcelight", native, Box::new(|creation| Ok(Box::new(Window::new(&creation.egui_ctx, options)))))
        .map_err(|error| anyhow::anyhow!("cannot open the window: {error}"))
}
