//! What the measurements share: a private copy of the sample, a description of the machine, medians.

use std::path::PathBuf;
use std::time::Duration;

use parcelight::project::sample;

/// A copy of the sample in a folder of its own, so that no cache of another run helps.
pub struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    /// Writes the sample.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        sample::write(folder.path()).expect("the sample can be written");
        Self { folder }
    }

    /// Its project file.
    pub fn project(&self) -> PathBuf {
        self.folder.path().join(sample::PROJECT)
    }

    /// Where the program keeps the user's places during a measurement.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Removes what an earlier round kept.
    pub fn forget(&self) {
        let cache = self.project().with_file_name("pajottenland_2019.parcelight.cache");
        for folder in [cache, self.home()] {
            if folder.exists() {
                std::fs::remove_dir_all(folder).expect("a cache may be removed at any time");
            }
        }
    }
}

/// Processor, cores, memory, system and GDAL in one line.
pub fn machine() -> String {
    let line = |file: &str, key: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let value = text.lines().find(|line| line.starts_with(key)).and_then(|line| line.split_once([':', '=']));
        value.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{}, {cores} cores, {} memory, {}, GDAL {}, load {}, {} build",
        line("/proc/cpuinfo", "model name"),
        line("/proc/meminfo", "MemTotal"),
        line("/etc/os-release", "PRETTY_NAME"),
        gdal::version::version_info("RELEASE_NAME"),
        load.split(' ').next().unwrap_or("unknown"),
        if cfg!(debug_assertions) { "debug" } else { "release" },
    )
}

/// The middle one.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Milliseconds with one decimal.
pub fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
