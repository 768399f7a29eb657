//! Pure computing on model types: numbers in, numbers out. No files, no clock, no threads, no globals.

pub mod calendar;
pub mod chip;
pub mod clean;
pub mod colouring;
pub mod coverage;
pub mod evaluation;
pub mod filter;
pub mod graph;
pub mod heterogeneity;
pub mod histogram;
pub mod indices;
pub mod markers;
pub mod masking;
pub mod meeting;
pub mod mosaic;
pub mod net;
pub mod order;
pub mod peers;
pub mod population;
pub mod practices;
pub mod quality;
pub mod ramp;
pub mod review;
pub mod rules;
pub mod sampling;
pub mod series;
pub mod shapes;
pub mod slabs;
pub mod stretch;
pub mod synth;
pub mod tiles;
pub mod zonal;

/// Raised whenever a result of this engine changes for the same input: results cached under another version are not used.
pub const ENGINE_VERSION: u32 = 2;
