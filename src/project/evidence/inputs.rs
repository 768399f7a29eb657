//! The files that the numbers of sheets came from, each read once and told by its SHA-256.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::engine::series::bands_of;
use crate::engine::stretch;
use crate::io::ruleset::shipped;
use crate::io::scan::Sidecars;
use crate::model::evidence::InputLine;
use crate::model::{Band, ParcelIx, Sensor, Signal, Watch};
use crate::project::export::source_of;
use crate::project::load::{layer_files, relative, resolve};
use crate::project::queries::coverage::CoverageQuery;
use crate::project::{Dataset, Project, tables};
use crate::store::cache::Cache;

/// Bytes read at a time.
const PIECE: usize = 1 << 18;

/// What a file is to a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The project file.
    Project,
    /// A file of the parcel layer.
    Parcels,
    /// The ruleset.
    Ruleset,
    /// The agency's lists of verdicts and reasons.
    Form,
    /// A table of statistics.
    Table,
    /// A file beside an image that says what its numbers mean.
    Metadata,
    /// A Sentinel-2 image.
    Optical,
    /// A Sentinel-1 backscatter image.
    Backscatter,
    /// A Sentinel-1 coherence image.
    Coherence,
}

impl Role {
    fn of(sensor: Sensor) -> Self {
        match sensor {
            Sensor::S2 => Self::Optical,
            Sensor::S1Backscatter => Self::Backscatter,
            Sensor::S1Coherence => Self::Coherence,
        }
    }
}

/// An input file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Path from the project's folder, with `/`; absolute where they share none.
    pub path: String,
    /// What it is.
    pub role: Role,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// All inputs of some parcels.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Every file once, by path.
    pub files: Vec<InputFile>,
    /// Sets of places in `files`; parcels with the same inputs share one.
    pub sets: Vec<Vec<u32>>,
    /// Set of each parcel, in their order.
    pub of: Vec<usize>,
    /// Where the files are, in the order of `files`.
    pub paths: Vec<PathBuf>,
}

impl Inputs {
    /// Finds and hashes the inputs of parcels. Hashes of files whose size and time are known are taken from the project's cache.
    pub fn gather(
        project: &Project,
        data: &Dataset,
        form: Option<&Path>,
        parcels: &[ParcelIx],
        watch: &Watch,
    ) -> anyhow::Result<Self> {
        let mut shared = shared_files(project);
        shared.extend(form.map(|path| (path.to_owned(), Role::Form)));
        let bands = Bands::of(project);
        let images = parcels.par_iter().map(|&parcel| {
            anyhow::ensure!(!watch.cancelled(), "cancelled");
            images_of(project, data, parcel, &bands)
        });
        let mut known: BTreeMap<BTreeSet<(PathBuf, Role)>, usize> = BTreeMap::new();
        let mut of = Vec::with_capacity(parcels.len());
        let (mut sidecars, mut beside) = (Sidecars::default(), BTreeMap::new());
        for mut images in images.collect::<anyhow::Result<Vec<_>>>()? {
            let found: Vec<(PathBuf, Role)> = images
                .iter()
                .flat_map(|(path, _)| {
                    let own: &Vec<PathBuf> = beside.entry(path.clone()).or_insert_with(|| sidecars.of(path));
                    own.iter().map(|path| (path.clone(), Role::Metadata)).collect::<Vec<_>>()
                })
                .collect();
            images.extend(found);
            let next = known.len();
            of.push(*known.entry(images).or_insert(next));
        }
        let all: BTreeSet<(PathBuf, Role)> = shared.iter().chain(known.keys().flatten()).cloned().collect();
        let base = project.path().parent().unwrap_or(Path::new("")).to_owned();
        let cache = project.env().and_then(|env| env.disk.clone());
        let hashed = all.par_iter().map(|(path, role)| {
            anyhow::ensure!(!watch.cancelled(), "cancelled");
            let (bytes, sha256) = hash_known(path, cache.as_deref())?;
            Ok((InputFile { path: portable(&relative(&base, path)), role: *role, bytes, sha256 }, path.clone()))
        });
        let mut hashed = hashed.collect::<anyhow::Result<Vec<_>>>()?;
        hashed.sort_by(|a, b| (a.0.role, &a.0.path).cmp(&(b.0.role, &b.0.path)));
        let places: BTreeMap<(&PathBuf, Role), u32> =
            (0..).zip(&hashed).map(|(at, (file, path))| ((path, file.role), at)).collect();
        let place = |(path, role): &(PathBuf, Role)| places[&(path, *role)];
        let mut sets = vec![Vec::new(); known.len()];
        for (images, at) in &known {
            let mut set: Vec<u32> = shared.iter().chain(images).map(place).collect();
            set.sort_unstable();
            sets[*at] = set;
        }
        let (files, paths) = hashed.into_iter().unzip();
        Ok(Self { files, sets, of, paths })
    }

    /// What the sheet of a parcel says: every file that its numbers came from.
    pub fn lines(&self, parcel: usize) -> Vec<InputLine> {
        let set = self.of.get(parcel).and_then(|&at| self.sets.get(at));
        let files = set.into_iter().flatten().map(|&at| &self.files[at as usize]);
        files.map(|file| InputLine { path: file.path.clone(), bytes: file.bytes, sha256: file.sha256.clone() }).collect()
    }
}

/// Files that all parcels share: project, layer, ruleset, tables.
fn shared_files(project: &Project) -> Vec<(PathBuf, Role)> {
    let file = project.file();
    let at = |path: &Path| resolve(project.path(), path);
    let mut found = vec![(project.path().to_owned(), Role::Project)];
    if !file.parcels.is_empty() {
        found.extend(layer(&at(&file.parcels.path)).into_iter().map(|path| (path, Role::Parcels)));
    }
    if let Some(ruleset) = file.ruleset.as_deref().filter(|name| !name.starts_with(shipped::PREFIX)) {
        found.push((at(Path::new(ruleset)), Role::Ruleset));
    }
    for table in &file.tables {
        found.extend(tables::files(&at(&table.path)).into_iter().map(|path| (path, Role::Table)));
    }
    found
}

/// Files of a layer: of a Shapefile its companions too, of a folder everything in it.
fn layer(path: &Path) -> Vec<PathBuf> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    if path.is_dir() || ending == "shp" {
        let made = |path: &PathBuf| path.is_file();
        return layer_files(path).into_iter().filter(made).collect();
    }
    vec![path.to_owned()]
}

/// Bands that figures, series and markers are made of, by sensor.
struct Bands(BTreeMap<Sensor, BTreeSet<Band>>);

impl Bands {
    fn of(project: &Project) -> Self {
        let indices = project.indices();
        let display = &project.file().display;
        let inputs = project.tuning().draft().into_iter().flat_map(|rules| &rules.inputs).flat_map(|input| &input.signals);
        let signals = display.graphs.iter().flatten().cloned().chain(inputs.map(|name| Signal::parse(name)));
        let mut bands: BTreeMap<Sensor, BTreeSet<Band>> = BTreeMap::new();
        for signal in signals {
            // A signal that only a table knows has no bands.
            bands.entry(signal.sensor()).or_default().extend(bands_of(&signal, indices).unwrap_or_default());
        }
        let sensor = source_of(&display.view).0;
        bands.entry(sensor).or_default().extend(stretch::bands_of(&display.view, indices));
        Self(bands)
    }
}

/// Local image files of the acquisitions that touch a parcel, as far as their bands are used, masks included.
fn images_of(project: &Project, data: &Dataset, parcel: ParcelIx, bands: &Bands) -> anyhow::Result<BTreeSet<(PathBuf, Role)>> {
    let coverage = project.compute(&CoverageQuery { parcel, revision: project.revision() })?;
    let mut found = BTreeSet::new();
    for seen in coverage.acquisitions.iter().flat_map(|own| &own.granules) {
        let acquisition = data.catalog.get(seen.acquisition);
        let Some(granule) = acquisition.granules.get(usize::from(seen.granule)).filter(|granule| !granule.remote) else {
            continue;
        };
        let wanted = bands.0.get(&acquisition.sensor);
        let used = granule.bands.iter().filter(|asset| wanted.is_some_and(|bands| bands.contains(&asset.band)));
        for asset in used.chain(granule.scl()) {
            found.insert((asset.path.clone(), Role::of(acquisition.sensor)));
        }
    }
    Ok(found)
}

/// A path with `/` on every system.
fn portable(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Size and SHA-256 of a file, from the cache when size and time are those of before.
fn hash_known(path: &Path, cache: Option<&Cache>) -> anyhow::Result<(u64, String)> {
    let told = || format!("cannot read an input of the sheets ({})", path.display());
    let state = std::fs::metadata(path).with_context(told)?;
    let name = format!("sha256 {} {} {:?}", path.display(), state.len(), state.modified().ok());
    let key = *blake3::hash(name.as_bytes()).as_bytes();
    if let Some(known) = cache.and_then(|cache| cache.get(&key)).and_then(|bytes| String::from_utf8(bytes).ok())
        && known.len() == 64
    {
        return Ok((state.len(), known));
    }
    let (bytes, hash) = hash_file(path)?;
    if let Some(cache) = cache {
        cache.put(&key, hash.as_bytes());
    }
    Ok((bytes, hash))
}

/// Size and SHA-256 of a file, read whole.
pub fn hash_file(path: &Path) -> anyhow::Result<(u64, String)> {
    let told = || format!("cannot read a file to hash it ({})", path.display());
    let mut file = File::open(path).with_context(told)?;
    let (mut hasher, mut piece, mut bytes) = (Sha256::new(), vec![0; PIECE], 0);
    loop {
        let read = file.read(&mut piece).with_context(told)?;
        if read == 0 {
            return Ok((bytes, hexadecimal(&hasher.finalize())));
        }
        hasher.update(&piece[..read]);
        bytes += read as u64;
    }
}

/// SHA-256 of bytes, hexadecimal.
pub fn sha256_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // A `String` takes any text.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_that_other_tools_give() {
        // FIPS 180-2, appendix B.1.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_of(b"abc"), known);
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), b"abc").expect("writes");
        assert_eq!(hash_file(file.path()).expect("hashes"), (3, known.to_owned()));
    }

    #[test]
    fn a_parcel_has_the_files_of_its_set() {
        let file = |path: &str, role, byte: &str| InputFile { path: path.to_owned(), role, bytes: 2, sha256: byte.repeat(32) };
        let files = vec![
            file("p.toml", Role::Project, "aa"),
            file("s2/a.tif", Role::Optical, "bb"),
            file("s1/a.tif", Role::Backscatter, "dd"),
        ];
        let inputs = Inputs { files, sets: vec![vec![0, 1], vec![0, 2]], of: vec![0, 1, 0], paths: Vec::new() };
        let paths = |parcel| inputs.lines(parcel).into_iter().map(|line| line.path).collect::<Vec<_>>();
        assert_eq!([paths(0), paths(1)], [["p.toml", "s2/a.tif"], ["p.toml", "s1/a.tif"]]);
        assert_eq!((paths(2), paths(3).len()), (paths(0), 0));
    }
}
