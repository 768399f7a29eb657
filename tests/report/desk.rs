//! A project of five parcels with hostile ids over the sample's images, and its journal.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use jiff::Timestamp;
use parcelight::model::ParcelIx;
use parcelight::model::review::{Act, Decided, Seen};
use parcelight::project::evidence::manifest::Manifest;
use parcelight::project::{Project, sample};
use parcelight::store::decisions::{Draft, Journal};
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_parcelight");

/// Ids of the parcels.
pub const IDS: [&str; 5] = ["P-1", "../x", "CON", "a/b", "=1+1"];

/// Id of the holder of all of them.
pub const HOLDER: &str = "BE0471100815";

/// A folder with the project `season.toml`, its parcels, the sample's images and ruleset.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    /// Writes it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let written = folder.path().join("sample");
        sample::write(&written).expect("the sample can be written");
        let home = folder.path().join("home");
        let own = written.join(sample::PROJECT);
        let mut project = Project::open_at(&own, 2, Arc::new(|| {}), home).expect("opens");
        let data = project.wait_loaded().expect("loads");
        let feature = |(at, id): (u32, &&str)| {
            let mut rings: Vec<Vec<[f64; 2]>> = data.parcels.outline(ParcelIx(at)).rings().map(<[_]>::to_vec).collect();
            for ring in &mut rings {
                ring.push(ring[0]);
            }
            let crop = format!("Crop of {id}");
            json!({
                "type": "Feature",
                "properties": {"id": id, "crop": crop, "holding_id": HOLDER},
                "geometry": {"type": "Polygon", "coordinates": rings},
            })
        };
        let features: Vec<_> = (0..).zip(&IDS).map(feature).collect();
        let crs = json!({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32631"}});
        let layer = json!({"type": "FeatureCollection", "crs": crs, "features": features});
        drop(project);
        let place = written.join(sample::PROJECT).parent().expect("a folder").to_owned();
        for name in ["s2", "rulesets"] {
            fs::rename(place.join(name), folder.path().join(name)).expect("moved");
        }
        // Two months are enough to be looked at, and quick.
        for entry in fs::read_dir(folder.path().join("s2")).expect("listed") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            if !(name.contains("_201904") || name.contains("_201903")) {
                fs::remove_file(entry.path()).expect("removed");
            }
        }
        fs::remove_dir_all(&written).expect("removed");
        fs::write(folder.path().join("parcels.geojson"), layer.to_string()).expect("written");
        let text = "version = \"1.0\"\nname = \"Season\"\nattribution = \"Contains modified Copernicus Sentinel data 2019\"\n\
            ruleset = \"rulesets/winter_cover.toml\"\n[parcels]\npath = \"parcels.geojson\"\nid = \"id\"\ncrop_name = \"crop\"\n\
            [[imagery]]\npath = \"s2\"\n[display]\ngraphs = [[{ index = \"NDVI\" }]]\n";
        fs::write(folder.path().join("season.toml"), text).expect("written");
        Self { folder }
    }

    /// A path on the desk.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The project's journal.
    pub fn journal(&self) -> PathBuf {
        self.path("season.decisions.sqlite")
    }

    /// Some image of the bands that are looked at.
    pub fn an_image(&self) -> PathBuf {
        let mut images: Vec<PathBuf> =
            fs::read_dir(self.path("s2")).expect("listed").flatten().map(|entry| entry.path()).collect();
        images.sort();
        images.into_iter().find(|path| path.to_string_lossy().ends_with("_10m.tif")).expect("an image")
    }

    /// Time of some image.
    pub fn acquired(&self) -> Timestamp {
        let mut project = Project::open_at(&self.path("season.toml"), 2, Arc::new(|| {}), self.path("home")).expect("opens");
        project.wait_loaded().expect("loads").catalog.acquisitions[0].acquired
    }

    /// A photo in the folder of photos; its bytes.
    pub fn photo(&self, name: &str) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let picture = image::RgbImage::from_fn(1800, 900, |x, y| image::Rgb([(x / 8) as u8, (y / 4) as u8, 60]));
        picture.write_to(&mut bytes, image::ImageFormat::Jpeg).expect("a photo");
        fs::create_dir_all(self.path("season.photos")).expect("made");
        fs::write(self.path("season.photos").join(name), bytes.get_ref()).expect("written");
        bytes.into_inner()
    }

    /// Something happens to a parcel.
    pub fn append(&self, parcel: &str, user: &str, act: Act) {
        append(&self.journal(), parcel, user, act);
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.args(words).current_dir(self.folder.path()).stdin(Stdio::null());
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
            command.env(name, self.path("home"));
        }
        command.env_remove("RUST_LOG");
        command.output().expect("the program starts")
    }

    fn ends(&self, status: i32, words: &[&str]) -> (String, String) {
        let output = self.run(words);
        let [out, error] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        assert_eq!(output.status.code(), Some(status), "{words:?}: {out}{error}");
        assert!(!error.contains("panicked"), "{words:?}: {error}");
        (out, error)
    }

    /// Standard output of a run that must succeed.
    pub fn ok(&self, words: &[&str]) -> String {
        self.ends(0, words).0
    }

    /// Standard output and standard error of a run that must succeed.
    pub fn both(&self, words: &[&str]) -> (String, String) {
        self.ends(0, words)
    }

    /// Standard output and standard error of a run that must end with a status.
    pub fn fails(&self, status: i32, words: &[&str]) -> (String, String) {
        self.ends(status, words)
    }
}

fn append(journal: &Path, parcel: &str, user: &str, act: Act) {
    let mut journal = Journal::open(journal).expect("opens");
    let draft = Draft { parcel: parcel.to_owned(), user: user.to_owned(), act };
    journal.append(draft, Timestamp::now()).expect("appended");
}

/// An expert verdict.
pub fn decide(journal: &Path, parcel: &str, user: &str, verdict: &str, reasons: &[&str]) {
    let decided = Decided {
        verdict: verdict.to_owned(),
        reasons: reasons.iter().map(|&code| code.to_owned()).collect(),
        duration_ms: 8_400,
        blind: false,
        automatic: Some("green".to_owned()),
        seen: Seen::default(),
    };
    append(journal, parcel, user, Act::Decide(Box::new(decided)));
}

/// All files below a folder with their bytes.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).expect("listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).expect("below").to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read(&path).expect("read"));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

/// The manifest of a pack.
pub fn manifest(folder: &Path) -> Manifest {
    Manifest::read(folder).expect("a manifest")
}
