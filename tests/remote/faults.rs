//! Everything that a server can do wrong: the message, the time it takes, and a good answer right after.

use std::time::{Duration, Instant};

use parcelight::model::Watch;
use parcelight::remote::{ErrorKind, RemoteError};

use crate::desk::{Desk, settings, source, wanted};
use crate::server::{PARCEL, Reply, Server, index, jrc, tiff};

/// Whatever happens is over after this.
const BOUND: Duration = Duration::from_secs(6);

/// The sentence of a failure, with a stable name for the host.
fn sentence(error: &RemoteError, server: &Server) -> String {
    error.to_string().replace(&server.host(), "HOST")
}

/// What is answered, what becomes of it, the sentence, and how many requests that takes.
type Case = (Reply, ErrorKind, String, usize);

fn silent_and_endless() -> Vec<Case> {
    let unreachable =
        |reason: &str| format!("cannot reach parcelByID of HOST: {reason}; check the address and the network and try again");
    let silence = "parcelByID of HOST did not answer within 1 s; try again or allow a longer wait in the connection".to_owned();
    let large = "parcelByID of HOST sends more than 1 MiB, which is no right answer; ask the operator of the server".to_owned();
    let circle = "parcelByID of HOST redirects more than 3 times; check the address".to_owned();
    let elsewhere = "parcelByID of HOST points to another server, http://127.0.0.2:9, where nothing is sent to; enter that address if \
                     it is the right one";
    vec![
        (Reply::json(PARCEL).late(Duration::from_secs(5)), ErrorKind::Timeout, silence.clone(), 3),
        (Reply::Trickle(Duration::from_millis(100)), ErrorKind::Timeout, silence, 3),
        (Reply::Drop, ErrorKind::Unreachable, unreachable("the connection was closed without an answer"), 3),
        (Reply::Cut(PARCEL.as_bytes().to_vec()), ErrorKind::Unreachable, unreachable("the answer broke off"), 3),
        (Reply::Endless, ErrorKind::TooLarge, large, 1),
        (Reply::redirect("/query/parcelByID"), ErrorKind::Refused, circle, 4),
        (Reply::redirect("http://127.0.0.2:9/query/parcelByID"), ErrorKind::Refused, elsewhere.to_owned(), 1),
    ]
}

fn refusals() -> Vec<Case> {
    let status = |code: u16, text: &str| {
        format!(
            "parcelByID of HOST answers with status {code}: {text}; check area, year and parcel or ask the operator of the server"
        )
    };
    let basic = vec![("WWW-Authenticate", "Basic realm=\"Login Required\"".to_owned())];
    let password = "HOST refuses the user name or the password; enter them again".to_owned();
    let closed = "parcelByID of HOST is closed to this user: \"Not authorized for this dataset.\"; ask the operator of the server for \
                  access to the area";
    let busy = "parcelByID of HOST has too many requests and asks to wait 1 s; try again after that".to_owned();
    vec![
        (Reply::Full(401, basic, b"Could not verify.".to_vec()), ErrorKind::WrongPassword, password, 1),
        (Reply::status(401, "Not authorized for this dataset."), ErrorKind::NotAuthorised, closed.to_owned(), 1),
        (Reply::status(404, "<title>404 Not Found</title>"), ErrorKind::Status, status(404, "\"404 Not Found\""), 2),
        (Reply::status(403, ""), ErrorKind::Status, status(403, "(no text)"), 1),
        (Reply::status(500, "<h1>KeyError</h1>"), ErrorKind::Status, status(500, "\"KeyError\""), 3),
        (Reply::status(502, "<title>Wartung</title>"), ErrorKind::Status, status(502, "\"Wartung\""), 3),
        (Reply::Full(429, vec![("Retry-After", "1".to_owned())], Vec::new()), ErrorKind::Busy, busy, 1),
    ]
}

fn no_answers() -> Vec<Case> {
    [
        ("<html><head><title>Wartung</title></head><body>bald</body></html>", "the answer is a page: \"Wartung\""),
        ("{\"pid\":[\"7\"", "the answer is broken JSON: EOF while parsing a list at line 1 column 11"),
        ("{\"error\":\"no such table\"}", "the server says: no such table"),
        ("{\"pid\":[\"7\"],\"area\":[1,2]}", "columns of unequal length: area has 2 rows, pid has 1"),
    ]
    .map(|(body, fault)| {
        let message =
            format!("cannot use the answer of parcelByID of HOST: {fault}; try again or ask the operator of the server");
        (Reply::json(body), ErrorKind::NotUnderstood, message, 1)
    })
    .to_vec()
}

#[test]
fn every_wrong_answer_has_a_message_and_leaves_nothing_behind() {
    let cases = [silent_and_endless(), refusals(), no_answers()].concat();
    let server = Server::start(jrc);
    let desk = Desk::new(&server.url());
    for (reply, kind, message, requests) in cases {
        let told = reply.clone();
        server.answer(move |_| told.clone());
        server.asked();
        let started = Instant::now();
        let error = desk.client.parcel_by_id("7", &Watch::default()).expect_err("a failure");
        assert_eq!((sentence(&error, &server), error.kind()), (message, kind), "{reply:?}");
        assert_eq!(server.asked().len(), requests, "{reply:?}");
        assert!(started.elapsed() < BOUND, "{reply:?}: {:?}", started.elapsed());
        let failure = desk.client.status().failure.expect("noted");
        assert_eq!((failure.kind, failure.sentence), (kind, error.to_string()), "{reply:?}");
        assert!(desk.client.cache().list(desk.client.source_key()).is_empty(), "{reply:?}");
    }
    server.answer(jrc);
    let good = desk.client.parcel_by_id("7", &Watch::default()).expect("a parcel");
    assert!(!good.from_cache && good.value.is_some_and(|row| row.pid == "7"));
    let status = desk.client.status();
    assert_eq!((status.running, status.waiting, status.failure), (0, 0, None));
}

#[test]
fn answers_of_the_wrong_type_or_wrapped_twice_are_answers() {
    let server = Server::start(jrc);
    for (reply, found) in [
        (Reply::Full(200, vec![("Content-Type", "image/png".to_owned())], PARCEL.as_bytes().to_vec()), true),
        (Reply::json(serde_json::json!(PARCEL).to_string()), true),
        (Reply::json("{}"), false),
        (Reply::json("{\"pid\":[]}"), false),
    ] {
        let desk = Desk::new(&server.url());
        let told = reply.clone();
        server.answer(move |_| told.clone());
        let answer = desk.client.parcel_by_id("7", &Watch::default()).expect("an answer");
        assert_eq!(answer.value.is_some(), found, "{reply:?}");
    }
}

#[test]
fn what_may_pass_is_tried_again() {
    let server = Server::start(jrc);
    for bad in [Reply::Drop, Reply::Cut(b"{".to_vec()), Reply::status(503, "busy"), Reply::status(500, "")] {
        let desk = Desk::new(&server.url());
        let tries = std::sync::atomic::AtomicUsize::new(0);
        let told = bad.clone();
        server.answer(move |asked| {
            let first = tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2;
            if first { told.clone() } else { jrc(asked) }
        });
        let answer = desk.client.parcel_by_id("7", &Watch::default()).expect("the third attempt");
        assert!(answer.value.is_some() && desk.client.status().failure.is_none(), "{bad:?}");
    }
}

#[test]
fn a_server_that_asks_for_a_pause_gets_it() {
    let server = Server::start(|_| Reply::Full(429, vec![("Retry-After", "1".to_owned())], Vec::new()));
    let desk = Desk::new(&server.url());
    let started = Instant::now();
    assert_eq!(desk.client.parcel_by_id("7", &Watch::default()).expect_err("busy").kind(), ErrorKind::Busy);
    server.answer(jrc);
    assert!(desk.client.parcel_by_id("8", &Watch::default()).is_ok());
    assert!(started.elapsed() >= Duration::from_millis(950), "{:?}", started.elapsed());
}

#[test]
fn nobody_there_is_said_at_once() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let desk = Desk::new(&format!("http://127.0.0.1:{port}"));
    let error = desk.client.parcel_by_id("7", &Watch::default()).expect_err("nobody");
    let message = format!(
        "cannot reach parcelByID of 127.0.0.1:{port}: nobody answers there; check the address and the network and try again"
    );
    assert_eq!((error.to_string(), error.kind()), (message, ErrorKind::Unreachable));
}

#[test]
fn every_wrong_chip_has_a_message_and_is_not_kept() {
    let chip = crate::desk::products(1).remove(0);
    let name = format!("{chip} B04");
    let wrong = |reason: &str| {
        format!("cannot use the chip {name} of HOST: {reason}; it was not kept, try again or ask the operator of the server")
    };
    let unusable = |fault: &str| {
        format!("cannot use the answer of rawChipsBatch of HOST: {fault}; try again or ask the operator of the server")
    };
    let path = |path: &str| Reply::json(serde_json::json!({ "dates": ["x"], "chips": [path] }).to_string());
    let good = Reply::json(index(&serde_json::json!({ "tiles": [chip], "bands": ["B04"] }).to_string().into_bytes()));
    let file = |bytes: &[u8]| Reply::Full(200, vec![("Content-Type", "image/tiff".to_owned())], bytes.to_vec());
    let cases = [
        (good.clone(), file(b"<html><title>Weg</title></html>"), wrong("it is no GeoTIFF but \"Weg\"")),
        (good.clone(), file(&[]), wrong("it is no GeoTIFF but (no text)")),
        (good.clone(), file(&tiff(&chip, "B08")), wrong("it shows another band or place")),
        (good.clone(), file(&vec![b'x'; 900_000]), wrong(&format!("it is no GeoTIFF but \"{}…\"", "x".repeat(159)))),
        (
            good.clone(),
            file(&vec![b'x'; 10 << 20]),
            "chip of HOST sends more than 1 MiB, which is no right answer; ask the operator of the server".to_owned(),
        ),
        (
            good.clone(),
            Reply::Endless,
            "chip of HOST sends more than 1 MiB, which is no right answer; ask the operator of the server".to_owned(),
        ),
        (
            good.clone(),
            Reply::Cut(tiff(&chip, "B04")),
            "cannot reach chip of HOST: the answer broke off; check the address and the network and try again".to_owned(),
        ),
        (
            good.clone(),
            Reply::status(404, "<title>404 Not Found</title>"),
            "chip of HOST answers with status 404: \"404 Not Found\"; check area, year and parcel or ask the operator of the server"
                .to_owned(),
        ),
        (path("/dump/../../etc/x.tif"), Reply::Drop, unusable("the server gives a path that leaves its folder: \"/dump/../../etc/x.tif\"")),
        (path("http://evil.example/d/x.tif"), Reply::Drop, unusable("the server gives a path with a scheme: \"http://evil.example/d/x.tif\"")),
        (path("\\\\evil\\d\\x.tif"), Reply::Drop, unusable("the server gives a path with a '\\\\': \"\\\\\\\\evil\\\\d\\\\x.tif\"")),
        (Reply::json("{}"), Reply::Drop, unusable(&format!("it lists no chip {name}"))),
        (path("/dump/d/OTHER.B04.tif"), Reply::Drop, unusable(&format!("it lists no chip {name}"))),
        (Reply::json("{\"error\":\"4 parameters supplied\"}"), Reply::Drop, unusable("the server says: 4 parameters supplied")),
    ];
    let server = Server::start(jrc);
    let desk = Desk::new(&server.url());
    for (listed, sent, message) in cases {
        let (list, download) = (listed.clone(), sent.clone());
        server.answer(move |asked| if asked.path.starts_with("/query") { list.clone() } else { download.clone() });
        let started = Instant::now();
        let chips = desk.client.chips(&wanted(1, &["B04"]), &Watch::default()).expect("chips");
        let error = chips[0].as_ref().expect_err("no chip");
        assert_eq!(sentence(error, &server), message, "{listed:?}");
        assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
        assert_eq!((desk.kept_chips(), desk.chip_files()), (0, 0), "{message}");
    }
    server.answer(jrc);
    let chips = desk.client.chips(&wanted(1, &["B04"]), &Watch::default()).expect("chips");
    let file = chips[0].as_ref().expect("a chip");
    assert_eq!(std::fs::read(&file.path).expect("a file"), tiff(&chip, "B04"));
    assert!(file.path.starts_with(desk.folder.path()) && desk.kept_chips() == 1);
}

#[test]
fn a_cancelled_request_ends_at_once_and_frees_its_place() {
    let server = Server::start(|asked| jrc(asked).late(Duration::from_secs(20)));
    let mut patient = settings();
    patient.answer = Duration::from_secs(30);
    patient.whole_answer = Duration::from_secs(30);
    let desk = Desk::with(&source(&server.url()), patient);
    for chips in [false, true] {
        let watch = Watch::default();
        let canceller = watch.clone();
        let started = Instant::now();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            canceller.cancel();
        });
        let error = if chips {
            desk.client.chips(&wanted(60, &["B04"]), &watch).map(drop)
        } else {
            desk.client.parcel_by_id("7", &watch).map(drop)
        };
        let took = started.elapsed();
        thread.join().expect("no panic");
        assert_eq!(error.expect_err("cancelled").kind(), ErrorKind::Cancelled);
        assert!(took < Duration::from_millis(300), "{took:?}");
    }
    let watch = Watch::default();
    watch.cancel();
    assert_eq!(desk.client.parcel_by_id("7", &watch).expect_err("cancelled").kind(), ErrorKind::Cancelled);
    // Tasks end a moment later.
    std::thread::sleep(Duration::from_millis(100));
    let status = desk.client.status();
    assert_eq!((status.running, status.waiting), (0, 0));
}
