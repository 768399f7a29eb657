//! The window; the only place that names egui, eframe, egui_plot, egui_tiles and walkers.
