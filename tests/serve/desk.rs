//! A copy of the sample with a server on it, and a client.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parcelight::project::{Project, sample};
use parcelight::serve::{self, Options, Running};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

/// Area and year of the sample as parameters.
pub const AREA: &str = "aoi=paj&year=2019";
/// A parcel of the sample.
pub const PID: &str = "FLAPAJ013";

pub struct Desk {
    pub running: Option<Running>,
    pub project: Project,
    pub base: String,
    pub runtime: tokio::runtime::Runtime,
    pub client: reqwest::Client,
    pub folder: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub kind: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Got {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }
}

pub fn client() -> reqwest::ClientBuilder {
    // Another test may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy()
}

impl Desk {
    /// Everybody on this machine may ask.
    pub fn open() -> Self {
        Self::with(|_, _| {})
    }

    /// With other options; the folder is for files that they name.
    pub fn with(change: impl FnOnce(&mut Options, &Path)) -> Self {
        Self::on(|_| {}, change)
    }

    /// On a project whose file is changed first.
    pub fn on(edit: impl FnOnce(&Path), change: impl FnOnce(&mut Options, &Path)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        sample::write(&folder.path().join("data")).expect("the sample can be written");
        let path = folder.path().join("data").join(sample::PROJECT);
        edit(&path);
        let mut project = Project::open_at(&path, 2, Arc::new(|| {}), folder.path().join("home")).expect("opens");
        project.wait_loaded().expect("loads");
        let mut options =
            Options { address: "127.0.0.1:0".parse().expect("valid"), aoi: Some("Paj".to_owned()), ..Options::default() };
        change(&mut options, folder.path());
        let running = serve::start(&project, &options).expect("starts");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let client = client().build().expect("a client");
        Self { base: running.url(), running: Some(running), project, runtime, client, folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn send(&self, request: reqwest::RequestBuilder) -> Got {
        self.runtime.block_on(async {
            let response = request.send().await.expect("an answer");
            let headers = response.headers().clone();
            let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            Got { status: response.status().as_u16(), kind, headers, body: response.bytes().await.expect("a body").to_vec() }
        })
    }

    pub fn get(&self, path: &str) -> Got {
        self.send(self.client.get(format!("{}{path}", self.base)))
    }

    pub fn get_as(&self, path: &str, user: &str, password: &str) -> Got {
        self.send(self.client.get(format!("{}{path}", self.base)).basic_auth(user, Some(password)))
    }

    pub fn post(&self, path: &str, body: &str) -> Got {
        self.send(self.client.post(format!("{}{path}", self.base)).body(body.to_owned()))
    }

    /// JSON of an answer that must be good.
    pub fn json(&self, path: &str) -> Value {
        let got = self.get(path);
        assert_eq!(got.status, 200, "{path}: {}", got.text());
        got.json()
    }

    /// Longitude and latitude of a parcel.
    pub fn place(&self, pid: &str) -> (f64, f64) {
        let parcel = self.json(&format!("/query/parcelByID?{AREA}&pid={pid}"));
        (parcel["clon"][0].as_f64().expect("a longitude"), parcel["clat"][0].as_f64().expect("a latitude"))
    }
}

/// Number of rows of a column.
pub fn rows(answer: &Value, column: &str) -> usize {
    answer[column].as_array().unwrap_or_else(|| panic!("no column {column}: {answer}")).len()
}
