//! Loading: scan the imagery, import the parcels, open the cache; in the background.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, bounded};

use crate::io::scan::{self, ScanSource};
use crate::io::vector;
use crate::jobs::{Lane, Pool};
use crate::model::report::{Problem, Severity};
use crate::model::{Catalog, Crs, ProjectFile, Watch};
use crate::store::cache::Cache;

use super::open::{Dataset, JobStatus, status};
use super::prepare::{self, Prepared};
use super::query::Wake;

/// What loading gives.
pub(super) struct Loaded {
    pub(super) dataset: Dataset,
    pub(super) disk: Option<Arc<Cache>>,
    pub(super) prepared: Option<Arc<Prepared>>,
    pub(super) data_key: [u8; 32],
    pub(super) notes: Vec<String>,
}

/// Loading under way.
pub(super) struct Loading {
    receiver: Receiver<Result<Loaded, super::Error>>,
    scan: Watch,
    import: Watch,
    since: Instant,
}

impl Loading {
    pub(super) fn poll(&self) -> Option<Result<Loaded, super::Error>> {
        // Disconnected without an answer means cancelled: the next loading replaces this one.
        self.receiver.try_recv().ok()
    }

    pub(super) fn wait(&self) -> Result<Loaded, super::Error> {
        self.receiver.recv().unwrap_or_else(|_| Err(super::Error(Arc::new(anyhow::anyhow!("loading was cancelled")))))
    }

    pub(super) fn cancel(&self) {
        self.scan.cancel();
        self.import.cancel();
    }

    pub(super) fn status(&self) -> Vec<JobStatus> {
        [("job-scan", &self.scan), ("job-import", &self.import)]
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
pub(super) fn start(pool: &Pool, path: &Path, file: &ProjectFile, wake: &Wake) -> Loading {
    let (sender, receiver) = bounded(1);
    let loading = Loading { receiver, scan: Watch::default(), import: Watch::default(), since: Instant::now() };
    let (scan, import) = (loading.scan.clone(), loading.import.clone());
    let (path, file, wake) = (path.to_owned(), file.clone(), Arc::clone(wake));
    pool.push(Lane::Interactive, move || {
        let loaded = load(&path, &file, &scan, &import).map_err(|error| super::Error(Arc::new(error)));
        // Nobody listens any more when another loading has begun.
        drop(sender.send(loaded));
        wake();
    });
    loading
}

fn load(path: &Path, file: &ProjectFile, scan_watch: &Watch, import_watch: &Watch) -> anyhow::Result<Loaded> {
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
    let mut source = file.parcels.clone();
    source.path = resolve(path, &source.path);
    let working = source.working_epsg.map(Crs::Epsg).or_else(|| most_common_crs(&catalog));
    let import = vector::import(&source, working.as_ref(), import_watch)?;
    note_missing_overlap(&mut catalog, &import, &source.path);
    let data_key = data_key(&catalog);
    let summary = format!(
        "{} parcels, {} acquisitions, {} files with problems",
        import.parcels.len(),
        catalog.acquisitions.len(),
        catalog.problems.len()
    );
    notes.insert(0, summary);
    let prepared = Prepared::open(path, &catalog, &mut notes).map(Arc::new);
    let disk = match Cache::open(&cache_folder(path)) {
        Ok(cache) => Some(Arc::new(cache)),
        Err(error) => {
            notes.push(format!("{error} ({}); results are kept in memory only", cache_folder(path).display()));
            None
        }
    };
    Ok(Loaded {
        dataset: Dataset { parcels: Arc::new(import.parcels), catalog: Arc::new(catalog), import_problems: import.problems },
        disk,
        prepared,
        data_key,
        notes,
    })
}

/// `NAME.parcelight.cache` beside `NAME.parcelight.toml`.
pub fn cache_folder(project: &Path) -> PathBuf {
    let name = project.file_name().and_then(|name| name.to_str()).unwrap_or("project");
    let stem = name.strip_suffix(".toml").unwrap_or(name);
    let stem = stem.strip_suffix(".parcelight").unwrap_or(stem);
    project.with_file_name(format!("{stem}.parcelight.cache"))
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
fn note_missing_overlap(catalog: &mut Catalog, import: &vector::Import, path: &Path) {
    let parcels = import.parcels.total_bounds();
    let meets = catalog
        .acquisitions
        .iter()
        .flat_map(|acquisition| &acquisition.granules)
        .filter_map(|granule| granule.finest_grid())
        .any(|grid| {
            crate::io::crs::transform_bounds(&grid.bounds(), &grid.crs, import.parcels.crs())
                .is_ok_and(|bounds| bounds.intersects(&parcels))
        });
    if !catalog.acquisitions.is_empty() && !parcels.is_empty() && !meets {
        catalog.problems.push(Problem {
            severity: Severity::Error,
            path: path.to_owned(),
            fact: "no parcel lies inside any image".to_owned(),
            expected: "parcels and images of the same place; check the layer's CRS and whether its axes are swapped".to_owned(),
        });
    }
}

/// Fingerprint of the catalogue and of the size and time of every file it names.
fn data_key(catalog: &Catalog) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
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
