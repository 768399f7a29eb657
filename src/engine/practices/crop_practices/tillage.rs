//! Tillage after the harvest: coherence that was high falls while the soil is still bare.

use super::{Params, Week, WeekMarkers};
use crate::engine::practices::Outcome;

/// First day of the first week after the harvest, and before NDVI exceeds the vegetation threshold again, whose M5 is false after a
/// true one in the week with radar before.
///
/// * **NaN:** weeks without radar are stepped over.
/// * **Source:** L4C of `Sen4CAP`.
pub fn tillage_week(weeks: &[Week], markers: &[WeekMarkers], harvest_start: f64, params: &Params) -> Option<f64> {
    debug_assert_eq!(weeks.len(), markers.len(), "markers for each week");
    let mut high = false;
    for (week, markers) in weeks.iter().zip(markers).filter(|(week, _)| week.start >= harvest_start) {
        if week.start > harvest_start && week.ndvi > params.vegetation_ndvi {
            return None;
        }
        match markers.m5 {
            Outcome::Yes => high = true,
            Outcome::No if high => return Some(week.start),
            Outcome::No | Outcome::Unknown => {}
        }
    }
    None
}
