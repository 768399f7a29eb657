//! What people decided, as packs take it: the project's journal, the agency's words, and where photos are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::engine::review::Review;
use crate::model::review::{Entry, ParcelReview, ReviewForm};
use crate::project::Project;
use crate::project::decisions::{form_of, journal_path};
use crate::project::load::resolve;
use crate::store::decisions::{Journal, JournalError};

/// Decisions of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// Entries in their order.
    pub entries: Vec<Entry>,
    /// The agency's words.
    pub form: ReviewForm,
    /// File of these words, where it is not the one that ships with the program.
    pub form_file: Option<PathBuf>,
    /// The journal; it needs not exist.
    pub journal: PathBuf,
}

impl Decided {
    /// Reads the journal of a project; one that has none yet has no decisions.
    pub fn load(project: &Project) -> anyhow::Result<Self> {
        let (path, file) = (project.path(), project.file());
        let journal = journal_path(path, file);
        let entries = match Journal::open_read_only(&journal) {
            Ok(own) => own.entries()?,
            Err(JournalError::Missing { .. }) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let form_file = file.review.as_ref().map(|form| resolve(path, form));
        Ok(Self { entries, form: form_of(path, file)?, form_file, journal })
    }

    /// Ids of the parcels with an expert or final verdict that stands.
    pub fn decided_parcels(&self) -> BTreeSet<String> {
        let review = Review::fold(&self.entries);
        let decided = |own: &ParcelReview| own.latest.is_some() || own.resolved.is_some();
        review.parcels().filter(|(_, own)| decided(own)).map(|(id, _)| id.to_owned()).collect()
    }

    /// Folder of the photos.
    pub fn photos(&self) -> PathBuf {
        photos_folder(&self.journal)
    }
}

/// Folder of photos beside a journal: `NAME.photos` beside `NAME.decisions.sqlite`.
pub fn photos_folder(journal: &Path) -> PathBuf {
    let name = journal.file_name().and_then(|name| name.to_str()).unwrap_or("project");
    let stem = name.strip_suffix(".decisions.sqlite").or_else(|| name.strip_suffix(".sqlite")).unwrap_or(name);
    journal.with_file_name(format!("{stem}.photos"))
}
