//! Fingerprints of all that decides an observation.

use std::collections::HashSet;
use std::path::Path;

use rayon::prelude::*;

use crate::engine::ENGINE_VERSION;
use crate::model::units::float_key;
use crate::model::{Acquisition, Granule, ParcelIx, Parcels};
use crate::project::extract::ExtractOptions;
use crate::project::prepare::{files_of, parcel_key, product_key};
use crate::store::observations::{ID_BYTES, ParcelKey};

/// Pixel rule, buffer, mask, bands, units, histogram, and what computes: as JSON, and its fingerprint.
pub(super) fn settings_key(options: &ExtractOptions) -> (String, String) {
    let settings = &options.settings;
    let mut bands: Vec<&str> = options.bands.iter().map(crate::model::Band::as_str).collect();
    bands.sort_unstable();
    bands.dedup();
    let text = serde_json::json!({
        "engine_version": ENGINE_VERSION,
        "pixels": format!("{:?}", settings.pixels).to_lowercase(),
        // Zero has two signs that mean the same.
        "buffer_m": settings.buffer_m + 0.0,
        "mask": settings.mask.classes(),
        "bands": bands,
        "backscatter": format!("{:?}", options.backscatter).to_lowercase(),
        "scl_histogram": options.scl_histogram,
    })
    .to_string();
    (hex(&blake3::hash(text.as_bytes()).as_bytes()[..16]), text)
}

/// An acquisition in the state in which its files are.
#[derive(Debug)]
pub(super) struct Identity {
    /// Fingerprint of what it is, of its products, and of their files' lengths and times.
    pub key: String,
    /// Names of its products, one a line: what stays when files change.
    pub products: String,
    /// Its files with lengths and times, as JSON.
    pub sources: String,
}

impl Identity {
    /// Looks at the files; their paths are told from where the store's folder is.
    pub(super) fn new(acquisition: &Acquisition, folder: &Path) -> Self {
        let Acquisition { sensor, acquired, first, platform, relative_orbit, pass, pass_origin: _, granules } = acquisition;
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{} {acquired} {first:?} {platform:?} {relative_orbit:?} {pass:?}", sensor.code()).as_bytes());
        let (mut products, mut sources) = (String::new(), Vec::new());
        for granule in granules {
            hasher.update(b"product");
            hasher.update(&product_key(*sensor, granule));
            hasher.update(format!("{:?} {:?}", granule.tile, granule.baseline).as_bytes());
            for asset in &granule.bands {
                let numbers = [asset.scale, asset.offset].map(float_key);
                hasher.update(format!("{:?} {numbers:?} {:?}", asset.quantity, asset.nodata.map(float_key)).as_bytes());
            }
            let files = files_of(granule, folder);
            for file in &files {
                let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned());
                hasher.update(format!("{name:?} {} {}", file.bytes, file.modified_ns).as_bytes());
            }
            sources.extend(files);
            products.push_str(&hex(
                &blake3::hash(format!("{} {} {}", sensor.code(), granule.acquired, granule.name).as_bytes()).as_bytes()[..8]
            ));
            products.push('\n');
        }
        let sources = serde_json::json!(sources).to_string();
        Self { key: hex(&hasher.finalize().as_bytes()[..16]), products, sources }
    }
}

/// Keys of the chosen parcels.
pub(super) struct ParcelKeys {
    /// The chosen parcels, by position.
    pub order: Vec<ParcelIx>,
    keys: Vec<ParcelKey>,
    /// Keys with their positions, ascending.
    sorted: Vec<(ParcelKey, u32)>,
    /// Keys of all parcels of the table that have a chosen id, ascending.
    current: Vec<ParcelKey>,
}

impl ParcelKeys {
    /// Keys of parcels of a table.
    pub(super) fn new(table: &Parcels, order: &[ParcelIx]) -> Self {
        let keys: Vec<ParcelKey> = order.par_iter().map(|&parcel| key_of(table, parcel)).collect();
        let mut sorted: Vec<(ParcelKey, u32)> = keys.iter().copied().zip(0..).collect();
        sorted.par_sort_unstable();
        let mut current = keys.clone();
        if order.len() < table.len() {
            let chosen: HashSet<ParcelIx> = order.iter().copied().collect();
            let ids: HashSet<&str> = order.iter().map(|&parcel| table.id(parcel)).collect();
            let others = table.iter().filter(|parcel| ids.contains(table.id(*parcel)) && !chosen.contains(parcel));
            current.extend(others.map(|parcel| key_of(table, parcel)));
        }
        current.par_sort_unstable();
        Self { order: order.to_vec(), keys, sorted, current }
    }

    /// The key at a position.
    pub(super) fn of(&self, position: u32) -> ParcelKey {
        self.keys[position as usize]
    }

    /// Positions of a key: none when it is not wanted, several when the table has a parcel more than once.
    pub(super) fn positions(&self, key: &ParcelKey) -> impl Iterator<Item = u32> {
        let from = self.sorted.partition_point(|(other, _)| other < key);
        self.sorted[from..].iter().take_while(move |(other, _)| other == key).map(|(_, position)| *position)
    }

    /// True for a former outline of a chosen parcel.
    pub(super) fn stale(&self, key: &ParcelKey) -> bool {
        let id = &key[..ID_BYTES];
        let from = self.current.partition_point(|other| &other[..ID_BYTES] < id);
        let mut same = self.current[from..].iter().take_while(|other| &other[..ID_BYTES] == id).peekable();
        same.peek().is_some() && same.all(|other| other != key)
    }
}

pub(super) fn key_of(table: &Parcels, parcel: ParcelIx) -> ParcelKey {
    let mut outline = blake3::Hasher::new();
    outline.update(&parcel_key(table, parcel));
    for (part, ring) in table.rings(parcel) {
        outline.update(&(part as u64).to_le_bytes());
        outline.update(&(ring.len() as u64).to_le_bytes());
    }
    let mut key = ParcelKey::default();
    key[..ID_BYTES].copy_from_slice(&blake3::hash(table.id(parcel).as_bytes()).as_bytes()[..ID_BYTES]);
    let rest = key.len() - ID_BYTES;
    key[ID_BYTES..].copy_from_slice(&outline.finalize().as_bytes()[..rest]);
    key
}

/// Tile of a product, or the CRS of its grid, as a part of a folder's name.
pub(super) fn tile_label(granule: &Granule) -> String {
    let known = granule.tile.clone().or_else(|| granule.finest_grid().map(|grid| grid.crs.label()));
    known.unwrap_or_else(|| "unknown".to_owned()).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// Bytes as text.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// A parcel key from its text.
pub(super) fn parcel_key_of(text: &str) -> Option<ParcelKey> {
    let mut key = ParcelKey::default();
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    (text.len() == 2 * key.len()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_from_its_text() {
        let key: ParcelKey = std::array::from_fn(|at| at as u8 * 11);
        assert_eq!(parcel_key_of(&hex(&key)), Some(key));
        assert_eq!(parcel_key_of("00"), None);
        assert_eq!(parcel_key_of(&"x".repeat(48)), None);
    }
}
