//! A season of chips from a server that takes 50 ms for each request, and ten thousand chips that are there already.

#[expect(dead_code, reason = "the copy of the sample is for the other measurements")]
mod common;
#[expect(dead_code, reason = "the tests use the rest of it")]
#[path = "../remote/server.rs"]
mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{machine, median, ms};
use parcelight::model::Watch;
use parcelight::model::project_file::RemoteSource;
use parcelight::remote::{ChipsWanted, Client};
use parcelight::store::remote::RemoteCache;
use server::{Server, jrc};

const ROUNDS: usize = 5;
const DATES: usize = 72;
const BANDS: [&str; 3] = ["B04", "B08", "B11"];
/// What the server takes for each request.
const TURN: Duration = Duration::from_millis(50);
/// Against the best that its limits allow.
const AIM: f64 = 1.5;
const MANY: usize = 10_000;

fn main() {
    println!("remote chips; machine {}", machine());
    let server = Server::start(|asked| jrc(asked).late(TURN));
    let source: RemoteSource =
        toml::from_str(&format!("url = \"{}\"\naoi = \"nld\"\nyear = \"2019\"", server.url())).expect("a source");
    season(&server, &source);
    many(&server, &source);
}

fn client(source: &RemoteSource, folder: &tempfile::TempDir) -> Client {
    let cache = RemoteCache::open(folder.path(), 1 << 32).expect("a cache");
    Client::new(source, &[], None, cache, Arc::new(|_, _| Ok(()))).expect("a client")
}

fn wanted(dates: usize, bands: &[&str]) -> ChipsWanted {
    let products = (0..dates).map(|n| format!("S2A_MSIL2A_2019{:04}T104029_N0212_R008_T31UFU_{n:08}T131553", n % 1231)).collect();
    ChipsWanted { lon: 4.4, lat: 51.7, chip_m: 400, products, bands: bands.iter().map(|&band| band.to_owned()).collect() }
}

fn season(server: &Server, source: &RemoteSource) {
    let files = DATES * BANDS.len();
    let batches = files.div_ceil(36);
    let best = TURN * (batches.div_ceil(source.connections) + files.div_ceil(source.connections)) as u32;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir().expect("a folder");
        let client = client(source, &folder);
        let started = Instant::now();
        let chips = client.chips(&wanted(DATES, &BANDS), &Watch::default()).expect("chips");
        times.push(started.elapsed());
        assert!(chips.iter().all(Result::is_ok), "all chips come");
        assert_eq!(server.asked().len(), files + batches);
        assert!(server.most_at_once() <= source.connections, "the limit holds");
    }
    let time = median(times);
    let ratio = time.as_secs_f64() / best.as_secs_f64();
    let verdict = if ratio <= AIM { "met" } else { "missed" };
    println!(
        "  {DATES} dates x {} bands, {} at a time: median {}, best possible {}, ratio {ratio:.2} (aim {AIM}: {verdict})",
        BANDS.len(),
        source.connections,
        ms(time),
        ms(best)
    );
}

fn many(server: &Server, source: &RemoteSource) {
    let folder = tempfile::tempdir().expect("a folder");
    let client = client(source, &folder);
    server.answer(jrc);
    let all = wanted(MANY / BANDS.len() + 1, &BANDS);
    client.chips(&all, &Watch::default()).expect("chips");
    server.asked();
    let (mut listing, mut opening) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let entries = client.cache().list(client.source_key());
        listing.push(started.elapsed());
        assert!(entries.len() >= MANY);
        let started = Instant::now();
        let mut bytes = 0;
        for chip in client.chips(&all, &Watch::default()).expect("chips").into_iter().flatten() {
            bytes += std::fs::read(&chip.path).expect("a chip").len();
        }
        opening.push(started.elapsed());
        assert!(bytes >= MANY * 2000 && server.asked().is_empty(), "nobody is asked");
    }
    println!("  {MANY} kept chips: listed in {}, found and opened in {}, no request", ms(median(listing)), ms(median(opening)));
}
