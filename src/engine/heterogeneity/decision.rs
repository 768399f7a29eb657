//! From markers of periods to the index of a parcel: the best of all windows of three periods.

use crate::model::heterogeneity::{CIndex, Decision, DecisionRule, Mark};

/// Periods of a window.
pub const WINDOW: usize = 3;

/// Markers of one period, packed: a bit for each that is 1 (lower half) and for each that is not available (upper half).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed(u8);

impl Packed {
    /// A period that nothing is known of.
    pub const MISSING: Self = Self(0xF0);

    /// From markers; `None` is a period without any.
    pub fn of(marks: Option<&[Mark; 4]>) -> Self {
        marks.map_or(Self::MISSING, |marks| {
            Self(marks.iter().enumerate().fold(0, |bits, (at, mark)| match mark {
                Some(true) => bits | 1 << at,
                Some(false) => bits,
                None => bits | 0x10 << at,
            }))
        })
    }

    /// A marker, M1 at 0.
    pub fn get(self, at: usize) -> Mark {
        if self.0 >> (at + 4) & 1 == 1 { None } else { Some(self.0 >> at & 1 == 1) }
    }

    fn ones(self) -> u8 {
        (self.0 & 0x0F).count_ones() as u8
    }

    fn missing(self) -> u8 {
        (self.0 >> 4).count_ones() as u8
    }
}

/// The decision over the periods of a season.
///
/// `periods[i]` are M1 to M4 of period `i + 1`; a missing period, like a marker that is not available, counts as 0. Every window of
/// three periods in a row is classified, the last one included; a later window of the same class replaces an earlier one, one of a
/// lower class never does. [`Decision::period`] is the first period of the window. Fewer than three periods decide nothing.
///
/// * **Cost:** one pass, no allocation.
/// * **Source:** webinar of `Sen4CAP`; the limits 12, 10, 8 and 6 of [`DecisionRule::Sum`] are those of its released system.
///
/// ```
/// # use parcelight::engine::heterogeneity::decide;
/// # use parcelight::model::heterogeneity::{CIndex, DecisionRule};
/// let all = Some([Some(true); 4]);
/// let decision = decide(&[None, all, all, all], DecisionRule::Sum);
/// assert_eq!((decision.index, decision.period), (CIndex::Strong, Some(2)));
/// ```
pub fn decide(periods: &[Option<[Mark; 4]>], rule: DecisionRule) -> Decision {
    slide(periods.iter().map(|marks| Packed::of(marks.as_ref())), rule)
}

/// [`decide`] on packed markers.
pub fn slide(periods: impl Iterator<Item = Packed>, rule: DecisionRule) -> Decision {
    let mut best = Decision::default();
    let mut window = [Packed::MISSING; WINDOW];
    for (at, packed) in periods.enumerate() {
        window = [window[1], window[2], packed];
        if at + 1 < WINDOW {
            continue;
        }
        let index = classify(window, rule);
        if index != CIndex::No && index >= best.index {
            let sum = |marker: usize| window.iter().map(|own| own.0 >> marker & 1).sum();
            best = Decision {
                index,
                period: Some((at + 2 - WINDOW) as u16),
                sums: [sum(0), sum(1), sum(2), sum(3)],
                missing: window.iter().map(|own| own.missing()).sum(),
            };
        }
    }
    best
}

/// The class of one window.
fn classify(window: [Packed; WINDOW], rule: DecisionRule) -> CIndex {
    let ones = window.map(Packed::ones);
    let total: u8 = ones.iter().sum();
    match rule {
        DecisionRule::Sum => match total {
            12.. => CIndex::Strong,
            10.. => CIndex::Moderate,
            8.. => CIndex::Weak,
            6.. => CIndex::Poor,
            _ => CIndex::No,
        },
        DecisionRule::Literal => match (total, ones) {
            (12.., _) => CIndex::Strong,
            _ if ones.contains(&4) => CIndex::Moderate,
            _ if ones.iter().all(|own| *own >= 3) => CIndex::Weak,
            (6.., _) => CIndex::Poor,
            _ => CIndex::No,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_markers_are_what_was_packed() {
        for bits in 0..81 {
            let marks: [Mark; 4] = std::array::from_fn(|at| [None, Some(false), Some(true)][bits / 3usize.pow(at as u32) % 3]);
            let packed = Packed::of(Some(&marks));
            assert_eq!(std::array::from_fn(|at| packed.get(at)), marks);
        }
        assert_eq!(Packed::of(None), Packed::of(Some(&[None; 4])));
    }

    #[test]
    fn fewer_than_three_periods_decide_nothing() {
        let all = Some([Some(true); 4]);
        for periods in [&[][..], &[all], &[all, all]] {
            assert_eq!(decide(periods, DecisionRule::Sum), Decision::default());
            assert_eq!(decide(periods, DecisionRule::Literal), Decision::default());
        }
    }
}
