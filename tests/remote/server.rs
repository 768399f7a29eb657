//! A server for tests that misbehaves as told: plain threads and sockets, so that every byte and every silence is its own.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// Without parameters.
    pub path: String,
    /// As sent.
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn has(&self, pair: &str) -> bool {
        self.query.split('&').any(|one| one == pair)
    }
}

/// What is sent back.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Status, further headers, body.
    Full(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// A body that is shorter than its length says.
    Cut(Vec<u8>),
    /// The connection is closed without a word.
    Drop,
    /// Bytes without end.
    Endless,
    /// A byte now and then.
    Trickle(Duration),
    /// Silence first.
    Late(Duration, Box<Reply>),
}

impl Reply {
    pub fn json(text: impl Into<String>) -> Self {
        Self::Full(200, vec![("Content-Type", "text/html; charset=utf-8".to_owned())], text.into().into_bytes())
    }

    pub fn status(code: u16, text: &str) -> Self {
        Self::Full(code, vec![("Content-Type", "text/html".to_owned())], text.as_bytes().to_vec())
    }

    pub fn redirect(to: &str) -> Self {
        Self::Full(302, vec![("Location", to.to_owned())], Vec::new())
    }

    pub fn late(self, wait: Duration) -> Self {
        Self::Late(wait, Box::new(self))
    }
}

type Handler = Box<dyn Fn(&Asked) -> Reply + Send + Sync>;

struct Shared {
    handler: Mutex<Arc<Handler>>,
    asked: Mutex<Vec<Asked>>,
    running: AtomicUsize,
    most: AtomicUsize,
    stopped: AtomicBool,
    tls: Option<Arc<rustls::ServerConfig>>,
}

/// The server; stops on drop.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    pub fn start(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(None, handler)
    }

    pub fn start_with(tls: Option<Arc<rustls::ServerConfig>>, handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            handler: Mutex::new(Arc::new(Box::new(handler))),
            asked: Mutex::default(),
            running: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            tls,
        });
        let served = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if served.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let shared = Arc::clone(&served);
                std::thread::spawn(move || connection(&shared, stream));
            }
        });
        Self { address, shared }
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers in another way from now on.
    pub fn answer(&self, handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) {
        *self.shared.handler.lock().expect("no panic") = Arc::new(Box::new(handler));
    }

    /// Answers some requests in another way and the rest as before.
    pub fn wrap(&self, first: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) {
        let mut handler = self.shared.handler.lock().expect("no panic");
        let before = Arc::clone(&handler);
        *handler = Arc::new(Box::new(move |asked| first(asked).unwrap_or_else(|| before(asked))));
    }

    /// All requests so far; forgets them.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.shared.asked.lock().expect("no panic"))
    }

    /// Most requests that were answered at the same time.
    pub fn most_at_once(&self) -> usize {
        self.shared.most.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect(self.address));
    }
}

fn connection(shared: &Shared, stream: TcpStream) {
    stream.set_nodelay(true).expect("a socket");
    match &shared.tls {
        None => talk(shared, stream),
        Some(config) => {
            let session = rustls::ServerConnection::new(Arc::clone(config)).expect("a session");
            talk(shared, rustls::StreamOwned::new(session, stream));
        }
    }
}

fn talk(shared: &Shared, stream: impl Read + Write) {
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read_request(&mut reader) {
        let now = shared.running.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most.fetch_max(now, Ordering::SeqCst);
        shared.asked.lock().expect("no panic").push(asked.clone());
        let handler = Arc::clone(&shared.handler.lock().expect("no panic"));
        let alive = send(reader.get_mut(), handler(&asked), &|| {
            shared.running.fetch_sub(1, Ordering::SeqCst);
        });
        if alive.is_err() {
            return;
        }
    }
}

fn read_request(reader: &mut impl std::io::BufRead) -> Option<Asked> {
    let mut line = String::new();
    let mut next = |line: &mut String| {
        line.clear();
        reader.by_ref().take(64_000).read_line(line).ok().filter(|length| *length > 0)
    };
    next(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        next(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut asked = Asked { method, path: path.to_owned(), query: query.to_owned(), headers, body: Vec::new() };
    let length = asked.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    asked.body = vec![0; length];
    reader.read_exact(&mut asked.body).ok()?;
    Some(asked)
}

/// An error ends the connection. `done` is told before the last byte, so that the next request is not counted beside this one.
fn send(stream: &mut impl Write, reply: Reply, done: &dyn Fn()) -> std::io::Result<()> {
    let end = || Err(std::io::ErrorKind::ConnectionAborted.into());
    match reply {
        Reply::Full(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
            for (name, value) in headers {
                head.extend([name, ": ", &value, "\r\n"]);
            }
            head.push_str("\r\n");
            let mut bytes = head.into_bytes();
            bytes.extend_from_slice(&body);
            done();
            stream.write_all(&bytes)?;
            stream.flush()
        }
        Reply::Cut(body) => {
            done();
            stream.write_all(format!("HTTP/1.1 200 X\r\nContent-Length: {}\r\n\r\n", body.len() + 100).as_bytes())?;
            stream.write_all(&body)?;
            stream.flush()?;
            end()
        }
        Reply::Drop => {
            done();
            end()
        }
        Reply::Endless => {
            done();
            stream.write_all(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            let piece = vec![b' '; 0x8000];
            loop {
                stream.write_all(b"8000\r\n")?;
                stream.write_all(&piece)?;
                stream.write_all(b"\r\n")?;
            }
        }
        Reply::Trickle(pause) => {
            done();
            stream.write_all(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            loop {
                stream.write_all(b"1\r\n \r\n")?;
                stream.flush()?;
                std::thread::sleep(pause);
            }
        }
        Reply::Late(wait, reply) => {
            std::thread::sleep(wait);
            send(stream, *reply, done)
        }
    }
}

/// A chip that says what it shows: enough of a TIFF for a test.
pub fn tiff(product: &str, band: &str) -> Vec<u8> {
    let mut bytes = b"II*\0".to_vec();
    bytes.extend_from_slice(format!("{product} {band}").as_bytes());
    bytes.resize(2000, 0);
    bytes
}

/// Answers of a JRC server: one parcel, its chips, and nothing else.
pub fn jrc(asked: &Asked) -> Reply {
    if let Some(file) = asked.path.strip_prefix("/dump/d/") {
        let stem = file.trim_end_matches(".tif");
        let (product, band) = stem.rsplit_once('.').unwrap_or_else(|| stem.rsplit_once('_').expect("a band"));
        return Reply::Full(200, Vec::new(), tiff(product, band));
    }
    match asked.path.as_str() {
        "/query/info" => Reply::json(r#"{"server":{},"aois":{"nld":{"years":["2019"]}}}"#),
        "/query/parcelByID" => Reply::json(PARCEL),
        "/query/rawChipsBatch" => Reply::json(index(&asked.body)),
        _ => Reply::status(404, "<title>404 Not Found</title>"),
    }
}

/// The parcel of [`jrc`].
pub const PARCEL: &str =
    r#"{"pid":["7"],"cropname":["Gras"],"cropcode":["265"],"srid":[28992],"area":[8137],"clon":[4.4],"clat":[51.7]}"#;

/// Index of a batch, with a file of an earlier request.
pub fn index(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).expect("JSON");
    let words = |name: &str| -> Vec<String> {
        body[name].as_array().expect("a list").iter().map(|word| word.as_str().expect("a text").to_owned()).collect()
    };
    let (mut dates, mut chips) = (vec!["20180101T000000_B04".to_owned()], vec!["static//tmp/d/OLD.B04.tif".to_owned()]);
    for tile in words("tiles") {
        for band in words("bands") {
            dates.push(format!("{}_{band}", tile.split('_').nth(2).unwrap_or("20190101T000000")));
            chips.push(format!("/dump/d/{tile}.{band}.tif"));
        }
    }
    serde_json::json!({ "dates": dates, "chips": chips }).to_string()
}
