//! Photos beside the journal: copied, never moved, named by their content.

use std::path::{Path, PathBuf};

use super::Said;
use crate::model::review::{Act, Photo};
use crate::project::Project;
use crate::store::decisions::Draft;

/// Folder of the photos of a journal: `NAME.photos` beside `NAME.decisions.sqlite`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(pub PathBuf);

/// Why a photo cannot be attached.
#[derive(Debug, thiserror::Error)]
pub enum PhotoFault {
    /// It cannot be read.
    #[error("cannot read the photo {1}: {0}")]
    Read(std::io::Error, PathBuf),
    /// It cannot be copied.
    #[error("cannot copy the photo into {1}: {0}; free some space or make the folder writable, then drop it again")]
    Copy(std::io::Error, PathBuf),
    /// It is no picture that reports can show.
    #[error("{0} is no JPEG or PNG picture")]
    Kind(PathBuf),
}

impl Folder {
    /// The folder that belongs to a journal.
    pub fn of(journal: &Path) -> Self {
        Self(crate::project::evidence::photos_folder(journal))
    }

    /// Copies a photo in and reads what it says of itself. A photo that is there already is not copied again.
    pub fn take(&self, path: &Path) -> Result<Photo, PhotoFault> {
        let bytes = std::fs::read(path).map_err(|error| PhotoFault::Read(error, path.to_path_buf()))?;
        let ending = match bytes.as_slice() {
            [0xff, 0xd8, ..] => "jpg",
            [0x89, b'P', b'N', b'G', ..] => "png",
            _ => return Err(PhotoFault::Kind(path.to_path_buf())),
        };
        let hash = blake3::hash(&bytes).to_hex().to_string();
        let file = format!("{}.{ending}", &hash[..16]);
        let fault = |error| PhotoFault::Copy(error, self.0.clone());
        std::fs::create_dir_all(&self.0).map_err(fault)?;
        let target = self.0.join(&file);
        if !target.exists() {
            let mut copy = tempfile::NamedTempFile::new_in(&self.0).map_err(fault)?;
            std::io::Write::write_all(&mut copy, &bytes).map_err(fault)?;
            copy.as_file().sync_all().map_err(fault)?;
            copy.persist(&target).map_err(|error| fault(error.error))?;
        }
        let told = crate::io::photo::told(&bytes);
        Ok(Photo { file, hash, taken: told.taken, place: told.place, direction: told.direction })
    }
}

impl Project {
    /// Folder of the photos of this project.
    pub fn photos(&self) -> Folder {
        Folder::of(&self.journal_path())
    }

    /// Attaches photos to the current parcel; those that cannot be read are named, the others are kept.
    pub(super) fn attach(&mut self, paths: Vec<PathBuf>) {
        let Some((_, parcel)) = self.current_id() else { return };
        let (folder, user) = (self.photos(), self.reviewing.user().to_owned());
        let count = paths.len();
        self.write(parcel.clone(), Said::Attached(count), false, |writer| {
            writer.attach(move || {
                let (mut drafts, mut faults) = (Vec::new(), Vec::new());
                for path in &paths {
                    match folder.take(path) {
                        Ok(photo) => {
                            let act = Act::Attach(Box::new(photo));
                            drafts.push(Draft { parcel: parcel.clone(), user: user.clone(), act });
                        }
                        Err(fault) => faults.push(fault.to_string()),
                    }
                }
                (drafts, faults)
            });
        });
    }
}
