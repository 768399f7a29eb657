//! Where a pack goes: written beside its place and moved there at the end, so that nobody ever sees half of one.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::TempDir;

use super::manifest::Manifest;

/// The place of a result that is a folder.
#[derive(Debug, Clone)]
pub struct Target {
    /// The folder.
    pub path: PathBuf,
    /// Replaces a folder that is none of ours too.
    pub force: bool,
}

/// A folder being written.
#[derive(Debug)]
pub struct Draft {
    place: PathBuf,
    folder: PathBuf,
    /// Goes with all that is in it when the draft is given up.
    beside: TempDir,
}

impl Target {
    /// A new folder, or one that holds a pack.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), force: false }
    }

    /// Begins a folder beside the target; `ours` says what may be replaced, `project` is what must never be.
    pub fn begin(&self, project: &Path, ours: &dyn Fn(&Path) -> bool) -> anyhow::Result<Draft> {
        let place =
            std::path::absolute(&self.path).with_context(|| format!("cannot use the folder ({})", self.path.display()))?;
        self.check(&place, project, ours)?;
        let parent = place.parent().context("the folder of the result cannot be the root of a disk; name one below it")?;
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make the folder ({})", parent.display()))?;
        let beside = tempfile::Builder::new()
            .prefix(".parcelight-pack-")
            .tempdir_in(parent)
            .with_context(|| format!("cannot write beside the result; make the folder writable ({})", parent.display()))?;
        // Below a folder that only its owner may read, one with the rights of any other new folder.
        let folder = beside.path().join("new");
        std::fs::create_dir(&folder).with_context(|| format!("cannot make the folder ({})", folder.display()))?;
        Ok(Draft { place, folder, beside })
    }

    fn check(&self, place: &Path, project: &Path, ours: &dyn Fn(&Path) -> bool) -> anyhow::Result<()> {
        if project.starts_with(place) {
            anyhow::bail!(
                "the project lies in the folder of the result, which is replaced whole; name another one ({})",
                place.display()
            );
        }
        if place.is_file() {
            anyhow::bail!("the result is a folder, and there is a file of that name ({})", place.display());
        }
        let empty = std::fs::read_dir(place).map_or(true, |mut entries| entries.next().is_none());
        if empty || self.force || ours(place) {
            return Ok(());
        }
        anyhow::bail!(
            "the folder holds something else than a result of this kind, and is replaced whole; name another one, or use --force to lose \
             what is in it ({})",
            place.display()
        );
    }
}

/// True for a folder with a pack of whatever version.
pub fn is_pack(folder: &Path) -> bool {
    Manifest::read(folder).is_ok()
}

impl Draft {
    /// Where files are written.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Moves the folder to its place; what was there goes.
    pub fn finish(self) -> anyhow::Result<PathBuf> {
        let told = || format!("cannot put the result in its place ({})", self.place.display());
        let old = self.beside.path().join("old");
        let replaced = self.place.exists();
        if replaced {
            std::fs::rename(&self.place, &old).with_context(told)?;
        }
        if let Err(error) = std::fs::rename(&self.folder, &self.place) {
            if replaced {
                // What was there is there again; the first fault is told.
                drop(std::fs::rename(&old, &self.place));
            }
            return Err(error).with_context(told);
        }
        Ok(self.place.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(path: &Path, force: bool) -> anyhow::Result<Draft> {
        let target = Target { path: path.to_owned(), force };
        target.begin(Path::new("/elsewhere/p.toml"), &|folder| folder.join("ours").exists())
    }

    #[test]
    fn a_folder_appears_whole_or_not_at_all_and_nothing_is_left_beside_it() {
        let desk = tempfile::tempdir().expect("a folder");
        let place = desk.path().join("deep/pack");
        let draft = begin(&place, false).expect("begins");
        std::fs::write(draft.folder().join("ours"), "1").expect("writes");
        assert!(!place.exists());
        draft.finish().expect("moves");
        assert!(place.join("ours").exists());
        drop(begin(&place, false).expect("begins again"));
        assert!(place.join("ours").exists(), "a draft that is given up changes nothing");
        let again = begin(&place, false).expect("ours");
        std::fs::write(again.folder().join("second"), "2").expect("writes");
        again.finish().expect("moves");
        assert!(place.join("second").exists() && !place.join("ours").exists());
        assert_eq!(std::fs::read_dir(place.parent().expect("a parent")).expect("lists").count(), 1);
    }

    #[test]
    fn other_folders_are_kept_unless_forced_and_the_project_always() {
        let desk = tempfile::tempdir().expect("a folder");
        let place = desk.path().join("notes");
        std::fs::create_dir(&place).expect("made");
        begin(&place, false).expect("an empty folder is free");
        std::fs::write(place.join("mine.txt"), "x").expect("writes");
        let fault = begin(&place, false).expect_err("kept").to_string();
        assert!(fault.contains("--force"), "{fault}");
        begin(&place, true).expect("forced");
        let project = place.join("season.toml");
        let target = Target { path: place.clone(), force: true };
        let fault = target.begin(&project, &|_| true).expect_err("never").to_string();
        assert!(fault.contains("project"), "{fault}");
        let file = desk.path().join("file");
        std::fs::write(&file, "x").expect("writes");
        assert!(begin(&file, true).is_err());
    }
}
