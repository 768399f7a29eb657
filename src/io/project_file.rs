//! Reading and writing the project file.

use std::path::Path;

use crate::io::IoError;
use crate::model::ProjectFile;

/// Reads a project file; a newer major version is refused with an explanation.
pub fn load(path: &Path) -> Result<ProjectFile, IoError> {
    let _ = path;
    todo!()
}

/// Writes a project file beside and renames, so that a broken write loses nothing. Comments of an existing file are kept where
/// possible.
pub fn save(path: &Path, file: &ProjectFile) -> Result<(), IoError> {
    let _ = (path, file);
    todo!()
}
