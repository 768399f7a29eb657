//! The acquisitions of a server, as far as its answers about parcels have told of them.
//!
//! A server has no list of acquisitions: each parcel brings its own. They are put together as they come, and rows of the catalogue
//! that results are made of only ever hold what was known when it was made.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::contract::names;
use crate::contract::{AcquisitionKey, AcquisitionRow};
use crate::model::catalog::{Calibration, Origin, Quantity};
use crate::model::{Acquisition, AcquisitionIx, Band, BandAsset, Catalog, Crs, Granule, Grid, Sensor};

/// Granules of one pass are sensed within this time.
const ONE_PASS_SECS: i64 = 15 * 60;

/// What all parcels have told so far.
#[derive(Debug, Default)]
pub(super) struct Union {
    acquisitions: Vec<Acquisition>,
    /// Place in `acquisitions` of every key that has come.
    places: HashMap<AcquisitionKey, usize>,
}

/// A catalogue, and where the rows of the server stand in it.
#[derive(Debug, Default)]
pub(in crate::project) struct Index {
    acquisitions: HashMap<AcquisitionKey, AcquisitionIx>,
    granules: HashMap<(AcquisitionIx, String), u8>,
}

impl Union {
    /// Takes in what a parcel brings; true when some of it was not known.
    pub(super) fn add(&mut self, rows: &[AcquisitionRow]) -> bool {
        let mut grown = false;
        for row in rows {
            let place = if let Some(&place) = self.places.get(&row.key) {
                place
            } else {
                grown = true;
                let place = self.place_for(&row.key);
                self.places.insert(row.key.clone(), place);
                place
            };
            let acquisition = &mut self.acquisitions[place];
            if !acquisition.granules.iter().any(|granule| granule.name == row.product) && acquisition.granules.len() < 255 {
                grown = true;
                acquisition.acquired = acquisition.acquired.min(row.key.time);
                acquisition.granules.push(granule(row));
                acquisition.granules.sort_by(|a, b| a.name.cmp(&b.name));
            }
        }
        grown
    }

    fn place_for(&mut self, key: &AcquisitionKey) -> usize {
        let same = |own: &Acquisition| {
            own.sensor == key.sensor
                && own.platform == key.platform
                && own.relative_orbit == key.relative_orbit
                && own.pass == key.pass
                && own.first == key.first
                && (own.acquired.as_second() - key.time.as_second()).abs() <= ONE_PASS_SECS
        };
        self.acquisitions.iter().position(same).unwrap_or_else(|| {
            self.acquisitions.push(Acquisition {
                sensor: key.sensor,
                acquired: key.time,
                first: key.first,
                platform: key.platform.clone(),
                relative_orbit: key.relative_orbit,
                pass: key.pass,
                pass_origin: Origin::Name,
                granules: Vec::new(),
            });
            self.acquisitions.len() - 1
        })
    }

    /// Adds them to the acquisitions of local images. One that is there as an image is not added: the image shows more.
    pub(super) fn join(&self, catalog: &mut Catalog) -> Index {
        let local: Vec<Acquisition> = std::mem::take(&mut catalog.acquisitions);
        let image = |own: &Acquisition| {
            local.iter().position(|other| {
                (other.sensor, other.relative_orbit) == (own.sensor, own.relative_orbit)
                    && (other.acquired.as_second() - own.acquired.as_second()).abs() <= ONE_PASS_SECS
            })
        };
        let mut numbered: Vec<(Result<usize, usize>, Acquisition)> = self
            .acquisitions
            .iter()
            .enumerate()
            .filter(|(_, own)| image(own).is_none())
            .map(|(at, own)| (Err(at), own.clone()))
            .collect();
        numbered.extend(local.into_iter().enumerate().map(|(at, own)| (Ok(at), own)));
        numbered.sort_by(|(_, a), (_, b)| Catalog::order(a, b));
        let rows: HashMap<usize, AcquisitionIx> =
            (0..).zip(&numbered).filter_map(|(ix, (at, _))| Some((at.err()?, AcquisitionIx(ix)))).collect();
        catalog.acquisitions = numbered.into_iter().map(|(_, own)| own).collect();
        let acquisitions =
            self.places.iter().filter_map(|(key, place)| Some((key.clone(), *rows.get(place)?))).collect::<HashMap<_, _>>();
        let mut granules = HashMap::new();
        for (place, own) in self.acquisitions.iter().enumerate() {
            let Some(&ix) = rows.get(&place) else { continue };
            granules.extend((0u8..).zip(&own.granules).map(|(number, granule)| ((ix, granule.name.clone()), number)));
        }
        Index { acquisitions, granules }
    }
}

impl Index {
    /// The catalogue's row; `None` when it came later than the catalogue, or stands for an image that is here.
    pub(super) fn acquisition(&self, key: &AcquisitionKey) -> Option<AcquisitionIx> {
        self.acquisitions.get(key).copied()
    }

    /// Number of a product among those of its acquisition.
    pub(super) fn granule(&self, acquisition: AcquisitionIx, product: &str) -> Option<u8> {
        self.granules.get(&(acquisition, product.to_owned())).copied()
    }
}

fn granule(row: &AcquisitionRow) -> Granule {
    let mut bands: Vec<BandAsset> = row.bands.iter().map(|(band, pixel_m)| asset(row, band, *pixel_m)).collect();
    bands.sort_by(|a, b| a.band.cmp(&b.band));
    let radar = row.key.sensor == Sensor::S1Backscatter;
    Granule {
        name: row.product.clone(),
        acquired: row.acquired,
        tile: row.tile.clone(),
        baseline: row.baseline.clone(),
        boa_offset_dn: row.boa_offset_dn,
        offset_origin: Origin::Metadata,
        clear_share: None,
        bands,
        // CARD products are gamma-nought; a server of one's own does not say.
        calibration: (radar && row.product.starts_with("S1") && row.product.contains("_IW_")).then_some(Calibration::Gamma0),
        synthetic: row.synthetic,
        remote: true,
    }
}

fn asset(row: &AcquisitionRow, band: &str, pixel_m: f64) -> BandAsset {
    let band = Band::parse(band).unwrap_or_else(|| Band::new(band));
    let (quantity, scale, offset) = match (row.key.sensor, band.as_str()) {
        (Sensor::S2, "SCL") => (Quantity::SceneClass, 1.0, 0.0),
        (Sensor::S2, _) => (Quantity::Reflectance, 1.0 / row.quantification, row.boa_offset_dn / row.quantification),
        (Sensor::S1Backscatter, _) => (Quantity::LinearPower, 1.0, 0.0),
        (Sensor::S1Coherence, _) => (Quantity::Coherence, 1.0, 0.0),
    };
    let tile = row.tile.as_deref().and_then(|tile| names::tile_grid(tile, pixel_m));
    let grid = tile.filter(|grid| grid.crs == Crs::Epsg(row.epsg)).unwrap_or_else(|| zone_grid(row.epsg, pixel_m));
    let path = PathBuf::from(format!("{}.{band}", row.product));
    BandAsset { band, path, band_number: 1, grid, nodata: Some(0.0), quantity, scale, offset }
}

/// Pixels over a whole zone, for products of which no place is known: their chips tell where they are.
fn zone_grid(epsg: u32, pixel_m: f64) -> Grid {
    let (width, height) = (1_000_000.0, 10_000_000.0);
    Grid {
        crs: Crs::Epsg(epsg),
        left: 0.0,
        top: height,
        pixel_x: pixel_m,
        pixel_y: pixel_m,
        width: (width / pixel_m) as usize,
        height: (height / pixel_m) as usize,
    }
}
