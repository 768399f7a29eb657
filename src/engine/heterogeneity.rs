//! Heterogeneity of parcels: whether a declared parcel holds more than one object, and where.

mod components;
pub mod foi;
pub mod spread;
pub mod zones;
