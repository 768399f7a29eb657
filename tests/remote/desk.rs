//! A client with short waits and a cache folder of its own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parcelight::model::project_file::RemoteSource;
use parcelight::remote::{ChipCheck, ChipWanted, ChipsWanted, Client, RemoteError, Secret, Settings};
use parcelight::store::remote::{EntryKind, RemoteCache};

/// A client and what it works on.
pub struct Desk {
    pub client: Client,
    pub folder: tempfile::TempDir,
}

pub fn source(url: &str) -> RemoteSource {
    toml::from_str(&format!("url = \"{url}\"\nuser = \"me\"\naoi = \"nld\"\nyear = \"2019\"")).expect("a source")
}

pub fn settings() -> Settings {
    Settings {
        connect: Duration::from_millis(300),
        answer: Duration::from_millis(300),
        whole_answer: Duration::from_millis(900),
        attempts: 3,
        backoff: Duration::from_millis(10),
        longest_backoff: Duration::from_millis(30),
        answer_bytes: 1 << 20,
        chip_bytes: 1 << 20,
        young: Duration::from_hours(1),
    }
}

/// A file is right when it says so.
pub fn check() -> ChipCheck {
    Arc::new(|path: &Path, chip: &ChipWanted| {
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        let wanted = format!("{} {}", chip.product, chip.band);
        let found = bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes());
        if found { Ok(()) } else { Err("it shows another band or place".to_owned()) }
    })
}

impl Desk {
    pub fn new(url: &str) -> Self {
        Self::with(&source(url), settings())
    }

    pub fn with(source: &RemoteSource, settings: Settings) -> Self {
        Self::secured(source, settings, &[]).expect("a client")
    }

    pub fn secured(source: &RemoteSource, settings: Settings, certificates: &[std::path::PathBuf]) -> Result<Self, RemoteError> {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = RemoteCache::open(folder.path(), 1 << 30).expect("a cache");
        let password = Some(Secret::new("hunter2-hunter2".to_owned()));
        let client = Client::with_settings(source, certificates, password, cache, check(), settings)?;
        Ok(Self { client, folder })
    }

    /// Chips in the cache.
    pub fn kept_chips(&self) -> usize {
        let entries = self.client.cache().list(self.client.source_key());
        entries.iter().filter(|entry| entry.kind == EntryKind::Chip).count()
    }

    /// Files in the cache folder that hold chips or began to.
    pub fn chip_files(&self) -> usize {
        let mut folders = vec![self.folder.path().join("files"), self.folder.path().join("incoming")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files += 1;
                }
            }
        }
        files
    }
}

/// Product names of successive days.
pub fn products(count: usize) -> Vec<String> {
    let name = |day: usize| {
        let (month, day) = (1 + day / 28, 1 + day % 28);
        format!("S2A_MSIL2A_2019{month:02}{day:02}T104029_N0212_R008_T31UFU_20190617T131553")
    };
    (0..count).map(name).collect()
}

pub fn wanted(count: usize, bands: &[&str]) -> ChipsWanted {
    let bands = bands.iter().map(|&band| band.to_owned()).collect();
    ChipsWanted { lon: 4.4, lat: 51.7, chip_m: 400, products: products(count), bands }
}
