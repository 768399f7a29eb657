//! The client of the JRC REST contract: requests, retries, checks, cache. The only place that names `reqwest`.
//!
//! A [`Client`] is cheap to clone and blocks the thread that asks; inside it one small runtime drives all requests of a server under a
//! common limit, those of the newest call first. Every call takes a [`Watch`] and ends soon after it is cancelled.
//!
//! What was answered is kept in a [`RemoteCache`] under the fingerprint of all that decides it. Young answers are not asked for again,
//! old ones help out when the server fails. Nothing enters the cache before it was understood; a chip not before it was opened.

mod answers;
mod chips;
mod error;
mod failures;
mod found;
mod gate;
mod observations;
mod parcels;
mod plan;
pub mod secrets;
mod status;
mod transport;

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;

use crate::model::Watch;
use crate::model::project_file::RemoteSource;
use crate::store::remote::{Key, RemoteCache};

pub use chips::{ChipFile, ChipsWanted};
pub use error::{ErrorKind, RemoteError};
pub use found::BackgroundWanted;
pub use observations::SignalWanted;
pub use parcels::PeersWanted;
pub use secrets::Secret;
pub use status::{Failure, Status};

/// Which chip a downloaded file must be.
#[derive(Debug, Clone, PartialEq)]
pub struct ChipWanted {
    /// Product name without `.SAFE`.
    pub product: String,
    /// Band as on the wire.
    pub band: String,
    /// Centre, degrees east.
    pub lon: f64,
    /// Centre, degrees north.
    pub lat: f64,
    /// Side, m.
    pub chip_m: u32,
}

/// Opens a downloaded file and says what is wrong with it as the chip that was wanted.
pub type ChipCheck = Arc<dyn Fn(&Path, &ChipWanted) -> Result<(), String> + Send + Sync>;

/// An answer and where it comes from.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// The answer.
    pub value: T,
    /// When the server gave it.
    pub fetched: Timestamp,
    /// True when nobody was asked, or nobody answered.
    pub from_cache: bool,
    /// Why an answer of an earlier day had to do.
    pub failure: Option<RemoteError>,
}

/// Waits and limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest wait for the beginning of an answer and between its pieces.
    pub answer: Duration,
    /// Longest time that an answer may take as a whole.
    pub whole_answer: Duration,
    /// Attempts at a request that may succeed when repeated.
    pub attempts: u32,
    /// Longest first pause between attempts; each further one doubles.
    pub backoff: Duration,
    /// Longest pause between attempts.
    pub longest_backoff: Duration,
    /// Most bytes of an answer.
    pub answer_bytes: u64,
    /// Most bytes of a chip.
    pub chip_bytes: u64,
    /// Younger answers are used without asking.
    pub young: Duration,
}

impl Settings {
    /// Those of a source.
    pub fn of(source: &RemoteSource) -> Self {
        let answer = Duration::from_secs(u64::from(source.timeout_secs.max(1)));
        Self {
            connect: Duration::from_secs(10),
            answer,
            // The extraction of a batch takes minutes on a busy server; a trickle of bytes must end all the same.
            whole_answer: (answer * 10).max(Duration::from_mins(10)),
            attempts: 4,
            backoff: Duration::from_millis(300),
            longest_backoff: Duration::from_secs(8),
            answer_bytes: 64 << 20,
            chip_bytes: 64 << 20,
            young: Duration::from_hours(7 * 24),
        }
    }

    /// Pause after an attempt: anything up to a limit that doubles, so that clients that failed together do not come back together.
    fn pause(&self, attempt: u32) -> Duration {
        let limit = self.backoff.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(self.longest_backoff);
        // A hasher of the standard library begins with random keys.
        let random = std::hash::RandomState::new().build_hasher().finish();
        limit.mul_f64((random >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

/// A connection to one server. Cloning shares everything.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    runtime: Arc<Runtime>,
    asking: Asking,
}

/// When a client asks the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// For what is not kept or no longer young.
    Usual,
    /// Also for what is kept and young.
    Again,
    /// Never: from the cache alone.
    Never,
}

/// What requests share.
struct Inner {
    source: RemoteSource,
    source_key: Key,
    transport: transport::Transport,
    cache: RemoteCache,
    check: ChipCheck,
    offline: AtomicBool,
    /// Routes of Parcelight servers; `None` before the server was asked.
    own_routes: RwLock<Option<Vec<String>>>,
    /// Routes that this server only knows by their other spelling.
    spellings: Mutex<BTreeMap<&'static str, &'static str>>,
    calls: AtomicU64,
}

/// Ends without waiting, from whatever thread the last client is dropped.
struct Runtime(Option<tokio::runtime::Runtime>);

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("host", &self.inner.transport.host()).finish_non_exhaustive()
    }
}

impl Client {
    /// Prepares a connection; nothing is sent yet. `certificates` are absolute paths of PEM files with further authorities.
    pub fn new(
        source: &RemoteSource,
        certificates: &[PathBuf],
        password: Option<Secret>,
        cache: RemoteCache,
        check: ChipCheck,
    ) -> Result<Self, RemoteError> {
        Self::with_settings(source, certificates, password, cache, check, Settings::of(source))
    }

    /// The same with waits and limits of one's own.
    pub fn with_settings(
        source: &RemoteSource,
        certificates: &[PathBuf],
        password: Option<Secret>,
        cache: RemoteCache,
        check: ChipCheck,
        settings: Settings,
    ) -> Result<Self, RemoteError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(4)
            .thread_name("remote")
            .enable_all()
            .build()
            .map_err(|error| RemoteError::Refused(format!("cannot start the network threads: {error}; close other programs")))?;
        let transport = transport::Transport::new(source, certificates, password, settings)?;
        let inner = Inner {
            source_key: source_key(source),
            source: source.clone(),
            transport,
            cache,
            check,
            offline: AtomicBool::new(source.offline),
            own_routes: RwLock::new(None),
            spellings: Mutex::new(BTreeMap::new()),
            calls: AtomicU64::new(0),
        };
        Ok(Self { inner: Arc::new(inner), runtime: Arc::new(Runtime(Some(runtime))), asking: Asking::Usual })
    }

    /// The same connection, asking the server also for what is kept and young.
    #[must_use]
    pub fn asking_again(&self) -> Self {
        Self { asking: Asking::Again, ..self.clone() }
    }

    /// The same connection, answering from the cache alone; others go on as they are.
    #[must_use]
    pub fn from_cache(&self) -> Self {
        Self { asking: Asking::Never, ..self.clone() }
    }

    /// Works from the cache alone, or asks again.
    pub fn set_offline(&self, offline: bool) {
        self.inner.offline.store(offline, Ordering::Relaxed);
    }

    /// True when nobody is asked.
    pub fn offline(&self) -> bool {
        self.inner.offline.load(Ordering::Relaxed)
    }

    /// What is going on.
    pub fn status(&self) -> Status {
        Status { offline: self.offline(), ..self.inner.transport.status() }
    }

    /// Host and port of the server.
    pub fn host(&self) -> &str {
        self.inner.transport.host()
    }

    /// Where answers are kept.
    pub fn cache(&self) -> &RemoteCache {
        &self.inner.cache
    }

    /// Fingerprint of the source: what its entries in the cache are listed by.
    pub fn source_key(&self) -> &Key {
        &self.inner.source_key
    }

    /// Runs work on the caller's thread until it is done or nobody wants it.
    fn run<T>(&self, watch: &Watch, route: &str, work: impl Future<Output = Result<T, RemoteError>>) -> Result<T, RemoteError> {
        let cancelled = || RemoteError::Cancelled { place: self.inner.transport.place(route) };
        if watch.cancelled() {
            return Err(cancelled());
        }
        let Some(runtime) = &self.runtime.0 else { return Err(cancelled()) };
        runtime.handle().block_on(async {
            tokio::select! {
                result = work => result,
                () = gone(watch) => Err(cancelled()),
            }
        })
    }

    fn next_call(&self) -> gate::Call {
        self.inner.calls.fetch_add(1, Ordering::Relaxed)
    }
}

impl Inner {
    /// True when nobody may be asked: by this client, or by any.
    fn silent(&self, asking: Asking) -> bool {
        asking == Asking::Never || self.offline.load(Ordering::Relaxed)
    }

    /// Fingerprint of a request of this source.
    fn key<'a>(&self, route: &str, parts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Key {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.source_key);
        let mut field = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        field(route);
        for (name, value) in parts {
            field(name);
            field(value);
        }
        *hasher.finalize().as_bytes()
    }

    /// The spelling of a route that this server knows.
    fn spelling(&self, route: &'static str) -> &'static str {
        let known = self.spellings.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(route).copied().unwrap_or(route)
    }
}

/// Fingerprint of server, area, year, table and user.
pub fn source_key(source: &RemoteSource) -> Key {
    let mut hasher = blake3::Hasher::new();
    let url = source.url.trim().trim_end_matches('/');
    let url = url.strip_suffix("/query").unwrap_or(url);
    for text in [url, &source.user, &source.aoi, &source.year, &source.ptype] {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// Ends when nobody waits any more.
async fn gone(watch: &Watch) {
    let mut ticks = tokio::time::interval(Duration::from_millis(15));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !watch.cancelled() {
        ticks.tick().await;
    }
}
