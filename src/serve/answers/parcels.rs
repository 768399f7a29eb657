//! Parcels, where they are, and who is like them.

use crate::contract::write::{self, InfoFacts, NOTHING, ParcelColumns};
use crate::contract::{POLYGON_LIMIT, PeerRow};
use crate::engine::peers::choose;
use crate::model::ParcelIx;
use crate::model::settings::{PeerSettings, PeerSource};
use crate::project::served::{self, ParcelGeometry};
use crate::serve::asked::Asked;
use crate::serve::reply::{Refusal, Reply};

/// Ids that `info` gives to try.
const EXAMPLES: usize = 5;
/// Largest number of peers, as on JRC's server.
const MOST_PEERS: f64 = 10_000.0;
/// Parcels up to this size are no peers unless the request says otherwise, ha: JRC's extraction leaves them out.
const SMALL_HA: f64 = 0.3;

/// `info`.
pub fn info(asked: &Asked<'_>) -> Reply {
    let site = asked.site;
    let parcels = &site.env.parcels;
    let step = (parcels.len() / EXAMPLES).max(1);
    let facts = InfoFacts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        id_column: site.id_column.clone(),
        examples: parcels.iter().step_by(step).take(EXAMPLES).map(|parcel| parcels.id(parcel).to_owned()).collect(),
    };
    let aoi = asked.parameters.get("aoi").map(str::to_lowercase);
    Reply::json(write::info(&site.info(), &facts, aoi.as_deref()))
}

/// `parcelByID`.
pub fn by_id(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.dataset()?;
    let found = asked.parcel()?;
    rows(asked, found.as_slice(), false)
}

/// `parcelByLocation`.
pub fn by_location(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.dataset()?;
    let [lon, lat] = asked.parameters.place()?;
    let found = served::parcels_at(&asked.site.env, lon, lat)?;
    rows(asked, &found, false)
}

/// `parcelsByPolygon`.
pub fn by_polygon(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.dataset()?;
    let text = asked.parameters.needed("polygon")?;
    let ring = ring(text).ok_or_else(|| {
        Refusal::Wrong(
            "The polygon cannot be read, expected longitudes and latitudes such as 4.1_50.7-4.2_50.7-4.2_50.8-4.1_50.7."
                .to_owned(),
        )
    })?;
    let found = served::parcels_meeting(&asked.site.env, &ring, POLYGON_LIMIT)?;
    rows(asked, &found, asked.parameters.flag("only_ids", true))
}

fn rows(asked: &Asked<'_>, found: &[ParcelIx], only_ids: bool) -> Result<Reply, Refusal> {
    if !asked.main_table() {
        return Ok(Reply::json(NOTHING));
    }
    let geometry = asked.parameters.flag("withGeometry", false);
    let wanted = match (geometry, asked.parameters.flag("wgs84", false)) {
        (false, _) => ParcelGeometry::None,
        (true, false) => ParcelGeometry::Own,
        (true, true) => ParcelGeometry::Wgs84,
    };
    let row = |&parcel: &ParcelIx| served::parcel_row(&asked.site.env, parcel, wanted);
    let rows = found.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(Reply::json(write::parcels(&rows, ParcelColumns { only_ids, geometry })))
}

/// Corners `x_y` joined by `-`. A sign before a number is one, so that places west of Greenwich can be asked for too.
fn ring(text: &str) -> Option<Vec<[f64; 2]>> {
    const MOST_CORNERS: usize = 1000;
    fn number(text: &str) -> Option<(f64, &str)> {
        let signed = usize::from(text.starts_with('-'));
        let len = text[signed..].find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len() - signed) + signed;
        Some((text[..len].parse().ok()?, &text[len..]))
    }
    let mut corners = Vec::new();
    let mut rest = text;
    loop {
        let (x, after) = number(rest)?;
        let (y, after) = number(after.strip_prefix('_')?)?;
        if !(-180.0..=180.0).contains(&x) || !(-90.0..=90.0).contains(&y) || corners.len() >= MOST_CORNERS {
            return None;
        }
        corners.push([x, y]);
        if after.is_empty() {
            return Some(corners);
        }
        rest = after.strip_prefix('-')?;
    }
}

/// `parcelPeers`. Beside the contract's parameters `distance=inf` takes the whole project and `min_area_m2` moves the smallest area.
pub fn peers(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.dataset()?;
    let parameters = asked.parameters;
    let found = asked.parcel()?;
    let distance = parameters.number("distance", 2000.0, 0.0..=f64::INFINITY)?;
    let max = parameters.number("max", 10.0, 0.0..=f64::INFINITY)?.min(MOST_PEERS) as usize;
    let min_area_ha = match parameters.get("min_area_m2") {
        Some(_) => parameters.number("min_area_m2", 0.0, 0.0..=1e12)? / 1e4,
        None => SMALL_HA,
    };
    if !asked.main_table() {
        return Ok(Reply::json(NOTHING));
    }
    let settings = PeerSettings {
        source: PeerSource::Nearest,
        region: None,
        distance_m: distance.is_finite().then_some(distance),
        max,
        min_area_ha,
        excluded: Vec::new(),
    };
    let parcels = &asked.site.env.parcels;
    let chosen = found.map(|parcel| choose(parcels, parcel, &settings)).unwrap_or_default();
    let rows: Vec<PeerRow> =
        chosen.into_iter().map(|peer| PeerRow { pid: parcels.id(peer.parcel).to_owned(), distance_m: peer.distance_m }).collect();
    Ok(Reply::json(write::peers(&rows)))
}

/// Middle of the parcel that is asked for; `None` without such a parcel.
pub fn centre(asked: &Asked<'_>) -> Result<Option<[f64; 2]>, Refusal> {
    asked.dataset()?;
    let found = asked.parcel()?.filter(|_| asked.main_table());
    Ok(match found {
        Some(parcel) => served::centre(&asked.site.env, parcel)?,
        None => None,
    })
}

#[cfg(test)]
mod tests {
    use super::ring;

    #[test]
    fn polygons_are_read_also_west_and_south_of_zero() {
        assert_eq!(ring("6.31_52.33-6.33_52.33-6.31_52.33"), Some(vec![[6.31, 52.33], [6.33, 52.33], [6.31, 52.33]]));
        assert_eq!(ring("-6.31_52.33--6.3_-1-5_2"), Some(vec![[-6.31, 52.33], [-6.3, -1.0], [5.0, 2.0]]));
        for text in ["", "6", "6_", "6_5-", "6_5_4", "6;5", "181_5", "nan_5", "6_5-'", "é_5"] {
            assert_eq!(ring(text), None, "{text}");
        }
    }
}
