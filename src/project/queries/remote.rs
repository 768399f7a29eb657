//! What only a server tells of a parcel: weather, and markers that it holds.

use crate::contract::{MarkerRow, WeatherRow};
use crate::model::{ParcelIx, Watch};
use crate::project::query::{Answer, Query};

use super::Env;

/// Weather at a parcel, by day; empty without a server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WeatherQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Data revision.
    pub revision: u64,
}

impl Query for WeatherQuery {
    type Output = Vec<WeatherRow>;

    fn weight(output: &Self::Output) -> usize {
        output.len() * size_of::<WeatherRow>()
    }

    fn waits(&self, _env: &Env) -> bool {
        true
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let Some(remote) = &env.remote else { return Ok(Vec::new()) };
        let mut rows = remote.session.weather(env.parcels.id(self.parcel), watch)?;
        rows.sort_by_key(|row| row.day);
        Ok(rows)
    }
}

/// Markers that the server holds of a parcel; empty without a server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MarkersQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Data revision.
    pub revision: u64,
}

impl Query for MarkersQuery {
    type Output = Vec<MarkerRow>;

    fn weight(output: &Self::Output) -> usize {
        output.len() * 256
    }

    fn waits(&self, _env: &Env) -> bool {
        true
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let Some(remote) = &env.remote else { return Ok(Vec::new()) };
        Ok(remote.session.markers(env.parcels.id(self.parcel), watch)?)
    }
}
