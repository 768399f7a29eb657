//! Filters over parcel attributes: `"crop" = 'maize' AND "area_ha" > 0.3`, or free words as typed into the queue.
//!
//! Evaluation goes by condition over all parcels and allocates nothing for a single parcel. Comparisons with nothing are
//! neither true nor false, as in SQL: a parcel without a crop matches neither `crop = 'x'` nor `NOT crop = 'x'`.

mod evaluate;
mod lexer;
mod parser;
mod words;

use crate::model::parcels::BLOCK_ROWS;
use crate::model::{ParcelIx, Parcels};

use parser::Node;

/// Why a filter cannot be used: what, where (character position) and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {position})")]
pub struct FilterError {
    /// What is wrong.
    pub message: String,
    /// Character position from 1.
    pub position: usize,
}

/// A parsed filter.
#[derive(Debug, Clone)]
pub struct Filter {
    root: Node,
}

impl Filter {
    /// Parses an expression. Fields in double quotes (or bare words), text in single quotes (case-insensitive comparison), numbers;
    /// `= != <> < <= > >= LIKE ILIKE IN (…) IS NULL IS NOT NULL AND OR NOT ( )`.
    ///
    /// `NOT` binds closest, then `AND`, then `OR`. In `LIKE` and `ILIKE`, which are the same here, `%` stands for any text and
    /// `_` for one character. A quote inside quotes is doubled.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parser::parse(text).map(|root| Self { root })
    }

    /// Rows that match, in row order. Fields are source columns plus `id`, `crop` (name or code), `crop_code`, `crop_name`,
    /// `area_ha`, `perimeter_m`, `problem` (codes of [`crate::model::report::ParcelProblem`]); of equal names these win, so
    /// that a filter means the same in every project. An unknown field is an error that lists the known ones.
    ///
    /// * **NaN:** a missing number is nothing; it matches only `IS NULL`.
    /// * **Cost:** one pass over the parcels for each condition; text is compared once for each distinct text of a block.
    pub fn select(&self, parcels: &Parcels) -> Result<Vec<ParcelIx>, FilterError> {
        let bound = evaluate::bind(&self.root, parcels)?;
        Ok(rows(parcels, |at| bound.truth(parcels, at).into_iter().map(|truth| truth == Some(true)).collect()))
    }
}

/// What a person types into the queue: free words must all occur in id, crop name or crop code (case-insensitive, `crop:maize`
/// and `id:007` restrict the field, `problem:overlap` asks for marked parcels); a text with quotes or comparison signs is
/// read as a [`Filter`]. Empty text matches all.
pub fn search(parcels: &Parcels, text: &str) -> Result<Vec<ParcelIx>, FilterError> {
    if text.contains(['"', '\'', '=', '<', '>']) {
        return Filter::parse(text)?.select(parcels);
    }
    let words: Vec<words::Word> = text.split_whitespace().map(words::Word::new).collect();
    Ok(rows(parcels, |at| {
        let mut truth = vec![true; parcels.blocks()[at].len()];
        for word in &words {
            word.narrow(parcels, at, &mut truth);
        }
        truth
    }))
}

/// Rows of the table whose truth, given block by block, is set.
fn rows(parcels: &Parcels, truth: impl Fn(usize) -> Vec<bool>) -> Vec<ParcelIx> {
    let mut found = Vec::new();
    for at in 0..parcels.blocks().len() {
        let first = (at * BLOCK_ROWS) as u32;
        found.extend((first..).zip(truth(at)).filter(|(_, truth)| *truth).map(|(row, _)| ParcelIx(row)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parcels::{Column, ParcelRow, ParcelsBuilder, Values};
    use crate::model::report::ParcelProblem;
    use crate::model::{Crs, Polygons};

    /// Rows: id, code, name, area, `soil` (text column), `slope` (number column).
    type Row = (&'static str, Option<&'static str>, Option<&'static str>, f64, Option<&'static str>, f64);

    const ROWS: [Row; 5] = [
        ("007", Some("201"), Some("Silomaïs"), 0.5, Some("clay"), 2.0),
        ("7", Some("202"), Some("Korrelmaïs"), 0.2, Some("Sand"), f64::NAN),
        ("A-12", Some("60"), Some("Grasland"), 1.5, None, 0.0),
        ("B_1", Some("60"), None, 3.0, Some("it's peat"), -1.0),
        ("x", None, None, 0.3, Some("100%"), 10.0),
    ];

    fn table() -> Parcels {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for (row, (id, code, name, area_ha, ..)) in ROWS.into_iter().enumerate() {
            builder.push(ParcelRow {
                id: id.to_owned(),
                crop_code: code.map(str::to_owned),
                crop_name: name.map(str::to_owned),
                outline: Polygons::default(),
                area_ha,
                perimeter_m: 100.0 * row as f64,
                problems: if row == 3 { vec![ParcelProblem::DuplicateId, ParcelProblem::OutsideCrs] } else { vec![] },
                ..ParcelRow::default()
            });
        }
        let soil = Values::Text(ROWS.iter().map(|row| row.4.map(Into::into)).collect());
        let slope = Values::Number(ROWS.iter().map(|row| row.5).collect());
        builder
            .finish(vec![Column { name: "Soil".to_owned(), values: soil }, Column { name: "slope %".to_owned(), values: slope }])
    }

    fn rows(found: Vec<ParcelIx>) -> Vec<u32> {
        found.into_iter().map(|parcel| parcel.0).collect()
    }

    #[test]
    fn expressions_select_the_rows_that_they_describe() {
        let table = table();
        for (text, expected) in [
            ("\"crop\" = 'silomaïs' AND \"area_ha\" > 0.3", &[0][..]),
            ("crop = 'SILOMAÏS' or crop = '60'", &[0, 2, 3]),
            ("crop_code = 201", &[0]),
            ("id = '007'", &[0]),
            ("id = 7", &[0, 1]),
            ("area_ha >= 0.3 AND area_ha<=1.5", &[0, 2, 4]),
            ("area_ha <> 0.2 and not area_ha > 1", &[0, 4]),
            ("crop != '60'", &[0, 1]),
            ("NOT crop = '60'", &[0, 1]),
            ("crop IS NULL", &[4]),
            ("crop_name is not null", &[0, 1, 2]),
            ("crop_name LIKE '%maïs'", &[0, 1]),
            ("crop_name ILIKE 'K%M_ïS'", &[1]),
            ("crop_name not like '%maïs'", &[2]),
            ("crop_code IN ('201', 202)", &[0, 1]),
            ("crop_code NOT IN ('201', '202')", &[2, 3]),
            ("soil = 'it''s peat'", &[3]),
            ("SOIL LIKE '100%'", &[4]),
            ("\"slope %\" > -5", &[0, 2, 3, 4]),
            ("\"slope %\" IS NULL", &[1]),
            ("\"slope %\" = -1.0e0", &[3]),
            ("problem = 'outside_crs'", &[3]),
            ("problem IS NULL AND perimeter_m > 0", &[1, 2, 4]),
            ("id = '7' OR id = 'x' AND area_ha > 1", &[1]),
            ("(id = '7' OR id = 'x') AND area_ha < 1", &[1, 4]),
            ("crop_name > 'h'", &[0, 1]),
            ("id > 'A' AND id < 'C'", &[2, 3]),
            ("area_ha > '0.4'", &[0, 2, 3]),
        ] {
            let found = Filter::parse(text).and_then(|filter| filter.select(&table));
            assert_eq!(found.map(rows).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn errors_say_what_is_wrong_and_at_which_character() {
        let table = table();
        for (text, position, part) in [
            ("", 1, "expected a field"),
            ("crop =", 7, "expected a value"),
            ("crop = 'maize", 8, "no closing"),
            ("\"crop = 1", 1, "no closing"),
            ("ïd AND", 4, "expected a comparison"),
            ("crop = 'é' x", 12, "expected AND, OR"),
            ("(crop = 'a'", 12, "expected )"),
            ("crop ! 'a'", 6, "expected !="),
            ("crop = maize", 8, "single quotes"),
            ("crop IN 'a'", 9, "expected ("),
            ("crop IS 3", 9, "expected NULL"),
            ("crop = 'a' AND", 15, "expected a field"),
            ("area_ha = 'big'", 11, "holds numbers"),
            ("area_ha LIKE '1%'", 9, "needs text"),
            ("crop = 1.2.3", 8, "is no number"),
            ("crop # 2", 6, "cannot be used"),
        ] {
            let error = Filter::parse(text).and_then(|filter| filter.select(&table)).expect_err(text);
            assert_eq!(error.position, position, "{text}: {error}");
            assert!(error.message.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn an_unknown_field_lists_the_known_ones() {
        let error = Filter::parse("area_ha > 1 AND colour = 'red'").expect("parses").select(&table()).expect_err("unknown");
        assert_eq!(error.position, 17);
        for known in ["`colour`", "area_ha", "crop_name", "Soil", "slope %"] {
            assert!(error.message.contains(known), "{error}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_crash() {
        let text = format!("{}id = 'x'{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(Filter::parse(&text).expect_err("too deep").message.contains("nested"));
        assert!(Filter::parse(&format!("{}id = 'x'", "NOT ".repeat(100_000))).expect_err("too deep").message.contains("nested"));
    }

    #[test]
    fn words_are_searched_in_id_and_crop() {
        let table = table();
        for (text, expected) in [
            ("", &[0, 1, 2, 3, 4][..]),
            ("  ", &[0, 1, 2, 3, 4]),
            ("MAÏS", &[0, 1]),
            ("maïs silo", &[0]),
            ("60", &[2, 3]),
            ("id:007", &[0]),
            ("id:7", &[0, 1]),
            ("crop:gras", &[2]),
            ("crop:7", &[]),
            ("problem:duplicate", &[3]),
            ("area_ha > 1", &[2, 3]),
        ] {
            assert_eq!(search(&table, text).map(rows).as_deref(), Ok(expected), "{text}");
        }
        assert!(search(&table, "crop = ").is_err());
    }
}
