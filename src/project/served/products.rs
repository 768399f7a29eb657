//! One name for every product of the catalogue, and the product of every name.

use std::collections::HashMap;

use crate::contract::write::{ProductFacts, is_product_name, product_name, stamp};
use crate::io::crs;
use crate::model::{AcquisitionIx, Catalog, Crs, Granule, Grid, Sensor};

/// A product with the name that clients know it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Acquisition.
    pub acquisition: AcquisitionIx,
    /// Position among the acquisition's products.
    pub granule: u8,
    /// Name without `.SAFE`: the product's own where it is one of ESA's, else one in ESA's pattern.
    pub name: String,
    /// `YYYYMMDDTHHMMSS`, the first time in the name.
    pub label: String,
}

/// All products, in catalogue order.
#[derive(Debug, Clone, Default)]
pub struct Products {
    rows: Vec<Product>,
    by_name: HashMap<String, usize>,
    by_place: HashMap<(AcquisitionIx, u8), usize>,
}

impl Products {
    /// Names the products of a catalogue. Names of ESA stay, also when others would be given the same.
    pub fn of(catalog: &Catalog) -> Self {
        let places: Vec<(AcquisitionIx, u8, &Granule)> = catalog
            .iter()
            .flat_map(|(ix, acquisition)| (0u8..).zip(&acquisition.granules).map(move |(number, granule)| (ix, number, granule)))
            .collect();
        let mut names: Vec<Option<String>> = vec![None; places.len()];
        let mut by_name: HashMap<String, usize> = HashMap::new();
        for (at, (.., granule)) in places.iter().enumerate() {
            let own = granule.name.strip_suffix(".SAFE").unwrap_or(&granule.name);
            if is_product_name(own) && !by_name.contains_key(own) {
                by_name.insert(own.to_owned(), at);
                names[at] = Some(own.to_owned());
            }
        }
        let mut rows = Vec::with_capacity(places.len());
        for (at, &(acquisition, granule, about)) in places.iter().enumerate() {
            let name = names[at].take().unwrap_or_else(|| free_name(catalog, acquisition, about, &by_name));
            by_name.insert(name.clone(), at);
            let label = label_of(&name).unwrap_or_else(|| stamp(about.acquired));
            rows.push(Product { acquisition, granule, name, label });
        }
        let by_place = rows.iter().enumerate().map(|(at, row)| ((row.acquisition, row.granule), at)).collect();
        Self { rows, by_name, by_place }
    }

    /// All of them.
    pub fn rows(&self) -> &[Product] {
        &self.rows
    }

    /// The product of a name, with or without `.SAFE`.
    pub fn find(&self, name: &str) -> Option<&Product> {
        self.by_name.get(name.strip_suffix(".SAFE").unwrap_or(name)).map(|&at| &self.rows[at])
    }

    /// A product by its place in the catalogue, with its number from 1.
    pub fn at(&self, acquisition: AcquisitionIx, granule: u8) -> Option<(u32, &Product)> {
        self.by_place.get(&(acquisition, granule)).map(|&at| (at as u32 + 1, &self.rows[at]))
    }
}

fn free_name(catalog: &Catalog, ix: AcquisitionIx, granule: &Granule, taken: &HashMap<String, usize>) -> String {
    let acquisition = catalog.get(ix);
    let found = granule.finest_grid().and_then(tile_of);
    let tile = granule.tile.as_deref().or(found.as_deref()).unwrap_or("00XXX");
    let mut facts = ProductFacts {
        sensor: acquisition.sensor,
        platform: &acquisition.platform,
        acquired: granule.acquired,
        first: acquisition.first.filter(|_| acquisition.sensor == Sensor::S1Coherence),
        baseline: granule.baseline.as_deref(),
        relative_orbit: acquisition.relative_orbit,
        tile,
        twin: 0,
    };
    loop {
        let name = product_name(&facts);
        if !taken.contains_key(&name) {
            return name;
        }
        facts.twin += 1;
    }
}

/// The first time in a name.
fn label_of(name: &str) -> Option<String> {
    let is_time = |part: &&str| {
        part.len() == 15 && part.bytes().enumerate().all(|(at, byte)| if at == 8 { byte == b'T' } else { byte.is_ascii_digit() })
    };
    name.split('_').find(is_time).map(str::to_owned)
}

/// MGRS square of the middle of a grid.
fn tile_of(grid: &Grid) -> Option<String> {
    const SQUARE: f64 = 100_000.0;
    let centre = grid.bounds().center();
    let mut point = [[centre.0, centre.1]];
    // A grid in a system that cannot be transformed has no square; its name then says so.
    crs::transform_points(&mut point, &grid.crs, &crs::WGS84).ok()?;
    let [lon, lat] = point[0];
    if !(-80.0..84.0).contains(&lat) || !lon.is_finite() {
        return None;
    }
    let Crs::Epsg(code) = crs::utm_zone(lon, lat) else { return None };
    crs::transform_points(&mut point, &crs::WGS84, &Crs::Epsg(code)).ok()?;
    let [x, y] = point[0];
    let zone = code % 100;
    let letter = |letters: &str, at: usize| letters.as_bytes().get(at).copied().map(char::from);
    let band = letter("CDEFGHJKLMNPQRSTUVWXX", ((lat + 80.0) / 8.0) as usize)?;
    let columns = ["STUVWXYZ", "ABCDEFGH", "JKLMNPQR"][zone as usize % 3];
    let column = letter(columns, ((x / SQUARE) as usize).checked_sub(1)?)?;
    let shift = if zone.is_multiple_of(2) { 5 } else { 0 };
    let row = letter("ABCDEFGHJKLMNPQRSTUV", ((y / SQUARE) as usize + shift) % 20)?;
    Some(format!("{zone:02}{band}{column}{row}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Acquisition;
    use crate::model::catalog::Origin;

    const OWN: &str = "S2A_MSIL2A_20190617T104029_N0212_R008_T31UFU_20190617T131553";

    fn catalog(names: &[&str]) -> Catalog {
        let acquired = "2019-06-17T10:40:29Z".parse().expect("valid");
        let granule = |name: &&str| Granule {
            name: (*name).to_owned(),
            acquired,
            tile: Some("31UFU".to_owned()),
            baseline: None,
            boa_offset_dn: 0.0,
            offset_origin: Origin::Metadata,
            clear_share: None,
            bands: Vec::new(),
            calibration: None,
            synthetic: false,
            remote: false,
        };
        let acquisition = Acquisition {
            sensor: Sensor::S2,
            acquired,
            first: None,
            platform: "S2A".to_owned(),
            relative_orbit: Some(8),
            pass: None,
            pass_origin: Origin::Name,
            granules: names.iter().map(granule).collect(),
        };
        Catalog { acquisitions: vec![acquisition], problems: Vec::new() }
    }

    #[test]
    fn every_product_has_a_name_of_its_own_and_the_name_leads_back() {
        let names = ["a", "b", "S2A_MSIL2A_20190617T104029_N0000_R008_T31UFU_20190617T104029", OWN, &format!("{OWN}.SAFE"), "a"];
        let products = Products::of(&catalog(&names));
        assert_eq!(products.rows().len(), names.len());
        for (at, row) in products.rows().iter().enumerate() {
            assert_eq!(products.find(&row.name), Some(row));
            assert_eq!(products.find(&format!("{}.SAFE", row.name)), Some(row));
            assert_eq!(products.at(row.acquisition, row.granule), Some((at as u32 + 1, row)));
            assert!(is_product_name(&row.name) && row.label == "20190617T104029", "{row:?}");
        }
        assert_eq!((products.rows()[2].name.as_str(), products.rows()[3].name.as_str()), (names[2], OWN));
        assert!(products.find("a").is_none());
    }

    #[test]
    fn the_square_of_known_places_is_found() {
        let grid = |epsg: u32, left: f64, top: f64| Grid {
            crs: Crs::Epsg(epsg),
            left,
            top,
            pixel_x: 10.0,
            pixel_y: 10.0,
            width: 10,
            height: 10,
        };
        for (epsg, left, top, tile) in [
            (32631, 574_000.0, 5_622_000.0, "31UES"),
            (32631, 650_000.0, 5_650_000.0, "31UFS"),
            (32632, 650_000.0, 4_950_000.0, "32TPQ"),
            (32633, 650_000.0, 5_350_000.0, "33UXP"),
            (32735, 350_000.0, 7_150_000.0, "35JLM"),
        ] {
            assert_eq!(tile_of(&grid(epsg, left, top)).as_deref(), Some(tile));
        }
    }
}
