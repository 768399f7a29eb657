//! The pass over a layer: rows in, parcels out, block by block.

use std::path::Path;

use rayon::prelude::*;

use crate::io::IoError;
use crate::model::parcels::{ParcelRow, ParcelsBuilder};
use crate::model::project_file::ParcelSource;
use crate::model::report::ParcelProblem;
use crate::model::{Bounds, Crs, Watch};

use super::columns::Columns;
use super::source::{self, FEATURE_NUMBER, Go, LayerHead, Row, Source};
use super::topology::{Frame, Outline, outline};
use super::wkb::{self, Shape};

/// Rows that workers check and transform together.
const BLOCK_ROWS: usize = 4096;

/// Which columns mean what; `None` for the id is the feature number.
pub(super) struct Roles {
    id: Option<usize>,
    crop_code: Option<usize>,
    crop_name: Option<usize>,
}

impl Roles {
    /// Finds the columns; a name that is not there is an error that lists those that are.
    pub(super) fn new(source: &ParcelSource, head: &LayerHead, path: &Path) -> Result<Self, IoError> {
        let find = |name: &Option<String>, role: &str| match name.as_deref() {
            None | Some("") => Ok(None),
            Some(name) => match head.columns.iter().position(|column| column.name == name) {
                Some(at) => Ok(Some(at)),
                None if role == "id" && name.eq_ignore_ascii_case(FEATURE_NUMBER) => Ok(None),
                None => {
                    let known: Vec<&str> = head.columns.iter().map(|column| column.name.as_str()).collect();
                    Err(source::fault(path, format!("there is no column `{name}` for the {role}; there is {}", known.join(", "))))
                }
            },
        };
        Ok(Self {
            id: find(&source.id, "id")?,
            crop_code: find(&source.crop_code, "crop code")?,
            crop_name: find(&source.crop_name, "crop name")?,
        })
    }

    fn text(row: &Row, column: Option<usize>) -> Option<String> {
        column.and_then(|at| row.cells.get(at)).and_then(source::Cell::text)
    }

    fn id(&self, row: &Row) -> Option<String> {
        if self.id.is_none() { Some(row.number.to_string()) } else { Self::text(row, self.id) }
    }
}

/// What a pass has gathered.
pub(super) struct Collected {
    pub(super) builder: ParcelsBuilder,
    /// Ids by row.
    pub(super) ids: Vec<String>,
    pub(super) columns: Columns,
    outside: usize,
    usable: usize,
    example: Option<(f64, f64)>,
}

impl Collected {
    /// Reads a whole layer. The working CRS is the UTM zone of the layer's centre when none is asked for.
    pub(super) fn read(
        file: &Source,
        head: &LayerHead,
        roles: &Roles,
        (source_crs, working): (&Crs, Option<&Crs>),
        watch: &Watch,
    ) -> Result<Self, IoError> {
        let mut started: Option<(Frame, Self)> = None;
        let mut block = Vec::with_capacity(BLOCK_ROWS);
        let mut flush = |block: &mut Vec<Row>| -> Result<(), IoError> {
            if watch.cancelled() {
                return Err(IoError::Cancelled);
            }
            let (frame, collected) = match &mut started {
                Some(both) => both,
                empty => {
                    let frame = Frame::new(source_crs, working, center(head, block))?;
                    let collected = Self::new(frame.working.clone(), head);
                    empty.insert((frame, collected))
                }
            };
            collected.take(block, frame, roles)?;
            watch.advance(block.len() as u64);
            block.clear();
            Ok(())
        };
        file.read(head, &mut |row| {
            block.push(row);
            if block.len() == BLOCK_ROWS {
                flush(&mut block)?;
            }
            Ok(Go::On)
        })?;
        flush(&mut block)?;
        started.map(|(_, collected)| collected).ok_or(IoError::Cancelled)
    }

    fn new(working: Crs, head: &LayerHead) -> Self {
        Self {
            builder: ParcelsBuilder::new(working),
            ids: Vec::new(),
            columns: Columns::new(head),
            outside: 0,
            usable: 0,
            example: None,
        }
    }

    fn take(&mut self, block: &[Row], frame: &Frame, roles: &Roles) -> Result<(), IoError> {
        let outlines: Vec<Outline> = block.par_iter().map(|row| outline(row.wkb.as_deref(), frame)).collect::<Result<_, _>>()?;
        for (row, mut made) in block.iter().zip(outlines) {
            self.count(row, &made);
            let id = roles.id(row).unwrap_or_else(|| {
                made.problems.push(ParcelProblem::MissingId);
                format!("row-{}", self.ids.len() + 1)
            });
            self.columns.push(row);
            self.ids.push(id.clone());
            self.builder.push(ParcelRow {
                id,
                crop_code: Roles::text(row, roles.crop_code),
                crop_name: Roles::text(row, roles.crop_name),
                outline: made.shape,
                area_ha: made.area_ha,
                perimeter_m: made.perimeter_m,
                problems: made.problems,
            });
        }
        Ok(())
    }

    fn count(&mut self, row: &Row, made: &Outline) {
        if made.problems.contains(&ParcelProblem::OutsideCrs) {
            self.outside += 1;
            if self.example.is_none() {
                self.example = place(row);
            }
        } else if !made.shape.is_empty() {
            self.usable += 1;
        }
    }

    /// When no outline fits the CRS, the CRS is wrong and not the parcels.
    pub(super) fn refuse_if_all_outside(&self, crs: &Crs, path: &Path) -> Result<(), IoError> {
        if self.outside == 0 || self.usable > 0 {
            return Ok(());
        }
        let (x, y) = self.example.unwrap_or_default();
        // A system that was good enough to read with can be asked.
        let degrees = crate::io::crs::is_geographic(crs)?;
        let reason = if degrees {
            format!("coordinates such as {x:.1}, {y:.1} are impossible in degrees, which {} means", crs.label())
        } else {
            format!("coordinates such as {x:.5}, {y:.5} lie outside the area where {} is used", crs.label())
        };
        Err(source::fault(
            path,
            format!("{reason}; give the right coordinate reference system (CRS) as `epsg`, for instance 32631"),
        ))
    }
}

/// A point of a row's outline in source coordinates.
fn place(row: &Row) -> Option<(f64, f64)> {
    match wkb::parse(row.wkb.as_deref()?) {
        Shape::Polygons { outline, .. } => outline.rings().flatten().next().map(|&[x, y]| (x, y)),
        Shape::Curved | Shape::Other(_) | Shape::Damaged => None,
    }
}

/// The layer's centre: of the extent that the file states, if the first rows are in it (stated extents may be wrong), else of those.
fn center(head: &LayerHead, block: &[Row]) -> (f64, f64) {
    let mut points: Vec<(f64, f64)> = block.iter().filter_map(place).filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let middle = points.len() / 2;
    if points.is_empty() {
        return head.bounds.map_or((0.0, 0.0), |bounds| bounds.center());
    }
    // The median, so that a few stray coordinates move nothing.
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let x = points[middle].0;
    points.sort_by(|a, b| a.1.total_cmp(&b.1));
    let y = points[middle].1;
    let stated = head.bounds.filter(|bounds| bounds.intersects(&Bounds { min_x: x, min_y: y, max_x: x, max_y: y }));
    // The whole first block is the whole layer: its median is better than the middle of an extent with stray outlines.
    if block.len() < BLOCK_ROWS { (x, y) } else { stated.map_or((x, y), |bounds| bounds.center()) }
}
