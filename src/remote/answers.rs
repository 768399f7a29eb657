//! Answers that are read as a whole: from the cache while they are young, from the server otherwise, and from the cache again when the
//! server fails.

use std::time::Duration;

use jiff::Timestamp;

use super::error::RemoteError;
use super::gate::Call;
use super::transport::Request;
use super::{Answer, Asking, Client, Inner};
use crate::contract::{Fault, read};
use crate::model::Watch;
use crate::store::remote::{Key, Pinned};

/// Other spellings of routes: the server's own, the documentation's.
const SPELLINGS: [(&str, &str); 4] = [
    ("parcelByID", "parcelById"),
    ("parcelsByPolygon", "parcelByPolygon"),
    ("chipsByLocation", "chipByLocation"),
    ("backgroundByParcelID", "backgroundByParcelId"),
];

/// A question whose answer is read as a whole.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// Route in the server's own spelling.
    pub route: &'static str,
    /// Parameters in order.
    pub query: Vec<(&'static str, String)>,
    /// JSON of a POST.
    pub body: Option<Vec<u8>>,
    /// What it is about, in words: for messages of the offline mode and for the log.
    pub about: String,
    /// Kept for ever under an id.
    pub pinned: Option<(Pinned, String)>,
    /// Most attempts.
    pub attempts: u32,
}

impl Question {
    pub(super) fn new(route: &'static str, about: String, query: Vec<(&'static str, String)>) -> Self {
        Self { route, query, body: None, about, pinned: None, attempts: u32::MAX }
    }

    fn key(&self, inner: &Inner) -> Key {
        let body = self.body.as_deref().map(String::from_utf8_lossy);
        let parts = self.query.iter().map(|(name, value)| (*name, value.as_str()));
        inner.key(self.route, parts.chain(body.as_deref().map(|body| ("body", body))))
    }
}

/// How to read the bytes of an answer.
pub(super) type Reader<T> = fn(&[u8]) -> Result<T, Fault>;

/// What is kept, and whether it is young.
pub(super) struct Kept<T> {
    pub value: T,
    pub fetched: Timestamp,
}

impl<T> Kept<T> {
    pub(super) fn young(&self, limit: Duration) -> bool {
        let age = Timestamp::now().duration_since(self.fetched);
        // A clock that was put back makes answers of the future; they are not trusted either.
        u64::try_from(age.as_secs()).is_ok_and(|seconds| seconds < limit.as_secs())
    }

    pub(super) fn answer(self, failure: Option<RemoteError>) -> Answer<T> {
        Answer { value: self.value, fetched: self.fetched, from_cache: true, failure }
    }
}

impl Inner {
    /// Parameters that name the table.
    pub(super) fn table(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![("aoi", self.source.aoi.clone()), ("year", self.source.year.clone())];
        if !self.source.ptype.is_empty() {
            query.push(("ptype", self.source.ptype.clone()));
        }
        query
    }

    /// What the cache holds. What is there but cannot be read is removed.
    pub(super) fn kept<T>(&self, question: &Question, read: Reader<T>) -> Option<Kept<T>> {
        let key = question.key(self);
        if let Some((bytes, fetched)) = self.cache.get(&key) {
            match read(&bytes) {
                Ok(value) => return Some(Kept { value, fetched }),
                Err(fault) => {
                    tracing::warn!(route = question.route, "an answer in the cache is dropped: {fault}");
                    self.cache.remove_broken(&key);
                }
            }
        }
        let (kind, id) = question.pinned.as_ref()?;
        let (bytes, fetched) = self.cache.pinned(&self.source_key, *kind, id)?;
        read(&bytes).ok().map(|value| Kept { value, fetched }) // a pinned fact of another version is none
    }

    /// Asks the server; what was understood is kept.
    pub(super) async fn ask<T>(&self, question: &Question, read: Reader<T>, call: Call) -> Result<Answer<T>, RemoteError> {
        let bytes = self.bytes(question, call).await?;
        let value = read(&bytes).map_err(|fault| self.not_understood(question.route, fault))?;
        // A server that failed inside says nothing at all; that is not remembered.
        if !read::says_nothing(&bytes) {
            let kept = self.cache.put(&self.source_key, &question.key(self), question.route, &bytes);
            let pinned =
                question.pinned.as_ref().map_or(Ok(()), |(kind, id)| self.cache.pin(&self.source_key, *kind, id, &bytes));
            if let Err(error) = kept.and(pinned) {
                // The answer itself is good.
                tracing::warn!("{error}");
            }
        }
        Ok(Answer { value, fetched: Timestamp::now(), from_cache: false, failure: None })
    }

    pub(super) fn not_understood(&self, route: &str, fault: Fault) -> RemoteError {
        let error = RemoteError::NotUnderstood { place: self.transport.place(route), fault };
        self.transport.monitor().failed(&error, 1, 1);
        error
    }

    /// Asks under the spelling that the server knows.
    pub(super) async fn bytes(&self, question: &Question, call: Call) -> Result<Vec<u8>, RemoteError> {
        let first = self.spelling(question.route);
        let result = self.transport.fetch(&self.request(question, first, call)).await;
        let other = SPELLINGS
            .iter()
            .find(|(own, _)| *own == question.route)
            .map(|(own, other)| if first == *own { *other } else { *own });
        let (Err(RemoteError::Status { code: 404, .. }), Some(other)) = (&result, other) else { return result };
        match self.transport.fetch(&self.request(question, other, call)).await {
            Ok(bytes) => {
                self.spellings.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(question.route, other);
                Ok(bytes)
            }
            // The first refusal names the usual route.
            Err(RemoteError::Status { code: 404, .. }) => result,
            Err(error) => Err(error),
        }
    }

    fn request(&self, question: &Question, spelling: &str, call: Call) -> Request {
        Request {
            route: question.route,
            path: format!("query/{spelling}"),
            query: question.query.clone(),
            body: question.body.clone(),
            limit_bytes: self.transport.settings().answer_bytes,
            attempts: question.attempts,
            call,
            about: question.about.clone(),
        }
    }

    /// A young answer from the cache, else the server's, else an old one from the cache.
    pub(super) async fn answer<T>(
        &self,
        question: &Question,
        read: Reader<T>,
        asking: Asking,
        call: Call,
    ) -> Result<Answer<T>, RemoteError> {
        let kept = self.kept(question, read);
        let kept = match kept {
            Some(kept) if self.silent(asking) || (asking == Asking::Usual && kept.young(self.transport.settings().young)) => {
                return Ok(kept.answer(None));
            }
            None if self.silent(asking) => return Err(RemoteError::Offline { what: question.about.clone() }),
            kept => kept,
        };
        match (self.ask(question, read, call).await, kept) {
            (Err(error), Some(kept)) if error.older_answer_helps() => Ok(kept.answer(Some(error))),
            (result, _) => result,
        }
    }
}

impl Client {
    /// The same, blocking.
    pub(super) fn answer<T>(&self, question: &Question, read: Reader<T>, watch: &Watch) -> Result<Answer<T>, RemoteError> {
        let call = self.next_call();
        self.run(watch, question.route, self.inner.answer(question, read, self.asking, call))
    }
}
