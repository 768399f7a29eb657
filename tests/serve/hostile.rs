//! Requests that nobody sends by accident.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::desk::{AREA, Desk, PID};

/// Sends bytes as they are and gives what comes back before the server closes or a second has passed.
fn raw(desk: &Desk, bytes: &[u8]) -> String {
    let address = desk.running.as_ref().expect("runs").address();
    let mut stream = TcpStream::connect(address).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(1))).expect("a limit");
    // The server may refuse before it has read all.
    drop(stream.write_all(bytes));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

fn alive(desk: &Desk) {
    assert_eq!(desk.get(&format!("/query/parcelByID?{AREA}&pid={PID}")).status, 200);
}

#[test]
fn no_path_leads_out_of_the_table_of_files() {
    let desk = Desk::open();
    for path in [
        "/dump/../../etc/passwd",
        "/dump/%2e%2e/%2e%2e/etc/passwd",
        "/dump/..%2f..%2f..%2fetc/passwd",
        "/dump/a/..%2f..%2fetc%2fpasswd",
        "/static/tmp/%2e%2e/0.bin",
        "/static/tmp/./0.bin",
        "/dump/%00/%00",
        "/dump//etc/passwd",
        "/query/../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/dump/a\\..\\..\\b/c",
        "/dump/%ff/%fe",
    ] {
        let answer = raw(&desk, format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes());
        let status = answer.get(9..12).unwrap_or_default();
        assert!(matches!(status, "404" | "400"), "{path}: {answer}");
        assert!(!answer.contains("root:"), "{path}");
    }
    alive(&desk);
}

#[test]
fn ids_with_quotes_and_signs_are_just_ids() {
    let desk = Desk::open();
    for pid in
        ["'", "'; DROP TABLE parcels; --", "\"", "../FLAPAJ013", "%25", "%00", "<script>alert(1)</script>", "FLAPAJ013%20", "é"]
    {
        for route in ["parcelByID", "parcelPeers", "parcelTimeSeries", "parcelAcquisitions", "weatherTimeSeries", "markers"] {
            let encoded = pid.replace('<', "%3C").replace('>', "%3E").replace(' ', "%20").replace('"', "%22").replace(';', "%3B");
            let got = desk.get(&format!("/query/{route}?{AREA}&pid={encoded}"));
            assert_eq!(got.status, 200, "{route} {pid}: {}", got.text());
            assert!(
                got.json().as_object().expect("columns").values().all(|column| column == &serde_json::json!([])),
                "{route} {pid}"
            );
        }
    }
    let page = desk.get("/query/parcelByID?aoi=%3Cscript%3E&year=1&pid=1");
    assert!(page.status == 500 && !page.text().contains("<script>"), "{}", page.text());
}

#[test]
fn huge_and_broken_requests_are_refused() {
    let desk = Desk::open();
    let long = "9".repeat(20_000);
    assert_eq!(desk.get(&format!("/query/parcelByID?{AREA}&pid={long}")).status, 400);
    assert_eq!(desk.get(&format!("/query/parcelsByPolygon?{AREA}&polygon={}", "4_50-".repeat(3000))).status, 400);
    let many: String = (0..200).fold(String::new(), |all, number| all + &format!("&a{number}=1"));
    assert_eq!(desk.get(&format!("/query/info?{}", &many[1..])).status, 400);
    let body = desk.post("/query/rawChipsBatch", &"[".repeat(2 << 20));
    assert_eq!(body.status, 413);
    assert!(desk.post("/query/rawChipsBatch", &"[".repeat(100_000)).text().contains("error"));
    for value in ["NaN", "inf", "-inf", "1e999", "0x10", ""] {
        let got = desk.get(&format!("/query/parcelByLocation?{AREA}&lon={value}&lat=50"));
        assert_eq!(got.status, 400, "{value}");
    }
    for expression in [
        "(".repeat(7000) + "B04" + &")".repeat(7000),
        "-".repeat(15_000) + "B04",
        "B04%2B".repeat(2000) + "B04",
        "sin(".repeat(3000),
    ] {
        let got = desk.get(&format!("/query/parcelSignal?{AREA}&pid={PID}&signal=X%3D{expression}"));
        assert!(matches!(got.status, 200 | 400), "{}", got.status);
    }
    let headers: String = (0..500).fold(String::new(), |all, number| all + &format!("X-{number}: y\r\n"));
    let answer = raw(&desk, format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes());
    assert!(answer.is_empty() || answer.contains(" 431 ") || answer.contains(" 400 "), "{answer}");
    for nonsense in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"\0\0\0\0",
        b"POST /query/rawChipsBatch HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    ] {
        let answer = raw(&desk, nonsense);
        assert!(answer.is_empty() || answer.contains(" 400 "), "{answer}");
    }
    alive(&desk);
}

#[test]
fn clients_that_never_finish_do_not_keep_others_out() {
    let desk = Desk::open();
    let address = desk.running.as_ref().expect("runs").address();
    let slow: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(address).expect("connects");
            stream.write_all(b"GET /query/info HTTP/1.1\r\nHost: x\r\nX-").expect("writes");
            stream
        })
        .collect();
    let started = Instant::now();
    alive(&desk);
    assert!(started.elapsed() < Duration::from_secs(2));
    drop(slow);
}
