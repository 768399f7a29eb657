//! Tables of parcel statistics as sources of observations: formats, units, joining with images, and what is said of bad ones.

#[path = "project/desk.rs"]
#[expect(dead_code, reason = "shared with tests that draw frames")]
mod desk;
#[path = "tables/formats.rs"]
mod formats;
#[path = "tables/hostile.rs"]
mod hostile;
#[path = "tables/joined.rs"]
mod joined;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parcelight::engine::series::IndexRule;
use parcelight::model::settings::ObservationSettings;
use parcelight::model::tables::TableReport;
use parcelight::model::{ObservationState, Series, SeriesPoint, Signal};
use parcelight::project::Project;
use parcelight::project::queries::series::SeriesQuery;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tables").join(name)
}

/// A project of parcels with some ids and no images, whose tables are what `tables` says in its file.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(ids: &[&str], tables: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut features = String::new();
        for (number, id) in ids.iter().enumerate() {
            let x = 4.0 + number as f64 * 0.01;
            let comma = if number == 0 { "" } else { "," };
            write!(
                features,
                r#"{comma}{{"type":"Feature","properties":{{"pid":"{id}","code":{}}},"geometry":{{"type":"Polygon","coordinates":[[[{x},50],[{},50],[{},50.005],[{x},50.005],[{x},50]]]}}}}"#,
                100 + number,
                x + 0.005,
                x + 0.005
            )
            .expect("writes");
        }
        let layer = format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#);
        std::fs::write(folder.path().join("parcels.geojson"), layer).expect("writes");
        let bench = Self { folder };
        bench.say(tables);
        bench
    }

    /// With one table of a path.
    fn of(ids: &[&str], path: &Path) -> Self {
        Self::new(ids, &format!("[[tables]]\npath = '{}'\n", path.display()))
    }

    fn say(&self, tables: &str) {
        let head = "version = \"1.0\"\nname = \"bench\"\n[parcels]\npath = \"parcels.geojson\"\nid = \"pid\"\n";
        std::fs::write(self.project(), format!("{head}{tables}")).expect("writes");
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("bench.parcelight.toml")
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("makes");
        std::fs::write(&path, content).expect("writes");
        path
    }

    fn open(&self) -> Project {
        let home = self.folder.path().join("home");
        let mut project = Project::open_at(&self.project(), 2, Arc::new(|| {}), home).expect("opens");
        project.wait_loaded().expect("loads");
        project
    }
}

fn report(project: &Project) -> TableReport {
    let data = project.data().expect("loaded");
    data.tables.as_ref().expect("has tables").reports()[0].clone()
}

/// Everything that was found wrong, one a line.
fn faults(project: &Project) -> String {
    let problems = &project.data().expect("loaded").catalog.problems;
    problems.iter().flat_map(|problem| [problem.line(), "\n".to_owned()]).collect()
}

fn series_under(project: &Project, id: &str, signal: &str, settings: &ObservationSettings) -> Series {
    let parcel = project.data().expect("loaded").parcels.find(id).expect("a parcel");
    let query = SeriesQuery {
        parcel,
        signal: Signal::parse(signal),
        settings: settings.clone(),
        rule: IndexRule::OfMeans,
        revision: project.revision(),
    };
    let series = project.compute(&query).expect("computes");
    Series { points: series.points.clone() }
}

fn series(project: &Project, id: &str, signal: &str) -> Series {
    series_under(project, id, signal, &ObservationSettings::default())
}

fn values(series: &Series) -> Vec<(String, f64)> {
    series.points.iter().map(|point| (point.acquired.to_string(), point.value)).collect()
}

fn ok(series: &Series) -> Vec<SeriesPoint> {
    series.points.iter().filter(|point| point.state == ObservationState::Ok).copied().collect()
}

fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found} is not {expected}");
}
