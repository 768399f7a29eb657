//! Cluster maps: isolated pixels and connectivity.

use parcelight::engine::heterogeneity::{LabelGrid, Neighbours, connectivity_rows, without_isolated_rows};
use proptest::prelude::*;
use serde_json::Value;

use super::cases;

fn cells(rows: &Value) -> Vec<u8> {
    let rows = rows.as_array().expect("rows").iter();
    rows.flat_map(|row| row.as_array().expect("a row")).map(|own| own.as_u64().expect("a class") as u8).collect()
}

/// Two bands, cut at `at`.
fn connected(grid: &LabelGrid, radius: u8, neighbours: Neighbours, at: usize) -> Vec<u8> {
    let mut out = vec![255; grid.labels.len()];
    let (above, below) = out.split_at_mut(at * grid.width);
    connectivity_rows(grid, radius, neighbours, 0..at, above);
    connectivity_rows(grid, radius, neighbours, at..grid.height, below);
    out
}

fn smoothed(grid: &LabelGrid, radius: u8, threshold: u8, at: usize) -> Vec<u8> {
    let mut out = vec![255; grid.labels.len()];
    let (above, below) = out.split_at_mut(at * grid.width);
    without_isolated_rows(grid, radius, threshold, 0..at, above);
    without_isolated_rows(grid, radius, threshold, at..grid.height, below);
    out
}

#[test]
fn cluster_maps_equal_the_worked_examples() {
    for case in cases(include_str!("../golden/sen4cap/cluster_rasters.json"), 7) {
        let name = &case["name"];
        let labels = cells(&case["clusters"]);
        let height = case["clusters"].as_array().expect("rows").len();
        let width = labels.len() / height;
        let parcels = vec![1; labels.len()];
        let whole = |own: &Value| own.as_u64().expect("a number") as u8;
        let grid = LabelGrid { width, height, labels: &labels, parcels: &parcels };
        let isolated = &case["isolated"];
        let smooth = smoothed(&grid, whole(&isolated["radius"]), whole(&isolated["threshold"]), 3);
        assert_eq!(smooth, cells(&isolated["result"]), "{name}");
        let grid = LabelGrid { labels: &smooth, ..grid };
        let connectivity = &case["connectivity"];
        assert_eq!(connectivity["full"], false, "{name}: four neighbours");
        let found = connected(&grid, whole(&connectivity["radius"]), Neighbours::Four, 4);
        assert_eq!(found, cells(&connectivity["result"]), "{name}");
        let sum: f64 = found.iter().map(|own| f64::from(*own)).sum();
        let mean = sum / smooth.iter().filter(|own| **own > 0).count() as f64;
        assert!((mean - case["mean_connectivity"].as_f64().expect("a mean")).abs() < 1e-6, "{name}");
    }
}

/// A flood with a list of places to look at, for each pixel anew.
fn naive(grid: &LabelGrid, radius: usize, corners: bool) -> Vec<u8> {
    let (width, height) = (grid.width as isize, grid.height as isize);
    let radius = radius as isize;
    let one = |at: usize| {
        if grid.labels[at] == 0 {
            return 0;
        }
        let (row, column) = (at as isize / width, at as isize % width);
        let mut reached = std::collections::BTreeSet::from([(row, column)]);
        let mut open = vec![(row, column)];
        while let Some((r, c)) = open.pop() {
            for (dr, dc) in [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)] {
                let (r, c) = (r + dr, c + dc);
                let outside =
                    r < 0 || c < 0 || r >= height || c >= width || (r - row).abs() > radius || (c - column).abs() > radius;
                if outside || (!corners && dr != 0 && dc != 0) {
                    continue;
                }
                let other = (r * width + c) as usize;
                if grid.labels[other] == grid.labels[at] && grid.parcels[other] == grid.parcels[at] && reached.insert((r, c)) {
                    open.push((r, c));
                }
            }
        }
        reached.len() as u8
    };
    (0..grid.labels.len()).map(one).collect()
}

#[test]
fn a_limit_of_parcels_is_never_stepped_across() {
    let labels = [1; 12];
    let parcels = [5, 5, 9, 9, 5, 5, 9, 9, 5, 5, 9, 9];
    let grid = LabelGrid { width: 4, height: 3, labels: &labels, parcels: &parcels };
    assert_eq!(connected(&grid, 2, Neighbours::Four, 1), [6; 12]);
    // Two parts of one parcel touch at a corner.
    let labels = [1, 0, 0, 1];
    let grid = LabelGrid { width: 2, height: 2, labels: &labels, parcels: &[5; 4] };
    assert_eq!(connected(&grid, 1, Neighbours::Four, 1), [1, 0, 0, 1]);
    assert_eq!(connected(&grid, 1, Neighbours::Eight, 1), [2, 0, 0, 2]);
    // A neighbour's classes do not make a pixel isolated, nor the other way round.
    let labels = [2, 1, 1, 1];
    let apart = LabelGrid { width: 4, height: 1, labels: &labels, parcels: &[1, 1, 2, 2] };
    assert_eq!(smoothed(&apart, 1, 1, 0), [1, 1, 1, 1], "lone in its own parcel, of two equally frequent classes the lower");
    let apart = LabelGrid { parcels: &[1, 2, 2, 2], ..apart };
    assert_eq!(smoothed(&apart, 1, 1, 0), labels, "alone in its parcel there is no other class");
}

#[test]
fn a_uniform_window_is_full_and_threshold_zero_changes_nothing() {
    let labels = [3; 400];
    let grid = LabelGrid { width: 20, height: 20, labels: &labels, parcels: &[1; 400] };
    for radius in 1..=5u8 {
        let side = 2 * radius + 1;
        for neighbours in [Neighbours::Four, Neighbours::Eight] {
            let found = connected(&grid, radius, neighbours, 7);
            assert_eq!(found[10 * 20 + 10], side * side);
            assert_eq!(found[0], (radius + 1) * (radius + 1), "at a corner of the grid");
        }
    }
    let labels = [1, 2, 1, 2];
    let grid = LabelGrid { width: 2, height: 2, labels: &labels, parcels: &[1; 4] };
    assert_eq!(smoothed(&grid, 1, 0, 1), labels);
    let nothing = LabelGrid { width: 0, height: 0, labels: &[], parcels: &[] };
    assert!(connected(&nothing, 2, Neighbours::Four, 0).is_empty() && smoothed(&nothing, 1, 2, 0).is_empty());
}

proptest! {
    #[test]
    fn connectivity_equals_a_naive_flood(
        width in 1..14usize,
        cells in prop::collection::vec((0..3u8, 0..8u32), 1..180),
        radius in 1..=5u8,
        corners: bool,
        cut in 0..10usize,
    ) {
        let height = cells.len().div_ceil(width);
        let of = |at: usize| cells.get(at).copied().unwrap_or((0, 0));
        let labels: Vec<u8> = (0..width * height).map(|at| of(at).0).collect();
        // Parcels of several columns, so that runs are long, with some pixels astray.
        let parcels: Vec<u32> = (0..width * height).map(|at| if of(at).1 == 0 { 9 } else { (at % width / 6) as u32 }).collect();
        let grid = LabelGrid { width, height, labels: &labels, parcels: &parcels };
        let neighbours = if corners { Neighbours::Eight } else { Neighbours::Four };
        prop_assert_eq!(connected(&grid, radius, neighbours, cut.min(height)), naive(&grid, usize::from(radius), corners));
    }

    #[test]
    fn bands_of_rows_give_the_map_without_isolated_pixels(
        cells in prop::collection::vec(0..4u8, 81),
        radius in 1..=3u8,
        threshold in 0..6u8,
        cut in 0..9usize,
    ) {
        let grid = LabelGrid { width: 9, height: 9, labels: &cells, parcels: &[2; 81] };
        let found = smoothed(&grid, radius, threshold, cut);
        let r = isize::from(i8::try_from(radius).expect("small"));
        for at in 0..81isize {
            let mut counts = [0u8; 4];
            for (row, column) in (-r..=r).flat_map(|row| (-r..=r).map(move |column| (at / 9 + row, at % 9 + column))) {
                if (0..9).contains(&row) && (0..9).contains(&column) {
                    counts[usize::from(cells[(row * 9 + column) as usize])] += 1;
                }
            }
            let own = cells[at as usize];
            let frequent = (1..4u8).fold(1, |best, label| if counts[usize::from(label)] > counts[usize::from(best)] { label } else { best });
            let expected = if own > 0 && counts[usize::from(own)] <= threshold { frequent } else { own };
            prop_assert_eq!(found[at as usize], expected);
        }
    }
}
