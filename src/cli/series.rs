//! `parcelight series`.

use std::collections::HashMap;
use std::process::ExitCode;

use crate::engine::peers::PeerStep;
use crate::engine::series::{IndexRule, bands_of};
use crate::io::tables::{Kind, Table, Value};
use crate::model::settings::{ObservationSettings, PeerSettings};
use crate::model::units::{iso_utc, utc_day};
use crate::model::{AcquisitionIx, ParcelIx, Sensor, SeriesPoint, Signal, Watch};
use crate::project::queries::peers::PeersQuery;
use crate::project::queries::series::SeriesQuery;

use super::args::{Choice, Dates, Inputs, Pixels, TableOut, Tables, parse_signal};
use super::input::Opened;
use super::output::{Run, format};
use super::{input, progress, usage};

/// One or more signals of chosen parcels, optionally with their peers
///
/// Signals: band names (B04), index names (NDVI, BSI, …, and the project's own), VV_db, VH_db, VH_VV_db, COH_VV, COH_VH, or
/// NAME=expression over band names. Sorted by parcel, time, signal. `usable_share` is the share of used pixels 0..1, `state` is ok,
/// masked or nodata; a masked observation keeps the value of what is left of it.
///
/// Units: reflectance and coherence 0..1, indices without unit, backscatter in dB of the mean linear power.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight series --project season.parcelight.toml --parcel FLAPAJ013 --signal NDVI,VH_db --signal \"MY=(B11 - B04) / (B11 + B04)\" --peers"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    dates: Dates,
    #[command(flatten)]
    pixels: Pixels,
    /// Signals, separated by commas or repeated
    #[arg(
        long,
        visible_alias = "signals",
        value_name = "SIGNAL",
        value_delimiter = ',',
        default_value = "NDVI",
        value_parser = parse_signal,
        help_heading = "Values"
    )]
    signal: Vec<Signal>,
    /// Mean of per-pixel index values [default: index of the parcel's band means]
    #[arg(long, help_heading = "Values")]
    per_pixel: bool,
    /// Add the spread of parcels with the same crop at each time: peers_n, peers_p10, peers_p50, peers_p90, peers_mean, peers_std
    #[arg(long, help_heading = "Values")]
    peers: bool,
    /// Peers lie within this distance, edge to edge, metres [default: the whole project, or the project's setting]
    #[arg(long, value_name = "M", requires = "peers", help_heading = "Values")]
    peers_distance_m: Option<f64>,
    #[command(flatten)]
    out: TableOut,
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    format(&args.out)?;
    args.dates.check()?;
    let mut opened = input::open_with(&args.inputs, &args.tables, run)?;
    for signal in &args.signal {
        if !opened.data.tables.as_ref().is_some_and(|tables| tables.has_variable(signal)) {
            bands_of(signal, opened.project.indices()).map_err(|error| usage(format!("signal {}: {error}", signal.name())))?;
        }
    }
    let mut parcels = input::choose(&opened.data.parcels, &args.choice)?;
    opened.settle(&parcels, run)?;
    parcels.sort_by_key(|&parcel| (opened.data.parcels.id(parcel), parcel));
    let asked = Asked {
        settings: args.pixels.apply(opened.project.file().observations.clone()),
        rule: if args.per_pixel { IndexRule::PerPixel } else { IndexRule::OfMeans },
        peers: args.peers.then(|| peer_settings(args, &opened)),
    };
    let watch = Watch::default();
    watch.set_total((parcels.len() * args.signal.len()) as u64);
    let mut table = Table { columns: columns(args.peers), rows: Vec::new() };
    progress::during(&run.general, "reading series", &watch, || -> anyhow::Result<()> {
        for &parcel in &parcels {
            table.rows.extend(parcel_rows(&opened, parcel, args, &asked, &watch)?);
        }
        Ok(())
    })?;
    let sensors: Vec<Sensor> = args.signal.iter().map(Signal::sensor).collect();
    run.write_table(&table, &args.out, &opened.inputs_with_images(&sensors))?;
    if table.rows.is_empty() {
        run.say("no acquisition sees these parcels in this range");
    }
    Ok(ExitCode::SUCCESS)
}

/// What is asked of every parcel.
struct Asked {
    settings: ObservationSettings,
    rule: IndexRule,
    peers: Option<PeerSettings>,
}

fn peer_settings(args: &Args, opened: &Opened) -> PeerSettings {
    let mut settings = opened.project.file().peers.clone();
    settings.distance_m = args.peers_distance_m.or(settings.distance_m);
    settings
}

fn columns(peers: bool) -> Vec<(String, Kind)> {
    let own = [
        ("parcel_id", Kind::Text),
        ("acquired_utc", Kind::Text),
        ("signal", Kind::Text),
        ("value", Kind::Number),
        ("std", Kind::Number),
        ("count", Kind::Number),
        ("usable_share", Kind::Number),
        ("state", Kind::Text),
    ];
    let spread = [
        ("peers_n", Kind::Integer),
        ("peers_p10", Kind::Number),
        ("peers_p50", Kind::Number),
        ("peers_p90", Kind::Number),
        ("peers_mean", Kind::Number),
        ("peers_std", Kind::Number),
    ];
    own.into_iter().chain(spread.into_iter().filter(|_| peers)).map(|(name, kind)| (name.to_owned(), kind)).collect()
}

/// Rows of one parcel by time, then by the signals' order.
fn parcel_rows(opened: &Opened, parcel: ParcelIx, args: &Args, asked: &Asked, watch: &Watch) -> anyhow::Result<Vec<Vec<Value>>> {
    let mut found: Vec<(SeriesPoint, usize, Vec<Value>)> = Vec::new();
    for (order, signal) in args.signal.iter().enumerate() {
        let query = SeriesQuery {
            parcel,
            signal: signal.clone(),
            settings: asked.settings.clone(),
            rule: asked.rule,
            revision: opened.project.revision(),
        };
        let series = opened.project.compute(&query)?;
        let spread = match &asked.peers {
            Some(peers) => Some(opened.project.compute(&PeersQuery {
                of: query,
                peers: peers.clone(),
                store: opened.project.store_ref(),
            })?),
            None => None,
        };
        let steps: Option<HashMap<AcquisitionIx, PeerStep>> =
            spread.map(|band| band.steps.iter().map(|step| (step.acquisition, *step)).collect());
        for point in series.points.iter().filter(|point| args.dates.contain(utc_day(point.acquired))) {
            let peers = steps.as_ref().map(|steps| peer_values(steps.get(&point.acquisition))).unwrap_or_default();
            found.push((*point, order, peers));
        }
        watch.advance(1);
    }
    found.sort_by_key(|(point, order, _)| (point.acquired, *order, point.acquisition));
    let id = opened.data.parcels.id(parcel);
    Ok(found.into_iter().map(|(point, order, peers)| row(id, &point, &args.signal[order], peers)).collect())
}

fn row(id: &str, point: &SeriesPoint, signal: &Signal, peers: Vec<Value>) -> Vec<Value> {
    let mut row = vec![
        Value::Text(id.to_owned()),
        Value::Text(iso_utc(point.acquired)),
        Value::Text(signal.name()),
        Value::Number(point.value),
        Value::Number(point.std),
        Value::Number(point.count),
        Value::Number(point.usable_share),
        Value::Text(point.state.code().to_owned()),
    ];
    row.extend(peers);
    row
}

fn peer_values(step: Option<&PeerStep>) -> Vec<Value> {
    match step {
        Some(step) => std::iter::once(Value::Integer(step.spread.n as i64))
            .chain([step.spread.p10, step.spread.p50, step.spread.p90, step.spread.mean, step.spread.std].map(Value::Number))
            .collect(),
        None => std::iter::once(Value::Integer(0)).chain(std::iter::repeat_n(Value::Empty, 5)).collect(),
    }
}
