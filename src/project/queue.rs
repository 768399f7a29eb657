//! The list of parcels to review: filter and order.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::engine::filter::{self, FilterError};
use crate::model::{ParcelIx, Parcels};

/// What the queue is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// Order of the source.
    Given,
    /// Parcel id (numbers inside ids by value).
    Id,
    /// Declared crop.
    Crop,
    /// Area.
    Area,
}

/// The filtered, ordered list.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    /// Filter as typed.
    pub filter: String,
    /// Why the filter cannot be used; the rows of the last good filter stay.
    pub error: Option<FilterError>,
    /// Sort keys, the first counts most.
    pub sort: Vec<(SortKey, bool)>,
    /// Parcels in order.
    pub rows: Vec<ParcelIx>,
}

impl Queue {
    /// Filters and sorts again.
    pub fn refresh(&mut self, parcels: &Parcels) {
        match filter::search(parcels, &self.filter) {
            Ok(rows) => {
                self.rows = rows;
                self.error = None;
            }
            Err(error) => self.error = Some(error),
        }
        // Stable sorts from the last key to the first; a descending key turns its own order round and no other.
        for &(key, descending) in self.sort.iter().rev() {
            let turned = |order: Ordering| if descending { order.reverse() } else { order };
            match key {
                SortKey::Given => self.rows.sort_by(|a, b| turned(a.cmp(b))),
                SortKey::Id => {
                    let keys: HashMap<ParcelIx, _> = self.rows.iter().map(|&row| (row, natural_key(parcels.id(row)))).collect();
                    self.rows.sort_by(|a, b| turned(keys[a].cmp(&keys[b])));
                }
                SortKey::Crop => self.rows.sort_by(|&a, &b| turned(parcels.crop(a).cmp(&parcels.crop(b)))),
                SortKey::Area => self.rows.sort_by(|&a, &b| turned(parcels.area_ha(a).total_cmp(&parcels.area_ha(b)))),
            }
        }
    }

    /// Row of a parcel.
    pub fn position(&self, parcel: ParcelIx) -> Option<usize> {
        self.rows.iter().position(|&row| row == parcel)
    }

    /// The parcel itself if it still matches, otherwise the nearest following match, otherwise the last.
    pub fn nearest(&self, parcel: ParcelIx) -> Option<ParcelIx> {
        if self.rows.contains(&parcel) {
            return Some(parcel);
        }
        self.rows.iter().copied().filter(|&row| row > parcel).min().or_else(|| self.rows.last().copied())
    }
}

/// Text parts and number parts in turn, so that `P9` comes before `P10`.
fn natural_key(id: &str) -> Vec<(String, u64)> {
    let mut key: Vec<(String, u64)> = vec![(String::new(), 0)];
    let mut in_number = false;
    for c in id.chars() {
        if let Some(digit) = c.to_digit(10) {
            in_number = true;
            if let Some((_, number)) = key.last_mut() {
                *number = number.saturating_mul(10).saturating_add(u64::from(digit));
            }
        } else {
            if in_number {
                key.push((String::new(), 0));
                in_number = false;
            }
            if let Some((text, _)) = key.last_mut() {
                text.push(c);
            }
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::natural_key;

    #[test]
    fn numbers_inside_ids_sort_by_value() {
        let mut ids = vec!["P10", "P9", "P9a", "A100", "007"];
        ids.sort_by_cached_key(|id| natural_key(id));
        assert_eq!(ids, ["007", "A100", "P9", "P9a", "P10"]);
    }
}
