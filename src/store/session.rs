//! Where the user was: recent projects, preferences, and per project the current parcel, date, filter and unsaved changes.
//!
//! Small JSON files below one folder per user ([`home`]). Every write goes to a temporary file that then takes the old one's place, so
//! that a killed program leaves either the old or the new state. A damaged file gives the defaults and a note, never a refusal to start.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::{ProjectFile, Sensor};

/// Environment variable that moves the user's folder, for tests and portable installations.
pub const HOME_VARIABLE: &str = "PARCELIGHT_HOME";

/// So many recent projects are remembered.
const RECENT_MAX: usize = 12;

/// The user's folder: `PARCELIGHT_HOME`, else the platform's folder for configuration, else the working folder's `.parcelight`.
pub fn home() -> PathBuf {
    if let Some(home) = std::env::var_os(HOME_VARIABLE).filter(|home| !home.is_empty()) {
        return PathBuf::from(home);
    }
    directories::ProjectDirs::from("", "", "parcelight")
        .map_or_else(|| PathBuf::from(".parcelight"), |dirs| dirs.config_dir().to_path_buf())
}

/// Where somebody was in a project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Id of the current parcel.
    pub parcel: Option<String>,
    /// Time of the current acquisition.
    pub acquired: Option<Timestamp>,
    /// Its sensor.
    pub sensor: Option<Sensor>,
    /// Queue filter as typed.
    pub filter: String,
    /// Named queue that was shown.
    pub queue: Option<String>,
    /// Automatic verdicts were hidden.
    pub blind: bool,
    /// Last entry of the journal that this place knows of.
    pub entry: Option<String>,
    /// Changes of the project that are not saved in its file.
    pub draft: Option<Draft>,
}

/// A project as it was edited, and the file that the edits started from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// What the file held then.
    pub before: ProjectFile,
    /// What it holds with the edits.
    pub after: ProjectFile,
}

/// Which theme.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the system says.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// What the user chose for the whole program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Theme.
    pub theme: ThemeChoice,
    /// Language tag; `None` follows the system.
    pub language: Option<String>,
    /// Interface scale, percent.
    pub scale_percent: u32,
    /// No animation.
    pub reduce_motion: bool,
    /// Keys by action name, for actions whose keys differ from the defaults.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Threads for background work; `None` takes all cores.
    pub threads: Option<usize>,
    /// Memory for work over many parcels, megabytes.
    pub memory_mb: u32,
    /// Who reviews; empty takes the name that the system knows.
    pub reviewer: String,
    /// A digit arms a verdict, Enter gives it.
    pub two_key: bool,
    /// Arrangement of the panes, as the window writes it.
    pub layout: Option<serde_json::Value>,
}

impl Preferences {
    /// Threads for background work.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, std::num::NonZero::get)).max(1)
    }

    /// Memory for work over many parcels, bytes.
    pub fn memory_bytes(&self) -> usize {
        (self.memory_mb as usize).saturating_mul(1 << 20)
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            language: None,
            scale_percent: 100,
            reduce_motion: false,
            keys: BTreeMap::new(),
            threads: None,
            memory_mb: 2048,
            reviewer: String::new(),
            two_key: false,
            layout: None,
        }
    }
}

/// One line of the list of recent projects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// Project file.
    pub path: PathBuf,
    /// Its name when it was last open.
    pub name: String,
    /// Parcels when it was last open.
    #[serde(default)]
    pub parcels: usize,
    /// Acquisitions when it was last open.
    #[serde(default)]
    pub acquisitions: usize,
    /// When it was last opened.
    pub opened: Timestamp,
}

/// The project that is open, or was when the program last ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Its file.
    pub project: PathBuf,
    /// False while it is open, so also after a crash.
    pub ended: bool,
}

/// Name that the user is signed in with, `unknown` where the system tells none.
pub fn system_user() -> String {
    let named = ["USER", "USERNAME", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    named.map(|name| name.trim().to_owned()).find(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

/// What was open last; `None` when it was closed, or never.
pub fn load_open(home: &Path) -> Option<Open> {
    // A damaged note means the start page, which is where a person starts anyway.
    read(&home.join("open.json")).ok().flatten()
}

/// Remembers what is open.
pub fn save_open(home: &Path, open: Option<&Open>) -> io::Result<()> {
    write(&home.join("open.json"), &open)
}

/// Place in a project; `None` when it was never open or the note is damaged.
pub fn load_place(home: &Path, project: &Path) -> Option<Place> {
    read(&place_file(home, project)).ok().flatten()
}

/// Remembers the place in a project.
pub fn save_place(home: &Path, project: &Path, place: &Place) -> io::Result<()> {
    write(&place_file(home, project), place)
}

/// The user's preferences, and a sentence when their file is damaged.
pub fn load_preferences(home: &Path) -> (Preferences, Option<String>) {
    or_default(&home.join("preferences.json"))
}

/// Writes the user's preferences.
pub fn save_preferences(home: &Path, preferences: &Preferences) -> io::Result<()> {
    write(&home.join("preferences.json"), preferences)
}

/// Recent projects, newest first, and a sentence when their file is damaged.
pub fn load_recent(home: &Path) -> (Vec<Recent>, Option<String>) {
    or_default(&home.join("recent.json"))
}

/// Puts a project on top of the list of recent ones and returns the list.
pub fn remember(home: &Path, project: Recent) -> io::Result<Vec<Recent>> {
    let (mut list, _) = load_recent(home);
    list.retain(|other| other.path != project.path);
    list.insert(0, project);
    list.truncate(RECENT_MAX);
    write(&home.join("recent.json"), &list)?;
    Ok(list)
}

/// Takes a project off the list of recent ones and returns the list.
pub fn forget(home: &Path, project: &Path) -> io::Result<Vec<Recent>> {
    let (mut list, _) = load_recent(home);
    list.retain(|other| other.path != project);
    write(&home.join("recent.json"), &list)?;
    Ok(list)
}

fn place_file(home: &Path, project: &Path) -> PathBuf {
    // The same file reached by another path is the same place; a file that is gone keeps the path as given.
    let path = project.canonicalize().unwrap_or_else(|_| project.to_path_buf());
    let name = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
    home.join("places").join(format!("{}.json", &name[..32]))
}

fn or_default<T: DeserializeOwned + Default>(path: &Path) -> (T, Option<String>) {
    match read(path) {
        Ok(value) => (value.unwrap_or_default(), None),
        Err(error) => (T::default(), Some(format!("{} cannot be read and is replaced by defaults: {error}", path.display()))),
    }
}

/// `None` when there is no such file.
fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::from),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write<T: Serialize + ?Sized>(path: &Path, value: &T) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut file, value)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(path: &str) -> Recent {
        Recent { path: path.into(), name: path.to_owned(), parcels: 17, acquisitions: 152, opened: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn what_was_open_comes_back_unless_it_was_closed() {
        let home = tempfile::tempdir().expect("folder");
        assert_eq!(load_open(home.path()), None);
        let open = Open { project: "/a.parcelight.toml".into(), ended: false };
        save_open(home.path(), Some(&open)).expect("written");
        assert_eq!(load_open(home.path()), Some(open));
        save_open(home.path(), None).expect("written");
        assert_eq!(load_open(home.path()), None);
    }

    #[test]
    fn a_place_comes_back_and_belongs_to_its_project() {
        let home = tempfile::tempdir().expect("folder");
        let place = Place {
            parcel: Some("007".to_owned()),
            acquired: Some("2019-04-16T10:56:58Z".parse().expect("time")),
            sensor: Some(Sensor::S1Coherence),
            filter: "crop=Maize".to_owned(),
            queue: Some("yellow".to_owned()),
            blind: true,
            entry: Some("0f".to_owned()),
            draft: None,
        };
        assert_eq!(load_place(home.path(), Path::new("/a.parcelight.toml")), None);
        save_place(home.path(), Path::new("/a.parcelight.toml"), &place).expect("written");
        assert_eq!(load_place(home.path(), Path::new("/a.parcelight.toml")), Some(place));
        assert_eq!(load_place(home.path(), Path::new("/b.parcelight.toml")), None);
    }

    #[test]
    fn damaged_files_give_defaults_and_a_note() {
        let home = tempfile::tempdir().expect("folder");
        for name in ["preferences.json", "recent.json"] {
            std::fs::write(home.path().join(name), "{\"theme\": ").expect("written");
        }
        let (preferences, note) = load_preferences(home.path());
        assert_eq!(preferences, Preferences::default());
        assert!(note.expect("a note").contains("preferences.json"));
        let (list, note) = load_recent(home.path());
        assert!(list.is_empty() && note.is_some());
    }

    #[test]
    fn preferences_of_a_newer_program_are_still_read() {
        let home = tempfile::tempdir().expect("folder");
        std::fs::write(home.path().join("preferences.json"), r#"{"theme":"light","sound":true}"#).expect("written");
        let (preferences, note) = load_preferences(home.path());
        assert_eq!((preferences.theme, preferences.scale_percent, note), (ThemeChoice::Light, 100, None));
    }

    #[test]
    fn the_newest_project_is_first_and_listed_once() {
        let home = tempfile::tempdir().expect("folder");
        for name in ["a", "b", "a"] {
            remember(home.path(), recent(name)).expect("written");
        }
        let names: Vec<_> = load_recent(home.path()).0.into_iter().map(|project| project.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(forget(home.path(), Path::new("a")).expect("written").len(), 1);
        for number in 0..20 {
            remember(home.path(), recent(&number.to_string())).expect("written");
        }
        assert_eq!(load_recent(home.path()).0.len(), RECENT_MAX);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let home = tempfile::tempdir().expect("folder");
        save_preferences(home.path(), &Preferences { scale_percent: 150, ..Preferences::default() }).expect("written");
        let leftovers = std::fs::read_dir(home.path()).expect("folder").count();
        assert_eq!(leftovers, 1, "no temporary file stays");
        assert!(save_preferences(&home.path().join("preferences.json"), &Preferences::default()).is_err());
        assert_eq!(load_preferences(home.path()).0.scale_percent, 150);
    }
}
