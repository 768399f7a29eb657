//! What is current: exactly one parcel, one acquisition; optionally a reference and a compare set.

use crate::model::{AcquisitionIx, ParcelIx};

/// The current selection; every pane shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Current parcel; `None` only while nothing is loaded or the filter matches nothing.
    pub parcel: Option<ParcelIx>,
    /// Current acquisition.
    pub acquisition: Option<AcquisitionIx>,
    /// Reference acquisition.
    pub reference: Option<AcquisitionIx>,
    /// Compare set, in the order chosen.
    pub compare: Vec<AcquisitionIx>,
    /// Parcels visited before, for "last visited".
    pub visited: Vec<ParcelIx>,
}
