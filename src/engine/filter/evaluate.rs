//! A tree over all parcels: one truth value each, `None` where a condition meets nothing.

use std::cmp::Ordering;

use crate::model::parcels::Values;
use crate::model::{ParcelIx, Parcels};

use super::FilterError;
use super::parser::{Compare, Field, Literal, Node};
use super::words::{Pattern, compare_folded};

/// Truth of a node for every parcel, in row order.
pub(super) fn truth(node: &Node, parcels: &Parcels) -> Result<Vec<Option<bool>>, FilterError> {
    Ok(match node {
        Node::All(nodes) => combine(nodes, parcels, false)?,
        Node::Any(nodes) => combine(nodes, parcels, true)?,
        Node::Not(node) => {
            let mut values = truth(node, parcels)?;
            for value in &mut values {
                *value = value.map(|value| !value);
            }
            values
        }
        Node::Compare { field, compare, value, position } => {
            let place = Place::find(field, parcels)?;
            let test = Test::new(&place, field, *compare, value, *position)?;
            parcels.iter().map(|parcel| place.any(parcels, parcel, &test)).collect()
        }
        Node::OneOf { field, values } => {
            let place = Place::find(field, parcels)?;
            let tests: Result<Vec<Test<'_>>, _> =
                values.iter().map(|(value, position)| Test::new(&place, field, Compare::Equal, value, *position)).collect();
            let tests = tests?;
            let one = |parcel| {
                let mut truth = None;
                for test in &tests {
                    let this = place.any(parcels, parcel, test);
                    if this == Some(true) {
                        return this;
                    }
                    truth = truth.or(this);
                }
                truth
            };
            parcels.iter().map(one).collect()
        }
        Node::Like { field, pattern, position } => {
            let place = Place::find(field, parcels)?;
            if place.is_number() {
                let message = format!("LIKE needs text, and `{}` holds numbers; compare with <, = or >", field.name);
                return Err(FilterError { message, position: *position });
            }
            let test = Test::Like(Pattern::like(pattern));
            parcels.iter().map(|parcel| place.any(parcels, parcel, &test)).collect()
        }
        Node::IsNull { field } => {
            let place = Place::find(field, parcels)?;
            parcels.iter().map(|parcel| Some(place.any(parcels, parcel, &Test::Exists).is_none())).collect()
        }
    })
}

/// Three-valued AND (`decisive` false) or OR (`decisive` true).
fn combine(nodes: &[Node], parcels: &Parcels, decisive: bool) -> Result<Vec<Option<bool>>, FilterError> {
    let mut result = vec![Some(!decisive); parcels.len()];
    for node in nodes {
        for (sum, value) in result.iter_mut().zip(truth(node, parcels)?) {
            *sum = match (*sum, value) {
                (Some(a), _) if a == decisive => Some(decisive),
                (_, Some(b)) if b == decisive => Some(decisive),
                (None, _) | (_, None) => None,
                _ => Some(!decisive),
            };
        }
    }
    Ok(result)
}

/// Where the values of a field are.
enum Place<'a> {
    Id,
    Crop,
    CropCode,
    CropName,
    AreaHa,
    PerimeterM,
    Problem,
    Column(&'a Values),
}

const OWN_FIELDS: [&str; 7] = ["id", "crop", "crop_code", "crop_name", "area_ha", "perimeter_m", "problem"];

impl<'a> Place<'a> {
    /// Own fields first, then columns by exact name, then columns whatever their case.
    fn find(field: &Field, parcels: &'a Parcels) -> Result<Self, FilterError> {
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
        let exact = columns.iter().find(|column| column.name == field.name);
        let folded = || columns.iter().find(|column| compare_folded(&column.name, &field.name) == Ordering::Equal);
        exact.or_else(folded).map(|column| Self::Column(&column.values)).ok_or_else(|| {
            let known: Vec<&str> = OWN_FIELDS.into_iter().chain(columns.iter().map(|column| column.name.as_str())).collect();
            let message = format!("there is no field `{}`; known are {}", field.name, known.join(", "));
            FilterError { message, position: field.position }
        })
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::AreaHa | Self::PerimeterM | Self::Column(Values::Number(_)))
    }

    /// Whether any value of the field passes; `None` when there is no value.
    fn any(&self, parcels: &Parcels, parcel: ParcelIx, test: &Test<'_>) -> Option<bool> {
        let number = |number: f64| (!number.is_nan()).then(|| test.number(number));
        let text = |text: Option<&str>| text.map(|text| test.text(text));
        match self {
            Self::Id => text(Some(parcels.id(parcel))),
            Self::CropCode => text(parcels.crop_code(parcel)),
            Self::CropName => text(parcels.crop_name(parcel)),
            Self::Crop => match (text(parcels.crop_name(parcel)), text(parcels.crop_code(parcel))) {
                (Some(name), Some(code)) => Some(name || code),
                (one, other) => one.or(other),
            },
            Self::Problem => {
                let problems = parcels.problems(parcel);
                (!problems.is_empty()).then(|| problems.iter().any(|problem| test.text(problem.code())))
            }
            Self::AreaHa => number(parcels.area_ha(parcel)),
            Self::PerimeterM => number(parcels.perimeter_m(parcel)),
            Self::Column(Values::Text(values)) => text(values[parcel.at()].as_deref()),
            Self::Column(Values::Number(values)) => number(values[parcel.at()]),
        }
    }
}

/// What is asked of one value.
enum Test<'a> {
    Exists,
    Number(Compare, f64),
    Text(Compare, &'a str),
    Like(Pattern),
}

impl<'a> Test<'a> {
    /// Numbers compare as numbers, also with text that is one; text compares without regard to case.
    fn new(place: &Place<'_>, field: &Field, compare: Compare, value: &'a Literal, position: usize) -> Result<Self, FilterError> {
        match value {
            Literal::Number(number) => Ok(Self::Number(compare, *number)),
            Literal::Text(text) if place.is_number() => match text.trim().parse() {
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
