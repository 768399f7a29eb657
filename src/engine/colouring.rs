//! Colours of parcels on a map: a class for each parcel, and a legend with counts.

use std::collections::BTreeMap;

use crate::engine::ramp;
use crate::model::heterogeneity::CIndex;
use crate::model::parcels::Labels;
use crate::model::rules::Verdict;
use crate::model::{ParcelIx, Parcels};

/// What parcels are coloured by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Colouring {
    /// Declared crop: the most frequent ones have a colour of their own.
    #[default]
    Crop,
    /// NDVI at the current acquisition, as far as it is computed.
    Ndvi,
    /// Number of usable optical observations, as far as they are computed.
    Sufficiency,
    /// Distance from the peers' band, as far as population statistics are there.
    Distance,
    /// Automatic verdict, as far as verdicts are computed.
    Verdict,
    /// Index of heterogeneity, as far as the population is measured.
    Heterogeneity,
}

impl Colouring {
    /// All, in the order of menus.
    pub const ALL: [Self; 6] = [Self::Crop, Self::Ndvi, Self::Sufficiency, Self::Distance, Self::Verdict, Self::Heterogeneity];
}

/// How many crops get a colour of their own; the rest is grey.
pub const CROP_COLOURS: usize = 8;

/// Qualitative colours that stay apart under the common colour-vision deficiencies (after Okabe and Ito), most frequent crop first.
const CROPS: [[u8; 3]; CROP_COLOURS] = [
    [0xE6, 0x9F, 0x00],
    [0x00, 0x9E, 0x73],
    [0x56, 0xB4, 0xE9],
    [0xF0, 0xE4, 0x42],
    [0xCC, 0x79, 0xA7],
    [0xD5, 0x5E, 0x00],
    [0x00, 0x72, 0xB2],
    [0xB5, 0xCF, 0x6B],
];

/// All other crops, what is not known, and what a filter leaves out.
pub const GREY: [u8; 3] = [0x9A, 0xA4, 0xAD];

/// Upper ends of NDVI classes.
const NDVI_ENDS: [f64; 7] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

/// Upper ends, inclusive, of classes of usable observations.
const SUFFICIENCY_ENDS: [u32; 4] = [0, 5, 10, 20];

/// Upper ends of classes of distance from peers, in widths of their band.
const DISTANCE_ENDS: [f64; 4] = [0.1, 0.5, 1.0, 2.0];

/// Colours of these classes, nearest first: from light to dark, so that what stands apart stands out on a light map and on a dark one.
const DISTANCES: [[u8; 3]; 5] =
    [[0xF1, 0xEC, 0xE4], [0xF6, 0xC8, 0x8F], [0xE8, 0x8B, 0x4B], [0xC2, 0x4E, 0x52], [0x7A, 0x1F, 0x5C]];

/// Colours of green, yellow and red: apart in lightness too, so that they are told without red-green vision.
const VERDICTS: [(Verdict, [u8; 3]); 3] =
    [(Verdict::Green, [0x2F, 0xA5, 0x7D]), (Verdict::Yellow, [0xF2, 0xC7, 0x44]), (Verdict::Red, [0xA8, 0x2A, 0x1A])];

/// Colours of NO, POOR, WEAK, MODERATE, STRONG: from light to dark, and far enough apart for parcels of a few pixels.
const INDICES: [[u8; 3]; 5] =
    [[0xE9, 0xEE, 0xEA], [0xF3, 0xD3, 0x7A], [0xE5, 0x93, 0x3F], [0xB9, 0x43, 0x5B], [0x5C, 0x16, 0x5E]];

/// What a class holds.
#[derive(Debug, Clone, PartialEq)]
pub enum ClassName {
    /// A crop.
    Crop(String),
    /// Crops without a colour of their own.
    OtherCrops,
    /// Values from (inclusive) to (exclusive); the outer ends are open.
    Values(Option<f64>, Option<f64>),
    /// Numbers from to, both inclusive; the last end is open.
    Counts(u32, Option<u32>),
    /// An automatic verdict.
    Verdict(Verdict),
    /// Index of heterogeneity.
    Index(CIndex),
    /// Not computed.
    Unknown,
    /// Known, but not shown: a blind reviewer has not decided yet.
    Hidden,
}

/// One line of a legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// What.
    pub name: ClassName,
    /// Red, green, blue.
    pub colour: [u8; 3],
    /// Number of parcels.
    pub count: usize,
}

/// A class for each parcel.
#[derive(Debug, Clone, PartialEq)]
pub struct Classes {
    of: Vec<u8>,
    classes: Vec<Class>,
}

impl Classes {
    fn new(of: Vec<u8>, mut classes: Vec<Class>) -> Self {
        let mut counts = [0usize; 256];
        for &class in &of {
            counts[class as usize] += 1;
        }
        for (class, count) in classes.iter_mut().zip(counts) {
            class.count = count;
        }
        Self { of, classes }
    }

    /// Classes by declared crop, the most frequent first; of equally frequent ones by name.
    ///
    /// * **Cost:** one addition a parcel.
    pub fn by_crop(parcels: &Parcels) -> Self {
        let crop = |block: usize, row: usize| -> Option<(bool, u16)> {
            let columns = parcels.blocks()[block].columns();
            let code = |labels: &Labels| Some(labels.codes()[row]).filter(|&code| code != Labels::NONE);
            code(&columns.crop_names).map(|code| (true, code)).or_else(|| code(&columns.crop_codes).map(|code| (false, code)))
        };
        let text = |block: usize, (name, code): (bool, u16)| {
            let columns = parcels.blocks()[block].columns();
            if name { columns.crop_names.distinct(code) } else { columns.crop_codes.distinct(code) }
        };
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut by_block: Vec<BTreeMap<(bool, u16), usize>> = Vec::new();
        for (at, block) in parcels.blocks().iter().enumerate() {
            let sizes = [block.columns().crop_codes.texts().len(), block.columns().crop_names.texts().len()];
            let mut dense = sizes.map(|size| vec![0usize; size]);
            for (name, code) in (0..block.len()).filter_map(|row| crop(at, row)) {
                dense[usize::from(name)][code as usize] += 1;
            }
            let own: BTreeMap<(bool, u16), usize> = dense
                .iter()
                .enumerate()
                .flat_map(|(name, counts)| counts.iter().enumerate().map(move |(code, count)| ((name == 1, code as u16), *count)))
                .filter(|(_, count)| *count > 0)
                .collect();
            for (&crop, &count) in &own {
                *counts.entry(text(at, crop)).or_default() += count;
            }
            by_block.push(own);
        }
        let mut crops: Vec<(&str, usize)> = counts.into_iter().collect();
        // In name order already, and the sort is stable.
        crops.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        crops.truncate(CROP_COLOURS);
        let other = crops.len() as u8;
        let mut of = Vec::with_capacity(parcels.len());
        for (at, block) in parcels.blocks().iter().enumerate() {
            let class =
                |crop: (bool, u16)| crops.iter().position(|(name, _)| *name == text(at, crop)).map_or(other, |class| class as u8);
            let classes: BTreeMap<(bool, u16), u8> = by_block[at].keys().map(|&crop| (crop, class(crop))).collect();
            of.extend((0..block.len()).map(|row| crop(at, row).and_then(|crop| classes.get(&crop).copied()).unwrap_or(other)));
        }
        let named = |(number, (name, _)): (usize, &(&str, usize))| Class {
            name: ClassName::Crop((*name).to_owned()),
            colour: CROPS[number % CROP_COLOURS],
            count: 0,
        };
        let mut classes: Vec<Class> = crops.iter().enumerate().map(named).collect();
        classes.push(Class { name: ClassName::OtherCrops, colour: GREY, count: 0 });
        Self::new(of, classes)
    }

    /// Classes of NDVI; parcels without a value, and `NaN`, are unknown.
    pub fn by_ndvi(parcels: usize, values: impl IntoIterator<Item = (ParcelIx, f64)>) -> Self {
        let last = NDVI_ENDS.len();
        let class = |number: usize| Class {
            name: ClassName::Values(number.checked_sub(1).map(|before| NDVI_ENDS[before]), NDVI_ENDS.get(number).copied()),
            colour: opaque(ramp::index(number as f32 / last as f32)),
            count: 0,
        };
        let known = values.into_iter().filter(|(_, value)| !value.is_nan());
        let numbered = known.map(|(parcel, value)| (parcel, NDVI_ENDS.iter().take_while(|end| value >= **end).count()));
        Self::by_number(parcels, numbered, (0..=last).map(class).collect())
    }

    /// Classes of the number of usable observations; parcels without one are unknown.
    pub fn by_sufficiency(parcels: usize, usable: impl IntoIterator<Item = (ParcelIx, u32)>) -> Self {
        let last = SUFFICIENCY_ENDS.len();
        let class = |number: usize| Class {
            name: ClassName::Counts(
                number.checked_sub(1).map_or(0, |before| SUFFICIENCY_ENDS[before] + 1),
                SUFFICIENCY_ENDS.get(number).copied(),
            ),
            colour: opaque(ramp::index(number as f32 / last as f32)),
            count: 0,
        };
        let numbered =
            usable.into_iter().map(|(parcel, usable)| (parcel, SUFFICIENCY_ENDS.iter().take_while(|end| usable > **end).count()));
        Self::by_number(parcels, numbered, (0..=last).map(class).collect())
    }

    /// Classes of the distance from peers; parcels without one, and `NaN`, are unknown.
    pub fn by_distance(parcels: usize, distances: impl IntoIterator<Item = (ParcelIx, f64)>) -> Self {
        let class = |number: usize| Class {
            name: ClassName::Values(
                number.checked_sub(1).map(|before| DISTANCE_ENDS[before]),
                DISTANCE_ENDS.get(number).copied(),
            ),
            colour: DISTANCES[number],
            count: 0,
        };
        let known = distances.into_iter().filter(|(_, distance)| !distance.is_nan());
        let numbered = known.map(|(parcel, distance)| (parcel, DISTANCE_ENDS.iter().take_while(|end| distance >= **end).count()));
        Self::by_number(parcels, numbered, (0..DISTANCES.len()).map(class).collect())
    }

    /// Classes of automatic verdicts: green, yellow, red; parcels without one are unknown.
    pub fn by_verdict(parcels: usize, verdicts: impl IntoIterator<Item = (ParcelIx, Verdict)>) -> Self {
        let class = |(verdict, colour)| Class { name: ClassName::Verdict(verdict), colour, count: 0 };
        let numbered = verdicts.into_iter().map(|(parcel, verdict)| (parcel, usize::from(verdict as u8)));
        Self::by_number(parcels, numbered, VERDICTS.map(class).to_vec())
    }

    /// Classes of the index of heterogeneity; parcels without one are unknown.
    pub fn by_heterogeneity(parcels: usize, indices: impl IntoIterator<Item = (ParcelIx, CIndex)>) -> Self {
        let class = |(index, colour)| Class { name: ClassName::Index(index), colour, count: 0 };
        let place = |index: CIndex| CIndex::ALL.iter().position(|own| *own == index).unwrap_or(0);
        let numbered = indices.into_iter().map(|(parcel, index)| (parcel, place(index)));
        Self::by_number(parcels, numbered, CIndex::ALL.into_iter().zip(INDICES).map(class).collect())
    }

    /// The same where only some parcels are shown, those of `shown` in any order; the others share one neutral class, whether their
    /// own is known or not, so that nothing of it can be told.
    #[must_use]
    pub fn veiled(&self, shown: &[ParcelIx]) -> Self {
        let hidden = self.classes.len() as u8;
        let mut of = vec![hidden; self.of.len()];
        for parcel in shown {
            if let Some(class) = of.get_mut(parcel.at()) {
                *class = self.of[parcel.at()];
            }
        }
        let mut classes: Vec<Class> = self.classes.iter().map(|class| Class { count: 0, ..class.clone() }).collect();
        classes.push(Class { name: ClassName::Hidden, colour: GREY, count: 0 });
        Self::new(of, classes)
    }

    fn by_number(parcels: usize, numbers: impl Iterator<Item = (ParcelIx, usize)>, mut classes: Vec<Class>) -> Self {
        let mut of = vec![classes.len() as u8; parcels];
        for (parcel, number) in numbers {
            of[parcel.at()] = number as u8;
        }
        classes.push(Class { name: ClassName::Unknown, colour: GREY, count: 0 });
        Self::new(of, classes)
    }

    /// Class of a parcel, a position in [`Classes::legend`].
    pub fn class(&self, parcel: ParcelIx) -> usize {
        self.of.get(parcel.at()).map_or(self.classes.len() - 1, |&class| class as usize)
    }

    /// Colour of a parcel.
    pub fn colour(&self, parcel: ParcelIx) -> [u8; 3] {
        self.classes[self.class(parcel)].colour
    }

    /// All classes; the last is what has no colour of its own.
    pub fn legend(&self) -> &[Class] {
        &self.classes
    }

    /// Number of parcels of each class that a filter leaves, in the order of [`Classes::legend`].
    pub fn counts(&self, shown: &Shown) -> Vec<usize> {
        let mut counts = [0usize; 256];
        for (row, &class) in (0u32..).zip(&self.of) {
            counts[class as usize] += usize::from(shown.holds(ParcelIx(row)));
        }
        counts[..self.classes.len()].to_vec()
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        self.of.len() + self.classes.len() * 64
    }
}

/// Which parcels a filter leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    bits: Vec<u64>,
    count: usize,
}

impl Shown {
    /// Of a table of so many parcels those given.
    pub fn new(parcels: usize, shown: &[ParcelIx]) -> Self {
        let mut bits = vec![0u64; parcels.div_ceil(64)];
        for parcel in shown {
            bits[parcel.at() / 64] |= 1 << (parcel.at() % 64);
        }
        Self { count: bits.iter().map(|word| word.count_ones() as usize).sum(), bits }
    }

    /// True for a parcel that the filter leaves.
    pub fn holds(&self, parcel: ParcelIx) -> bool {
        self.bits.get(parcel.at() / 64).is_some_and(|word| word >> (parcel.at() % 64) & 1 == 1)
    }

    /// Number of parcels that it leaves.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        self.bits.len() * 8
    }
}

fn opaque([r, g, b, _]: [u8; 4]) -> [u8; 3] {
    [r, g, b]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Crs;
    use crate::model::parcels::{BLOCK_ROWS, ParcelRow, ParcelsBuilder};

    #[test]
    fn frequent_crops_get_colours_over_all_blocks_and_the_rest_is_grey() {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for row in 0..BLOCK_ROWS + 1000 {
            // Crop 9 is the most frequent; every tenth parcel has a code only, one in a hundred nothing.
            let crop = (row as f64).sqrt() as usize % 10;
            let name = Some(format!("crop {crop}"));
            let (crop_name, crop_code) = if row % 10 == 3 { (None, name) } else { (name, None) };
            let crop_name = crop_name.filter(|_| row % 100 != 7);
            builder.push(ParcelRow { crop_code, crop_name, ..ParcelRow::default() });
        }
        let parcels = builder.finish(vec![]);
        let classes = Classes::by_crop(&parcels);
        assert_eq!(classes.legend().len(), CROP_COLOURS + 1);
        for (number, class) in classes.legend().iter().enumerate() {
            let of_class = |parcel: &ParcelIx| match &class.name {
                ClassName::Crop(name) => parcels.crop(*parcel) == Some(name),
                _ => classes.class(*parcel) == CROP_COLOURS,
            };
            let counted: Vec<ParcelIx> = parcels.iter().filter(of_class).collect();
            assert_eq!(counted.len(), class.count, "{class:?}");
            assert!(counted.iter().all(|&parcel| classes.class(parcel) == number));
        }
        assert!(classes.legend()[..CROP_COLOURS].windows(2).all(|pair| pair[0].count >= pair[1].count));
        assert_eq!(classes.legend().iter().map(|class| class.count).sum::<usize>(), parcels.len());
    }

    #[test]
    fn a_veil_leaves_nothing_of_what_it_hides() {
        let classes = Classes::by_verdict(5, [(0, Verdict::Red), (2, Verdict::Green)].map(|(row, own)| (ParcelIx(row), own)));
        let veiled = classes.veiled(&[ParcelIx(2), ParcelIx(4), ParcelIx(9)]);
        let name = |row: u32| veiled.legend()[veiled.class(ParcelIx(row))].name.clone();
        // A hidden verdict and one that is not known look the same.
        assert_eq!([0, 1, 3].map(name), [ClassName::Hidden, ClassName::Hidden, ClassName::Hidden]);
        assert_eq!([name(2), name(4)], [ClassName::Verdict(Verdict::Green), ClassName::Unknown]);
        let counts: Vec<usize> = veiled.legend().iter().map(|class| class.count).collect();
        assert_eq!(counts, [1, 0, 0, 1, 3]);
        assert_eq!(veiled.colour(ParcelIx(0)), GREY);
    }

    #[test]
    fn values_fall_into_classes_and_the_rest_is_unknown() {
        let values = [(0, 0.2), (1, 0.19), (2, 0.85), (3, f64::NAN)].map(|(row, value)| (ParcelIx(row), value));
        let classes = Classes::by_ndvi(6, values);
        assert_eq!([0, 1, 2, 3, 5].map(|row| classes.class(ParcelIx(row))), [1, 0, 7, 8, 8]);
        assert_eq!((classes.legend()[8].name.clone(), classes.legend()[8].count), (ClassName::Unknown, 3));
        let classes = Classes::by_sufficiency(4, [(0, 0), (1, 5), (2, 21)].map(|(row, n)| (ParcelIx(row), n)));
        assert_eq!([0, 1, 2, 3].map(|row| classes.class(ParcelIx(row))), [0, 1, 4, 5]);
        assert_eq!(classes.legend()[1].name, ClassName::Counts(1, Some(5)));
        let classes = Classes::by_distance(4, [(0, 0.0), (1, 0.5), (2, 7.0), (3, f64::NAN)].map(|(row, d)| (ParcelIx(row), d)));
        assert_eq!([0, 1, 2, 3].map(|row| classes.class(ParcelIx(row))), [0, 2, 4, 5]);
        let classes = Classes::by_verdict(4, [(0, Verdict::Red), (2, Verdict::Green)].map(|(row, own)| (ParcelIx(row), own)));
        assert_eq!([0, 1, 2, 3].map(|row| classes.class(ParcelIx(row))), [2, 3, 0, 3]);
        assert_eq!(classes.legend()[2].name, ClassName::Verdict(Verdict::Red));
    }

    #[test]
    fn a_filter_is_counted_class_by_class() {
        let classes = Classes::by_sufficiency(200, (0..200).map(|row| (ParcelIx(row), row % 3)));
        let every_fifth: Vec<ParcelIx> = (0..200).step_by(5).map(ParcelIx).collect();
        let shown = Shown::new(200, &every_fifth);
        assert_eq!(
            (shown.count(), shown.holds(ParcelIx(65)), shown.holds(ParcelIx(66)), shown.holds(ParcelIx(999))),
            (40, true, false, false)
        );
        // Of 0, 5, …, 195 every third is divisible by 3: 14; the others have one or two observations, both of one class.
        assert_eq!(classes.counts(&shown), [14, 26, 0, 0, 0, 0]);
        assert_eq!(classes.counts(&Shown::new(200, &[])), [0; 6]);
    }
}
