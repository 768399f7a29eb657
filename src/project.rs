//! The open project: ties files, engine, cache and workers together, without any window.
//!
//! Data are asked for by [`query::Query`] values and changed by [`command::Command`] values. `get` never waits.

pub mod apply;
pub mod command;
pub mod decisions;
pub mod evaluating;
pub mod evidence;
pub mod export;
pub mod extract;
pub mod foi;
pub mod heterogeneity;
pub mod inspect;
pub mod load;
pub mod marking;
pub mod open;
mod other;
pub mod packing;
mod place;
pub mod population;
mod prefetch;
pub mod prepare;
pub mod queries;
pub mod query;
pub mod queue;
pub mod remote;
pub mod review;
pub mod sample;
pub mod selection;
pub mod served;
pub mod synth;
pub mod tables;
mod told;
pub mod tuning;

pub use command::Command;
pub use open::{Dataset, Project};
pub use query::{Error, Fetch};
pub use selection::Selection;
