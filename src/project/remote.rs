//! A server as a source of parcels, acquisitions, observations and chips: what the rest of the project asks it for.
//!
//! A [`Session`] lives as long as the project names the same server. A [`Remote`] is its snapshot beside a catalogue, part of
//! [`Env`](super::queries::Env): queries ask it where acquisitions and products are not local. What a parcel brings that the catalogue
//! does not hold yet makes the catalogue grow.

mod catalog;
mod connection;
mod fetch;
mod find;
mod load;
mod pixels;
mod points;
mod probe;
mod rows;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::load::resolve;
use crate::io::crs;
use jiff::Timestamp;

use crate::contract::{ACQUISITIONS_ROUTE, AcquisitionRow, PeerRow, SeriesKind};
use crate::model::observation::Coverage;
use crate::model::project_file::{Radiometry, RemoteSource};
use crate::model::settings::PeerSettings;
use crate::model::{AcquisitionIx, Catalog, ParcelIx, Parcels, Watch};
use crate::remote::secrets;
use crate::remote::{Client, PeersWanted, RemoteError};
pub use crate::remote::{ErrorKind, Secret, Status};
use crate::store::remote::RemoteCache;

use catalog::Index;
pub(super) use connection::Connection;
pub use fetch::Ahead;
pub(super) use fetch::fetch;
pub(super) use find::Finding;
pub use find::Place;
pub(super) use load::parcels;
pub(super) use points::Wanted;
pub use probe::Probe;

pub use crate::contract::{AreaInfo, Info, MarkerRow, WeatherRow};

/// Where scripts put a password: a command line would show it to everybody on the computer.
pub const PASSWORD_VARIABLE: &str = "PARCELIGHT_PASSWORD";

/// The password of the environment, else that of the operating system's keyring.
fn kept_password(source: &RemoteSource) -> Option<Secret> {
    let given = std::env::var(PASSWORD_VARIABLE).ok().filter(|password| !password.is_empty()).map(Secret::new); // unset: the keyring
    given.or_else(|| secrets::load(&source.url, &source.user).ok().flatten())
}

/// Keeps a password with the operating system; the error is a sentence for the user.
pub fn keep_password(url: &str, user: &str, password: &Secret) -> Result<(), String> {
    secrets::save(url, user, password).map_err(|error| error.to_string())
}

/// Why a server gave no answer.
pub type RemoteFault = RemoteError;

/// A server, what it has told so far, and how it is doing.
#[derive(Debug)]
pub struct Session {
    pub(super) client: Client,
    source: RemoteSource,
    radiometry: Radiometry,
    /// UTC zone of the first parcel: where radar products without a tile are taken to lie.
    epsg: Mutex<u32>,
    rows: Mutex<HashMap<String, Kept>>,
    union: Mutex<catalog::Union>,
    own: Mutex<Option<bool>>,
    grown: AtomicBool,
}

/// The acquisitions of a parcel, and when the server told of them.
#[derive(Debug, Clone)]
struct Kept {
    rows: Arc<Vec<AcquisitionRow>>,
    fetched: Timestamp,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// Prepares to ask a server; asks nothing yet. Without `password` that of the operating system's keyring is taken.
    pub(super) fn open(
        project: &Path,
        source: &RemoteSource,
        radiometry: &Radiometry,
        password: Option<Secret>,
    ) -> Result<Self, RemoteFault> {
        let cache = RemoteCache::open(&super::load::cache_folder(project).join("remote"), u64::from(source.cache_mib) << 20)?;
        let certificates: Vec<PathBuf> = source.certificates.iter().map(|path| resolve(project, path)).collect();
        // Without a keyring the window asks; so it does where the server refuses.
        let password = if source.user.is_empty() { None } else { password.or_else(|| kept_password(source)) };
        let client = Client::new(source, &certificates, password, cache, Arc::new(pixels::check))?;
        Ok(Self {
            client,
            source: source.clone(),
            radiometry: radiometry.clone(),
            epsg: Mutex::new(32631),
            rows: Mutex::default(),
            union: Mutex::default(),
            own: Mutex::default(),
            grown: AtomicBool::new(false),
        })
    }

    /// True when it still serves a project of these settings.
    pub(super) fn serves(&self, source: &RemoteSource, radiometry: &Radiometry) -> bool {
        let like = |other: &RemoteSource| RemoteSource { parcel_ids: Vec::new(), offline: false, ..other.clone() };
        like(&self.source) == like(source) && self.radiometry == *radiometry
    }

    /// How requests are doing.
    pub fn status(&self) -> Status {
        self.client.status()
    }

    /// Works from what is kept, or asks again.
    pub(super) fn set_offline(&self, offline: bool) {
        self.client.set_offline(offline);
    }

    /// True once after a parcel brought acquisitions that the catalogue does not hold.
    pub(super) fn take_growth(&self) -> bool {
        self.grown.swap(false, Ordering::Relaxed)
    }

    /// Whether the server has routes beyond the contract. One that tells nothing about itself is one of JRC's.
    pub(super) fn own_routes(&self, watch: &Watch) -> Result<bool, RemoteFault> {
        if let Some(own) = *locked(&self.own) {
            return Ok(own);
        }
        let own = match self.client.info(watch) {
            Ok(info) => info.value.own_routes.iter().any(|route| route == ACQUISITIONS_ROUTE),
            Err(RemoteError::NotUnderstood { .. } | RemoteError::Status { .. } | RemoteError::Offline { .. }) => false,
            Err(error) => return Err(error),
        };
        *locked(&self.own) = Some(own);
        Ok(own)
    }

    /// The acquisitions of a parcel, asked for once.
    pub(super) fn rows(&self, pid: &str, watch: &Watch) -> Result<Arc<Vec<AcquisitionRow>>, RemoteFault> {
        self.rows_by(&self.client, pid, watch)
    }

    /// The same through a client that may answer from the cache alone.
    fn rows_by(&self, client: &Client, pid: &str, watch: &Watch) -> Result<Arc<Vec<AcquisitionRow>>, RemoteFault> {
        if let Some(kept) = locked(&self.rows).get(pid) {
            return Ok(Arc::clone(&kept.rows));
        }
        let (rows, fetched) = if self.own_routes(watch)? {
            let answer = client.acquisitions(pid, watch)?;
            (answer.value, answer.fetched)
        } else {
            let epsg = *locked(&self.epsg);
            let (mut all, mut oldest) = (Vec::new(), Timestamp::MAX);
            for kind in SeriesKind::ALL {
                let series = client.series(pid, kind, watch)?;
                oldest = oldest.min(series.fetched);
                all.extend(rows::acquisitions(kind, &series.value, &self.radiometry, epsg));
            }
            (all, oldest)
        };
        let rows = Arc::new(rows);
        locked(&self.rows).insert(pid.to_owned(), Kept { rows: Arc::clone(&rows), fetched });
        if locked(&self.union).add(&rows) {
            self.grown.store(true, Ordering::Relaxed);
        }
        Ok(rows)
    }

    /// Takes in what is kept of the parcels, and asks for the first one, so that its dates are there when the window shows it. Gives
    /// lines for the log.
    pub(super) fn prime(&self, parcels: &Parcels, watch: &Watch) -> Vec<String> {
        /// So many parcels without anything new: the others bring nothing new either, mostly.
        const ENOUGH: usize = 40;
        let Some(first) = parcels.iter().next() else { return Vec::new() };
        self.set_zone(parcels, first);
        let asked = self.rows(parcels.id(first), watch).err().map(|fault| fault.to_string());
        let kept = self.client.from_cache();
        let mut quiet = 0;
        for parcel in parcels.iter().skip(1) {
            if quiet >= ENOUGH || watch.cancelled() {
                break;
            }
            let before = self.grown.swap(false, Ordering::Relaxed);
            // What is not kept is asked for when it is wanted.
            drop(self.rows_by(&kept, parcels.id(parcel), watch));
            quiet = if self.grown.load(Ordering::Relaxed) { 0 } else { quiet + 1 };
            self.grown.fetch_or(before, Ordering::Relaxed);
        }
        asked.into_iter().collect()
    }

    /// Markers that the server holds of a parcel.
    pub(super) fn markers(&self, pid: &str, watch: &Watch) -> Result<Vec<MarkerRow>, RemoteFault> {
        Ok(self.client.markers(pid, watch)?.value)
    }

    /// When the server told of the acquisitions of a parcel.
    pub(super) fn told(&self, pid: &str) -> Option<Timestamp> {
        locked(&self.rows).get(pid).map(|kept| kept.fetched)
    }

    /// Radar products without a tile are taken to lie in the UTM zone of the first parcel.
    fn set_zone(&self, parcels: &Parcels, parcel: ParcelIx) {
        let mut centre = [parcels.bounds(parcel).center().into()];
        if crs::transform_points(&mut centre, parcels.crs(), &crs::WGS84).is_ok() && centre[0][0].is_finite() {
            let [lon, lat]: [f64; 2] = centre[0];
            let zone = (((lon + 180.0) / 6.0).floor() as u32).min(59) + 1;
            *locked(&self.epsg) = if lat < 0.0 { 32700 } else { 32600 } + zone;
        }
    }

    /// Catalogue of local images and all that is known of the server.
    pub(super) fn join(&self, catalog: &mut Catalog) -> Index {
        locked(&self.union).join(catalog)
    }

    /// Peers by the server's rule, nearest first.
    pub(super) fn peers(&self, pid: &str, settings: &PeerSettings, watch: &Watch) -> Result<Vec<PeerRow>, RemoteFault> {
        let wanted = PeersWanted {
            distance_m: settings.distance_m,
            max: settings.max + settings.excluded.len(),
            min_area_m2: settings.min_area_ha * 10_000.0,
        };
        let mut peers = self.client.peers(pid, &wanted, watch)?.value;
        peers.retain(|peer| !settings.excluded.contains(&peer.pid));
        peers.truncate(settings.max);
        Ok(peers)
    }

    /// Weather at a parcel, by day.
    pub(super) fn weather(&self, pid: &str, watch: &Watch) -> Result<Vec<WeatherRow>, RemoteFault> {
        Ok(self.client.weather(pid, watch)?.value)
    }

    /// Does something that waits for the server for every item, as many at a time as it answers; results in the order of the items.
    pub(super) fn side_by_side<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..self.source.connections.clamp(1, 16).min(items.len()) {
                scope.spawn(|| {
                    while let Some((at, item)) =
                        Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
                    {
                        let result = work(item);
                        locked(&results).push((at, result));
                    }
                });
            }
        });
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_by_key(|(at, _)| *at);
        results.into_iter().map(|(_, result)| result).collect()
    }
}

/// A server beside a catalogue.
#[derive(Debug)]
pub struct Remote {
    pub(super) session: Arc<Session>,
    pub(super) index: Index,
}

impl Remote {
    /// How the acquisitions of the server see a parcel, best product first.
    pub(super) fn coverage(&self, pid: &str, watch: &Watch) -> Result<HashMap<AcquisitionIx, Vec<Coverage>>, RemoteFault> {
        let mut seen: HashMap<AcquisitionIx, Vec<Coverage>> = HashMap::new();
        for row in self.session.rows(pid, watch)?.iter() {
            let Some(acquisition) = self.index.acquisition(&row.key) else { continue };
            let Some(granule) = self.index.granule(acquisition, &row.product) else { continue };
            let (pixels, classes, nodata, classified) = (row.pixels, row.classes, row.nodata, row.classified);
            seen.entry(acquisition).or_default().push(Coverage { acquisition, granule, pixels, classes, nodata, classified });
        }
        Ok(seen)
    }
}
