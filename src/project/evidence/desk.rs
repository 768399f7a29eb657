//! One sheet at a time, as a pack would hold it: what is looked at before a pack is written, and what travels alone.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use tempfile::TempDir;

use super::PackOptions;
use super::inputs::Inputs;
use super::journal::Decided;
use super::names::file_names;
use super::pack::{Caches, open, pseudonyms};
use super::sheet::{Gathered, Sources};
use crate::engine::review::Review;
use crate::io;
use crate::model::Watch;
use crate::model::evidence::Sheet;
use crate::project::{Dataset, Project};
use crate::report::sheet as page;

/// A project that is open beside somebody's own, to make sheets of.
#[derive(Debug)]
pub struct Desk {
    project: Project,
    data: Arc<Dataset>,
    /// Its home goes with it.
    _scratch: TempDir,
}

impl Desk {
    /// Opens a project as it is on disk.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
        let (project, data) = open(path, 2, scratch.path(), Caches::Used)?;
        Ok(Self { project, data, _scratch: scratch })
    }

    /// The sheet of a parcel with the decisions that stand now.
    pub fn sheet(&self, id: &str, options: &PackOptions) -> anyhow::Result<Sheet> {
        let data = &self.data;
        let parcel = data.parcels.find(id).with_context(|| format!("the saved project has no parcel {id}"))?;
        let decided = Decided::load(&self.project)?;
        let holders = pseudonyms(&self.project, &decided, options, false)?;
        let raw: Vec<_> = decided.entries.iter().filter(|entry| entry.parcel == id).cloned().collect();
        let review = Review::fold(&holders.cleaned(&data.parcels, &[parcel], &raw));
        let inputs = Inputs::gather(&self.project, data, decided.form_file.as_deref(), &[parcel], &Watch::default())?;
        let photos = decided.photos();
        let sources = Sources {
            project: &self.project,
            data,
            review: &review,
            form: &decided.form,
            holders: &holders,
            photos: photos.is_dir().then_some(photos.as_path()),
        };
        let name = file_names(&[id]).pop().unwrap_or_default();
        let Gathered { sheet, .. } = sources.gather(parcel, &name, inputs.lines(0))?;
        // Answers of parcels that were looked at before are let go.
        (0..3).for_each(|_| self.project.cache.begin_frame());
        Ok(sheet)
    }
}

/// Writes the sheet of one parcel alone: PDF, HTML with its pictures inside, or DOCX, by the ending of the file.
pub fn write_sheet(project: &Path, id: &str, options: &PackOptions, target: &Path) -> anyhow::Result<()> {
    let sheet = Desk::open(project)?.sheet(id, options)?;
    let ending = target.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let bytes = match ending.as_str() {
        "pdf" => page::pdf(&sheet),
        "docx" => page::docx(&sheet),
        "html" => Ok(page::html(&sheet, &page::Pictures::Inside).into_bytes()),
        _ => Err(format!("a sheet is written as .pdf, .html or .docx, not as {}", target.display())),
    };
    let bytes = bytes.map_err(|fact| anyhow::anyhow!(fact))?;
    Ok(io::files::write_atomic(target, &bytes)?)
}
