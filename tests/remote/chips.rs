//! Chips by name: the number of requests, how many at a time, and what an unwilling server leads to.

use std::time::Duration;

use parcelight::model::Watch;
use parcelight::remote::{ErrorKind, RemoteError};

use crate::desk::{Desk, products, settings, source, wanted};
use crate::server::{Reply, Server, index, jrc, tiff};

#[test]
fn a_season_takes_six_batches_and_each_file_once() {
    let server = Server::start(|asked| jrc(asked).late(Duration::from_millis(5)));
    let mut six = source(&server.url());
    six.connections = 4;
    let desk = Desk::with(&six, settings());
    let watch = Watch::default();
    let mut heard = 0;
    let season = wanted(72, &["B04", "B08", "B11"]);
    let chips =
        desk.client.chips_as_they_come(&season, &watch, &mut |_, chip| heard += usize::from(chip.is_ok())).expect("chips");
    let asked = server.asked();
    let batches = asked.iter().filter(|asked| asked.path == "/query/rawChipsBatch").count();
    assert_eq!((batches, asked.len() - batches, heard, watch.progress()), (6, 216, 216, (216, 216)));
    assert!(server.most_at_once() <= 4, "{}", server.most_at_once());
    for (place, chip) in chips.iter().enumerate() {
        let chip = chip.as_ref().expect("a chip");
        assert_eq!((&chip.product, &chip.band), (&season.products[place / 3], &season.bands[place % 3]));
        assert_eq!(std::fs::read(&chip.path).expect("a file"), tiff(&chip.product, &chip.band));
    }
    let again = desk.client.chips(&season, &Watch::default()).expect("chips");
    assert!(again.iter().all(Result::is_ok) && server.asked().is_empty());
    // One more band: only that one is asked for.
    desk.client.chips(&wanted(72, &["B04", "SCL"]), &Watch::default()).expect("chips");
    let asked = server.asked();
    assert_eq!(asked.iter().filter(|asked| asked.path == "/query/rawChipsBatch").count(), 2);
    let body: serde_json::Value = serde_json::from_slice(&asked[0].body).expect("JSON");
    let mut keys: Vec<&String> = body.as_object().expect("an object").keys().collect();
    keys.sort();
    assert_eq!(keys, ["bands", "chipsize", "lat", "lon", "tiles"]);
    assert_eq!((&body["bands"], &body["chipsize"]), (&serde_json::json!(["SCL"]), &serde_json::json!(400)));
}

#[test]
fn a_batch_that_the_server_does_not_cut_is_halved() {
    let server = Server::start(|asked| {
        let tiles =
            || serde_json::from_slice::<serde_json::Value>(&asked.body).expect("JSON")["tiles"].as_array().map_or(0, Vec::len);
        if asked.path == "/query/rawChipsBatch" && tiles() > 4 { Reply::json("{}") } else { jrc(asked) }
    });
    let desk = Desk::new(&server.url());
    let chips = desk.client.chips(&wanted(12, &["B04", "B08", "B11"]), &Watch::default()).expect("chips");
    assert!(chips.iter().all(Result::is_ok));
    assert_eq!(server.asked().iter().filter(|asked| asked.path == "/query/rawChipsBatch").count(), 7);
}

#[test]
fn one_bad_file_takes_no_other_with_it() {
    let bad = format!("/dump/d/{}.B08.tif", products(3)[1]);
    let server = Server::start(move |asked| if asked.path == bad { Reply::json("<title>x</title>") } else { jrc(asked) });
    let desk = Desk::new(&server.url());
    let chips = desk.client.chips(&wanted(3, &["B04", "B08"]), &Watch::default()).expect("chips");
    let fine: Vec<bool> = chips.iter().map(Result::is_ok).collect();
    assert_eq!(fine, [true, true, true, false, true, true]);
    server.answer(jrc);
    server.asked();
    assert!(desk.client.chips(&wanted(3, &["B04", "B08"]), &Watch::default()).expect("chips").iter().all(Result::is_ok));
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_wrong_password_is_tried_once_and_not_two_hundred_times() {
    let refused = || Reply::Full(401, vec![("WWW-Authenticate", "Basic".to_owned())], Vec::new());
    let server = Server::start(move |_| refused());
    let mut one = source(&server.url());
    one.connections = 1;
    let desk = Desk::with(&one, settings());
    let chips = desk.client.chips(&wanted(72, &["B04", "B08", "B11"]), &Watch::default()).expect("chips");
    let kinds = chips.iter().filter(|chip| chip.as_ref().is_err_and(|error| error.kind() == ErrorKind::WrongPassword)).count();
    assert_eq!(kinds, 216);
    assert_eq!(server.asked().len(), 1);
    // Asked again, the server is asked again.
    server.answer(jrc);
    assert!(desk.client.chips(&wanted(1, &["B04"]), &Watch::default()).expect("chips")[0].is_ok());
}

#[test]
fn chips_that_cannot_be_had_are_said_so_without_asking() {
    let server = Server::start(jrc);
    let desk = Desk::new(&server.url());
    let mut large = wanted(1, &["B04"]);
    large.chip_m = 6000;
    let error = desk.client.chips(&large, &Watch::default()).expect_err("too large");
    assert_eq!(error.to_string(), "chips of 6000 m cannot be had; servers cut them up to 5120 m: use a smaller margin");
    desk.client.chips(&wanted(1, &["B04"]), &Watch::default()).expect("chips");
    desk.client.set_offline(true);
    server.asked();
    let chips = desk.client.chips(&wanted(2, &["B04"]), &Watch::default()).expect("chips");
    assert!(chips[0].is_ok());
    assert!(matches!(&chips[1], Err(RemoteError::Offline { what }) if what.starts_with("the chip S2A_")));
    assert!(server.asked().is_empty());
}

#[test]
fn the_newest_call_overtakes() {
    let server = Server::start(|asked| {
        if asked.path == "/query/rawChipsBatch" {
            Reply::json(index(&asked.body))
        } else {
            jrc(asked).late(Duration::from_millis(20))
        }
    });
    let mut one = source(&server.url());
    one.connections = 1;
    let desk = Desk::with(&one, settings());
    let slow = desk.client.clone();
    let background = std::thread::spawn(move || slow.chips(&wanted(36, &["B04"]), &Watch::default()).expect("chips"));
    std::thread::sleep(Duration::from_millis(150));
    let started = std::time::Instant::now();
    desk.client.parcel_by_id("7", &Watch::default()).expect("a parcel");
    assert!(started.elapsed() < Duration::from_millis(250), "{:?}", started.elapsed());
    assert!(!background.is_finished());
    background.join().expect("no panic");
}
