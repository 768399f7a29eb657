//! Abnormal decline inside a parcel: damage by hail, drought, game or water that its peers do not show.

use geo::Area as _;

use crate::engine::zonal::percentile;
use crate::model::zones::{Decline, DeclineParams, NoDecline, PeerChange};
use crate::model::{Grid, Polygons};

use super::{Cutter, contour, merge};

/// What makes the median absolute deviation of a normal distribution its standard deviation.
const NORMAL: f64 = 1.4826;

/// Labels of pixels.
const STAYED: u8 = 1;
const FELL: u8 = 2;

/// A parcel at two dates.
#[derive(Debug, Clone, Copy)]
pub struct DeclineInput<'a> {
    /// Where the pixels lie; its CRS is in metres, so that areas are m².
    pub grid: &'a Grid,
    /// Pixels of the parcel, row by row.
    pub inside: &'a [bool],
    /// NDVI before, one value a pixel; `NaN` is none.
    pub earlier: &'a [f32],
    /// NDVI afterwards.
    pub later: &'a [f32],
    /// Outline of the parcel in the CRS of the grid.
    pub outline: &'a Polygons,
    /// What the peers did between the same dates.
    pub peers: Option<PeerChange>,
}

/// Median and median absolute deviation of the changes of peers, one number a peer (of its mean NDVI). `NaN` is left out; `None` of none.
pub fn peer_change(changes: &[f64]) -> Option<PeerChange> {
    let mut known: Vec<f64> = changes.iter().copied().filter(|own| own.is_finite()).collect();
    known.sort_unstable_by(f64::total_cmp);
    let median = percentile(&known, 0.5);
    let mut off: Vec<f64> = known.iter().map(|own| (own - median).abs()).collect();
    off.sort_unstable_by(f64::total_cmp);
    (!known.is_empty()).then(|| PeerChange { median, mad: percentile(&off, 0.5), peers: known.len() as u32 })
}

/// Finds the part of a parcel that lost more NDVI than its peers did.
///
/// A pixel fell abnormally when its change less the median change of the peers is at most `-min_drop` and at most `-min_deviations`
/// times 1.4826 times their median absolute deviation. Small patches are dropped, small gaps and pixels without a value closed.
///
/// * **Unit:** NDVI; area in squared units of the grid's CRS.
/// * **NaN:** a pixel without a value at one of the dates takes the state of its neighbours; without any the reason is the answer.
pub fn decline(input: DeclineInput<'_>, params: &DeclineParams) -> Result<Decline, NoDecline> {
    let pixels = input.grid.len();
    debug_assert!(
        input.inside.len() == pixels && input.earlier.len() == pixels && input.later.len() == pixels,
        "one value a pixel"
    );
    let cutter = Cutter::new(input.outline, input.grid).ok_or(NoDecline::NoOutline)?;
    let change = |at: usize| f64::from(input.later[at]) - f64::from(input.earlier[at]);
    let seen = (0..pixels).filter(|&at| input.inside[at] && change(at).is_finite()).count() as u32;
    if seen == 0 {
        return Err(NoDecline::NoPixels);
    }
    let known = |own: &PeerChange| own.peers >= params.min_peers && own.median.is_finite() && own.mad.is_finite();
    let peers = input.peers.filter(known).ok_or(NoDecline::NoPeers)?;
    let limit = -params.min_drop.max(params.min_deviations * NORMAL * peers.mad);
    let relative = |at: usize| change(at) - peers.median;
    let label = |at: usize| match relative(at) {
        own if !own.is_finite() => 0,
        own if own <= limit => FELL,
        _ => STAYED,
    };
    let labels: Vec<u8> = (0..pixels).map(label).collect();
    let labels = merge::cleaned(&labels, input.inside, input.grid.width, params.min_pixels);
    let field: Vec<f64> = labels.iter().map(|own| if *own == FELL { 1.0 } else { 0.0 }).collect();
    let lead: Vec<f64> = contour::smooth(&field, input.grid.width).iter().map(|own| own - 0.5).collect();
    let region = contour::trace(&lead, input.grid, &cutter.frame);
    let shape = cutter.without_crumbs(&cutter.cut(&cutter.shape, &region).0).0;
    let fell: Vec<bool> = labels.iter().zip(input.inside).map(|(own, inside)| *inside && *own == FELL).collect();
    let changes: Vec<f64> = (0..pixels).filter(|&at| fell[at]).map(relative).filter(|own| own.is_finite()).collect();
    let area_m2 = shape.unsigned_area();
    Ok(Decline {
        outline: cutter.outline(&shape),
        area_m2,
        percent: 100.0 * area_m2 / cutter.shape.unsigned_area(),
        pixels: fell,
        seen,
        mean_change: if changes.is_empty() { f64::NAN } else { changes.iter().sum::<f64>() / changes.len() as f64 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Crs;

    const SIDE: usize = 20;

    fn grid() -> Grid {
        Grid { crs: Crs::Epsg(32631), left: 560_000.0, top: 5_620_200.0, pixel_x: 10.0, pixel_y: 10.0, width: SIDE, height: SIDE }
    }

    /// All of the grid falls by 0.05, as its peers do, and the first 8 columns by `drop` more.
    fn of(drop: f32, peers: impl Into<Option<PeerChange>>, params: &DeclineParams) -> Result<Decline, NoDecline> {
        let grid = grid();
        let earlier = vec![0.8f32; SIDE * SIDE];
        let mut later: Vec<f32> = (0..SIDE * SIDE).map(|at| if at % SIDE < 8 { 0.75 - drop } else { 0.75 }).collect();
        later[3] = f32::NAN;
        later[215] = 0.1;
        let bounds = grid.bounds();
        let ring = vec![
            [bounds.min_x, bounds.min_y],
            [bounds.max_x, bounds.min_y],
            [bounds.max_x, bounds.max_y],
            [bounds.min_x, bounds.max_y],
        ];
        let outline = Polygons { parts: vec![vec![ring]] };
        let inside = vec![true; SIDE * SIDE];
        decline(
            DeclineInput {
                grid: &grid,
                inside: &inside,
                earlier: &earlier,
                later: &later,
                outline: &outline,
                peers: peers.into(),
            },
            params,
        )
    }

    fn peers(mad: f64) -> PeerChange {
        PeerChange { median: -0.05, mad, peers: 9 }
    }

    #[test]
    fn a_planted_drop_is_found_with_its_area_and_a_single_pixel_is_not() {
        let found = of(0.3, peers(0.02), &DeclineParams::default()).expect("found");
        // 8 of 20 columns of 200 m by 200 m.
        assert!((found.area_m2 - 16_000.0).abs() < 1.0, "{}", found.area_m2);
        assert!((found.percent - 40.0).abs() < 0.01);
        assert!((found.mean_change + 0.3).abs() < 1e-6);
        assert_eq!((found.seen, found.pixels.iter().filter(|own| **own).count()), (399, 160));
    }

    #[test]
    fn both_limits_have_to_be_reached() {
        let params = DeclineParams::default();
        assert_eq!(of(0.14, peers(0.0), &params).expect("asked").area_m2, 0.0);
        assert!(of(0.16, peers(0.0), &params).expect("asked").area_m2 > 15_000.0);
        // Three deviations of 0.05 are 0.222.
        assert_eq!(of(0.21, peers(0.05), &params).expect("asked").area_m2, 0.0);
        assert!(of(0.23, peers(0.05), &params).expect("asked").area_m2 > 15_000.0);
        assert!(of(0.0, peers(0.0), &params).expect("asked").mean_change.is_nan());
    }

    #[test]
    fn a_fall_that_the_peers_share_is_none() {
        let shared = Some(PeerChange { median: -0.35, mad: 0.02, peers: 9 });
        assert_eq!(of(0.3, shared, &DeclineParams::default()).expect("asked").area_m2, 0.0);
    }

    #[test]
    fn without_pixels_peers_or_outline_there_is_a_reason() {
        let params = DeclineParams::default();
        assert_eq!(of(0.3, None, &params), Err(NoDecline::NoPeers));
        assert_eq!(of(0.3, Some(PeerChange { median: 0.0, mad: 0.0, peers: 4 }), &params), Err(NoDecline::NoPeers));
        assert_eq!(of(f32::NAN, peers(0.02), &params).map(|own| own.seen), Ok(240));
        let grid = grid();
        let (values, none) = (vec![f32::NAN; SIDE * SIDE], vec![false; SIDE * SIDE]);
        let outline = Polygons { parts: vec![vec![vec![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]]] };
        let input = DeclineInput {
            grid: &grid,
            inside: &none,
            earlier: &values,
            later: &values,
            outline: &outline,
            peers: Some(peers(0.0)),
        };
        assert_eq!(decline(input, &params), Err(NoDecline::NoPixels));
        assert_eq!(decline(DeclineInput { outline: &Polygons::default(), ..input }, &params), Err(NoDecline::NoOutline));
    }

    #[test]
    fn peers_are_told_by_median_and_deviation_whatever_one_of_them_does() {
        let own = peer_change(&[-0.1, -0.2, -0.3, f64::NAN, 0.9, -0.2]).expect("peers");
        assert!((own.median + 0.2).abs() < 1e-12 && (own.mad - 0.1).abs() < 1e-12 && own.peers == 5);
        assert_eq!(peer_change(&[f64::NAN]), None);
    }
}
