//! Which part a parcel belongs to: parcels are split by the first bits of their keys, and by one bit more where there are too many.
//!
//! The id comes first in a key, so a parcel stays in its bucket when its outline changes.

use std::ops::Range;

use crate::store::observations::{ID_BYTES, ParcelKey};

/// Parcels of a bucket, at most.
const MOST: usize = 16_384;

/// The bucket of a key where there are some buckets already: the one that holds it, or the widest that overlaps none.
pub(super) fn of(key: &ParcelKey, buckets: &[&str]) -> String {
    let mut bucket = String::new();
    while bucket.len() < 8 * ID_BYTES {
        if buckets.contains(&bucket.as_str()) || !buckets.iter().any(|other| other.starts_with(&bucket)) {
            break;
        }
        bucket.push(if bit(key, bucket.len()) { '1' } else { '0' });
    }
    bucket
}

/// Buckets of handy size in the place of one, with their ranges of its ascending keys. Always at least one.
pub(super) fn split(bucket: &str, keys: &[ParcelKey]) -> Vec<(String, Range<usize>)> {
    split_at(bucket, keys, 0..keys.len(), MOST)
}

fn split_at(bucket: &str, keys: &[ParcelKey], range: Range<usize>, most: usize) -> Vec<(String, Range<usize>)> {
    // Outlines of one id stay together.
    if range.len() <= most || bucket.len() >= 8 * ID_BYTES {
        return vec![(bucket.to_owned(), range)];
    }
    let middle = range.start + keys[range.clone()].partition_point(|key| !bit(key, bucket.len()));
    let mut made = split_at(&format!("{bucket}0"), keys, range.start..middle, most);
    made.extend(split_at(&format!("{bucket}1"), keys, middle..range.end, most));
    made
}

fn bit(key: &ParcelKey, at: usize) -> bool {
    key[at / 8] << (at % 8) & 0x80 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: u32) -> Vec<ParcelKey> {
        let mut keys: Vec<ParcelKey> = (0..count)
            .map(|number| {
                let mut key = ParcelKey::default();
                key.copy_from_slice(&blake3::hash(&number.to_le_bytes()).as_bytes()[..24]);
                key
            })
            .collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn every_key_is_in_exactly_one_bucket_of_handy_size() {
        let keys = keys(1000);
        let split = split_at("", &keys, 0..keys.len(), 100);
        assert!(split.iter().all(|(_, range)| range.len() <= 100) && split.len() < 40);
        assert_eq!(split.iter().map(|(_, range)| range.len()).sum::<usize>(), keys.len());
        let buckets: Vec<&str> = split.iter().map(|(bucket, _)| bucket.as_str()).collect();
        for (bucket, range) in &split {
            for key in &keys[range.clone()] {
                assert_eq!(of(key, &buckets), *bucket);
            }
        }
    }

    #[test]
    fn a_key_beside_all_buckets_gets_one_that_overlaps_none() {
        let key = [0b1100_0000; 24];
        assert_eq!(of(&key, &[]), "");
        assert_eq!(of(&key, &["0"]), "1");
        assert_eq!(of(&key, &["0", "100", "101"]), "11");
        assert_eq!(of(&key, &["0", "1"]), "1");
    }

    #[test]
    fn few_keys_stay_together_and_one_id_is_never_split() {
        assert_eq!(split("01", &keys(3)), [("01".to_owned(), 0..3)]);
        assert_eq!(split("", &[]), [(String::new(), 0..0)]);
        let same = vec![[7; 24]; 5];
        let split = split_at("", &same, 0..5, 2);
        assert_eq!(split.iter().filter(|(_, range)| range.len() == 5).count(), 1);
    }
}
