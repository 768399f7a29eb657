//! Pairs of known and detected events: as many as possible, and of these choices the nearest.

/// One-to-one pairs of days at most `tolerance_days` apart, as places `(known, detected)`, ascending.
///
/// Both lists are ascending and hold no `NaN`. Of all ways to pair them the one with most pairs counts, and of several such the one with
/// the least sum of distances. On a line two pairs that cross can be uncrossed without making either the longer one or the sum longer,
/// so looking at ordered pairs is enough. Of equal choices the one that pairs the earliest counts.
///
/// * **Cost:** product of both lengths, in time and memory.
/// * **Source:** dynamic programming as for the alignment of sequences (Needleman and Wunsch 1970).
pub fn pairs(known: &[f64], detected: &[f64], tolerance_days: f64) -> Vec<(usize, usize)> {
    debug_assert!(known.is_sorted() && detected.is_sorted(), "days are ascending");
    let width = detected.len() + 1;
    // Best of the rest from (known, detected) on: most pairs, then least distance.
    let mut best: Vec<(usize, f64)> = vec![(0, 0.0); (known.len() + 1) * width];
    let better = |a: (usize, f64), b: (usize, f64)| a.0 > b.0 || (a.0 == b.0 && a.1 < b.1);
    let with = |rest: (usize, f64), distance: f64| (rest.0 + 1, rest.1 + distance);
    for at in (0..known.len()).rev() {
        for own in (0..detected.len()).rev() {
            let (down, right) = (best[(at + 1) * width + own], best[at * width + own + 1]);
            let mut most = if better(right, down) { right } else { down };
            let distance = (known[at] - detected[own]).abs();
            if distance <= tolerance_days {
                let paired = with(best[(at + 1) * width + own + 1], distance);
                if !better(most, paired) {
                    most = paired;
                }
            }
            best[at * width + own] = most;
        }
    }
    let mut found = Vec::new();
    let (mut at, mut own) = (0, 0);
    while at < known.len() && own < detected.len() {
        let distance = (known[at] - detected[own]).abs();
        let here = best[at * width + own];
        if distance <= tolerance_days && here == with(best[(at + 1) * width + own + 1], distance) {
            found.push((at, own));
            (at, own) = (at + 1, own + 1);
        } else if here == best[(at + 1) * width + own] {
            at += 1;
        } else {
            own += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Most pairs and their least distance among all ways to pair, crossing ones too.
    fn brute(known: &[f64], detected: &[f64], tolerance: f64) -> (usize, f64) {
        let Some((&first, rest)) = known.split_first() else { return (0, 0.0) };
        let mut best = brute(rest, detected, tolerance);
        for (at, &day) in detected.iter().enumerate().filter(|(_, day)| (first - **day).abs() <= tolerance) {
            let mut others = detected.to_vec();
            others.remove(at);
            let (count, distance) = brute(rest, &others, tolerance);
            let (count, distance) = (count + 1, distance + (first - day).abs());
            if count > best.0 || (count == best.0 && distance < best.1) {
                best = (count, distance);
            }
        }
        best
    }

    #[test]
    fn the_nearest_is_not_taken_where_that_costs_a_pair() {
        assert_eq!(pairs(&[10.0, 20.0], &[5.0, 11.0], 9.0), [(0, 0), (1, 1)]);
        assert_eq!(pairs(&[10.0], &[5.0, 11.0], 9.0), [(0, 1)]);
        assert_eq!(pairs(&[10.0, 12.0], &[11.0], 6.0), [(0, 0)]);
        assert_eq!(pairs(&[10.0], &[16.5], 6.0), []);
        assert_eq!(pairs(&[], &[1.0], 6.0), []);
    }

    proptest! {
        #[test]
        fn no_other_way_has_more_pairs_or_nearer_ones(
            mut known in prop::collection::vec(0..60_i32, 0..6),
            mut detected in prop::collection::vec(0..60_i32, 0..6),
            tolerance in 0..20_i32,
        ) {
            known.sort_unstable();
            detected.sort_unstable();
            let days = |own: &[i32]| own.iter().map(|&day| f64::from(day)).collect::<Vec<f64>>();
            let (known, detected, tolerance) = (days(&known), days(&detected), f64::from(tolerance));
            let found = pairs(&known, &detected, tolerance);
            let distance: f64 = found.iter().map(|&(at, own)| (known[at] - detected[own]).abs()).sum();
            prop_assert_eq!((found.len(), distance), brute(&known, &detected, tolerance));
            prop_assert!(found.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1), "each at most once");
            prop_assert!(found.iter().all(|&(at, own)| (known[at] - detected[own]).abs() <= tolerance));
        }
    }
}
