//! The window; the only place that names egui, eframe, egui_plot, egui_tiles, walkers and rfd.
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
pub mod icons;
pub mod indices;
pub mod keys;
pub mod layout;
pub mod log;
pub mod map;
pub mod menu;
pub mod palette;
pub mod parcel;
pub mod queue;
pub mod settings;
pub mod start;
pub mod status;
pub mod textures;
pub mod theme;
pub mod widgets;

pub use app::{LaunchOptions, Window};

/// The icon of the window and of the desktop entry.
const ICON: &[u8] = include_bytes!("../assets/icons/parcelight-256.png");

/// Opens the window, on a project, the last one, or the start page.
pub fn run(project: Option<std::path::PathBuf>) -> anyhow::Result<()> {
    run_with(LaunchOptions { project, ..LaunchOptions::default() })
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
