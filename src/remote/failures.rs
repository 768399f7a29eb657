//! From the errors of the network library to ours.

use std::error::Error;
use std::time::Duration;

use super::error::RemoteError;

/// What a failed exchange means.
pub(super) fn of_transport(error: &reqwest::Error, place: &str, host: &str, answer: Duration) -> RemoteError {
    if let Some(reason) = certificate(error) {
        return RemoteError::Certificate { host: host.to_owned(), reason };
    }
    if error.is_timeout() && !error.is_connect() {
        return RemoteError::Timeout { place: place.to_owned(), seconds: answer.as_secs_f64().ceil() as u64 };
    }
    let reason = if error.is_connect() && error.is_timeout() {
        "no connection came about in time".to_owned()
    } else if error.is_dns() {
        "the name of the host is not known".to_owned()
    } else {
        reason(error)
    };
    RemoteError::Unreachable { place: place.to_owned(), reason }
}

/// All causes of an error, the error first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        // An input or output error wraps another one and calls that one's cause its own.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref());
        match wrapped {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
    .take(20)
}

/// What is wrong with the server's certificate, if that is the cause.
fn certificate(error: &reqwest::Error) -> Option<String> {
    use rustls::CertificateError as Wrong;
    let found = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>())?;
    let rustls::Error::InvalidCertificate(wrong) = found else { return None };
    Some(match wrong {
        Wrong::UnknownIssuer => "its authority is not known to this computer".to_owned(),
        Wrong::Expired | Wrong::ExpiredContext { .. } => "it has expired".to_owned(),
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => "it is not valid yet".to_owned(),
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => "it belongs to another host".to_owned(),
        Wrong::Revoked => "it was revoked".to_owned(),
        Wrong::BadSignature => "it is not signed by the authority that it names".to_owned(),
        other => unusable(&format!("{other:?}")),
    })
}

/// What the library only has a name for.
fn unusable(name: &str) -> String {
    if name.contains("CaUsedAsEndEntity") {
        return "it is that of an authority, used as if it were a server's own".to_owned();
    }
    // `Other(OtherError(UnsupportedCertVersion))`: the innermost name says it.
    let inner = name.rsplit('(').next().unwrap_or(name).trim_end_matches(')');
    format!("it cannot be used ({inner})")
}

/// The innermost cause in words; the outer ones only repeat the address.
pub(super) fn reason(error: &reqwest::Error) -> String {
    use std::io::ErrorKind as Kind;
    if error.is_body() || error.is_decode() {
        return "the answer broke off".to_owned();
    }
    for cause in causes(error) {
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            let words = match io.kind() {
                Kind::ConnectionRefused => "nobody answers there",
                Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => "the connection was closed",
                Kind::UnexpectedEof => "the connection ended too early",
                _ => continue,
            };
            return words.to_owned();
        }
    }
    let innermost = causes(error).last().map(ToString::to_string).unwrap_or_default();
    match innermost.as_str() {
        "connection closed before message completed" => "the connection was closed without an answer".to_owned(),
        _ => innermost,
    }
}
