//! The thread that alone touches the journal: acts are written one after the other, each on disk before its answer comes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use jiff::Timestamp;

use crate::jobs::{Lane, Pool};
use crate::model::review::{Entry, KeptQueue};
use crate::project::query::Wake;
use crate::store::decisions::{Draft, Journal, JournalError};

/// So many answers may wait: more than anybody can type.
const ANSWERS: usize = 256;

/// Why a project that was opened to look only takes no decisions.
const READ_ONLY: &str = "the project is open read-only";

/// A journal that was read.
#[derive(Debug)]
pub(super) struct Opened {
    /// Name of the journal.
    pub name: String,
    /// All entries.
    pub entries: Vec<Entry>,
    /// Named queues.
    pub queues: Vec<KeptQueue>,
    /// Why nothing can be added; `None` when it can.
    pub read_only: Option<String>,
}

/// What the thread tells.
#[derive(Debug)]
pub(super) enum News {
    /// The journal was read.
    Opened(Result<Opened, JournalError>),
    /// Acts are on disk, or could not be written.
    Written(Result<Vec<Entry>, JournalError>),
    /// Photos are attached, or could not be written down; and what is wrong with others.
    Attached(Result<Vec<Entry>, JournalError>, Vec<String>),
    /// A queue could not be kept or forgotten.
    Fault(JournalError),
    /// Entries that somebody else added.
    Elsewhere(Vec<Entry>),
    /// Named queues as they are now.
    Queues(Vec<KeptQueue>),
    /// The journal is in another place now.
    Moved(Result<PathBuf, JournalError>),
}

/// The open journal, and the place up to which its entries were told.
#[derive(Debug)]
struct Desk {
    journal: Journal,
    told: i64,
}

impl Desk {
    /// Appends acts; gives them with what others have added meanwhile.
    fn append(&mut self, acts: Vec<Draft>) -> Result<Vec<Entry>, JournalError> {
        self.journal.append_all(acts, Timestamp::now())?;
        self.fresh()
    }

    /// Entries that were not told yet, of this window and of others.
    fn fresh(&mut self) -> Result<Vec<Entry>, JournalError> {
        let (entries, told) = self.journal.entries_after(self.told)?;
        self.told = told;
        Ok(entries)
    }
}

/// Hands acts to the thread.
#[derive(Debug)]
pub(super) struct Writer {
    news: Receiver<News>,
    waiting: Arc<Mutex<Option<News>>>,
    send: Sender<News>,
    desk: Arc<Mutex<Option<Desk>>>,
    wake: Wake2,
    path: PathBuf,
    // Declared last: joined after the receiver is gone.
    pool: Pool,
}

/// A wake closure that can be printed.
#[derive(Clone)]
struct Wake2(Wake);

impl std::fmt::Debug for Wake2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wake")
    }
}

impl Writer {
    /// Starts the thread and reads the journal; where there is none yet, the first act makes it.
    pub fn open(path: PathBuf, read_only: bool, wake: Wake) -> Self {
        let (send, news) = crossbeam_channel::bounded(ANSWERS);
        let writer = Self {
            news,
            waiting: Arc::default(),
            send,
            desk: Arc::default(),
            wake: Wake2(wake),
            path: path.clone(),
            pool: Pool::new(1),
        };
        let desk = Arc::clone(&writer.desk);
        writer.run(move || News::Opened(open(&path, read_only, &desk)));
        writer
    }

    /// Appends acts in one transaction.
    pub fn append(&self, acts: Vec<Draft>) {
        let path = self.path.clone();
        let desk = Arc::clone(&self.desk);
        self.run(move || News::Written(with(&desk, &path, |desk| desk.append(acts))));
    }

    /// Copies photos and appends what comes of it, in one transaction.
    pub fn attach(&self, take: impl FnOnce() -> (Vec<Draft>, Vec<String>) + Send + 'static) {
        let (desk, path) = (Arc::clone(&self.desk), self.path.clone());
        self.run(move || {
            let (acts, faults) = take();
            let written = if acts.is_empty() { Ok(Vec::new()) } else { with(&desk, &path, |desk| desk.append(acts)) };
            News::Attached(written, faults)
        });
    }

    /// Keeps or forgets a named queue.
    pub fn change_queues(&self, change: impl FnOnce(&mut Journal) -> Result<(), JournalError> + Send + 'static) {
        let (desk, path) = (Arc::clone(&self.desk), self.path.clone());
        self.run(move || {
            let done = with(&desk, &path, |desk| {
                change(&mut desk.journal)?;
                desk.journal.queues()
            });
            match done {
                Ok(queues) => News::Queues(queues),
                Err(error) => News::Fault(error),
            }
        });
    }

    /// Copies the journal to another place and goes on there.
    pub fn move_to(&self, path: PathBuf) {
        let (desk, own) = (Arc::clone(&self.desk), self.path.clone());
        self.run(move || News::Moved(with(&desk, &own, |desk| copy(&desk.journal, &path)).map(|()| path)));
    }

    /// Asks whether somebody else has added entries; there is only an answer when somebody has.
    pub fn look_elsewhere(&self) {
        let (desk, send, wake, path) = (Arc::clone(&self.desk), self.send.clone(), self.wake.clone(), self.path.clone());
        self.pool.push(Lane::Interactive, move || {
            let there = desk.lock().unwrap_or_else(PoisonError::into_inner).is_some();
            if !there && !path.exists() {
                return; // Nobody has decided anything yet.
            }
            let look = |desk: &mut Desk| {
                let changed = desk.journal.changed_elsewhere()?;
                if changed || !there { desk.fresh() } else { Ok(Vec::new()) }
            };
            let found = with(&desk, &path, look);
            if let Ok(entries) = found
                && !entries.is_empty()
            {
                // Nobody waits for it any more: the project was closed.
                drop(send.send(News::Elsewhere(entries)));
                (wake.0)();
            }
        });
    }

    fn run(&self, work: impl FnOnce() -> News + Send + 'static) {
        let (send, wake) = (self.send.clone(), self.wake.clone());
        self.pool.push(Lane::Interactive, move || {
            // Nobody waits for it any more: the project was closed. What was to be written is.
            drop(send.send(work()));
            (wake.0)();
        });
    }

    /// The next answer, if there is one.
    pub fn poll(&self) -> Option<News> {
        let kept = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.or_else(|| self.news.try_recv().ok())
    }

    /// Waits for an answer, at most a second.
    pub fn wait(&self) {
        let mut kept = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            *kept = self.news.recv_timeout(Duration::from_secs(1)).ok();
        }
    }
}

fn with<T>(
    desk: &Mutex<Option<Desk>>,
    path: &Path,
    work: impl FnOnce(&mut Desk) -> Result<T, JournalError>,
) -> Result<T, JournalError> {
    let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
    let desk = match &mut *desk {
        Some(desk) => desk,
        // The first act makes the journal; looking at a project does not.
        none => none.insert(Desk { journal: Journal::open(path)?, told: 0 }),
    };
    work(desk)
}

/// A journal with the same entries in another place, where none is yet; its own name is another one.
fn copy(journal: &Journal, path: &Path) -> Result<(), JournalError> {
    if path.exists() {
        // What is there stays; a journal that was begun there is gone on with.
        return Journal::open(path).map(drop);
    }
    let mut other = Journal::open(path)?;
    other.adopt(&journal.entries()?)?;
    journal.queues()?.iter().try_for_each(|queue| other.keep_queue(queue))
}

/// Reads a journal; one that cannot be written is read only.
fn open(path: &Path, read_only: bool, place: &Mutex<Option<Desk>>) -> Result<Opened, JournalError> {
    if !path.exists() {
        let why = read_only.then(|| READ_ONLY.to_owned());
        return Ok(Opened { name: String::new(), entries: Vec::new(), queues: Vec::new(), read_only: why });
    }
    let (journal, why) = if read_only {
        (Journal::open_read_only(path)?, Some(READ_ONLY.to_owned()))
    } else {
        match Journal::open(path) {
            Ok(journal) => (journal, None),
            // Where there is one already, its decisions are worth seeing.
            Err(error @ JournalError::ReadOnly { .. }) if path.exists() => {
                (Journal::open_read_only(path)?, Some(error.to_string()))
            }
            Err(error) => return Err(error),
        }
    };
    let name = journal.name().to_owned();
    let mut desk = Desk { journal, told: 0 };
    let opened = Opened { name, entries: desk.fresh()?, queues: desk.journal.queues()?, read_only: why };
    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(desk);
    Ok(opened)
}
