//! Colour classes of the JRC's marker tool: the block `band_filter` and its table of reference colours.

use std::path::Path;

use serde_json::Value;

use super::super::read_limited;
use super::{numbers, words};
use crate::model::ruleset::Step;

/// The component that holds the classes.
pub(super) const NAME: &str = "classes";

/// Classes by their number less one.
const CLASSES: [&str; 8] = ["cloudy", "hazy", "shady", "maintained", "vegetated (O)", "vegetated (Y)", "vegetated (D)", "other"];

/// The tool's own table, red, green, blue and class of the parcels of `nl2020_b08_b11_b04_classified_1000.csv`: European Commission,
/// Joint Research Centre, repository `ec-jrc/cbm`; BSD 3-Clause, text beside it.
const TABLE: &str = include_str!("../../../../assets/colours/nl2020_classes.csv");

/// What becomes of the block.
#[derive(Debug)]
pub(super) struct Classes {
    pub step: Step,
    /// Limits of the colours: what becomes 0, and 255.
    pub limits: [[f64; 3]; 2],
    /// Classes whose observations are left out.
    pub excluded: Vec<f64>,
}

/// The step of a block; a training file that it names stands beside the option file.
pub(super) fn step(block: &Value, components: &[String], folder: &Path) -> Result<Classes, String> {
    let [red, green, blue, ..] = components else {
        return Err("band_filter needs the components that become red, green and blue".to_owned());
    };
    let limits = |key: &str, own: [f64; 3]| match numbers(block, key, f64::NAN).as_slice() {
        [one] if one.is_nan() => Ok(own),
        [one] => Ok([*one; 3]),
        [red, green, blue] => Ok([*red, *green, *blue]),
        other => Err(format!("{key} of band_filter has {} numbers; expected 1 or 3", other.len())),
    };
    let limits = [limits("min_val", [1200.0, 800.0, 150.0])?, limits("max_val", [5700.0, 4100.0, 2800.0])?];
    let mut categories = words(block, "excluded_categories");
    if block.get("excluded_categories").is_none() {
        categories = CLASSES[..3].iter().map(|&class| class.to_owned()).collect();
    }
    let number = |word: &String| match CLASSES.iter().position(|class| class == word) {
        Some(at) => Ok(at as f64 + 1.0),
        None => Err(format!("unknown category “{word}” of band_filter; expected of {}", CLASSES.join(", "))),
    };
    let excluded = categories.iter().map(number).collect::<Result<Vec<f64>, String>>()?;
    let colours = match block.get("training_file").and_then(Value::as_str).filter(|name| !name.is_empty()) {
        None => table(TABLE)?,
        Some(name) => {
            let text = read_limited(&folder.join(name)).map_err(|fact| format!("training_file {name}: {fact}"))?;
            table(&text).map_err(|reason| format!("training_file {name}: {reason}"))?
        }
    };
    let of = [red.clone(), green.clone(), blue.clone()];
    let [min, max] = limits;
    Ok(Classes { step: Step::ColourClass { of, min, max, colours, nearest: 5, name: NAME.to_owned() }, limits, excluded })
}

/// Red, green, blue and class of each row.
fn table(text: &str) -> Result<Vec<[f64; 4]>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let place = |name: &str| header.iter().position(|own| own == name).ok_or_else(|| format!("it has no column {name}"));
    let places = [place("red")?, place("green")?, place("blue")?, place("class")?];
    let mut rows = Vec::new();
    for (at, row) in reader.records().enumerate() {
        let row = row.map_err(|error| error.to_string())?;
        let value = |place: usize| row.get(place).and_then(|word| word.parse::<f64>().ok());
        let [Some(red), Some(green), Some(blue), Some(class)] = places.map(value) else {
            return Err(format!("row {}: expected numbers as red, green, blue and class", at + 1));
        };
        rows.push([red, green, blue, class]);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_has_its_classes_as_counted_by_its_makers() {
        let rows = table(TABLE).expect("readable");
        let counts = [1, 2, 3, 4, 5, 6, 7, 8].map(|class| rows.iter().filter(|row| row[3] == f64::from(class)).count());
        assert_eq!(counts, [2, 34, 231, 52, 312, 4, 363, 2]);
        assert!(rows.iter().flatten().all(|value| (0.0..=255.0).contains(value)));
    }

    #[test]
    fn faults_of_a_table_name_the_row_or_the_column() {
        assert_eq!(table("red,green,class\n"), Err("it has no column blue".to_owned()));
        assert!(table("red,green,blue,class\n1,2,3,4\n1,2,x,4\n").expect_err("no number").starts_with("row 2: "));
    }
}
