//! What is kept between sittings; the only place that names `rusqlite`.

pub mod cache;
pub mod chips;
pub mod decisions;
pub mod footprints;
pub mod observations;
pub mod parcels;
pub mod remote;
pub mod session;
pub mod tables;
