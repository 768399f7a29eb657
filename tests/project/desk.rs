//! A project on a desk of its own: a copy of the sample, so that cache folders never dirty the tree, and a home.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parcelight::project::{Project, sample};

/// Where the copy and the home lie.
pub struct Desk {
    pub folder: tempfile::TempDir,
}

impl Desk {
    /// Writes the sample.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        sample::write(&folder.path().join("data")).expect("the sample can be written");
        Self { folder }
    }

    /// The sample's project file.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("data").join(sample::PROJECT)
    }

    /// The sample, loading.
    pub fn open(&self) -> Project {
        self.open_at(&self.path())
    }

    /// A project, loading.
    pub fn open_at(&self, path: &Path) -> Project {
        Project::open_at(path, 2, Arc::new(|| {}), self.folder.path().join("home")).expect("opens")
    }

    /// The sample, loaded.
    pub fn loaded(&self) -> Project {
        self.loaded_at(&self.path())
    }

    /// A project, loaded.
    pub fn loaded_at(&self, path: &Path) -> Project {
        let mut project = self.open_at(path);
        project.wait_loaded().expect("loads");
        project
    }
}

/// Draws frames until `ready` gives a value.
pub fn frames<T>(project: &mut Project, mut ready: impl FnMut(&mut Project) -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        project.begin_frame();
        if let Some(value) = ready(project) {
            return value;
        }
        assert!(start.elapsed() < Duration::from_mins(2), "nothing came in two minutes");
        std::thread::sleep(Duration::from_millis(2));
    }
}
