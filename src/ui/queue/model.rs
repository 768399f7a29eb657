//! What the queue pane computes: filter chips, sort keys, sparklines, scrolling. Knows no egui.

use crate::model::units::epoch_days;
use crate::model::{ObservationState, Series, Signal};
use crate::project::queue::SortKey;

/// Parts of a filter that can be removed one by one: words, or the whole of an expression.
pub fn chips(filter: &str) -> Vec<String> {
    let filter = filter.trim();
    if filter.is_empty() {
        Vec::new()
    } else if filter.contains(['"', '\'', '<', '>', '=']) {
        vec![filter.to_owned()]
    } else {
        filter.split_whitespace().map(str::to_owned).collect()
    }
}

/// The filter without one of its [`chips`].
pub fn without(filter: &str, chip: usize) -> String {
    let mut parts = chips(filter);
    if chip < parts.len() {
        parts.remove(chip);
    }
    parts.join(" ")
}

/// Keys of distance from peers: one a signal of the graphs, each once.
pub fn distances(graphs: &[Vec<Signal>]) -> Vec<SortKey> {
    let mut keys = Vec::new();
    for key in graphs.iter().flatten().cloned().map(SortKey::Distance) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// True for a key whose largest values are wanted first.
fn largest_first(key: &SortKey) -> bool {
    matches!(key, SortKey::Distance(_))
}

/// Sort keys after a click: the key alone (again: the other direction), or, when added, behind the keys before it.
pub fn sorted_by(current: &[(SortKey, bool)], key: &SortKey, add: bool) -> Vec<(SortKey, bool)> {
    if *key == SortKey::Given && !add {
        return match current {
            [(SortKey::Given, descending)] => vec![(SortKey::Given, !descending)],
            [] => vec![(SortKey::Given, true)],
            _ => Vec::new(),
        };
    }
    if !add {
        return match current {
            [(own, descending)] if own == key => vec![(key.clone(), !descending)],
            _ => vec![(key.clone(), largest_first(key))],
        };
    }
    let mut keys = current.to_vec();
    match keys.iter_mut().find(|(own, _)| own == key) {
        Some((_, descending)) => *descending = !*descending,
        None => keys.push((key.clone(), largest_first(key))),
    }
    keys
}

/// Runs of usable observations in the unit square: x over the shown time, y up. Gaps are not bridged.
pub fn sparkline(series: &Series, shown: (f64, f64), values: (f64, f64), max_gap_days: f64) -> Vec<Vec<[f32; 2]>> {
    let mut runs: Vec<Vec<[f32; 2]>> = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for point in series.points.iter().filter(|point| point.state == ObservationState::Ok && point.value.is_finite()) {
        let day = epoch_days(point.acquired);
        if day - last > max_gap_days {
            runs.push(Vec::new());
        }
        last = day;
        let x = (day - shown.0) / (shown.1 - shown.0).max(1e-9);
        let y = ((point.value - values.0) / (values.1 - values.0)).clamp(0.0, 1.0);
        if let Some(run) = runs.last_mut() {
            run.push([x as f32, y as f32]);
        }
    }
    runs
}

/// Scroll offset at which a row is in view, as near to the present one as possible; `None` when it is in view already.
pub fn scroll_to(row: usize, row_px: f32, offset: f32, height: f32) -> Option<f32> {
    let top = row as f32 * row_px;
    if top < offset {
        Some(top)
    } else if top + row_px > offset + height {
        Some((top + row_px - height).max(0.0))
    } else {
        None
    }
}

/// End of an id that fits into a narrow rail.
pub fn tail(id: &str, characters: usize) -> String {
    let count = id.chars().count();
    id.chars().skip(count.saturating_sub(characters)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AcquisitionIx, SeriesPoint};

    #[test]
    fn words_are_removed_one_by_one_and_an_expression_as_a_whole() {
        assert_eq!(chips("  crop:maize  007 "), ["crop:maize", "007"]);
        assert_eq!(without("crop:maize 007", 0), "007");
        assert_eq!(chips("\"area_ha\" > 0.3 AND \"crop\" = 'maize'").len(), 1);
        assert_eq!(without("area_ha > 0.3", 0), "");
        assert!(chips("   ").is_empty());
    }

    #[test]
    fn clicks_sort_toggle_and_add() {
        use SortKey::{Area, Crop, Given, Id};
        assert_eq!(sorted_by(&[], &Crop, false), [(Crop, false)]);
        assert_eq!(sorted_by(&[(Crop, false)], &Crop, false), [(Crop, true)]);
        assert_eq!(sorted_by(&[(Crop, false)], &Area, true), [(Crop, false), (Area, false)]);
        assert_eq!(sorted_by(&[(Crop, false), (Area, false)], &Area, true), [(Crop, false), (Area, true)]);
        assert_eq!(sorted_by(&[(Crop, false), (Area, false)], &Id, false), [(Id, false)]);
        assert!(sorted_by(&[(Crop, false)], &Given, false).is_empty());
    }

    #[test]
    fn a_sparkline_breaks_at_gaps_and_leaves_out_masked_observations() {
        let point = |day: i64, value: f64, state| SeriesPoint {
            acquisition: AcquisitionIx(0),
            acquired: jiff::Timestamp::from_second(day * 86_400).expect("valid"),
            value,
            std: f64::NAN,
            p25: f64::NAN,
            p75: f64::NAN,
            count: 1.0,
            usable_share: 1.0,
            state,
        };
        let series = Series {
            points: vec![
                point(0, 0.0, ObservationState::Ok),
                point(5, 0.9, ObservationState::Masked),
                point(10, 0.5, ObservationState::Ok),
                point(100, 2.0, ObservationState::Ok),
            ],
        };
        let runs = sparkline(&series, (0.0, 100.0), (0.0, 1.0), 40.0);
        assert_eq!(runs, [vec![[0.0, 0.0], [0.1, 0.5]], vec![[1.0, 1.0]]]);
    }

    #[test]
    fn scrolling_moves_only_as_far_as_needed() {
        assert_eq!(scroll_to(3, 40.0, 0.0, 400.0), None);
        assert_eq!(scroll_to(12, 40.0, 0.0, 400.0), Some(120.0));
        assert_eq!(scroll_to(1, 40.0, 100.0, 400.0), Some(40.0));
    }

    #[test]
    fn the_rail_shows_the_end_of_an_id() {
        assert_eq!(tail("FLAPAJ013", 3), "013");
        assert_eq!(tail("é7", 3), "é7");
    }
}
