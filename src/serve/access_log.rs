//! One line of JSON a request: who asked for what, how it ended, how long it took. Never what was asked with.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::ServeError;

/// Where requests are noted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AccessLog {
    /// Nowhere.
    #[default]
    Off,
    /// On standard error.
    Stderr,
    /// At the end of a file.
    File(PathBuf),
}

/// The open log.
#[derive(Debug)]
pub enum Log {
    /// None.
    Off,
    /// Standard error.
    Stderr,
    /// A file.
    File(Mutex<File>),
}

/// One request.
#[derive(Debug)]
pub struct Line<'a> {
    /// Who, as far as is known.
    pub user: Option<&'a str>,
    /// From where.
    pub address: IpAddr,
    /// `GET`.
    pub method: &'a str,
    /// Route without parameters.
    pub route: &'a str,
    /// Status.
    pub status: u16,
    /// Bytes of the body.
    pub bytes: usize,
    /// Time taken.
    pub took: Duration,
}

impl Log {
    /// Opens it.
    pub fn open(wanted: &AccessLog) -> Result<Self, ServeError> {
        Ok(match wanted {
            AccessLog::Off => Self::Off,
            AccessLog::Stderr => Self::Stderr,
            AccessLog::File(path) => {
                let file = OpenOptions::new().create(true).append(true).open(path);
                Self::File(Mutex::new(file.map_err(|error| ServeError::File {
                    operation: "write the access log",
                    fact: error.to_string(),
                    path: path.clone(),
                })?))
            }
        })
    }

    /// Notes a request. A log that cannot be written does not keep the server from serving.
    pub fn note(&self, line: &Line<'_>) {
        let text = || {
            let told = serde_json::json!({
                "time": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
                "user": line.user,
                "address": line.address.to_string(),
                "method": line.method,
                "route": line.route,
                "status": line.status,
                "bytes": line.bytes,
                "ms": (line.took.as_secs_f64() * 1e5).round() / 1e2,
            });
            format!("{told}\n")
        };
        match self {
            Self::Off => {}
            Self::Stderr => drop(std::io::stderr().write_all(text().as_bytes())),
            Self::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                if let Err(error) = file.write_all(text().as_bytes()) {
                    tracing::warn!("cannot write the access log: {error}");
                }
            }
        }
    }
}
