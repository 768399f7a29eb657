//! One server: requests with limits, retries and checks of everything that comes before the content.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use reqwest::{Certificate, Method, Response, StatusCode, Url};

use super::error::RemoteError;
use super::gate::{Call, Gate};
use super::secrets::Secret;
use super::status::{Monitor, Status};
use super::{Settings, failures};
use crate::contract::read;
use crate::model::project_file::RemoteSource;

/// Redirects that are followed, all within the server.
const REDIRECTS: usize = 3;
/// A longer wait that a server asks for is not waited for, s.
const LONGEST_RETRY_AFTER: u64 = 30;
/// After a refusal for too many requests all others pause at most this long.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// Name of the route, for messages and the log.
    pub route: &'static str,
    /// Path below the base.
    pub path: String,
    /// Parameters.
    pub query: Vec<(&'static str, String)>,
    /// JSON of a POST.
    pub body: Option<Vec<u8>>,
    /// Most bytes.
    pub limit_bytes: u64,
    /// Most attempts.
    pub attempts: u32,
    /// Which call it belongs to.
    pub call: Call,
    /// Parcel or product, for the log.
    pub about: String,
}

/// Where the bytes go.
enum Sink<'a> {
    Memory(&'a mut Vec<u8>),
    File(&'a mut File),
}

impl Sink<'_> {
    fn clear(&mut self) -> std::io::Result<()> {
        match self {
            Self::Memory(bytes) => {
                bytes.clear();
                Ok(())
            }
            Self::File(file) => {
                file.set_len(0)?;
                file.seek(SeekFrom::Start(0)).map(drop)
            }
        }
    }

    fn write(&mut self, piece: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Memory(bytes) => {
                bytes.extend_from_slice(piece);
                Ok(())
            }
            Self::File(file) => file.write_all(piece),
        }
    }
}

/// A failed attempt and how long the server asks to wait.
struct Failed {
    error: RemoteError,
    wait: Option<Duration>,
}

impl From<RemoteError> for Failed {
    fn from(error: RemoteError) -> Self {
        Self { error, wait: None }
    }
}

#[derive(Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    base: Url,
    host: String,
    authorisation: Option<HeaderValue>,
    /// What must never appear in a message, should a server send it back.
    marks: Marks,
    settings: Settings,
    gate: Arc<Gate>,
    paused_until: Mutex<Option<Instant>>,
    /// Calls before this one were told that the password is wrong: the rest of them does not ask.
    refused_before: AtomicU64,
    monitor: Monitor,
}

impl Transport {
    pub(super) fn new(
        source: &RemoteSource,
        certificates: &[PathBuf],
        password: Option<Secret>,
        settings: Settings,
    ) -> Result<Self, RemoteError> {
        let base = base_address(source)?;
        let host = place_of(&base);
        let http = http_client(&base, certificates, &settings)?;
        let mut marks = Marks(Vec::new());
        let authorisation = if source.user.is_empty() {
            None
        } else {
            let mut pair = source.user.clone().into_bytes();
            pair.push(b':');
            pair.extend_from_slice(password.as_ref().map_or(&[], Secret::bytes));
            let mut text = base64::engine::general_purpose::STANDARD.encode(&pair);
            pair.fill(0);
            if let Some(password) = password {
                marks.0.push(Secret::new(text.clone()));
                marks.0.push(password);
            }
            text.insert_str(0, "Basic ");
            let mut value = HeaderValue::from_str(&text)
                .map_err(|_invalid| RemoteError::Refused("user name and password cannot be sent; enter them again".to_owned()))?;
            value.set_sensitive(true);
            Some(value)
        };
        let gate = Gate::new(source.connections.clamp(1, 64));
        Ok(Self {
            http,
            base,
            host,
            authorisation,
            marks,
            settings,
            gate,
            paused_until: Mutex::new(None),
            refused_before: AtomicU64::new(0),
            monitor: Monitor::default(),
        })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    pub(super) fn status(&self) -> Status {
        Status { waiting: self.gate.waiting(), ..self.monitor.status() }
    }

    /// `parcelByID of cap.example.eu`: what messages name.
    pub(super) fn place(&self, route: &str) -> String {
        format!("{route} of {}", self.host)
    }

    /// The body of an answer.
    pub(super) async fn fetch(&self, request: &Request) -> Result<Vec<u8>, RemoteError> {
        let mut bytes = Vec::new();
        self.send(request, Sink::Memory(&mut bytes)).await?;
        Ok(bytes)
    }

    /// The body of an answer into a file.
    pub(super) async fn download(&self, request: &Request, file: &mut File) -> Result<(), RemoteError> {
        self.send(request, Sink::File(file)).await
    }

    /// Attempts with growing pauses between them.
    async fn send(&self, request: &Request, mut sink: Sink<'_>) -> Result<(), RemoteError> {
        let attempts = request.attempts.clamp(1, self.settings.attempts.max(1));
        let mut attempt = 1;
        loop {
            let started = Instant::now();
            let result = self.attempt(request, &mut sink).await;
            let ms = started.elapsed().as_millis() as u64;
            let failed = match result {
                Ok(bytes) => {
                    tracing::debug!(route = request.route, about = request.about, attempt, bytes, ms, "remote answer");
                    self.monitor.succeeded();
                    return Ok(());
                }
                Err(failed) => failed,
            };
            let Failed { error, wait } = failed;
            tracing::debug!(route = request.route, about = request.about, attempt, ms, kind = ?error.kind(), "remote failure");
            self.monitor.failed(&error, attempt, attempts);
            if attempt >= attempts || !error.retryable() {
                return Err(error);
            }
            tokio::time::sleep(wait.unwrap_or_else(|| self.settings.pause(attempt))).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, request: &Request, sink: &mut Sink<'_>) -> Result<u64, Failed> {
        let permit = self.gate.enter(request.call).await;
        if request.call < self.refused_before.load(Ordering::SeqCst) {
            return Err(RemoteError::WrongPassword { host: self.host.clone() }.into());
        }
        self.wait_for_pause().await;
        let running = self.monitor.begin();
        let whole = self.settings.whole_answer;
        let work = async {
            let wait = self.settings.connect + self.settings.answer;
            let response = tokio::time::timeout(wait, self.follow(request)).await;
            let response = response.map_err(|_elapsed| self.timeout(request, self.settings.answer))??;
            self.accept(request, response, sink).await
        };
        let result = tokio::time::timeout(whole, work).await;
        drop((running, permit));
        result.map_err(|_elapsed| Failed::from(self.timeout(request, whole)))?
    }

    async fn wait_for_pause(&self) {
        let until = *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = until {
            tokio::time::sleep_until(until.into()).await;
        }
    }

    fn timeout(&self, request: &Request, wait: Duration) -> RemoteError {
        RemoteError::Timeout { place: self.place(request.route), seconds: wait.as_secs_f64().ceil() as u64 }
    }

    /// Sends, and follows redirects within the server.
    async fn follow(&self, request: &Request) -> Result<Response, RemoteError> {
        let mut url = self.url(request)?;
        for _ in 0..=REDIRECTS {
            let method = if request.body.is_some() { Method::POST } else { Method::GET };
            let mut building = self.http.request(method, url.clone());
            if let Some(authorisation) = &self.authorisation {
                building = building.header(AUTHORIZATION, authorisation);
            }
            if let Some(body) = &request.body {
                building = building.header(CONTENT_TYPE, "application/json").body(body.clone());
            }
            let failed = |error: reqwest::Error| {
                failures::of_transport(&error, &self.place(request.route), &self.host, self.settings.answer)
            };
            let response = building.send().await.map_err(failed)?;
            let code = response.status().as_u16();
            // Only these two keep the body of a request; without it a POST makes no sense.
            let redirect = matches!(code, 307 | 308) || (matches!(code, 301..=303) && request.body.is_none());
            if !redirect {
                return Ok(response);
            }
            let target =
                response.headers().get(LOCATION).and_then(|target| target.to_str().ok()).and_then(|to| url.join(to).ok());
            let Some(next) = target else { return Ok(response) };
            if next.origin() != self.base.origin() || !next.username().is_empty() || next.password().is_some() {
                let (place, other) = (self.place(request.route), place_of(&next));
                return Err(RemoteError::Refused(format!(
                    "{place} points to another server, {}://{other}, where nothing is sent to; enter that address if it is the right one",
                    next.scheme()
                )));
            }
            url = next;
        }
        let place = self.place(request.route);
        Err(RemoteError::Refused(format!("{place} redirects more than {REDIRECTS} times; check the address")))
    }

    fn url(&self, request: &Request) -> Result<Url, RemoteError> {
        let address = format!("{}/{}", self.base.as_str().trim_end_matches('/'), request.path);
        let mut url = Url::parse(&address).map_err(|error| {
            RemoteError::Refused(format!(
                "the address of {} cannot be made: {error}; check the connection",
                self.place(request.route)
            ))
        })?;
        if url.origin() != self.base.origin() {
            return Err(RemoteError::Refused(format!(
                "{} leads to another server; check the address",
                self.place(request.route)
            )));
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(request.query.iter().map(|(name, value)| (*name, value.as_str())));
        }
        Ok(url)
    }

    /// Checks the status and takes the body piece by piece.
    async fn accept(&self, request: &Request, response: Response, sink: &mut Sink<'_>) -> Result<u64, Failed> {
        let (status, headers) = (response.status(), response.headers().clone());
        if !status.is_success() {
            let mut text = Vec::new();
            // A body that breaks off still tells something.
            let _told = self.take(request, response, &mut Sink::Memory(&mut text), Some(1 << 16)).await;
            return Err(self.refusal(request, status, &headers, &text));
        }
        self.take(request, response, sink, None).await.map_err(Failed::from)
    }

    /// `enough` ends quietly where more bytes say nothing new.
    async fn take(
        &self,
        request: &Request,
        mut response: Response,
        sink: &mut Sink<'_>,
        enough: Option<u64>,
    ) -> Result<u64, RemoteError> {
        let limit = request.limit_bytes;
        let place = self.place(request.route);
        let too_large = || RemoteError::TooLarge { place: place.clone(), limit_mib: limit >> 20 };
        let kept = |error: std::io::Error| {
            RemoteError::Refused(format!("cannot keep the answer of {place}: {error}; free room on the disk and try again"))
        };
        sink.clear().map_err(kept)?;
        if enough.is_none() && response.content_length().is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut bytes = 0;
        loop {
            let piece = tokio::time::timeout(self.settings.answer, response.chunk()).await;
            let piece = piece.map_err(|_elapsed| self.timeout(request, self.settings.answer))?;
            let piece = piece.map_err(|error| failures::of_transport(&error, &place, &self.host, self.settings.answer))?;
            let Some(piece) = piece else { return Ok(bytes) };
            bytes += piece.len() as u64;
            self.monitor.received(piece.len() as u64);
            if enough.is_some_and(|enough| bytes > enough) {
                return Ok(bytes);
            }
            if bytes > limit {
                return Err(too_large());
            }
            sink.write(&piece).map_err(kept)?;
        }
    }

    fn refusal(&self, request: &Request, status: StatusCode, headers: &HeaderMap, text: &[u8]) -> Failed {
        let place = self.place(request.route);
        let mut text = read::gist(text);
        if self.marks.found_in(&text) {
            "(the text holds the password and is not shown)".clone_into(&mut text);
        }
        let asked = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(retry_after);
        let error = match status.as_u16() {
            401 if !text.trim_start_matches('"').starts_with("Not authorized") || headers.contains_key(WWW_AUTHENTICATE) => {
                self.refused_before.fetch_max(request.call + 1, Ordering::SeqCst);
                RemoteError::WrongPassword { host: self.host.clone() }
            }
            401 => RemoteError::NotAuthorised { place, text },
            429 => {
                let seconds = asked.unwrap_or(1);
                let until = Instant::now() + Duration::from_secs(seconds).min(LONGEST_PAUSE);
                *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
                RemoteError::Busy { place, seconds }
            }
            code => RemoteError::Status { place, code, text },
        };
        let wait = asked.filter(|seconds| status.as_u16() == 503 && *seconds <= LONGEST_RETRY_AFTER).map(Duration::from_secs);
        Failed { error, wait }
    }
}

/// Secrets that a message must not hold.
struct Marks(Vec<Secret>);

impl Marks {
    fn found_in(&self, text: &str) -> bool {
        // An empty mark would be found in every text.
        let found =
            |mark: &Secret| !mark.bytes().is_empty() && text.as_bytes().windows(mark.bytes().len()).any(|w| w == mark.bytes());
        self.0.iter().any(found)
    }
}

impl std::fmt::Debug for Marks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Marks")
    }
}

/// Seconds of `Retry-After`, given as such or as a date.
fn retry_after(text: &str) -> Option<u64> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(seconds);
    }
    let until = jiff::fmt::rfc2822::parse(text.trim()).ok()?; // neither form: not asked
    u64::try_from(until.timestamp().duration_since(jiff::Timestamp::now()).as_secs()).ok() // in the past: now
}

/// Host with its port where it is not the usual one.
fn place_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("(no host)");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The base address of a source, checked.
fn base_address(source: &RemoteSource) -> Result<Url, RemoteError> {
    let refused = |what: &str| RemoteError::Refused(what.to_owned());
    let text = source.url.trim().trim_end_matches('/');
    let text = text.strip_suffix("/query").unwrap_or(text);
    let url = Url::parse(text).map_err(|error| {
        // The text itself may hold a password.
        RemoteError::Refused(format!("the address of the server is no address ({error}); it looks like https://cap.example.eu"))
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("the address of the server holds a user name or a password; enter them in their own fields"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("the address of the server holds parameters; enter it up to the first question mark"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if source.allow_plain_http || is_loopback(&url) => Ok(url),
        "http" => Err(RemoteError::Refused(format!(
            "{} would get password and data unencrypted; use https:// or allow plain HTTP for this connection",
            place_of(&url)
        ))),
        other => Err(RemoteError::Refused(format!("the address of the server begins with {other}://; use https://"))),
    }
}

fn http_client(base: &Url, certificates: &[PathBuf], settings: &Settings) -> Result<reqwest::Client, RemoteError> {
    // Somebody else may have chosen the same before.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let mut own = Vec::new();
    for path in certificates {
        let refused = |fact: String| {
            let file = path.display();
            RemoteError::Refused(format!("cannot read the certificate file: {fact}; choose a PEM file of the authority ({file})"))
        };
        let bytes = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
        let found = Certificate::from_pem_bundle(&bytes).map_err(|error| refused(error.to_string()))?;
        if found.is_empty() {
            return Err(refused("it holds no certificate".to_owned()));
        }
        own.extend(found);
    }
    let building = || {
        let building = reqwest::Client::builder()
            .user_agent(concat!("Parcelight/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(settings.connect)
            .referer(false);
        // A proxy could not reach this machine's own servers.
        if is_loopback(base) { building.no_proxy() } else { building }
    };
    let built = building().tls_certs_merge(own).build();
    let built = match built {
        // A system without authorities can still talk to a server without encryption.
        Err(_no_authorities) if base.scheme() == "http" => building().tls_certs_only([]).build(),
        other => other,
    };
    built.map_err(|error| {
        let reason = failures::reason(&error);
        RemoteError::Refused(format!("cannot prepare secure connections: {reason}; check the certificates of the connection"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(url: &str) -> RemoteSource {
        let text = format!("url = \"{url}\"\naoi = \"nl\"\nyear = \"2019\"");
        toml::from_str(&text).expect("a source")
    }

    #[test]
    fn plain_http_goes_to_this_machine_only_and_credentials_stay_out_of_addresses() {
        let base = |url: &str| base_address(&source(url)).map(|url| url.to_string()).map_err(|error| error.to_string());
        assert_eq!(base("https://cap.example.eu/query/").as_deref(), Ok("https://cap.example.eu/"));
        for url in ["http://localhost:5000", "http://127.0.0.1:5000", "http://[::1]:5000/"] {
            assert!(base(url).is_ok(), "{url}");
        }
        let plain =
            "cap.example.eu would get password and data unencrypted; use https:// or allow plain HTTP for this connection";
        assert_eq!(base("http://cap.example.eu"), Err(plain.to_owned()));
        let allowed = RemoteSource { allow_plain_http: true, ..source("http://cap.example.eu") };
        assert!(base_address(&allowed).is_ok());
        let inside = "the address of the server holds a user name or a password; enter them in their own fields";
        assert_eq!(base("https://me:secret@cap.example.eu"), Err(inside.to_owned()));
        for url in ["ftp://cap.example.eu", "cap.example.eu", "https://cap.example.eu/?a=b", "https://cap.example.eu/#a", ""] {
            assert!(base(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_wait_is_given_in_seconds_or_as_a_date() {
        assert_eq!(retry_after("7"), Some(7));
        let later = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(100);
        let date = later.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        assert!(retry_after(&date).is_some_and(|seconds| (90..=100).contains(&seconds)), "{date}");
        assert_eq!(retry_after("soon"), None);
    }
}
