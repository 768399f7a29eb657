//! What is served: one snapshot of the project, its names, its users.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use rustls::crypto::ring;
use tokio::sync::Semaphore;

use super::access_log::Log;
use super::files::Files;
use super::gate::Gate;
use super::{Options, ServeError, users};
use crate::contract::{ACQUISITIONS_ROUTE, AreaInfo, Info, SIGNAL_ROUTE, SeriesKind};
use crate::model::Catalog;
use crate::model::settings::ObservationSettings;
use crate::model::units::utc_day;
use crate::project::Project;
use crate::project::queries::Env;
use crate::project::served::{MarkerTable, Products, WeatherTable};

/// Name of the only background: the project's own newest clear image.
pub const BACKGROUND: &str = "sentinel";

/// Everything that answers need.
#[derive(Debug)]
pub struct Site {
    /// The data.
    pub env: Arc<Env>,
    /// Names of products.
    pub products: Products,
    /// Name of the project.
    pub name: String,
    /// Served area, in small letters.
    pub aoi: String,
    /// Served year.
    pub year: String,
    /// How the project makes observations.
    pub observations: ObservationSettings,
    /// Column with ids.
    pub id_column: String,
    /// Weather, when given.
    pub weather: WeatherTable,
    /// Markers, when given.
    pub markers: MarkerTable,
    /// Chips that wait to be fetched.
    pub files: Files,
    /// Users; `None` lets everybody in.
    pub gate: Option<Gate>,
    /// Where requests are noted.
    pub log: Log,
    /// Requests that are worked on at a time.
    pub workers: Arc<Semaphore>,
    /// Requests that are here, at work or waiting.
    pub crowd: AtomicUsize,
}

impl Site {
    /// Takes a snapshot of a loaded project.
    pub fn open(project: &Project, options: &Options) -> Result<Self, ServeError> {
        let env = Arc::clone(project.env().ok_or(ServeError::NotLoaded)?);
        let file = project.file();
        let named = options.aoi.clone().unwrap_or_else(|| slug(&file.name)).to_lowercase();
        let gate = match &options.users {
            Some(path) => Some(Gate::new(users::load(path)?, secret()?)),
            None => None,
        };
        let weather = options.weather.as_deref().map(WeatherTable::read).transpose().map_err(ServeError::Table)?;
        let markers = options.markers.as_deref().map(MarkerTable::read).transpose().map_err(ServeError::Table)?;
        Ok(Self {
            products: Products::of(&env.catalog),
            name: file.name.clone(),
            aoi: named,
            year: options.year.clone().unwrap_or_else(|| busiest_year(&env.catalog)),
            observations: file.observations.clone(),
            id_column: file.parcels.id.clone().unwrap_or_else(|| "id".to_owned()),
            weather: weather.unwrap_or_default(),
            markers: markers.unwrap_or_default(),
            files: Files::new(secret()?, options.chip_bytes).map_err(|error| ServeError::System(format!("{error:#}")))?,
            gate,
            log: Log::open(&options.access_log)?,
            workers: Arc::new(Semaphore::new(options.workers.max(1))),
            crowd: AtomicUsize::new(0),
            env,
        })
    }

    /// What it offers.
    pub fn info(&self) -> Info {
        let catalog = &self.env.catalog;
        let offered = SeriesKind::ALL.into_iter().filter(|kind| catalog.count(kind.sensor()) > 0);
        let area = AreaInfo {
            years: vec![self.year.clone()],
            datasets: Vec::new(),
            time_series: offered.map(|kind| kind.code().to_owned()).collect(),
            backgrounds: vec![BACKGROUND.to_owned()],
        };
        Info {
            areas: [(self.aoi.clone(), area)].into(),
            own_routes: vec![SIGNAL_ROUTE.to_owned(), ACQUISITIONS_ROUTE.to_owned()],
        }
    }
}

/// Random bytes of the operating system.
pub fn secret() -> Result<[u8; 32], ServeError> {
    let mut bytes = [0; 32];
    let filled = ring::default_provider().secure_random.fill(&mut bytes);
    filled.map_err(|_unavailable| ServeError::System("the operating system gives no random numbers".to_owned()))?;
    Ok(bytes)
}

/// Small letters, digits and single underscores.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    let slug = slug.trim_end_matches('_');
    if slug.is_empty() { "project".to_owned() } else { slug.to_owned() }
}

/// The year of most acquisitions, the later of equals; this year without any.
fn busiest_year(catalog: &Catalog) -> String {
    let mut years: std::collections::BTreeMap<i16, usize> = std::collections::BTreeMap::new();
    for acquisition in &catalog.acquisitions {
        *years.entry(utc_day(acquisition.acquired).year()).or_default() += 1;
    }
    let busiest = years.into_iter().max_by_key(|&(_, count)| count).map(|(year, _)| year);
    busiest.unwrap_or_else(|| utc_day(jiff::Timestamp::now()).year()).to_string()
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn names_become_plain_words() {
        assert_eq!(slug("Pajottenland 2019"), "pajottenland_2019");
        assert_eq!((slug("  Österreich / Tirol! ").as_str(), slug("…").as_str()), ("sterreich_tirol", "project"));
    }
}
