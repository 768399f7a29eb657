//! One request from its arrival to the line in the log.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use futures_util::StreamExt as _;

use super::access_log::Line;
use super::answers;
use super::asked::Asked;
use super::parameters::Parameters;
use super::reply::{Refusal, Reply};
use super::routes::Route;
use super::site::Site;
use crate::model::Watch;

/// Largest body of a request: a batch names some dozens of products.
const LARGEST_BODY: usize = 1 << 20;
/// A body that is too large is taken in up to this, and thrown away.
const DRAINED: usize = 16 << 20;
/// How long a body may take to arrive.
const SLOWEST_BODY: Duration = Duration::from_mins(1);
/// Longest work on one request.
const LONGEST: Duration = Duration::from_mins(3);
/// More requests than this, at work or waiting, are turned away.
const CROWD: usize = 512;

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// What the log is told beside the reply.
#[derive(Debug, Default)]
struct Told {
    user: Option<String>,
    route: &'static str,
}

/// Answers a request.
pub async fn handle(State(site): State<Arc<Site>>, Extension(Peer(peer)): Extension<Peer>, request: Request) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let mut told = Told { user: None, route: "unknown" };
    let reply = answer(&site, peer.ip(), request, &mut told).await;
    site.log.note(&Line {
        user: told.user.as_deref(),
        address: peer.ip(),
        method: method.as_str(),
        route: told.route,
        status: reply.status.as_u16(),
        bytes: reply.body.len(),
        took: started.elapsed(),
    });
    reply.into_response()
}

async fn answer(site: &Arc<Site>, address: IpAddr, request: Request, told: &mut Told) -> Reply {
    let (parts, body) = request.into_parts();
    let Some(path) = decoded(parts.uri.path()) else {
        return Reply::refusal(StatusCode::BAD_REQUEST, "The path is not UTF-8.");
    };
    let Some((route, file)) = Route::of(&path) else {
        return Reply::refusal(StatusCode::NOT_FOUND, "There is no such route; /openapi.json lists all.");
    };
    told.route = route.name();
    let fits = if route.posts() { parts.method == Method::POST } else { matches!(parts.method, Method::GET | Method::HEAD) };
    if !fits && route != Route::Exchange {
        let expected = if route.posts() { "POST" } else { "GET" };
        return Reply::refusal(StatusCode::METHOD_NOT_ALLOWED, &format!("This route is asked with {expected}."));
    }
    let user = match &site.gate {
        Some(gate) if route.guarded() => {
            let Some(user) = gate.admit(&parts.headers, address).await else { return Reply::unverified() };
            told.user = Some(user.name.clone());
            Some(user)
        }
        _ => None,
    };
    let parameters = match Parameters::of(&parts.uri) {
        Ok(parameters) => parameters,
        Err(refusal) => return refusal.reply(),
    };
    if let Some(user) = user {
        // Routes without an area show images of the served one. `info` and the exchange of files show nothing of it.
        let aoi = parameters.get("aoi").unwrap_or(&site.aoi);
        if !matches!(route, Route::Info | Route::Exchange) && !user.may_see(aoi) {
            return Reply::unauthorised();
        }
    }
    let body = match read_body(route, body).await {
        Ok(body) => body,
        Err(reply) => return reply,
    };
    if site.crowd.fetch_add(1, Ordering::Relaxed) >= CROWD {
        site.crowd.fetch_sub(1, Ordering::Relaxed);
        return Reply::refusal(StatusCode::SERVICE_UNAVAILABLE, "Too many requests wait already; try again soon.");
    }
    let present = Present(Arc::clone(site));
    let file: Vec<String> = file.into_iter().map(str::to_owned).collect();
    let reply = work(site, route, parameters, body, file).await;
    drop(present);
    reply
}

/// Counts a request as here until it is gone, however it goes.
struct Present(Arc<Site>);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.crowd.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Cancels work that nobody waits for any more.
struct Abandoned(Watch);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

async fn read_body(route: Route, body: Body) -> Result<Vec<u8>, Reply> {
    if !route.posts() {
        return Ok(Vec::new());
    }
    match tokio::time::timeout(SLOWEST_BODY, collect(body)).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => {
            let sentence = format!("The body is too large: at most {LARGEST_BODY} bytes are read.");
            Err(Reply::refusal(StatusCode::PAYLOAD_TOO_LARGE, &sentence))
        }
        Ok(Err(error)) => Err(Reply::refusal(StatusCode::BAD_REQUEST, &format!("The body cannot be read: {error}."))),
        Err(_elapsed) => Err(Reply::refusal(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time.")),
    }
}

/// The body; `None` when it is too large. Some of what is too much is still taken in and thrown away: who is cut off while sending
/// never sees the answer.
async fn collect(body: Body) -> Result<Option<Vec<u8>>, axum::Error> {
    let (mut kept, mut all) = (Vec::new(), 0);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        all += piece.len();
        if all > DRAINED {
            break;
        }
        if all <= LARGEST_BODY {
            kept.extend_from_slice(&piece);
        }
    }
    Ok((all <= LARGEST_BODY).then_some(kept))
}

/// Answers on a thread that may block, of which there are so many.
async fn work(site: &Arc<Site>, route: Route, parameters: Parameters, body: Vec<u8>, file: Vec<String>) -> Reply {
    let Ok(permit) = Arc::clone(&site.workers).acquire_owned().await else {
        return Reply::refusal(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping.");
    };
    let watch = Watch::default();
    let abandoned = Abandoned(watch.clone());
    let site = Arc::clone(site);
    let task = tokio::task::spawn_blocking(move || {
        let asked = Asked { site: &site, parameters: &parameters, body: &body, watch: &watch };
        let reply = answers::answer(route, &asked, &file).unwrap_or_else(Refusal::reply);
        drop(permit);
        reply
    });
    let reply = match tokio::time::timeout(LONGEST, task).await {
        Ok(Ok(reply)) => reply,
        Ok(Err(failed)) => Refusal::Failed(failed.into()).reply(),
        Err(_late) => Reply::refusal(StatusCode::GATEWAY_TIMEOUT, "The answer took too long; ask for less at a time."),
    };
    drop(abandoned);
    reply
}

/// A path without percent signs; `None` when it is not UTF-8 then.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn percent_signs_are_decoded_once() {
        assert_eq!(decoded("/dump/%2e%2e/a%20b%").as_deref(), Some("/dump/../a b%"));
        assert_eq!(decoded("/%252e").as_deref(), Some("/%2e"));
        assert_eq!(decoded("/%ff"), None);
    }
}
