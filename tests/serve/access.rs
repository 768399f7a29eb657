//! Who gets in, how, and what the log says of it.

use std::path::Path;
use std::time::{Duration, Instant};

use argon2::password_hash::SaltString;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use parcelight::serve::{self, AccessLog, Options, ServeError};

use crate::desk::{AREA, Desk, PID, client};

const SECRET: &str = "correct horse: battery";

/// Users whose hashes are cheap, so that tests without optimisation stay short.
fn users(path: &Path) {
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).expect("valid"));
    let salt = SaltString::encode_b64(&[7; 16]).expect("a salt");
    let hash = cheap.hash_password(SECRET.as_bytes(), &salt).expect("a hash").to_string();
    let text = format!(
        "[[user]]\nname = \"Anna\"\npassword = \"{hash}\"\naois = [\"*\"]\n\n[[user]]\nname = \"bert\"\npassword = \"{hash}\"\naois = [\"nld\"]\n"
    );
    std::fs::write(path, text).expect("writes");
}

fn guarded(options: &mut Options, folder: &Path) {
    let path = folder.join("users.toml");
    users(&path);
    options.users = Some(path);
    options.access_log = AccessLog::File(folder.join("access.jsonl"));
}

#[test]
fn nobody_gets_in_without_a_password_and_the_texts_are_those_of_the_contract() {
    let desk = Desk::with(guarded);
    let path = format!("/query/parcelByID?{AREA}&pid={PID}");
    for got in
        [desk.get(&path), desk.get_as(&path, "anna", "wrong"), desk.get_as(&path, "nobody", SECRET), desk.get("/query/info")]
    {
        assert_eq!((got.status, got.text().as_str()), (401, "Could not verify."));
        assert_eq!(got.headers["www-authenticate"], "Basic realm=\"Login Required\"");
    }
    assert_eq!(desk.get("/files").status, 401);
    for name in ["anna", "ANNA", "Anna"] {
        assert_eq!(desk.get_as(&path, name, SECRET).status, 200, "{name}");
    }
    assert_eq!(desk.get_as("/files/x/y", "anna", SECRET).status, 404);
    for other in [path.as_str(), "/query/rawChipByLocation?lon=4&lat=50&start_date=2019-01-01&end_date=2019-02-01"] {
        let got = desk.get_as(other, "bert", SECRET);
        assert_eq!((got.status, got.headers.get("www-authenticate")), (401, None));
        assert!(got.text().starts_with("Not authorized for this dataset."), "{}", got.text());
    }
    assert_eq!(desk.get_as("/query/info", "bert", SECRET).status, 200);
}

#[test]
fn files_are_fetched_by_their_secret_names_without_a_password() {
    let desk = Desk::with(guarded);
    let place = desk.get_as(&format!("/query/parcelByID?{AREA}&pid={PID}"), "anna", SECRET).json();
    let query = format!(
        "/query/rawChipByLocation?lon={}&lat={}&start_date=2019-04-16&end_date=2019-04-16&band=B04",
        place["clon"][0], place["clat"][0]
    );
    let path = desk.get_as(&query, "anna", SECRET).json()["chips"][0].as_str().expect("a path").to_owned();
    assert_eq!(desk.get(&path).status, 200);
    let folder = path.split('/').nth(2).expect("a folder");
    let (readable, mark) = folder.rsplit_once('_').expect("a mark");
    assert_eq!(mark.len(), 32);
    let guessed = path.replace(folder, &format!("{readable}_{}", "0".repeat(32)));
    assert_eq!(desk.get(&guessed).status, 404);
}

#[test]
fn wrong_passwords_wait_and_right_ones_are_remembered() {
    let desk = Desk::with(guarded);
    let path = format!("/query/parcelByID?{AREA}&pid={PID}");
    let took = |password: &str| {
        let started = Instant::now();
        desk.get_as(&path, "anna", password);
        started.elapsed()
    };
    let waits: Vec<Duration> = (0..3).map(|_| took("wrong")).collect();
    assert!(waits[0] >= Duration::from_millis(250) && waits[2] >= Duration::from_secs(1), "{waits:?}");
    took(SECRET);
    assert!(took(SECRET) < Duration::from_millis(250));
}

#[test]
fn the_log_says_who_asked_for_what_and_never_with_which_words() {
    let desk = Desk::with(guarded);
    desk.get_as(&format!("/query/parcelByID?{AREA}&pid={PID}&password=hidden"), "anna", SECRET);
    desk.get_as("/query/info", "anna", "guessed");
    desk.get("/nowhere?secret=hidden");
    let log = std::fs::read_to_string(desk.path("access.jsonl")).expect("a log");
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 3);
    let keys: Vec<&str> = lines[0].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["address", "bytes", "method", "ms", "route", "status", "time", "user"]);
    assert_eq!((&lines[0]["user"], &lines[0]["route"], &lines[0]["status"]), (&"anna".into(), &"parcelByID".into(), &200.into()));
    assert_eq!((&lines[1]["user"], &lines[1]["status"]), (&serde_json::Value::Null, &401.into()));
    for word in [SECRET, "horse", "hidden", "guessed", PID] {
        assert!(!log.contains(word), "{word}: {log}");
    }
}

#[test]
fn beyond_this_machine_only_with_users_and_encryption() {
    let desk = Desk::with(guarded);
    let outside = |change: &dyn Fn(&mut Options)| {
        let mut options = Options { address: "0.0.0.0:0".parse().expect("valid"), ..Options::default() };
        change(&mut options);
        serve::start(&desk.project, &options)
    };
    let file = desk.path("users.toml");
    assert!(matches!(outside(&|_| {}), Err(ServeError::Open(_))));
    let error = outside(&|options| options.users = Some(file.clone())).expect_err("plain");
    assert_eq!(
        error.to_string(),
        "cannot listen on 0.0.0.0:0 without encryption: give --certificate and --key, or allow it with --allow-plain-http"
    );
    let running = outside(&|options| (options.users, options.allow_plain_http) = (Some(file.clone()), true)).expect("allowed");
    assert!(running.stop());
    let missing = outside(&|options| (options.users, options.allow_plain_http) = (Some(desk.path("none.toml")), true))
        .expect_err("no such file")
        .to_string();
    assert!(missing.starts_with("cannot read the users: ") && missing.contains("none.toml"), "{missing}");
    let taken = Options { address: desk.running.as_ref().expect("runs").address(), ..Options::default() };
    let error = serve::start(&desk.project, &taken).expect_err("taken").to_string();
    assert!(error.starts_with("cannot listen on 127.0.0.1:"), "{error}");
}

#[test]
fn with_a_certificate_the_server_speaks_https_only() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let desk = Desk::with(|options, folder| {
        let paths = (folder.join("chain.pem"), folder.join("key.pem"));
        std::fs::write(&paths.0, &chain).expect("writes");
        std::fs::write(&paths.1, &key).expect("writes");
        options.certificate = Some(paths);
    });
    assert!(desk.base.starts_with("https://127.0.0.1:"), "{}", desk.base);
    let port = desk.running.as_ref().expect("runs").address().port();
    let root = reqwest::Certificate::from_pem(chain.as_bytes()).expect("a certificate");
    let address = desk.running.as_ref().expect("runs").address();
    let trusting = client().tls_certs_only([root]).resolve("localhost", address).build().expect("a client");
    let got = desk.send(trusting.get(format!("https://localhost:{port}/query/parcelByID?{AREA}&pid={PID}")));
    assert_eq!(got.json()["pid"][0], PID);
    let plain = desk.runtime.block_on(desk.client.get(format!("http://127.0.0.1:{port}/query/info")).send());
    assert!(plain.is_err(), "plain HTTP is not understood");
    let strange = desk.runtime.block_on(desk.client.get(format!("https://127.0.0.1:{port}/query/info")).send());
    assert!(strange.is_err(), "an unknown certificate is not trusted");

    let swapped = Options {
        address: "127.0.0.1:0".parse().expect("valid"),
        certificate: Some((desk.path("key.pem"), desk.path("chain.pem"))),
        ..Options::default()
    };
    let error = serve::start(&desk.project, &swapped).expect_err("swapped").to_string();
    assert!(error.contains("it holds no certificate in PEM form") && error.contains("key.pem"), "{error}");
}
