//! How many requests of a server run at a time, and who comes next: the newest call first, within a call in order.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Number of a call; a later one has a larger number and comes first.
pub(super) type Call = u64;

#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    tickets: u64,
    waiting: BTreeMap<(Reverse<Call>, u64), oneshot::Sender<Permit>>,
}

/// The right to run one request; given back on drop.
#[derive(Debug)]
pub(super) struct Permit(Option<Arc<Gate>>);

impl Gate {
    pub(super) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State { free: places.max(1), tickets: 0, waiting: BTreeMap::new() }) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place.
    pub(super) async fn enter(self: &Arc<Self>, call: Call) -> Permit {
        let receiver = {
            let mut state = self.lock();
            if state.free > 0 {
                state.free -= 1;
                return Permit(Some(Arc::clone(self)));
            }
            let (sender, receiver) = oneshot::channel();
            state.tickets += 1;
            let ticket = state.tickets;
            state.waiting.insert((Reverse(call), ticket), sender);
            receiver
        };
        // The sender lives in the gate until it has sent; a permit without a gate could only run one request more.
        receiver.await.unwrap_or(Permit(None))
    }

    /// Requests that wait for a place and are still wanted.
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting.values().filter(|sender| !sender.is_closed()).count()
    }

    fn leave(self: Arc<Self>) {
        loop {
            let next = {
                let mut state = self.lock();
                let Some((_, sender)) = state.waiting.pop_first() else {
                    state.free += 1;
                    return;
                };
                sender
            };
            match next.send(Permit(Some(Arc::clone(&self)))) {
                Ok(()) => return,
                // Nobody waits there any more: this permit is spent on the next one.
                Err(mut permit) => permit.0 = None,
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(gate) = self.0.take() {
            gate.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_newest_call_comes_first_and_a_cancelled_one_takes_no_place() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let gate = Gate::new(1);
            let first = gate.enter(1).await;
            let (sender, mut order) = tokio::sync::mpsc::channel(8);
            for (call, name) in [(1, "old a"), (1, "old b"), (3, "new"), (2, "gone")] {
                let (gate, sender) = (Arc::clone(&gate), sender.clone());
                let task = tokio::spawn(async move {
                    let permit = gate.enter(call).await;
                    sender.send(name).await.expect("the test listens");
                    drop(permit);
                });
                tokio::time::sleep(Duration::from_millis(5)).await;
                if name == "gone" {
                    task.abort();
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert_eq!(gate.waiting(), 3);
            drop((first, sender));
            let mut found = Vec::new();
            while let Some(name) = order.recv().await {
                found.push(name);
            }
            assert_eq!(found, ["new", "old a", "old b"]);
            assert_eq!(gate.lock().free, 1);
        });
    }
}
