//! Heterogeneity of parcels: pixels of a region on regular steps, clusters of each period, quantities, markers, decisions.
//!
//! Pixels and clusters are made once for a region of neighbours ([`regions`]); thresholds and decisions follow from quantities alone, so
//! that moving a threshold over a whole population reads nothing.

pub mod clustering;
pub mod files;
pub mod maps;
pub mod pixels;
pub mod population;
pub mod regions;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;

use super::queries::heterogeneity::{
    Curves, CurvesQuery, Decisions, DecisionsQuery, Judged, MapsQuery, PixelsQuery, RegionsQuery, judge,
};
use super::queries::zones::{DeclineQuery, Declined, Proposal, ZonesQuery};
use super::query::Fetch;
use super::{Error, Project};
use crate::jobs::Lane;
use crate::model::heterogeneity::HeterogeneityParams;
use crate::model::units::utc_day;
use crate::model::zones::{Zone, ZoneRecord};
use crate::model::{ParcelIx, Sensor};
use maps::RegionMaps;
use population::Row;

/// Days since 1970 of a civil day.
pub fn day_number(date: Date) -> i32 {
    (date - Date::constant(1970, 1, 1)).get_days()
}

/// The civil day of a number of days since 1970.
pub fn date_of(days: i32) -> Date {
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap_or(Date::MAX)
}

/// Writes a file, on a worker.
pub type ZoneExport = Box<dyn FnOnce() -> anyhow::Result<()> + Send>;

/// Zones of a parcel as files have them.
pub fn zone_records(id: &str, zones: &[Zone], means: &[f64], dates: &str) -> Vec<ZoneRecord> {
    let record = |(zone, mean): (&Zone, &f64)| ZoneRecord {
        parcel_id: id.to_owned(),
        zone: zone.number,
        period: dates.to_owned(),
        outline: zone.outline.clone(),
        area_m2: zone.area_m2,
        share: zone.share,
        ndvi_mean: *mean,
        pixels: zone.pixels.iter().filter(|own| **own).count() as u32,
    };
    zones.iter().zip(means).map(record).collect()
}

impl Project {
    /// Clusters, thresholds and rule in force.
    pub fn heterogeneity_params(&self) -> HeterogeneityParams {
        self.file.heterogeneity.unwrap_or_default()
    }

    /// First and last day looked at, days since 1970: the dates shown, else those of the images.
    pub fn heterogeneity_season(&self) -> Option<(i32, i32)> {
        let data = self.data()?;
        let images = || data.catalog.acquisitions.iter().filter(|own| own.sensor == Sensor::S2);
        let first = || images().map(|own| utc_day(own.acquired)).min();
        let last = || images().map(|own| utc_day(own.acquired)).max();
        let display = &self.file.display;
        Some((day_number(display.from.or_else(first)?), day_number(display.to.or_else(last)?)))
    }

    /// The cluster maps of the region of a parcel.
    pub fn heterogeneity_maps(&self, parcel: ParcelIx) -> Fetch<RegionMaps> {
        match self.maps_query(parcel) {
            Fetch::Ready(query) => self.get(&*query, Lane::Interactive),
            Fetch::Failed(error) => Fetch::Failed(error),
            Fetch::Pending => Fetch::Pending,
        }
    }

    /// The same if they are there; starts nothing.
    pub fn peek_heterogeneity(&self, parcel: ParcelIx) -> Option<Arc<RegionMaps>> {
        let params = self.heterogeneity_params().clusters;
        let regions = self.peek(&RegionsQuery { params: params.of_regions(), revision: self.revision })?;
        self.peek(&self.maps_of(regions.members(regions.of(parcel)).into())?)
    }

    /// The cluster maps of the region of a parcel, on this thread; for the command line and sheets.
    pub fn compute_heterogeneity(&self, parcel: ParcelIx) -> Result<Arc<RegionMaps>, Error> {
        let params = self.heterogeneity_params().clusters;
        let regions = self.compute(&RegionsQuery { params: params.of_regions(), revision: self.revision })?;
        let query = self.maps_of(regions.members(regions.of(parcel)).into());
        let query = query.ok_or_else(|| Error(Arc::new(anyhow::anyhow!("the project has no images to cluster"))))?;
        self.compute(&query)
    }

    /// Course of NDVI in the clusters of a period (from 0) of a parcel.
    pub fn heterogeneity_curves(&self, parcel: ParcelIx, period: usize) -> Fetch<Curves> {
        match self.maps_query(parcel) {
            Fetch::Ready(query) => self.get(&CurvesQuery { of: query.as_ref().clone(), parcel, period }, Lane::Interactive),
            Fetch::Failed(error) => Fetch::Failed(error),
            Fetch::Pending => Fetch::Pending,
        }
    }

    fn maps_query(&self, parcel: ParcelIx) -> Fetch<MapsQuery> {
        let params = self.heterogeneity_params().clusters;
        let query = RegionsQuery { params: params.of_regions(), revision: self.revision };
        match self.get(&query, Lane::Interactive) {
            Fetch::Ready(regions) => match self.maps_of(regions.members(regions.of(parcel)).into()) {
                Some(query) => Fetch::Ready(Arc::new(query)),
                None => Fetch::Pending,
            },
            Fetch::Failed(error) => Fetch::Failed(error),
            Fetch::Pending => Fetch::Pending,
        }
    }

    fn maps_of(&self, members: Arc<[ParcelIx]>) -> Option<MapsQuery> {
        let season = self.heterogeneity_season()?;
        let params = self.heterogeneity_params().clusters;
        Some(MapsQuery { of: PixelsQuery { members, params, mask: self.mask(), season, revision: self.revision } })
    }

    /// Zones that the S2 clusters of some periods (the first from 0) propose.
    pub fn heterogeneity_zones(&self, parcel: ParcelIx, first: usize, periods: usize) -> Fetch<Proposal> {
        match self.maps_query(parcel) {
            Fetch::Ready(query) => {
                self.get(&ZonesQuery { of: query.as_ref().clone(), parcel, first, periods }, Lane::Interactive)
            }
            Fetch::Failed(error) => Fetch::Failed(error),
            Fetch::Pending => Fetch::Pending,
        }
    }

    /// Where a parcel lost more NDVI between two days than its peers.
    pub fn heterogeneity_decline(&self, parcel: ParcelIx, earlier: Date, later: Date) -> Fetch<Declined> {
        let days = (day_number(earlier), day_number(later));
        match self.maps_query(parcel) {
            Fetch::Ready(query) => self.get(&DeclineQuery { of: query.as_ref().clone(), parcel, days }, Lane::Interactive),
            Fetch::Failed(error) => Fetch::Failed(error),
            Fetch::Pending => Fetch::Pending,
        }
    }

    /// Work that writes proposed zones to a `GeoPackage`, to be done on a worker.
    pub fn exporting_zones(&self, parcel: ParcelIx, proposal: &Proposal, path: PathBuf) -> Option<ZoneExport> {
        let zones = proposal.zones.as_ref().ok()?;
        let id = self.data()?.parcels.id(parcel);
        let records = zone_records(id, zones, &proposal.means, &proposal.dates);
        let system = proposal.grid.crs.clone();
        Some(Box::new(move || Ok(crate::io::files::write_atomic(&path, &crate::io::zones::geopackage(&records, &system)?)?)))
    }

    /// Markers and decision of a parcel from the maps of its region.
    pub fn judge_heterogeneity(&self, maps: &RegionMaps, parcel: ParcelIx) -> Option<Judged> {
        let area_m2 = self.data()?.parcels.area_ha(parcel) * 1e4;
        Some(judge(&Row::of(maps, parcel), area_m2, &self.heterogeneity_params().markers))
    }

    /// Decisions over the measured population under the thresholds in force.
    pub fn heterogeneity_decisions(&self) -> Option<Fetch<Decisions>> {
        Some(self.get(&self.decisions_query()?, Lane::Interactive))
    }

    /// The query behind [`Project::heterogeneity_decisions`].
    pub fn decisions_query(&self) -> Option<DecisionsQuery> {
        let population = Arc::clone(self.heterogeneity_population()?);
        Some(DecisionsQuery { population, params: self.heterogeneity_params().markers })
    }

    /// Changes clusters, thresholds or rule.
    pub(in crate::project) fn set_heterogeneity(&mut self, params: HeterogeneityParams) {
        self.file.heterogeneity = Some(params).filter(|own| *own != HeterogeneityParams::default());
    }
}
