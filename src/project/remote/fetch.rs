//! Fetching the chips and series of many parcels ahead, so that review needs no server.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;

use super::{RemoteFault, Session, pixels};
use crate::contract::{AcquisitionRow, SeriesKind};
use crate::engine::chip::chip_bounds;
use crate::engine::indices::IndexSet;
use crate::engine::series::IndexRule;
use crate::engine::stretch;
use crate::io::crs;
use crate::model::report::{Problem, Severity};
use crate::model::settings::ObservationSettings;
use crate::model::units::utc_day;
use crate::model::{Crs, Grid, ParcelIx, Parcels, Sensor, Signal, Watch};
use crate::project::Project;
use crate::project::prepare::Preparation;
use crate::remote::ChipsWanted;

/// What is fetched of each parcel.
#[derive(Debug, Clone)]
pub struct Ahead {
    margin_m: u32,
    from: Option<Date>,
    to: Option<Date>,
    /// Bands of the calendar's view, and scene classes.
    bands: Vec<String>,
    signals: Vec<Signal>,
    settings: ObservationSettings,
    indices: Arc<IndexSet>,
}

impl Project {
    /// What review of a parcel asks a server for, with a margin and between dates.
    pub fn ahead(&self, margin_m: u32, from: Option<Date>, to: Option<Date>) -> Ahead {
        let mut bands: Vec<String> = stretch::bands_of(self.view(), &self.indices).iter().map(ToString::to_string).collect();
        bands.push("SCL".to_owned());
        Ahead {
            margin_m,
            from,
            to,
            bands,
            signals: self.file.display.graphs.iter().flatten().cloned().collect(),
            settings: self.file.observations.clone(),
            indices: Arc::clone(&self.indices),
        }
    }

    /// Fetches what review of some parcels asks the server for; what is kept already is not asked for.
    pub fn fetch_ahead(&self, parcels: &[ParcelIx], ahead: &Ahead, watch: &Watch) -> anyhow::Result<Preparation> {
        let (Some(session), Some(data)) = (self.connection.session(), self.data()) else {
            anyhow::bail!("the project names no server, or is not loaded");
        };
        fetch(&session, &data.parcels, parcels, ahead, watch)
    }
}

/// Fetches what review of some parcels asks a server for, parcel by parcel. A chip that cannot be had is a problem, and the others come.
pub(in crate::project) fn fetch(
    session: &Session,
    table: &Parcels,
    parcels: &[ParcelIx],
    ahead: &Ahead,
    watch: &Watch,
) -> anyhow::Result<Preparation> {
    watch.set_total(parcels.len() as u64);
    let mut done = Preparation::default();
    for &parcel in parcels {
        if watch.cancelled() {
            anyhow::bail!("fetching was cancelled; what came before is kept");
        }
        let id = table.id(parcel);
        let outcome = one(session, table, parcel, ahead, watch, &mut done);
        match outcome {
            Ok(()) => {}
            // Without the server the next parcel fares no better.
            Err(
                fault @ (RemoteFault::WrongPassword { .. } | RemoteFault::NotAuthorised { .. } | RemoteFault::Unreachable { .. }),
            ) => {
                return Err(fault.into());
            }
            Err(fault) => done.problems.push(problem(session, format!("parcel {id}: {fault}"))),
        }
        watch.advance(1);
    }
    Ok(done)
}

fn problem(session: &Session, fact: String) -> Problem {
    Problem { severity: Severity::Warning, path: PathBuf::from(&session.source.url), fact, expected: String::new() }
}

fn one(
    session: &Session,
    table: &Parcels,
    parcel: ParcelIx,
    ahead: &Ahead,
    watch: &Watch,
    done: &mut Preparation,
) -> Result<(), RemoteFault> {
    // Progress counts parcels, not the requests of one.
    let quiet = Watch::default();
    let id = table.id(parcel);
    let rows = session.rows(id, &quiet)?;
    let wanted = |row: &&AcquisitionRow| {
        let day = utc_day(row.acquired);
        let clear: u32 =
            (0..12u8).filter(|&class| !ahead.settings.mask.excludes(class)).map(|class| row.classes[usize::from(class)]).sum();
        row.key.sensor == Sensor::S2
            && (clear > 0 || !row.classified)
            && ahead.from.is_none_or(|from| day >= from)
            && ahead.to.is_none_or(|to| day <= to)
    };
    let mut products: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for row in rows.iter().filter(wanted) {
        products.entry(row.epsg).or_default().push(row.product.clone());
    }
    for (epsg, products) in products {
        let grid = Grid { crs: Crs::Epsg(epsg), left: 0.0, top: 0.0, pixel_x: 10.0, pixel_y: 10.0, width: 1, height: 1 };
        let Ok(outline) = crs::transform(&table.outline(parcel), table.crs(), &grid.crs) else { continue };
        if outline.is_empty() || watch.cancelled() {
            continue;
        }
        let Ok(place) = pixels::place(&chip_bounds(&outline, &grid, ahead.margin_m), &grid.crs) else { continue };
        let chips = ChipsWanted { lon: place.lon, lat: place.lat, chip_m: place.chip_m, products, bands: ahead.bands.clone() };
        for chip in session.client.chips(&chips, watch)? {
            match chip {
                Ok(_) => done.written += 1,
                Err(fault) => done.problems.push(problem(session, format!("parcel {id}: {fault}"))),
            }
        }
    }
    for signal in &ahead.signals {
        if session.own_routes(&quiet)? {
            let asked = super::points::asked(signal, &ahead.indices, IndexRule::PerPixel, &ahead.settings);
            session.client.signal(id, &asked, watch)?;
        } else if let Some(kind) = SeriesKind::ALL.into_iter().find(|kind| kind.sensor() == signal.sensor()) {
            session.client.series(id, kind, watch)?;
        }
    }
    // Rain behind the graphs is welcome, and not what review hangs on.
    drop(session.weather(id, watch));
    Ok(())
}
