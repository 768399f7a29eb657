//! Joins pieces into granules and granules into acquisitions.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Piece;
use crate::model::catalog::Origin;
use crate::model::{Acquisition, BandAsset, Granule, Sensor};

/// Granules of one pass lie at most this far apart, in seconds.
const SAME_PASS_SECS: i64 = 600;

/// What the pieces of one granule have in common.
type Key = (Sensor, String, Timestamp, Option<Timestamp>, Option<String>, bool);

/// Joins the pieces of one sensing time, tile and product. Pieces in one folder always join (of a band given twice the finest
/// is kept); across folders they join when they complete each other, else they are copies and stay apart.
pub(super) fn granules(mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.sort_by(|a, b| a.path.cmp(&b.path));
    let mut by_home: BTreeMap<(Key, PathBuf), Piece> = BTreeMap::new();
    for piece in pieces {
        let key = (piece.sensor, piece.stem.clone(), piece.acquired, piece.first, piece.tile.clone(), piece.synthetic);
        match by_home.get_mut(&(key.clone(), piece.home.clone())) {
            Some(granule) => join(granule, piece),
            None => {
                by_home.insert((key, piece.home.clone()), piece);
            }
        }
    }
    let mut granules: Vec<(Key, Piece)> = Vec::new();
    for ((key, _), piece) in by_home {
        let completes = |(other, granule): &&mut (Key, Piece)| {
            *other == key && piece.bands.iter().all(|band| granule.bands.iter().all(|own| own.band != band.band))
        };
        match granules.iter_mut().rev().take_while(|(other, _)| *other == key).find(completes) {
            Some((_, granule)) => join(granule, piece),
            None => granules.push((key, piece)),
        }
    }
    let mut granules: Vec<Piece> = granules.into_iter().map(|(_, granule)| granule).collect();
    for granule in &mut granules {
        granule.bands.sort_by(|a, b| a.band.cmp(&b.band));
    }
    granules
}

fn join(granule: &mut Piece, piece: Piece) {
    for asset in piece.bands {
        match granule.bands.iter_mut().find(|own| own.band == asset.band) {
            Some(own) if finer(&asset, own) => *own = asset,
            Some(_) => {}
            None => granule.bands.push(asset),
        }
    }
    granule.clear_share = granule.clear_share.or(piece.clear_share);
    granule.baseline = granule.baseline.take().or(piece.baseline);
    granule.relative_orbit = granule.relative_orbit.or(piece.relative_orbit);
    // A classification alone has no offset of its own. An assumption for any band is one for the whole.
    granule.offset = match (granule.offset, piece.offset) {
        (None, other) => other,
        (Some(_), Some((dn, Origin::Assumed))) => Some((dn, Origin::Assumed)),
        (own, _) => own,
    };
    if granule.pass_origin == Origin::Assumed && piece.pass_origin != Origin::Assumed {
        (granule.pass, granule.pass_origin) = (piece.pass, piece.pass_origin);
    }
}

fn finer(a: &BandAsset, b: &BandAsset) -> bool {
    a.grid.pixel_x < b.grid.pixel_x
}

/// Joins granules of one pass on one day. Those with a known time come first; a granule of which only the day is known joins
/// when exactly one acquisition of that day can be meant.
pub(super) fn acquisitions(mut granules: Vec<Piece>) -> Vec<Acquisition> {
    granules.sort_by(|a, b| (!a.timed, a.sensor, a.acquired, &a.path).cmp(&(!b.timed, b.sensor, b.acquired, &b.path)));
    let mut groups: Vec<Vec<Piece>> = Vec::new();
    for granule in granules {
        let near = |group: &Vec<Piece>| {
            let apart = (group[0].acquired.as_second() - granule.acquired.as_second()).abs();
            group[0].sensor == granule.sensor && apart < 86_400
        };
        let candidates: Vec<usize> = if granule.timed {
            let behind = groups.iter().enumerate().rev().take_while(|(_, group)| near(group));
            behind.filter(|(_, group)| group.iter().all(|own| one_pass(own, &granule))).map(|(at, _)| at).take(1).collect()
        } else {
            groups
                .iter()
                .enumerate()
                .filter(|(_, g)| near(g) && g.iter().all(|own| one_pass(own, &granule)))
                .map(|(at, _)| at)
                .collect()
        };
        match candidates.as_slice() {
            [only] => groups[*only].push(granule),
            _ => groups.push(vec![granule]),
        }
    }
    groups.into_iter().filter_map(acquisition).collect()
}

/// True when nothing speaks against one pass of one satellite.
fn one_pass(a: &Piece, b: &Piece) -> bool {
    let platforms = a.platform == b.platform || a.platform.len() == 2 || b.platform.len() == 2;
    let orbits = a.relative_orbit.zip(b.relative_orbit).is_none_or(|(a, b)| a == b);
    let sure = a.pass_origin != Origin::Assumed && b.pass_origin != Origin::Assumed;
    let passes = !sure || a.pass.zip(b.pass).is_none_or(|(a, b)| a == b);
    if !(platforms && orbits && passes && a.first.map(day) == b.first.map(day)) {
        return false;
    }
    let same_day = day(a.acquired) == day(b.acquired);
    if !(a.timed && b.timed) {
        return same_day;
    }
    let same_orbit =
        a.platform == b.platform && a.platform.len() == 3 && a.relative_orbit.is_some() && a.relative_orbit == b.relative_orbit;
    (a.acquired.as_second() - b.acquired.as_second()).abs() <= SAME_PASS_SECS || (same_day && same_orbit)
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn acquisition(mut pieces: Vec<Piece>) -> Option<Acquisition> {
    // Observed before made, complete before partial, newest processing first; the path only makes the order certain.
    pieces.sort_by(|a, b| {
        let rank = |p: &Piece| {
            (p.synthetic, !p.timed, Reverse(p.bands.len()), Reverse(p.baseline.clone()), p.stem.clone(), p.path.clone())
        };
        rank(a).cmp(&rank(b))
    });
    let first = pieces.first()?;
    let pass = pieces.iter().filter(|piece| piece.pass.is_some()).min_by_key(|piece| piece.pass_origin == Origin::Assumed);
    Some(Acquisition {
        sensor: first.sensor,
        acquired: first.acquired,
        first: first.first,
        platform: pieces
            .iter()
            .map(|piece| &piece.platform)
            .max_by_key(|platform| platform.len())
            .unwrap_or(&first.platform)
            .clone(),
        relative_orbit: pieces.iter().find_map(|piece| piece.relative_orbit),
        pass: pass.and_then(|piece| piece.pass),
        pass_origin: pass.map_or(Origin::Assumed, |piece| piece.pass_origin),
        granules: pieces.into_iter().map(granule).collect(),
    })
}

fn granule(piece: Piece) -> Granule {
    let (boa_offset_dn, offset_origin) = piece.offset.unwrap_or((0.0, Origin::Metadata));
    Granule {
        name: piece.stem,
        acquired: piece.acquired,
        tile: piece.tile,
        baseline: piece.baseline,
        boa_offset_dn,
        offset_origin,
        clear_share: piece.clear_share,
        bands: piece.bands,
        calibration: piece.calibration,
        synthetic: piece.synthetic,
        remote: false,
    }
}
