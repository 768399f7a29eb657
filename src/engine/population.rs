//! A whole population at one time step: how the values of each group of parcels spread, and who stands apart.
//!
//! A group is a declared crop, within a region where regions are told apart. Values are one number a parcel, in the order of the
//! table; `NaN` is a value that is missing or not usable.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::engine::peers::{Region, Spread};
use crate::model::settings::PeerSettings;
use crate::model::{ParcelIx, Parcels, Signal};

/// Fewer other parcels with a value than this make no band to be compared with.
pub const LEAST_PEERS: usize = 3;

/// A parcel with fewer comparable time steps than this has no score.
pub const LEAST_STEPS: u32 = 3;

/// Parcels that are compared with each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Declared crop.
    pub crop: String,
    /// Value of the region's column; `None` where regions are not told apart, or this one is not told.
    pub region: Option<String>,
    /// Parcels that its spread is made of.
    pub peers: usize,
}

/// Which group each parcel belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    names: Vec<Group>,
    of: Vec<u32>,
    /// Rows of all groups, group by group, each ascending.
    rows: Vec<u32>,
    /// Where each group begins in `rows`, and the end.
    starts: Vec<u32>,
    /// True for parcels that are peers of others: large enough and not excluded.
    peer: Vec<bool>,
}

impl Groups {
    const NONE: u32 = u32::MAX;

    /// Groups by declared crop, and by `settings.region` if that column is there; sorted by both. Parcels without crop have none.
    ///
    /// Smaller parcels than `settings.min_area_ha` and excluded ones have a group but are nobody's peers.
    pub fn new(parcels: &Parcels, settings: &PeerSettings) -> Self {
        let column = Region::of(parcels, settings);
        let region = |parcel: ParcelIx| column.value(parcels, parcel);
        let excluded: HashSet<&str> = settings.excluded.iter().map(String::as_str).collect();
        let mut known: HashMap<(&str, Option<Cow<'_, str>>), u32> = HashMap::new();
        let mut of = Vec::with_capacity(parcels.len());
        let mut peer = Vec::with_capacity(parcels.len());
        for parcel in parcels.iter() {
            let next = known.len() as u32;
            of.push(parcels.crop(parcel).map_or(Self::NONE, |crop| *known.entry((crop, region(parcel))).or_insert(next)));
            peer.push(parcels.area_ha(parcel) >= settings.min_area_ha && !excluded.contains(parcels.id(parcel)));
        }
        let mut names: Vec<_> = known.into_iter().collect();
        names.sort_unstable();
        let mut place = vec![0; names.len()];
        for (new, (_, old)) in names.iter().enumerate() {
            place[*old as usize] = new as u32;
        }
        of.iter_mut().filter(|group| **group != Self::NONE).for_each(|group| *group = place[*group as usize]);
        let mut groups: Vec<Group> = names
            .into_iter()
            .map(|((crop, region), _)| Group { crop: crop.to_owned(), region: region.map(Cow::into_owned), peers: 0 })
            .collect();
        let mut starts = vec![0u32; groups.len() + 1];
        for (&group, &peer) in of.iter().zip(&peer).filter(|(group, _)| **group != Self::NONE) {
            starts[group as usize + 1] += 1;
            groups[group as usize].peers += usize::from(peer);
        }
        for group in 1..starts.len() {
            starts[group] += starts[group - 1];
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; starts.last().copied().unwrap_or_default() as usize];
        for (row, &group) in of.iter().enumerate().filter(|(_, group)| **group != Self::NONE) {
            rows[next[group as usize] as usize] = row as u32;
            next[group as usize] += 1;
        }
        Self { names: groups, of, rows, starts, peer }
    }

    /// All groups.
    pub fn all(&self) -> &[Group] {
        &self.names
    }

    /// Place of a parcel's group in [`Groups::all`].
    pub fn of(&self, parcel: ParcelIx) -> Option<usize> {
        self.of.get(parcel.at()).filter(|&&group| group != Self::NONE).map(|&group| group as usize)
    }

    /// Number of parcels, also of those without a group.
    pub fn parcels(&self) -> usize {
        self.of.len()
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        self.of.len() * 9 + self.names.len() * 96
    }

    fn rows(&self, group: usize) -> &[u32] {
        &self.rows[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    /// One group at one time step. `values` has one value a parcel of the table.
    ///
    /// A parcel's distance is that from the 10th to 90th percentile of the group's *other* peers, in widths of that band, which is at
    /// least `least_width`. Parcels with fewer than [`LEAST_PEERS`] others have none.
    ///
    /// * **Cost:** a sort of the group's values.
    pub fn step(&self, group: usize, values: &[f32], least_width: f64) -> GroupStep {
        let rows = || self.rows(group).iter().copied().filter(|&row| values[row as usize].is_finite());
        let value = |row: u32| f64::from(values[row as usize]);
        let mut sorted: Vec<f64> = rows().filter(|&row| self.peer[row as usize]).map(value).collect();
        let spread = Spread::of(&mut sorted);
        let band = |row: u32| match spread {
            _ if self.peer[row as usize] => without(&sorted, value(row)),
            Some(spread) if spread.n >= LEAST_PEERS => Some((spread.p10, spread.p90)),
            _ => None,
        };
        let distances = rows().filter_map(|row| Some((row, distance(value(row), band(row)?, least_width) as f32))).collect();
        GroupStep { spread, distances }
    }
}

/// One group at one time step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupStep {
    /// Spread of the peers' values; `None` when there is no value.
    pub spread: Option<Spread>,
    /// Row and distance of every parcel that can be compared, see [`Groups::step`].
    pub distances: Vec<(u32, f32)>,
}

/// Distance of a value from a band of peers in widths of the band: 0 inside, 1 where it is one width above or below.
fn distance(value: f64, (low, high): (f64, f64), least_width: f64) -> f64 {
    (low - value).max(value - high).max(0.0) / (high - low).max(least_width)
}

/// A band narrower than this is taken to be this wide, in the signal's unit: below it is noise, and peers that agree by chance would
/// make everybody else stand far apart.
pub fn least_width(signal: &Signal) -> f64 {
    match signal {
        Signal::Band(_) => 0.01,
        Signal::BackscatterDb(_) | Signal::BackscatterRatioDb => 0.5,
        Signal::Index(_) | Signal::Expression { .. } | Signal::Coherence(_) => 0.05,
    }
}

/// How far each parcel stands from its peers, summed over time steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Distances {
    sum: Vec<f32>,
    steps: Vec<u32>,
}

impl Distances {
    /// Of so many parcels, over no time step.
    pub fn new(parcels: usize) -> Self {
        Self { sum: vec![0.0; parcels], steps: vec![0; parcels] }
    }

    /// Adds what a group's parcels show at a time step.
    pub fn add(&mut self, step: &GroupStep) {
        for &(row, distance) in &step.distances {
            self.sum[row as usize] += distance;
            self.steps[row as usize] += 1;
        }
    }

    /// Mean distance of each parcel over its time steps, in widths of the band; `NaN` with fewer than [`LEAST_STEPS`] of them.
    pub fn scores(&self) -> Vec<f32> {
        let score = |(&sum, &steps): (&f32, &u32)| if steps < LEAST_STEPS { f32::NAN } else { sum / steps as f32 };
        self.sum.iter().zip(&self.steps).map(score).collect()
    }
}

/// 10th and 90th percentile of sorted values without one that equals `value`; `None` when too few remain.
fn without(sorted: &[f64], value: f64) -> Option<(f64, f64)> {
    let last = sorted.len().checked_sub(2)?;
    if last + 1 < LEAST_PEERS {
        return None;
    }
    let own = sorted.partition_point(|other| *other < value);
    let at = |place: usize| sorted[place + usize::from(place >= own)];
    let percentile = |share: f64| {
        let rank = share * last as f64;
        let below = rank.floor() as usize;
        at(below) + (at((below + 1).min(last)) - at(below)) * (rank - below as f64)
    };
    Some((percentile(0.1), percentile(0.9)))
}

#[cfg(test)]
mod tests {
    use crate::engine::zonal::percentile;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Crs;
    use crate::model::parcels::{Column, ParcelRow, ParcelsBuilder, Values};

    fn table(crops: &[Option<&str>], regions: Option<Vec<f64>>) -> Parcels {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for (row, crop) in crops.iter().enumerate() {
            let crop_name = crop.map(str::to_owned);
            builder.push(ParcelRow { id: format!("P{row}"), crop_name, area_ha: 1.0, ..ParcelRow::default() });
        }
        let columns = regions.map(|numbers| Column { name: "region".to_owned(), values: Values::Number(numbers) });
        builder.finish(columns.into_iter().collect())
    }

    #[test]
    fn groups_are_crops_and_regions_where_they_are_told_apart() {
        let crops = [Some("wheat"), Some("maize"), None, Some("maize"), Some("maize")];
        let parcels = table(&crops, Some(vec![1.0, 2.0, 2.0, 1.0, 2.0]));
        let groups = Groups::new(&parcels, &PeerSettings::default());
        assert_eq!(
            groups.all().iter().map(|group| (group.crop.as_str(), group.peers)).collect::<Vec<_>>(),
            [("maize", 3), ("wheat", 1)]
        );
        assert_eq!([0, 1, 2, 3].map(|row| groups.of(ParcelIx(row))), [Some(1), Some(0), None, Some(0)]);
        let settings =
            PeerSettings { region: Some("region".to_owned()), excluded: vec!["P4".to_owned()], ..PeerSettings::default() };
        let groups = Groups::new(&parcels, &settings);
        let named: Vec<_> =
            groups.all().iter().map(|group| (group.crop.as_str(), group.region.as_deref(), group.peers)).collect();
        assert_eq!(named, [("maize", Some("1"), 1), ("maize", Some("2"), 1), ("wheat", Some("1"), 1)]);
        assert_eq!([1, 3, 4].map(|row| groups.of(ParcelIx(row))), [Some(1), Some(0), Some(1)]);
        let settings = PeerSettings { region: Some("gone".to_owned()), min_area_ha: 2.0, ..PeerSettings::default() };
        assert!(Groups::new(&parcels, &settings).all().iter().all(|group| group.peers == 0 && group.region.is_none()));
    }

    #[test]
    fn the_one_that_stands_apart_has_the_largest_score_and_missing_values_have_none() {
        let crops = [Some("maize"); 7];
        let parcels = table(&crops, None);
        let groups = Groups::new(&parcels, &PeerSettings::default());
        let mut distances = Distances::new(parcels.len());
        for step in 0..4 {
            // Six alike between 0.5 and 0.6, of which one has no value but at two steps; one at 0.1.
            let sixth = if step < 2 { 0.6 } else { f32::NAN };
            distances.add(&groups.step(0, &[0.5, 0.52, 0.54, 0.56, 0.58, sixth, 0.1], 0.05));
        }
        let scores = distances.scores();
        assert!(scores[5].is_nan(), "two steps are too few");
        assert!(scores[..5].iter().all(|score| *score < 0.5 && scores[6] > 3.0), "{scores:?}");
        // Others of the outlier: 0.5 to 0.6 in six or five steps; p10 0.51 and p90 0.59, or 0.508 and 0.572.
        let expected = [(0.51 - 0.1) / 0.08, (0.508 - 0.1) / 0.064];
        assert!((f64::from(scores[6]) - f64::midpoint(expected[0], expected[1])).abs() < 1e-3, "{scores:?}");
    }

    #[test]
    fn too_few_peers_give_neither_band_nor_score() {
        let parcels = table(&[Some("maize"), Some("maize"), Some("maize"), None], None);
        let groups = Groups::new(&parcels, &PeerSettings::default());
        let mut distances = Distances::new(parcels.len());
        for _ in 0..5 {
            distances.add(&groups.step(0, &[0.1, 0.5, 0.9, 0.9], 0.05));
        }
        assert!(distances.scores().iter().all(|score| score.is_nan()));
        assert_eq!(groups.step(0, &[f32::NAN, f32::NAN, f32::NAN, 1.0], 0.05), GroupStep::default());
    }

    proptest! {
        #[test]
        fn leaving_one_out_equals_sorting_the_others(values in prop::collection::vec(-1.0f32..1.0, 4..40), own in 0usize..4) {
            let sorted = |without: Option<usize>| {
                let others = values.iter().enumerate().filter(|(at, _)| Some(*at) != without).map(|(_, value)| f64::from(*value));
                let mut others: Vec<f64> = others.collect();
                others.sort_unstable_by(f64::total_cmp);
                others
            };
            let others = sorted(Some(own));
            let (low, high) = without(&sorted(None), f64::from(values[own])).expect("enough");
            prop_assert!((low - percentile(&others, 0.1)).abs() < 1e-12 && (high - percentile(&others, 0.9)).abs() < 1e-12);
        }
    }
}
