//! Who asks: HTTP Basic against the users file.
//!
//! Hashing a password takes tens of milliseconds on purpose. A password that was right is remembered in memory under a keyed hash, so
//! that the price is paid once; a wrong one costs a wait that doubles with every further one from the same address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::Semaphore;

use super::users::{User, plain_name};

/// First wait after a wrong password.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The wait doubles so many times at most.
const DOUBLINGS: u32 = 4;
/// Wrong passwords are forgotten after this.
const FORGOTTEN: Duration = Duration::from_mins(1);
/// More addresses or passwords than this are not remembered; then all are forgotten.
const REMEMBERED: usize = 10_000;
/// Passwords that are hashed at a time.
const HASHING: usize = 2;

/// The users and what is known of those who asked.
#[derive(Debug)]
pub struct Gate {
    users: Arc<Vec<User>>,
    secret: [u8; 32],
    known: Mutex<HashMap<[u8; 32], usize>>,
    failures: Mutex<HashMap<IpAddr, (u32, Instant)>>,
    hashing: Semaphore,
}

impl Gate {
    /// A gate for some users.
    pub fn new(users: Vec<User>, secret: [u8; 32]) -> Self {
        Self {
            users: Arc::new(users),
            secret,
            known: Mutex::default(),
            failures: Mutex::default(),
            hashing: Semaphore::new(HASHING),
        }
    }

    /// The user whose name and password a request carries; `None` after a wait when they are wrong or missing.
    pub async fn admit(&self, headers: &HeaderMap, address: IpAddr) -> Option<&User> {
        let (name, password) = credentials(headers)?;
        let name = plain_name(&name);
        let key = *blake3::keyed_hash(&self.secret, format!("{}\0{name}\0{password}", name.len()).as_bytes()).as_bytes();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        if let Some(at) = known {
            return self.users.get(at);
        }
        if let Some(at) = self.verify(name, password).await {
            remember(&self.known, key, at);
            self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&address);
            return self.users.get(at);
        }
        tokio::time::sleep(self.wait_after_failure(address)).await;
        None
    }

    /// Position of the user with this password. An unknown name is hashed all the same, so that time does not tell names.
    async fn verify(&self, name: String, password: String) -> Option<usize> {
        let _permit = self.hashing.acquire().await.ok()?; // the gate is never closed while it is asked
        let users = Arc::clone(&self.users);
        let work = move || {
            let at = users.iter().position(|user| user.name == name);
            let right = users.get(at.unwrap_or(0)).is_some_and(|user| user.verify(&password));
            at.filter(|_| right)
        };
        tokio::task::spawn_blocking(work).await.ok().flatten() // a thread that has failed lets nobody in
    }

    fn wait_after_failure(&self, address: IpAddr) -> Duration {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED {
            failures.clear();
        }
        let now = Instant::now();
        let entry = failures.entry(address).or_insert((0, now));
        if now.duration_since(entry.1) > FORGOTTEN {
            entry.0 = 0;
        }
        *entry = (entry.0 + 1, now);
        FIRST_WAIT * 2u32.pow((entry.0 - 1).min(DOUBLINGS))
    }
}

fn remember(known: &Mutex<HashMap<[u8; 32], usize>>, key: [u8; 32], at: usize) {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(key, at);
}

/// Name and password of a Basic header.
fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, password) = decoded.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_and_nonsense_is_nobody() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().expect("a header"));
            credentials(&headers)
        };
        let encoded = STANDARD.encode("anna:pass:word é");
        assert_eq!(of(&format!("Basic {encoded}")), Some(("anna".to_owned(), "pass:word é".to_owned())));
        assert_eq!(of(&format!("basic  {encoded}")), Some(("anna".to_owned(), "pass:word é".to_owned())));
        for value in ["Basic", "Basic !!!", "Bearer abc", &format!("Basic {}", STANDARD.encode("anna"))] {
            assert_eq!(of(value), None, "{value}");
        }
    }

    #[test]
    fn waits_double_up_to_four_seconds() {
        let gate = Gate::new(Vec::new(), [0; 32]);
        let address = IpAddr::from([192, 0, 2, 1]);
        let waits: Vec<u128> = (0..7).map(|_| gate.wait_after_failure(address).as_millis()).collect();
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 4000, 4000]);
    }
}
