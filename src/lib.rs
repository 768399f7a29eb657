//! Parcelight: look at agricultural parcels through Sentinel-1 and Sentinel-2 data, and decide.

pub mod cli;
pub mod engine;
pub mod io;
pub mod jobs;
pub mod model;
pub mod project;
pub mod report;
pub mod store;
pub mod text;
#[cfg(feature = "gui")]
pub mod ui;
