//! What goes back.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use crate::contract::write::{self, JSON, JSON_AS_PAGE, PAGE};

/// Plain text.
const TEXT: &str = "text/plain; charset=utf-8";

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Content type.
    pub kind: &'static str,
    /// Body.
    pub body: Vec<u8>,
    more: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    fn new(status: StatusCode, kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, kind, body: body.into(), more: Vec::new() }
    }

    /// JSON.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::new(StatusCode::OK, JSON, body)
    }

    /// JSON under the type of a page, see [`JSON_AS_PAGE`].
    pub fn json_as_page(body: impl Into<Vec<u8>>) -> Self {
        Self::new(StatusCode::OK, JSON_AS_PAGE, body)
    }

    /// A page.
    pub fn page(body: impl Into<Vec<u8>>) -> Self {
        Self::new(StatusCode::OK, PAGE, body)
    }

    /// A file for saving.
    pub fn attachment(kind: &'static str, name: &str, body: impl Into<Vec<u8>>) -> Self {
        let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
        let mut reply = Self::new(StatusCode::OK, kind, body);
        // Only plain letters are left, so the value is always one.
        reply
            .more
            .extend(HeaderValue::from_str(&format!("attachment; filename=\"{safe}\"")).ok().map(|v| (CONTENT_DISPOSITION, v)));
        reply
    }

    /// The bytes of a file.
    pub fn file(kind: &'static str, body: Vec<u8>) -> Self {
        Self::new(StatusCode::OK, kind, body)
    }

    /// Nobody is known by these credentials.
    pub fn unverified() -> Self {
        let mut reply = Self::new(StatusCode::UNAUTHORIZED, TEXT, "Could not verify.");
        reply.more.push((WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Login Required\"")));
        reply
    }

    /// Somebody is known, but may not see this.
    pub fn unauthorised() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, TEXT, "Not authorized for this dataset.")
    }

    /// A page that says what is wrong.
    pub fn refusal(status: StatusCode, sentence: &str) -> Self {
        let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Error"));
        Self::new(status, PAGE, write::error_page(&title, sentence))
    }

    /// As the server sends it.
    pub fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.more);
        response
    }
}

/// Why a request gets no answer.
#[derive(Debug)]
pub enum Refusal {
    /// The request cannot be understood.
    Wrong(String),
    /// There is no such area or year. JRC's server fails there, and its clients expect that.
    NoSuchDataset(String),
    /// There is no such thing.
    Missing(String),
    /// The server has failed.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Refusal {
    /// What the client is told; the causes of failures, which name files, go to the log.
    pub fn reply(self) -> Reply {
        match self {
            Self::Wrong(sentence) => Reply::refusal(StatusCode::BAD_REQUEST, &sentence),
            Self::NoSuchDataset(sentence) => Reply::refusal(StatusCode::INTERNAL_SERVER_ERROR, &sentence),
            Self::Missing(sentence) => Reply::refusal(StatusCode::NOT_FOUND, &sentence),
            Self::Failed(error) => {
                tracing::warn!("a request failed: {error:#}");
                Reply::refusal(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The server could not answer this request. Its log says why; start it with --log FILE.",
                )
            }
        }
    }
}
