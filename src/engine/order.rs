//! Order of parcels by any key: ranks are made once for each key, and rows sorted by counting them.

use crate::model::parcels::{Cells, Labels};
use crate::model::{ParcelIx, Parcels, Signal};

/// What parcels are sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// Order of the source.
    Given,
    /// Parcel id (numbers inside ids by value).
    Id,
    /// Declared crop.
    Crop,
    /// Area.
    Area,
    /// An attribute column, by its name.
    Column(String),
    /// How far a signal stands from the band of the parcel's peers: ranked by [`Ranks::of_numbers`].
    Distance(Signal),
    /// How far the automatic verdict is from its threshold, positive on the green side: ranked by [`Ranks::of_numbers`].
    Margin,
}

/// Place of each parcel in the order of a key; equal values share a place, and missing ones come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranks {
    by_row: Vec<u32>,
    count: u32,
}

impl Ranks {
    /// Ranks of all parcels; a column that is not there ranks all alike.
    ///
    /// * **Cost:** a sort of the distinct values.
    pub fn new(parcels: &Parcels, key: &SortKey) -> Self {
        match key {
            // Not in the table.
            SortKey::Distance(_) | SortKey::Margin => Self { by_row: vec![0; parcels.len()], count: 1 },
            SortKey::Given => Self { by_row: (0..parcels.len() as u32).collect(), count: parcels.len() as u32 },
            SortKey::Id => by_text(parcels, |at| vec![&parcels.blocks()[at].columns().ids]),
            SortKey::Crop => by_text(parcels, |at| {
                let columns = parcels.blocks()[at].columns();
                vec![&columns.crop_names, &columns.crop_codes]
            }),
            SortKey::Area => by_number(parcels.blocks().iter().flat_map(|block| &block.columns().area_ha).copied()),
            SortKey::Column(name) => match parcels.columns().iter().position(|column| column.name == *name) {
                Some(at) if parcels.columns()[at].number => by_number(parcels.iter().map(|parcel| parcels.number(at, parcel))),
                Some(column) => by_text(parcels, |at| match &parcels.blocks()[at].columns().cells[column] {
                    Cells::Text(labels) => vec![labels],
                    Cells::Number(_) => vec![],
                }),
                None => Self { by_row: vec![0; parcels.len()], count: 1 },
            },
        }
    }

    /// Ranks by one number a parcel; `NaN` is missing.
    pub fn of_numbers(numbers: impl Iterator<Item = f64>) -> Self {
        by_number(numbers)
    }

    /// Sorts rows by their ranks and leaves the order of equal ones.
    ///
    /// * **Cost:** linear in rows and ranks; few rows are sorted by comparing.
    pub fn sort(&self, rows: &mut Vec<ParcelIx>, descending: bool) {
        let last = self.count.saturating_sub(1);
        let rank = |row: ParcelIx| {
            let rank = self.by_row[row.at()];
            if descending { last - rank } else { rank }
        };
        if rows.len() < self.count as usize / 16 {
            rows.sort_by_key(|&row| rank(row));
            return;
        }
        let mut next = vec![0u32; self.count as usize + 1];
        for &row in rows.iter() {
            next[rank(row) as usize + 1] += 1;
        }
        let mut sum = 0;
        for place in &mut next {
            sum += *place;
            *place = sum;
        }
        let mut sorted = vec![ParcelIx(0); rows.len()];
        for &row in rows.iter() {
            let place = &mut next[rank(row) as usize];
            sorted[*place as usize] = row;
            *place += 1;
        }
        *rows = sorted;
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        self.by_row.len() * 4
    }
}

fn by_number(values: impl Iterator<Item = f64>) -> Ranks {
    // Bits whose unsigned order is that of the numbers; missing ones first.
    let bits = |value: f64| {
        let bits = value.to_bits();
        if value.is_nan() {
            0
        } else if bits >> 63 == 1 {
            !bits
        } else {
            bits | 1 << 63
        }
    };
    let mut keys: Vec<(u64, u32)> = values.enumerate().map(|(row, value)| (bits(value), row as u32)).collect();
    let mut by_row = vec![0; keys.len()];
    keys.sort_unstable();
    let mut count = 0;
    for (at, &(key, row)) in keys.iter().enumerate() {
        if at > 0 && key != keys[at - 1].0 {
            count += 1;
        }
        by_row[row as usize] = count;
    }
    Ranks { by_row, count: count + 1 }
}

/// A distinct text of a block: start of its key, place in the list of all texts.
type Entry = (u128, u32);

/// Ranks by text. Of several columns a row takes the first that has a text for it.
fn by_text<'a>(parcels: &'a Parcels, labels: impl Fn(usize) -> Vec<&'a Labels>) -> Ranks {
    let blocks = parcels.blocks().len();
    let mut texts: Vec<&str> = Vec::new();
    // For each block and column the place of its first text.
    let mut starts: Vec<u32> = Vec::new();
    for at in 0..blocks {
        for labels in labels(at) {
            starts.push(texts.len() as u32);
            texts.extend(labels.texts());
        }
    }
    let mut entries: Vec<Entry> = texts.iter().enumerate().map(|(place, text)| (prefix(text), place as u32)).collect();
    // The whole key only where the start does not decide.
    let compare = |a: &Entry, b: &Entry| {
        a.0.cmp(&b.0).then_with(|| {
            let (a, b) = (texts[a.1 as usize], texts[b.1 as usize]);
            if a == b { std::cmp::Ordering::Equal } else { key(a).cmp(key(b)) }
        })
    };
    entries.sort_unstable_by(compare);
    let mut rank_of = vec![0; texts.len()];
    let mut count = 0;
    for (at, entry) in entries.iter().enumerate() {
        if at == 0 || compare(&entries[at - 1], entry).is_ne() {
            count += 1;
        }
        rank_of[entry.1 as usize] = count;
    }
    let mut by_row = Vec::with_capacity(parcels.len());
    let mut starts = starts.into_iter();
    for (at, block) in parcels.blocks().iter().enumerate() {
        let columns: Vec<(&Labels, u32)> = labels(at).into_iter().zip(&mut starts).collect();
        for row in 0..block.len() {
            let found = columns.iter().find(|(labels, _)| labels.codes()[row] != Labels::NONE);
            by_row.push(found.map_or(0, |(labels, start)| rank_of[*start as usize + labels.codes()[row] as usize]));
        }
    }
    Ranks { by_row, count: count + 1 }
}

/// Bytes in whose order texts are sorted: numbers by value and before letters, so that `P9` comes before `P10`.
fn key(text: &str) -> impl Iterator<Item = u8> {
    let mut rest = text.as_bytes();
    let mut number: (u64, u8) = (0, 0);
    std::iter::from_fn(move || {
        if number.1 > 0 {
            number.1 -= 1;
            return Some((number.0 >> (8 * number.1)) as u8);
        }
        let (&first, others) = rest.split_first()?;
        if !first.is_ascii_digit() {
            rest = others;
            // Smaller bytes announce a number.
            return Some(first.max(10));
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let value = |sum: u64, byte: &u8| sum.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
        let value = rest[..digits].iter().fold(0, value);
        rest = &rest[digits..];
        let length = (8 - value.leading_zeros() / 8) as u8;
        number = (value, length);
        Some(1 + length)
    })
}

/// The first sixteen bytes of a key, filled with zeros.
fn prefix(text: &str) -> u128 {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(key(text)).for_each(|(place, byte)| *place = byte);
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Crs;
    use crate::model::parcels::{Column, ParcelRow, ParcelsBuilder, Values};
    use proptest::prelude::*;

    fn sorted(texts: &[&str]) -> Vec<String> {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for id in texts {
            builder.push(ParcelRow { id: (*id).to_owned(), ..ParcelRow::default() });
        }
        let parcels = builder.finish(vec![]);
        let mut rows: Vec<ParcelIx> = parcels.iter().collect();
        Ranks::new(&parcels, &SortKey::Id).sort(&mut rows, false);
        rows.into_iter().map(|row| parcels.id(row).to_owned()).collect()
    }

    #[test]
    fn numbers_inside_ids_sort_by_value() {
        assert_eq!(sorted(&["P10", "P9", "P9a", "A100", "007"]), ["007", "A100", "P9", "P9a", "P10"]);
        let long = ["region-north-east-12-a", "region-north-east-9-b", "region-north-east-12"];
        assert_eq!(sorted(&long), ["region-north-east-9-b", "region-north-east-12", "region-north-east-12-a"]);
    }

    #[test]
    fn missing_values_come_first_and_equal_ones_keep_their_order() {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for crop in [Some("b"), None, Some("a"), Some("b")] {
            builder.push(ParcelRow { crop_name: crop.map(str::to_owned), ..ParcelRow::default() });
        }
        let slope = Column { name: "slope".to_owned(), values: Values::Number(vec![-1.0, f64::NAN, -3.0, 2.0]) };
        let parcels = builder.finish(vec![slope]);
        let order = |key: SortKey, descending| {
            let mut rows: Vec<ParcelIx> = parcels.iter().collect();
            Ranks::new(&parcels, &key).sort(&mut rows, descending);
            rows.into_iter().map(|row| row.0).collect::<Vec<_>>()
        };
        assert_eq!(order(SortKey::Crop, false), [1, 2, 0, 3]);
        assert_eq!(order(SortKey::Crop, true), [0, 3, 2, 1]);
        assert_eq!(order(SortKey::Column("slope".to_owned()), false), [1, 2, 0, 3]);
        assert_eq!(order(SortKey::Column("gone".to_owned()), true), [0, 1, 2, 3]);
    }

    proptest! {
        #[test]
        fn ranks_agree_with_whole_keys(ids in prop::collection::vec("[a-c0-2]{0,24}", 1..40)) {
            let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
            let mut expected: Vec<String> = ids.clone();
            expected.sort_by(|a, b| key(a).cmp(key(b)));
            let found = sorted(&texts);
            prop_assert!(found.iter().zip(&expected).all(|(a, b)| key(a).eq(key(b))), "{found:?}");
        }
    }
}
