//! One way to get data: a query is a value that holds everything that decides its answer.
//!
//! Nothing is invalidated by hand: a changed input is another key, and the old entry ages out.

use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::jobs::{Lane, Pool};
use crate::model::Watch;

use super::queries::Env;

/// Why a query has no answer. Cheap to clone, keeps its cause.
#[derive(Debug, Clone)]
pub struct Error(pub Arc<anyhow::Error>);

impl Error {
    /// The whole chain of causes in one line.
    pub fn chain(&self) -> String {
        format!("{:#}", self.0)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for Error {}

impl<E: Into<anyhow::Error>> From<E> for ErrorFrom {
    fn from(error: E) -> Self {
        Self(Error(Arc::new(error.into())))
    }
}

/// Carrier that lets `?` turn any error into an [`Error`].
#[derive(Debug)]
pub struct ErrorFrom(pub Error);

/// What a query gives.
pub type Answer<T> = Result<T, ErrorFrom>;

/// A question whose answer depends on nothing but its fields and the open data set.
pub trait Query: Clone + Eq + Hash + Send + Sync + std::fmt::Debug + 'static {
    /// The answer.
    type Output: Send + Sync + 'static;

    /// Approximate memory of an answer, bytes.
    fn weight(output: &Self::Output) -> usize;

    /// True when the answer is mostly waited for, as for a server's: such work is done beside the workers.
    fn waits(&self, env: &Env) -> bool {
        let _ = env;
        false
    }

    /// Computes the answer on a worker. Long work checks the watch.
    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output>;
}

/// State of an answer.
#[derive(Debug)]
pub enum Fetch<T> {
    /// Being computed.
    Pending,
    /// There it is.
    Ready(Arc<T>),
    /// Failed; stays so until retried.
    Failed(Error),
}

impl<T> Fetch<T> {
    /// The answer, if ready.
    pub fn ready(self) -> Option<Arc<T>> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Pending | Self::Failed(_) => None,
        }
    }
}

impl<T> Clone for Fetch<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Pending => Self::Pending,
            Self::Ready(value) => Self::Ready(Arc::clone(value)),
            Self::Failed(error) => Self::Failed(error.clone()),
        }
    }
}

enum Slot<T> {
    Pending { watch: Watch, lane: Lane, wanted: u64 },
    Ready { value: Arc<T>, bytes: usize, used: u64 },
    Failed { error: Error },
}

struct Table<Q: Query> {
    slots: HashMap<Q, Slot<Q::Output>>,
    /// Questions that [`QueryCache::compute_once`] is computing.
    running: HashSet<Q>,
}

trait AnyTable: Send {
    fn as_any(&mut self) -> &mut dyn Any;
    /// Cancels interactive work that nobody asked for since `before`.
    fn cancel_unwanted(&mut self, before: u64);
    fn oldest(&self) -> Option<u64>;
    /// Drops answers last used before or in a frame; returns the freed bytes.
    fn evict(&mut self, used: u64) -> usize;
    fn clear_failed(&mut self);
    fn pending(&self) -> usize;
    /// Interactive work that somebody asked for in a frame or later.
    fn awaited(&self, since: u64) -> usize;
}

impl<Q: Query> AnyTable for Table<Q> {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn cancel_unwanted(&mut self, before: u64) {
        self.slots.retain(|_, slot| match slot {
            Slot::Pending { watch, lane: Lane::Interactive, wanted } if *wanted < before => {
                watch.cancel();
                false
            }
            _ => true,
        });
    }

    fn oldest(&self) -> Option<u64> {
        self.slots.values().filter_map(|slot| if let Slot::Ready { used, .. } = slot { Some(*used) } else { None }).min()
    }

    fn evict(&mut self, limit: u64) -> usize {
        let mut freed = 0;
        self.slots.retain(|_, slot| match slot {
            Slot::Ready { bytes, used, .. } if *used <= limit => {
                freed += *bytes;
                false
            }
            _ => true,
        });
        freed
    }

    fn clear_failed(&mut self) {
        self.slots.retain(|_, slot| !matches!(slot, Slot::Failed { .. }));
    }

    fn pending(&self) -> usize {
        self.slots.values().filter(|slot| matches!(slot, Slot::Pending { .. })).count()
    }

    fn awaited(&self, since: u64) -> usize {
        let awaited =
            |slot: &Slot<Q::Output>| matches!(slot, Slot::Pending { lane: Lane::Interactive, wanted, .. } if *wanted >= since);
        self.slots.values().filter(|slot| awaited(slot)).count()
    }
}

#[derive(Default)]
struct Inner {
    tables: HashMap<TypeId, Box<dyn AnyTable>>,
    frame: u64,
    bytes: usize,
}

/// Called when an answer arrives, to repaint.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// All answers of a project, within a budget of bytes; least recently used ones leave first. Cloning shares.
#[derive(Clone)]
pub struct QueryCache {
    inner: Arc<Mutex<Inner>>,
    arrived: Arc<Condvar>,
    budget_bytes: usize,
    wake: Wake,
}

impl std::fmt::Debug for QueryCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueryCache").field("bytes", &self.lock().bytes).finish_non_exhaustive()
    }
}

impl QueryCache {
    /// An empty cache.
    pub fn new(budget_bytes: usize, wake: Wake) -> Self {
        Self { inner: Arc::default(), arrived: Arc::default(), budget_bytes, wake }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a frame: interactive work not asked for in the last two frames is cancelled, old answers leave.
    pub fn begin_frame(&self) {
        let mut inner = self.lock();
        inner.frame += 1;
        let frame = inner.frame;
        inner.tables.values_mut().for_each(|table| table.cancel_unwanted(frame.saturating_sub(2)));
        while inner.bytes > self.budget_bytes {
            let Some(oldest) = inner.tables.values().filter_map(|table| table.oldest()).min() else { break };
            if oldest + 2 >= frame {
                break; // Everything left is on screen.
            }
            let freed: usize = inner.tables.values_mut().map(|table| table.evict(oldest)).sum();
            inner.bytes = inner.bytes.saturating_sub(freed);
        }
    }

    /// Answer of a query, or `Pending` after queueing it.
    pub fn get<Q: Query>(&self, query: &Q, lane: Lane, env: &Arc<Env>, pool: &Pool) -> Fetch<Q::Output> {
        let watch = {
            let mut inner = self.lock();
            let frame = inner.frame;
            let table = table::<Q>(&mut inner);
            match table.slots.get_mut(query) {
                Some(Slot::Ready { value, used, .. }) => {
                    *used = frame;
                    return Fetch::Ready(Arc::clone(value));
                }
                Some(Slot::Failed { error }) => return Fetch::Failed(error.clone()),
                Some(Slot::Pending { wanted, lane: queued, watch }) => {
                    *wanted = frame;
                    if lane >= *queued {
                        return Fetch::Pending;
                    }
                    // More urgent now: the same work is queued again in the faster lane; whoever starts first does it.
                    *queued = lane;
                    watch.clone()
                }
                None => {
                    let watch = Watch::default();
                    table.slots.insert(query.clone(), Slot::Pending { watch: watch.clone(), lane, wanted: frame });
                    watch
                }
            }
        };
        let (cache, query, env) = (self.clone(), query.clone(), Arc::clone(env));
        pool.push(lane, move || {
            if !watch.cancelled() && cache.is_pending(&query) {
                // The answer, good or bad, is in the cache.
                drop(cache.run(&query, &env, &watch));
            }
        });
        Fetch::Pending
    }

    /// True when everything that the last frame asked for at once was there. Asked before [`QueryCache::begin_frame`].
    pub fn complete(&self) -> bool {
        let inner = self.lock();
        inner.tables.values().all(|table| table.awaited(inner.frame) == 0)
    }

    /// Answer if it is there; queues nothing.
    pub fn peek<Q: Query>(&self, query: &Q) -> Option<Arc<Q::Output>> {
        let mut inner = self.lock();
        let frame = inner.frame;
        match table::<Q>(&mut inner).slots.get_mut(query) {
            Some(Slot::Ready { value, used, .. }) => {
                *used = frame;
                Some(Arc::clone(value))
            }
            _ => None,
        }
    }

    /// All answers of a kind that are there and wanted, in no order.
    pub fn answers<Q: Query>(&self, wanted: impl Fn(&Q) -> bool) -> Vec<(Q, Arc<Q::Output>)> {
        let mut inner = self.lock();
        let ready = |(query, slot): (&Q, &Slot<Q::Output>)| match slot {
            Slot::Ready { value, .. } if wanted(query) => Some((query.clone(), Arc::clone(value))),
            _ => None,
        };
        table::<Q>(&mut inner).slots.iter().filter_map(ready).collect()
    }

    /// Number of answers of a kind that are there.
    pub fn count<Q: Query>(&self) -> usize {
        let mut inner = self.lock();
        table::<Q>(&mut inner).slots.values().filter(|slot| matches!(slot, Slot::Ready { .. })).count()
    }

    /// Computes on the calling thread, or waits when another thread computes the same; for workers and the command line.
    pub fn compute<Q: Query>(&self, query: &Q, env: &Env, watch: &Watch) -> Result<Arc<Q::Output>, Error> {
        {
            let mut inner = self.lock();
            let frame = inner.frame;
            match table::<Q>(&mut inner).slots.get_mut(query) {
                Some(Slot::Ready { value, used, .. }) => {
                    *used = frame;
                    return Ok(Arc::clone(value));
                }
                Some(Slot::Failed { error }) => return Err(error.clone()),
                _ => {}
            }
        }
        self.run(query, env, watch)
    }

    /// As [`QueryCache::compute`], but of several threads that ask the same at a time one works and the others wait, for answers that
    /// many others share. Only for queries that share no work with themselves and split none over other threads: a thread that waits
    /// must not be one that the work needs.
    pub fn compute_once<Q: Query>(&self, query: &Q, env: &Env, watch: &Watch) -> Result<Arc<Q::Output>, Error> {
        const GLANCE: Duration = Duration::from_millis(20);
        let mut inner = self.lock();
        loop {
            let frame = inner.frame;
            let table = table::<Q>(&mut inner);
            match table.slots.get_mut(query) {
                Some(Slot::Ready { value, used, .. }) => {
                    *used = frame;
                    return Ok(Arc::clone(value));
                }
                Some(Slot::Failed { error }) => return Err(error.clone()),
                _ => {}
            }
            if watch.cancelled() {
                return Err(Error(Arc::new(anyhow::anyhow!("cancelled"))));
            }
            if table.running.insert(query.clone()) {
                break;
            }
            inner = self.arrived.wait_timeout(inner, GLANCE).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(inner);
        let result = self.run(query, env, watch);
        table::<Q>(&mut self.lock()).running.remove(query);
        self.arrived.notify_all();
        result
    }

    fn is_pending<Q: Query>(&self, query: &Q) -> bool {
        matches!(table::<Q>(&mut self.lock()).slots.get(query), Some(Slot::Pending { .. }))
    }

    fn run<Q: Query>(&self, query: &Q, env: &Env, watch: &Watch) -> Result<Arc<Q::Output>, Error> {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| query.run(env, watch)))
            .unwrap_or_else(|panic| {
                let text = panic
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                Err(anyhow::anyhow!("internal fault: {}", text.unwrap_or_default()).into())
            })
            .map(Arc::new)
            .map_err(|ErrorFrom(error)| error);
        let mut inner = self.lock();
        let frame = inner.frame;
        if watch.cancelled() && result.is_err() {
            // Nobody wants it: forget, so that the next one who asks starts afresh.
            let slots = &mut table::<Q>(&mut inner).slots;
            if matches!(slots.get(query), Some(Slot::Pending { .. })) {
                slots.remove(query);
            }
        } else {
            let slot = match &result {
                Ok(value) => Slot::Ready { value: Arc::clone(value), bytes: Q::weight(value), used: frame },
                Err(error) => {
                    tracing::warn!("{query:?}: {error}");
                    Slot::Failed { error: error.clone() }
                }
            };
            let added = if let Slot::Ready { bytes, .. } = &slot { *bytes } else { 0 };
            let old = table::<Q>(&mut inner).slots.insert(query.clone(), slot);
            let removed = if let Some(Slot::Ready { bytes, .. }) = old { bytes } else { 0 };
            inner.bytes = (inner.bytes + added).saturating_sub(removed);
        }
        drop(inner);
        self.arrived.notify_all();
        (self.wake)();
        result
    }

    /// Forgets failures, so that they are tried again.
    pub fn retry_failed(&self) {
        self.lock().tables.values_mut().for_each(|table| table.clear_failed());
    }

    /// Number of answers being computed.
    pub fn pending(&self) -> usize {
        self.lock().tables.values().map(|table| table.pending()).sum()
    }

    /// Memory of all answers, bytes.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }
}

fn table<Q: Query>(inner: &mut Inner) -> &mut Table<Q> {
    let table = inner
        .tables
        .entry(TypeId::of::<Q>())
        .or_insert_with(|| Box::new(Table::<Q> { slots: HashMap::new(), running: HashSet::new() }));
    let Some(table) = table.as_any().downcast_mut::<Table<Q>>() else {
        unreachable!("the table of a query type holds that type")
    };
    table
}
