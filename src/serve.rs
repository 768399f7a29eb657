//! A local project served through the JRC REST contract.
//!
//! One machine beside the imagery serves an office: clients of JRC's Checks by Monitoring ask it as they ask JRC's own server, and
//! other Parcelights get the very numbers of the project. Requests are taken by an asynchronous runtime and answered on threads for
//! blocking work, by the same queries that the window asks. Nothing of what a request says becomes a path, a statement or a page.

mod access_log;
mod answers;
mod asked;
mod files;
mod gate;
mod handle;
mod listen;
mod openapi;
mod parameters;
mod reply;
mod routes;
mod site;
pub mod users;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::project::Project;

pub use access_log::AccessLog;

/// How long running requests may take to finish when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// Why a project cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The project has no data yet.
    #[error("cannot serve the project: its data are not loaded")]
    NotLoaded,
    /// Anybody could ask.
    #[error("cannot listen on {0}: without --users only this machine is served (127.0.0.1 or ::1); name a users file")]
    Open(SocketAddr),
    /// Anybody could read along.
    #[error("cannot listen on {0} without encryption: give --certificate and --key, or allow it with --allow-plain-http")]
    Plain(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {fact}")]
    Listen {
        /// Address and port.
        address: SocketAddr,
        /// First wrong fact.
        fact: String,
    },
    /// The users file cannot be used.
    #[error(transparent)]
    Users(#[from] users::UsersError),
    /// A file cannot be used.
    #[error("cannot {operation}: {fact} ({})", path.display())]
    File {
        /// `read the certificate`.
        operation: &'static str,
        /// First wrong fact.
        fact: String,
        /// Which file.
        path: PathBuf,
    },
    /// Weather or markers cannot be used.
    #[error("{0:#}")]
    Table(anyhow::Error),
    /// The system gives no threads, folders or random numbers.
    #[error("cannot start the server: {0}")]
    System(String),
}

/// What is served where, and to whom.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Name of the area; `None` makes one of the project's name.
    pub aoi: Option<String>,
    /// Year of the declarations; `None` takes that of most acquisitions.
    pub year: Option<String>,
    /// Users file; `None` lets everybody on this machine in.
    pub users: Option<PathBuf>,
    /// Certificate chain and key as PEM files; `None` serves plain HTTP.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// Lets passwords and data travel unencrypted beyond this machine.
    pub allow_plain_http: bool,
    /// Where requests are noted.
    pub access_log: AccessLog,
    /// CSV with weather.
    pub weather: Option<PathBuf>,
    /// CSV with markers.
    pub markers: Option<PathBuf>,
    /// Space for chips that wait to be fetched, bytes.
    pub chip_bytes: u64,
    /// Requests that are worked on at a time.
    pub workers: usize,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 5000)),
            aoi: None,
            year: None,
            users: None,
            certificate: None,
            allow_plain_http: false,
            access_log: AccessLog::Off,
            weather: None,
            markers: None,
            chip_bytes: 2 << 30,
            workers: (2 * cores).max(4),
        }
    }
}

/// A server at work. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    encrypted: bool,
    site: Arc<site::Site>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
    runtime: tokio::runtime::Runtime,
}

/// Starts serving a loaded project and returns at once.
pub fn start(project: &Project, options: &Options) -> Result<Running, ServeError> {
    let local = options.address.ip().is_loopback();
    if options.users.is_none() && !local {
        return Err(ServeError::Open(options.address));
    }
    if options.certificate.is_none() && !local && !options.allow_plain_http {
        return Err(ServeError::Plain(options.address));
    }
    let site = Arc::new(site::Site::open(project, options)?);
    let encryption = options.certificate.as_ref().map(|(chain, key)| listen::acceptor(chain, key)).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(options.workers + 8)
        .thread_name("serve")
        .enable_all()
        .build()
        .map_err(|error| ServeError::System(error.to_string()))?;
    let failed = |error: std::io::Error| ServeError::Listen { address: options.address, fact: error.to_string() };
    let listener = runtime.block_on(tokio::net::TcpListener::bind(options.address)).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let (stop, stopped) = watch::channel(false);
    let encrypted = encryption.is_some();
    let task = runtime.spawn(listen::listen(listener, encryption, Arc::clone(&site), stopped));
    Ok(Running { address, encrypted, site, stop, task, runtime })
}

/// Random bytes for the hash of a new password.
pub fn salt() -> Result<[u8; 16], ServeError> {
    let mut salt = [0; 16];
    salt.copy_from_slice(&site::secret()?[..16]);
    Ok(salt)
}

impl Running {
    /// Where it listens, with the port that was free.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:5000`.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.encrypted { "https" } else { "http" }, self.address)
    }

    /// Served area.
    pub fn aoi(&self) -> &str {
        &self.site.aoi
    }

    /// Served year.
    pub fn year(&self) -> &str {
        &self.site.year
    }

    /// Number of served parcels.
    pub fn parcels(&self) -> usize {
        self.site.env.parcels.len()
    }

    /// Lets running requests finish, for ten seconds at most, and stops. True when all were finished.
    pub fn stop(self) -> bool {
        let Self { stop, task, runtime, .. } = self;
        stop.send_replace(true);
        let finished = runtime.block_on(async { tokio::time::timeout(FAREWELL, task).await.is_ok() });
        runtime.shutdown_background();
        finished
    }

    /// Serves until the process is asked to stop (SIGINT, SIGTERM), then [`Running::stop`].
    pub fn until_asked_to_stop(self) -> bool {
        self.runtime.block_on(asked_to_stop());
        self.stop()
    }
}

async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without signals there is no way to be asked: it stops at once rather than never.
    drop(tokio::signal::ctrl_c().await);
}
