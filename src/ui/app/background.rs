//! Work off the drawing thread: the system's file dialogs, pictures for export. Results come back as news at the start of a frame.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::ColorImage;

use super::export::{CutOut, SavedPicture};
use crate::jobs::{Lane, Pool};
use crate::project::query::Wake;

/// What a path is wanted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A project to open.
    Open,
    /// Where to write the open project.
    SaveAs,
    /// Where a project that has moved is now; the old path leaves the list.
    Locate(PathBuf),
    /// Parcels of a new project.
    Parcels,
    /// A folder of images of a new project.
    Imagery,
    /// Where the new project is written.
    NewProject,
    /// Where the picture of a pane is written.
    Picture,
    /// A table of parcel statistics.
    SeriesTable,
    /// A folder of such tables.
    SeriesFolder,
    /// Folder that the queue is packed to, prepared with so many metres around its parcels.
    Pack(u32),
    /// The ruleset of the project.
    Ruleset,
    /// The ruleset that the draft is compared with.
    Baseline,
    /// Where the draft is written.
    SaveRuleset,
    /// Known truth about parcels.
    Labels,
    /// Photos of the current parcel.
    Photos,
    /// Where decisions are kept.
    Journal,
    /// Where decisions are written to.
    Decisions,
    /// Where the sheet of the current parcel is written to.
    Sheet,
    /// Where proposed zones are written to.
    Zones,
}

/// Something that happened in the background.
pub enum News {
    /// The user chose a path.
    Picked(Purpose, PathBuf),
    /// A file was dropped; true when it is a table of parcel statistics.
    Dropped(PathBuf, bool),
    /// A picture is ready for the clipboard.
    Copy(ColorImage),
    /// A pane was cut out of the window.
    Cut(CutOut),
    /// A picture is ready to be written to a file that the user chooses.
    Picture(SavedPicture),
    /// Worth a message.
    Message(String),
}

/// Workers of the window and their letter box.
pub struct Background {
    sender: Sender<News>,
    receiver: Receiver<News>,
    wake: Wake,
    // Declared last: the letter box must outlive jobs that still want to post.
    pool: Pool,
}

impl Background {
    /// Two workers: one may wait for a file dialog.
    pub fn new(wake: Wake) -> Self {
        let (sender, receiver) = bounded(64);
        Self { sender, receiver, wake, pool: Pool::new(2) }
    }

    /// News that arrived.
    pub fn take(&self) -> Vec<News> {
        self.receiver.try_iter().collect()
    }

    /// Something that posts news later, from any thread.
    pub fn post(&self) -> impl Fn(News) + Send + Clone + 'static {
        let (sender, wake) = (self.sender.clone(), Arc::clone(&self.wake));
        move |news| {
            // A full box means that nobody has drawn for 64 news: the oldest count.
            drop(sender.try_send(news));
            wake();
        }
    }

    /// Runs a job that may give news.
    pub fn run(&self, job: impl FnOnce() -> Option<News> + Send + 'static) {
        let post = self.post();
        self.pool.push(Lane::Interactive, move || {
            if let Some(news) = job() {
                post(news);
            }
        });
    }

    /// Shows the system's dialog for a purpose, starting in a folder.
    pub fn browse(&self, purpose: Purpose, title: String, from: Option<PathBuf>) {
        self.run(move || {
            let mut dialog = rfd::FileDialog::new().set_title(title);
            if let Some(folder) = from.as_deref().and_then(folder_of) {
                dialog = dialog.set_directory(folder);
            }
            let chosen = match purpose {
                Purpose::Open | Purpose::Locate(_) | Purpose::Ruleset | Purpose::Baseline => {
                    dialog.add_filter("Parcelight", &["toml"]).pick_file()
                }
                Purpose::SaveRuleset => dialog.add_filter("TOML", &["toml"]).save_file(),
                Purpose::Parcels | Purpose::SeriesTable | Purpose::Labels => dialog.pick_file(),
                Purpose::Photos => dialog.add_filter("JPEG, PNG", &["jpg", "jpeg", "png"]).pick_file(),
                Purpose::Journal => dialog.add_filter("SQLite", &["sqlite"]).save_file(),
                Purpose::Zones => dialog.add_filter("GeoPackage", &["gpkg"]).save_file(),
                Purpose::Sheet => dialog.add_filter("PDF, HTML, DOCX", &["pdf", "html", "docx"]).save_file(),
                Purpose::Decisions => dialog.add_filter("CSV, GeoPackage, JSON", &["csv", "gpkg", "jsonl"]).save_file(),
                Purpose::Imagery | Purpose::SeriesFolder | Purpose::Pack(_) => dialog.pick_folder(),
                Purpose::SaveAs | Purpose::NewProject => dialog.add_filter("Parcelight", &["parcelight.toml"]).save_file(),
                Purpose::Picture => dialog.add_filter("PNG", &["png"]).add_filter("SVG", &["svg"]).save_file(),
            };
            chosen.map(|path| News::Picked(purpose, path))
        });
    }
}

fn folder_of(path: &Path) -> Option<&Path> {
    path.ancestors().find(|folder| folder.is_dir())
}
