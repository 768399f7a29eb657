//! Certificates and passwords: who is trusted, and where a password never appears.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use parcelight::model::Watch;
use parcelight::remote::{ErrorKind, RemoteError, Secret};
use parcelight::store::remote::RemoteCache;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::desk::{Desk, settings, source, wanted};
use crate::server::{Reply, Server, jrc};

/// A server with a certificate for some names, and the authority behind it as a PEM file.
fn secure_server(names: &[&str]) -> (Server, tempfile::TempDir, PathBuf) {
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().expect("a key");
    let root = authority.self_signed(&authority_key).expect("a certificate");
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let key = KeyPair::generate().expect("a key");
    let issuer = Issuer::from_params(&authority, &authority_key);
    let own = CertificateParams::new(names).expect("names").signed_by(&key, &issuer).expect("a certificate");
    let private = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], private)
        .expect("a configuration");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, root.pem()).expect("writes");
    (Server::start_with(Some(Arc::new(config)), jrc), folder, file)
}

#[test]
fn an_own_authority_is_trusted_and_an_unknown_one_is_not() {
    let (server, _folder, authority) = secure_server(&["localhost"]);
    let source = source(&format!("https://localhost:{}", server.port()));
    let desk = Desk::secured(&source, settings(), std::slice::from_ref(&authority)).expect("a client");
    assert!(desk.client.parcel_by_id("7", &Watch::default()).expect("a parcel").value.is_some());
    let chips = desk.client.chips(&wanted(2, &["B04"]), &Watch::default()).expect("chips");
    assert!(chips.iter().all(Result::is_ok));

    let error = Desk::with(&source, settings()).client.parcel_by_id("7", &Watch::default()).expect_err("not trusted");
    let message = format!(
        "cannot trust the certificate of localhost:{}: its authority is not known to this computer; add the certificate of its \
         authority to the connection",
        server.port()
    );
    assert_eq!((error.to_string(), error.kind()), (message, ErrorKind::Certificate));
}

#[test]
fn a_certificate_of_another_host_is_not_trusted() {
    let (server, _folder, authority) = secure_server(&["other.example"]);
    let source = source(&format!("https://localhost:{}", server.port()));
    let desk = Desk::secured(&source, settings(), &[authority]).expect("a client");
    let error = desk.client.parcel_by_id("7", &Watch::default()).expect_err("not trusted");
    assert!(error.to_string().contains("it belongs to another host") && error.kind() == ErrorKind::Certificate, "{error}");
}

#[test]
fn a_certificate_file_that_is_none_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.pem");
    std::fs::write(&file, "no certificate").expect("writes");
    let refused = |path: &PathBuf| match Desk::secured(&source("https://localhost:1"), settings(), std::slice::from_ref(path)) {
        Err(RemoteError::Refused(text)) => text,
        other => panic!("refused, not {:?}", other.map(|desk| desk.client)),
    };
    assert!(refused(&file).ends_with(&format!("choose a PEM file of the authority ({})", file.display())));
    assert!(refused(&folder.path().join("b.pem")).starts_with("cannot read the certificate file: No such file"));
}

/// What is logged anywhere in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn the_password_appears_nowhere() {
    const PASSWORD: &str = "hunter2-hunter2";
    // me:hunter2-hunter2
    const ENCODED: &str = "bWU6aHVudGVyMi1odW50ZXIy";
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(move || writer.clone());
    tracing::subscriber::set_global_default(subscriber.finish()).expect("the only one");

    let server = Server::start(jrc);
    let desk = Desk::new(&server.url());
    let mut said = vec![format!("{:?} {:?}", desk.client, Secret::new(PASSWORD.to_owned()))];
    desk.client.parcel_by_id("7", &Watch::default()).expect("a parcel");
    desk.client.chips(&wanted(3, &["B04", "B08"]), &Watch::default()).expect("chips");
    assert!(server.asked().iter().all(|asked| asked.header("authorization") == Some(&format!("Basic {ENCODED}"))));
    // A server that sends back what it got.
    let echo = format!("<title>not for {PASSWORD}</title>");
    for reply in [Reply::status(404, &echo), Reply::status(403, &format!("Basic {ENCODED}")), Reply::status(401, ""), Reply::Drop]
    {
        server.answer(move |_| reply.clone());
        let error = desk.client.parcel_by_id("9", &Watch::default()).expect_err("a failure");
        said.push(format!("{error} {error:?} {:?}", desk.client.status()));
    }
    assert!(said.iter().any(|text| text.contains("(the text holds the password and is not shown)")), "{said:?}");
    // Another server gets nothing.
    let other = Server::start(jrc);
    let to = other.url();
    server.answer(move |_| Reply::redirect(&to));
    let error = desk.client.parcel_by_id("10", &Watch::default()).expect_err("refused");
    assert!(error.kind() == ErrorKind::Refused && other.asked().is_empty());
    let mut with_password = source(&server.url());
    with_password.url = with_password.url.replace("http://", &format!("http://me:{PASSWORD}@"));
    let refused = Desk::secured(&with_password, settings(), &[]).map(|desk| desk.client).expect_err("refused");
    said.push(format!("{refused} {refused:?}"));
    let said = said.join("\n");

    let logged = log.0.lock().expect("no panic").clone();
    assert!(holds(&logged, "remote answer") && holds(&logged, "remote failure"));
    for secret in [PASSWORD, ENCODED, "hunter2"] {
        assert!(!holds(said.as_bytes(), secret), "{said}");
        assert!(!holds(&logged, secret), "in the log");
    }
    drop(RemoteCache::open(desk.folder.path(), 1 << 30).expect("opens"));
    let mut folders = vec![desk.folder.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files += 1;
                let bytes = std::fs::read(&path).expect("a file");
                assert!(!holds(&bytes, "hunter2") && !holds(&bytes, ENCODED), "{}", path.display());
            }
        }
    }
    assert!(files >= 7, "{files}");
}
