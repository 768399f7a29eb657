//! What a pack says of itself: hashes of its files and inputs, and all that is needed to make it again. No clock, no machine.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::engine::ENGINE_VERSION;
use crate::model::review::EntryId;
use crate::project::export::{CalendarOptions, GraphFigureOptions, captions};
use crate::project::{Dataset, Project};

use super::PackOptions;
use super::inputs::InputFile;

/// Name of the file.
pub const MANIFEST: &str = "manifest.json";

/// Version of the format; a pack with a newer major version is refused with an explanation.
pub const PACK_VERSION: &str = "1.0";

/// A manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the format. Its name tells packs from other folders.
    pub parcelight_evidence_pack: String,
    /// What made it.
    pub software: Software,
    /// What it was made of.
    pub project: Made,
    /// How.
    pub options: PackOptions,
    /// What figures show.
    pub figures: Figures,
    /// Ruleset in force; `None` of a project without one.
    pub ruleset: Option<Rules>,
    /// What people decided, as far as it is in the pack.
    pub decisions: Decisions,
    /// How names of files are made of ids, in words.
    pub names: String,
    /// Parcels, in the order of the layer.
    pub parcels: Vec<ParcelFiles>,
    /// Inputs, each once.
    pub inputs: Vec<InputFile>,
    /// Sets of places in `inputs`.
    pub input_sets: Vec<Vec<u32>>,
    /// Every other file of the pack, by path.
    pub files: Vec<PackFile>,
}

/// A program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Software {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Version of the numbers.
    pub engine_version: u32,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Its name.
    pub name: String,
    /// Its file, without folders: paths of inputs start at its folder.
    pub file: String,
    /// Working CRS.
    pub crs: String,
    /// Number of parcels in the layer.
    pub parcels: usize,
    /// Number of acquisitions found.
    pub acquisitions: usize,
}

/// What figures show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// View of the calendar.
    pub view: String,
    /// Stretch.
    pub stretch: serde_json::Value,
    /// Columns of the calendar.
    pub bins: serde_json::Value,
    /// Surroundings of a parcel, m.
    pub margin_m: u32,
    /// Edge of a chip, pixels.
    pub cell_px: u32,
    /// Excluded scene classes.
    pub mask: Vec<u8>,
    /// First day; `None` is the first acquisition.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// Signals of the graphs.
    pub graphs: Vec<Vec<String>>,
}

/// A ruleset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Its name.
    pub name: String,
    /// Hash of its content, as `parcelight ruleset hash` gives it.
    pub hash: String,
    /// Where the project has it from: a path, or `shipped:NAME`.
    pub source: String,
}

/// Decisions in a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisions {
    /// Entries of the journal that the pack rests on, in their order.
    pub entries: Vec<EntryId>,
    /// SHA-256 of these entries as they are in the journal, one JSON object a line; not as the pack shows them, where ids of holders are
    /// replaced.
    pub sha256: String,
    /// A word that is the same for the same key of pseudonyms; `None` where none was used.
    pub holders_key: Option<String>,
    /// Columns with ids of holders.
    pub holder_columns: Vec<String>,
}

/// A parcel in a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelFiles {
    /// Its id.
    pub id: String,
    /// How the names of its files begin.
    pub name: String,
    /// Its set in `input_sets`.
    pub inputs: usize,
}

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PackFile {
    /// Path from the pack, with `/`.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

impl Software {
    /// This program.
    pub fn here() -> Self {
        Self { name: "Parcelight".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), engine_version: ENGINE_VERSION }
    }
}

impl Made {
    /// Of an open project.
    pub fn of(project: &Project, data: &Dataset) -> Self {
        Self {
            name: project.file().name.clone(),
            file: project.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            crs: data.parcels.crs().label(),
            parcels: data.parcels.len(),
            acquisitions: data.catalog.acquisitions.len(),
        }
    }
}

impl Figures {
    /// Of an open project.
    pub fn of(project: &Project) -> anyhow::Result<Self> {
        let (calendar, graphs) = (CalendarOptions::of(project), GraphFigureOptions::of(project));
        let signals = |panel: &Vec<crate::model::Signal>| panel.iter().map(crate::model::Signal::name).collect();
        Ok(Self {
            view: calendar.view.label(),
            stretch: serde_json::to_value(&calendar.stretch)
                .with_context(|| format!("cannot write the stretch {}", captions::stretch_name(&calendar.stretch)))?,
            bins: serde_json::to_value(calendar.bins).context("cannot write the calendar's columns")?,
            margin_m: calendar.margin_m,
            cell_px: calendar.cell_px,
            mask: calendar.mask.classes(),
            from: calendar.from.map(|day| day.to_string()),
            to: calendar.to.map(|day| day.to_string()),
            graphs: graphs.panels.iter().map(signals).collect(),
        })
    }
}

impl Manifest {
    /// Reads the manifest of a folder.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(MANIFEST);
        let text = std::fs::read(&path).with_context(|| {
            format!("cannot read {MANIFEST}: an evidence pack has one at its top; name the folder of a pack ({})", path.display())
        })?;
        let value: serde_json::Value =
            serde_json::from_slice(&text).with_context(|| format!("the manifest is no JSON any more ({})", path.display()))?;
        let version = value["parcelight_evidence_pack"].as_str().unwrap_or_default();
        // Not a number: no version of ours.
        let major: Option<u32> = version.split('.').next().and_then(|major| major.parse().ok());
        match major {
            None => anyhow::bail!("this is no manifest of an evidence pack ({})", path.display()),
            Some(major) if major > 1 => anyhow::bail!(
                "the pack has version {version}, and this program reads versions up to 1.x; install a newer Parcelight to check it ({})",
                path.display()
            ),
            Some(_) => {}
        }
        serde_json::from_value(value).with_context(|| format!("the manifest cannot be understood ({})", path.display()))
    }

    /// The file's content.
    pub fn bytes(&self) -> anyhow::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self).context("cannot write the manifest")?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Ids of the parcels that an input belongs to.
    pub fn parcels_of(&self, input: usize) -> Vec<&str> {
        let holds: Vec<bool> = self.input_sets.iter().map(|set| set.contains(&(input as u32))).collect();
        let of = |own: &&ParcelFiles| holds.get(own.inputs).copied().unwrap_or_default();
        self.parcels.iter().filter(of).map(|own| own.id.as_str()).collect()
    }

    /// Parcel whose files begin with a name.
    pub fn parcel_of_file(&self, path: &str) -> Option<&str> {
        let by_name: BTreeMap<&str, &str> = self.parcels.iter().map(|own| (own.name.as_str(), own.id.as_str())).collect();
        let file = path.strip_prefix("parcels/").or_else(|| path.strip_prefix("evidence/"))?;
        let stem = file.split('.').next().unwrap_or(file);
        let cut = stem.match_indices('_').map(|(at, _)| &stem[..at]);
        std::iter::once(stem).chain(cut.rev()).find_map(|name| by_name.get(name).copied())
    }
}
