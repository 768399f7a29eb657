//! Checks of what the graphs draw: nearest observations, picking, bands, decimation, axes.

use super::*;
use crate::engine::peers::Spread;

pub(crate) fn point(x: f64, y: f64, acquisition: u32) -> GraphPoint {
    GraphPoint { x, y, low: f64::NAN, high: f64::NAN, acquisition: AcquisitionIx(acquisition) }
}

pub(crate) fn ndvi_line(runs: Vec<Vec<GraphPoint>>, masked: Vec<GraphPoint>) -> PanelLine {
    let line = GraphLine {
        signal: Signal::Index("NDVI".to_owned()),
        pass: None,
        relative_orbit: None,
        pair_days: None,
        year: None,
        synthetic: false,
        runs,
        masked,
    };
    PanelLine { key: line_key(&line), hue: Hue::Ndvi, line }
}

pub(crate) fn ndvi_panel(lines: Vec<PanelLine>, bands: Vec<PanelBand>) -> Panel {
    Panel { key: "NDVI".to_owned(), signals: vec![Signal::Index("NDVI".to_owned())], lines, bands, stale: false, pending: false }
}

fn step(day: f64, p10: f64, p90: f64) -> PeerStep {
    PeerStep {
        acquisition: AcquisitionIx(day as u32),
        epoch_day: day,
        spread: Spread { n: 5, p10, p50: f64::midpoint(p10, p90), p90, mean: 0.0, std: 0.0 },
    }
}

#[test]
fn the_nearest_observation_is_a_real_one_and_masked_ones_are_found_too() {
    let line = ndvi_line(vec![vec![point(0.0, 0.2, 0), point(10.0, 0.4, 1)]], vec![point(4.0, 0.9, 2)]);
    assert_eq!(line.nearest(4.4).map(|(point, masked)| (point.acquisition.0, masked)), Some((2, true)));
    assert_eq!(line.nearest(7.5).map(|(point, masked)| (point.acquisition.0, masked)), Some((1, false)));
    assert_eq!(line.nearest(2.0).map(|(point, _)| point.acquisition.0), Some(0), "equally near: the usable one");
    assert_eq!(ndvi_line(vec![], vec![point(1.0, f64::NAN, 0)]).nearest(0.0), None, "a value is needed");
}

#[test]
fn a_click_near_a_point_takes_it_and_a_click_elsewhere_takes_the_date() {
    let panel = ndvi_panel(vec![ndvi_line(vec![vec![point(0.0, 0.0, 0), point(10.0, 1.0, 1)]], vec![])], vec![]);
    let hidden = BTreeSet::new();
    assert_eq!(panel.pick(&hidden, 9.0, 0.98, (2.0, 100.0), 14.0), Some((AcquisitionIx(1), true)));
    assert_eq!(panel.pick(&hidden, 4.0, 0.9, (20.0, 100.0), 14.0), Some((AcquisitionIx(0), false)));
    let all: BTreeSet<String> = panel.lines.iter().map(|line| line.key.clone()).collect();
    assert_eq!(panel.pick(&all, 9.0, 0.98, (2.0, 100.0), 14.0), None, "hidden lines cannot be picked");
}

#[test]
fn a_place_is_inside_the_band_only_between_joined_steps() {
    let signal = Signal::Index("NDVI".to_owned());
    let runs = vec![vec![step(0.0, 0.2, 0.4), step(10.0, 0.4, 0.8)], vec![step(50.0, 0.1, 0.9)]];
    let panel = ndvi_panel(vec![], vec![PanelBand { signal, pass: None, runs, peers: 5, whole: false }]);
    assert!(panel.in_band(5.0, 0.5) && panel.in_band(0.0, 0.3));
    assert!(!panel.in_band(5.0, 0.2) && !panel.in_band(30.0, 0.5) && !panel.in_band(5.0, 0.65));
}

#[test]
fn the_fitted_range_holds_data_and_usual_values() {
    let panel =
        ndvi_panel(vec![ndvi_line(vec![vec![point(0.0, -0.4, 0)]], vec![point(1.0, 1.3, 1), point(2.0, f64::NAN, 2)])], vec![]);
    let (low, high) = panel.fitted((0.0, 1.0));
    assert!(low < -0.4 && low > -0.6 && high > 1.3 && high < 1.5);
}

#[test]
fn decimation_keeps_extremes_and_order_and_never_exceeds_two_points_a_column() {
    let run: Vec<GraphPoint> =
        (0..10_000).map(|i| point(f64::from(i), if i == 5_003 { 9.0 } else { f64::from(i % 7) / 10.0 }, i as u32)).collect();
    let kept = decimate(&run, (0.0, 10_000.0), 100);
    assert!(kept.len() <= 200, "{}", kept.len());
    assert!(kept.iter().any(|point| point.y == 9.0), "the highest value survives");
    assert!(kept.windows(2).all(|pair| pair[0].x <= pair[1].x));
    let zoomed = decimate(&run, (100.0, 110.0), 100);
    assert_eq!(zoomed.first().map(|point| point.x), Some(99.0), "one neighbour outside, so that the line reaches the edge");
    assert_eq!(zoomed.len(), 13);
}

#[test]
fn radar_bands_are_split_by_orbit_and_left_out_when_polarisations_share_a_panel() {
    use crate::model::catalog::Origin;
    let acquisition = |day: i64, pass, orbit| Acquisition {
        sensor: Sensor::S1Backscatter,
        acquired: jiff::Timestamp::from_second(day * 86_400).expect("valid"),
        first: None,
        platform: "S1A".to_owned(),
        relative_orbit: Some(orbit),
        pass: Some(pass),
        pass_origin: Origin::Name,
        granules: vec![],
    };
    let catalog = Catalog {
        acquisitions: vec![
            acquisition(0, Pass::Ascending, 161),
            acquisition(1, Pass::Descending, 37),
            acquisition(2, Pass::Ascending, 161),
        ],
        problems: vec![],
    };
    let peers = PeerBand {
        peers: vec![],
        count: 5,
        whole: false,
        steps: vec![step(0.0, -12.0, -9.0), step(1.0, -14.0, -10.0), step(2.0, -12.0, -9.0)],
    };
    let bands = peer_bands(&Signal::BackscatterDb(Polarisation::Vv), &peers, &catalog, 40.0);
    let lengths: Vec<(Option<Pass>, usize)> =
        bands.iter().map(|band| (band.pass, band.runs.iter().map(Vec::len).sum())).collect();
    assert_eq!(lengths, [(Some(Pass::Ascending), 2), (Some(Pass::Descending), 1)]);
}

#[test]
fn the_overlay_axis_counts_days_of_the_year() {
    let mut acquisition = Acquisition {
        sensor: Sensor::S2,
        acquired: "2020-02-01T12:00:00Z".parse().expect("valid"),
        first: None,
        platform: String::new(),
        relative_orbit: None,
        pass: None,
        pass_origin: crate::model::catalog::Origin::Assumed,
        granules: vec![],
    };
    assert!((x_of(&acquisition, true) - 32.5).abs() < 1e-9);
    acquisition.acquired = "2019-02-01T12:00:00Z".parse().expect("valid");
    assert!((x_of(&acquisition, true) - 32.5).abs() < 1e-9, "the same day of another year lies at the same place");
}
