//! What tells products, parcels and files apart, the same on every machine.

use std::path::Path;

use crate::model::{Catalog, Granule, ParcelIx, Parcels, Sensor};
use crate::project::tables::is_values_only;
use crate::project::{Dataset, load};
use crate::store::chips::{ChipError, Chips, Key, SourceFile};

/// Name under which the catalogue is kept.
pub(super) const CATALOG: &str = "catalog";

/// Fingerprint of a parcel: its outline and the CRS, whatever its id or its row.
pub fn parcel_key(parcels: &Parcels, parcel: ParcelIx) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(parcels.crs().label().as_bytes());
    for (_, ring) in parcels.rings(parcel) {
        hasher.update(b"ring");
        hasher.update(bytemuck::cast_slice(ring));
    }
    short(&hasher)
}

/// Fingerprint of a product: what it is and how its bands lie in its files, wherever these are.
pub fn product_key(sensor: Sensor, granule: &Granule) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{} {} {}", sensor.code(), granule.acquired, granule.name).as_bytes());
    for asset in &granule.bands {
        let file = asset.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        hasher.update(format!("{} {file} {} {:?}", asset.band, asset.band_number, asset.grid).as_bytes());
    }
    short(&hasher)
}

fn short(hasher: &blake3::Hasher) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    key
}

/// The files of a product as they are now, each once; those that are not there are left out.
pub(in crate::project) fn files_of(granule: &Granule, project: &Path) -> Vec<SourceFile> {
    let base = project.parent().unwrap_or(Path::new(""));
    let mut paths: Vec<&Path> = granule.bands.iter().map(|asset| asset.path.as_path()).collect();
    paths.sort_unstable();
    paths.dedup();
    let about = |path: &Path| {
        // Not there: the caller compares lists.
        let metadata = std::fs::metadata(path).ok()?;
        let modified = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(SourceFile { path: load::relative(base, path), bytes: metadata.len(), modified_ns: modified.as_nanos() as i64 })
    };
    paths.into_iter().filter_map(about).collect()
}

/// Keeps the catalogue with paths relative to the project, so that the project opens where its images are not.
pub(super) fn keep_catalog(chips: &Chips, data: &Dataset, project: &Path) -> anyhow::Result<()> {
    let base = project.parent().unwrap_or(Path::new(""));
    let mut catalog = Catalog { problems: Vec::new(), ..data.catalog.as_ref().clone() };
    // Those of tables come from the tables.
    catalog.acquisitions.retain(|acquisition| !is_values_only(acquisition));
    rewrite(&mut catalog, |path| load::relative(base, path));
    Ok(chips.set_about(CATALOG, &serde_json::to_vec(&catalog)?)?)
}

/// The kept catalogue, its paths as seen from a project; `None` when none is kept.
pub(super) fn kept_catalog(chips: &Chips, project: &Path) -> Result<Option<Catalog>, ChipError> {
    let Some(bytes) = chips.about(CATALOG)? else { return Ok(None) };
    let mut catalog: Catalog = serde_json::from_slice(&bytes)
        .map_err(|error| ChipError::Unusable { fact: error.to_string(), path: chips.path().to_owned() })?;
    rewrite(&mut catalog, |path| load::resolve(project, path));
    Ok(Some(catalog))
}

/// Changes every path of a catalogue.
pub(super) fn rewrite(catalog: &mut Catalog, change: impl Fn(&Path) -> std::path::PathBuf) {
    let granules = catalog.acquisitions.iter_mut().flat_map(|acquisition| &mut acquisition.granules);
    for asset in granules.flat_map(|granule| &mut granule.bands) {
        asset.path = change(&asset.path);
    }
}
