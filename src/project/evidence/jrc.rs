//! What users of JRC's calendar tool find where they look for it: statistics as CSV and calendars as JPG, in its folders and under its
//! file names.
//!
//! Statistics follow its rules: pixels with their centre inside the outline, an optical image counts only when no pixel of the parcel is
//! masked, a radar image only when no pixel is without a value. What differs, and is written in `run_params.json` too:
//!
//! * Reflectance offsets are taken off; numbers of bands are reflectance times 10 000 of all years.
//! * Rows are sorted by date.
//! * `lut.txt` lists the limits of the dynamic stretch in the same numbers, parcel after parcel.
//! * Figures are this program's own, so that no second image of a half-week is lost.

mod figures;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rayon::prelude::*;
use serde_json::json;

use crate::model::settings::ObservationSettings;
use crate::model::{MaskSet, ParcelIx, PixelRule, Watch};
use crate::project::{Dataset, Project};

use super::names::file_names;
use super::pack::in_pool;
use super::target::Target;

/// File that tells these folders from others.
const PARAMETERS: &str = "run_params.json";

/// Table of the limits of dynamic stretches.
const LIMITS: &str = "lut.txt";

/// Parcels whose statistics are in memory at a time.
const BATCH: usize = 256;

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct JrcReport {
    /// Where.
    pub folder: PathBuf,
    /// Parcels.
    pub parcels: usize,
    /// Files.
    pub files: usize,
    /// What somebody should know.
    pub warnings: Vec<String>,
}

/// A parcel under JRC's names.
#[derive(Debug, Clone)]
struct Named {
    parcel: ParcelIx,
    /// Its id as it is.
    id: String,
    /// `{id}` in names of files.
    file_id: String,
    /// `{id}_{crop}` in names of files.
    stem: String,
}

/// How JRC observes: see the module.
fn settings() -> ObservationSettings {
    ObservationSettings { pixels: PixelRule::Centre, buffer_m: 0.0, mask: MaskSet::default(), min_usable_share: 1.0 }
}

/// Writes the outputs of some parcels, on `jobs` threads. Fails when cancelled; then nothing is there.
pub fn write_jrc(
    project: &Project,
    parcels: &[ParcelIx],
    target: &Target,
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<JrcReport> {
    let data = project.data().context("the project is not loaded")?;
    anyhow::ensure!(!parcels.is_empty(), "no parcel is chosen");
    let draft = target.begin(project.path(), &is_ours)?;
    let (named, mut warnings) = named(data, parcels);
    watch.set_total(2 * named.len() as u64);
    let root = draft.folder();
    let (files, limits) = in_pool(jobs, || {
        let (mut files, mut limits) = (0, String::new());
        for batch in named.chunks(BATCH) {
            files += tables::write_tables(project, data, batch, root, jobs, watch)?;
            watch.advance(batch.len() as u64);
            let drawn = batch.par_iter().map(|own| {
                anyhow::ensure!(!watch.cancelled(), "cancelled");
                let drawn = figures::write_figures(project, data, own, root).with_context(|| format!("parcel {}", own.id))?;
                watch.advance(1);
                Ok(drawn)
            });
            for own in drawn.collect::<anyhow::Result<Vec<_>>>()? {
                files += own.files;
                warnings.extend(own.told);
                limits.extend(own.limits.into_iter().map(|line| line + "\n"));
            }
        }
        anyhow::Ok((files, limits))
    })?;
    let files = if limits.is_empty() { files } else { files + 1 };
    if !limits.is_empty() {
        write(root, LIMITS, limits.as_bytes())?;
    }
    write(root, PARAMETERS, &parameters(project, data, &named)?)?;
    Ok(JrcReport { parcels: named.len(), files: files + 1, warnings, folder: draft.finish()? })
}

/// True for a folder of this kind.
fn is_ours(folder: &Path) -> bool {
    let text = std::fs::read(folder.join(PARAMETERS)).unwrap_or_default();
    // What is no JSON is none of ours.
    serde_json::from_slice::<serde_json::Value>(&text).is_ok_and(|value| value["parcelight_jrc_outputs"].is_string())
}

/// Names of files of parcels. Of rows with the same id the first is taken.
fn named(data: &Dataset, parcels: &[ParcelIx]) -> (Vec<Named>, Vec<String>) {
    let mut first: BTreeMap<&str, ParcelIx> = BTreeMap::new();
    let mut sorted = parcels.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut again = 0;
    for &parcel in &sorted {
        if first.contains_key(data.parcels.id(parcel)) {
            again += 1;
        }
        first.entry(data.parcels.id(parcel)).or_insert(parcel);
    }
    let ids: Vec<&str> = first.keys().copied().collect();
    let theirs: Vec<String> = ids.iter().map(|id| safe(id)).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in &theirs {
        *counts.entry(name.to_ascii_lowercase()).or_default() += 1;
    }
    let ours = file_names(&ids);
    let name = |((&id, theirs), ours): ((&&str, String), String)| {
        // Their rule does not know of devices, dots and letters of both cases.
        let alone = counts.get(&theirs.to_ascii_lowercase()) == Some(&1);
        let plain = alone && !theirs.starts_with(['.', '-']) && !theirs.is_empty() && (ours == id || !reserved(&theirs));
        let file_id = if plain { theirs } else { ours };
        let parcel = first[id];
        let crop = safe(data.parcels.crop(parcel).unwrap_or_default());
        Named { parcel, id: id.to_owned(), stem: format!("{file_id}_{crop}"), file_id }
    };
    let named = ids.iter().zip(theirs).zip(ours).map(name).collect();
    let warnings =
        if again > 0 { vec![format!("{again} parcels have an id that occurs before; the first is written")] } else { Vec::new() };
    (named, warnings)
}

/// A word as JRC's tool writes it in names of files, at most 80 characters of it.
fn safe(word: &str) -> String {
    const MOST: usize = 80;
    let letter = |c: char| if r#"<>:"/\|?* "#.contains(c) || c.is_control() { '-' } else { c };
    word.trim().chars().take(MOST).map(letter).collect::<String>().trim_end_matches('.').to_owned()
}

/// A name that Windows keeps for a device, with any ending.
fn reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    stem.len() < 5 && file_names(&[stem])[0] != stem
}

/// What decides the numbers, without passwords and without the clock.
fn parameters(project: &Project, data: &Dataset, named: &[Named]) -> anyhow::Result<Vec<u8>> {
    let display = &project.file().display;
    let value = json!({
        "parcelight_jrc_outputs": "1.0",
        "software": super::sheet::software(),
        "project": project.file().name,
        "attribution": project.file().attribution,
        "parcel_id_column": project.file().parcels.id,
        "crs": data.parcels.crs().label(),
        "parcels": named.iter().map(|own| own.id.as_str()).collect::<Vec<_>>(),
        "buffer_m": display.margin_m,
        "excluded_scene_classes": settings().mask.classes(),
        "cloud_rule": "an optical image counts when no pixel of the parcel is masked",
        "pixel_rule": "centre",
        "band_numbers": "reflectance times 10000, offset taken off",
        "backscatter": "linear power",
    });
    let mut bytes = serde_json::to_vec_pretty(&value).context("cannot write the parameters")?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes a file and the folder that it is in.
fn write(root: &Path, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let place = root.join(path);
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder ({})", folder.display()))?;
    }
    std::fs::write(&place, bytes)
        .with_context(|| format!("cannot write the file; see whether the disk is full ({})", place.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_tool_and_never_lead_out_of_the_folder() {
        assert_eq!(safe("Winter wheat"), "Winter-wheat");
        assert_eq!(safe("a/b\\c:d"), "a-b-c-d");
        assert_eq!(safe("../x"), "..-x");
        assert_eq!(safe(&"x".repeat(200)).len(), 80);
        assert!(reserved("CON") && reserved("nul.5") && !reserved("CONE") && !reserved("FLAPAJ013"));
    }
}
