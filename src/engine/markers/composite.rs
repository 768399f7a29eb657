//! Two lists of markers become one.
//!
//! Markers co-occur when they have more days in common than a limit; with a limit of 0 touching ones do not.

use super::{Kind, Marker};

/// A marker with what it was made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Composite {
    /// The event.
    pub marker: Marker,
    /// Places of its parts in the first and second list.
    pub parts: (Option<usize>, Option<usize>),
}

/// Those of `a` that co-occur with any of `b`.
pub fn confirmed(a: &[Marker], b: &[Marker], overlap_days: f64) -> Vec<Marker> {
    let with = |own: &&Marker| b.iter().any(|other| own.overlap(other) > overlap_days);
    a.iter().filter(with).copied().collect()
}

/// Those of `a` that no one of `b` explains: what [`confirmed`] leaves out.
pub fn without(a: &[Marker], b: &[Marker], overlap_days: f64) -> Vec<Marker> {
    let alone = |own: &&Marker| b.iter().all(|other| own.overlap(other) <= overlap_days);
    a.iter().filter(alone).copied().collect()
}

/// Pairs of co-occurring markers as one event each, from the earlier start to the later stop, main in the middle of both; the others
/// of both lists as they are. By start, then as in the lists.
///
/// Each of `a` takes the one of `b` with which it has most in common, the first of equals; of neighbours that take the same the one
/// with most in common keeps it, the first of equals. Values of an event of two are `NaN`: they come from two signals.
///
/// * **Source:** the JRC framework's action `aggregate`, where only direct neighbours of `a` compete; here no one of `b` is used twice.
pub fn aggregated(a: &[Marker], b: &[Marker], overlap_days: f64) -> Vec<Composite> {
    // For each of `b` who keeps it, and by how many days.
    let mut keeper: Vec<Option<(usize, f64)>> = vec![None; b.len()];
    for (at, own) in a.iter().enumerate() {
        let mut best: Option<(usize, f64)> = None;
        for (place, other) in b.iter().enumerate() {
            let overlap = own.overlap(other);
            if overlap > overlap_days && best.is_none_or(|(_, most)| overlap > most) {
                best = Some((place, overlap));
            }
        }
        if let Some((place, overlap)) = best.filter(|(place, overlap)| keeper[*place].is_none_or(|(_, most)| *overlap > most)) {
            keeper[place] = Some((at, overlap));
        }
    }
    let mut taken: Vec<Option<usize>> = vec![None; a.len()];
    for (place, (at, _)) in keeper.iter().enumerate().filter_map(|(place, own)| own.map(|own| (place, own))) {
        taken[at] = Some(place);
    }
    let mut all: Vec<Composite> = a
        .iter()
        .zip(&taken)
        .enumerate()
        .map(|(at, (own, pair))| match pair {
            Some(other) => {
                let second = &b[*other];
                let marker = Marker {
                    kinds: own.kinds.and(second.kinds),
                    start: own.start.min(second.start),
                    main: f64::midpoint(own.main, second.main),
                    stop: own.stop.max(second.stop),
                    values: [f64::NAN; 3],
                    depth: f64::NAN,
                };
                Composite { marker, parts: (Some(at), Some(*other)) }
            }
            None => Composite { marker: *own, parts: (Some(at), None) },
        })
        .collect();
    let unmatched = (0..b.len()).filter(|&other| keeper[other].is_none());
    all.extend(unmatched.map(|other| Composite { marker: b[other], parts: (None, Some(other)) }));
    all.sort_by(|x, y| x.marker.start.total_cmp(&y.marker.start));
    all
}

/// One time line of both in which nothing happens at the same time: `b` is kept whole, `a` is cut where `b` is. By start.
///
/// At a cut the value lies on the line between the marker's own values, and a main day that is cut off moves to the middle. One of `a`
/// that `b` covers is left out.
///
/// * **Source:** the JRC framework's action `merge`.
pub fn merged(a: &[Marker], b: &[Marker]) -> Vec<Marker> {
    let mut all: Vec<Marker> = b.to_vec();
    for own in a {
        let mut pieces = vec![*own];
        for other in b {
            pieces = pieces.iter().flat_map(|piece| cut(piece, other)).collect();
        }
        all.extend(pieces);
    }
    all.sort_by(|x, y| x.start.total_cmp(&y.start));
    all
}

/// What is left of a marker outside another.
fn cut(marker: &Marker, other: &Marker) -> Vec<Marker> {
    if marker.overlap(other) <= 0.0 {
        return vec![*marker];
    }
    let mut left = Vec::new();
    if marker.start < other.start {
        left.push(part(marker, marker.start, other.start));
    }
    if marker.stop > other.stop {
        left.push(part(marker, other.stop, marker.stop));
    }
    left
}

fn part(marker: &Marker, start: f64, stop: f64) -> Marker {
    let main = if (start..=stop).contains(&marker.main) { marker.main } else { f64::midpoint(start, stop) };
    let values = [start, main, stop].map(|day| value_at(marker, day));
    let [left, middle, right] = values;
    let depth = if marker.kinds.is(Kind::Drop) {
        left.max(right) - middle
    } else if marker.kinds.is(Kind::Peak) {
        middle - left.min(right)
    } else {
        marker.depth
    };
    Marker { start, main, stop, values, depth, ..*marker }
}

/// On the lines from start over main to stop.
fn value_at(marker: &Marker, day: f64) -> f64 {
    let [first, middle, last] = marker.values;
    let between = |from: f64, to: f64, a: f64, b: f64| if to > from { a + (b - a) * (day - from) / (to - from) } else { a };
    if day <= marker.main {
        between(marker.start, marker.main, first, middle)
    } else {
        between(marker.main, marker.stop, middle, last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drop_of(start: f64, main: f64, stop: f64) -> Marker {
        Marker { kinds: Kind::Drop.into(), start, main, stop, values: [0.8, 0.2, 0.6], depth: 0.6 }
    }

    fn spans(markers: &[Marker]) -> Vec<(f64, f64)> {
        markers.iter().map(|marker| (marker.start, marker.stop)).collect()
    }

    #[test]
    fn touching_is_not_overlapping() {
        let (a, b) = ([drop_of(0.0, 5.0, 10.0), drop_of(20.0, 25.0, 30.0)], [drop_of(10.0, 12.0, 23.0)]);
        assert_eq!(spans(&confirmed(&a, &b, 0.0)), [(20.0, 30.0)]);
        assert!(confirmed(&a, &b, 3.0).is_empty() && confirmed(&a, &[], 0.0).is_empty());
        assert_eq!(spans(&without(&a, &b, 0.0)), [(0.0, 10.0)]);
        assert_eq!(without(&a, &b, 3.0).len(), 2);
    }

    #[test]
    fn each_pairs_with_the_best_and_the_rest_is_kept() {
        let a = [drop_of(0.0, 5.0, 10.0), drop_of(8.0, 9.0, 20.0), drop_of(40.0, 41.0, 42.0)];
        let b = [drop_of(5.0, 15.0, 25.0), drop_of(60.0, 61.0, 70.0)];
        let found = aggregated(&a, &b, 0.0);
        let told: Vec<_> = found.iter().map(|own| (own.marker.start, own.marker.stop, own.parts)).collect();
        assert_eq!(
            told,
            [
                (0.0, 10.0, (Some(0), None)),
                (5.0, 25.0, (Some(1), Some(0))),
                (40.0, 42.0, (Some(2), None)),
                (60.0, 70.0, (None, Some(1))),
            ]
        );
        assert_eq!(found[1].marker.main, 12.0);
        assert!(found[1].marker.values.iter().all(|value| value.is_nan()) && found[0].marker.values[1] == 0.2);
        assert_eq!(aggregated(&[], &b, 0.0).len(), 2);
    }

    #[test]
    fn merging_cuts_the_first_list_at_the_second() {
        let gap = Marker { kinds: Kind::Gap.into(), values: [0.5, f64::NAN, 0.5], ..drop_of(8.0, 10.0, 12.0) };
        let found = merged(&[drop_of(0.0, 10.0, 20.0), drop_of(9.0, 10.0, 11.0)], &[gap]);
        assert_eq!(spans(&found), [(0.0, 8.0), (8.0, 12.0), (12.0, 20.0)]);
        // Down from 0.8 to 0.2 in ten days: 0.32 after eight; the low is cut off, so the middle stands for it.
        assert!((found[0].values[2] - 0.32).abs() < 1e-12 && found[0].main == 4.0);
        assert!((found[2].values[0] - 0.28).abs() < 1e-12 && found[2].values[2] == 0.6);
    }
}
