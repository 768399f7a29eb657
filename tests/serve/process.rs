//! Stopping, and the verb as a process.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::desk::{AREA, Desk, PID};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parcelight");

#[test]
fn a_running_request_is_finished_before_the_server_stops() {
    let mut desk = Desk::open();
    let address = format!("{}/query/parcelTimeSeries?{AREA}&pid={PID}&ref=True", desk.base);
    let client = desk.client.clone();
    let asking = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let response = client.get(address).send().await.expect("an answer");
            (response.status().as_u16(), response.bytes().await.expect("a whole body").len())
        })
    });
    std::thread::sleep(Duration::from_millis(30));
    let started = Instant::now();
    assert!(desk.running.take().expect("runs").stop(), "all requests were finished");
    assert!(started.elapsed() < Duration::from_secs(10));
    let (status, bytes) = asking.join().expect("no panic");
    assert!(status == 200 && bytes > 10_000, "{status} {bytes}");
    let refused = desk.runtime.block_on(desk.client.get(format!("{}/query/info", desk.base)).send());
    assert!(refused.is_err(), "nobody listens any more");
}

#[test]
fn the_verb_says_where_it_serves_and_ends_well_when_it_is_asked_to() {
    let folder = tempfile::tempdir().expect("a folder");
    parcelight::project::sample::write(folder.path()).expect("the sample can be written");
    let project = folder.path().join(parcelight::project::sample::PROJECT);
    let log = folder.path().join("access.jsonl");
    let mut served = Command::new(PROGRAM)
        .args(["serve", "--port", "0", "--project"])
        .arg(&project)
        .arg("--access-log")
        .arg(&log)
        .env("HOME", folder.path())
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(served.stderr.take().expect("standard error")).lines().map_while(Result::ok);
    let line = lines.find(|line| line.starts_with("serving ")).expect("the line that says where");
    let base = line.split(' ').find(|word| word.starts_with("http://127.0.0.1:")).expect("an address").to_owned();
    assert_eq!(line, format!("serving Pajottenland 2019 at {base} (aoi pajottenland_2019, year 2019, 17 parcels)"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = crate::desk::client().build().expect("a client");
    let address = format!("{base}/query/parcelByID?aoi=pajottenland_2019&year=2019&pid={PID}");
    let body = runtime.block_on(async { client.get(address).send().await.expect("an answer").text().await.expect("a body") });
    assert!(body.starts_with(&format!("{{\"pid\":[\"{PID}\"]")), "{body}");
    drop(client);
    let asked = Command::new("kill").arg("-TERM").arg(served.id().to_string()).status().expect("kill runs");
    assert!(asked.success());
    assert_eq!(served.wait().expect("it ends").code(), Some(0));
    assert!(std::fs::read_to_string(&log).expect("a log").contains("\"route\":\"parcelByID\""));
}

#[test]
fn a_user_is_added_from_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("users.toml");
    let add = |password: &str| {
        let mut adding = Command::new(PROGRAM)
            .args(["serve", "--add-user", "Anna", "--aoi", "nld", "--users"])
            .arg(&path)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        adding.stdin.take().expect("standard input").write_all(password.as_bytes()).expect("writes");
        adding.wait_with_output().expect("it ends")
    };
    let refused = add("short\n");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("a password has at least 8 characters"));
    assert_eq!(add("correct horse\n").status.code(), Some(0));
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(text.contains("name = \"anna\"") && text.contains("aois = [\"nld\"]") && text.contains("$argon2id$"), "{text}");
    assert!(!text.contains("horse"));
    let users = parcelight::serve::users::load(&path).expect("reads");
    assert!(users[0].verify("correct horse") && !users[0].verify("correct horse\n"));
}
