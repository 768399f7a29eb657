//! Small helpers for whole files.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use crate::io::IoError;

/// Writes beside and renames: interrupted writing leaves no half-written file.
///
/// The folder must exist. A link is followed, so that it still points to the file afterwards.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    write_atomic_with(path, |file| {
        file.write_all(bytes).map_err(|error| IoError::File {
            operation: "write the file".to_owned(),
            fact: error.to_string(),
            path: path.to_owned(),
        })
    })
}

/// [`write_atomic`] for content that is made while it is written.
pub fn write_atomic_with<E: From<IoError>>(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<&std::fs::File>) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |operation: &str, error: std::io::Error| IoError::File {
        operation: operation.to_owned(),
        fact: error.to_string(),
        path: path.to_owned(),
    };
    // A file that does not exist yet has no other name.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".parcelight-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any other new file: readable by colleagues as far as the user's umask lets.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder).map_err(|error| failed("create a file in the folder", error))?;
    let mut buffered = BufWriter::new(file.as_file());
    content(&mut buffered)?;
    buffered.flush().map_err(|error| failed("write the file", error))?;
    drop(buffered);
    file.as_file().sync_all().map_err(|error| failed("write the file to disk", error))?;
    if let Ok(old) = std::fs::metadata(&target) {
        file.as_file().set_permissions(old.permissions()).map_err(|error| failed("keep the file's permissions", error))?;
    }
    file.persist(&target).map_err(|error| failed("put the written file in place", error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.txt");
        write_atomic(&path, b"first, longer").expect("writes");
        write_atomic(&path, b"second").expect("writes again");
        assert_eq!(std::fs::read(&path).expect("reads"), b"second");
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().expect("folder");
        let error = write_atomic(&folder.path().join("none/a.txt"), b"x").expect_err("no folder");
        assert!(error.to_string().contains("none/a.txt"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_still_points_to_the_file() {
        let folder = tempfile::tempdir().expect("folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::fs::write(&real, "old").expect("writes");
        std::os::unix::fs::symlink(&real, &link).expect("links");
        write_atomic(&link, b"new").expect("writes");
        assert_eq!(std::fs::read(&real).expect("reads"), b"new");
        assert!(std::fs::symlink_metadata(&link).expect("is there").is_symlink());
    }
}
