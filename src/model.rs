//! Vocabulary: plain data that every other module speaks. No input or output, no behaviour beyond invariants.
//!
//! The words follow the field: an **acquisition** is one satellite image at one time; an **observation** is one
//! acquisition seen through one parcel; a **signal** is the time series of one statistic of one band or index.

pub mod catalog;
pub mod chip;
pub mod conversion;
pub mod evidence;
pub mod foi;
pub mod footprints;
pub mod geometry;
pub mod grid;
pub mod heterogeneity;
pub mod ids;
pub mod observation;
pub mod parcels;
pub mod practices;
pub mod project_file;
pub mod report;
pub mod review;
pub mod rules;
pub mod ruleset;
pub mod samples;
pub mod season;
pub mod settings;
pub mod spreadsheet;
pub mod stored;
pub mod tables;
pub mod units;
pub mod view;
pub mod watch;
pub mod zones;

pub use catalog::{Acquisition, BandAsset, Catalog, Granule, Pass, Sensor};
pub use chip::{BandWindow, Chip};
pub use geometry::Polygons;
pub use grid::{Bounds, Crs, Grid};
pub use ids::{AcquisitionIx, Band, ParcelIx};
pub use observation::{BandStats, ObservationState, Series, SeriesPoint};
pub use parcels::Parcels;
pub use project_file::ProjectFile;
pub use ruleset::Ruleset;
pub use samples::{SampleColumn, SampleTable};
pub use season::Season;
pub use settings::{MaskSet, PixelRule};
pub use tables::TableSource;
pub use view::{Signal, Stretch, View};
pub use watch::Watch;
