//! The window; the only place that names egui, eframe, egui_plot, egui_tiles, walkers and rfd.
//!
//! A view sees the project read-only through [`cx::Cx`], owns a small state, and pushes what should happen onto [`cx::Out`].

pub mod actions;
pub mod calendar;
pub mod chip_paint;
pub mod cx;
pub mod fonts;
pub mod graph;
pub mod header;
pub mod icons;
pub mod map;
pub mod parcel;
pub mod queue;
pub mod textures;
pub mod theme;
pub mod widgets;

/// Opens the window, on a project, the last one, or the start page.
pub fn run(project: Option<std::path::PathBuf>) -> anyhow::Result<()> {
    let _ = project;
    todo!()
}
