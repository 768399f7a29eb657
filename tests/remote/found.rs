//! Chips that the server finds by place and time.

use jiff::civil::Date;
use parcelight::contract::SeriesKind;
use parcelight::model::Watch;
use parcelight::remote::BackgroundWanted;

use crate::desk::Desk;
use crate::server::{Asked, Reply, Server, jrc, tiff};

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn parameter(asked: &Asked, name: &str) -> String {
    let value = asked.query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned));
    value.unwrap_or_default()
}

/// A product every five days, at most `limit` at a time.
fn every_five_days(asked: &Asked, limit: usize) -> Vec<String> {
    let (from, to) = (day(&parameter(asked, "start_date")), day(&parameter(asked, "end_date")));
    let start = day("2019-01-01");
    let days = (0..365).step_by(5).map(|n| start.saturating_add(jiff::Span::new().days(n)));
    let names: Vec<String> = days
        .filter(|day| (from..=to).contains(day))
        .map(|day| format!("S2A_MSIL2A_{}T104029_N0212_R008_T31UFU_20190617T131553", day.strftime("%Y%m%d")))
        .collect();
    if names.len() > limit { Vec::new() } else { names }
}

fn scene_server(asked: &Asked) -> Reply {
    if asked.path != "/query/rawChipByLocation" {
        return jrc(asked);
    }
    if asked.has("onlylist=True") {
        let names: Vec<String> = every_five_days(asked, 1000).into_iter().map(|name| format!("{name}.SAFE")).collect();
        return Reply::json(serde_json::json!({ "chips": names }).to_string());
    }
    let names = every_five_days(asked, 4);
    if names.is_empty() {
        return if parameter(asked, "start_date").starts_with("2019-02") {
            Reply::status(500, "pool")
        } else {
            Reply::json("{}")
        };
    }
    let dates: Vec<&str> = names.iter().map(|name| &name[11..26]).collect();
    let chips: Vec<String> = names.iter().map(|name| format!("/dump/d/{name}.SCL.tif")).collect();
    Reply::json(serde_json::json!({ "dates": dates, "chips": chips }).to_string())
}

#[test]
fn scene_classes_come_in_windows_that_are_halved_when_too_full() {
    let server = Server::start(scene_server);
    let desk = Desk::new(&server.url());
    let days = (day("2019-03-01"), day("2019-04-29"));
    let chips = desk.client.scene_classes(4.4, 51.7, 400, days, &Watch::default()).expect("chips");
    assert_eq!(chips.len(), 12);
    let products: Vec<String> = chips.into_iter().map(|chip| chip.expect("a chip").product).collect();
    assert!(products.is_sorted(), "{products:?}");
    // Twice a window of thirty days, each halved once.
    assert_eq!(server.asked().iter().filter(|asked| asked.path.starts_with("/query")).count(), 6);
    let again = desk.client.scene_classes(4.4, 51.7, 400, days, &Watch::default()).expect("chips");
    assert!(again.len() == 12 && server.asked().iter().all(|asked| asked.path.starts_with("/query")));
    // A server that fails for want of products has none.
    let none = desk.client.scene_classes(4.4, 51.7, 400, (day("2019-02-01"), day("2019-02-03")), &Watch::default());
    assert!(none.expect("nothing").is_empty());
}

#[test]
fn products_of_a_place_are_listed_by_time() {
    let server = Server::start(scene_server);
    let desk = Desk::new(&server.url());
    let days = (day("2019-01-01"), day("2019-12-31"));
    let names = desk.client.products(4.4, 51.7, 400, days, &Watch::default()).expect("names");
    assert!(names.len() == 73 && names.is_sorted() && names[0].ends_with("20190617T131553"));
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn radar_chips_come_month_by_month_in_both_polarisations() {
    let server = Server::start(|asked| {
        if asked.path != "/query/rawS1ChipsBatch" {
            return jrc(asked);
        }
        let body: serde_json::Value = serde_json::from_slice(&asked.body).expect("JSON");
        assert_eq!((&body["plevel"], body.as_object().map(serde_json::Map::len)), (&serde_json::json!("CARD-BS"), Some(5)));
        let month = body["dates"][0].as_str().expect("a day")[..7].replace('-', "");
        let (mut dates, mut chips) = (vec!["20170101T055009_VV".to_owned()], vec!["static//tmp/d/OLD_VV.tif".to_owned()]);
        for band in ["VV", "VH"] {
            dates.push(format!("{month}17T055009_{band}"));
            chips.push(format!("static//tmp/d/S1A_{month}_{band}.tif"));
        }
        Reply::json(serde_json::json!({ "dates": dates, "chips": chips }).to_string())
    });
    server_files(&server);
    let desk = Desk::new(&server.url());
    let days = (day("2019-05-10"), day("2019-06-30"));
    let chips = desk.client.s1_chips(4.4, 51.7, 400, days, SeriesKind::Backscatter, &Watch::default()).expect("chips");
    let names: Vec<String> = chips
        .iter()
        .map(|chip| chip.as_ref().map_or_else(ToString::to_string, |chip| format!("{} {}", chip.product, chip.band)))
        .collect();
    assert_eq!(names, ["S1A_201905 VH", "S1A_201905 VV", "S1A_201906 VH", "S1A_201906 VV"]);
    assert!(desk.client.s1_chips(4.4, 51.7, 400, days, SeriesKind::S2, &Watch::default()).is_err());
}

/// Files of batches lie below `static/tmp` there.
fn server_files(server: &Server) {
    let before = |asked: &Asked| asked.path.strip_prefix("/static/tmp/d/").map(str::to_owned);
    server.wrap(move |asked| {
        let file = before(asked)?;
        let (product, band) = file.trim_end_matches(".tif").rsplit_once('_').map(|(p, b)| (p.to_owned(), b.to_owned()))?;
        Some(Reply::Full(200, Vec::new(), tiff(&product, &band)))
    });
}

#[test]
fn a_background_is_fetched_once_and_may_be_missing() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/query/backgroundByLocation" if asked.has("tms=osm") => Reply::status(200, "static/tmp/d/osm.tif"),
        "/query/backgroundByLocation" => Reply::json("{}"),
        "/query/backgroundByParcelID" if asked.has("pid=7") && asked.has("aoi=nld") => {
            Reply::status(200, "static/tmp/d/seven.tif")
        }
        _ => Reply::Full(200, Vec::new(), tiff("osm", "")),
    });
    let desk = Desk::new(&server.url());
    let mut wanted = BackgroundWanted { lon: 4.4, lat: 51.7, pixels: 256, extent_m: 400, map: "osm".to_owned() };
    let first = desk.client.background(&wanted, &Watch::default()).expect("a picture");
    let second = desk.client.background(&wanted, &Watch::default()).expect("a picture");
    assert!(first.value.is_some() && first.value == second.value && second.from_cache && !first.from_cache);
    assert_eq!(server.asked().len(), 2);
    wanted.map = "moon".to_owned();
    assert_eq!(desk.client.background(&wanted, &Watch::default()).expect("none").value, None);
    assert!(desk.client.background_of_parcel("7", &wanted, &Watch::default()).expect("a picture").value.is_some());
}
