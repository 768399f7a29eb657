//! One request as the answers see it.

use super::parameters::Parameters;
use super::reply::Refusal;
use super::site::Site;
use crate::model::{ParcelIx, Watch};
use crate::project::query::Query;

/// A request with what answers it.
#[derive(Debug)]
pub struct Asked<'a> {
    /// What is served.
    pub site: &'a Site,
    /// Parameters.
    pub parameters: &'a Parameters,
    /// Body.
    pub body: &'a [u8],
    /// Cancelled when nobody waits any more.
    pub watch: &'a Watch,
}

impl Asked<'_> {
    /// Refuses areas and years that are not served.
    pub fn dataset(&self) -> Result<(), Refusal> {
        let aoi = self.parameters.needed("aoi")?.to_lowercase();
        let year = self.parameters.needed("year")?;
        let site = self.site;
        if aoi == site.aoi && year == site.year {
            return Ok(());
        }
        let short = |text: &str| text.chars().take(40).collect::<String>();
        Err(Refusal::NoSuchDataset(format!(
            "There is no area “{}” with the year “{}” here; served is “{}” with “{}”.",
            short(&aoi),
            short(year),
            site.aoi,
            site.year
        )))
    }

    /// True when the main parcel table is meant; there is no other (`ptype`).
    pub fn main_table(&self) -> bool {
        self.parameters.get("ptype").is_none()
    }

    /// The parcel that is asked for; `None` when there is none of that id.
    pub fn parcel(&self) -> Result<Option<ParcelIx>, Refusal> {
        Ok(self.site.env.parcels.find(self.parameters.needed("pid")?))
    }

    /// The answer of a query.
    pub fn compute<Q: Query>(&self, query: &Q) -> Result<std::sync::Arc<Q::Output>, Refusal> {
        self.site.env.cache.compute(query, &self.site.env, self.watch).map_err(|error| Refusal::Failed(error.into()))
    }
}
