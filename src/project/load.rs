//! Loading: scan the imagery, import the parcels, open the cache; in the background.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, bounded};

use crate::engine::ENGINE_VERSION;
use crate::io::scan::{self, ScanSource};
use crate::io::vector;
use crate::jobs::{Lane, Pool};
use crate::model::project_file::ParcelSource;
use crate::model::report::{Problem, Severity};
use crate::model::{Catalog, Crs, Parcels, ProjectFile, Watch};
use crate::store::cache::Cache;
use crate::store::parcels::{self, KeptParcels};

use super::open::{Dataset, JobStatus, status};
use super::prepare::{self, Prepared};
use super::query::Wake;
use super::remote::{self, Remote};
use super::tables;

/// A server that the project asks, if it names one.
type Session = Arc<remote::Session>;

/// What loading gives.
pub(super) struct Loaded {
    pub(super) dataset: Dataset,
    pub(super) disk: Option<Arc<Cache>>,
    pub(super) prepared: Option<Arc<Prepared>>,
    pub(super) remote: Option<Beside>,
    pub(super) data_key: [u8; 32],
    pub(super) notes: Vec<String>,
}

/// A server, and the acquisitions of the images beside it: what its own are joined with, again when they grow.
#[derive(Clone)]
pub(super) struct Beside {
    pub(super) remote: Arc<Remote>,
    pub(super) images: Arc<Catalog>,
}

/// What comes from a loading.
pub(super) enum News {
    /// The parcels read so far; their row numbers stay.
    Part(Box<Loaded>),
    /// All, or why not.
    Last(Result<Box<Loaded>, super::Error>),
}

/// Loading under way.
pub(super) struct Loading {
    receiver: Receiver<News>,
    scan: Watch,
    import: Watch,
    tables: Watch,
    since: Instant,
}

impl Loading {
    pub(super) fn poll(&self) -> Option<News> {
        // Disconnected without an answer means cancelled: the next loading replaces this one.
        self.receiver.try_recv().ok()
    }

    /// Waits for the whole.
    pub(super) fn wait(&self) -> Result<Loaded, super::Error> {
        loop {
            match self.receiver.recv() {
                Ok(News::Part(_)) => {}
                Ok(News::Last(loaded)) => return loaded.map(|loaded| *loaded),
                Err(_) => return Err(super::Error(Arc::new(anyhow::anyhow!("loading was cancelled")))),
            }
        }
    }

    pub(super) fn cancel(&self) {
        self.scan.cancel();
        self.import.cancel();
        self.tables.cancel();
    }

    pub(super) fn status(&self) -> Vec<JobStatus> {
        [("job-scan", &self.scan), ("job-import", &self.import), ("job-tables", &self.tables)]
            .into_iter()
            .map(|(name, watch)| {
                let (done, total) = watch.progress();
                status(name, self.since, done, total, watch.clone())
            })
            .filter(|job| job.total == 0 || job.done < job.total)
            .collect()
    }
}

/// Starts loading a project file's sources.
pub(super) fn start(pool: &Pool, path: &Path, file: &ProjectFile, session: Option<Session>, wake: &Wake) -> Loading {
    // A table doubles less often than this.
    let (sender, receiver) = bounded(32);
    let (scan, import, tables) = (Watch::default(), Watch::default(), Watch::default());
    let loading = Loading { receiver, scan: scan.clone(), import: import.clone(), tables: tables.clone(), since: Instant::now() };
    let (path, file, wake) = (path.to_owned(), file.clone(), Arc::clone(wake));
    if file.tables.is_empty() {
        // No work, so none is shown.
        tables.set_total(1);
        tables.advance(1);
    }
    pool.push(Lane::Interactive, move || {
        let mut part = |loaded: Loaded| {
            // Nobody listens any more when another loading has begun.
            drop(sender.try_send(News::Part(Box::new(loaded))));
            wake();
        };
        let (loaded, keep) = match load(&path, &file, session.as_ref(), [&scan, &import, &tables], &mut part) {
            Ok((loaded, keep)) => (Ok(Box::new(loaded)), keep),
            Err(error) => (Err(super::Error(Arc::new(error))), None),
        };
        drop(sender.send(News::Last(loaded)));
        wake();
        // Once nobody waits for it any more.
        if let Some((key, kept)) = keep
            && let Err(error) = parcels::save(&cache_folder(&path), &key, &kept)
        {
            tracing::warn!("cannot keep the parcel table in the cache: {error}");
        }
    });
    loading
}

/// Layers with fewer parcels are read faster than a cache is checked.
const KEPT_FROM: usize = 20_000;

/// A table worth keeping, and its key.
type Keep = Option<([u8; 32], KeptParcels)>;

fn load(
    path: &Path,
    file: &ProjectFile,
    session: Option<&Session>,
    [scan_watch, import_watch, tables_watch]: [&Watch; 3],
    part: &mut (dyn FnMut(Loaded) + Send),
) -> anyhow::Result<(Loaded, Keep)> {
    let sources: Vec<ScanSource> = file
        .imagery
        .iter()
        .map(|source| ScanSource {
            path: resolve(path, &source.path),
            pattern: source.pattern.clone(),
            calibration: source.calibration,
        })
        .collect();
    let mut catalog = scan::scan(&sources, &file.radiometry, scan_watch);
    if scan_watch.cancelled() {
        anyhow::bail!("reading the imagery was cancelled; use Reload to start again");
    }
    let mut notes = Vec::new();
    let missing: Vec<PathBuf> = sources.iter().map(|source| source.path.clone()).filter(|source| !source.exists()).collect();
    prepare::restore(path, &missing, &mut catalog, &mut notes);
    // Also without a single file this work is done.
    scan_watch.set_total(scan_watch.progress().0.max(1));
    scan_watch.advance(scan_watch.progress().1 - scan_watch.progress().0);
    let (source, asked) = parcel_source(path, file, session, import_watch)?;
    let working = source.working_epsg.map(Crs::Epsg).or_else(|| most_common_crs(&catalog));
    let folder = cache_folder(path);
    let disk = match Cache::open(&folder) {
        Ok(cache) => Some(Arc::new(cache)),
        Err(error) => {
            notes.push(format!("{error} ({}); results are kept in memory only", folder.display()));
            None
        }
    };
    let key = table_key(&source, working.as_ref());
    let (table, keep) = if let Some(kept) = parcels::load(&folder, &key) {
        (kept, false)
    } else {
        let growing = Arc::new(catalog.clone());
        let prepared = Prepared::open(path, &catalog, &mut Vec::new()).map(Arc::new);
        let data_key = data_key(&catalog, &[0; 32]);
        let mut show = |parcels: Parcels| {
            let dataset =
                Dataset { parcels: Arc::new(parcels), catalog: Arc::clone(&growing), import_problems: Vec::new(), tables: None };
            let (disk, prepared) = (disk.clone(), prepared.clone());
            part(Loaded { dataset, disk, prepared, remote: None, data_key, notes: Vec::new() });
        };
        let import = vector::import_in_parts(&source, working.as_ref(), import_watch, &mut show)?;
        let keep = import.parcels.len() >= KEPT_FROM;
        (KeptParcels { parcels: import.parcels, problems: import.problems }, keep)
    };
    catalog.problems.extend(asked);
    let remote = session.map(|session| {
        let images = Arc::new(catalog.clone());
        notes.extend(session.prime(&table.parcels, import_watch));
        let index = session.join(&mut catalog);
        Beside { remote: Arc::new(Remote { session: Arc::clone(session), index }), images }
    });
    note_missing_overlap(&mut catalog, &table.parcels, &source.path);
    let wanted = tables::Wanted { project: path, file, parcels: &table.parcels, folder: &folder };
    let read = tables::read(&wanted, tables_watch)?;
    tables_watch.set_total(1);
    tables_watch.advance(1);
    catalog.problems.extend(read.problems);
    notes.extend(read.notes);
    let tables = read.store.map(|store| Arc::new(tables::join(store, &mut catalog)));
    let data_key = data_key(&catalog, &read.fingerprint);
    let prepared = Prepared::open(path, &catalog, &mut notes).map(Arc::new);
    let summary = format!(
        "{} parcels, {} acquisitions, {} files with problems",
        table.parcels.len(),
        catalog.acquisitions.len(),
        catalog.problems.len()
    );
    let keep = keep.then(|| (key, table.clone()));
    let dataset =
        Dataset { parcels: Arc::new(table.parcels), catalog: Arc::new(catalog), import_problems: table.problems, tables };
    notes.insert(0, summary);
    Ok((Loaded { dataset, disk, prepared, remote, data_key, notes }, keep))
}

/// The layer of the parcels: the project's, else one made of the parcels that a server gives.
fn parcel_source(
    path: &Path,
    file: &ProjectFile,
    session: Option<&Session>,
    watch: &Watch,
) -> anyhow::Result<(ParcelSource, Vec<Problem>)> {
    if let (Some(session), Some(remote)) = (session, file.remote.as_ref().filter(|_| file.parcels.is_empty())) {
        let (source, problems) = remote::parcels(session, path, &remote.parcel_ids, watch)?;
        return Ok((ParcelSource { working_epsg: file.parcels.working_epsg, ..source }, problems));
    }
    let mut source = file.parcels.clone();
    source.path = resolve(path, &source.path);
    Ok((source, Vec::new()))
}

/// The parcels of a project, and nothing else of it.
#[derive(Debug, Clone)]
pub struct ParcelsOnly {
    /// What the project says.
    pub file: ProjectFile,
    /// Parcels, in the layer's own system unless the project names a working one.
    pub parcels: Arc<Parcels>,
    /// What was found wrong with them.
    pub problems: Vec<Problem>,
}

/// Reads the parcel layer of a project and looks for no image: for work on decisions. `None` where a server gives the parcels.
pub fn parcels_only(path: &Path, watch: &Watch) -> anyhow::Result<Option<ParcelsOnly>> {
    let file = crate::io::project_file::load(path)?;
    if file.parcels.is_empty() {
        return Ok(None);
    }
    let mut source = file.parcels.clone();
    source.path = resolve(path, &source.path);
    let import = vector::import(&source, source.working_epsg.map(Crs::Epsg).as_ref(), watch)?;
    Ok(Some(ParcelsOnly { file, parcels: Arc::new(import.parcels), problems: import.problems }))
}

/// Fingerprint of everything that decides the parcel table: the layer's files, what was asked of them, and this program.
fn table_key(source: &ParcelSource, working: Option<&Crs>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{ENGINE_VERSION} {source:?} {working:?}").as_bytes());
    for path in layer_files(&source.path) {
        // Databases leave empty companions behind.
        if let Ok(metadata) = std::fs::metadata(&path)
            && metadata.len() > 0
        {
            hasher.update(format!("{} {} {:?}", path.display(), metadata.len(), metadata.modified().ok()).as_bytes());
        }
    }
    *hasher.finalize().as_bytes()
}

/// The files of a layer: itself with its companions of the same name, or all that a folder holds.
pub(super) fn layer_files(path: &Path) -> Vec<PathBuf> {
    let folder = if path.is_dir() { Some(path) } else { path.parent() };
    // A folder that cannot be listed leaves the file itself.
    let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let belongs = |entry: &PathBuf| path.is_dir() || entry.file_stem() == path.file_stem();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(belongs).collect();
    files.push(path.to_owned());
    // SQLite makes these while a database is open, and removes them; a change in them is one of the database soon after.
    files.retain(|file| !file.to_string_lossy().ends_with("-shm"));
    files.sort_unstable();
    files.dedup();
    files
}

/// `NAME.parcelight.cache` beside `NAME.parcelight.toml`.
pub fn cache_folder(project: &Path) -> PathBuf {
    beside(project, "cache")
}

/// Folder where the observations of a project are stored, when nothing else is said: beside the project file.
pub fn observations_folder(project: &Path) -> PathBuf {
    beside(project, "observations")
}

/// `NAME.parcelight.WHAT` beside `NAME.parcelight.toml`.
fn beside(project: &Path, what: &str) -> PathBuf {
    let name = project.file_name().and_then(|name| name.to_str()).unwrap_or("project");
    let stem = name.strip_suffix(".toml").unwrap_or(name);
    let stem = stem.strip_suffix(".parcelight").unwrap_or(stem);
    project.with_file_name(format!("{stem}.parcelight.{what}"))
}

/// CRS of most acquisitions.
fn most_common_crs(catalog: &Catalog) -> Option<Crs> {
    let mut counts: Vec<(Crs, usize)> = Vec::new();
    for grid in
        catalog.acquisitions.iter().flat_map(|acquisition| &acquisition.granules).filter_map(|granule| granule.finest_grid())
    {
        match counts.iter_mut().find(|(crs, _)| *crs == grid.crs) {
            Some((_, count)) => *count += 1,
            None => counts.push((grid.crs.clone(), 1)),
        }
    }
    counts.into_iter().max_by_key(|&(_, count)| count).map(|(crs, _)| crs)
}

/// Says so when parcels and images do not meet at all.
fn note_missing_overlap(catalog: &mut Catalog, table: &Parcels, path: &Path) {
    let parcels = table.total_bounds();
    let images = || catalog.acquisitions.iter().flat_map(|acquisition| &acquisition.granules).filter(|granule| !granule.remote);
    let meets = images().filter_map(|granule| granule.finest_grid()).any(|grid| {
        crate::io::crs::transform_bounds(&grid.bounds(), &grid.crs, table.crs()).is_ok_and(|bounds| bounds.intersects(&parcels))
    });
    if images().next().is_some() && !parcels.is_empty() && !meets {
        catalog.problems.push(Problem {
            severity: Severity::Error,
            path: path.to_owned(),
            fact: "no parcel lies inside any image".to_owned(),
            expected: "parcels and images of the same place; check the layer's CRS and whether its axes are swapped".to_owned(),
        });
    }
}

/// Fingerprint of the catalogue, of the size and time of every file it names, and of the tables.
fn data_key(catalog: &Catalog, tables: &[u8; 32]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(tables);
    for acquisition in &catalog.acquisitions {
        hasher.update(format!("{acquisition:?}").as_bytes());
    }
    let mut paths: Vec<&Path> = catalog
        .acquisitions
        .iter()
        .flat_map(|acquisition| &acquisition.granules)
        .flat_map(|granule| &granule.bands)
        .map(|asset| asset.path.as_path())
        .collect();
    paths.sort_unstable();
    paths.dedup();
    for path in paths {
        if let Ok(metadata) = std::fs::metadata(path) {
            hasher.update(format!("{} {} {:?}", path.display(), metadata.len(), metadata.modified().ok()).as_bytes());
        }
    }
    *hasher.finalize().as_bytes()
}

/// Absolute path of a path in a project file.
pub fn resolve(project: &Path, path: &Path) -> PathBuf {
    let joined = project.parent().unwrap_or(Path::new("")).join(path);
    let mut clean = PathBuf::new();
    for component in joined.components() {
        match component {
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean
}

/// `path` as seen from the folder `base`; stays absolute on another drive or root.
pub fn relative(base: &Path, path: &Path) -> PathBuf {
    let (from, to): (Vec<_>, Vec<_>) = (base.components().collect(), path.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    // Without a common folder below the root a relative path helps nobody.
    if shared < 2 && !to.is_empty() && path.is_absolute() {
        return path.to_owned();
    }
    let mut result = PathBuf::new();
    (shared..from.len()).for_each(|_| result.push(".."));
    to[shared..].iter().for_each(|component| result.push(component));
    if result.as_os_str().is_empty() { PathBuf::from(".") } else { result }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_and_made_relative_again() {
        let project = Path::new("/data/flanders/project.parcelight.toml");
        assert_eq!(resolve(project, Path::new("../synthetic/coh")), Path::new("/data/synthetic/coh"));
        assert_eq!(relative(Path::new("/data/flanders"), Path::new("/data/synthetic/coh")), Path::new("../synthetic/coh"));
        assert_eq!(relative(Path::new("/data/flanders"), Path::new("/data/flanders")), Path::new("."));
        assert_eq!(relative(Path::new("/data/flanders"), Path::new("/mnt/s2")), Path::new("/mnt/s2"));
        assert_eq!(cache_folder(project), Path::new("/data/flanders/project.parcelight.cache"));
    }
}
