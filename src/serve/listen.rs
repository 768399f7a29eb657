//! Connections: plain or encrypted, limited in number and patience.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower_http::catch_panic::CatchPanicLayer;

use super::ServeError;
use super::handle::{Peer, handle};
use super::site::Site;

/// Connections at a time.
const CONNECTIONS: usize = 1024;
/// How long a client may take to greet and to send its headers.
const PATIENCE: Duration = Duration::from_secs(15);
/// Most headers of a request.
const HEADERS: usize = 64;
/// Most bytes of the headers of a request.
const HEADER_BYTES: usize = 64 << 10;
/// How often answers in memory age.
const TICK: Duration = Duration::from_secs(1);
/// After so many ticks failures are tried again.
const RETRY_TICKS: u32 = 30;

/// Encryption by a certificate chain and its key.
pub fn acceptor(chain: &Path, key: &Path) -> Result<TlsAcceptor, ServeError> {
    let fail = |operation: &'static str, path: &Path, fact: String| ServeError::File { operation, fact, path: path.to_owned() };
    let of_chain = |fact: String| fail("use the certificate", chain, fact);
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| of_chain(error.to_string()))?;
    if certificates.is_empty() {
        return Err(of_chain("it holds no certificate in PEM form".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| fail("use the key", key, error.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ServeError::System(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|error| of_chain(error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Takes connections until it is told to stop, then waits for the running ones.
pub async fn listen(listener: TcpListener, encryption: Option<TlsAcceptor>, site: Arc<Site>, mut stop: watch::Receiver<bool>) {
    let router = Router::new().fallback(handle).with_state(Arc::clone(&site)).layer(CatchPanicLayer::new());
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let ageing = tokio::spawn(age(site));
    loop {
        let Ok(seat) = Arc::clone(&room).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Usually too many open files: it passes when others leave.
                tracing::warn!("cannot take a connection: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        drop(stream.set_nodelay(true)); // slower without it, but right
        let router = router.clone().layer(Extension(Peer(peer)));
        let (watcher, encryption) = (graceful.watcher(), encryption.clone());
        tokio::spawn(async move {
            match encryption {
                None => converse(TokioIo::new(stream), router, watcher).await,
                Some(encryption) => match tokio::time::timeout(PATIENCE, encryption.accept(stream)).await {
                    Ok(Ok(stream)) => converse(TokioIo::new(stream), router, watcher).await,
                    Ok(Err(error)) => tracing::debug!("no encryption with {peer}: {error}"),
                    Err(_late) => tracing::debug!("no greeting from {peer}"),
                },
            }
            drop(seat);
        });
    }
    drop(listener);
    graceful.shutdown().await;
    ageing.abort();
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: TokioIo<S>, router: Router, watcher: Watcher) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_headers(HEADERS)
        .max_buf_size(HEADER_BYTES)
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(PATIENCE))
        .max_concurrent_streams(64)
        .max_header_list_size(HEADER_BYTES as u32);
    let connection = builder.serve_connection(stream, TowerToHyperService::new(router));
    // A connection that breaks has nobody left to tell.
    drop(watcher.watch(connection.into_owned()).await);
}

/// Lets answers that nobody asks for leave memory, and failures be tried again.
async fn age(site: Arc<Site>) {
    let mut ticks = 0u32;
    let mut interval = tokio::time::interval(TICK);
    loop {
        interval.tick().await;
        ticks = ticks.wrapping_add(1);
        site.env.cache.begin_frame();
        if ticks.is_multiple_of(RETRY_TICKS) {
            site.env.cache.retry_failed();
        }
    }
}
