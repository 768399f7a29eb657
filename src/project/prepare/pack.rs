//! A project and its prepared chips in one folder, to be taken along.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::keys::{CATALOG, kept_catalog, parcel_key, rewrite};
use crate::io::{files, project_file};
use crate::model::{Catalog, ParcelIx, ProjectFile};
use crate::project::{Dataset, load};
use crate::store::chips::{Chips, Key};

/// Endings of the files that make a shapefile.
const SHAPEFILE: [&str; 7] = ["shp", "shx", "dbf", "prj", "cpg", "qix", "sbn"];

/// Copies project, parcel file and the chips of some parcels to a folder; returns the copy's project file.
///
/// Image sources become folders `imagery/1`, `imagery/2`, … that are not there: put the images there, and they are used.
pub fn pack(data: &Dataset, project: &Path, file: &ProjectFile, parcels: &[ParcelIx], to: &Path) -> anyhow::Result<PathBuf> {
    let name = project.file_name().context("the project has no file name")?;
    let target = to.join(name);
    if target.exists() {
        anyhow::bail!("cannot pack: there is a project already; choose an empty folder ({})", target.display());
    }
    let chips = Chips::open(&load::cache_folder(project))?.context("nothing is prepared")?;
    std::fs::create_dir_all(to).with_context(|| format!("cannot make the folder ({})", to.display()))?;

    let mut copy = file.clone();
    let layer = load::resolve(project, &file.parcels.path);
    copy.parcels.path = copy_layer(&layer, to)?;
    let sources: Vec<PathBuf> = file.imagery.iter().map(|source| load::resolve(project, &source.path)).collect();
    for (number, source) in (1..).zip(&mut copy.imagery) {
        source.path = PathBuf::from(format!("imagery/{number}"));
    }

    let keys: Vec<Key> = parcels.iter().map(|&parcel| parcel_key(&data.parcels, parcel)).collect();
    let packed = chips.copy_to(&load::cache_folder(&target), &keys)?;
    let mut catalog: Catalog = kept_catalog(&chips, project)?.context("the prepared chips hold no catalogue")?;
    rewrite(&mut catalog, |path| {
        let inside = |(number, source): (usize, &PathBuf)| {
            // A source may be a file of its own: then its name is all that is left.
            let rest = path.strip_prefix(source).ok()?;
            let rest = if rest.as_os_str().is_empty() { Path::new(path.file_name()?) } else { rest };
            Some(Path::new("imagery").join((number + 1).to_string()).join(rest))
        };
        sources.iter().enumerate().find_map(inside).unwrap_or_else(|| path.to_owned())
    });
    packed.set_about(CATALOG, &serde_json::to_vec(&catalog)?)?;
    // The project comes last: a folder without it was not finished.
    project_file::save(&target, &copy)?;
    Ok(target)
}

/// Copies a parcel file, a folder of one, or the files of a shapefile; returns its path in the pack.
fn copy_layer(layer: &Path, to: &Path) -> anyhow::Result<PathBuf> {
    let name = PathBuf::from(layer.file_name().context("the parcel file has no name")?);
    let mut sources = vec![layer.to_owned()];
    if layer.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("shp")) {
        sources.extend(SHAPEFILE[1..].iter().map(|ending| layer.with_extension(ending)).filter(|path| path.exists()));
    }
    if layer.is_dir() {
        let inner = to.join(&name);
        std::fs::create_dir_all(&inner).with_context(|| format!("cannot make the folder ({})", inner.display()))?;
        for entry in std::fs::read_dir(layer).with_context(|| format!("cannot list the parcels ({})", layer.display()))? {
            copy_file(&entry?.path(), &inner)?;
        }
        return Ok(name);
    }
    for source in sources {
        copy_file(&source, to)?;
    }
    Ok(name)
}

fn copy_file(from: &Path, folder: &Path) -> anyhow::Result<()> {
    let bytes = std::fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    let name = from.file_name().context("a file without a name")?;
    Ok(files::write_atomic(&folder.join(name), &bytes)?)
}
