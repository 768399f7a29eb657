//! Spectral indices: one table of formulas with sources, and expressions of the user's own.

mod formula;
mod grammar;

use std::sync::Arc;

pub use formula::Formula;

use crate::model::Band;
use crate::model::project_file::OwnIndex;

/// A shipped index.
#[derive(Debug, Clone, Copy)]
pub struct IndexInfo {
    /// Name, e.g. `NDVI`.
    pub name: &'static str,
    /// Formula over band names, e.g. `(B08 - B04) / (B08 + B04)`.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Limits of the colour bar.
    pub range: (f64, f64),
}

const fn info(name: &'static str, formula: &'static str, source: &'static str, low: f64, high: f64) -> IndexInfo {
    IndexInfo { name, formula, source, range: (low, high) }
}

/// All shipped indices, over surface reflectance 0..1.
///
/// Formulas and sources: `sen4cap` fact sheet, section 6.1. The limits of NDVI, BSI and PSRI are those of JRC's calendars; the
/// others are our choice, the span over bare soil, crops and water. Published papers swap the blue and green forms of CRC and
/// CRCI, and NDWI names three different things: show the formula beside the name.
pub const SHIPPED: &[IndexInfo] = &[
    info("NDVI", "(B08 - B04) / (B08 + B04)", "Rouse 1973", 0.0, 1.0),
    info("NDVI8A", "(B8A - B04) / (B8A + B04)", "Rouse 1973, narrow near infrared", 0.0, 1.0),
    info(
        "BSI",
        "((B11 + B04) - (B08 + B02)) / ((B11 + B04) + (B08 + B02))",
        "Rikimaru 2002; limits as in JRC's calendar, where the ramp is reversed",
        -1.0,
        0.3,
    ),
    info("NDWI", "(B03 - B08) / (B03 + B08)", "McFeeters 1996, open water", -0.8, 0.5),
    info("NDMI", "(B08 - B11) / (B08 + B11)", "Gao 1996 type", -0.5, 0.6),
    info("NDMI8A", "(B8A - B11) / (B8A + B11)", "Gao 1996 type, narrow near infrared", -0.5, 0.6),
    info("NDTI", "(B11 - B12) / (B11 + B12)", "van Deventer 1997", 0.0, 0.4),
    info("STI", "B11 / B12", "van Deventer 1997", 1.0, 2.5),
    info("EVI", "2.5 * (B08 - B04) / (B08 + 6 * B04 - 7.5 * B02 + 1)", "Huete 2002", 0.0, 1.0),
    info("EVI2", "2.5 * (B08 - B04) / (B08 + 2.4 * B04 + 1)", "Jiang 2008", 0.0, 1.0),
    info("SAVI", "1.5 * (B08 - B04) / (B08 + B04 + 0.5)", "Huete 1988", 0.0, 0.9),
    info("GNDVI", "(B08 - B03) / (B08 + B03)", "Gitelson 1996", 0.0, 0.9),
    info("NDRE", "(B08 - B05) / (B08 + B05)", "Barnes 2000; other band pairs exist", 0.0, 0.7),
    info("PSRI", "(B04 - B02) / B06", "Merzlyak 1999 (680, 500, 750 nm); limits as in JRC's tools", -0.3, 0.3),
    info("CRC", "(B11 - B02) / (B11 + B02)", "Sullivan 2006 (blue form)", 0.0, 0.9),
    info("CRCI", "(B11 - B03) / (B11 + B03)", "Sonmez and Slater 2016 (green form, also MCRC)", 0.0, 0.8),
    info("NDI5", "(B08 - B11) / (B08 + B11)", "McNairn and Protz 1993; equals NDMI", -0.5, 0.6),
    info("NDI7", "(B08 - B12) / (B08 + B12)", "McNairn and Protz 1993", -0.3, 0.8),
    info("NDRI", "(B04 - B12) / (B04 + B12)", "Gelder 2009", -0.8, 0.2),
    info("SRNDI", "(B12 - B04) / (B12 + B04)", "Jin 2015; exactly -NDRI", -0.2, 0.8),
    info("NDSVI", "(B11 - B04) / (B11 + B04)", "Qi 2002", 0.0, 0.9),
    info("DFI", "100 * (1 - B12 / B11) * (B04 / B08)", "Cao 2010", 0.0, 30.0),
    info("MNDWI", "(B03 - B11) / (B03 + B11)", "Xu 2006", -0.8, 0.5),
    info("NDWI_S4C", "(B11 - B08) / (B11 + B08)", "sign used by the Sen4CAP features; exactly -NDMI", -0.6, 0.5),
    info("BRIGHTNESS_S4C", "sqrt(B03^2 + B04^2 + B08^2 + B11^2)", "Sen4CAP features", 0.1, 0.9),
    info(
        "TCB_S2",
        "0.3510*B02 + 0.3813*B03 + 0.3437*B04 + 0.7196*B08 + 0.2396*B11 + 0.1949*B12",
        "Shi and Xu 2019, derived for top of atmosphere",
        0.1,
        0.8,
    ),
    info(
        "TCG_S2",
        "0.6633*B08 - 0.3599*B02 - 0.3533*B03 - 0.4734*B04 + 0.0087*B11 - 0.2856*B12",
        "Shi and Xu 2019, derived for top of atmosphere",
        -0.1,
        0.3,
    ),
    info(
        "TCW_S2",
        "0.2578*B02 + 0.2305*B03 + 0.0883*B04 + 0.1071*B08 - 0.7611*B11 - 0.5308*B12",
        "Shi and Xu 2019, derived for top of atmosphere",
        -0.4,
        0.05,
    ),
    info(
        "TCV_TM",
        "0.7243*B08 - 0.2848*B02 - 0.2435*B03 - 0.5436*B04 + 0.0840*B11 - 0.1800*B12",
        "Crist and Cicone 1984, Landsat TM weights (tasselled cap vegetation)",
        -0.1,
        0.4,
    ),
    info(
        "TCW_TM",
        "0.1509*B02 + 0.1973*B03 + 0.3279*B04 + 0.3406*B08 - 0.7112*B11 - 0.4572*B12",
        "Crist and Cicone 1984, Landsat TM weights",
        -0.3,
        0.1,
    ),
];

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormulaError {
    /// Not an expression.
    #[error("cannot read the expression: {0}")]
    Syntax(String),
    /// A name that is no Sentinel-2 band.
    #[error("“{0}” is not a Sentinel-2 band; use names such as B04 or B8A")]
    UnknownBand(String),
    /// No band at all.
    #[error("the expression names no band")]
    NoBand,
    /// The name is shipped, taken or empty.
    #[error("the name “{0}” is taken or empty")]
    Name(String),
    /// No such index.
    #[error("there is no index “{0}”")]
    UnknownIndex(String),
}

/// Shipped and own indices of a project, compiled.
///
/// The default set is empty; [`IndexSet::new`] with no own index holds what is shipped.
///
/// ```
/// # use parcelight::engine::indices::IndexSet;
/// let (set, refused) = IndexSet::new(&[]);
/// let ndvi = set.get("ndvi")?;
/// assert!(refused.is_empty() && ndvi.bands().iter().map(|band| band.as_str()).eq(["B04", "B08"]));
/// assert_eq!(ndvi.eval(&[0.25, 0.75]), 0.5);
/// # Ok::<(), parcelight::engine::indices::FormulaError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct IndexSet {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    text: String,
    range: (f64, f64),
    formula: Arc<Formula>,
}

impl IndexSet {
    /// Compiles; own indices that cannot be used are returned with the reason.
    ///
    /// A name is refused when it is empty, taken (in any case of letters), a band, or a name of a radar signal.
    pub fn new(own: &[OwnIndex]) -> (Self, Vec<(String, FormulaError)>) {
        let mut set = Self::default();
        let mut refused = Vec::new();
        for shipped in SHIPPED {
            if let Err(error) = set.add(shipped.name, shipped.formula, shipped.range) {
                refused.push((shipped.name.to_owned(), error));
            }
        }
        for index in own {
            if let Err(error) = set.add(index.name.trim(), &index.expression, index.range) {
                refused.push((index.name.clone(), error));
            }
        }
        (set, refused)
    }

    fn add(&mut self, name: &str, text: &str, range: (f64, f64)) -> Result<(), FormulaError> {
        let is_signal =
            |name: &str| ["VV_db", "VH_db", "VH_VV_db", "COH_VV", "COH_VH"].iter().any(|own| own.eq_ignore_ascii_case(name));
        if name.is_empty() || name.contains('=') || is_signal(name) || Band::parse(name).is_some() || self.entry(name).is_some() {
            return Err(FormulaError::Name(name.to_owned()));
        }
        let formula = Arc::new(Formula::compile(text)?);
        self.entries.push(Entry { name: name.to_owned(), text: text.to_owned(), range, formula });
        Ok(())
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name.trim()))
    }

    /// Names, shipped first.
    pub fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.name.clone()).collect()
    }

    /// A formula by name (case-insensitive).
    pub fn get(&self, name: &str) -> Result<Arc<Formula>, FormulaError> {
        self.entry(name).map(|entry| Arc::clone(&entry.formula)).ok_or_else(|| FormulaError::UnknownIndex(name.to_owned()))
    }

    /// Formula as text, for tooltips.
    pub fn text(&self, name: &str) -> Option<String> {
        self.entry(name).map(|entry| entry.text.clone())
    }

    /// Limits of the colour bar; -1..1 for an unknown name.
    pub fn range(&self, name: &str) -> (f64, f64) {
        self.entry(name).map_or((-1.0, 1.0), |entry| entry.range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(name: &str, expression: &str) -> OwnIndex {
        OwnIndex { name: name.to_owned(), expression: expression.to_owned(), range: (-2.0, 2.0) }
    }

    #[test]
    fn every_shipped_index_compiles_and_has_a_sensible_range() {
        let (set, refused) = IndexSet::new(&[]);
        assert_eq!(refused, []);
        assert_eq!(set.names().len(), SHIPPED.len());
        assert!(SHIPPED.iter().all(|index| index.range.0 < index.range.1 && !index.source.is_empty()));
    }

    #[test]
    fn own_indices_are_found_and_bad_ones_named() {
        let given = [
            own("MINE", "B11/B12"),
            own("ndvi", "B04"),
            own("B4", "B04"),
            own(" ", "B04"),
            own("X", "B04 +"),
            own("mine", "B04"),
        ];
        let (set, refused) = IndexSet::new(&given);
        assert_eq!(set.range("Mine"), (-2.0, 2.0));
        assert_eq!(set.text("MINE").as_deref(), Some("B11/B12"));
        assert_eq!(set.names().last().map(String::as_str), Some("MINE"));
        let names: Vec<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["ndvi", "B4", " ", "X", "mine"]);
        assert!(matches!(refused[3].1, FormulaError::Syntax(_)));
        assert_eq!(set.get("nothing").map(|_| ()), Err(FormulaError::UnknownIndex("nothing".to_owned())));
    }
}
