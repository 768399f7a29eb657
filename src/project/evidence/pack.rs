//! Writes a pack: inputs are hashed, then parcels are worked on side by side, a few at a time, and each writes its own files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use rayon::prelude::*;

use crate::engine::review::Review;
use crate::io;
use crate::model::evidence::{Picture, Sheet};
use crate::model::review::{Entry, ParcelReview};
use crate::model::{ParcelIx, Watch};
use crate::project::{Dataset, Project};
use crate::report::{pack as overview, sheet as page};
use crate::store::session;

use super::PackOptions;
use super::holders::{self, Holders, Pseudonyms};
use super::inputs::{Inputs, sha256_of};
use super::journal::Decided;
use super::manifest::{Decisions, Figures, MANIFEST, Made, Manifest, PACK_VERSION, PackFile, ParcelFiles, Rules, Software};
use super::names::file_names;
use super::overview::Overview;
use super::sheet::{Gathered, Sources};
use super::summary::{Brief, Whole};
use super::target::{Target, is_pack};

/// Parcels of a batch, for each thread: what is in memory at a time.
const BATCH: usize = 4;

/// How names of files are made, for the one who reads the manifest.
const NAMES: &str = "an id of at most 80 ASCII letters, digits, _ and - is its own name; otherwise every other character is _ and the first \
                     8 digits of the id's BLAKE3 hash follow, as they do where ids differ in case only; of equal ids the second has -2";

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct PackReport {
    /// Where it is.
    pub folder: PathBuf,
    /// Parcels.
    pub parcels: usize,
    /// Files.
    pub files: usize,
    /// Bytes of these files.
    pub bytes: u64,
    /// Input files, absolute.
    pub inputs: Vec<PathBuf>,
    /// Hash of the ruleset; empty without one.
    pub ruleset_hash: String,
    /// What somebody should know.
    pub warnings: Vec<String>,
}

/// Writes the pack of some parcels of an open project, on `jobs` threads. Fails when cancelled; then nothing is there.
pub fn write_pack(
    project: &Project,
    decided: &Decided,
    parcels: &[ParcelIx],
    options: &PackOptions,
    target: &Target,
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<PackReport> {
    let draft = target.begin(project.path(), &is_pack)?;
    let pseudonyms = pseudonyms(project, decided, options, false)?;
    let work = Work { project, decided, options, pseudonyms, watch };
    let (mut report, _) = in_pool(jobs, || work.write(draft.folder(), parcels))?;
    report.folder = draft.finish()?;
    Ok(report)
}

/// Opens a project anew and writes the pack of the parcels with some ids, all for `None`: what a window does beside its own work.
pub fn write_pack_of(
    project: &Path,
    ids: Option<&[String]>,
    options: &PackOptions,
    target: &Target,
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<PackReport> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let (project, data) = open(project, jobs, scratch.path(), Caches::Used)?;
    let wanted: Option<BTreeSet<&str>> = ids.map(|ids| ids.iter().map(String::as_str).collect());
    let chosen: Vec<ParcelIx> =
        data.parcels.iter().filter(|&parcel| wanted.as_ref().is_none_or(|ids| ids.contains(data.parcels.id(parcel)))).collect();
    let decided = Decided::load(&project)?;
    write_pack(&project, &decided, &chosen, options, target, jobs, watch)
}

/// Whether answers of earlier sittings may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caches {
    /// What is kept is as good as computed again.
    Used,
    /// Everything comes from the inputs.
    Unused,
}

/// Opens a project with a home of its own: where somebody is in a window, and what he has not saved, is no part of it.
pub(super) fn open(path: &Path, jobs: usize, scratch: &Path, caches: Caches) -> anyhow::Result<(Project, Arc<Dataset>)> {
    let home = session_home(scratch);
    let mut project = Project::open_at(path, jobs, Arc::new(|| {}), home)?;
    let data = project.wait_loaded()?;
    if caches == Caches::Unused
        && let Some(env) = &project.env
    {
        let bare = crate::project::queries::Env { disk: None, prepared: None, ..(**env).clone() };
        project.env = Some(Arc::new(bare));
    }
    Ok((project, data))
}

fn session_home(scratch: &Path) -> PathBuf {
    debug_assert!(scratch != session::home(), "a run of its own does not use the user's folder");
    scratch.join("home")
}

/// Runs work on so many threads.
pub(super) fn in_pool<T: Send>(jobs: usize, work: impl FnOnce() -> anyhow::Result<T> + Send) -> anyhow::Result<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).thread_name(|number| format!("pack-{number}")).build()?;
    pool.install(work)
}

/// What stands for the holders of a project; the key is drawn unless one must be there.
pub(super) fn pseudonyms(
    project: &Project,
    decided: &Decided,
    options: &PackOptions,
    must_exist: bool,
) -> anyhow::Result<Pseudonyms> {
    let data = project.data().context("the project is not loaded")?;
    let columns = holders::columns(&data.parcels, &options.holder_columns)?;
    let file = holders::key_file(&decided.journal);
    let key = match (options.holders, columns.is_empty()) {
        (Holders::Replace, false) if must_exist => holders::read_key(&file)?.with_context(|| {
            format!(
                "the pseudonyms of holders cannot be made again without their key, which lies beside the project's journal ({})",
                file.display()
            )
        })?,
        (Holders::Replace, false) => holders::key(&file)?,
        _ => [0; 32],
    };
    Ok(Pseudonyms::new(options.holders, columns, key))
}

/// All that a pack is made from.
pub(super) struct Work<'a> {
    pub(super) project: &'a Project,
    pub(super) decided: &'a Decided,
    pub(super) options: &'a PackOptions,
    pub(super) pseudonyms: Pseudonyms,
    pub(super) watch: &'a Watch,
}

impl Work<'_> {
    /// Writes all files of the pack into an empty folder.
    pub(super) fn write(&self, root: &Path, parcels: &[ParcelIx]) -> anyhow::Result<(PackReport, Manifest)> {
        let data = self.project.data().context("the project is not loaded")?;
        self.check(parcels)?;
        let mut parcels = parcels.to_vec();
        parcels.sort_unstable();
        parcels.dedup();
        self.watch.set_total(parcels.len() as u64 + 1);
        let ids: Vec<&str> = parcels.iter().map(|&parcel| data.parcels.id(parcel)).collect();
        let names = file_names(&ids);
        let chosen: BTreeSet<&str> = ids.iter().copied().collect();
        let raw: Vec<Entry> =
            self.decided.entries.iter().filter(|entry| chosen.contains(entry.parcel.as_str())).cloned().collect();
        let entries = self.pseudonyms.cleaned(&data.parcels, &parcels, &raw);
        let review = Review::fold(&entries);
        let inputs = Inputs::gather(self.project, data, self.decided.form_file.as_deref(), &parcels, self.watch)?;
        for folder in ["parcels", "evidence"] {
            make(root, folder)?;
        }
        let photos = self.decided.photos();
        let sources = Sources {
            project: self.project,
            data,
            review: &review,
            form: &self.decided.form,
            holders: &self.pseudonyms,
            photos: photos.is_dir().then_some(photos.as_path()),
        };
        let mut whole = Whole { files: Vec::new(), briefs: Vec::new() };
        let places: Vec<usize> = (0..parcels.len()).collect();
        for batch in places.chunks(BATCH * rayon::current_num_threads()) {
            let made = batch.par_iter().map(|&at| {
                anyhow::ensure!(!self.watch.cancelled(), "cancelled");
                let made = self.parcel(root, &sources, parcels[at], &names[at], inputs.lines(at));
                self.watch.advance(1);
                made.with_context(|| format!("parcel {}", ids[at]))
            });
            for made in made.collect::<anyhow::Result<Vec<_>>>()? {
                whole.files.extend(made.0);
                whole.briefs.push(made.1);
            }
            self.forget();
        }
        self.common(root, data, &review, &mut whole)?;
        whole.files.sort();
        let manifest = Manifest {
            parcelight_evidence_pack: PACK_VERSION.to_owned(),
            software: Software::here(),
            project: Made::of(self.project, data),
            options: self.options.clone(),
            figures: Figures::of(self.project)?,
            ruleset: self.rules(),
            decisions: self.decisions(data, &raw)?,
            names: NAMES.to_owned(),
            parcels: ids
                .iter()
                .zip(&names)
                .zip(&inputs.of)
                .map(|((&id, name), &set)| ParcelFiles { id: id.to_owned(), name: name.clone(), inputs: set })
                .collect(),
            inputs: inputs.files.clone(),
            input_sets: inputs.sets.clone(),
            files: whole.files.clone(),
        };
        put(root, MANIFEST, &manifest.bytes()?)?;
        self.watch.advance(1);
        let report = PackReport {
            folder: root.to_owned(),
            parcels: parcels.len(),
            files: whole.files.len() + 1,
            bytes: whole.files.iter().map(|file| file.bytes).sum(),
            inputs: inputs.paths,
            ruleset_hash: manifest.ruleset.as_ref().map(|own| own.hash.clone()).unwrap_or_default(),
            warnings: self.warnings(data, &parcels, &whole),
        };
        Ok((report, manifest))
    }

    /// Refuses what could not be made again.
    fn check(&self, parcels: &[ParcelIx]) -> anyhow::Result<()> {
        anyhow::ensure!(!parcels.is_empty(), "no parcel is chosen: a pack holds at least one");
        anyhow::ensure!(
            !self.project.unsaved(),
            "the project has changes that are not on disk; save it first, so that others can make the pack again ({})",
            self.project.path().display()
        );
        let [baseline, draft] = self.project.tuning().hashes();
        anyhow::ensure!(
            baseline == draft,
            "the ruleset has changes that are not on disk; save it first, so that others can make the pack again"
        );
        Ok(())
    }

    /// The files of one parcel.
    fn parcel(
        &self,
        root: &Path,
        sources: &Sources<'_>,
        parcel: ParcelIx,
        name: &str,
        inputs: Vec<crate::model::evidence::InputLine>,
    ) -> anyhow::Result<(Vec<PackFile>, Brief)> {
        let Gathered { sheet, companions } = sources.gather(parcel, name, inputs)?;
        let mut files = Vec::new();
        let pictures_beside = page::Pictures::Folder("../evidence/".to_owned());
        for picture in pictures(&sheet) {
            files.push(put(root, &format!("evidence/{}", picture.file), &picture.png)?);
            if let Some(svg) = &picture.svg {
                let file = Path::new(&picture.file).with_extension("svg");
                files.push(put(root, &format!("evidence/{}", file.display()), svg.as_bytes())?);
            }
        }
        for own in &companions {
            files.push(put(root, &format!("evidence/{}", own.file), &own.bytes)?);
        }
        files.push(put(root, &format!("parcels/{name}.html"), page::html(&sheet, &pictures_beside).as_bytes())?);
        if self.options.pdf {
            let pdf = page::pdf(&sheet).map_err(|fault| anyhow::anyhow!("cannot set the sheet as PDF: {fault}"))?;
            files.push(put(root, &format!("parcels/{name}.pdf"), &pdf)?);
        }
        if self.options.docx {
            let docx = page::docx(&sheet).map_err(|fault| anyhow::anyhow!("cannot write the sheet as DOCX: {fault}"))?;
            files.push(put(root, &format!("parcels/{name}.docx"), &docx)?);
        }
        let id = sources.data.parcels.id(parcel);
        let review = sources.review.of(id).cloned().unwrap_or_default();
        Ok((files, Brief::new(sources, parcel, name, &sheet, review)))
    }

    /// Index, summary, tables of decisions, ruleset.
    fn common(&self, root: &Path, data: &Dataset, review: &Review, whole: &mut Whole) -> anyhow::Result<()> {
        let about = Overview {
            project: self.project,
            data,
            form: &self.decided.form,
            options: self.options,
            has_holders: !self.pseudonyms.columns.is_empty(),
            review,
            briefs: &whole.briefs,
        };
        let decided: BTreeMap<&str, &ParcelReview> =
            whole.briefs.iter().map(|brief| (brief.id.as_str(), &brief.review)).collect();
        let rows = || decided.iter().map(|(&id, &review)| (id, review));
        let mut files = vec![
            put(root, "index.html", overview::index_html(&about.index()).as_bytes())?,
            put(root, "season.html", overview::season_html(&about.season()).as_bytes())?,
            put(root, "decisions.csv", &io::review::csv(rows())?)?,
            put(root, "decisions.gpkg", &io::review::geopackage(&data.parcels, rows())?)?,
        ];
        if let Some(rules) = self.project.tuning().draft() {
            files.push(put(root, "ruleset.toml", io::ruleset::write(rules)?.as_bytes())?);
        }
        whole.files.append(&mut files);
        Ok(())
    }

    fn rules(&self) -> Option<Rules> {
        let detection = self.project.tuning().detection()?;
        Some(Rules {
            name: detection.rules.name.clone(),
            hash: detection.hash().to_owned(),
            source: self.project.file().ruleset.clone().unwrap_or_default(),
        })
    }

    fn decisions(&self, data: &Dataset, raw: &[Entry]) -> anyhow::Result<Decisions> {
        let used = self.options.holders == Holders::Replace && !self.pseudonyms.columns.is_empty();
        let heads = data.parcels.columns();
        Ok(Decisions {
            entries: raw.iter().map(|entry| entry.id.clone()).collect(),
            sha256: hash_of_entries(raw)?,
            holders_key: used.then(|| self.pseudonyms.key_check()),
            holder_columns: self.pseudonyms.columns.iter().map(|&at| heads[at].name.clone()).collect(),
        })
    }

    fn warnings(&self, data: &Dataset, parcels: &[ParcelIx], whole: &Whole) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Some(remote) = &self.project.file().remote {
            warnings.push(format!(
                "what the server answered ({}) is no file: it has no hash in the manifest and --verify cannot check it",
                remote.url
            ));
        }
        let absent = whole.briefs.iter().filter(|brief| brief.absent > 0).count();
        if absent > 0 {
            warnings.push(format!("{absent} sheets lack something and say why"));
        }
        if self.options.holders != Holders::Keep {
            let inside = parcels.iter().filter(|&&parcel| self.pseudonyms.in_id(&data.parcels, parcel)).count();
            if inside > 0 {
                warnings.push(format!("the ids of {inside} parcels contain the id of their holder, which is not replaced there"));
            }
        }
        warnings
    }

    /// Lets go of answers of parcels that are done, as far as memory asks for it.
    fn forget(&self) {
        // An answer is let go when it was not asked for in two frames.
        (0..3).for_each(|_| self.project.cache.begin_frame());
    }
}

/// Hash of entries as a journal has them.
pub(super) fn hash_of_entries(entries: &[Entry]) -> anyhow::Result<String> {
    let mut lines = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut lines, entry).context("cannot write an entry")?;
        lines.push(b'\n');
    }
    Ok(sha256_of(&lines))
}

/// All pictures of a sheet.
fn pictures(sheet: &Sheet) -> impl Iterator<Item = &Picture> {
    let one = [&sheet.map, &sheet.calendar, &sheet.graphs, &sheet.clusters].into_iter().flatten();
    one.chain(&sheet.chips).chain(&sheet.photos)
}

fn make(root: &Path, folder: &str) -> anyhow::Result<()> {
    let path = root.join(folder);
    std::fs::create_dir_all(&path).with_context(|| format!("cannot make the folder ({})", path.display()))
}

/// Writes a file of the pack.
pub(super) fn put(root: &Path, path: &str, bytes: &[u8]) -> anyhow::Result<PackFile> {
    let place = root.join(path);
    std::fs::write(&place, bytes)
        .with_context(|| format!("cannot write the file; see whether the disk is full ({})", place.display()))?;
    Ok(PackFile { path: path.to_owned(), bytes: bytes.len() as u64, sha256: sha256_of(bytes) })
}

/// Chosen parcels of a manifest in a table: by id, of equal ids in their order. Ids that are not there any more.
pub(super) fn chosen(data: &Dataset, manifest: &Manifest) -> (Vec<ParcelIx>, Vec<String>) {
    let mut by_id: BTreeMap<&str, Vec<ParcelIx>> = BTreeMap::new();
    for parcel in data.parcels.iter() {
        by_id.entry(data.parcels.id(parcel)).or_default().push(parcel);
    }
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for own in &manifest.parcels {
        let count = taken.entry(own.id.as_str()).or_default();
        match by_id.get(own.id.as_str()).and_then(|rows| rows.get(*count)) {
            Some(&parcel) => found.push(parcel),
            None => missing.push(own.id.clone()),
        }
        *count += 1;
    }
    (found, missing)
}
