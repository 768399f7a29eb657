//! Choices that decide numbers: which pixels belong to a parcel and which of them count.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::units::float_key;

/// Which pixels belong to a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PixelRule {
    /// A pixel belongs when its centre lies inside.
    #[default]
    Centre,
    /// Every touched pixel counts with its covered area fraction.
    Coverage,
}

/// Excluded scene classes as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<u8>", into = "Vec<u8>")]
pub struct MaskSet(pub u16);

impl MaskSet {
    /// Excludes nothing.
    pub const NONE: Self = Self(0);

    /// From class numbers; numbers above 11 are ignored.
    pub fn from_classes(classes: &[u8]) -> Self {
        Self(classes.iter().filter(|&&class| class < 12).fold(0, |bits, class| bits | 1 << class))
    }

    /// True when a class is excluded. Unknown classes (above 11) are excluded unless the set is empty.
    pub fn excludes(self, class: u8) -> bool {
        if class < 12 { self.0 & (1 << class) != 0 } else { self != Self::NONE }
    }

    /// Class numbers in order.
    pub fn classes(self) -> Vec<u8> {
        (0..12).filter(|&class| self.excludes(class)).collect()
    }
}

impl Default for MaskSet {
    /// No data, saturated, cloud shadow, clouds, cirrus and snow: the JRC calendar's choice with cirrus excluded.
    fn default() -> Self {
        Self::from_classes(&[0, 1, 3, 8, 9, 10, 11])
    }
}

impl From<Vec<u8>> for MaskSet {
    fn from(classes: Vec<u8>) -> Self {
        Self::from_classes(&classes)
    }
}

impl From<MaskSet> for Vec<u8> {
    fn from(mask: MaskSet) -> Self {
        mask.classes()
    }
}

/// How observations are made from pixels. Part of every key of a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ObservationSettings {
    /// Which pixels belong to a parcel.
    pub pixels: PixelRule,
    /// Outline grown (positive) or shrunk (negative) before pixels are chosen, metres.
    pub buffer_m: f64,
    /// Excluded scene classes.
    pub mask: MaskSet,
    /// An optical observation with a smaller usable share counts as masked, 0..=1.
    pub min_usable_share: f64,
}

// Numbers are finite (the reader of the project file sees to it), so equality is total.
impl Eq for ObservationSettings {}

impl Hash for ObservationSettings {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { pixels, buffer_m, mask, min_usable_share } = self;
        (pixels, float_key(*buffer_m), mask, float_key(*min_usable_share)).hash(state);
    }
}

impl Default for ObservationSettings {
    fn default() -> Self {
        Self { pixels: PixelRule::Centre, buffer_m: 0.0, mask: MaskSet::default(), min_usable_share: 0.5 }
    }
}

/// Which parcels are taken for peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeerSource {
    /// The nearest ones, observed when they are wanted.
    #[default]
    Nearest,
    /// All of the crop, as far as the observation store holds them.
    Population,
}

/// Who the peers of a parcel are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PeerSettings {
    /// The nearest parcels of the crop, or all of them.
    pub source: PeerSource,
    /// Attribute column that tells regions apart: only parcels of the same region are peers. `None` takes all regions together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Edge to edge; `None` takes the whole project.
    pub distance_m: Option<f64>,
    /// Nearest so many.
    pub max: usize,
    /// Smaller parcels are no peers.
    pub min_area_ha: f64,
    /// Ids that the user excluded.
    pub excluded: Vec<String>,
}

impl Eq for PeerSettings {}

impl Hash for PeerSettings {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { source, region, distance_m, max, min_area_ha, excluded } = self;
        (source, region, distance_m.map(float_key), max, float_key(*min_area_ha), excluded).hash(state);
    }
}

impl Default for PeerSettings {
    fn default() -> Self {
        Self { source: PeerSource::Nearest, region: None, distance_m: None, max: 200, min_area_ha: 0.3, excluded: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::MaskSet;

    #[test]
    fn default_mask_lists_the_documented_classes() {
        assert_eq!(MaskSet::default().classes(), [0, 1, 3, 8, 9, 10, 11]);
        assert!(MaskSet::default().excludes(255) && !MaskSet::NONE.excludes(255) && !MaskSet::default().excludes(4));
    }
}
