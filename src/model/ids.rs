//! Row numbers and names. A row number of one table never fits another table by accident.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Row number of a parcel in [`crate::model::Parcels`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ParcelIx(pub u32);

/// Row number of an acquisition in [`crate::model::Catalog`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AcquisitionIx(pub u32);

impl ParcelIx {
    /// Position in a column of the parcel table.
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

impl AcquisitionIx {
    /// Position in the catalogue.
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// Name of a band in the form `B04`, `B8A`, `SCL`, `VV`, `VH`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Band(pub Arc<str>);

impl Band {
    /// A band name as it stands; use [`Band::parse`] for names from outside.
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// Canonical name of a band spelled in any common way: `B4`, `b04`, `Band 4`, `B8A`, `red`, `nir08`, `vv`.
    ///
    /// `None` when the word names no Sentinel-1 or Sentinel-2 band.
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.trim().to_ascii_lowercase();
        let common = match word.as_str() {
            "coastal" => "B01",
            "blue" => "B02",
            "green" => "B03",
            "red" => "B04",
            "rededge" | "rededge1" | "rededge071" => "B05",
            "rededge2" | "rededge075" => "B06",
            "rededge3" | "rededge078" => "B07",
            "nir" => "B08",
            "nir08" => "B8A",
            "nir09" => "B09",
            "swir16" => "B11",
            "swir22" => "B12",
            "scl" => "SCL",
            "vv" => "VV",
            "vh" => "VH",
            _ => "",
        };
        if !common.is_empty() {
            return Some(Self::new(common));
        }
        let digits = word.strip_prefix("band").or_else(|| word.strip_prefix('b'))?.trim().trim_start_matches('0');
        if digits == "8a" {
            Some(Self::new("B8A"))
        } else {
            let number: u8 = digits.parse().ok()?; // not a number: not a band
            (1..=12).contains(&number).then(|| Self::new(&format!("B{number:02}")))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Band {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Band;

    #[test]
    fn band_names_of_all_spellings_become_canonical() {
        for (word, expected) in
            [("B4", "B04"), ("b04", "B04"), ("Band 8", "B08"), ("b8a", "B8A"), ("red", "B04"), ("swir16", "B11"), ("vh", "VH")]
        {
            assert_eq!(Band::parse(word).as_ref().map(Band::as_str), Some(expected), "{word}");
        }
        for word in ["B13", "B0", "cloud", "", "B", "bare"] {
            assert_eq!(Band::parse(word), None, "{word}");
        }
    }
}
