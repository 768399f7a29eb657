//! What a server tells of an open project beyond the answers of its queries: rows of the contract, and files that clients download.

mod background;
mod chips;
mod numbers;
mod observed;
mod own;
mod parcels;
mod products;
mod tables;

pub use background::{BackgroundFormat, BackgroundWanted, background};
pub use chips::{Lut, Place, composite, overlap, write_chip};
pub use observed::{ObservedProduct, ObservedQuery};
pub use own::{acquisition_rows, signal_rows};
pub use parcels::{ParcelGeometry, centre, parcel_row, parcels_at, parcels_meeting};
pub use products::{Product, Products};
pub use tables::{MarkerTable, WeatherTable};
