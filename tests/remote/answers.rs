//! Answers that are read as a whole: what is asked, what is kept, and what helps out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parcelight::contract::{SIGNAL_ROUTE, SeriesKind};
use parcelight::model::Watch;
use parcelight::model::settings::ObservationSettings;
use parcelight::remote::{ErrorKind, PeersWanted, SignalWanted};

use crate::desk::{Desk, settings, source};
use crate::server::{PARCEL, Reply, Server, jrc};

fn watch() -> Watch {
    Watch::default()
}

#[test]
fn a_young_answer_is_not_asked_for_again_unless_told() {
    let server = Server::start(jrc);
    let desk = Desk::new(&server.url());
    let first = desk.client.parcel_by_id("7", &watch()).expect("a parcel");
    let second = desk.client.parcel_by_id("7", &watch()).expect("a parcel");
    assert_eq!((first.from_cache, second.from_cache, first.value == second.value), (false, true, true));
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].path.as_str(), asked[0].method.as_str()), (1, "/query/parcelByID", "GET"));
    for pair in ["aoi=nld", "year=2019", "pid=7", "withGeometry=True"] {
        assert!(asked[0].has(pair), "{}", asked[0].query);
    }
    assert!(asked[0].header("user-agent").is_some_and(|agent| agent.starts_with("Parcelight/")));
    assert!(!desk.client.asking_again().parcel_by_id("7", &watch()).expect("a parcel").from_cache);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn an_old_answer_is_refreshed_and_helps_out_when_the_server_fails() {
    let server = Server::start(jrc);
    let mut impatient = settings();
    impatient.young = Duration::ZERO;
    let desk = Desk::with(&source(&server.url()), impatient);
    let first = desk.client.parcel_by_id("7", &watch()).expect("a parcel");
    assert!(!desk.client.parcel_by_id("7", &watch()).expect("a parcel").from_cache);
    server.answer(|_| Reply::status(502, ""));
    let old = desk.client.parcel_by_id("7", &watch()).expect("the old one");
    assert!(old.from_cache && old.value == first.value && old.fetched.duration_since(first.fetched).as_secs().abs() <= 2);
    assert_eq!(old.failure.map(|error| error.kind()), Some(ErrorKind::Status));
    // A page in place of an answer does not replace what was good.
    server.answer(|_| Reply::json("<title>x</title>"));
    assert!(desk.client.parcel_by_id("7", &watch()).expect("the old one").from_cache);
    // Whoever may not see it any more does not.
    server.answer(|_| Reply::status(401, "Not authorized for this dataset."));
    assert_eq!(desk.client.parcel_by_id("7", &watch()).expect_err("closed").kind(), ErrorKind::NotAuthorised);
}

#[test]
fn a_client_that_reads_the_cache_alone_leaves_the_others_as_they_are() {
    let server = Server::start(jrc);
    let desk = Desk::new(&server.url());
    let kept = desk.client.from_cache();
    assert!(kept.parcel_by_id("7", &watch()).expect_err("not kept").to_string().contains("is not kept on this computer"));
    assert_eq!(server.asked().len(), 0);
    assert!(!desk.client.status().offline && !desk.client.parcel_by_id("7", &watch()).expect("asked").from_cache);
    assert!(kept.parcel_by_id("7", &watch()).expect("kept by the other").from_cache);
    assert!(!kept.status().offline);
}

#[test]
fn offline_only_the_cache_answers() {
    let server = Server::start(jrc);
    let desk = Desk::new(&server.url());
    desk.client.parcel_by_id("7", &watch()).expect("a parcel");
    desk.client.set_offline(true);
    server.asked();
    assert!(desk.client.status().offline && desk.client.parcel_by_id("7", &watch()).expect("kept").from_cache);
    // Even when the answer itself has left: parcels are pinned.
    let cache = desk.client.cache();
    cache.list(desk.client.source_key()).iter().for_each(|entry| cache.remove_broken(&entry.key));
    assert!(desk.client.parcel_by_id("7", &watch()).expect("pinned").value.is_some());
    let error = desk.client.weather("7", &watch()).expect_err("not kept");
    let message = "the weather at parcel 7 is not kept on this computer and the project works offline; go online to fetch it";
    assert_eq!((error.to_string().as_str(), error.kind()), (message, ErrorKind::Offline));
    assert!(server.asked().is_empty());
}

#[test]
fn the_other_spelling_of_a_route_is_found_and_remembered() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/query/parcelById" => Reply::json(PARCEL),
        _ => Reply::status(404, "no such route"),
    });
    let desk = Desk::new(&server.url());
    for pid in ["7", "8"] {
        assert!(desk.client.parcel_by_id(pid, &watch()).expect("a parcel").value.is_some());
    }
    let paths: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/query/parcelByID", "/query/parcelById", "/query/parcelById"]);
}

#[test]
fn a_series_without_histograms_is_asked_for_without_classes() {
    let rows = r#"{"date_part":[1578134451.0],"band":["B04"],"count":[9],"mean":[1],"std":[1],"min":[1],"p25":[1],"p50":[1],"p75":[1],"max":[1]}"#;
    let server = Server::start(move |asked| {
        if asked.has("scl=True") { Reply::json(r#"{"date_part":[],"band":[],"hist":[]}"#) } else { Reply::json(rows) }
    });
    let desk = Desk::new(&server.url());
    assert_eq!(desk.client.series("7", SeriesKind::S2, &watch()).expect("rows").value.len(), 1);
    assert_eq!(server.asked().len(), 2);
    assert_eq!(desk.client.series("7", SeriesKind::Backscatter, &watch()).expect("rows").value.len(), 1);
    let asked = server.asked();
    assert!(asked.len() == 1 && asked[0].has("tstype=bs") && asked[0].has("ref=True"));
}

#[test]
fn a_polygon_with_a_hundred_parcels_is_quartered() {
    // A parcel on each of 20 by 20 points; a request gives a hundred of those in the box of its polygon.
    let server = Server::start(|asked| {
        let polygon = asked.query.split('&').find_map(|pair| pair.strip_prefix("polygon=")).expect("a polygon");
        let points: Vec<(f64, f64)> = polygon
            .split('-')
            .map(|point| point.split_once('_').map(|(x, y)| (x.parse().expect("x"), y.parse().expect("y"))).expect("a point"))
            .collect();
        let within = |v: f64, all: &dyn Fn(&(f64, f64)) -> f64| {
            let (low, high) = points.iter().map(all).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
            (low..=high).contains(&v)
        };
        let inside = (0..400).filter(|n| {
            let (x, y) = (6.0 + f64::from(n % 20) * 0.01, 52.0 + f64::from(n / 20) * 0.01);
            within(x, &|p| p.0) && within(y, &|p| p.1)
        });
        let pids: Vec<String> = inside.take(100).map(|n| n.to_string()).collect();
        Reply::json(serde_json::json!({ "pid": pids }).to_string())
    });
    let desk = Desk::new(&server.url());
    let ring = [[5.995, 51.995], [6.195, 51.995], [6.195, 52.195], [5.995, 52.195]];
    let found = desk.client.parcels_by_polygon(&ring, &watch()).expect("parcels");
    assert_eq!(found.value.len(), 400);
    assert!(server.asked().len() <= 21);
    server.answer(|_| Reply::json(serde_json::json!({ "pid": (0..100).collect::<Vec<_>>() }).to_string()));
    let error = desk.client.parcels_by_polygon(&[[6.0, 52.0], [6.1, 52.0], [6.1, 52.1]], &watch()).expect_err("too many");
    assert!(error.to_string().contains("more than 100 parcels lie in one place"), "{error}");
}

#[test]
fn west_of_greenwich_servers_are_asked_point_by_point_and_parcelight_servers_for_the_polygon() {
    let own = std::sync::Arc::new(AtomicBool::new(false));
    let is_own = std::sync::Arc::clone(&own);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/query/info" if is_own.load(Ordering::SeqCst) => {
            Reply::json(r#"{"server":{"parcelight":{"routes":["parcelSignal"]}},"aois":{}}"#)
        }
        "/query/parcelsByPolygon" => Reply::json(PARCEL),
        "/query/parcelByLocation" => {
            let query: String = asked.query.clone();
            let lon = query.split('&').find_map(|pair| pair.strip_prefix("lon=")).expect("a place");
            let field = (lon.parse::<f64>().expect("a number") * 100.0).floor();
            Reply::json(format!(r#"{{"pid":["{field}"]}}"#))
        }
        _ => jrc(asked),
    });
    let ring = [[-6.3, 52.3], [-6.2, 52.3], [-6.2, 52.2]];
    let error = Desk::new(&server.url()).client.parcels_by_polygon(&ring, &watch()).expect_err("refused");
    let message = "HOST cannot search a polygon west of Greenwich or south of the equator and is asked point by point; draw an area of at most one \
         square kilometre, or enter the ids";
    assert_eq!(error.to_string().replace(&server.host(), "HOST"), message);
    server.asked();
    // Some 340 m by 330 m, halved by the diagonal: fields of a hundredth of a degree of longitude meet in it.
    let small = [[-6.303, 52.300], [-6.298, 52.300], [-6.298, 52.303]];
    let found = Desk::new(&server.url()).client.parcels_by_polygon(&small, &watch()).expect("parcels");
    let ids: Vec<&str> = found.value.iter().map(|row| row.pid.as_str()).collect();
    assert_eq!(ids, ["-630", "-631"]);
    let points = server.asked().iter().filter(|asked| asked.path == "/query/parcelByLocation").count();
    assert!((15..60).contains(&points), "{points}");
    own.store(true, Ordering::SeqCst);
    server.asked();
    let desk = Desk::new(&server.url());
    assert_eq!(desk.client.parcels_by_polygon(&ring, &watch()).expect("parcels").value.len(), 1);
    assert!(server.asked()[1].has("polygon=-6.3_52.3--6.2_52.3--6.2_52.2--6.3_52.3"));
}

#[test]
fn own_routes_are_asked_only_where_they_are_announced() {
    let server = Server::start(jrc);
    let desk = Desk::new(&server.url());
    let wanted = SignalWanted {
        signal: "NDVI".into(),
        expression: None,
        rule: "per-pixel".into(),
        settings: ObservationSettings::default(),
    };
    let error = desk.client.signal("7", &wanted, &watch()).expect_err("no such route");
    let message = format!("{} has no route {SIGNAL_ROUTE}; only Parcelight servers have it", server.host());
    assert_eq!(error.to_string(), message);
    assert_eq!(server.asked().len(), 1);
    server.answer(|asked| match asked.path.as_str() {
        "/query/info" => Reply::json(r#"{"server":{"parcelight":{"routes":["parcelSignal","parcelAcquisitions"]}},"aois":{}}"#),
        "/query/parcelPeers" => Reply::json(r#"{"pids":["8"],"distance":[41.7]}"#),
        _ => Reply::json(
            r#"{"time":["2019-04-16T10:56:58Z"],"sensor":["S2"],"platform":["S2A"],"acquired":["2019-04-16T10:56:58Z"],"value":[0.5],"state":["ok"]}"#,
        ),
    });
    let desk = Desk::new(&server.url());
    assert_eq!(desk.client.signal("7", &wanted, &watch()).expect("rows").value[0].value, 0.5);
    let asked = server.asked();
    for pair in [
        "signal=NDVI",
        "pixels=centre",
        "buffer_m=0",
        "mask=0%2C1%2C3%2C8%2C9%2C10%2C11",
        "min_usable_share=0.5",
        "rule=per-pixel",
    ] {
        assert!(asked[1].has(pair), "{}", asked[1].query);
    }
    let peers = PeersWanted { distance_m: None, max: 200, min_area_m2: 3000.0 };
    assert_eq!(desk.client.peers("7", &peers, &watch()).expect("peers").value[0].distance_m, 41.7);
    assert!(
        server.asked().iter().any(|asked| asked.has("distance=inf") && asked.has("min_area_m2=3000") && asked.has("max=200"))
    );
}
