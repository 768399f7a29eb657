//! Heterogeneity of parcels: do two or more compact zones of a declared parcel behave differently for three periods in a row?
//!
//! From series of pixels to a decision, each step on its own:
//!
//! * [`stack`] brings acquisitions to regular steps, [`kmeans`] sorts pixels of a period into clusters;
//! * [`isolated`] removes lone pixels from a cluster map, [`connectivity`] tells how coherent it is around each pixel;
//! * [`quantities`](mod@quantities) sums a parcel up, [`markers`] holds sums against thresholds, [`decision`] slides a window over the periods;
//! * [`columns`] repeats the last two for all parcels within a frame; [`parameters`] says whether a set of parameters can be used.
//! * [`zones`] proposes where a heterogeneous parcel may be cut, and where it declined more than its peers;
//! * [`foi`] asks the same of any thematic raster, [`spread`] of the statistics of dates alone.
//!
//! Reading pixels and using several threads is left to the caller: pieces take plain slices, and may be run side by side.
//!
//! * **Source:** the fact sheet of `Sen4CAP` on parcel heterogeneity and its webinar; where both differ from each other, what is
//!   followed stands at the function.

pub mod columns;
mod components;
pub mod connectivity;
pub mod decision;
pub mod foi;
pub mod grid;
pub mod isolated;
pub mod kmeans;
pub mod markers;
pub mod parameters;
pub mod quantities;
pub mod spread;
pub mod stack;
pub mod zones;

pub use columns::Columns;
pub use connectivity::{Neighbours, connectivity_rows};
pub use decision::decide;
pub use grid::LabelGrid;
pub use isolated::without_isolated_rows;
pub use markers::marks;
pub use parameters::{check, not_calibrated, suggested_threshold};
pub use quantities::quantities;
