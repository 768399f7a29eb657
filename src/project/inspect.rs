//! Looks into files before a project exists: what the New project dialog and `init` show.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::io::scan::{self, ScanSource};
use crate::io::tables::import::{self, Context};
use crate::io::vector::{self, LayerInfo};
use crate::jobs::{Lane, Pool};
use crate::model::project_file::{Display, FORMAT_VERSION, ImagerySource, ParcelSource, Radiometry};
use crate::model::settings::{ObservationSettings, PeerSettings};
use crate::model::tables::TableReport;
use crate::model::{Catalog, Parcels, ProjectFile, TableSource, Watch};

use super::query::{Error, Fetch, Wake};
use super::tables::{self, Ids};

pub use crate::io::tables::import::Preview as TablePreview;

/// Parcel layers of one file.
#[derive(Debug)]
pub struct FoundParcels {
    /// File.
    pub path: PathBuf,
    /// Its polygon layers.
    pub layers: Vec<LayerInfo>,
}

type Slot<T> = Arc<Mutex<Fetch<T>>>;

/// A background look into parcels and imagery. Dropping it cancels the work.
pub struct Inspection {
    parcels: Slot<FoundParcels>,
    imagery: Slot<Catalog>,
    table: Slot<TablePreview>,
    report: Slot<TableReport>,
    watch: Watch,
    /// Dropped after the work has been told to stop.
    pool: Pool,
}

impl Inspection {
    /// Looks into a parcel file.
    pub fn parcels(path: PathBuf, wake: Wake) -> Self {
        let inspection = Self::new();
        let look = move || Ok(FoundParcels { layers: vector::layers(&path)?, path });
        inspection.start(&inspection.parcels, wake, look);
        inspection
    }

    /// Scans folders or files for imagery.
    pub fn imagery(paths: Vec<PathBuf>, wake: Wake) -> Self {
        let inspection = Self::new();
        let watch = inspection.watch.clone();
        let sources: Vec<ScanSource> =
            paths.into_iter().map(|path| ScanSource { path, pattern: None, ..ScanSource::default() }).collect();
        let look = move || Ok(scan::scan(&sources, &Radiometry::default(), &watch));
        inspection.start(&inspection.imagery, wake, look);
        inspection
    }

    /// Looks at the beginning of a series table, then reads all of it to tell what it would give to these parcels.
    pub fn table(source: TableSource, parcels: Arc<Parcels>, indices: Vec<String>, wake: Wake) -> Self {
        let inspection = Self::new();
        let (said, known, names) = (source.clone(), Arc::clone(&parcels), indices.clone());
        let look = move || {
            let ids = Ids::new(&known, said.parcel_column.as_deref()).map_err(anyhow::Error::msg)?;
            let context = Context { indices: &names, is_parcel: &|id| ids.find(id).is_some() };
            Ok(import::preview(&said, &context)?)
        };
        inspection.start(&inspection.table, Arc::clone(&wake), look);
        let watch = inspection.watch.clone();
        let count = move || {
            let counted = tables::source_report(&parcels, &source, &indices, &watch, &mut |_, _| Ok(()));
            Ok(counted)
        };
        inspection.start(&inspection.report, wake, count);
        inspection
    }

    fn new() -> Self {
        let slot = || Mutex::new(Fetch::Pending);
        Self {
            parcels: Arc::new(slot()),
            imagery: Arc::new(Mutex::new(Fetch::Pending)),
            table: Arc::new(Mutex::new(Fetch::Pending)),
            report: Arc::new(Mutex::new(Fetch::Pending)),
            watch: Watch::default(),
            pool: Pool::new(1),
        }
    }

    fn start<T: Send + Sync + 'static>(
        &self,
        slot: &Slot<T>,
        wake: Wake,
        look: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
    ) {
        let slot = Arc::clone(slot);
        let watch = self.watch.clone();
        self.pool.push(Lane::Interactive, move || {
            // A fault in a reader must end in a message, not in a dialog that waits for ever.
            let found = catch_unwind(AssertUnwindSafe(look))
                .unwrap_or_else(|_| Err(anyhow::anyhow!("a reader failed on these files; see the log")));
            if watch.cancelled() {
                return;
            }
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = match found {
                Ok(found) => Fetch::Ready(Arc::new(found)),
                Err(error) => Fetch::Failed(Error(Arc::new(error))),
            };
            wake();
        });
    }

    /// Result of [`Inspection::parcels`].
    pub fn found_parcels(&self) -> Fetch<FoundParcels> {
        self.parcels.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Result of [`Inspection::imagery`].
    pub fn found_imagery(&self) -> Fetch<Catalog> {
        self.imagery.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Result of [`Inspection::table`]: the beginning.
    pub fn found_table(&self) -> Fetch<TablePreview> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Result of [`Inspection::table`]: the whole.
    pub fn table_report(&self) -> Fetch<TableReport> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Progress and cancel.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }
}

impl Drop for Inspection {
    fn drop(&mut self) {
        self.watch.cancel();
    }
}

/// A project file made of what was found: relative to `project_path`'s folder, with every guess filled in.
///
/// Called after the folder if the project lies in one, else after the parcel file. A path on another drive stays absolute.
pub fn propose(project_path: &Path, parcels: &FoundParcels, layer: usize, imagery: &[PathBuf]) -> ProjectFile {
    let project_path = std::path::absolute(project_path).unwrap_or_else(|_| project_path.to_owned());
    let folder = project_path.parent().unwrap_or(Path::new(""));
    let of = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name =
        folder.file_name().map(|name| name.to_string_lossy().into_owned()).or_else(|| of(&parcels.path)).unwrap_or_default();
    let chosen = parcels.layers.get(layer);
    let guess = |pick: fn(&LayerInfo) -> &Option<String>| chosen.and_then(|layer| pick(layer).clone());
    ProjectFile {
        version: FORMAT_VERSION.to_owned(),
        name,
        attribution: String::new(),
        parcels: ParcelSource {
            path: relative(folder, &parcels.path),
            // The only layer needs no name: a renamed layer then does no harm.
            layer: chosen.filter(|_| parcels.layers.len() > 1).map(|layer| layer.name.clone()),
            id: guess(|layer| &layer.guessed_id),
            crop_code: guess(|layer| &layer.guessed_crop_code),
            crop_name: guess(|layer| &layer.guessed_crop_name),
            ..ParcelSource::default()
        },
        imagery: imagery
            .iter()
            .map(|path| ImagerySource { path: relative(folder, path), pattern: None, ..ImagerySource::default() })
            .collect(),
        tables: Vec::new(),
        remote: None,
        radiometry: Radiometry::default(),
        observations: ObservationSettings::default(),
        peers: PeerSettings::default(),
        display: Display::default(),
        indices: Vec::new(),
        backgrounds: Vec::new(),
        ruleset: None,
        decisions: None,
        heterogeneity: None,
        review: None,
        other_verdict: None,
    }
}

/// `path` as seen from `folder`, with `/` between parts so that the file reads the same on every system.
fn relative(folder: &Path, path: &Path) -> PathBuf {
    let resolve = |path: &Path| {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        // Links are followed as far as the files exist, as `..` would go to the linked place.
        std::fs::canonicalize(&absolute).unwrap_or(absolute)
    };
    let (folder, path) = (resolve(folder), resolve(path));
    let from: Vec<Component<'_>> = folder.components().collect();
    let to: Vec<Component<'_>> = path.components().collect();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    // Nothing but the root in common: a way through the root would break as soon as the folder moves.
    if common <= 1 {
        return path;
    }
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    let down = to[common..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    PathBuf::from(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::bounded;
    use std::time::Duration;

    fn golden(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/gsaa_parcels").join(name)
    }

    fn waited(path: PathBuf) -> Inspection {
        let (sender, receiver) = bounded(1);
        let inspection = Inspection::parcels(path, Arc::new(move || sender.send(()).expect("the test waits")));
        receiver.recv_timeout(Duration::from_secs(30)).expect("wakes when done");
        inspection
    }

    #[test]
    fn layers_arrive_in_the_background_and_errors_stay() {
        let inspection = waited(golden("dk_marker_2026.gpkg"));
        let found = inspection.found_parcels().ready().expect("ready");
        assert_eq!(found.layers[0].features, 100);
        assert!(matches!(inspection.found_imagery(), Fetch::Pending));
        let failed = waited(golden("README.md"));
        let Fetch::Failed(error) = failed.found_parcels() else { panic!("must fail") };
        assert!(error.chain().contains("README.md"), "{error}");
    }

    #[test]
    fn dropping_cancels() {
        let inspection = Inspection::parcels(golden("dk_marker_2026.gpkg"), Arc::new(|| {}));
        let watch = inspection.watch().clone();
        drop(inspection);
        assert!(watch.cancelled());
    }

    #[test]
    fn a_proposal_has_relative_paths_and_every_guess() {
        let root = tempfile::tempdir().expect("folder");
        let project = root.path().join("Season 2023/review");
        std::fs::create_dir_all(&project).expect("creates");
        std::fs::create_dir_all(root.path().join("images/s2")).expect("creates");
        let file = root.path().join("Season 2023/review/nl.gpkg");
        std::fs::copy(golden("nl_brp_2023.gpkg"), &file).expect("copies");
        let found = FoundParcels { layers: vector::layers(&file).expect("lists"), path: file };
        let proposed = propose(&project.join("x.parcelight.toml"), &found, 0, &[root.path().join("images/s2"), project.clone()]);
        assert_eq!(proposed.name, "review");
        assert_eq!(proposed.parcels.path, Path::new("nl.gpkg"));
        assert_eq!((proposed.parcels.id.as_deref(), proposed.parcels.crop_code.as_deref()), (Some("fid"), Some("gewascode")));
        let paths: Vec<&Path> = proposed.imagery.iter().map(|source| source.path.as_path()).collect();
        assert_eq!(paths, [Path::new("../../images/s2"), Path::new(".")]);
        let target = project.join("x.parcelight.toml");
        crate::io::project_file::save(&target, &proposed).expect("saves");
        assert_eq!(crate::io::project_file::load(&target).expect("loads"), proposed);
    }

    #[test]
    fn a_file_elsewhere_stays_absolute() {
        assert_eq!(relative(Path::new("/home/a/p"), Path::new("/data/b.gpkg")), Path::new("/data/b.gpkg"));
        assert_eq!(relative(Path::new("/home/a/p"), Path::new("/home/b.gpkg")), Path::new("../../b.gpkg"));
    }
}
