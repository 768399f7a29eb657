//! The reference population of a parcel, and what it does at each time step.

use std::borrow::Cow;
use std::collections::{BTreeMap, BinaryHeap};

use geo::{Distance as _, Euclidean};

use crate::engine::coverage::shape;
use crate::engine::zonal::percentile;
use crate::model::settings::PeerSettings;
use crate::model::units::epoch_days;
use crate::model::{AcquisitionIx, Bounds, ObservationState, ParcelIx, Parcels, Series};

/// Edges closer than this touch, m: coordinates of millions of metres hold no more.
const TOUCHING: f64 = 1e-6;

/// A peer with its distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peer {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Edge to edge, m; 0 when they touch.
    pub distance_m: f64,
}

/// Parcels of the same declared crop (and region, where the settings name its column), nearest first (then by row), without the parcel itself and without the excluded.
///
/// At most `settings.max`, at least `min_area_ha` large, and no farther than `distance_m` if one is set. A parcel without crop
/// or without outline has no peers.
///
/// * **Cost:** distances between boxes for every candidate, between edges only until no nearer one can follow.
pub fn choose(parcels: &Parcels, parcel: ParcelIx, settings: &PeerSettings) -> Vec<Peer> {
    let bounds = parcels.bounds(parcel);
    let Some(crop) = parcels.crop(parcel).filter(|_| !bounds.is_empty()) else { return Vec::new() };
    let region = Region::of(parcels, settings);
    let own_region = region.value(parcels, parcel);
    let limit = settings.distance_m.unwrap_or(f64::INFINITY).max(0.0);
    let eligible = |&other: &ParcelIx| {
        other != parcel
            && parcels.crop(other) == Some(crop)
            && region.value(parcels, other) == own_region
            && parcels.area_ha(other) >= settings.min_area_ha
            && !parcels.bounds(other).is_empty()
            && !settings.excluded.iter().any(|id| id == parcels.id(other))
    };
    let near = if limit.is_finite() { parcels.in_bounds(&bounds.grown(limit + TOUCHING)) } else { parcels.iter().collect() };
    let mut candidates: Vec<(f64, ParcelIx)> =
        near.into_iter().filter(eligible).map(|other| (box_distance(&bounds, &parcels.bounds(other)), other)).collect();
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    nearest(parcels, parcel, &candidates, limit, settings.max)
}

/// The column that tells regions apart, if there is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region(Option<usize>);

impl Region {
    /// The column that the settings name, if the table has it.
    pub(super) fn of(parcels: &Parcels, settings: &PeerSettings) -> Self {
        let named = |name: &String| parcels.columns().iter().position(|column| column.name == *name);
        Self(settings.region.as_ref().and_then(named))
    }

    /// A parcel's region; `None` where it is not told.
    pub(super) fn value(self, parcels: &Parcels, parcel: ParcelIx) -> Option<Cow<'_, str>> {
        let column = self.0?;
        if parcels.columns()[column].number {
            let number = parcels.number(column, parcel);
            (!number.is_nan()).then(|| number.to_string().into())
        } else {
            parcels.text(column, parcel).map(Cow::Borrowed)
        }
    }
}

/// Of candidates sorted by the distance of their boxes, which edges cannot beat, the `max` nearest by their edges.
fn nearest(parcels: &Parcels, parcel: ParcelIx, candidates: &[(f64, ParcelIx)], limit: f64, max: usize) -> Vec<Peer> {
    let origin = parcels.bounds(parcel).center();
    let own = shape(&parcels.outline(parcel), origin);
    // The farthest of the chosen on top.
    let mut chosen: BinaryHeap<Ranked> = BinaryHeap::new();
    for &(at_least, other) in candidates {
        let full = chosen.len() >= max;
        if max == 0 || (full && chosen.peek().is_some_and(|worst| at_least > worst.distance_m + TOUCHING)) {
            break;
        }
        let between = Euclidean.distance(&own, &shape(&parcels.outline(other), origin));
        let distance_m = if between < TOUCHING { 0.0 } else { between };
        if distance_m <= limit {
            chosen.push(Ranked { distance_m, parcel: other });
            if full {
                chosen.pop();
            }
        }
    }
    chosen.into_sorted_vec().into_iter().map(|Ranked { distance_m, parcel }| Peer { parcel, distance_m }).collect()
}

/// Ordered by distance, then row.
#[derive(Debug, PartialEq)]
struct Ranked {
    distance_m: f64,
    parcel: ParcelIx,
}

impl Eq for Ranked {}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.distance_m.total_cmp(&other.distance_m).then(self.parcel.cmp(&other.parcel))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn box_distance(a: &Bounds, b: &Bounds) -> f64 {
    let dx = (b.min_x - a.max_x).max(a.min_x - b.max_x).max(0.0);
    let dy = (b.min_y - a.max_y).max(a.min_y - b.max_y).max(0.0);
    dx.hypot(dy)
}

/// How values spread: percentiles are linear between ranks, `std` is that of the population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Number of values.
    pub n: usize,
    /// 10th percentile.
    pub p10: f64,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// Mean.
    pub mean: f64,
    /// Population standard deviation.
    pub std: f64,
}

impl Spread {
    /// Of finite values, which it sorts; `None` of none.
    pub fn of(values: &mut [f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        values.sort_unstable_by(f64::total_cmp);
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n as f64;
        let std = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
        let [p10, p50, p90] = [0.1, 0.5, 0.9].map(|share| percentile(values, share));
        Some(Self { n, p10, p50, p90, mean, std })
    }
}

/// Spread of the peers at one time step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeerStep {
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// Days since 1970-01-01, with fraction.
    pub epoch_day: f64,
    /// Spread of the peers with a usable value.
    pub spread: Spread,
}

/// Spread of usable peer values at each acquisition that any peer has a usable value for, by time.
///
/// Usable is `ok` with a finite value. The order of `series` does not matter.
pub fn spread(series: &[&Series]) -> Vec<PeerStep> {
    let mut values: BTreeMap<(jiff::Timestamp, AcquisitionIx), Vec<f64>> = BTreeMap::new();
    for point in series.iter().flat_map(|series| &series.points) {
        if point.state == ObservationState::Ok && point.value.is_finite() {
            values.entry((point.acquired, point.acquisition)).or_default().push(point.value);
        }
    }
    let step = |((acquired, acquisition), mut values): ((jiff::Timestamp, AcquisitionIx), Vec<f64>)| {
        let spread = Spread::of(&mut values)?;
        Some(PeerStep { acquisition, epoch_day: epoch_days(acquired), spread })
    };
    values.into_iter().filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::parcels::{ParcelRow, ParcelsBuilder};
    use crate::model::{Crs, Polygons, SeriesPoint};

    fn square(x: f64, y: f64, side: f64) -> Polygons {
        let (x, y) = (560_000.0 + x, 5_620_000.0 + y);
        Polygons { parts: vec![vec![vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]]] }
    }

    fn table(rows: &[(&str, Option<&str>, Polygons, f64)]) -> Parcels {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for (id, crop, outline, area_ha) in rows {
            let crop_name = crop.map(str::to_owned);
            builder.push(ParcelRow {
                id: (*id).to_owned(),
                crop_name,
                outline: outline.clone(),
                area_ha: *area_ha,
                ..ParcelRow::default()
            });
        }
        builder.finish(vec![])
    }

    fn village() -> Parcels {
        let maize = Some("maize");
        table(&[
            ("own", maize, square(0.0, 0.0, 100.0), 1.0),
            ("touching", maize, square(100.0, 0.0, 100.0), 1.0),
            ("far", maize, square(500.0, 0.0, 100.0), 1.0),
            ("wheat", Some("wheat"), square(0.0, 100.0, 100.0), 1.0),
            ("small", maize, square(0.0, -20.0, 10.0), 0.01),
            ("diagonal", maize, square(130.0, 140.0, 100.0), 1.0),
            ("empty", maize, Polygons::default(), 1.0),
            ("none", None, square(300.0, 0.0, 100.0), 1.0),
        ])
    }

    fn ids(parcels: &Parcels, own: u32, settings: &PeerSettings) -> Vec<(String, f64)> {
        choose(parcels, ParcelIx(own), settings)
            .iter()
            .map(|peer| (parcels.id(peer.parcel).to_owned(), (peer.distance_m * 1e6).round() / 1e6))
            .collect()
    }

    #[test]
    fn peers_have_the_same_crop_and_come_nearest_first() {
        let parcels = village();
        let all = ids(&parcels, 0, &PeerSettings::default());
        assert_eq!(all, [("touching".to_owned(), 0.0), ("diagonal".to_owned(), 50.0), ("far".to_owned(), 400.0)]);
        let near = ids(&parcels, 0, &PeerSettings { distance_m: Some(50.0), ..PeerSettings::default() });
        assert_eq!(near, all[..2]);
        let first = ids(&parcels, 0, &PeerSettings { max: 1, ..PeerSettings::default() });
        assert_eq!(first, all[..1]);
        let others = ids(&parcels, 0, &PeerSettings { excluded: vec!["touching".to_owned()], ..PeerSettings::default() });
        assert_eq!(others, all[1..]);
        assert_eq!(ids(&parcels, 0, &PeerSettings { max: 0, ..PeerSettings::default() }), []);
    }

    #[test]
    fn parcels_without_crop_or_outline_have_no_peers() {
        let parcels = village();
        for own in [3, 6, 7] {
            assert_eq!(ids(&parcels, own, &PeerSettings::default()), []);
        }
    }

    fn series(values: &[(f64, ObservationState)]) -> Series {
        let point = |(at, &(value, state)): (usize, &(f64, ObservationState))| SeriesPoint {
            acquisition: AcquisitionIx(at as u32),
            acquired: jiff::Timestamp::from_second(at as i64 * 43_200).expect("a time"),
            value,
            std: 0.0,
            p25: 0.0,
            p75: 0.0,
            count: 1.0,
            usable_share: 1.0,
            state,
        };
        Series { points: values.iter().enumerate().map(point).collect() }
    }

    #[test]
    fn only_usable_values_enter_the_spread() {
        use ObservationState::{Masked, NoData, Ok};
        let all = [
            series(&[(1.0, Ok), (5.0, Masked), (0.0, Ok)]),
            series(&[(2.0, Ok), (f64::NAN, NoData), (9.0, Masked)]),
            series(&[(6.0, Ok), (f64::NAN, Ok)]),
        ];
        let steps = spread(&all.iter().collect::<Vec<_>>());
        assert_eq!(steps.len(), 2);
        assert_eq!(
            (steps[0].spread.n, steps[0].spread.p50, steps[0].spread.mean, steps[1].spread.n, steps[1].epoch_day),
            (3, 2.0, 3.0, 1, 1.0)
        );
        assert!((steps[0].spread.p10 - 1.2).abs() < 1e-12 && (steps[0].spread.p90 - 5.2).abs() < 1e-12);
        assert!((steps[0].spread.std - (14.0f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!((steps[1].spread.std, steps[1].spread.p10), (0.0, 0.0));
        assert!(spread(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn the_nearest_are_those_of_a_full_search(places in prop::collection::vec((0.0f64..2000.0, 0.0f64..2000.0, 5.0f64..300.0), 2..30), max in 1usize..6) {
            let rows: Vec<_> = places.iter().map(|&(x, y, side)| ("", Some("maize"), square(x, y, side), 1.0)).collect();
            let parcels = table(&rows);
            let full = choose(&parcels, ParcelIx(0), &PeerSettings { max: 1000, ..PeerSettings::default() });
            // Squares along the axes: the distance of their boxes is that of their edges.
            for peer in &full {
                let expected = box_distance(&parcels.bounds(ParcelIx(0)), &parcels.bounds(peer.parcel));
                prop_assert!((peer.distance_m - expected).abs() < 1e-5);
            }
            let some = choose(&parcels, ParcelIx(0), &PeerSettings { max, ..PeerSettings::default() });
            prop_assert_eq!(&some[..], &full[..max.min(full.len())]);
        }
    }
}
