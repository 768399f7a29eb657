//! A tree over all parcels: one truth value each, `None` where a condition meets nothing.
//!
//! A tree is bound to a table once, then evaluated block by block. Text is compared once for each distinct text of a block.

use std::cmp::Ordering;

use crate::model::parcels::{BLOCK_ROWS, Block, Cells, Labels};
use crate::model::{ParcelIx, Parcels};

use super::FilterError;
use super::parser::{Compare, Field, Literal, Node};
use super::words::{Pattern, compare_folded};

/// A condition whose fields are known to be in the table.
pub(super) enum Bound<'a> {
    All(Vec<Bound<'a>>),
    Any(Vec<Bound<'a>>),
    Not(Box<Bound<'a>>),
    /// Any of the tests holds for the field.
    Tests(Place, Vec<Test<'a>>),
    IsNull(Place),
}

/// Finds the fields of a tree in a table and reads its values as they are.
pub(super) fn bind<'a>(node: &'a Node, parcels: &Parcels) -> Result<Bound<'a>, FilterError> {
    let all = |nodes: &'a [Node]| nodes.iter().map(|node| bind(node, parcels)).collect::<Result<Vec<_>, _>>();
    Ok(match node {
        Node::All(nodes) => Bound::All(all(nodes)?),
        Node::Any(nodes) => Bound::Any(all(nodes)?),
        Node::Not(node) => Bound::Not(Box::new(bind(node, parcels)?)),
        Node::Compare { field, compare, value, position } => {
            let place = Place::find(field, parcels)?;
            let test = Test::new(place.is_number(parcels), field, *compare, value, *position)?;
            Bound::Tests(place, vec![test])
        }
        Node::OneOf { field, values } => {
            let place = Place::find(field, parcels)?;
            let number = place.is_number(parcels);
            let test = |(value, position): &'a (Literal, usize)| Test::new(number, field, Compare::Equal, value, *position);
            Bound::Tests(place, values.iter().map(test).collect::<Result<_, _>>()?)
        }
        Node::Like { field, pattern, position } => {
            let place = Place::find(field, parcels)?;
            if place.is_number(parcels) {
                let message = format!("LIKE needs text, and `{}` holds numbers; compare with <, = or >", field.name);
                return Err(FilterError { message, position: *position });
            }
            Bound::Tests(place, vec![Test::Like(Pattern::like(pattern))])
        }
        Node::IsNull { field } => Bound::IsNull(Place::find(field, parcels)?),
    })
}

impl Bound<'_> {
    /// Truth for every parcel of a block, in row order; `at` is the block's number.
    pub(super) fn truth(&self, parcels: &Parcels, at: usize) -> Vec<Option<bool>> {
        match self {
            Self::All(nodes) => combine(nodes, parcels, at, false),
            Self::Any(nodes) => combine(nodes, parcels, at, true),
            Self::Not(node) => {
                let mut values = node.truth(parcels, at);
                for value in &mut values {
                    *value = value.map(|value| !value);
                }
                values
            }
            Self::Tests(place, tests) => place.truth(parcels, at, tests),
            Self::IsNull(place) => {
                place.truth(parcels, at, &[Test::Exists]).into_iter().map(|value| Some(value.is_none())).collect()
            }
        }
    }
}

/// Three-valued AND (`decisive` false) or OR (`decisive` true).
fn combine(nodes: &[Bound<'_>], parcels: &Parcels, at: usize, decisive: bool) -> Vec<Option<bool>> {
    let mut result = vec![Some(!decisive); parcels.blocks()[at].len()];
    for node in nodes {
        for (sum, value) in result.iter_mut().zip(node.truth(parcels, at)) {
            *sum = match (*sum, value) {
                (Some(a), _) if a == decisive => Some(decisive),
                (_, Some(b)) if b == decisive => Some(decisive),
                (None, _) | (_, None) => None,
                _ => Some(!decisive),
            };
        }
    }
    result
}

/// Where the values of a field are.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Id,
    Crop,
    CropCode,
    CropName,
    AreaHa,
    PerimeterM,
    Problem,
    Column(usize),
}

const OWN_FIELDS: [&str; 7] = ["id", "crop", "crop_code", "crop_name", "area_ha", "perimeter_m", "problem"];

impl Place {
    /// Own fields first, then columns by exact name, then columns whatever their case.
    fn find(field: &Field, parcels: &Parcels) -> Result<Self, FilterError> {
        let own = match field.name.to_ascii_lowercase().as_str() {
            "id" => Some(Self::Id),
            "crop" => Some(Self::Crop),
            "crop_code" => Some(Self::CropCode),
            "crop_name" => Some(Self::CropName),
            "area_ha" => Some(Self::AreaHa),
            "perimeter_m" => Some(Self::PerimeterM),
            "problem" => Some(Self::Problem),
            _ => None,
        };
        if let Some(own) = own {
            return Ok(own);
        }
        let columns = parcels.columns();
        let exact = columns.iter().position(|column| column.name == field.name);
        let folded = || columns.iter().position(|column| compare_folded(&column.name, &field.name) == Ordering::Equal);
        exact.or_else(folded).map(Self::Column).ok_or_else(|| {
            let known: Vec<&str> = OWN_FIELDS.into_iter().chain(columns.iter().map(|column| column.name.as_str())).collect();
            let message = format!("there is no field `{}`; known are {}", field.name, known.join(", "));
            FilterError { message, position: field.position }
        })
    }

    fn is_number(self, parcels: &Parcels) -> bool {
        match self {
            Self::AreaHa | Self::PerimeterM => true,
            Self::Column(at) => parcels.columns()[at].number,
            _ => false,
        }
    }

    /// Whether any value of the field passes any test; `None` where there is no value.
    fn truth(self, parcels: &Parcels, at: usize, tests: &[Test<'_>]) -> Vec<Option<bool>> {
        let block: &Block = &parcels.blocks()[at];
        let columns = block.columns();
        let text = |text: &str| tests.iter().any(|test| test.text(text));
        let number = |&number: &f64| (!number.is_nan()).then(|| tests.iter().any(|test| test.number(number)));
        match self {
            Self::Id => by_label(&columns.ids, text),
            Self::CropCode => by_label(&columns.crop_codes, text),
            Self::CropName => by_label(&columns.crop_names, text),
            Self::Crop => {
                let either = |(name, code): (Option<bool>, Option<bool>)| match (name, code) {
                    (Some(name), Some(code)) => Some(name || code),
                    (one, other) => one.or(other),
                };
                let (names, codes) = (by_label(&columns.crop_names, text), by_label(&columns.crop_codes, text));
                names.into_iter().zip(codes).map(either).collect()
            }
            Self::Problem => by_problem(parcels, at, text),
            Self::AreaHa => columns.area_ha.iter().map(number).collect(),
            Self::PerimeterM => columns.perimeter_m.iter().map(number).collect(),
            Self::Column(column) => match &columns.cells[column] {
                Cells::Text(labels) => by_label(labels, text),
                Cells::Number(numbers) => numbers.iter().map(number).collect(),
            },
        }
    }
}

/// An answer for each row, asked once for each distinct text.
pub(super) fn by_label(labels: &Labels, mut holds: impl FnMut(&str) -> bool) -> Vec<Option<bool>> {
    let answers: Vec<bool> = labels.texts().map(&mut holds).collect();
    labels.codes().iter().map(|&code| (code != Labels::NONE).then(|| answers[code as usize])).collect()
}

/// An answer for each row with problems.
pub(super) fn by_problem(parcels: &Parcels, at: usize, holds: impl Fn(&str) -> bool) -> Vec<Option<bool>> {
    let first = (at * BLOCK_ROWS) as u32;
    let rows = parcels.blocks()[at].len();
    let mut truth = vec![None; rows];
    for (parcel, problems) in parcels.all_problems().range(ParcelIx(first)..ParcelIx(first + rows as u32)) {
        if !problems.is_empty() {
            truth[parcel.at() % BLOCK_ROWS] = Some(problems.iter().any(|problem| holds(problem.code())));
        }
    }
    truth
}

/// What is asked of one value.
pub(super) enum Test<'a> {
    Exists,
    Number(Compare, f64),
    Text(Compare, &'a str),
    Like(Pattern),
}

impl<'a> Test<'a> {
    /// Numbers compare as numbers, also with text that is one; text compares without regard to case.
    fn new(number: bool, field: &Field, compare: Compare, value: &'a Literal, position: usize) -> Result<Self, FilterError> {
        match value {
            Literal::Number(number) => Ok(Self::Number(compare, *number)),
            Literal::Text(text) if number => match text.trim().parse() {
                Ok(number) => Ok(Self::Number(compare, number)),
                Err(_) => Err(FilterError { message: format!("`{}` holds numbers, and '{text}' is none", field.name), position }),
            },
            Literal::Text(text) => Ok(Self::Text(compare, text)),
        }
    }

    fn number(&self, number: f64) -> bool {
        match self {
            Self::Exists => true,
            Self::Number(compare, other) => number.partial_cmp(other).is_some_and(|order| compare.holds(order)),
            // Fields of numbers are never compared with text: `new` has seen to that.
            Self::Text(..) | Self::Like(_) => false,
        }
    }

    fn text(&self, text: &str) -> bool {
        match self {
            Self::Exists => true,
            Self::Number(..) => text.trim().parse().is_ok_and(|number| self.number(number)),
            Self::Text(compare, other) => compare.holds(compare_folded(text, other)),
            Self::Like(pattern) => pattern.matches(text),
        }
    }
}

impl Compare {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        }
    }
}
