//! JSON tables: an object of equally long arrays, or a list of objects.

use csv::StringRecord;
use serde_json::{Map, Value};

/// Column names and rows; the error is the first wrong fact.
pub(super) fn rows(text: &str) -> Result<(Vec<String>, Vec<StringRecord>), String> {
    let value: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| format!("the JSON is not valid: {error}"))?;
    match value {
        Value::Object(columns) => of_columns(&columns),
        Value::Array(objects) => of_objects(&objects),
        _ => Err("the JSON is no table; expected an object of arrays or a list of objects".to_owned()),
    }
}

fn of_columns(columns: &Map<String, Value>) -> Result<(Vec<String>, Vec<StringRecord>), String> {
    let mut arrays = Vec::with_capacity(columns.len());
    for (name, column) in columns {
        let Value::Array(array) = column else {
            return Err(format!("“{name}” is no array; expected an object of equally long arrays"));
        };
        arrays.push(array);
    }
    let rows = arrays.first().map_or(0, |first| first.len());
    if let Some(((name, _), array)) = columns.iter().zip(&arrays).find(|(_, array)| array.len() != rows) {
        return Err(format!("“{name}” has {} values where the first column has {rows}", array.len()));
    }
    let records = (0..rows).map(|row| arrays.iter().map(|array| cell(&array[row])).collect()).collect();
    Ok((columns.keys().cloned().collect(), records))
}

fn of_objects(objects: &[Value]) -> Result<(Vec<String>, Vec<StringRecord>), String> {
    let mut header: Vec<String> = Vec::new();
    for (row, object) in objects.iter().enumerate() {
        let Value::Object(object) = object else { return Err(format!("row {} is no object", row + 1)) };
        for name in object.keys() {
            // Rows mostly have the same names.
            if !header.contains(name) {
                header.push(name.clone());
            }
        }
    }
    let record = |object: &Value| header.iter().map(|name| object.get(name).map(cell).unwrap_or_default()).collect();
    Ok((header.clone(), objects.iter().map(record).collect()))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_give_the_same_rows() {
        let columns = rows(r#"{"band":["B04","B08"],"hist":[{"4":24},{"4":24}],"mean":[439.5,null]}"#).expect("valid");
        let objects = rows(r#"[{"band":"B04","hist":{"4":24},"mean":439.5},{"band":"B08","hist":{"4":24}}]"#).expect("valid");
        assert_eq!(columns, objects);
        assert_eq!(columns.1[0].iter().collect::<Vec<_>>(), ["B04", r#"{"4":24}"#, "439.5"]);
        assert_eq!(rows("{}").expect("empty").1.len(), 0);
    }

    #[test]
    fn what_is_no_table_is_named() {
        for (text, fact) in [
            (r#"{"band":["B04"],"mean":[1,2]}"#, "“mean” has 2 values"),
            (r#"{"band":"B04"}"#, "“band” is no array"),
            ("[1]", "row 1 is no object"),
            ("{", "not valid"),
            ("3", "no table"),
        ] {
            let error = rows(text).expect_err(text);
            assert!(error.contains(fact), "{text}: {error}");
        }
    }
}
