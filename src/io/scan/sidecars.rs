//! Files beside an image that decide what its numbers mean or where its pixels lie.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::stac;

/// Endings that GDAL looks for after the whole name of an image: metadata, overviews, mask.
const AFTER: [&str; 3] = ["aux.xml", "ovr", "msk"];

/// Endings in place of the image's own: world files, metadata of older programs.
const INSTEAD: [&str; 8] = ["tfw", "tifw", "wld", "j2w", "jgw", "pgw", "aux", "imd"];

/// Metadata of a Sentinel-2 product, and of its tile.
const PRODUCT: &str = "MTD_MSIL2A.xml";
const TILE: &str = "MTD_TL.xml";

/// So many folders above an image may hold what describes it: `GRANULE/TILE/IMG_DATA/R10m` of a product.
const ABOVE: usize = 6;

/// Folders above an image whose STAC documents may name it.
const STAC_ABOVE: usize = 3;

/// Finds sidecars; what folders hold is looked up once.
#[derive(Debug, Default)]
pub struct Sidecars {
    /// Files that STAC documents of a folder name, with the documents.
    stac: BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<PathBuf>>>,
}

impl Sidecars {
    /// Existing files beside an image that its numbers rest on, sorted; none for an image that says everything itself.
    ///
    /// These are GDAL's companions, the metadata of a Sentinel-2 product folder, and STAC documents of the image's folder and of the
    /// two above it.
    pub fn of(&mut self, image: &Path) -> Vec<PathBuf> {
        let mut found = BTreeSet::new();
        for ending in AFTER {
            let mut name = image.as_os_str().to_owned();
            name.push(".");
            name.push(ending);
            found.insert(PathBuf::from(name));
        }
        found.extend(INSTEAD.iter().map(|ending| image.with_extension(ending)));
        if let Some(product) = image.ancestors().skip(1).take(ABOVE).find(|folder| folder.join(PRODUCT).is_file()) {
            found.insert(product.join(PRODUCT));
            found.extend(image.ancestors().skip(1).take_while(|folder| *folder != product).map(|folder| folder.join(TILE)));
        }
        for folder in image.ancestors().skip(1).take(STAC_ABOVE) {
            let named = self.stac.entry(folder.to_owned()).or_insert_with(|| stac::named_in(folder));
            found.extend(named.get(image).into_iter().flatten().cloned());
        }
        found.into_iter().filter(|path| path.is_file() && path != image).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companions_products_and_catalogues_are_found_and_strangers_are_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        let product = "S2A_MSIL2A_X.SAFE/GRANULE/L2A_T31UES/IMG_DATA/R10m";
        for path in [product, "loose", "items"] {
            std::fs::create_dir_all(at(path)).expect("made");
        }
        let stac = r#"{"type":"Feature","stac_version":"1.0.0","assets":{"B04":{"href":"../loose/b.tif"}}}"#;
        for (path, text) in [
            (&*format!("{product}/B04.jp2"), ""),
            ("S2A_MSIL2A_X.SAFE/MTD_MSIL2A.xml", ""),
            ("S2A_MSIL2A_X.SAFE/GRANULE/L2A_T31UES/MTD_TL.xml", ""),
            ("loose/a.tif", ""),
            ("loose/a.tif.aux.xml", ""),
            ("loose/a.tfw", ""),
            ("loose/ab.tfw", ""),
            ("loose/b.tif", ""),
            ("loose/item.json", &stac.replace("../loose/", "./")),
            ("loose/other.json", r#"{"b.tif": "no STAC"}"#),
            ("item.json", &stac.replace("../loose/", "loose/")),
        ] {
            std::fs::write(at(path), text).expect("written");
        }
        let mut sidecars = Sidecars::default();
        let mut of = |path: &str| sidecars.of(&at(path));
        assert_eq!(of("loose/a.tif"), [at("loose/a.tfw"), at("loose/a.tif.aux.xml")]);
        assert_eq!(of("loose/b.tif"), [at("item.json"), at("loose/item.json")]);
        let of_product = of(&format!("{product}/B04.jp2"));
        assert_eq!(of_product, [at("S2A_MSIL2A_X.SAFE/GRANULE/L2A_T31UES/MTD_TL.xml"), at("S2A_MSIL2A_X.SAFE/MTD_MSIL2A.xml")]);
    }
}
