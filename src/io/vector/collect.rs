//! The pass over a layer: rows in, parcels out, block by block.

use std::path::Path;

use rayon::prelude::*;

use crate::io::IoError;
use crate::model::parcels::{BLOCK_ROWS, ParcelRow, ParcelsBuilder};
use crate::model::project_file::ParcelSource;
use crate::model::report::ParcelProblem;
use crate::model::{Bounds, Crs, Parcels, Watch};

use super::columns::Columns;
use super::source::{self, FEATURE_NUMBER, Go, LayerHead, Row, Source};
use super::topology::{self, Frame, Outline};
use super::wkb::{self, Shape};

/// Rows that one worker checks and transforms together.
const BATCH_ROWS: usize = 512;

/// Rows read before they are worked on: enough for all workers.
const WAVE_ROWS: usize = 16 * 1024;

/// Rows looked at for the layer's centre.
const CENTRE_ROWS: usize = 4096;

/// Rows of a range that a worker reads through a handle of its own.
const RANGE_ROWS: i64 = 4 * 1024;

/// Ranges of each core between two looks at the whole. The first are few, so that something is shown soon.
const RANGES_PER_CORE: [usize; 2] = [2, 8];

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

/// A row ready for the table.
struct Made {
    row: ParcelRow,
    /// True when the file gave no id.
    nameless: bool,
    outside: Option<(f64, f64)>,
}

/// What a pass has gathered.
pub(super) struct Collected {
    pub(super) builder: ParcelsBuilder,
    outside: usize,
    usable: usize,
    example: Option<(f64, f64)>,
}

/// What all workers need to know.
struct Plan<'a> {
    frame: Frame,
    roles: &'a Roles,
    columns: &'a Columns,
    watch: &'a Watch,
}

/// Receives the table so far, while it grows.
pub(super) type Part<'a> = &'a mut (dyn FnMut(Parcels) + Send);

impl Collected {
    /// Reads a whole layer. The working CRS is the UTM zone of the layer's centre when none is asked for.
    ///
    /// A layer with row numbers is read in ranges by all cores, each through its own handle; others by one, while all cores
    /// check and transform. `part` gets the table each time it has doubled.
    pub(super) fn read(
        file: &Source,
        head: &LayerHead,
        (roles, columns): (&Roles, &Columns),
        (source_crs, working): (&Crs, Option<&Crs>),
        watch: &Watch,
        part: Part<'_>,
    ) -> Result<Self, IoError> {
        let mut first = Vec::new();
        file.read(head, &mut |row| {
            first.push(row);
            Ok(if first.len() < CENTRE_ROWS { Go::On } else { Go::Stop })
        })?;
        let frame = Frame::new(source_crs, working, center(head, &first))?;
        drop(first);
        let builder = ParcelsBuilder::with_columns(frame.working.clone(), columns.heads.clone());
        let mut collected = Self { builder, outside: 0, usable: 0, example: None };
        let plan = Plan { frame, roles, columns, watch };
        match file.row_numbers(head) {
            Some(numbers) => collected.read_ranges(file, head, &plan, numbers, part)?,
            None => collected.read_through(file, head, &plan, part)?,
        }
        Ok(collected)
    }

    fn read_through(&mut self, file: &Source, head: &LayerHead, plan: &Plan<'_>, part: Part<'_>) -> Result<(), IoError> {
        let mut wave = Vec::with_capacity(WAVE_ROWS);
        let mut flush = |wave: &mut Vec<Row>| -> Result<(), IoError> {
            let made: Vec<Vec<Made>> = wave.par_chunks(BATCH_ROWS).map(|rows| plan.make(rows)).collect::<Result<_, _>>()?;
            wave.clear();
            self.append(made.into_iter().flatten(), part);
            Ok(())
        };
        file.read(head, &mut |row| {
            wave.push(row);
            if wave.len() == WAVE_ROWS {
                flush(&mut wave)?;
            }
            Ok(Go::On)
        })?;
        flush(&mut wave)
    }

    fn read_ranges(
        &mut self,
        file: &Source,
        head: &LayerHead,
        plan: &Plan<'_>,
        (low, high): (i64, i64),
        part: Part<'_>,
    ) -> Result<(), IoError> {
        let starts: Vec<i64> = (low..=high).step_by(RANGE_ROWS as usize).collect();
        let path = file.path();
        let make = |&start: &i64| -> Result<Vec<Made>, IoError> {
            // A handle is opened in a few milliseconds; the numbers of a range are read in some tens.
            let rows = source::open(path, None)?.read_range(head, start..start.saturating_add(RANGE_ROWS))?;
            let made: Vec<Vec<Made>> = rows.chunks(BATCH_ROWS).map(|rows| plan.make(rows)).collect::<Result<_, _>>()?;
            Ok(made.into_iter().flatten().collect())
        };
        let mut ready: Vec<Vec<Made>> = Vec::new();
        let (first, others) = RANGES_PER_CORE.map(|ranges| ranges * rayon::current_num_threads()).into();
        let (soon, later) = starts.split_at(first.min(starts.len()));
        for wave in soon.chunks(first).chain(later.chunks(others)) {
            let done = std::mem::take(&mut ready);
            let append = || self.append(done.into_iter().flatten(), part);
            let ((), next) = rayon::join(append, || wave.par_iter().map(make).collect::<Result<Vec<_>, _>>());
            ready = next?;
        }
        self.append(ready.into_iter().flatten(), part);
        Ok(())
    }

    fn append(&mut self, rows: impl Iterator<Item = Made>, part: &mut (dyn FnMut(Parcels) + Send)) {
        let before = self.builder.len();
        for mut made in rows {
            if let Some(place) = made.outside {
                self.outside += 1;
                self.example.get_or_insert(place);
            } else if !made.row.outline.is_empty() {
                self.usable += 1;
            }
            if made.nameless {
                made.row.problems.push(ParcelProblem::MissingId);
                made.row.id = format!("row-{}", self.builder.len() + 1);
            }
            self.builder.push(made.row);
        }
        // Each time the table has doubled: shown early, and never copied or counted often.
        let blocks = |rows: usize| (rows / BLOCK_ROWS).checked_ilog2();
        if blocks(self.builder.len()) > blocks(before) && self.usable > 0 {
            part(self.builder.so_far());
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

impl Plan<'_> {
    /// Checks, transforms and measures some rows.
    fn make(&self, rows: &[Row]) -> Result<Vec<Made>, IoError> {
        if self.watch.cancelled() {
            return Err(IoError::Cancelled);
        }
        let outlines = topology::outlines(rows.iter().map(|row| row.wkb.as_deref()), &self.frame)?;
        let make = |(row, outline): (&Row, Outline)| {
            let outside = outline.problems.contains(&ParcelProblem::OutsideCrs).then(|| place(row).unwrap_or_default());
            let id = self.roles.id(row);
            Made {
                nameless: id.is_none(),
                outside,
                row: ParcelRow {
                    id: id.unwrap_or_default(),
                    crop_code: Roles::text(row, self.roles.crop_code),
                    crop_name: Roles::text(row, self.roles.crop_name),
                    outline: outline.shape,
                    area_ha: outline.area_ha,
                    perimeter_m: outline.perimeter_m,
                    problems: outline.problems,
                    values: self.columns.values(row),
                },
            }
        };
        self.watch.advance(rows.len() as u64);
        Ok(rows.iter().zip(outlines).map(make).collect())
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
    if block.len() < CENTRE_ROWS { (x, y) } else { stated.map_or((x, y), |bounds| bounds.center()) }
}
