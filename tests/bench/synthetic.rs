//! A synthetic country: as many parcels as asked for, always the same ones, in a `GeoPackage`. No field of it exists.

use std::path::{Path, PathBuf};

use gdal::DriverManager;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{Feature, Geometry, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType};

/// Distance of neighbouring parcels, m.
const PITCH: f64 = 120.0;
/// Edge of a municipality, in parcels; a register lists one after the other.
const MUNICIPALITY: u64 = 50;
/// One cell in so many is no field.
const GAP: u64 = 10;

const CROPS: [&str; 24] = [
    "Permanent grassland",
    "Winter wheat",
    "Silage maize",
    "Temporary grassland",
    "Winter barley",
    "Potatoes",
    "Sugar beet",
    "Grain maize",
    "Winter rapeseed",
    "Flax",
    "Spring barley",
    "Peas",
    "Chicory",
    "Oats",
    "Spelt",
    "Apples",
    "Triticale",
    "Onions",
    "Carrots",
    "Lucerne",
    "Fallow land",
    "Field beans",
    "Hops",
    "Vineyard",
];

/// Well mixed bits of a number (`SplitMix64`).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// 0 to 1 by two numbers.
fn share(x: u64, y: u64, salt: u64) -> f64 {
    (mixed(x.wrapping_mul(0x1_0000_0001) ^ mixed(y ^ salt << 40)) >> 11) as f64 / (1u64 << 53) as f64
}

/// A node of the net of boundaries, in EPSG:3035; half steps lie on edges. Neighbours share their nodes.
fn node(x2: u64, y2: u64) -> [f64; 2] {
    let jitter = |salt| (share(x2, y2, salt) - 0.5) * PITCH * 0.4;
    [3_890_000.0 + x2 as f64 * PITCH / 2.0 + jitter(1), 3_040_000.0 + y2 as f64 * PITCH / 2.0 + jitter(2)]
}

/// The outline of a cell: eight corners.
fn outline(x: u64, y: u64) -> Vec<[f64; 2]> {
    const AROUND: [(u64, u64); 8] = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)];
    AROUND.iter().map(|(dx, dy)| node(2 * x + dx, 2 * y + dy)).collect()
}

fn wkb(ring: &[[f64; 2]]) -> Vec<u8> {
    let mut bytes = vec![1, 3, 0, 0, 0, 1, 0, 0, 0];
    bytes.extend((ring.len() as u32 + 1).to_le_bytes());
    ring.iter().chain(ring.first()).flatten().for_each(|number| bytes.extend(number.to_le_bytes()));
    bytes
}

/// Cells that are fields, municipality by municipality and in no order inside them.
fn cells(parcels: u64) -> impl Iterator<Item = (u64, u64)> {
    let towns = ((parcels as f64 * 1.12).sqrt() / MUNICIPALITY as f64).ceil() as u64;
    let each = MUNICIPALITY * MUNICIPALITY;
    (0..towns * towns)
        .flat_map(move |town| {
            // 1 049 has no common factor with the number of cells: every cell comes once.
            let place = move |number: u64| (number * 1049 + town) % each;
            (0..each).map(move |number| {
                let place = place(number);
                (town % towns * MUNICIPALITY + place % MUNICIPALITY, town / towns * MUNICIPALITY + place / MUNICIPALITY)
            })
        })
        .filter(|&(x, y)| !mixed(x << 32 | y).is_multiple_of(GAP))
        .take(parcels as usize)
}

/// The `GeoPackage` with so many parcels, made when it is not there yet.
pub fn layer(folder: &Path, parcels: u64) -> PathBuf {
    let path = folder.join(format!("synthetic_{parcels}.gpkg"));
    if path.is_file() {
        return path;
    }
    std::fs::create_dir_all(folder).expect("a folder");
    let unfinished = folder.join(format!("unfinished_{parcels}.gpkg"));
    drop(std::fs::remove_file(&unfinished)); // of an interrupted run
    let driver = DriverManager::get_driver_by_name("GPKG").expect("GDAL has it");
    let mut data = driver.create_vector_only(&unfinished).expect("a new file");
    let mut transaction = data.start_transaction().expect("a transaction");
    {
        let srs = SpatialRef::from_epsg(3035).expect("known");
        let layer = transaction
            .create_layer(LayerOptions { name: "parcels", srs: Some(&srs), ty: OGRwkbGeometryType::wkbPolygon, options: None })
            .expect("a layer");
        let fields = [
            ("parcel_id", OGRFieldType::OFTString),
            ("crop_code", OGRFieldType::OFTString),
            ("crop_name", OGRFieldType::OFTString),
            ("declared_ha", OGRFieldType::OFTReal),
            ("municipality", OGRFieldType::OFTString),
        ];
        layer.create_defn_fields(&fields).expect("fields");
        for (number, (x, y)) in cells(parcels).enumerate() {
            // Some crops are a hundred times as frequent as others.
            let crop = ((share(x / 3, y / 2, 3).powi(3) * 0.7 + share(x, y, 4).powi(2) * 0.3) * CROPS.len() as f64) as usize;
            let crop = crop.min(CROPS.len() - 1);
            let geometry = Geometry::from_wkb(&wkb(&outline(x, y))).expect("a polygon");
            let declared = (share(x, y, 5) * 300.0).round() / 100.0;
            let mut feature = Feature::new(layer.defn()).expect("a feature");
            feature.set_geometry(geometry).expect("its outline");
            feature.set_field_string(0, &format!("SYN{number:07}")).expect("a text");
            feature.set_field_string(1, &(100 + crop).to_string()).expect("a text");
            feature.set_field_string(2, CROPS[crop]).expect("a text");
            feature.set_field_double(3, declared).expect("a number");
            let town = format!("Municipality {}-{}", x / MUNICIPALITY, y / MUNICIPALITY);
            feature.set_field_string(4, &town).expect("a text");
            feature.create(&layer).expect("a row");
        }
    }
    transaction.commit().expect("written");
    drop(data);
    std::fs::rename(&unfinished, &path).expect("finished");
    path
}

/// A project on a layer, without imagery, in a folder of its own.
pub fn project(folder: &Path, layer: &Path) -> PathBuf {
    let path = folder.join("synthetic.parcelight.toml");
    let text = format!("version = \"1.0\"\nname = \"Synthetic\"\n\n[parcels]\npath = {:?}\n", layer.display().to_string());
    std::fs::write(&path, text).expect("a project file");
    path
}
