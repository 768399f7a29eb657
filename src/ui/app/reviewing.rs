//! What actions of the review do, and what the window says of it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::Context;

use super::{News, Purpose, Toast, Window};
use crate::project::Command;
use crate::project::review::{Message, ReviewCommand, Said};
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::dialogs::{Dialog, PathDialog, QueueMaker};
use crate::ui::layout::{PaneKind, Workspace};
use crate::ui::review;
use crate::ui::theme::Tokens;

impl Window {
    /// Keys of the review; false for others, and where they mean something else.
    pub(super) fn perform_review(&mut self, ctx: &Context, action: Action) -> bool {
        let Some(project) = &self.project else { return false };
        let reviewing = matches!(self.workspace, Workspace::Review | Workspace::Map);
        if reviewing && review::keys::waits(action) && (project.review().writing() || !self.held.is_empty()) {
            self.held.push_back(action);
            return true;
        }
        self.perform_review_now(ctx, action)
    }

    /// Does what was typed while an act was on its way, key by key, each on the parcel that is current when its turn comes.
    fn perform_held(&mut self, ctx: &Context) {
        while self.project.as_ref().is_some_and(|project| !project.review().writing())
            && let Some(action) = self.held.pop_front()
        {
            self.perform_review_now(ctx, action);
        }
    }

    fn perform_review_now(&mut self, ctx: &Context, action: Action) -> bool {
        let Self { project: Some(project), panes, workspace, .. } = self else { return false };
        // The parcel may have come in this very frame: a list that the key opens is for it, and stays open.
        panes.review.follow(&review::current_id(project).unwrap_or_default());
        let undo = match action {
            Action::UndoRuleset if *workspace != Workspace::Tune => Some(ReviewCommand::Undo),
            Action::RedoRuleset if *workspace != Workspace::Tune => Some(ReviewCommand::Redo),
            _ => None,
        };
        if let Some(command) = undo {
            self.command(Command::Review(command));
            ctx.request_repaint();
            return true;
        }
        match action {
            Action::NextOpen => match project.next_open() {
                Some(parcel) => self.command(Command::SelectParcel(parcel)),
                None => self.dialog = Some(Dialog::Sitting),
            },
            Action::Sitting => self.dialog = Some(Dialog::Sitting),
            Action::Queues => self.dialog = Some(Dialog::Queues(Box::new(QueueMaker::of(project, &self.texts)))),
            Action::AttachPhotos => self.dialog = Some(Dialog::Path(PathDialog::new(Purpose::Photos, String::new()))),
            Action::MoveJournal => {
                let path = project.journal_path().display().to_string();
                self.dialog = Some(Dialog::Path(PathDialog::new(Purpose::Journal, path)));
            }
            Action::ExportSheet => {
                let Some(id) = review::current_id(project) else { return true };
                let name = format!("{}.pdf", id.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_', "_"));
                let path = project.path().with_file_name(name).display().to_string();
                self.dialog = Some(Dialog::Path(PathDialog::new(Purpose::Sheet, path)));
            }
            Action::MakePack if *workspace == Workspace::Report => self.make_pack(ctx),
            Action::MakePack => {
                self.workspace = Workspace::Report;
                self.focused = PaneKind::ReportPack;
            }
            Action::ExportDecisions => {
                let path = project.path().with_file_name("decisions.csv").display().to_string();
                self.dialog = Some(Dialog::Path(PathDialog::new(Purpose::Decisions, path)));
            }
            action => {
                let reviewing = matches!(workspace, Workspace::Review | Workspace::Map);
                if !reviewing && action != Action::Blind {
                    return false;
                }
                let mut out = Out::default();
                if !review::keys::perform(project, &mut panes.review, action, &mut out) {
                    return false;
                }
                if action == Action::Note {
                    self.focused = PaneKind::Decide;
                }
                self.apply(ctx, out, Vec::new());
            }
        }
        ctx.request_repaint();
        true
    }

    /// Says what became of acts, and shows the card at the end of the queue.
    pub(super) fn take_review(&mut self, ctx: &Context) {
        let Some(project) = &mut self.project else { return };
        let messages = project.take_review_messages();
        let refusal = project.take_refusal();
        let ended = project.review().ended();
        if ended {
            project.apply(Command::Review(ReviewCommand::CloseEnd));
            if self.dialog.is_none() {
                self.dialog = Some(Dialog::Sitting);
            }
        }
        if project.review().writing() {
            ctx.request_repaint_after(Duration::from_millis(100));
        }
        let Self { project: Some(project), texts, keys, panes, .. } = self else { return };
        let cx = Cx {
            project,
            texts,
            tokens: Tokens::of(ctx),
            keys,
            pointed: None,
            focused: false,
            judged: None,
            clusters: None,
            deciding: None,
        };
        if let Some(refusal) = refusal {
            panes.review.refused = Some(review::refusal_text(&cx, &refusal));
            // What was typed ahead was meant for parcels that do not come now.
            self.held.clear();
            self.say_refused();
        }
        for message in messages {
            self.panes.review.refused = None;
            self.say_done(&message);
        }
        self.perform_held(ctx);
    }

    /// The pane says it too; where it is not in sight, the message does.
    fn say_refused(&mut self) {
        if let Some(text) = self.panes.review.refused.clone() {
            self.say(text);
        }
    }

    fn say_done(&mut self, message: &Message) {
        let Some(project) = &self.project else { return };
        let texts = &self.texts;
        let parcel = || ("parcel", message.parcel.as_str().into());
        let word = |code: &str| review::word_of(project, code).to_owned();
        let kind = |kind: &str| {
            let id = format!("review-kind-{kind}");
            texts.get(&id).to_string()
        };
        let text = match &message.said {
            Said::Decided(code) => texts.with("review-said-decided", &[parcel(), ("verdict", word(code).into())]),
            Said::Resolved(code) => texts.with("review-said-resolved", &[parcel(), ("verdict", word(code).into())]),
            Said::Cleared => texts.with("review-said-cleared", &[parcel()]),
            Said::Deferred => texts.with("review-said-deferred", &[parcel()]),
            Said::Flagged => texts.with("review-said-flagged", &[parcel()]),
            Said::Unflagged => texts.with("review-said-unflagged", &[parcel()]),
            Said::Noted => texts.with("review-said-noted", &[parcel()]),
            Said::Pinned => texts.with("review-said-pinned", &[parcel()]),
            Said::Unpinned => texts.with("review-said-unpinned", &[parcel()]),
            Said::Attached(n) => texts.with("review-said-attached", &[parcel(), ("n", (*n).into())]),
            Said::Detached => texts.with("review-said-detached", &[parcel()]),
            Said::Undone(act) => texts.with("review-said-undone", &[parcel(), ("what", kind(act).into())]),
            Said::Redone(act) => texts.with("review-said-redone", &[parcel(), ("what", kind(act).into())]),
        };
        // One message about decisions at a time: the newest matters, and a fast reviewer is not buried.
        self.toasts.retain(|toast| !toast.decision);
        let undo = self.texts.get("review-undo").to_string();
        let offer = (!matches!(message.said, Said::Undone(_))).then_some((undo, Action::UndoRuleset));
        self.notes.push(text.clone());
        self.toasts.push(Toast { text, until: Instant::now() + Duration::from_secs(6), offer, decision: true });
    }

    /// A path for photos, the journal, or exported decisions.
    pub(super) fn use_review_path(&mut self, purpose: &Purpose, path: PathBuf) {
        self.dialog = None;
        match purpose {
            Purpose::Photos => self.command(Command::Review(ReviewCommand::Attach(vec![path]))),
            Purpose::Journal => self.command(Command::Review(ReviewCommand::MoveJournal(path))),
            Purpose::Sheet => self.export_sheet(path),
            _ => self.export_decisions(&path),
        }
    }

    /// Writes the pack that the Report workspace describes.
    fn make_pack(&mut self, ctx: &Context) {
        let Self { project: Some(project), texts, keys, panes, .. } = self else { return };
        let cx = Cx {
            project,
            texts,
            tokens: Tokens::of(ctx),
            keys,
            pointed: None,
            focused: false,
            judged: None,
            clusters: None,
            deciding: None,
        };
        let parcels = panes.report.parcels(&cx);
        let Some(data) = project.data() else { return };
        let ids = parcels.iter().map(|&parcel| data.parcels.id(parcel).to_owned()).collect();
        if panes.report.target.is_empty() {
            panes.report.target = crate::ui::reports::pack::proposed(project).display().to_string();
        }
        let (options, target) = (panes.report.options.clone(), PathBuf::from(panes.report.target.trim()));
        self.command(Command::WritePack(ids, options, target));
    }

    /// Writes the sheet of the current parcel to a file, by its ending.
    fn export_sheet(&mut self, path: PathBuf) {
        let Some(project) = &self.project else { return };
        let Some(id) = review::current_id(project) else { return };
        let (own, options) = (project.path().to_path_buf(), self.panes.report.options.clone());
        let done = self.texts.with("report-sheet-written", &[("path", path.display().to_string().into())]);
        self.background.run(move || {
            let written = crate::project::evidence::write_sheet(&own, &id, &options, &path);
            Some(News::Message(written.map_or_else(|error| format!("{error:#}"), |()| done)))
        });
    }

    fn export_decisions(&mut self, path: &Path) {
        let Some(work) = self.project.as_ref().and_then(|project| project.exporting(path.to_path_buf())) else { return };
        // How many there are is known before; that they are written, after.
        let count = self.project.as_ref().map_or(0, |project| project.review().review().parcels().count());
        let done = self.texts.with("review-exported", &[("n", count.into()), ("path", path.display().to_string().into())]);
        self.background.run(move || {
            Some(News::Message(match work() {
                Ok(()) => done,
                Err(error) => format!("{error:#}"),
            }))
        });
    }
}
