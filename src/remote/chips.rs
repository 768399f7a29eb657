//! Chips of products by name: what is kept is not asked for, the rest comes in batches and several files at a time.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use tokio::task::JoinSet;

use super::answers::Question;
use super::error::RemoteError;
use super::gate::Call;
use super::plan::{Batch, batches};
use super::transport::Request;
use super::{ChipWanted, Client, Inner};
use crate::contract::{ChipRow, Fault, MAX_CHIP_M, read};
use crate::model::Watch;
use crate::store::remote::{EntryKind, Key, looks_like_tiff};

/// Which chips: all bands of all products around one place.
#[derive(Debug, Clone, PartialEq)]
pub struct ChipsWanted {
    /// Centre, degrees east.
    pub lon: f64,
    /// Centre, degrees north.
    pub lat: f64,
    /// Side, m.
    pub chip_m: u32,
    /// Product names without `.SAFE`.
    pub products: Vec<String>,
    /// Bands as on the wire.
    pub bands: Vec<String>,
}

/// A chip on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChipFile {
    /// Product name without `.SAFE`.
    pub product: String,
    /// Band as on the wire.
    pub band: String,
    /// Where it lies; it may leave the cache later.
    pub path: PathBuf,
    /// When the server gave it.
    pub fetched: Timestamp,
}

/// One chip, or why there is none.
pub(super) type Chip = Result<ChipFile, RemoteError>;

/// What a task has done.
enum Done {
    Listed(Batch, Result<Option<Vec<ChipRow>>, RemoteError>),
    Fetched((String, String), Chip),
}

impl Client {
    /// The chips of each product in the order asked, band by band.
    pub fn chips(&self, wanted: &ChipsWanted, watch: &Watch) -> Result<Vec<Chip>, RemoteError> {
        self.chips_as_they_come(wanted, watch, &mut |_, _| {})
    }

    /// The same; `each` hears of every chip (its place in the answer and the chip) as soon as it is there.
    pub fn chips_as_they_come(
        &self,
        wanted: &ChipsWanted,
        watch: &Watch,
        each: &mut dyn FnMut(usize, &Chip),
    ) -> Result<Vec<Chip>, RemoteError> {
        check_size(wanted.chip_m)?;
        let mut found = Found::new(wanted, watch, each);
        let mut missing = Vec::new();
        for pair in found.pairs() {
            if watch.cancelled() {
                return Err(RemoteError::Cancelled { place: self.inner.transport.place("rawChipsBatch") });
            }
            match self.inner.kept_chip(&wanted.chip(&pair)) {
                Some(chip) => found.settle(&pair, &Ok(chip)),
                None => missing.push(pair),
            }
        }
        if missing.is_empty() {
            return Ok(found.chips.into_iter().flatten().collect());
        }
        if self.inner.silent(self.asking) {
            return Ok(found.finish(|(product, band)| RemoteError::Offline { what: format!("the chip {product} {band}") }));
        }
        let call = self.next_call();
        self.run(watch, "rawChipsBatch", fetch_all(&self.inner, wanted, &missing, call, &mut found))?;
        let listed_not = |(product, band): &(String, String)| {
            self.inner.not_understood("rawChipsBatch", Fault(format!("it lists no chip {product} {band}")))
        };
        Ok(found.finish(listed_not))
    }
}

pub(super) fn check_size(chip_m: u32) -> Result<(), RemoteError> {
    if chip_m == 0 || chip_m > MAX_CHIP_M {
        let text = format!("chips of {chip_m} m cannot be had; servers cut them up to {MAX_CHIP_M} m: use a smaller margin");
        return Err(RemoteError::Refused(text));
    }
    Ok(())
}

impl ChipsWanted {
    fn chip(&self, (product, band): &(String, String)) -> ChipWanted {
        ChipWanted { product: product.clone(), band: band.clone(), lon: self.lon, lat: self.lat, chip_m: self.chip_m }
    }
}

/// What is known of each chip, and who wants to hear of it.
struct Found<'a> {
    chips: Vec<Option<Chip>>,
    places: BTreeMap<(String, String), Vec<usize>>,
    order: Vec<(String, String)>,
    watch: &'a Watch,
    each: &'a mut dyn FnMut(usize, &Chip),
}

impl<'a> Found<'a> {
    fn new(wanted: &ChipsWanted, watch: &'a Watch, each: &'a mut dyn FnMut(usize, &Chip)) -> Self {
        let mut places: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        let mut order = Vec::new();
        for product in &wanted.products {
            let product = product.strip_suffix(".SAFE").unwrap_or(product);
            for band in &wanted.bands {
                let pair = (product.to_owned(), band.clone());
                places.entry(pair.clone()).or_default().push(order.len());
                order.push(pair);
            }
        }
        watch.set_total(order.len() as u64);
        Self { chips: vec![None; order.len()], places, order, watch, each }
    }

    /// Each pair once, in the order asked.
    fn pairs(&self) -> Vec<(String, String)> {
        let first = |(place, pair): &(usize, &(String, String))| self.places[*pair].first() == Some(place);
        self.order.iter().enumerate().filter(first).map(|(_, pair)| pair.clone()).collect()
    }

    fn settle(&mut self, pair: &(String, String), chip: &Chip) {
        for &place in self.places.get(pair).into_iter().flatten() {
            if self.chips[place].is_none() {
                self.chips[place] = Some(chip.clone());
                self.watch.advance(1);
                (self.each)(place, chip);
            }
        }
    }

    fn open(&self) -> Vec<(String, String)> {
        self.pairs().into_iter().filter(|pair| self.places[pair].iter().any(|&place| self.chips[place].is_none())).collect()
    }

    /// What nothing was heard of gets an error.
    fn finish(mut self, error: impl Fn(&(String, String)) -> RemoteError) -> Vec<Chip> {
        for pair in self.open() {
            let chip = Err(error(&pair));
            self.settle(&pair, &chip);
        }
        self.chips.into_iter().flatten().collect()
    }
}

/// Batches and downloads side by side: files of the first batch come while the last one is still being cut.
async fn fetch_all(
    inner: &Arc<Inner>,
    wanted: &ChipsWanted,
    missing: &[(String, String)],
    call: Call,
    found: &mut Found<'_>,
) -> Result<(), RemoteError> {
    let mut tasks = JoinSet::new();
    let list = |tasks: &mut JoinSet<Done>, batch: Batch| {
        let (inner, place) = (Arc::clone(inner), (wanted.lon, wanted.lat, wanted.chip_m));
        tasks.spawn(async move {
            let rows = inner.list_batch(&batch, place, call).await;
            Done::Listed(batch, rows)
        });
    };
    for batch in batches(missing) {
        list(&mut tasks, batch);
    }
    while let Some(done) = tasks.join_next().await {
        let error = match done {
            Ok(Done::Listed(batch, Ok(None))) => {
                // Over a limit of the server, or it failed inside: smaller batches tell.
                for half in batch.halves().into_iter().flatten() {
                    list(&mut tasks, half);
                }
                continue;
            }
            Ok(Done::Listed(batch, Ok(Some(rows)))) => {
                for (pair, address) in matches(&batch, &rows) {
                    let (inner, chip) = (Arc::clone(inner), wanted.chip(&pair));
                    tasks.spawn(async move { Done::Fetched(pair, inner.fetch_chip(chip, address, call).await) });
                }
                continue;
            }
            Ok(Done::Listed(batch, Err(error))) => {
                for product in &batch.products {
                    for band in &batch.bands {
                        found.settle(&(product.clone(), band.clone()), &Err(error.clone()));
                    }
                }
                error
            }
            Ok(Done::Fetched(pair, chip)) => {
                found.settle(&pair, &chip);
                match chip {
                    Ok(_) => continue,
                    Err(error) => error,
                }
            }
            // A task that panicked or was stopped: its chips stay open.
            Err(_ended) => continue,
        };
        if error.concerns_all() {
            tasks.abort_all();
            for pair in found.open() {
                found.settle(&pair, &Err(error.clone()));
            }
            break;
        }
    }
    Ok(())
}

/// Chips of a batch that the answer lists. It may list many more.
fn matches(batch: &Batch, rows: &[ChipRow]) -> Vec<((String, String), String)> {
    let addresses: BTreeMap<&str, &str> = rows.iter().map(|row| (row.file.as_str(), row.address.as_str())).collect();
    let pairs = batch.products.iter().flat_map(|product| batch.bands.iter().map(move |band| (product, band)));
    pairs
        .filter_map(|(product, band)| {
            let address = addresses.get(format!("{product}.{band}.tif").as_str())?;
            Some(((product.clone(), band.clone()), (*address).to_owned()))
        })
        .collect()
}

impl Inner {
    fn chip_key(&self, chip: &ChipWanted) -> Key {
        let (lon, lat, side) = (chip.lon.to_string(), chip.lat.to_string(), chip.chip_m.to_string());
        self.key("chip", [("lon", &*lon), ("lat", &*lat), ("m", &*side), ("product", &*chip.product), ("band", &*chip.band)])
    }

    /// A chip that is on disk already.
    pub(super) fn kept_chip(&self, chip: &ChipWanted) -> Option<ChipFile> {
        let entry = self.cache.entry(&self.chip_key(chip))?;
        Some(ChipFile { product: chip.product.clone(), band: chip.band.clone(), path: entry.path?, fetched: entry.fetched })
    }

    /// Where the files of a batch lie; `None` when the server says nothing at all. The list is not kept: servers forget their files every night.
    async fn list_batch(&self, batch: &Batch, place: (f64, f64, u32), call: Call) -> Result<Option<Vec<ChipRow>>, RemoteError> {
        let (lon, lat, side) = place;
        let body = json!({ "lon": lon, "lat": lat, "tiles": batch.products, "bands": batch.bands, "chipsize": side });
        let about = format!("{} products", batch.products.len());
        let question =
            Question { body: Some(body.to_string().into_bytes()), ..Question::new("rawChipsBatch", about, Vec::new()) };
        let bytes = self.bytes(&question, call).await?;
        if read::says_nothing(&bytes) {
            return Ok(None);
        }
        read::chips(&bytes).map(Some).map_err(|fault| self.not_understood("rawChipsBatch", fault))
    }

    /// Downloads, checks and keeps a chip.
    pub(super) async fn fetch_chip(self: Arc<Self>, chip: ChipWanted, address: String, call: Call) -> Chip {
        let mut file = self.cache.new_file()?;
        let request = Request {
            route: "chip",
            path: address,
            query: Vec::new(),
            body: None,
            limit_bytes: self.transport.settings().chip_bytes,
            attempts: u32::MAX,
            call,
            about: format!("{} {}", chip.product, chip.band),
        };
        self.transport.download(&request, file.as_file_mut()).await?;
        let name = request.about;
        let wrong = |inner: &Self, reason: String| {
            let error = RemoteError::WrongChip { chip: name.clone(), host: inner.transport.host().to_owned(), reason };
            inner.transport.monitor().failed(&error, 1, 1);
            error
        };
        let inner = Arc::clone(&self);
        let checked = tokio::task::spawn_blocking(move || {
            if !looks_like_tiff(file.path()) {
                let bytes = std::fs::read(file.path()).unwrap_or_default();
                return Err(Ok(format!("it is no GeoTIFF but {}", read::gist(&bytes))));
            }
            (inner.check)(file.path(), &chip).map_err(Ok)?;
            let label = format!("{} {}", chip.product, chip.band);
            let path = inner.cache.put_file(&inner.source_key, &inner.chip_key(&chip), EntryKind::Chip, &label, file);
            path.map(|path| (chip, path)).map_err(Err)
        });
        match checked.await {
            Ok(Ok((chip, path))) => Ok(ChipFile { product: chip.product, band: chip.band, path, fetched: Timestamp::now() }),
            Ok(Err(Ok(reason))) => Err(wrong(&self, reason)),
            Ok(Err(Err(error))) => Err(RemoteError::Cache(error)),
            Err(_panicked) => Err(wrong(&self, "it could not be opened".to_owned())),
        }
    }
}
