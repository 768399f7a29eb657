//! What a server offers, its parcels and their peers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::answers::Question;
use super::error::RemoteError;
use super::{Answer, Client, plan};
use crate::contract::{Fault, Info, POLYGON_LIMIT, ParcelRow, PeerRow, read};
use crate::model::Watch;
use crate::store::remote::Pinned;

/// Quarters of quarters of a polygon: smaller ones hold more parcels than fit there.
const DEEPEST: u32 = 8;

/// Distance that stands for everywhere where a server wants a number, m.
const FAR_M: f64 = 100_000.0;

/// Meshes of the net of points that stands for a polygon, m, and most points of one.
const MESH_M: f64 = 50.0;
const MOST_POINTS: usize = 400;

/// Most peers that JRC's server gives.
const MOST_PEERS: usize = 10_000;

/// Which peers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeersWanted {
    /// Edge to edge; `None` for the whole area.
    pub distance_m: Option<f64>,
    /// Nearest so many.
    pub max: usize,
    /// Smaller parcels are no peers; JRC's servers leave out those up to 3000 m² whatever is asked.
    pub min_area_m2: f64,
}

impl Client {
    /// What the server offers.
    pub fn info(&self, watch: &Watch) -> Result<Answer<Info>, RemoteError> {
        let mut question = Question::new("info", "the description of the server".to_owned(), Vec::new());
        question.pinned = Some((Pinned::Server, String::new()));
        let answer = self.answer(&question, read::info, watch)?;
        let mut known = self.inner.own_routes.write().unwrap_or_else(PoisonError::into_inner);
        *known = Some(answer.value.own_routes.clone());
        Ok(answer)
    }

    /// True when the server announces one of Parcelight's own routes.
    pub fn has_route(&self, route: &str, watch: &Watch) -> Result<bool, RemoteError> {
        let has = |routes: &[String]| routes.iter().any(|one| one == route);
        if let Some(routes) = &*self.inner.own_routes.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(has(routes));
        }
        self.info(watch).map(|info| has(&info.value.own_routes))
    }

    /// True when the server is a Parcelight server. One that describes itself in no way is none.
    pub(super) fn is_own(&self, watch: &Watch) -> Result<bool, RemoteError> {
        if let Some(routes) = &*self.inner.own_routes.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(!routes.is_empty());
        }
        match self.info(watch) {
            Ok(info) => Ok(!info.value.own_routes.is_empty()),
            Err(RemoteError::Status { code: 404, .. } | RemoteError::NotUnderstood { .. } | RemoteError::Offline { .. }) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// A parcel by its id with its outline in the CRS of the server's table; nothing when there is none.
    pub fn parcel_by_id(&self, pid: &str, watch: &Watch) -> Result<Answer<Option<ParcelRow>>, RemoteError> {
        let mut query = self.inner.table();
        query.extend([("pid", pid.to_owned()), ("withGeometry", "True".to_owned())]);
        let mut question = Question::new("parcelByID", format!("parcel {pid}"), query);
        question.pinned = Some((Pinned::Parcel, pid.to_owned()));
        let answer = self.answer(&question, read::parcels, watch)?;
        let first = answer.value.iter().find(|row| row.pid == pid).or(answer.value.first()).cloned();
        Ok(answer.with(first))
    }

    /// Parcels at a place.
    pub fn parcels_by_location(&self, lon: f64, lat: f64, watch: &Watch) -> Result<Answer<Vec<ParcelRow>>, RemoteError> {
        let mut query = self.inner.table();
        query.extend([("lon", lon.to_string()), ("lat", lat.to_string()), ("withGeometry", "True".to_owned())]);
        let question = Question::new("parcelByLocation", format!("the parcel at {lon:.5}, {lat:.5}"), query);
        self.answer(&question, read::parcels, watch)
    }

    /// Parcels that touch a polygon, each once, by id. `ring` is in degrees. Where a server gives no more than a hundred at a time, the
    /// polygon is quartered until each piece has fewer.
    pub fn parcels_by_polygon(&self, ring: &[[f64; 2]], watch: &Watch) -> Result<Answer<Vec<ParcelRow>>, RemoteError> {
        let signed = ring.iter().flatten().any(|number| *number < 0.0);
        if signed && !self.is_own(watch)? {
            return self.parcels_by_points(ring, watch);
        }
        let mut found: BTreeMap<String, ParcelRow> = BTreeMap::new();
        let mut pieces = vec![(ring.to_vec(), 0)];
        let mut whole: Option<Answer<()>> = None;
        while let Some((piece, depth)) = pieces.pop() {
            let Some(text) = read::signed_ring_text(&piece) else {
                if depth == 0 {
                    let wrong = "the polygon has fewer than three corners; draw at least a triangle";
                    return Err(RemoteError::Refused(wrong.to_owned()));
                }
                continue;
            };
            let mut query = self.inner.table();
            query.extend([("polygon", text), ("withGeometry", "True".to_owned()), ("only_ids", "False".to_owned())]);
            let question = Question::new("parcelsByPolygon", "the parcels in the polygon".to_owned(), query);
            let answer = self.answer(&question, read::parcels, watch)?;
            let full = answer.value.len() >= POLYGON_LIMIT;
            if full && depth >= DEEPEST {
                let fault = Fault(format!("more than {POLYGON_LIMIT} parcels lie in one place"));
                return Err(self.inner.not_understood("parcelsByPolygon", fault));
            }
            // The hundred of a full piece belong to it as well.
            if full {
                pieces.extend(plan::quarters(&piece).into_iter().map(|quarter| (quarter, depth + 1)));
            }
            let rows = answer.value.clone();
            found.extend(rows.into_iter().map(|row| (row.pid.clone(), row)));
            whole = Some(older(whole, answer.with(())));
        }
        let whole = whole.ok_or_else(|| RemoteError::Refused("the polygon is empty; draw at least a triangle".to_owned()))?;
        Ok(whole.with(found.into_values().collect()))
    }

    /// Parcels under a net of points inside a polygon, each once, by id: how JRC's servers are asked west of Greenwich and south of the
    /// equator, where their route for polygons cannot write the numbers. Parcels narrower than the net's meshes may slip through, so the
    /// polygon may not be large.
    fn parcels_by_points(&self, ring: &[[f64; 2]], watch: &Watch) -> Result<Answer<Vec<ParcelRow>>, RemoteError> {
        let Some(points) = plan::net(ring, MESH_M, MOST_POINTS) else {
            return Err(RemoteError::Refused(format!(
                "{} cannot search a polygon west of Greenwich or south of the equator and is asked point by point; draw an area of at \
                 most one square kilometre, or enter the ids",
                self.host()
            )));
        };
        watch.set_total(points.len() as u64);
        let next = AtomicUsize::new(0);
        let answers: Mutex<Vec<Result<Answer<Vec<ParcelRow>>, RemoteError>>> = Mutex::new(Vec::with_capacity(points.len()));
        std::thread::scope(|scope| {
            for _ in 0..self.inner.source.connections.clamp(1, 16).min(points.len()) {
                scope.spawn(|| {
                    while let Some([lon, lat]) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let answer = self.parcels_by_location(*lon, *lat, watch);
                        let failed = answer.is_err();
                        answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
                        watch.advance(1);
                        if failed {
                            // One that fails tells enough; the others stop at their next point.
                            next.store(points.len(), Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let mut found: BTreeMap<String, ParcelRow> = BTreeMap::new();
        let mut whole: Option<Answer<()>> = None;
        for answer in answers.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let answer = answer?;
            found.extend(answer.value.iter().map(|row| (row.pid.clone(), row.clone())));
            whole = Some(older(whole, answer.with(())));
        }
        let whole = whole.ok_or_else(|| RemoteError::Refused("the polygon is empty; draw at least a triangle".to_owned()))?;
        Ok(whole.with(found.into_values().collect()))
    }

    /// Parcels of the same crop around a parcel, the nearest first.
    pub fn peers(&self, pid: &str, wanted: &PeersWanted, watch: &Watch) -> Result<Answer<Vec<PeerRow>>, RemoteError> {
        let own = self.is_own(watch)?;
        let distance = match wanted.distance_m {
            Some(metres) => metres.to_string(),
            None if own => "inf".to_owned(),
            None => FAR_M.to_string(),
        };
        let mut query = self.inner.table();
        query.extend([("pid", pid.to_owned()), ("distance", distance), ("max", wanted.max.min(MOST_PEERS).to_string())]);
        if own {
            query.push(("min_area_m2", wanted.min_area_m2.to_string()));
        }
        let question = Question::new("parcelPeers", format!("the list of peers of parcel {pid}"), query);
        self.answer(&question, read::peers, watch)
    }
}

/// Two answers as one: the oldest piece tells the age of all.
fn older(first: Option<Answer<()>>, second: Answer<()>) -> Answer<()> {
    let Some(first) = first else { return second };
    Answer {
        value: (),
        fetched: first.fetched.min(second.fetched),
        from_cache: first.from_cache && second.from_cache,
        failure: first.failure.or(second.failure),
    }
}

impl<T> Answer<T> {
    /// The same answer with another value.
    pub fn with<U>(self, value: U) -> Answer<U> {
        Answer { value, fetched: self.fetched, from_cache: self.from_cache, failure: self.failure }
    }
}
