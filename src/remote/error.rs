//! What can go wrong between this machine and a server: one sentence each, with the place and a way out.

use crate::contract::Fault;
use crate::store::remote::RemoteCacheError;

/// Why there is no answer. `place` is a route and a host, never parameters or credentials.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RemoteError {
    /// No connection, or it broke.
    #[error("cannot reach {place}: {reason}; check the address and the network and try again")]
    Unreachable {
        /// Route and host.
        place: String,
        /// What the network says.
        reason: String,
    },
    /// The server cannot prove who it is.
    #[error("cannot trust the certificate of {host}: {reason}; add the certificate of its authority to the connection")]
    Certificate {
        /// Host.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// User name or password are not known there.
    #[error("{host} refuses the user name or the password; enter them again")]
    WrongPassword {
        /// Host.
        host: String,
    },
    /// The user may not see this area.
    #[error("{place} is closed to this user: {text}; ask the operator of the server for access to the area")]
    NotAuthorised {
        /// Route and host.
        place: String,
        /// What the server says.
        text: String,
    },
    /// Nothing came for too long, or not all of it.
    #[error("{place} did not answer within {seconds} s; try again or allow a longer wait in the connection")]
    Timeout {
        /// Route and host.
        place: String,
        /// How long was waited.
        seconds: u64,
    },
    /// The server reports a failure.
    #[error("{place} answers with status {code}: {text}; check area, year and parcel or ask the operator of the server")]
    Status {
        /// Route and host.
        place: String,
        /// HTTP status.
        code: u16,
        /// What the server says.
        text: String,
    },
    /// The server asks for a pause.
    #[error("{place} has too many requests and asks to wait {seconds} s; try again after that")]
    Busy {
        /// Route and host.
        place: String,
        /// Wait.
        seconds: u64,
    },
    /// More bytes than any right answer has.
    #[error("{place} sends more than {limit_mib} MiB, which is no right answer; ask the operator of the server")]
    TooLarge {
        /// Route and host.
        place: String,
        /// Limit.
        limit_mib: u64,
    },
    /// Bytes that are no answer.
    #[error("cannot use the answer of {place}: {fault}; try again or ask the operator of the server")]
    NotUnderstood {
        /// Route and host.
        place: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// A file that is not the chip that was asked for.
    #[error("cannot use the chip {chip} of {host}: {reason}; it was not kept, try again or ask the operator of the server")]
    WrongChip {
        /// Product and band.
        chip: String,
        /// Host.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Not in the cache, and nobody may be asked.
    #[error("{what} is not kept on this computer and the project works offline; go online to fetch it")]
    Offline {
        /// What was wanted.
        what: String,
    },
    /// Nobody waits any more.
    #[error("the request was cancelled before {place} answered; ask again when it is wanted")]
    Cancelled {
        /// Route and host.
        place: String,
    },
    /// The cache cannot take the answer.
    #[error("{0}; free room or choose another folder")]
    Cache(#[from] RemoteCacheError),
    /// Not even tried.
    #[error("{0}")]
    Refused(String),
}

/// What went wrong, without details: the window chooses words and ways out by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// [`RemoteError::Unreachable`].
    Unreachable,
    /// [`RemoteError::Certificate`].
    Certificate,
    /// [`RemoteError::WrongPassword`].
    WrongPassword,
    /// [`RemoteError::NotAuthorised`].
    NotAuthorised,
    /// [`RemoteError::Timeout`].
    Timeout,
    /// [`RemoteError::Status`].
    Status,
    /// [`RemoteError::Busy`].
    Busy,
    /// [`RemoteError::TooLarge`].
    TooLarge,
    /// [`RemoteError::NotUnderstood`].
    NotUnderstood,
    /// [`RemoteError::WrongChip`].
    WrongChip,
    /// [`RemoteError::Offline`].
    Offline,
    /// [`RemoteError::Cancelled`].
    Cancelled,
    /// [`RemoteError::Cache`].
    Cache,
    /// [`RemoteError::Refused`].
    Refused,
}

impl RemoteError {
    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unreachable { .. } => ErrorKind::Unreachable,
            Self::Certificate { .. } => ErrorKind::Certificate,
            Self::WrongPassword { .. } => ErrorKind::WrongPassword,
            Self::NotAuthorised { .. } => ErrorKind::NotAuthorised,
            Self::Timeout { .. } => ErrorKind::Timeout,
            Self::Status { .. } => ErrorKind::Status,
            Self::Busy { .. } => ErrorKind::Busy,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::NotUnderstood { .. } => ErrorKind::NotUnderstood,
            Self::WrongChip { .. } => ErrorKind::WrongChip,
            Self::Offline { .. } => ErrorKind::Offline,
            Self::Cancelled { .. } => ErrorKind::Cancelled,
            Self::Cache(_) => ErrorKind::Cache,
            Self::Refused(_) => ErrorKind::Refused,
        }
    }

    /// True when the same request may succeed a moment later.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } => true,
            Self::Status { code, .. } => matches!(code, 500 | 502..=504),
            _ => false,
        }
    }

    /// True when an answer of an earlier day is better than none.
    pub(super) fn older_answer_helps(&self) -> bool {
        !matches!(self, Self::WrongPassword { .. } | Self::NotAuthorised { .. } | Self::Cancelled { .. } | Self::Refused(_))
    }

    /// True when every other request would fail in the same way.
    pub(super) fn concerns_all(&self) -> bool {
        matches!(self, Self::WrongPassword { .. } | Self::Certificate { .. } | Self::Busy { .. } | Self::Refused(_))
    }
}
