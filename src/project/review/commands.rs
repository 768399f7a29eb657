//! The commands of inspectors: each becomes entries of the journal.

use std::path::PathBuf;
use std::time::Instant;

use jiff::Timestamp;

use super::writer::Writer;
use super::{JournalState, Refusal, ReviewCommand, Said, Writing};
use crate::io;
use crate::model::ParcelIx;
use crate::model::review::{Act, Decided, Need, Pin, Pinned, Resolved};
use crate::model::units::utc_day;
use crate::project::Project;
use crate::store::decisions::Draft;

impl Project {
    /// Does what an inspector wants, or keeps it until the act before is on disk.
    pub(in crate::project) fn review_command(&mut self, command: ReviewCommand) {
        if self.reviewing.writing.is_some() && appends(&command) {
            self.reviewing.waiting.push_back(command);
        } else {
            self.do_review(command);
        }
    }

    pub(super) fn do_review(&mut self, command: ReviewCommand) {
        match command {
            ReviewCommand::Decide { verdict, reasons } => self.decide(verdict, reasons),
            ReviewCommand::Repeat => match self.reviewing.last.clone() {
                Some((verdict, reasons)) => self.decide(verdict, reasons),
                None => self.refuse(Refusal::NothingToRepeat),
            },
            ReviewCommand::Clear => self.clear(),
            ReviewCommand::Defer => self.append(Act::Defer, Said::Deferred, true),
            ReviewCommand::Flag(Some(reason)) => self.append(Act::Flag { reason }, Said::Flagged, false),
            ReviewCommand::Flag(None) => self.append(Act::Unflag, Said::Unflagged, false),
            ReviewCommand::Note(text) => self.append(Act::Note { text: text.trim().to_owned() }, Said::Noted, false),
            ReviewCommand::TogglePin => self.toggle_pin(),
            ReviewCommand::Unpin(entry) => self.append(Act::Unpin { entry }, Said::Unpinned, false),
            ReviewCommand::Attach(paths) => self.attach(paths),
            ReviewCommand::Detach(entry) => self.append(Act::Detach { entry }, Said::Detached, false),
            ReviewCommand::Resolve { verdict, reasons, note } => {
                let said = Said::Resolved(verdict.clone());
                self.append(Act::Resolve(Box::new(Resolved { verdict, reasons, note })), said, true);
            }
            ReviewCommand::Undo => self.take_back(),
            ReviewCommand::Redo => self.do_again(),
            ReviewCommand::SetBlind(blind) => {
                self.reviewing.blind = blind;
                self.reviewing.revision += 1;
            }
            ReviewCommand::CloseEnd => self.reviewing.ended = false,
            ReviewCommand::MakeQueue(demand) => self.make_queue(*demand),
            ReviewCommand::OpenQueue(name) => self.open_queue(&name),
            ReviewCommand::ForgetQueue(name) => self.forget_queue(name),
            ReviewCommand::MoveJournal(path) => self.move_journal(path),
            ReviewCommand::Reopen => self.open_journal(),
        }
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.reviewing.refusal = Some(refusal);
    }

    /// Id of the current parcel.
    pub(super) fn current_id(&self) -> Option<(ParcelIx, String)> {
        let parcel = self.selection.parcel?;
        Some((parcel, self.data()?.parcels.id(parcel).to_owned()))
    }

    /// An expert verdict, with all that was on screen.
    fn decide(&mut self, verdict: String, reasons: Vec<String>) {
        let Some((parcel, _)) = self.current_id() else { return };
        let form = &self.reviewing.form;
        let Some(word) = form.verdict(&verdict) else { return };
        if word.reason == Need::Required && reasons.is_empty() {
            return self.refuse(Refusal::NeedsReason);
        }
        let says_no_data = reasons.iter().filter_map(|code| form.reason(code)).any(|reason| reason.no_data);
        let seen = self.seen(parcel);
        if seen.clear_in_window.unwrap_or(0) == 0 && !says_no_data {
            return self.refuse(Refusal::NoData);
        }
        let duration_ms =
            self.reviewing.current.filter(|(own, _)| *own == parcel).map_or(0, |(_, since)| since.elapsed().as_millis());
        let decided = Decided {
            verdict: verdict.clone(),
            reasons: reasons.clone(),
            duration_ms: duration_ms as u64,
            blind: self.reviewing.blind,
            automatic: self.automatic_of(parcel),
            seen,
        };
        self.append(Act::Decide(Box::new(decided)), Said::Decided(verdict.clone()), true);
        if self.reviewing.writing.is_some() {
            self.reviewing.last = Some((verdict, reasons));
        }
    }

    fn clear(&mut self) {
        let Some((_, id)) = self.current_id() else { return };
        let user = self.reviewing.user.as_str();
        let decided = self.reviewing.of(&id).is_some_and(|own| own.opinions.contains_key(user) || own.deferred);
        if decided {
            self.append(Act::Clear, Said::Cleared, false);
        } else {
            self.refuse(Refusal::Nothing);
        }
    }

    /// Keeps the chip of the current date, or lets it go.
    fn toggle_pin(&mut self) {
        let (Some((_, id)), Some(acquisition)) = (self.current_id(), self.selection.acquisition) else { return };
        let Some(data) = self.data() else { return };
        let row = data.catalog.get(acquisition);
        let what = Pinned::Chip { acquired: row.acquired, sensor: row.sensor.code().to_owned() };
        let view = self.file.display.view.label();
        let pinned = self.reviewing.of(&id).and_then(|own| own.pins.iter().find(|(_, pin)| pin.what == what && pin.view == view));
        if let Some((entry, _)) = pinned {
            let entry = entry.clone();
            self.append(Act::Unpin { entry }, Said::Unpinned, false);
        } else {
            let stretch = super::seen::stretch_text(&self.file.display.stretch);
            self.append(Act::Pin(Box::new(Pin { what, view, stretch })), Said::Pinned, false);
        }
    }

    fn take_back(&mut self) {
        let reviewing = &self.reviewing;
        let Some(entry) = reviewing.review.undoable(&reviewing.journal, &reviewing.user, Timestamp::MIN) else {
            return self.refuse(Refusal::Nothing);
        };
        let (parcel, id, kind) = (entry.parcel.clone(), entry.id.clone(), entry.act.kind());
        self.append_to(parcel, Act::Undo { entry: id }, Said::Undone(kind), false);
    }

    fn do_again(&mut self) {
        let reviewing = &self.reviewing;
        let Some(entry) = reviewing.review.redoable(&reviewing.journal, &reviewing.user, Timestamp::MIN) else {
            return self.refuse(Refusal::Nothing);
        };
        let (parcel, id, kind) = (entry.parcel.clone(), entry.id.clone(), entry.act.kind());
        self.append_to(parcel, Act::Redo { entry: id }, Said::Redone(kind), false);
    }

    /// Hands an act about the current parcel to the writer; goes on when it is on disk.
    pub(super) fn append(&mut self, act: Act, said: Said, advance: bool) {
        if let Some((_, parcel)) = self.current_id() {
            self.append_to(parcel, act, said, advance);
        }
    }

    /// The same about any parcel, which is shown when it is not the current one.
    fn append_to(&mut self, parcel: String, act: Act, said: Said, advance: bool) {
        let draft = Draft { parcel: parcel.clone(), user: self.reviewing.user.clone(), act };
        self.write(parcel, said, advance, |writer| writer.append(vec![draft]));
    }

    /// Hands work about a parcel to the writer, when the journal takes it; the parcel is shown.
    pub(super) fn write(&mut self, parcel: String, said: Said, advance: bool, work: impl FnOnce(&Writer)) {
        match &self.reviewing.state {
            JournalState::Open => {}
            JournalState::Failed(error) => return self.refuse(Refusal::Journal(std::sync::Arc::clone(error))),
            JournalState::ReadOnly(why) => {
                let why = why.clone();
                return self.refuse(Refusal::Closed(why));
            }
            JournalState::Closed | JournalState::Opening => {
                return self.refuse(Refusal::Closed("the journal is still being read".to_owned()));
            }
        }
        if let Some(found) = self.data().and_then(|data| data.parcels.find(&parcel)) {
            self.select_parcel(found);
        }
        if let Some(writer) = &self.reviewing.writer {
            work(writer);
            self.reviewing.writing = Some(Writing { began: Instant::now(), advance, said, parcel });
        }
    }

    /// Work that writes all decisions to a file, to be done on a worker: CSV, `GeoPackage` or JSON lines by its ending.
    pub fn exporting(&self, path: PathBuf) -> Option<impl FnOnce() -> anyhow::Result<()> + Send + 'static> {
        let parcels = std::sync::Arc::clone(&self.data()?.parcels);
        let review = self.reviewing.review.clone();
        Some(move || {
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
            let bytes = match ending.as_str() {
                "csv" => io::review::csv(review.parcels())?,
                "gpkg" => io::review::geopackage(&parcels, review.parcels())?,
                "jsonl" => io::review::write_lines(review.entries())?,
                _ => anyhow::bail!("decisions are written as .csv, .gpkg or .jsonl, not as {}", path.display()),
            };
            Ok(io::files::write_atomic(&path, &bytes)?)
        })
    }

    /// True when the chip of an acquisition is pinned for the current parcel, under any view.
    pub fn pinned(&self, acquisition: crate::model::AcquisitionIx) -> bool {
        let (Some((_, id)), Some(data)) = (self.current_id(), self.data()) else { return false };
        let row = data.catalog.get(acquisition);
        let own = |pin: &Pin| {
            let Pinned::Chip { acquired, sensor } = &pin.what;
            *acquired == row.acquired && sensor == row.sensor.code()
        };
        self.reviewing.of(&id).is_some_and(|review| review.pins.iter().any(|(_, pin)| own(pin)))
    }

    /// Day of the newest entry about a parcel.
    pub fn last_reviewed(&self, parcel: &str) -> Option<jiff::civil::Date> {
        let own = self.reviewing.of(parcel)?;
        let last = *own.entries.last()?;
        self.reviewing.review.entries().get(last).map(|entry| utc_day(entry.time))
    }
}

/// True for commands that write to the journal: these wait for each other.
fn appends(command: &ReviewCommand) -> bool {
    !matches!(
        command,
        ReviewCommand::SetBlind(_)
            | ReviewCommand::CloseEnd
            | ReviewCommand::MakeQueue(_)
            | ReviewCommand::OpenQueue(_)
            | ReviewCommand::ForgetQueue(_)
            | ReviewCommand::Reopen
    )
}
