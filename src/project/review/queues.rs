//! Named queues: some parcels in an order, made of a filter, a file, a column, a list at hand, or what the review itself says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::Refusal;
use crate::engine::sampling;
use crate::model::grid::Bounds;
use crate::model::review::{KeptQueue, QueueOrder, Standing};
use crate::model::{ParcelIx, Parcels};
use crate::project::Project;
use crate::project::queue::ParcelList;

/// Where the parcels of a queue come from.
#[derive(Debug, Clone, PartialEq)]
pub enum QueueSource {
    /// What the queue shows now, filtered as it is.
    Shown,
    /// A filter over all parcels.
    Filter(String),
    /// A text file with one id a line, or a table whose first column holds ids.
    File(PathBuf),
    /// Parcels with one of these values in a column, e.g. the traffic light of another system.
    Column {
        /// Its name.
        column: String,
        /// Values as the table shows them; an empty text is a missing value.
        values: Vec<String>,
    },
    /// A list at hand, e.g. parcels that a changed threshold moved.
    List(Arc<ParcelList>),
    /// Flagged parcels.
    Flagged,
    /// Deferred parcels.
    Deferred,
    /// Parcels with different verdicts that nobody has resolved.
    Disputed,
}

/// A queue that is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueDemand {
    /// Its name; an older queue of the same name is replaced.
    pub name: String,
    /// Where its parcels come from.
    pub source: QueueSource,
    /// Their order.
    pub order: QueueOrder,
    /// So many at most, of each group when there are groups; `None` for all. Which ones is drawn with the seed of the order, or 1.
    pub sample: Option<usize>,
    /// Column whose values are groups.
    pub group: Option<String>,
}

/// Values of a column with their counts, the most frequent first; at most so many.
pub fn column_values(parcels: &Parcels, column: &str, most: usize) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    if let Some(at) = column_of(parcels, column) {
        for parcel in parcels.iter() {
            *counts.entry(value_of(parcels, at, parcel)).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.truncate(most);
    counts
}

/// First cells of the lines of a text file, empty ones left out.
fn id_list(path: &Path) -> std::io::Result<Vec<String>> {
    let text = std::fs::read_to_string(path)?;
    let cells = text.trim_start_matches('\u{feff}').lines().map(|line| line.split([',', ';', '\t']).next().unwrap_or_default());
    Ok(cells.map(|cell| cell.trim().trim_matches('"').to_owned()).filter(|cell| !cell.is_empty()).collect())
}

/// Crop names stand beside the columns of the source.
const CROP: usize = usize::MAX;

/// Place of a column by its name, for [`value_of`].
pub(in crate::project) fn column_of(parcels: &Parcels, column: &str) -> Option<usize> {
    let own = parcels.columns().iter().position(|own| own.name == column);
    own.or_else(|| (column == "crop").then_some(CROP))
}

/// Value of a column as the attribute table shows it; empty where there is none.
pub(in crate::project) fn value_of(parcels: &Parcels, column: usize, parcel: ParcelIx) -> String {
    if column == CROP {
        return parcels.crop(parcel).unwrap_or_default().to_owned();
    }
    let number = parcels.number(column, parcel);
    match parcels.text(column, parcel) {
        Some(text) => text.to_owned(),
        None if number.is_finite() => number.to_string(),
        None => String::new(),
    }
}

/// Middle of a box; not a number without geometry.
fn centre(bounds: Bounds) -> [f64; 2] {
    [f64::midpoint(bounds.min_x, bounds.max_x), f64::midpoint(bounds.min_y, bounds.max_y)]
}

impl Project {
    /// Makes a queue, keeps it beside the decisions and shows it.
    pub(super) fn make_queue(&mut self, demand: QueueDemand) {
        match self.gather_queue(&demand) {
            Err(why) => self.refuse(Refusal::Queue(why)),
            Ok((source, found)) => {
                let Some(data) = self.data() else { return };
                let kept = KeptQueue {
                    name: demand.name.clone(),
                    source,
                    order: demand.order,
                    user: self.reviewing.user.clone(),
                    made: Timestamp::now(),
                    parcels: found.iter().map(|&parcel| data.parcels.id(parcel).to_owned()).collect(),
                };
                if self.reviewing.writable()
                    && let Some(writer) = &self.reviewing.writer
                {
                    writer.change_queues(move |journal| journal.keep_queue(&kept));
                }
                self.reviewing.ended = false;
                self.show_list(Some(ParcelList { name: demand.name, parcels: found }));
            }
        }
    }

    /// The parcels of a queue in order, and in words where they come from.
    fn gather_queue(&self, demand: &QueueDemand) -> Result<(String, Vec<ParcelIx>), String> {
        let data = self.data().ok_or("the parcels are not loaded yet")?;
        let parcels = &data.parcels;
        let (source, mut found) = match &demand.source {
            QueueSource::Shown => {
                let filter = self.queue.filter.trim();
                let words = if filter.is_empty() { "the queue as shown".to_owned() } else { format!("filter {filter}") };
                (words, self.queue.rows().to_vec())
            }
            QueueSource::Filter(filter) => {
                let rows = crate::engine::filter::search(parcels, filter).map_err(|error| error.to_string())?;
                (format!("filter {filter}"), rows)
            }
            QueueSource::File(path) => {
                let ids = id_list(path).map_err(|error| format!("cannot read the list {}: {error}", path.display()))?;
                // The first line may be the name of the column.
                let ids = if ids.first().is_some_and(|id| parcels.find(id).is_none()) { &ids[1..] } else { &ids[..] };
                let known: Vec<ParcelIx> = ids.iter().filter_map(|id| parcels.find(id)).collect();
                let unknown = ids.len() - known.len();
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                if known.is_empty() {
                    return Err(format!("none of the {} ids in {} is a parcel of this project", ids.len(), path.display()));
                }
                let missed = if unknown > 0 { format!(" ({unknown} of its ids are unknown here)") } else { String::new() };
                (format!("list {name}{missed}"), known)
            }
            QueueSource::Column { column, values } => {
                let at = column_of(parcels, column).ok_or_else(|| format!("there is no column {column}"))?;
                let wanted: BTreeSet<&str> = values.iter().map(String::as_str).collect();
                let found = parcels.iter().filter(|&parcel| wanted.contains(value_of(parcels, at, parcel).as_str())).collect();
                (format!("{column} = {}", values.join(", ")), found)
            }
            QueueSource::List(list) => (list.name.clone(), list.parcels.clone()),
            QueueSource::Flagged => ("flagged".to_owned(), self.reviewed(|own, _| own.flag.is_some())),
            QueueSource::Deferred => ("deferred".to_owned(), self.reviewed(|_, standing| standing == Standing::Deferred)),
            QueueSource::Disputed => ("reviewers disagree".to_owned(), self.reviewed(|own, _| own.disputed())),
        };
        found.dedup();
        let seed = if let QueueOrder::Random { seed } = demand.order { seed } else { 1 };
        let mut words = source;
        if let Some(most) = demand.sample {
            let at = demand.group.as_deref().and_then(|column| column_of(parcels, column));
            let group = |parcel: ParcelIx| at.map(|at| value_of(parcels, at, parcel)).unwrap_or_default();
            let groups: Vec<String> = found.iter().map(|&parcel| group(parcel)).collect();
            let before = found.len();
            found = sampling::by_group(&groups, most, seed).into_iter().map(|at| found[at]).collect();
            let of = demand.group.as_ref().map(|column| format!(" of each {column}")).unwrap_or_default();
            words = format!("{words}; sample of {most}{of}, {} of {before}, seed {seed}", found.len());
        }
        self.put_in_order(&mut found, &demand.order)?;
        if found.is_empty() {
            return Err("no parcel matches".to_owned());
        }
        Ok((words, found))
    }

    fn put_in_order(&self, found: &mut Vec<ParcelIx>, order: &QueueOrder) -> Result<(), String> {
        let Some(data) = self.data() else { return Ok(()) };
        match order {
            QueueOrder::Given => {}
            QueueOrder::Margin => {
                let effect =
                    self.tuning().effect().ok_or("the margins are not known yet: compute the verdicts of all parcels first")?;
                let margin = |parcel: &ParcelIx| {
                    let margin = effect.after.margins.get(parcel.at()).copied().unwrap_or(f32::NAN).abs();
                    if margin.is_nan() { f32::INFINITY } else { margin }
                };
                found.sort_by(|a, b| margin(a).total_cmp(&margin(b)).then(a.0.cmp(&b.0)));
            }
            QueueOrder::Spatial => {
                let centres: Vec<[f64; 2]> = found.iter().map(|&parcel| centre(data.parcels.bounds(parcel))).collect();
                *found = sampling::spatial(&centres).into_iter().map(|at| found[at]).collect();
            }
            QueueOrder::Random { seed } => {
                *found = sampling::shuffled(found.len(), *seed).into_iter().map(|at| found[at]).collect();
            }
        }
        Ok(())
    }

    /// Reviewed parcels of a kind, in the order of the table.
    fn reviewed(&self, wanted: impl Fn(&crate::model::review::ParcelReview, Standing) -> bool) -> Vec<ParcelIx> {
        let Some(data) = self.data() else { return Vec::new() };
        let own = self.reviewing.review.parcels().filter(|(id, own)| wanted(own, self.reviewing.standing(id)));
        let mut found: Vec<ParcelIx> = own.filter_map(|(id, _)| data.parcels.find(id)).collect();
        found.sort_unstable();
        found
    }

    /// Shows a kept queue.
    pub(super) fn open_queue(&mut self, name: &str) {
        let (Some(data), Some(kept)) = (self.data(), self.reviewing.queues.iter().find(|own| own.name == name)) else {
            return self.refuse(Refusal::Queue(format!("there is no queue named {name}")));
        };
        let parcels = kept.parcels.iter().filter_map(|id| data.parcels.find(id)).collect();
        let list = ParcelList { name: name.to_owned(), parcels };
        self.reviewing.ended = false;
        self.show_list(Some(list));
    }

    pub(super) fn forget_queue(&mut self, name: String) {
        if self.queue.list.as_ref().is_some_and(|list| list.name == name) {
            self.show_list(None);
        }
        if let Some(writer) = &self.reviewing.writer {
            writer.change_queues(move |journal| journal.forget_queue(&name));
        }
    }

    /// After a start: the queue that was shown is shown again, at the parcel where it was left.
    pub(in crate::project) fn restore_queue(&mut self) {
        let Some(name) = self.place.queue.take() else { return };
        if self.queue.list.is_some() || !self.reviewing.queues.iter().any(|own| own.name == name) {
            return;
        }
        if self.data().is_none() {
            // The parcels are still being read.
            self.place.queue = Some(name);
            return;
        }
        let here = self.selection.parcel;
        self.open_queue(&name);
        if let Some(here) = here.filter(|&parcel| self.queue.position(parcel).is_some()) {
            self.selection.parcel = Some(here);
        }
    }

    /// Copies the journal elsewhere; the project goes on there once the copy is whole.
    pub(super) fn move_journal(&mut self, path: PathBuf) {
        match &self.reviewing.writer {
            Some(writer) if self.reviewing.writable() => writer.move_to(path),
            _ => self.start_journal(path),
        }
    }

    /// The journal is in another place now: the project says so.
    pub(super) fn take_moved(&mut self, moved: Result<PathBuf, crate::store::decisions::JournalError>) {
        match moved {
            Ok(path) => self.start_journal(path),
            Err(error) => self.refuse(Refusal::Journal(Arc::new(error))),
        }
    }

    fn start_journal(&mut self, path: PathBuf) {
        self.file.decisions = Some(path);
        self.note("the journal of decisions is in another place now; save the project to keep it so".to_owned(), false);
        self.open_journal();
    }
}
