//! Products and chips that a server finds by place and time, and background pictures.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use tokio::task::JoinSet;

use super::answers::{Question, Reader};
use super::chips::{Chip, check_size};
use super::error::RemoteError;
use super::gate::Call;
use super::plan::Days;
use super::transport::Request;
use super::{Answer, Asking, ChipWanted, Client, Inner};
use crate::contract::{ChipRow, Fault, SeriesKind, names, read};
use crate::model::Watch;
use crate::model::units::utc_day;
use crate::store::remote::{EntryKind, looks_like_tiff};

/// Days of one request for chips by place: two tiles and three orbits stay below the limit mostly.
const WINDOW_DAYS: i64 = 30;
/// Halves of halves of a window that a server gives nothing for.
const DEEPEST: u32 = 3;
/// A failure with status 500 is how JRC's server says that there is no product: it is not asked often.
const ATTEMPTS: u32 = 2;

/// Which background picture.
#[derive(Debug, Clone, PartialEq)]
pub struct BackgroundWanted {
    /// Centre, degrees east.
    pub lon: f64,
    /// Centre, degrees north.
    pub lat: f64,
    /// Side, pixels.
    pub pixels: u32,
    /// Side, m of the Mercator projection.
    pub extent_m: u32,
    /// Name of the map at the server.
    pub map: String,
}

/// Makes the question for some days.
type Ask = Arc<dyn Fn(Days) -> Question + Send + Sync>;

/// `None` when the server says nothing at all, as it does over its limits.
fn told<T>(bytes: &[u8], read: Reader<Vec<T>>) -> Result<Option<Vec<T>>, Fault> {
    if read::says_nothing(bytes) { Ok(None) } else { read(bytes).map(Some) }
}

fn told_chips(bytes: &[u8]) -> Result<Option<Vec<ChipRow>>, Fault> {
    told(bytes, read::chips)
}

fn told_products(bytes: &[u8]) -> Result<Option<Vec<String>>, Fault> {
    told(bytes, read::products)
}

impl Client {
    /// Names of the Sentinel-2 products that show a place, by sensing time.
    pub fn products(
        &self,
        lon: f64,
        lat: f64,
        chip_m: u32,
        days: (Date, Date),
        watch: &Watch,
    ) -> Result<Vec<String>, RemoteError> {
        check_size(chip_m)?;
        let ask = by_location(lon, lat, chip_m, "SCL", true);
        let days = Days { from: days.0, to: days.1 };
        let call = self.next_call();
        let mut found =
            self.run(watch, "rawChipByLocation", self.inner.windows(vec![days], ask, told_products, self.asking, call))?;
        found.sort_by_cached_key(|name| (names::s2(name).map(|name| name.sensed), name.clone()));
        found.dedup();
        Ok(found)
    }

    /// Chips of the scene classification around a place: all products of some days, by sensing time. For servers without histograms.
    pub fn scene_classes(
        &self,
        lon: f64,
        lat: f64,
        chip_m: u32,
        days: (Date, Date),
        watch: &Watch,
    ) -> Result<Vec<Chip>, RemoteError> {
        self.chips_by_location(lon, lat, chip_m, days, "SCL", watch)
    }

    /// Chips of one band around a place: all products of some days, by sensing time.
    pub fn chips_by_location(
        &self,
        lon: f64,
        lat: f64,
        chip_m: u32,
        days: (Date, Date),
        band: &'static str,
        watch: &Watch,
    ) -> Result<Vec<Chip>, RemoteError> {
        check_size(chip_m)?;
        let days = Days { from: days.0, to: days.1 };
        let ask = by_location(lon, lat, chip_m, band, false);
        let pair = |file: &str| {
            let (product, band) = file.strip_suffix(".tif")?.rsplit_once('.')?;
            Some((product.to_owned(), band.to_owned()))
        };
        self.listed_chips("rawChipByLocation", (lon, lat, chip_m), days.pieces(WINDOW_DAYS), ask, pair, watch)
    }

    /// Chips of Sentinel-1 around a place, both polarisations, by sensing time. `kind` is backscatter or coherence.
    pub fn s1_chips(
        &self,
        lon: f64,
        lat: f64,
        chip_m: u32,
        days: (Date, Date),
        kind: SeriesKind,
        watch: &Watch,
    ) -> Result<Vec<Chip>, RemoteError> {
        check_size(chip_m)?;
        let days = Days { from: days.0, to: days.1 };
        let level = match kind {
            SeriesKind::Backscatter => "CARD-BS",
            SeriesKind::Coherence => "CARD-COH6",
            SeriesKind::S2 => return Err(RemoteError::Refused("Sentinel-2 has no radar chips; ask for its products".to_owned())),
        };
        let ask: Ask = Arc::new(move |days: Days| {
            let dates = [days.from.to_string(), days.to.to_string()];
            let body = json!({ "lon": lon, "lat": lat, "dates": dates, "chipsize": chip_m, "plevel": level });
            let about = format!("the radar chips from {} to {}", days.from, days.to);
            let question = Question::new("rawS1ChipsBatch", about, Vec::new());
            Question { body: Some(body.to_string().into_bytes()), attempts: ATTEMPTS, ..question }
        });
        let pair = |file: &str| {
            let stem = file.strip_suffix(".tif")?;
            let (product, band) = stem.rsplit_once(['_', '.'])?;
            ["VV", "VH"].contains(&band).then(|| (product.to_owned(), band.to_owned()))
        };
        self.listed_chips("rawS1ChipsBatch", (lon, lat, chip_m), days.months(), ask, pair, watch)
    }

    /// Lists windows of time, then fetches what they list. An index may hold files of other days; they are left out.
    fn listed_chips(
        &self,
        route: &str,
        place: (f64, f64, u32),
        windows: Vec<Days>,
        ask: Ask,
        pair: fn(&str) -> Option<(String, String)>,
        watch: &Watch,
    ) -> Result<Vec<Chip>, RemoteError> {
        let (Some(first), Some(last)) = (windows.first().copied(), windows.last().copied()) else { return Ok(Vec::new()) };
        let call = self.next_call();
        self.run(watch, route, async {
            let rows = self.inner.windows(windows, ask, told_chips, self.asking, call).await?;
            let mut wanted: Vec<(Option<Timestamp>, ChipWanted, String)> = rows
                .into_iter()
                .filter_map(|row| {
                    let time = read::label_time(&row.label);
                    let near = time.is_none_or(|time| (first.from..=last.to).contains(&utc_day(time)));
                    let (product, band) = pair(&row.file).filter(|_| near)?;
                    let (lon, lat, chip_m) = place;
                    Some((time, ChipWanted { product, band, lon, lat, chip_m }, row.address))
                })
                .collect();
            wanted.sort_by(|a, b| (a.0, &a.1.product, &a.1.band).cmp(&(b.0, &b.1.product, &b.1.band)));
            wanted.dedup_by(|a, b| a.1 == b.1);
            watch.set_total(wanted.len() as u64);
            let mut chips: Vec<Option<Chip>> = vec![None; wanted.len()];
            let mut tasks = JoinSet::new();
            for (number, (_, chip, address)) in wanted.iter().enumerate() {
                if let Some(kept) = self.inner.kept_chip(chip) {
                    watch.advance(1);
                    chips[number] = Some(Ok(kept));
                } else if self.inner.silent(self.asking) {
                    chips[number] = Some(Err(RemoteError::Offline { what: format!("the chip {} {}", chip.product, chip.band) }));
                } else {
                    let (inner, chip, address) = (Arc::clone(&self.inner), chip.clone(), address.clone());
                    tasks.spawn(async move { (number, inner.fetch_chip(chip, address, call).await) });
                }
            }
            while let Some(done) = tasks.join_next().await {
                // A task that panicked leaves its chip out.
                let Ok((number, chip)) = done else { continue };
                watch.advance(1);
                chips[number] = Some(chip);
            }
            Ok(chips.into_iter().flatten().collect())
        })
    }

    /// A background picture as `GeoTIFF` in EPSG:3857; nothing when the server does not have that map.
    pub fn background(&self, wanted: &BackgroundWanted, watch: &Watch) -> Result<Answer<Option<PathBuf>>, RemoteError> {
        let place = vec![("lon", wanted.lon.to_string()), ("lat", wanted.lat.to_string())];
        self.background_at("backgroundByLocation", place, wanted, watch)
    }

    /// The same around a parcel; the place in `wanted` is not asked for.
    pub fn background_of_parcel(
        &self,
        pid: &str,
        wanted: &BackgroundWanted,
        watch: &Watch,
    ) -> Result<Answer<Option<PathBuf>>, RemoteError> {
        let mut place = self.inner.table();
        place.push(("pid", pid.to_owned()));
        self.background_at("backgroundByParcelID", place, wanted, watch)
    }

    fn background_at(
        &self,
        route: &'static str,
        place: Vec<(&'static str, String)>,
        wanted: &BackgroundWanted,
        watch: &Watch,
    ) -> Result<Answer<Option<PathBuf>>, RemoteError> {
        let mut query = place;
        query.extend([
            ("chipsize", wanted.pixels.to_string()),
            ("extend", wanted.extent_m.to_string()),
            ("tms", wanted.map.clone()),
            ("iformat", "tif".to_owned()),
            ("raw", "True".to_owned()),
        ]);
        let key = self.inner.key("background", query.iter().map(|(name, value)| (*name, value.as_str())));
        if let Some(entry) = self.inner.cache.entry(&key).filter(|_| self.asking != Asking::Again) {
            return Ok(Answer { value: entry.path, fetched: entry.fetched, from_cache: true, failure: None });
        }
        let about = format!("the background {}", wanted.map);
        if self.inner.silent(self.asking) {
            return Err(RemoteError::Offline { what: about });
        }
        let call = self.next_call();
        let question = Question::new(route, about, query);
        self.run(watch, route, async {
            let listed = self.inner.ask_once(&question, read::background, call).await?;
            let now = |value| Answer { value, fetched: Timestamp::now(), from_cache: false, failure: None };
            let Some(address) = listed else { return Ok(now(None)) };
            let mut file = self.inner.cache.new_file()?;
            let request = Request {
                route: "background",
                path: address,
                query: Vec::new(),
                body: None,
                limit_bytes: self.inner.transport.settings().chip_bytes,
                attempts: u32::MAX,
                call,
                about: wanted.map.clone(),
            };
            self.inner.transport.download(&request, file.as_file_mut()).await?;
            if !looks_like_tiff(file.path()) {
                return Err(self.inner.not_understood("background", Fault("the picture is no TIFF".to_owned())));
            }
            let path = self.inner.cache.put_file(&self.inner.source_key, &key, EntryKind::Picture, &wanted.map, file)?;
            Ok(now(Some(path)))
        })
    }
}

/// `rawChipByLocation` for some days.
fn by_location(lon: f64, lat: f64, chip_m: u32, band: &'static str, only_list: bool) -> Ask {
    Arc::new(move |days: Days| {
        let mut query = vec![
            ("lon", lon.to_string()),
            ("lat", lat.to_string()),
            ("start_date", days.from.to_string()),
            ("end_date", days.to.to_string()),
            ("band", band.to_owned()),
            ("chipsize", chip_m.to_string()),
        ];
        if only_list {
            query.push(("onlylist", "True".to_owned()));
        }
        let about = format!("the list of products from {} to {}", days.from, days.to);
        Question { attempts: ATTEMPTS, ..Question::new("rawChipByLocation", about, query) }
    })
}

impl Inner {
    /// What all windows list, side by side; a window that the server gives nothing for is halved a few times.
    async fn windows<T: Send + 'static>(
        self: &Arc<Self>,
        windows: Vec<Days>,
        ask: Ask,
        read: Reader<Option<Vec<T>>>,
        asking: Asking,
        call: Call,
    ) -> Result<Vec<T>, RemoteError> {
        let mut tasks = JoinSet::new();
        let spawn = |tasks: &mut JoinSet<_>, days: Days, depth: u32| {
            let (inner, ask) = (Arc::clone(self), Arc::clone(&ask));
            tasks.spawn(async move { (days, depth, inner.answer(&ask(days), read, asking, call).await) });
        };
        for days in windows {
            spawn(&mut tasks, days, 0);
        }
        let mut found = Vec::new();
        while let Some(done) = tasks.join_next().await {
            // A task that panicked found nothing.
            let Ok((days, depth, answer)) = done else { continue };
            match answer.map(|answer| answer.value) {
                Ok(Some(rows)) => found.extend(rows),
                Ok(None) if depth < DEEPEST => {
                    for half in days.halves().into_iter().flatten() {
                        spawn(&mut tasks, half, depth + 1);
                    }
                }
                // No product: JRC's server fails then.
                Ok(None) | Err(RemoteError::Status { code: 500, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Asks without keeping the answer: addresses of files are forgotten every night.
    async fn ask_once<T>(&self, question: &Question, read: Reader<T>, call: Call) -> Result<T, RemoteError> {
        let bytes = self.bytes(question, call).await?;
        read(&bytes).map_err(|fault| self.not_understood(question.route, fault))
    }
}
