//! The review of the open project: its journal, what stands in it, and the commands of inspectors.
//!
//! An act is on disk before anything on screen follows it: a writer appends it on a thread of its own, the project
//! takes the answer in at the start of a frame, and only then the view goes on. Acts that come meanwhile wait their turn.

mod advance;
mod commands;
mod evidence;
mod queues;
mod seen;
mod writer;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::open::Project;
use super::queries::map::Veil;
use crate::engine::review::Review;
use crate::model::ParcelIx;
use crate::model::review::{Act, Entry, EntryId, KeptQueue, Opinion, ParcelReview, ReviewForm, Standing};
use crate::store::decisions::JournalError;

pub use advance::Counts;
pub use evidence::{Folder, PhotoFault};
pub use queues::{QueueDemand, QueueSource, column_values};
pub(in crate::project) use queues::{column_of, value_of};
use writer::{News, Writer};

/// The journal is looked at for entries of another window so often.
const LOOK_AFTER: Duration = Duration::from_secs(2);

/// What an inspector does.
#[derive(Debug, Clone, PartialEq)]
pub enum ReviewCommand {
    /// Gives the current parcel an expert verdict, and goes on to the next open one.
    Decide {
        /// Code of the verdict.
        verdict: String,
        /// Codes of the reasons.
        reasons: Vec<String>,
    },
    /// Gives the verdict and reasons of the last decision again.
    Repeat,
    /// Takes the own verdict on the current parcel away.
    Clear,
    /// Leaves the current parcel for later, and goes on.
    Defer,
    /// Flags the current parcel, or takes the flag away.
    Flag(Option<String>),
    /// The own note on the current parcel; an empty one removes it.
    Note(String),
    /// Keeps the chip of the current date as evidence, or lets it go.
    TogglePin,
    /// Takes a pin away.
    Unpin(EntryId),
    /// Copies photos beside the journal and attaches them to the current parcel.
    Attach(Vec<PathBuf>),
    /// Takes a photo away.
    Detach(EntryId),
    /// The final verdict on the current parcel.
    Resolve {
        /// Code of the verdict.
        verdict: String,
        /// Codes of the reasons.
        reasons: Vec<String>,
        /// Why, in words.
        note: String,
    },
    /// Takes the own last act back and shows its parcel.
    Undo,
    /// Does it again.
    Redo,
    /// Hides automatic verdict, markers and others' verdicts until the own one is given.
    SetBlind(bool),
    /// Closes the card at the end of the queue.
    CloseEnd,
    /// Makes a named queue and shows it.
    MakeQueue(Box<QueueDemand>),
    /// Shows a named queue.
    OpenQueue(String),
    /// Forgets a named queue.
    ForgetQueue(String),
    /// Keeps the journal in another place, and goes on there.
    MoveJournal(PathBuf),
    /// Tries to open the journal again.
    Reopen,
}

/// Where the journal stands.
#[derive(Debug, Clone, Default)]
pub enum JournalState {
    /// Nothing is loaded yet.
    #[default]
    Closed,
    /// Being read.
    Opening,
    /// Ready for acts.
    Open,
    /// Read, but nothing can be added; the sentence says why.
    ReadOnly(String),
    /// It cannot be used.
    Failed(Arc<JournalError>),
}

/// How long decisions took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Took {
    /// From the command until it was on disk, milliseconds.
    pub durable_ms: f64,
    /// From the command until the next parcel was drawn whole, milliseconds; `NaN` until it is.
    pub drawn_ms: f64,
}

/// An act on its way to disk.
#[derive(Debug)]
struct Writing {
    began: Instant,
    /// Goes on to the next parcel when it is done.
    advance: bool,
    /// What the message says, and the parcel.
    said: Said,
    parcel: String,
}

/// What happened, for a short message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// An expert verdict of this code.
    Decided(String),
    /// The verdict was taken away.
    Cleared,
    /// Left for later.
    Deferred,
    /// Flagged.
    Flagged,
    /// The flag is gone.
    Unflagged,
    /// A note was written.
    Noted,
    /// A chip was pinned.
    Pinned,
    /// A pin was taken away.
    Unpinned,
    /// So many photos were attached.
    Attached(usize),
    /// A photo was taken away.
    Detached,
    /// A final verdict of this code.
    Resolved(String),
    /// Something of this kind was taken back.
    Undone(&'static str),
    /// Something of this kind counts again.
    Redone(&'static str),
}

/// A message about a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub parcel: String,
    /// What happened.
    pub said: Said,
}

/// Why an act was refused.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// The journal cannot take it: nothing was lost, nothing new is stored.
    Journal(Arc<JournalError>),
    /// No data are loaded in the evidence window: only a reason that says so is taken.
    NoData,
    /// The verdict needs a reason.
    NeedsReason,
    /// There is nothing to take back or do again.
    Nothing,
    /// There is no decision to repeat.
    NothingToRepeat,
    /// The journal is read-only or not open; why, in words.
    Closed(String),
    /// A photo cannot be attached.
    Photo(String),
    /// A queue cannot be made; why.
    Queue(String),
}

/// The review as the window and scripts see it.
#[derive(Debug)]
pub struct Reviewing {
    form: Arc<ReviewForm>,
    form_fault: Option<String>,
    state: JournalState,
    review: Review,
    queues: Vec<KeptQueue>,
    writer: Option<Writer>,
    /// Name of the journal.
    journal: String,
    user: String,
    wants_read_only: bool,
    blind: bool,
    /// Current parcel and since when.
    current: Option<(ParcelIx, Instant)>,
    writing: Option<Writing>,
    waiting: VecDeque<ReviewCommand>,
    ended: bool,
    last: Option<(String, Vec<String>)>,
    began: Timestamp,
    took: Vec<Took>,
    /// When the decision came whose next parcel is being drawn, and frames since.
    drawing: Option<(Instant, u32)>,
    looked: Option<Instant>,
    messages: Vec<Message>,
    refusal: Option<Refusal>,
    revision: u64,
    counts: Arc<Counts>,
    /// What the counts were made of: entries, rows of the queue, data.
    counted: Option<(u64, usize, u64)>,
    /// What a blind reviewer may see on the map, with the entries and data that it was made of.
    veil: Mutex<Option<((u64, u64), Veil)>>,
}

impl Default for Reviewing {
    fn default() -> Self {
        Self {
            form: Arc::new(crate::io::review::shipped_form()),
            form_fault: None,
            state: JournalState::Closed,
            review: Review::fold(&[]),
            queues: Vec::new(),
            writer: None,
            journal: String::new(),
            user: crate::store::session::system_user(),
            wants_read_only: false,
            blind: false,
            current: None,
            writing: None,
            waiting: VecDeque::new(),
            ended: false,
            last: None,
            began: Timestamp::now(),
            took: Vec::new(),
            drawing: None,
            looked: None,
            messages: Vec::new(),
            refusal: None,
            revision: 0,
            counts: Arc::default(),
            counted: None,
            veil: Mutex::default(),
        }
    }
}

impl Reviewing {
    /// Verdicts and reasons of the agency.
    pub fn form(&self) -> &ReviewForm {
        &self.form
    }

    /// Why the project's own list of verdicts cannot be used; the shipped one stands in.
    pub fn form_fault(&self) -> Option<&str> {
        self.form_fault.as_deref()
    }

    /// Where the journal stands.
    pub fn state(&self) -> &JournalState {
        &self.state
    }

    /// Everything that was entered.
    pub fn review(&self) -> &Review {
        &self.review
    }

    /// What stands of a parcel.
    pub fn of(&self, parcel: &str) -> Option<&ParcelReview> {
        self.review.of(parcel)
    }

    /// Open, deferred or decided; in a blind review by this user alone.
    pub fn standing(&self, parcel: &str) -> Standing {
        let Some(own) = self.of(parcel) else { return Standing::Open };
        if !self.blind {
            return own.standing();
        }
        match own.standing() {
            Standing::Deferred => Standing::Deferred,
            _ if own.opinions.contains_key(&self.user) => Standing::Decided,
            _ => Standing::Open,
        }
    }

    /// The verdict that lists and maps show of a parcel: the latest, in a blind review the own one.
    pub fn shown<'r>(&self, own: &'r ParcelReview) -> Option<&'r Opinion> {
        if self.blind { own.opinions.get(&self.user) } else { own.latest.as_ref().map(|(_, opinion)| opinion) }
    }

    /// True while the automatic verdict and those of others are to be hidden for a parcel.
    pub fn hides(&self, parcel: &str) -> bool {
        self.blind && self.of(parcel).is_none_or(|own| !own.opinions.contains_key(&self.user))
    }

    /// Named queues.
    pub fn queues(&self) -> &[KeptQueue] {
        &self.queues
    }

    /// Who reviews.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Automatic verdicts are hidden until the own one is given.
    pub fn blind(&self) -> bool {
        self.blind
    }

    /// True while an act is on its way to disk.
    pub fn writing(&self) -> bool {
        self.writing.is_some()
    }

    /// True after the last open parcel of the queue was decided, until the card is closed.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Verdict and reasons that *repeat* gives.
    pub fn last(&self) -> Option<&(String, Vec<String>)> {
        self.last.as_ref()
    }

    /// How long the decisions of this sitting took.
    pub fn took(&self) -> &[Took] {
        &self.took
    }

    /// When this sitting began.
    pub fn began(&self) -> Timestamp {
        self.began
    }

    /// Why the last act was refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// Grows with every change of what stands.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// True when acts can be added.
    pub fn writable(&self) -> bool {
        matches!(self.state, JournalState::Open)
    }
}

impl Project {
    /// The review.
    pub fn review(&self) -> &Reviewing {
        &self.reviewing
    }

    /// Says who reviews; an empty name leaves the system's.
    pub fn set_reviewer(&mut self, user: &str) {
        let user = user.trim();
        self.reviewing.user = if user.is_empty() { crate::store::session::system_user() } else { user.to_owned() };
        self.reviewing.revision += 1;
    }

    /// Opens the journal without adding to it.
    pub fn set_read_only(&mut self, read_only: bool) {
        self.reviewing.wants_read_only = read_only;
        self.open_journal();
    }

    /// Messages that the window has not shown yet.
    pub fn take_review_messages(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.reviewing.messages)
    }

    /// Why an act was refused, once.
    pub fn take_refusal(&mut self) -> Option<Refusal> {
        self.reviewing.refusal.take()
    }

    /// Hides verdicts where the last sitting hid them.
    pub(super) fn restore_blind(&mut self) {
        self.reviewing.blind = self.place.saved.blind;
        self.reviewing.revision += 1;
    }

    /// Reads form and journal.
    pub(super) fn open_journal(&mut self) {
        let path = self.journal_path();
        let reviewing = &mut self.reviewing;
        reviewing.form_fault = None;
        reviewing.form = Arc::new(super::decisions::form_of(&self.path, &self.file).unwrap_or_else(|error| {
            reviewing.form_fault = Some(error.to_string());
            crate::io::review::shipped_form()
        }));
        reviewing.state = JournalState::Opening;
        reviewing.writer = Some(Writer::open(path, reviewing.wants_read_only, Arc::clone(&self.wake)));
        if let Some(fault) = &self.reviewing.form_fault {
            self.note(fault.clone(), true);
        }
    }

    /// Takes in what the writer has done; at the start of a frame.
    pub(super) fn take_review(&mut self) {
        self.time_parcel();
        while let Some(news) = self.reviewing.writer.as_ref().and_then(Writer::poll) {
            match news {
                News::Opened(opened) => self.take_opened(opened),
                News::Written(written) => self.take_written(written),
                News::Attached(written, faults) => self.take_attached(written, &faults),
                News::Fault(error) => {
                    self.note(error.to_string(), true);
                    self.reviewing.refusal = Some(Refusal::Journal(Arc::new(error)));
                }
                News::Queues(queues) => self.reviewing.queues = queues,
                News::Moved(moved) => self.take_moved(moved),
                News::Elsewhere(entries) => {
                    let count = entries.len();
                    self.reviewing.review.extend(entries);
                    self.reviewing.revision += 1;
                    self.note(format!("{count} entries were added to the journal by another window or program"), false);
                }
            }
        }
        let due = self.reviewing.looked.is_none_or(|looked| looked.elapsed() >= LOOK_AFTER);
        if due && self.reviewing.writable() && self.reviewing.writing.is_none() {
            self.reviewing.looked = Some(Instant::now());
            if let Some(writer) = &self.reviewing.writer {
                writer.look_elsewhere();
            }
        }
        self.count_review();
    }

    /// File of the journal.
    pub fn journal_path(&self) -> PathBuf {
        super::decisions::journal_path(&self.path, &self.file)
    }

    /// Waits until every act so far is on disk; for scripts and tests.
    pub fn wait_review(&mut self) {
        while matches!(self.reviewing.state, JournalState::Opening) || self.reviewing.writing.is_some() {
            if let Some(writer) = &self.reviewing.writer {
                writer.wait();
            }
            self.take_review();
        }
    }

    fn take_opened(&mut self, opened: Result<writer::Opened, JournalError>) {
        let reviewing = &mut self.reviewing;
        match opened {
            Ok(opened) => {
                reviewing.review = Review::fold(&opened.entries);
                reviewing.queues = opened.queues;
                reviewing.journal = opened.name;
                reviewing.state = match opened.read_only {
                    None => JournalState::Open,
                    Some(why) => JournalState::ReadOnly(why),
                };
                reviewing.last = None;
                reviewing.revision += 1;
                self.restore_queue();
                self.catch_up();
            }
            Err(error) => {
                let error = Arc::new(error);
                reviewing.state = JournalState::Failed(Arc::clone(&error));
                self.note(error.to_string(), true);
            }
        }
    }

    /// Does what came meanwhile, as far as nothing is in its way: after a refusal the rest was meant for parcels that do not come.
    fn go_on(&mut self) {
        while self.reviewing.writing.is_none()
            && let Some(next) = self.reviewing.waiting.pop_front()
        {
            self.do_review(next);
            if self.reviewing.refusal.is_some() {
                self.reviewing.waiting.clear();
            }
        }
    }

    /// Photos are copied and attached; those that could not be are named.
    fn take_attached(&mut self, written: Result<Vec<Entry>, JournalError>, faults: &[String]) {
        match &written {
            // None could be read: nothing was written.
            Ok(entries) if entries.is_empty() => self.reviewing.writing = None,
            Ok(entries) => {
                let count = entries.iter().filter(|entry| matches!(entry.act, Act::Attach(_))).count();
                if let Some(writing) = &mut self.reviewing.writing {
                    writing.said = Said::Attached(count);
                }
            }
            Err(_) => {}
        }
        self.take_written(written);
        if !faults.is_empty() {
            self.refuse(Refusal::Photo(faults.join("; ")));
        }
        self.go_on();
    }

    fn take_written(&mut self, written: Result<Vec<Entry>, JournalError>) {
        let Some(writing) = self.reviewing.writing.take() else { return };
        match written {
            Ok(entries) => {
                self.reviewing.took.push(Took { durable_ms: writing.began.elapsed().as_secs_f64() * 1e3, drawn_ms: f64::NAN });
                if let Some(own) = entries.iter().rev().find(|entry| entry.user == self.reviewing.user)
                    && self.reviewing.journal.is_empty()
                {
                    self.reviewing.journal.clone_from(&own.journal);
                }
                self.reviewing.review.extend(entries);
                self.reviewing.revision += 1;
                self.reviewing.refusal = None;
                // Who has gone elsewhere meanwhile stays there.
                let still = self.current_id().is_some_and(|(_, id)| id == writing.parcel);
                self.reviewing.messages.push(Message { parcel: writing.parcel, said: writing.said });
                if writing.advance && still {
                    self.advance();
                    self.reviewing.drawing = Some((writing.began, 0));
                }
                self.go_on();
            }
            Err(error) => {
                // What was typed ahead was meant for parcels that do not come now.
                self.reviewing.waiting.clear();
                self.note(error.to_string(), true);
                self.reviewing.refusal = Some(Refusal::Journal(Arc::new(error)));
            }
        }
    }
}
