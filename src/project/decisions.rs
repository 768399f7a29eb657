//! The files of a project's review: where its journal and form are, and what is done with journals as files, without any window.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;

use crate::engine::review::{Review, merge};
use crate::io::IoError;
use crate::io::review::{Import, ImportedDecision, form, read_lines, shipped_form, write_lines};
use crate::model::ProjectFile;
use crate::model::review::{Act, Decided, Entry, EntryId, ReviewForm, Seen};
use crate::store::decisions::{Journal, JournalError};

use super::load::resolve;

/// Where the journal of a project is: what its file says, or `NAME.decisions.sqlite` beside `NAME.parcelight.toml`.
pub fn journal_path(project: &Path, file: &ProjectFile) -> PathBuf {
    if let Some(path) = &file.decisions {
        return resolve(project, path);
    }
    let name = project.file_name().and_then(|name| name.to_str()).unwrap_or("project");
    let stem = name.strip_suffix(".toml").unwrap_or(name);
    let stem = stem.strip_suffix(".parcelight").unwrap_or(stem);
    project.with_file_name(format!("{stem}.decisions.sqlite"))
}

/// The words of a project's review: its form, or the one that ships with the program.
pub fn form_of(project: &Path, file: &ProjectFile) -> Result<ReviewForm, IoError> {
    file.review.as_ref().map_or_else(|| Ok(shipped_form()), |path| form(&resolve(project, path)))
}

/// Entries of a journal, be it a database or JSON lines: the content decides, not the name.
pub fn read_journal(path: &Path) -> anyhow::Result<Vec<Entry>> {
    let mut head = [0; 16];
    let file = std::fs::File::open(path).with_context(|| format!("cannot read the journal ({})", path.display()))?;
    let begins = std::io::Read::read(&mut std::io::BufReader::new(file), &mut head)
        .with_context(|| format!("cannot read the journal ({})", path.display()))?;
    if head[..begins].starts_with(b"SQLite format 3") {
        Ok(Journal::open_read_only(path)?.entries()?)
    } else {
        Ok(read_lines(path)?)
    }
}

/// What a project's journal says; nothing where there is none yet. Nothing is made or changed.
pub fn review_of(project: &Path, file: &ProjectFile) -> anyhow::Result<Review> {
    match Journal::open_read_only(&journal_path(project, file)) {
        Ok(journal) => Ok(Review::fold(&journal.entries()?)),
        Err(JournalError::Missing { .. }) => Ok(Review::default()),
        Err(error) => Err(error.into()),
    }
}

/// Journals as one, in order.
pub fn merge_journals(paths: &[PathBuf]) -> anyhow::Result<Vec<Entry>> {
    let journals = paths.iter().map(|path| read_journal(path)).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(merge(&journals)?)
}

/// Writes entries as a database. Its name comes from what it holds, so that the same entries give the same file.
pub fn write_journal(path: &Path, entries: &[Entry]) -> anyhow::Result<()> {
    let name = blake3::hash(&write_lines(entries)?).to_hex();
    Ok(Journal::write_whole(path, &name[..32], entries)?)
}

/// Takes decisions of a file into a project's journal. Gives the count of entries that were not there yet.
///
/// They stand as a journal of their own, named after the content of the file: times and users are those of the file, the same file taken
/// in twice adds nothing, and one's own undo does not reach them. What the file does not say is `user` and `now`.
pub fn take_in(journal: &Path, file: &[u8], import: &Import, user: &str, now: Timestamp) -> anyhow::Result<usize> {
    let entries = entries_of(file, &import.decisions, user, now);
    Ok(Journal::open(journal)?.adopt(&entries)?)
}

fn entries_of(file: &[u8], decisions: &[ImportedDecision], user: &str, now: Timestamp) -> Vec<Entry> {
    // Milliseconds, as journals have.
    let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
    let mut hasher = blake3::Hasher::new();
    hasher.update(file);
    // Filled in from here, so another day's import of the file is another journal.
    if decisions.iter().any(|own| own.time.is_none()) {
        hasher.update(now.to_string().as_bytes());
    }
    if decisions.iter().any(|own| own.user.is_none()) {
        hasher.update(user.as_bytes());
    }
    let journal = hasher.finalize().to_hex()[..32].to_owned();
    let mut sorted: Vec<(Timestamp, &ImportedDecision)> = decisions.iter().map(|own| (own.time.unwrap_or(now), own)).collect();
    // Within a journal time never goes back; rows of the same time stay in the order of the file.
    sorted.sort_by_key(|(time, own)| (*time, own.line));
    let mut entries: Vec<Entry> = Vec::new();
    for (time, own) in sorted {
        let decided = Decided {
            verdict: own.verdict.clone(),
            reasons: own.reasons.clone(),
            duration_ms: own.duration_ms,
            blind: own.blind,
            automatic: own.automatic.clone(),
            seen: Seen::default(),
        };
        let note = (!own.note.is_empty()).then(|| Act::Note { text: own.note.clone() });
        for act in note.into_iter().chain([Act::Decide(Box::new(decided))]) {
            let sequence = entries.len() as u64 + 1;
            let id = blake3::hash(format!("{journal} {} {}", own.line, act.kind()).as_bytes()).to_hex()[..32].to_owned();
            entries.push(Entry {
                id: EntryId(id),
                journal: journal.clone(),
                sequence,
                parcel: own.parcel.clone(),
                user: own.user.clone().unwrap_or_else(|| user.to_owned()),
                time,
                clock: time,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                act,
            });
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_is_beside_the_project_unless_its_file_says_otherwise() {
        let text = "version = \"1.0\"\nname = \"x\"\n[parcels]\npath = \"a.gpkg\"\n";
        let mut file: ProjectFile = toml::from_str(text).expect("valid");
        let at = |project: &str, file: &ProjectFile| journal_path(Path::new(project), file);
        assert_eq!(at("/data/season.parcelight.toml", &file), Path::new("/data/season.decisions.sqlite"));
        assert_eq!(at("/data/season.toml", &file), Path::new("/data/season.decisions.sqlite"));
        assert_eq!(form_of(Path::new("/data/season.toml"), &file).expect("shipped"), shipped_form());
        file.decisions = Some("../ann/own.sqlite".into());
        assert_eq!(at("/data/season.parcelight.toml", &file), Path::new("/ann/own.sqlite"));
        file.review = Some("gone.toml".into());
        assert!(form_of(Path::new("/data/season.toml"), &file).expect_err("no form").to_string().contains("/data/gone.toml"));
    }
}
