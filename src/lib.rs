//! Parcelight: look at agricultural parcels through Sentinel-1 and Sentinel-2 data, and decide.
//!
//! This page is the map of the code. The tree is the architecture; `tests/architecture.rs` keeps it so.
//!
//! # Layers
//!
//! | module | does | may name | only it may name |
//! |---|---|---|---|
//! | [`model`] | vocabulary: plain data | – | – |
//! | [`jobs`] | worker pool with lanes | – | – |
//! | [`text`] | messages, numbers and dates of a language | – | `fluent_bundle`, `icu_*` |
//! | [`engine`] | pure computing on model types | model | `exmex`, `geo` |
//! | [`io`] | files to model and back | model | `gdal`, `parquet`, `arrow` |
//! | [`store`] | what is kept between sittings | model | `rusqlite` |
//! | [`contract`] | the rows and bytes of the JRC REST contract | model | – |
//! | [`remote`] | client of that contract, with its cache | model, store, contract | `reqwest`, `keyring` |
//! | [`report`] | model to figures (SVG, PNG) and pages (HTML, PDF, DOCX) | model, engine | `resvg`, `typst` and its companions, `docx_rs` |
//! | [`project`] | the open project: queries and commands | all of the above but text | – |
//! | [`serve`] | a local project through the JRC REST contract | model, engine, contract, project, jobs | `axum` and its companions, `argon2` |
//! | [`cli`] | the command line | all of the above | `clap` |
//! | `ui` | the window (feature `gui`) | model, engine, project, report, store, jobs, text | egui and its companions, walkers, rfd |
//!
//! # How data flow
//!
//! ```text
//! files --io--> model --engine--> results --store--> cache
//!                ^                                     |
//!  view --get(&query)--> QueryCache --miss--> jobs::Pool -> Query::run (io + engine) --+
//!  view <-- Pending | Ready | Failed <------------------ next frame -------------------+
//!  view --push(Command)--> after drawing --> Project::apply
//! ```
//!
//! A [`project::query::Query`] is a value that holds everything that decides its answer, so nothing is invalidated by hand.
//! A [`project::Command`] is the only way to change the project. The window and the command line ask the same queries.
//!
//! # Work on many parcels
//!
//! * [`project::extract`] goes the other way round than the window: it takes an image and all its parcels, not a parcel and all its
//!   images. Pixels of parcels ([`model::footprints`]) are found once for a grid, blocks of images are decoded once.
//! * [`project::prepare`] reads the chips of a queue once and keeps them ([`store::chips`]); queries then ask there first.
//! * [`model::parcels`] holds a layer in blocks that workers read, filter and sort side by side; the map draws many of them as tiles
//!   ([`engine::tiles`]) made on workers, and images as pieces ([`engine::mosaic`]) that tiles share.
//!
//! # Observations without images
//!
//! Tables of parcel statistics are sources beside the images. [`io::tables::import`] reads every format into one stream of physical
//! values, [`store::tables`] keeps them by variable and parcel, [`project::tables`] joins their times with the acquisitions of the
//! images or adds new ones without bands, and answers for signals and coverage where images do not.
//!
//! # Evidence
//!
//! [`project::evidence`] gathers what a sheet says of a parcel by the queries of the window, [`report`] sets it, and what both make is a
//! pack whose bytes depend on nothing but its inputs: that is how `parcelight report --verify` can make it again and compare.
//!
//! # Heterogeneity
//!
//! [`project::heterogeneity`] brings the pixels of a region of neighbours to regular steps, clusters each period once, and keeps
//! quantities of every parcel; [`engine::heterogeneity`] holds the pieces, all pure. Markers, decisions, zones and decline follow from
//! quantities and maps, so that thresholds move over a population without reading anything. [`project::foi`] asks the same question of
//! any thematic raster.
//!
//! # Invariants
//!
//! * `engine` reads no file, knows no clock, no thread and no global.
//! * Nothing but `io` opens a raster or a layer; source data are never written.
//! * A frame never waits: views only see `Pending`, `Ready` or `Failed`.
//! * A missing value is `NaN` or absent with its reason, never 0.
//! * Backscatter is averaged as linear power and shown in decibels; decibels are never averaged.
//! * A number does not depend on who asked for it, nor on how many threads computed it.

pub mod cli;
pub mod contract;
pub mod engine;
pub mod io;
pub mod jobs;
pub mod model;
pub mod project;
pub mod remote;
pub mod report;
pub mod serve;
pub mod store;
pub mod text;
#[cfg(feature = "gui")]
pub mod ui;
