//! The server under load, over loopback connections that stay open: a parcel out of a million, time series of the sample.

#[expect(dead_code, reason = "tenths of milliseconds are too coarse here")]
mod common;
mod synthetic;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Copy, machine, median};
use parcelight::project::Project;
use parcelight::serve::{self, Options, Running};

const MANY: u64 = 1_000_000;
const LOOKUPS: usize = 5000;
const CLIENTS: usize = 8;
const LOAD: Duration = Duration::from_secs(5);

fn main() {
    println!("the server over loopback");
    println!("  machine                        {}", machine());
    // Another part of the program may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    lookups(&runtime);
    series(&runtime);
}

/// `PARCELS=10000` makes a quick run.
fn parcels() -> u64 {
    std::env::var("PARCELS").ok().and_then(|text| text.parse().ok()).unwrap_or(MANY) // unset: all
}

fn opened(path: &Path, home: PathBuf) -> Project {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut project = Project::open_at(path, cores, Arc::new(|| {}), home).expect("opens");
    project.wait_loaded().expect("loads");
    project
}

fn started(project: &Project) -> Running {
    let options = Options {
        address: "127.0.0.1:0".parse().expect("valid"),
        aoi: Some("x".to_owned()),
        year: Some("2019".to_owned()),
        ..Options::default()
    };
    serve::start(project, &options).expect("starts")
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

async fn ask(client: &reqwest::Client, address: &str) -> usize {
    let response = client.get(address).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 200, "{address}");
    response.bytes().await.expect("a body").len()
}

fn exact(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() * 99 / 100]
}

fn lookups(runtime: &tokio::runtime::Runtime) {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/bench-data");
    let layer = synthetic::layer(&data, parcels());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let project = opened(&synthetic::project(folder.path(), &layer), folder.path().join("home"));
    let count = project.data().map_or(0, |data| data.parcels.len());
    let running = started(&project);
    let client = client();
    let mut times = Vec::with_capacity(LOOKUPS);
    runtime.block_on(async {
        for round in 0..LOOKUPS + 100 {
            let number = (round as u64).wrapping_mul(0x9e37_79b9) % count as u64;
            let address = format!("{}/query/parcelByID?aoi=x&year=2019&pid=SYN{number:07}&withGeometry=True", running.url());
            let started = Instant::now();
            let bytes = ask(&client, &address).await;
            assert!(bytes > 300, "the parcel is told: {bytes} bytes");
            if round >= 100 {
                times.push(started.elapsed());
            }
        }
    });
    println!(
        "  parcelByID of {count:<7}          median {}, 99 of 100 within {} of {LOOKUPS} (aim: median under 5 ms)",
        exact(median(times.clone())),
        exact(p99(times))
    );
    assert!(running.stop(), "stops");
}

fn series(runtime: &tokio::runtime::Runtime) {
    let copy = Copy::new();
    copy.forget();
    let project = opened(&copy.project(), copy.home());
    let data = project.data().expect("loaded");
    let running = started(&project);
    let address =
        |id: &str| format!("{}/query/parcelTimeSeries?aoi=x&year=2019&pid={id}&tstype=s2&scl=True&ref=True", running.url());
    let addresses: Vec<String> = data.parcels.iter().map(|parcel| address(data.parcels.id(parcel))).collect();
    let client = client();
    let first: Vec<Duration> = runtime.block_on(async {
        let mut times = Vec::new();
        for address in &addresses {
            let started = Instant::now();
            ask(&client, address).await;
            times.push(started.elapsed());
        }
        times
    });
    println!(
        "  parcelTimeSeries, first time   median {}, longest {} (72 products, 6 bands, from the files)",
        exact(median(first.clone())),
        exact(p99(first))
    );
    let times = runtime.block_on(async {
        let until = Instant::now() + LOAD;
        let tasks: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (client, addresses) = (client.clone(), addresses.clone());
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    for address in addresses.iter().cycle().skip(number * 2) {
                        let started = Instant::now();
                        if started >= until {
                            break;
                        }
                        ask(&client, address).await;
                        times.push(started.elapsed());
                    }
                    times
                })
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("no panic"));
        }
        all
    });
    let rate = times.len() as f64 / LOAD.as_secs_f64();
    println!(
        "  parcelTimeSeries, {CLIENTS} clients    {rate:.0} a second, median {}, 99 of 100 within {} (aim: 200 a second)",
        exact(median(times.clone())),
        exact(p99(times))
    );
    assert!(running.stop(), "stops");
}
