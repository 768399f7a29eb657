//! The sample project, carried inside the program.
//!
//! Only files that are listed here, and the images of the listed folders, travel: a cache or a report that somebody left in the
//! folder never becomes part of the program.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use include_dir::{Dir, include_dir};

use crate::io::files::write_atomic;

/// Project file of the sample, below the folder given to [`write()`].
pub const PROJECT: &str = "pajottenland_2019/pajottenland_2019.parcelight.toml";

macro_rules! sample_files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/data-samples/", $path)))),*]
    };
}

static FILES: &[(&str, &[u8])] = sample_files![
    "pajottenland_2019/LICENSE-MIT.txt",
    "pajottenland_2019/README.md",
    "pajottenland_2019/pajottenland_2019.parcelight.toml",
    "pajottenland_2019/parcels_2019.gpkg",
    "pajottenland_2019/rulesets/winter_cover.toml",
    "pajottenland_2019/s1_dates.csv",
    "pajottenland_2019/s2_dates.csv",
    "pajottenland_2019_synthetic/coherence_pairs.csv",
    "pajottenland_2019_synthetic/events_synthetic.csv",
    "pajottenland_2019_synthetic/s1_dsc_dates.csv",
];

static FOLDERS: [(&str, Dir<'static>); 4] = [
    ("pajottenland_2019/s1", include_dir!("$CARGO_MANIFEST_DIR/data-samples/pajottenland_2019/s1")),
    ("pajottenland_2019/s2", include_dir!("$CARGO_MANIFEST_DIR/data-samples/pajottenland_2019/s2")),
    (
        "pajottenland_2019_synthetic/coherence",
        include_dir!("$CARGO_MANIFEST_DIR/data-samples/pajottenland_2019_synthetic/coherence"),
    ),
    ("pajottenland_2019_synthetic/s1_dsc", include_dir!("$CARGO_MANIFEST_DIR/data-samples/pajottenland_2019_synthetic/s1_dsc")),
];

/// Every file of the sample: path below the target folder, and content. In path order within each folder.
fn contents() -> impl Iterator<Item = (PathBuf, &'static [u8])> {
    let single = FILES.iter().map(|&(path, bytes)| (PathBuf::from(path), bytes));
    let images = FOLDERS.iter().flat_map(|(folder, dir)| {
        dir.files()
            .filter(|file| file.path().extension().is_some_and(|ending| ending == "tif"))
            .map(|file| (Path::new(folder).join(file.path()), file.contents()))
    });
    single.chain(images)
}

/// Writes the sample (real season of Pajottenland and its synthetic complement) below `dir` and returns its project file.
/// Files that are already there and equal are left alone. A file that differs is somebody's work: it is reported, not replaced.
pub fn write(dir: &Path) -> anyhow::Result<PathBuf> {
    let mut missing = Vec::new();
    for (path, bytes) in contents() {
        let target = dir.join(path);
        match std::fs::read(&target) {
            Ok(present) if present == bytes => {}
            Ok(_) if target.ends_with(PROJECT) => {} // An edited project is the user's own.
            Ok(_) => anyhow::bail!(
                "cannot write the sample: a different file is already there; choose another folder or remove it ({})",
                target.display()
            ),
            // Whatever keeps it from being read will also show when it is written.
            Err(_) => missing.push((target, bytes)),
        }
    }
    for (target, bytes) in missing {
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder ({})", folder.display()))?;
        }
        write_atomic(&target, bytes)?;
    }
    Ok(dir.join(PROJECT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_carries_every_image_of_both_folders() {
        let images = contents().filter(|(path, _)| path.extension().is_some_and(|ending| ending == "tif")).count();
        assert_eq!(images, 216 + 80 + 136 + 80);
        assert!(contents().all(|(_, bytes)| !bytes.is_empty()));
    }

    #[test]
    fn writing_twice_changes_nothing_and_an_edited_project_stays() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let project = write(dir.path()).expect("writes");
        assert!(project.is_file() && dir.path().join("pajottenland_2019_synthetic/coherence").is_dir());
        std::fs::write(&project, "edited").expect("writes");
        let image = std::fs::read_dir(dir.path().join("pajottenland_2019/s2"))
            .expect("lists")
            .next()
            .expect("an image")
            .expect("an entry");
        let before = image.metadata().and_then(|data| data.modified()).expect("a time");
        write(dir.path()).expect("writes again");
        assert_eq!(std::fs::read_to_string(&project).expect("reads"), "edited");
        assert_eq!(image.path().metadata().and_then(|data| data.modified()).expect("a time"), before);
    }

    #[test]
    fn a_foreign_file_in_the_way_is_not_overwritten() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let foreign = dir.path().join("pajottenland_2019/README.md");
        std::fs::create_dir_all(foreign.parent().expect("a parent")).expect("makes");
        std::fs::write(&foreign, "mine").expect("writes");
        assert!(write(dir.path()).is_err());
        assert_eq!(std::fs::read_to_string(&foreign).expect("reads"), "mine");
    }
}
