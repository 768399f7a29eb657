//! A project that gets everything from a server against the project that is served: dates, pixels, numbers and peers are equal.

#[path = "project/desk.rs"]
#[expect(dead_code, reason = "opening without waiting is for other tests")]
mod desk;

use std::path::Path;
use std::sync::Arc;

use desk::{Desk, frames};
use parcelight::engine::series::IndexRule;
use parcelight::jobs::Lane;
use parcelight::model::project_file::RemoteSource;
use parcelight::model::{AcquisitionIx, Catalog, ParcelIx, Sensor, Signal, View, Watch};
use parcelight::project::queries::coverage::CoverageQuery;
use parcelight::project::queries::series::SeriesQuery;
use parcelight::project::remote::Place;
use parcelight::project::{Command, Fetch, Project};
use parcelight::serve::{self, Running};

/// The sample, served on a free port of this machine.
struct Served {
    desk: Desk,
    local: Project,
    server: Running,
}

fn served() -> Served {
    let desk = Desk::new();
    let local = desk.loaded();
    let server =
        serve::start(&local, &serve::Options { address: "127.0.0.1:0".parse().expect("valid"), ..serve::Options::default() })
            .expect("serves");
    Served { desk, local, server }
}

impl Served {
    fn source(&self, ids: &[&str]) -> RemoteSource {
        RemoteSource {
            url: self.server.url(),
            aoi: self.server.aoi().to_owned(),
            year: self.server.year().to_owned(),
            parcel_ids: ids.iter().map(|&id| id.to_owned()).collect(),
            ..RemoteSource::empty()
        }
    }

    /// A project without files, that has some parcels of the server.
    fn client(&self, name: &str, ids: &[&str]) -> Project {
        let file = parcelight::model::ProjectFile {
            remote: Some(self.source(ids)),
            parcels: parcelight::model::project_file::ParcelSource::default(),
            imagery: Vec::new(),
            tables: Vec::new(),
            ..self.local.file().clone()
        };
        let path = self.desk.folder.path().join(name).join("remote.parcelight.toml");
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        open(&file, &path, self.desk.folder.path())
    }
}

fn open(file: &parcelight::model::ProjectFile, path: &Path, folder: &Path) -> Project {
    let mut project = Project::from_file_at(file.clone(), path, 2, Arc::new(|| {}), folder.join("home")).expect("a project file");
    project.wait_loaded().expect("the server gives the parcels");
    let all: Vec<ParcelIx> = project.data().expect("loaded").parcels.iter().collect();
    project.settle_remote(&all, &Watch::default()).expect("the server gives the acquisitions");
    project
}

/// What tells acquisitions of two catalogues apart.
fn key(catalog: &Catalog, ix: AcquisitionIx) -> String {
    let own = catalog.get(ix);
    format!("{} {:?} {} {:?} {:?} {:?}", own.acquired, own.sensor, own.platform, own.relative_orbit, own.pass, own.first)
}

const IDS: [&str; 3] = ["FLAPAJ013", "FLAPAJ001", "FLAPAJ007"];

#[test]
fn dates_and_scene_classes_are_those_of_the_project_that_is_served() {
    let served = served();
    let client = served.client("dates", &IDS);
    let (here, there) = (client.data().expect("loaded"), served.local.data().expect("loaded"));
    assert_eq!(here.parcels.len(), IDS.len());
    for id in IDS {
        let (mine, theirs) = (here.parcels.find(id).expect("there"), there.parcels.find(id).expect("there"));
        assert_eq!(here.parcels.outline(mine), there.parcels.outline(theirs), "{id}");
        assert_eq!(here.parcels.crop(mine), there.parcels.crop(theirs));
        let told = |project: &Project, parcel: ParcelIx| {
            let coverage = project.compute(&CoverageQuery { parcel, revision: project.revision() }).expect("computes");
            let catalog = &project.data().expect("loaded").catalog;
            let entry = |own: &parcelight::project::queries::coverage::AcquisitionCoverage| {
                let best = own.granules[0];
                (key(catalog, best.acquisition), best.pixels, best.classes, best.nodata, best.classified)
            };
            coverage.acquisitions.iter().map(entry).collect::<Vec<_>>()
        };
        let (mine, theirs) = (told(&client, mine), told(&served.local, theirs));
        assert!(theirs.len() > 200, "{}", theirs.len());
        assert_eq!(mine, theirs, "{id}");
    }
}

#[test]
fn pictures_are_equal_pixel_for_pixel() {
    let served = served();
    let client = served.client("pictures", &IDS[..2]);
    let (here, there) = (client.data().expect("loaded"), served.local.data().expect("loaded"));
    let mut compared = [0; 3];
    for (id, view) in [
        (IDS[0], View::default()),
        (IDS[1], View::Index("NDVI".to_owned())),
        (IDS[0], View::SceneClass),
        (IDS[0], View::Backscatter(parcelight::model::view::Polarisation::Vh, None)),
        (IDS[1], View::Coherence(parcelight::model::view::Polarisation::Vv, None)),
    ] {
        let (mine, theirs) = (here.parcels.find(id).expect("there"), there.parcels.find(id).expect("there"));
        let sensor = match view {
            View::Backscatter(..) => Sensor::S1Backscatter,
            View::Coherence(..) => Sensor::S1Coherence,
            _ => Sensor::S2,
        };
        let wanted: Vec<AcquisitionIx> =
            there.catalog.iter().filter(|(_, own)| own.sensor == sensor).map(|(ix, _)| ix).step_by(5).collect();
        for theirs_ix in wanted {
            let name = key(&there.catalog, theirs_ix);
            let Some((mine_ix, _)) = here.catalog.iter().find(|(ix, _)| key(&here.catalog, *ix) == name) else {
                continue; // Not over this parcel.
            };
            let picture = |project: &Project, parcel, ix| {
                let query = project.picture_query(parcel, ix, project.granule(parcel, ix), &view);
                project.compute(&query).unwrap_or_else(|error| panic!("{name}: {error}"))
            };
            let (a, b) = (picture(&client, mine, mine_ix), picture(&served.local, theirs, theirs_ix));
            let pixels = |of: &parcelight::project::queries::picture::ChipPicture| {
                of.picture.as_ref().map(|picture| (picture.width, picture.height, picture.rgba.clone()))
            };
            assert_eq!(pixels(&a), pixels(&b), "{id} {view:?} {name}");
            assert_eq!(a.masked, b.masked, "{id} {view:?} {name}");
            compared[sensor as usize] += usize::from(b.picture.is_some());
        }
    }
    assert!(compared.iter().all(|&pictures| pictures > 5), "{compared:?}");
}

#[test]
fn graphs_and_peers_are_equal_number_for_number() {
    let served = served();
    let client = served.client("graphs", &IDS[..2]);
    let (here, there) = (client.data().expect("loaded"), served.local.data().expect("loaded"));
    for id in &IDS[..2] {
        let (mine, theirs) = (here.parcels.find(id).expect("there"), there.parcels.find(id).expect("there"));
        for name in ["NDVI", "BSI", "B11", "VV_db", "VH_VV_db", "COH_VV", "X=(B08-B11)/(B08+B11)"] {
            for rule in [IndexRule::PerPixel, IndexRule::OfMeans] {
                let points = |project: &Project, parcel: ParcelIx| {
                    let query = SeriesQuery { rule, ..project.series_query(parcel, &Signal::parse(name)) };
                    let series = project.compute(&query).expect("computes");
                    let catalog = &project.data().expect("loaded").catalog;
                    let bits = |value: f64| if value.is_nan() { u64::MAX } else { value.to_bits() };
                    let point = |own: &parcelight::model::SeriesPoint| {
                        let numbers = [own.value, own.std, own.p25, own.p75, own.count, own.usable_share].map(bits);
                        (key(catalog, own.acquisition), own.acquired, numbers, own.state)
                    };
                    series.points.iter().map(point).collect::<Vec<_>>()
                };
                let (mine, theirs) = (points(&client, mine), points(&served.local, theirs));
                assert!(theirs.len() > 50, "{name} {}", theirs.len());
                assert_eq!(mine, theirs, "{id} {name} {rule:?}");
            }
        }
        let signal = Signal::Index("NDVI".to_owned());
        let band = |project: &Project, parcel| project.compute(&project.peers_query(parcel, &signal)).expect("computes");
        let (mine, theirs) = (band(&client, mine), band(&served.local, theirs));
        assert_eq!(mine.count, theirs.count, "{id}: peers are counted also where the project does not hold them");
        let steps = |band: &parcelight::project::queries::peers::PeerBand, catalog: &Catalog| {
            band.steps.iter().map(|step| (key(catalog, step.acquisition), format!("{:?}", step.spread))).collect::<Vec<_>>()
        };
        assert_eq!(steps(&mine, &here.catalog), steps(&theirs, &there.catalog), "{id}");
    }
}

#[test]
fn what_was_seen_is_there_offline_and_what_was_not_is_said() {
    let served = served();
    let ids = &IDS[..1];
    let file;
    {
        let client = served.client("offline", ids);
        file = client.file().clone();
        let parcel = ParcelIx(0);
        client.compute(&client.series_query(parcel, &Signal::Index("NDVI".to_owned()))).expect("computes");
        let clear = client.data().expect("loaded").catalog.iter().find(|(_, own)| own.sensor == Sensor::S2).expect("one").0;
        client.compute(&client.picture_query(parcel, clear, 0, &View::default())).expect("computes");
    }
    served.server.stop();
    let offline = parcelight::model::ProjectFile {
        remote: file.remote.clone().map(|remote| RemoteSource { offline: true, ..remote }),
        ..file
    };
    let path = served.desk.folder.path().join("offline").join("remote.parcelight.toml");
    let client = open(&offline, &path, served.desk.folder.path());
    let parcel = ParcelIx(0);
    let series = client.compute(&client.series_query(parcel, &Signal::Index("NDVI".to_owned()))).expect("kept");
    assert!(series.points.len() > 50);
    let optical: Vec<AcquisitionIx> =
        client.data().expect("loaded").catalog.iter().filter(|(_, own)| own.sensor == Sensor::S2).map(|(ix, _)| ix).collect();
    client.compute(&client.picture_query(parcel, optical[0], 0, &View::default())).expect("kept");
    let error = client.compute(&client.picture_query(parcel, optical[1], 0, &View::default())).expect_err("never fetched");
    assert!(error.to_string().contains("is not kept on this computer"), "{error}");
    assert!(client.remote_status().expect("a server").offline);
}

#[test]
fn parcels_are_added_by_place_by_area_and_by_id() {
    let served = served();
    let mut client = served.client("found", &IDS[..1]);
    let theirs = served.local.data().expect("loaded");
    let parcel = theirs.parcels.find(IDS[1]).expect("there");
    let (x, y) = theirs.parcels.bounds(parcel).center();
    let mut at = [[x, y]];
    parcelight::io::crs::transform_points(&mut at, theirs.parcels.crs(), &parcelight::io::crs::WGS84).expect("a place");
    let count = |project: &mut Project| project.data().map(|data| data.parcels.len()).filter(|_| !project.growing());
    client.apply(Command::FindRemote(Place::Point(at[0])));
    frames(&mut client, |project| count(project).filter(|&parcels| parcels == 2));
    client.apply(Command::FindRemote(Place::Ids(vec![IDS[2].to_owned(), "nobody".to_owned()])));
    frames(&mut client, |project| count(project).filter(|&parcels| parcels == 3));
    // Around all of them.
    let ring = [[3.0, 50.0], [6.0, 50.0], [6.0, 52.0], [3.0, 52.0], [3.0, 50.0]].to_vec();
    client.apply(Command::FindRemote(Place::Area(ring)));
    frames(&mut client, |project| count(project).filter(|&parcels| parcels == theirs.parcels.len()));
    assert_eq!(client.file().remote.as_ref().expect("a server").parcel_ids.len(), theirs.parcels.len());
    client.apply(Command::FindRemote(Place::Point([10.0, 50.0])));
    let told = frames(&mut client, |project| {
        Some(project.take_told()).filter(|told| told.iter().any(|text| text.contains("no parcel")))
    });
    assert!(told.iter().any(|text| text == "the server has no parcel there"), "{told:?}");
}

#[test]
fn a_server_that_is_not_there_is_said_and_the_project_can_be_mended() {
    let served = served();
    let mut client = served.client("mended", &IDS[..1]);
    let good = client.file().remote.clone().expect("a server");
    let wrong = RemoteSource { url: "http://127.0.0.1:9".to_owned(), timeout_secs: 1, ..good.clone() };
    client.apply(Command::Connect(Box::new(wrong), None));
    let error = frames(&mut client, |project| match project.dataset() {
        Fetch::Failed(error) => Some(error.to_string()),
        _ => None,
    });
    assert!(error.contains("cannot reach parcelByID of 127.0.0.1:9"), "{error}");
    client.apply(Command::Connect(Box::new(good), None));
    let parcels = frames(&mut client, |project| match project.dataset() {
        Fetch::Ready(data) => Some(data.parcels.len()),
        _ => None,
    });
    assert_eq!(parcels, 1);
}

#[test]
fn looking_at_a_parcel_brings_its_dates_first_and_the_catalogue_grows_by_itself() {
    let served = served();
    let mut client = served.client("grows", &IDS[..1]);
    let parcel = frames(&mut client, |project| project.selection().parcel);
    let coverage = frames(&mut client, |project| project.coverage(parcel).ready());
    assert!(coverage.acquisitions.len() > 200);
    let signal = Signal::Index("NDVI".to_owned());
    let series = frames(&mut client, |project| project.get(&project.series_query(parcel, &signal), Lane::Interactive).ready());
    assert!(!series.points.is_empty());
}

/// A server as JRC's are: it passes requests on, and knows none of the routes beyond the contract.
fn without_own_routes(url: &str) -> (String, tokio::runtime::Runtime) {
    use axum::body::{Body, Bytes};
    use axum::extract::State;
    use axum::http::{Method, Uri};
    use axum::response::Response;
    async fn pass_on(
        State((client, url)): State<(reqwest::Client, String)>,
        method: Method,
        uri: Uri,
        body: Bytes,
    ) -> Response<Body> {
        let answer = |status: u16, body: Body| Response::builder().status(status).body(body).expect("an answer");
        match uri.path() {
            "/query/info" => return answer(200, Body::from(r#"{"server":{},"aois":{}}"#)),
            "/query/parcelSignal" | "/query/parcelAcquisitions" => return answer(404, Body::from("Not Found")),
            _ => {}
        }
        let asked = client.request(method, format!("{url}{uri}")).body(body).send().await.expect("answers");
        let status = asked.status().as_u16();
        answer(status, Body::from(asked.bytes().await.expect("a body")))
    }
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let router = axum::Router::new().fallback(pass_on).with_state((client, url.to_owned()));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let own = format!("http://{}", listener.local_addr().expect("an address"));
    runtime.spawn(async move { axum::serve(listener, router).await });
    (own, runtime)
}

#[test]
fn a_server_of_jrc_gives_the_same_pixels_and_classes_and_signals_of_its_means() {
    let served = served();
    let (url, _running) = without_own_routes(&served.server.url());
    let file = parcelight::model::ProjectFile {
        remote: Some(RemoteSource { url, ..served.source(&IDS[..1]) }),
        parcels: parcelight::model::project_file::ParcelSource::default(),
        imagery: Vec::new(),
        ..served.local.file().clone()
    };
    let folder = served.desk.folder.path().join("jrc");
    std::fs::create_dir_all(&folder).expect("a folder");
    let client = open(&file, &folder.join("jrc.parcelight.toml"), served.desk.folder.path());
    let (here, there) = (client.data().expect("loaded"), served.local.data().expect("loaded"));
    let (mine, theirs) = (ParcelIx(0), there.parcels.find(IDS[0]).expect("there"));

    // Clear dates: nothing is masked, so the means of all pixels are those of the usable ones.
    let points = |project: &Project, parcel: ParcelIx, name: &str, rule: IndexRule| {
        let query = SeriesQuery { rule, ..project.series_query(parcel, &Signal::parse(name)) };
        project.compute(&query).expect("computes").points.clone()
    };
    for (name, least) in [("NDVI", 30), ("B04", 30), ("VV_db", 100), ("COH_VH", 100)] {
        let told = points(&client, mine, name, IndexRule::PerPixel);
        let known = points(&served.local, theirs, name, IndexRule::OfMeans);
        let time = |project: &Project, ix| project.data().expect("loaded").catalog.get(ix).acquired.as_second();
        let clear: Vec<_> = known.iter().filter(|point| point.usable_share >= 1.0 && point.value.is_finite()).collect();
        let mut compared = 0;
        for point in &clear {
            let at = time(&served.local, point.acquisition);
            let own = told.iter().find(|own| time(&client, own.acquisition) == at).expect("the same times");
            assert!((own.value - point.value).abs() < 1e-6, "{name} {at}: {} and {}", own.value, point.value);
            assert_eq!(own.state, point.state, "{name} {at}");
            compared += 1;
        }
        assert!(compared >= least, "{name}: {compared}");
        if name == "NDVI" {
            assert!(
                told.iter().any(|point| point.state == parcelight::model::ObservationState::Masked),
                "clouded dates are masked"
            );
            assert!(told.iter().filter(|point| point.value.is_finite()).all(|point| point.std > 0.0), "means have a spread");
        }
    }

    let mut compared = 0;
    let revision = |project: &Project| project.revision();
    let coverage = client.compute(&CoverageQuery { parcel: mine, revision: revision(&client) }).expect("computes");
    let known = served.local.compute(&CoverageQuery { parcel: theirs, revision: revision(&served.local) }).expect("computes");
    for (theirs_ix, own) in there.catalog.iter().filter(|(_, own)| own.sensor == Sensor::S2) {
        let Some(entry) = known.of(theirs_ix) else { continue };
        let (ix, _) = here
            .catalog
            .iter()
            .find(|(_, other)| other.sensor == Sensor::S2 && other.acquired.as_second() == own.acquired.as_second())
            .expect("the same times");
        assert_eq!(coverage.of(ix).expect("told").granules[0].classes, entry.granules[0].classes);
        if compared < 6 && entry.granules[0].clear(client.mask()) >= 1.0 {
            let picture = |project: &Project, parcel, ix| {
                let query = project.picture_query(parcel, ix, project.granule(parcel, ix), &View::default());
                project.compute(&query).expect("a picture").picture.as_ref().map(|picture| picture.rgba.clone())
            };
            assert_eq!(picture(&client, mine, ix), picture(&served.local, theirs, theirs_ix));
            compared += 1;
        }
    }
    assert_eq!(compared, 6);
}
