//! Parcels of the server found by id, by a place or by an area on the map, and added to the project.

use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, bounded};

use super::{RemoteFault, Session};
use crate::jobs::Lane;
use crate::model::Watch;
use crate::project::open::{JobStatus, Project, status};

/// Which parcels of the server are wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// By their ids.
    Ids(Vec<String>),
    /// At longitude and latitude.
    Point([f64; 2]),
    /// Inside a closed ring of longitudes and latitudes.
    Area(Vec<[f64; 2]>),
}

/// A search under way.
pub(in crate::project) struct Finding {
    receiver: Receiver<Result<Vec<String>, RemoteFault>>,
    watch: Watch,
    since: Instant,
}

impl Project {
    /// Asks the server for parcels, and adds those that it has when the answer is there.
    pub(in crate::project) fn find_remote(&mut self, place: Place) {
        let (Some(session), Some(network)) = (self.connection.session(), &self.connection.network) else { return };
        let (sender, receiver) = bounded(1);
        let (watch, wake) = (Watch::default(), Arc::clone(&self.wake));
        let own = watch.clone();
        network.push(Lane::Interactive, move || {
            // Nobody listens any more when another search has begun.
            drop(sender.send(find(&session, place, &own)));
            wake();
        });
        if let Some(before) = self.finding.replace(Finding { receiver, watch, since: Instant::now() }) {
            before.watch.cancel();
        }
    }

    /// Takes in what a search found.
    pub(in crate::project) fn take_found(&mut self) {
        let Some(answer) = self.finding.as_ref().and_then(|finding| finding.receiver.try_recv().ok()) else { return };
        self.finding = None;
        match answer {
            Ok(ids) if ids.is_empty() => self.tell("the server has no parcel there".to_owned(), false),
            Ok(ids) => {
                let first = ids.first().cloned();
                let new = self.add_remote_parcels(ids);
                self.tell(format!("{new} parcels of the server were added to the project"), false);
                self.show_found(first);
            }
            Err(RemoteFault::Cancelled { .. }) => {}
            Err(fault) => self.tell(fault.to_string(), true),
        }
    }

    /// Makes the first of the found parcels current, at once or when it has been loaded.
    fn show_found(&mut self, id: Option<String>) {
        let Some(id) = id else { return };
        if let Some(parcel) = self.data().and_then(|data| data.parcels.find(&id)) {
            self.select_parcel(parcel);
        } else if let Some(place) = &mut self.place.wanted {
            place.parcel = Some(id);
        }
    }

    pub(in crate::project) fn finding_status(&self) -> Option<JobStatus> {
        let finding = self.finding.as_ref()?;
        let (done, total) = finding.watch.progress();
        Some(status("job-find", finding.since, done, total, finding.watch.clone()))
    }
}

fn find(session: &Session, place: Place, watch: &Watch) -> Result<Vec<String>, RemoteFault> {
    let client = &session.client;
    let rows = match place {
        Place::Ids(ids) => {
            let mut found = Vec::new();
            for answer in session.side_by_side(&ids, |id| client.parcel_by_id(id, watch)) {
                found.extend(answer?.value);
            }
            found
        }
        Place::Point([lon, lat]) => client.parcels_by_location(lon, lat, watch)?.value,
        Place::Area(ring) => client.parcels_by_polygon(&ring, watch)?.value,
    };
    Ok(rows.into_iter().map(|row| row.pid).collect())
}
