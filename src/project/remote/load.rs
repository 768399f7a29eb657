//! The parcels of a project that names ids on a server instead of a layer.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::Session;
use crate::contract::ParcelRow;
use crate::model::Watch;
use crate::model::project_file::ParcelSource;
use crate::model::report::{Problem, Severity};

/// Asks for the parcels of a project and writes them as a layer into its cache folder: from there on they are read like any other.
///
/// A parcel that the server does not know is a problem of the import, not an end of it; neither is one that was not kept when the
/// server cannot be reached. Fails when not a single parcel is there.
pub(in crate::project) fn parcels(
    session: &Session,
    project: &Path,
    ids: &[String],
    watch: &Watch,
) -> anyhow::Result<(ParcelSource, Vec<Problem>)> {
    watch.set_total(ids.len() as u64);
    let answers = session.side_by_side(ids, |id| {
        let answer = (!watch.cancelled()).then(|| session.client.parcel_by_id(id, watch).map(|answer| answer.value));
        watch.advance(1);
        answer
    });
    if watch.cancelled() {
        anyhow::bail!("asking for the parcels was cancelled; use Reload to start again");
    }
    let mut problems = Vec::new();
    let mut rows = Vec::new();
    let mut last = None;
    for (id, answer) in ids.iter().zip(answers) {
        let problem = |fact: String, expected: &str| Problem {
            severity: Severity::Warning,
            path: PathBuf::from(&session.source.url),
            fact,
            expected: expected.to_owned(),
        };
        match answer {
            Some(Ok(None)) => {
                problems.push(problem(
                    format!("the server knows no parcel {id}"),
                    "an id of its parcel table, as it is written there",
                ));
            }
            Some(Ok(Some(row))) if row.geometry.is_none() => {
                problems.push(problem(format!("the server has no outline of parcel {id}"), "a parcel with an outline"));
            }
            Some(Ok(Some(row))) => rows.push(ParcelRow { pid: id.clone(), ..row }),
            Some(Err(fault)) => {
                problems.push(problem(format!("parcel {id}: {fault}"), ""));
                last = Some(fault);
            }
            None => {}
        }
    }
    if rows.is_empty()
        && let Some(fault) = last
    {
        return Err(anyhow::Error::new(fault).context("no parcel could be had from the server"));
    }
    let path = write(project, &rows)?;
    let column = |name: &str| Some(name.to_owned());
    let source = ParcelSource {
        path,
        id: column("pid"),
        crop_code: column("crop_code"),
        crop_name: column("crop_name"),
        ..ParcelSource::default()
    };
    Ok((source, problems))
}

/// Writes rows as a layer in the system of the first; the server's table has one.
fn write(project: &Path, rows: &[ParcelRow]) -> anyhow::Result<PathBuf> {
    let srid = rows.iter().find_map(|row| row.srid).unwrap_or(4326);
    let features: Vec<Value> = rows
        .iter()
        .filter(|row| row.srid.unwrap_or(4326) == srid)
        .filter_map(|row| {
            let mut geometry: Value = serde_json::from_str(row.geometry.as_deref()?).ok()?; // the reader has checked it
            // An older way of naming the system: the layer says it once.
            geometry.as_object_mut()?.remove("crs");
            let properties = json!({
                "pid": row.pid,
                "crop_code": row.crop_code,
                "crop_name": row.crop_name,
                "area_m2": row.area_m2,
            });
            Some(json!({"type": "Feature", "properties": properties, "geometry": geometry}))
        })
        .collect();
    let layer = json!({
        "type": "FeatureCollection",
        "name": "parcels",
        "crs": {"type": "name", "properties": {"name": format!("urn:ogc:def:crs:EPSG::{srid}")}},
        "features": features,
    });
    let folder = crate::project::load::cache_folder(project).join("remote");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the cache folder ({})", folder.display()))?;
    let path = folder.join("parcels.geojson");
    let text = layer.to_string();
    // The same parcels are the same file: a table kept from it stays good.
    if std::fs::read_to_string(&path).is_ok_and(|own| own == text) {
        return Ok(path);
    }
    let mut file = tempfile::NamedTempFile::new_in(&folder).with_context(|| format!("cannot write into {}", folder.display()))?;
    std::io::Write::write_all(&mut file, text.as_bytes())
        .with_context(|| format!("cannot write the parcels ({})", path.display()))?;
    file.persist(&path).with_context(|| format!("cannot write the parcels ({})", path.display()))?;
    Ok(path)
}
