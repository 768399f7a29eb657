//! Which column means what: as the user says, else guessed from names, values and the name of the file.

use std::collections::BTreeMap;

use crate::io::IoError;
use crate::model::TableSource;
use crate::model::tables::{Role, TableTime};

use super::Context;
use super::names::{self, FileFacts, Named};
use super::rows::Rows;
use super::sen4cap;
use super::source::{Container, Source};

/// Where the parcel id of a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum IdFrom {
    Column(usize),
    /// All rows are of one parcel: the name of the file tells it.
    File(String),
}

/// Columns of one variable.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// `None` when a column of the row names it.
    pub(super) named: Option<Named>,
    /// `None` when a column of the row holds it.
    pub(super) time: Option<TableTime>,
    /// Statistic and column.
    pub(super) columns: Vec<(Role, usize)>,
}

/// A table understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mapping {
    /// What it is, for people.
    pub(super) format: String,
    pub(super) id: IdFrom,
    /// Columns that hold for the whole row.
    pub(super) roles: BTreeMap<Role, usize>,
    /// Columns of pixels per scene class.
    pub(super) classes: Vec<(usize, usize)>,
    pub(super) groups: Vec<Group>,
    /// Columns that were understood to be something else.
    pub(super) left_out: Vec<String>,
    /// What was assumed, in sentences.
    pub(super) notes: Vec<String>,
}

/// Statistics of a variable.
pub(super) const STATISTICS: [Role; 8] =
    [Role::Mean, Role::Std, Role::Min, Role::P25, Role::P50, Role::P75, Role::Max, Role::Count];

fn fault(source: &Source, fact: String) -> IoError {
    IoError::File { operation: "understand the table".to_owned(), fact, path: source.path.clone() }
}

/// Names of columns for a message.
fn few(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}

/// Understands an open table; `sample` holds its first rows.
pub(super) fn mapping(
    source: &Source,
    said: &TableSource,
    sample: Option<&Rows>,
    context: &Context<'_>,
) -> Result<Mapping, IoError> {
    let header = &source.header;
    let facts = FileFacts::of(&source.path, context.indices);
    let mut roles = said_roles(source, said)?;
    guess_roles(source, said, sample, &mut roles);
    let fixed = fixed_groups(source, said, context);
    let wide_in_time = !fixed.is_empty();
    let (mut notes, mut left_out) = (Vec::new(), Vec::new());
    let id = id_of(source, said, sample, context, &facts, &mut roles, wide_in_time, &mut notes)?;
    let (groups, format) = if wide_in_time {
        left_out.extend(
            header.iter().filter(|name| sen4cap::is_other(name) && sen4cap::column(name, context.indices).is_none()).cloned(),
        );
        (fixed, format!("Sen4CAP marker database ({})", source.container.name()))
    } else {
        if !roles.contains_key(&Role::Time) {
            let fact = format!("no column holds dates; name it as `time` under the table's columns (columns: {})", few(header));
            return Err(fault(source, fact));
        }
        let groups = row_groups(source, said, &facts, &mut roles, context, &mut left_out);
        let format = format_of(source, &roles, &facts, groups.first());
        (groups, format)
    };
    if groups.is_empty() {
        let fact = format!(
            "no column holds a band, an index or a polarisation known here; say under the table's signals what a name means (columns: {})",
            few(header)
        );
        return Err(fault(source, fact));
    }
    let taken: Vec<usize> = groups.iter().flat_map(|group| group.columns.iter().map(|&(_, column)| column)).collect();
    roles.retain(|role, column| !STATISTICS.contains(role) || *role == Role::Count && !taken.contains(column));
    let classes = header.iter().enumerate().filter_map(|(column, name)| Some((names::scene_class(name)?, column))).collect();
    Ok(Mapping { format, id, roles, classes, groups, left_out, notes })
}

/// Columns that the user names.
fn said_roles(source: &Source, said: &TableSource) -> Result<BTreeMap<Role, usize>, IoError> {
    let mut roles = BTreeMap::new();
    for role in Role::ALL {
        let Some(name) = said.columns.get(role).filter(|name| !name.is_empty()) else { continue };
        let Some(column) = source.header.iter().position(|own| own == name) else {
            let fact = format!("there is no column “{name}”, named as `{}`; it has {}", role.name(), few(&source.header));
            return Err(fault(source, fact));
        };
        roles.insert(role, column);
    }
    Ok(roles)
}

fn guess_roles(source: &Source, said: &TableSource, sample: Option<&Rows>, roles: &mut BTreeMap<Role, usize>) {
    // Names that stand for the id or the time only where nothing better does.
    let weak = |name: &str| matches!(names::words_of(name).join("_").as_str(), "id" | "gid" | "ogc_fid" | "day" | "time");
    for strong in [true, false] {
        for (column, name) in source.header.iter().enumerate() {
            let Some(role) = names::role(name).or_else(|| names::statistic(name)) else { continue };
            let free =
                said.columns.get(role).is_none() && !roles.contains_key(&role) && !roles.values().any(|&own| own == column);
            let is_words = role != Role::Signal || sample.is_none_or(|rows| rows.numbers(column).1.len() * 2 > rows.len());
            if free && is_words && weak(name) != strong && !said.signals.contains_key(name) {
                roles.insert(role, column);
            }
        }
    }
}

/// Groups of a table that has times in the names of its columns.
fn fixed_groups(source: &Source, said: &TableSource, context: &Context<'_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: std::collections::HashMap<(String, bool, TableTime), usize> = std::collections::HashMap::new();
    for (number, name) in source.header.iter().enumerate() {
        if said.signals.get(name).is_some_and(String::is_empty) {
            continue;
        }
        let Some(column) = sen4cap::column(name, context.indices) else { continue };
        let key = (column.named.variable.clone(), column.named.negative, column.time.clone());
        let at = *places.entry(key).or_insert_with(|| {
            groups.push(Group { named: Some(column.named), time: Some(column.time), columns: Vec::new() });
            groups.len() - 1
        });
        groups[at].columns.push((column.statistic, number));
    }
    groups
}

/// Groups of a table with a time in every row: long when a column names the signal, else one group a signal.
fn row_groups(
    source: &Source,
    said: &TableSource,
    facts: &FileFacts,
    roles: &mut BTreeMap<Role, usize>,
    context: &Context<'_>,
    left_out: &mut Vec<String>,
) -> Vec<Group> {
    let statistics = |roles: &BTreeMap<Role, usize>| -> Vec<(Role, usize)> {
        STATISTICS.iter().filter_map(|role| Some((*role, *roles.get(role)?))).collect()
    };
    let has_value = |columns: &[(Role, usize)]| columns.iter().any(|(role, _)| matches!(role, Role::Mean | Role::P50));
    let plain = statistics(roles);
    if roles.contains_key(&Role::Signal) && has_value(&plain) {
        return vec![Group { named: None, time: None, columns: plain }];
    }
    roles.remove(&Role::Signal);
    let mut groups: Vec<Group> = Vec::new();
    for (number, name) in source.header.iter().enumerate() {
        if roles.values().any(|&own| own == number) || names::scene_class(name).is_some() {
            continue;
        }
        let (statistic, named) = match said.signals.get(name) {
            Some(word) if word.is_empty() => continue,
            Some(word) => said_signal(word, context.indices),
            None => {
                let (statistic, rest) = names::split_statistic(name);
                let own = matches!(rest.to_ascii_lowercase().as_str(), "band" | "bs" | "coh6");
                let named = names::signal(&rest, context.indices);
                (statistic, named.or_else(|| facts.signal.clone().filter(|_| own)))
            }
        };
        let Some(named) = named else {
            left_out.push(name.clone());
            continue;
        };
        match groups.iter_mut().find(|group| group.named.as_ref() == Some(&named)) {
            Some(group) if group.columns.iter().any(|&(own, _)| own == statistic) => left_out.push(name.clone()),
            Some(group) => group.columns.push((statistic, number)),
            None => groups.push(Group { named: Some(named), time: None, columns: vec![(statistic, number)] }),
        }
    }
    if let Some(named) = facts.signal.clone().filter(|_| groups.is_empty() && has_value(&plain)) {
        groups.push(Group { named: Some(named), time: None, columns: plain });
    }
    groups.retain(|group| has_value(&group.columns));
    groups
}

/// `B04`, `NDVI.std`: a signal named by the user. What is no name known here is an index or quantity of the user's own.
pub(super) fn said_signal(word: &str, indices: &[String]) -> (Role, Option<Named>) {
    let (name, statistic) = match word.rsplit_once('.') {
        Some((name, statistic)) => match names::statistic(statistic) {
            Some(role) => (name, role),
            None => (word, Role::Mean),
        },
        None => (word, Role::Mean),
    };
    let own = || Named { variable: name.trim().to_owned(), negative: false, unit: None, pass: None };
    (statistic, Some(names::signal(name, indices).unwrap_or_else(own)))
}

fn id_of(
    source: &Source,
    said: &TableSource,
    sample: Option<&Rows>,
    context: &Context<'_>,
    facts: &FileFacts,
    roles: &mut BTreeMap<Role, usize>,
    wide: bool,
    notes: &mut Vec<String>,
) -> Result<IdFrom, IoError> {
    if said.columns.id.as_ref().is_some_and(|name| !name.is_empty()) {
        return Ok(IdFrom::Column(roles[&Role::Id]));
    }
    let matches = |column: usize| {
        let Some(rows) = sample else { return 0.0 };
        let words = rows.words(column);
        let known = words.iter().flatten().filter(|word| (context.is_parcel)(word)).count();
        known as f64 / words.len().max(1) as f64
    };
    let from_file = facts.id.clone().or_else(|| source.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    let guessed = roles.get(&Role::Id).copied().filter(|_| said.columns.id.is_none());
    if let Some(column) = guessed.filter(|&column| matches(column) > 0.0 || sample.is_none()) {
        return Ok(IdFrom::Column(column));
    }
    if said.columns.id.is_none() {
        // Only among the first columns, where ids stand; wide tables have thousands.
        let best = (0..source.header.len().min(40))
            .filter(|&column| roles.get(&Role::Time) != Some(&column))
            .map(|column| (matches(column), column))
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        if let Some((share, column)) = best.filter(|(share, _)| *share > 0.5) {
            let percent = (share * 100.0).round();
            notes.push(format!(
                "column “{}” is taken as parcel id: {percent} % of its first values are ids of parcels",
                source.header[column]
            ));
            roles.insert(Role::Id, column);
            return Ok(IdFrom::Column(column));
        }
        if let Some(column) = guessed.or_else(|| wide.then_some(0)) {
            return Ok(IdFrom::Column(column));
        }
    }
    roles.remove(&Role::Id);
    from_file.map(IdFrom::File).ok_or_else(|| fault(source, "neither a column nor its name tells the parcel".to_owned()))
}

fn format_of(source: &Source, roles: &BTreeMap<Role, usize>, facts: &FileFacts, first: Option<&Group>) -> String {
    let has = |name: &str| source.header.iter().any(|own| own.eq_ignore_ascii_case(name));
    let long = first.is_some_and(|group| group.named.is_none());
    let what = if (has("date_part") || has("extract")) && long {
        "JRC parcelTimeSeries"
    } else if has("parcel_id") && has("relative_orbit") && has("nodata") && long {
        "Parcelight extract"
    } else if has("parcel_id") && has("signal") && has("usable_share") {
        "Parcelight series"
    } else if has("Field_ID") && has("acq_date") {
        "JRC calendar statistics"
    } else if has("STD.DEV") && facts.id.is_some() {
        "JRC SALMS series"
    } else if long {
        "table with one row per signal"
    } else {
        "table with one column per signal"
    };
    let text = |sign: char| if sign == '\t' { "tab".to_owned() } else { sign.to_string() };
    let shape = match source.container {
        Container::Text if source.delimiter != ',' || source.decimal != '.' => {
            format!("CSV, delimiter {}, decimal {}", text(source.delimiter), source.decimal)
        }
        other => other.name().to_owned(),
    };
    let one = if roles.contains_key(&Role::Id) { "" } else { ", one parcel per file" };
    format!("{what} ({shape}{one})")
}
