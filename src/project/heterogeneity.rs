//! Heterogeneity of parcels on all cores.

pub mod clustering;
