//! What an import has to say about a whole file: counts of marked parcels, assumptions, omissions.

use std::collections::HashMap;
use std::path::Path;

use crate::model::report::{ParcelProblem, Problem, Severity};
use crate::model::{Bounds, ParcelIx, Parcels};

/// So many ids are named in a line.
const NAMED: usize = 3;

/// Every parcel whose id occurs more than once, with that problem.
pub(super) fn duplicates(parcels: &Parcels) -> Vec<(ParcelIx, ParcelProblem)> {
    let mut first: HashMap<&str, (ParcelIx, bool)> = HashMap::with_capacity(parcels.len());
    let mut found = Vec::new();
    for row in parcels.iter() {
        let id = parcels.id(row);
        let Some((earlier, marked)) = first.get_mut(id) else {
            first.insert(id, (row, false));
            continue;
        };
        if !std::mem::replace(marked, true) {
            found.push((*earlier, ParcelProblem::DuplicateId));
        }
        found.push((row, ParcelProblem::DuplicateId));
    }
    found
}

/// One line for each kind of problem that parcels have.
pub(super) fn summary(parcels: &Parcels, path: &Path) -> Vec<Problem> {
    // Kind, severity, what the parcels are, what is done about it.
    const KINDS: [(&str, Severity, &str, &str); 7] = [
        ("no_geometry", Severity::Error, "without a usable outline", "a polygon; they stay listed and have no pixels"),
        (
            "outside_crs",
            Severity::Error,
            "outside the area where the file's CRS is used",
            "coordinates in that CRS; their outlines are not used",
        ),
        (
            "repaired",
            Severity::Warning,
            "with an invalid outline",
            "valid rings; the outlines were repaired, the file is unchanged",
        ),
        (
            "duplicate_id",
            Severity::Warning,
            "with an id that occurs more than once",
            "unique ids; choose another id column if there is one",
        ),
        ("missing_id", Severity::Warning, "without an id", "an id; the row number stands in"),
        ("overlap", Severity::Warning, "that overlap another by more than a tenth of their area", "outlines side by side"),
        ("multipolygon", Severity::Note, "with more than one part", ""),
    ];
    let mut problems = Vec::new();
    for (code, severity, what, expected) in KINDS {
        let with = |own: &[ParcelProblem]| own.iter().any(|problem| problem.code() == code);
        let rows: Vec<ParcelIx> = parcels.all_problems().iter().filter(|(_, own)| with(own)).map(|(&row, _)| row).collect();
        if rows.is_empty() {
            continue;
        }
        let named: Vec<&str> = rows.iter().take(NAMED).map(|&row| parcels.id(row)).collect();
        let more = if rows.len() > NAMED { ", …" } else { "" };
        let noun = if rows.len() == 1 { "parcel" } else { "parcels" };
        let fact = format!("{} {noun} {what} ({}{more})", rows.len(), named.join(", "));
        problems.push(Problem { severity, path: path.to_owned(), fact, expected: expected.to_owned() });
    }
    problems
}

/// Says that longitude and latitude may be exchanged: the layer misses the images, and would meet them the other way round.
///
/// Both boxes in longitude and latitude; `path` is the parcel file.
pub fn swapped_axes(parcels: &Bounds, images: &Bounds, path: &Path) -> Option<Problem> {
    let turned = Bounds { min_x: parcels.min_y, min_y: parcels.min_x, max_x: parcels.max_y, max_y: parcels.max_x };
    let swapped = !parcels.is_empty() && !images.is_empty() && !parcels.intersects(images) && turned.intersects(images);
    swapped.then(|| Problem {
        severity: Severity::Error,
        path: path.to_owned(),
        fact: format!(
            "the parcels lie at longitude {:.2}, latitude {:.2}, where no image is",
            parcels.center().0,
            parcels.center().1
        ),
        expected: "longitude before latitude; the axes may be swapped, as exchanging them would put the parcels on the images"
            .to_owned(),
    })
}
