//! Worker pool with lanes. Knows nothing of parcels.
//!
//! Interactive work runs first, then prefetch, then batch; a batch never occupies the last worker, so that a click is
//! always answered. A job that panics is reported to its owner; the pool lives on.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

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

impl Pool {
    /// A pool of so many threads (at least 1).
    pub fn new(threads: usize) -> Self {
        let threads = threads.max(1);
        let shared = Arc::new(Shared {
            queues: Mutex::new(Queues {
                lanes: [VecDeque::new(), VecDeque::new(), VecDeque::new()],
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
                std::thread::Builder::new().name(format!("worker-{number}")).spawn(move || work(&shared)).ok()
            })
            .collect();
        Self { shared, threads: handles }
    }

    /// Queues a job. Newest interactive jobs come first: what is on screen now matters most.
    pub fn push(&self, lane: Lane, job: impl FnOnce() + Send + 'static) {
        let mut queues = self.shared.lock();
        match lane {
            Lane::Interactive => queues.lanes[0].push_back(Box::new(job)),
            Lane::Prefetch => queues.lanes[1].push_back(Box::new(job)),
            Lane::Batch => queues.lanes[2].push_back(Box::new(job)),
        }
        drop(queues);
        self.shared.wake.notify_one();
    }

    /// Number of jobs that wait.
    pub fn waiting(&self) -> usize {
        self.shared.lock().lanes.iter().map(VecDeque::len).sum()
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
                if let Some(job) = queues.lanes[0].pop_front() {
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
