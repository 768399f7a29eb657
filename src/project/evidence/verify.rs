//! Checks a pack: every hash, every input, and then the whole pack made again from the inputs and compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rayon::prelude::*;

use crate::model::Watch;
use crate::model::review::{Entry, EntryId};

use super::differences::differences;
use super::inputs::hash_file;
use super::journal::Decided;
use super::manifest::{MANIFEST, Manifest, Software};
use super::pack::{Caches, Work, chosen, hash_of_entries, in_pool, open, pseudonyms};

/// Parcels named with a finding, at most.
const NAMED: usize = 5;

/// How far above a pack its project is looked for.
const ABOVE: usize = 4;

/// What is wrong, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A file of the pack is not what the manifest says.
    Pack(String),
    /// An input is not what the manifest says.
    Input(String),
    /// What is computed again differs.
    Numbers(String),
    /// Something could not be checked.
    Unchecked(String),
}

impl Finding {
    /// The sentence.
    pub fn text(&self) -> &str {
        match self {
            Self::Pack(text) | Self::Input(text) | Self::Numbers(text) | Self::Unchecked(text) => text,
        }
    }

    /// What kind of finding it is, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Pack(_) => "pack",
            Self::Input(_) => "input",
            Self::Numbers(_) => "recomputed",
            Self::Unchecked(_) => "not checked",
        }
    }
}

/// What checking a pack gave.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifyReport {
    /// The pack.
    pub folder: PathBuf,
    /// The project that it was made again from, when one was found.
    pub project: Option<PathBuf>,
    /// Files of the pack whose hash is right.
    pub files: usize,
    /// Inputs whose hash is right.
    pub inputs: usize,
    /// Files that were made again with the same bytes; `None` when nothing could be made again.
    pub remade: Option<usize>,
    /// What is wrong; nothing for a pack that holds.
    pub findings: Vec<Finding>,
    /// What somebody should know.
    pub notes: Vec<String>,
}

impl VerifyReport {
    /// True when everything was checked and is right.
    pub fn holds(&self) -> bool {
        self.findings.is_empty() && self.remade.is_some()
    }
}

/// Checks a pack. `project` is its project file, or the folder with it; without it the project is looked for where `hints` say, and
/// beside and above the pack. Fails only where the folder is no pack.
pub fn verify(
    folder: &Path,
    project: Option<&Path>,
    hints: &[PathBuf],
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<VerifyReport> {
    let folder = std::path::absolute(folder).with_context(|| format!("cannot find the pack ({})", folder.display()))?;
    let manifest = Manifest::read(&folder)?;
    let mut report =
        VerifyReport { folder, project: None, files: 0, inputs: 0, remade: None, findings: Vec::new(), notes: Vec::new() };
    let here = Software::here();
    if manifest.software != here {
        report.notes.push(format!(
            "the pack was made by {} {} (engine {}), this is {} (engine {}): numbers may differ because the program does",
            manifest.software.name,
            manifest.software.version,
            manifest.software.engine_version,
            here.version,
            here.engine_version
        ));
    }
    in_pool(jobs, || {
        check_files(&manifest, &mut report)?;
        match find_project(&manifest, &report.folder, project, hints) {
            Ok(path) => {
                check_inputs(&manifest, &path, &mut report);
                report.notes.extend(server_note(&path));
                report.project = Some(path);
            }
            Err(why) => report.findings.push(Finding::Unchecked(format!("{why:#}"))),
        }
        anyhow::Ok(())
    })?;
    anyhow::ensure!(!watch.cancelled(), "cancelled");
    if let Some(path) = report.project.clone()
        && let Err(why) = remake(&manifest, &path, &mut report, jobs, watch)
    {
        anyhow::ensure!(!watch.cancelled(), "cancelled");
        report.findings.push(Finding::Unchecked(format!("the pack could not be made again: {why:#}")));
    }
    Ok(report)
}

/// What a server answered has no hash: said plainly, as nobody could check it later.
fn server_note(project: &Path) -> Option<String> {
    // A project file that cannot be read is told when the pack is made again.
    let remote = crate::io::project_file::load(project).ok()?.remote?;
    Some(format!(
        "the project asks a server ({}): its answers are no files and have no hash here, so what comes from it cannot be checked; numbers \
         are made again from what it answers now, or from answers that were kept",
        remote.url
    ))
}

/// Hashes every file of the pack, and looks for files that nobody named.
fn check_files(manifest: &Manifest, report: &mut VerifyReport) -> anyhow::Result<()> {
    let folder = report.folder.clone();
    let there = files_below(&folder)?;
    let named: BTreeSet<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    for path in there.iter().filter(|path| !named.contains(path.as_str()) && *path != MANIFEST) {
        report.findings.push(Finding::Pack(format!("{path} is in the folder, and the manifest does not know it")));
    }
    let checked = manifest.files.par_iter().map(|file| {
        if !there.contains(&file.path) {
            return Some(Finding::Pack(format!("{} is missing", file.path)));
        }
        match hash_file(&folder.join(&file.path)) {
            Ok((_, sha256)) if sha256 == file.sha256 => None,
            Ok((bytes, sha256)) => Some(Finding::Pack(format!(
                "{} was changed since the pack was made: {}",
                file.path,
                changed(file.bytes, &file.sha256, bytes, &sha256)
            ))),
            Err(why) => Some(Finding::Pack(format!("{}: {why:#}", file.path))),
        }
    });
    let findings: Vec<Option<Finding>> = checked.collect();
    report.files = findings.iter().filter(|finding| finding.is_none()).count();
    report.findings.extend(findings.into_iter().flatten());
    Ok(())
}

/// Paths of all files below a folder, with `/`.
fn files_below(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    fn walk(root: &Path, below: &str, found: &mut BTreeSet<String>) -> anyhow::Result<()> {
        let folder = root.join(below);
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot list the folder ({})", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list the folder ({})", folder.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if below.is_empty() { name } else { format!("{below}/{name}") };
            if entry.path().is_dir() {
                walk(root, &path, found)?;
            } else {
                found.insert(path);
            }
        }
        Ok(())
    }
    let mut found = BTreeSet::new();
    walk(folder, "", &mut found)?;
    Ok(found)
}

/// The project file that a pack was made from.
fn find_project(manifest: &Manifest, pack: &Path, given: Option<&Path>, hints: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let name = Path::new(&manifest.project.file);
    anyhow::ensure!(
        name.file_name().is_some_and(|own| own == name.as_os_str()),
        "the manifest names no project file; name it with --project PROJECT.toml"
    );
    if let Some(given) = given {
        let path = if given.is_dir() { given.join(name) } else { given.to_owned() };
        let path = std::path::absolute(&path).with_context(|| format!("cannot find the project ({})", path.display()))?;
        anyhow::ensure!(path.is_file(), "there is no project file ({})", path.display());
        return Ok(path);
    }
    let above = pack.ancestors().skip(1).take(ABOVE).map(|folder| folder.join(name));
    let hints = hints.iter().filter(|path| path.file_name() == name.file_name()).cloned();
    let mut places = hints.chain(above);
    places.find(|path| path.is_file()).with_context(|| {
        format!("the project {} was not found beside or above the pack; name it with --project PROJECT.toml", name.display())
    })
}

/// Hashes every input.
fn check_inputs(manifest: &Manifest, project: &Path, report: &mut VerifyReport) {
    let base = project.parent().unwrap_or(Path::new("")).to_owned();
    let own_name = project.file_name();
    let checked = manifest.inputs.par_iter().enumerate().map(|(at, file)| {
        // The project may have another name here.
        let renamed = file.role == super::inputs::Role::Project && own_name.is_some();
        let path = if renamed { project.to_owned() } else { base.join(&file.path) };
        let of = || parcels(&manifest.parcels_of(at), manifest.parcels.len());
        match hash_file(&path) {
            Ok((_, sha256)) if sha256 == file.sha256 => None,
            Ok((bytes, sha256)) => Some(Finding::Input(format!(
                "{} was changed since the pack was made: {}; {} rest on it",
                file.path,
                changed(file.bytes, &file.sha256, bytes, &sha256),
                of()
            ))),
            Err(_) if !path.exists() => Some(Finding::Input(format!(
                "{} is missing; {} rest on it; put it back, or name another place of the project with --project",
                file.path,
                of()
            ))),
            Err(why) => Some(Finding::Input(format!("{}: {why:#}", file.path))),
        }
    });
    let findings: Vec<Option<Finding>> = checked.collect();
    report.inputs = findings.iter().filter(|finding| finding.is_none()).count();
    report.findings.extend(findings.into_iter().flatten());
}

/// `parcel A`, `parcels A, B and 3 more`, `all 412 parcels`.
fn parcels(ids: &[&str], all: usize) -> String {
    if ids.len() == all && all > NAMED {
        return format!("all {all} parcels");
    }
    let shown = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = if ids.len() > NAMED { format!(" and {} more", ids.len() - NAMED) } else { String::new() };
    format!("parcels {shown}{more}")
}

fn changed(bytes: u64, sha256: &str, now: u64, sha256_now: &str) -> String {
    let size = if bytes == now { format!("{now} bytes as before") } else { format!("{now} bytes, {bytes} before") };
    let start = |hash: &str| hash.chars().take(12).collect::<String>();
    format!("{size}, SHA-256 {}…, {}… before", start(sha256_now), start(sha256))
}

/// Makes the pack again and compares it.
fn remake(manifest: &Manifest, path: &Path, report: &mut VerifyReport, jobs: usize, watch: &Watch) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let (project, data) = open(path, jobs, scratch.path(), Caches::Unused)?;
    let (parcels, missing) = chosen(&data, manifest);
    for id in &missing {
        report.findings.push(Finding::Numbers(format!("the parcel layer has no parcel {id} any more")));
    }
    if parcels.is_empty() {
        anyhow::bail!("none of its parcels is in the layer any more");
    }
    let mut decided = Decided::load(&project)?;
    decided.entries = same_entries(&decided.entries, manifest, &mut report.findings)?;
    let pseudonyms = pseudonyms(&project, &decided, &manifest.options, true)?;
    if let Some(word) = &manifest.decisions.holders_key
        && pseudonyms.key_check() != *word
    {
        report.findings.push(Finding::Unchecked(
            "the key of the holders' pseudonyms is another one than when the pack was made: pseudonyms differ".to_owned(),
        ));
    }
    let root = scratch.path().join("pack");
    std::fs::create_dir(&root).context("cannot make a temporary folder")?;
    let work = Work { project: &project, decided: &decided, options: &manifest.options, pseudonyms, watch };
    let (_, again) = in_pool(jobs, || work.write(&root, &parcels))?;
    compare(manifest, &again, &root, report)
}

/// The entries that the pack rests on, out of those that are there now.
fn same_entries(entries: &[Entry], manifest: &Manifest, findings: &mut Vec<Finding>) -> anyhow::Result<Vec<Entry>> {
    let known: BTreeMap<&EntryId, &Entry> = entries.iter().map(|entry| (&entry.id, entry)).collect();
    let wanted = &manifest.decisions.entries;
    let found: Vec<Entry> = wanted.iter().filter_map(|id| known.get(id).map(|&entry| entry.clone())).collect();
    if found.len() < wanted.len() {
        let lost = wanted.len() - found.len();
        findings.push(Finding::Input(format!("{lost} of {} entries of the pack are not in the project's journal", wanted.len())));
    } else if hash_of_entries(&found)? != manifest.decisions.sha256 {
        findings
            .push(Finding::Input("entries of the project's journal are not what they were when the pack was made".to_owned()));
    }
    Ok(found)
}

/// Byte by byte; what differs is told in words.
fn compare(manifest: &Manifest, again: &Manifest, root: &Path, report: &mut VerifyReport) -> anyhow::Result<()> {
    let before: BTreeMap<&str, &str> = manifest.files.iter().map(|file| (file.path.as_str(), file.sha256.as_str())).collect();
    let now: BTreeMap<&str, &str> = again.files.iter().map(|file| (file.path.as_str(), file.sha256.as_str())).collect();
    let mut same = 0;
    for (path, hash) in &now {
        match before.get(path) {
            Some(old) if old == hash => same += 1,
            Some(_) => {
                let of = manifest.parcel_of_file(path).map(|id| format!("parcel {id}: ")).unwrap_or_default();
                let told = differences(path, &report.folder.join(path), &root.join(path));
                report.findings.extend(told.into_iter().map(|told| Finding::Numbers(format!("{of}{path}: {told}"))));
            }
            None => report.findings.push(Finding::Numbers(format!("{path} is made now, and was not in the pack"))),
        }
    }
    for path in before.keys().filter(|path| !now.contains_key(*path)) {
        report.findings.push(Finding::Numbers(format!("{path} of the pack is not made any more")));
    }
    let bytes = std::fs::read(report.folder.join(MANIFEST)).with_context(|| format!("cannot read {MANIFEST} of the pack"))?;
    if bytes == again.bytes()? {
        same += 1;
    } else {
        report.findings.extend(manifest_differences(manifest, again).into_iter().map(Finding::Numbers));
    }
    report.remade = Some(same);
    Ok(())
}

/// What two manifests say differently, apart from hashes of files and inputs that are told on their own.
fn manifest_differences(before: &Manifest, now: &Manifest) -> Vec<String> {
    let value = |own: &Manifest| serde_json::to_value(own).unwrap_or_default();
    let (before, now) = (value(before), value(now));
    let fields =
        ["parcelight_evidence_pack", "software", "project", "options", "figures", "ruleset", "decisions", "names", "parcels"];
    let mut told: Vec<String> = fields
        .iter()
        .filter(|field| before[**field] != now[**field])
        .map(|field| match (&before[*field], &now[*field]) {
            (serde_json::Value::Object(old), serde_json::Value::Object(new)) => {
                let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
                let differ = keys.into_iter().filter(|key| old.get(*key) != new.get(*key)).map(|key| {
                    let shown = |value: Option<&serde_json::Value>| value.map_or_else(|| "nothing".to_owned(), short);
                    format!("{key} was {}, is {}", shown(old.get(key)), shown(new.get(key)))
                });
                format!("manifest.json: {field}: {}", differ.collect::<Vec<_>>().join("; "))
            }
            (old, new) => format!("manifest.json: {field} was {}, is {}", short(old), short(new)),
        })
        .collect();
    if told.is_empty() && before["inputs"] == now["inputs"] && before["files"] == now["files"] {
        told.push("manifest.json has the same content in other bytes".to_owned());
    }
    told
}

fn short(value: &serde_json::Value) -> String {
    const MOST: usize = 120;
    let text = value.to_string();
    if text.chars().count() > MOST { text.chars().take(MOST).chain(['…']).collect() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parcels_are_named_as_far_as_one_reads_them() {
        assert_eq!(parcels(&["A", "B"], 2), "parcels A, B");
        assert_eq!(parcels(&["A", "B", "C", "D", "E", "F"], 9), "parcels A, B, C, D, E and 1 more");
        assert_eq!(parcels(&["A", "B", "C", "D", "E", "F"], 6), "all 6 parcels");
    }

    #[test]
    fn a_change_of_one_byte_is_told_from_one_of_the_size() {
        assert!(changed(10, &"a".repeat(64), 10, &"b".repeat(64)).starts_with("10 bytes as before, SHA-256 bbbbbbbbbbbb…"));
        assert!(changed(10, "a", 12, "b").starts_with("12 bytes, 10 before"));
    }
}
