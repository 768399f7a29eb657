//! Worker pool with lanes. Knows nothing of parcels.
//!
//! Interactive work runs first, then prefetch, then batch; a batch never occupies the last worker, so that a click is
//! always answered. A job that panics is reported to its owner; the pool lives on.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Urgency of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Somebody looks at the place where the answer will appear.
    Interactive,
    /// Somebody will probably look soon.
    Prefetch,
    /// Long work.
    Batch,
}

type Work = Box<dyn FnOnce() + Send>;

struct Queues {
    lanes: [VecDeque<Work>; 3],
    /// Interactive work of a pool that takes the newest first: what was asked for together stays in its order.
    together: Option<Groups>,
    batch_running: usize,
    closed: bool,
}

struct Shared {
    queues: Mutex<Queues>,
    wake: Condvar,
    threads: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queues> {
        // A poisoned lock only means that a job panicked elsewhere; the queues are still whole.
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Named threads that take jobs; joined on drop, waiting jobs are dropped.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("threads", &self.threads.len()).finish_non_exhaustive()
    }
}

/// Jobs in groups that were asked for together.
struct Groups {
    within: Duration,
    groups: Vec<(Instant, VecDeque<Work>)>,
}

/// Asked for within this time is asked for together, as by one frame.
const TOGETHER: Duration = Duration::from_millis(60);

impl Queues {
    fn push_interactive(&mut self, work: Work) {
        let Some(Groups { within, groups }) = &mut self.together else { return self.lanes[0].push_back(work) };
        match groups.last_mut() {
            Some((since, group)) if since.elapsed() < *within => group.push_back(work),
            _ => groups.push((Instant::now(), VecDeque::from([work]))),
        }
    }

    fn pop_interactive(&mut self) -> Option<Work> {
        let Some(Groups { groups, .. }) = &mut self.together else { return self.lanes[0].pop_front() };
        while let Some((_, group)) = groups.last_mut() {
            if let Some(work) = group.pop_front() {
                return Some(work);
            }
            groups.pop();
        }
        None
    }

    fn waiting(&self) -> usize {
        let grouped = self.together.iter().flat_map(|all| &all.groups).map(|(_, group)| group.len()).sum::<usize>();
        self.lanes.iter().map(VecDeque::len).sum::<usize>() + grouped
    }
}

impl Pool {
    /// A pool of so many threads (at least 1).
    pub fn new(threads: usize) -> Self {
        Self::with_order(threads, "worker", None)
    }

    /// A pool for jobs that mostly wait for a network: what somebody asked for last comes first, since what was asked for before is
    /// perhaps no longer looked at. What was asked for together keeps its order.
    pub fn newest_first(threads: usize) -> Self {
        Self::with_order(threads, "network", Some(TOGETHER))
    }

    fn with_order(threads: usize, name: &str, together: Option<Duration>) -> Self {
        let threads = threads.max(1);
        let shared = Arc::new(Shared {
            queues: Mutex::new(Queues {
                lanes: [VecDeque::new(), VecDeque::new(), VecDeque::new()],
                together: together.map(|within| Groups { within, groups: Vec::new() }),
                batch_running: 0,
                closed: false,
            }),
            wake: Condvar::new(),
            threads,
        });
        let handles = (0..threads)
            .filter_map(|number| {
                let shared = Arc::clone(&shared);
                // A thread that the system refuses is one worker less, not a failure: at least the first is checked below.
                std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || work(&shared)).ok()
            })
            .collect();
        Self { shared, threads: handles }
    }

    /// Queues a job.
    pub fn push(&self, lane: Lane, job: impl FnOnce() + Send + 'static) {
        let mut queues = self.shared.lock();
        match lane {
            Lane::Interactive => queues.push_interactive(Box::new(job)),
            Lane::Prefetch => queues.lanes[1].push_back(Box::new(job)),
            Lane::Batch => queues.lanes[2].push_back(Box::new(job)),
        }
        drop(queues);
        self.shared.wake.notify_one();
    }

    /// Number of jobs that wait.
    pub fn waiting(&self) -> usize {
        self.shared.lock().waiting()
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.threads.len()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut queues = self.shared.lock();
        queues.closed = true;
        queues.lanes.iter_mut().for_each(VecDeque::clear);
        queues.together.iter_mut().for_each(|all| all.groups.clear());
        drop(queues);
        self.shared.wake.notify_all();
        for thread in self.threads.drain(..) {
            // A worker that panicked outside a job has nothing left to say.
            drop(thread.join());
        }
    }
}

fn work(shared: &Shared) {
    loop {
        let (job, batch) = {
            let mut queues = shared.lock();
            loop {
                if queues.closed {
                    return;
                }
                if let Some(job) = queues.pop_interactive() {
                    break (job, false);
                }
                if let Some(job) = queues.lanes[1].pop_front() {
                    break (job, false);
                }
                let free_for_batch = queues.batch_running + 1 < shared.threads || shared.threads == 1;
                if free_for_batch && let Some(job) = queues.lanes[2].pop_front() {
                    queues.batch_running += 1;
                    break (job, true);
                }
                queues = shared.wake.wait(queues).unwrap_or_else(PoisonError::into_inner);
            }
        };
        // Jobs report their own failure; a panic must not take the worker with it.
        drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)));
        if batch {
            shared.lock().batch_running -= 1;
            shared.wake.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::bounded;

    #[test]
    fn interactive_work_overtakes_and_a_panic_does_not_stop_the_pool() {
        let pool = Pool::new(1);
        let (gate_in, gate) = bounded::<()>(0);
        let (sender, receiver) = bounded(8);
        pool.push(Lane::Interactive, move || assert!(gate.recv().is_ok()));
        pool.push(Lane::Interactive, || panic!("a job may fail"));
        for (lane, name) in [(Lane::Batch, "batch"), (Lane::Prefetch, "prefetch"), (Lane::Interactive, "interactive")] {
            let sender = sender.clone();
            pool.push(lane, move || assert!(sender.send(name).is_ok()));
        }
        gate_in.send(()).expect("the first job waits");
        let order: Vec<_> = (0..3).map(|_| receiver.recv().expect("all jobs run")).collect();
        assert_eq!(order, ["interactive", "prefetch", "batch"]);
    }

    /// The order in which a pool does four jobs that it was given while it was busy.
    fn order_of(together: Duration) -> Vec<i32> {
        let pool = Pool::with_order(1, "network", Some(together));
        let (gate_in, gate) = bounded::<()>(0);
        let (sender, receiver) = bounded(8);
        pool.push(Lane::Interactive, move || assert!(gate.recv().is_ok()));
        while pool.waiting() > 0 {
            std::thread::yield_now();
        }
        for number in 0..4 {
            let sender = sender.clone();
            pool.push(Lane::Interactive, move || assert!(sender.send(number).is_ok()));
        }
        gate_in.send(()).expect("the first job waits");
        (0..4).map(|_| receiver.recv().expect("all jobs run")).collect()
    }

    #[test]
    fn a_pool_for_the_network_takes_the_newest_first_and_what_was_asked_together_in_its_order() {
        assert_eq!(order_of(Duration::ZERO), [3, 2, 1, 0]);
        assert_eq!(order_of(Duration::from_hours(1)), [0, 1, 2, 3]);
    }

    #[test]
    fn a_batch_leaves_one_worker_free() {
        let pool = Pool::new(2);
        let (gate_in, gate) = bounded::<()>(0);
        let (sender, receiver) = bounded(8);
        for _ in 0..2 {
            let gate = gate.clone();
            pool.push(Lane::Batch, move || assert!(gate.recv().is_ok()));
        }
        pool.push(Lane::Interactive, move || assert!(sender.send("answered").is_ok()));
        assert_eq!(receiver.recv(), Ok("answered"));
        gate_in.send(()).expect("first batch");
        gate_in.send(()).expect("second batch");
    }
}
