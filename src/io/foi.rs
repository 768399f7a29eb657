//! Files of the check against a thematic raster: names of classes in, tables out.

use std::collections::BTreeMap;
use std::path::Path;

use crate::io::IoError;
use crate::io::tables::{Kind, Table, Value};
use crate::model::foi::FoiRow;

/// Names of classes by their number.
pub type Categories = BTreeMap<i32, String>;

/// Reads names of classes: CSV with the columns `value` and `name`, or YAML with the one key `category_map` and under it `value: name`.
///
/// The ending tells which; of YAML only this flat form is understood, in lines or in braces.
///
/// * **Errors:** name the line: no whole number, no name, a number that is named twice, anything else in a YAML file.
pub fn read_categories(path: &Path) -> Result<Categories, IoError> {
    let fail = |fact: String| IoError::File { operation: "read the categories".to_owned(), fact, path: path.to_owned() };
    let bytes = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| fail(format!("it is not text in UTF-8 ({error})")))?;
    let text = text.trim_start_matches('\u{feff}');
    let ending = path.extension().and_then(|own| own.to_str()).unwrap_or_default().to_ascii_lowercase();
    let pairs = match ending.as_str() {
        "yaml" | "yml" => of_yaml(text),
        "csv" | "txt" => of_csv(text),
        _ => Err(format!("the ending “.{ending}” is not known; expected .yaml or .csv")),
    }
    .map_err(&fail)?;
    let mut categories = Categories::new();
    for (line, value, name) in pairs {
        let number: i32 = value.parse().map_err(|_none| fail(format!("line {line}: “{value}” is no whole number")))?;
        if name.is_empty() {
            return Err(fail(format!("line {line}: class {number} has no name")));
        }
        if let Some(other) = categories.insert(number, name) {
            return Err(fail(format!("line {line}: class {number} is named twice, before “{other}”")));
        }
    }
    if categories.is_empty() {
        return Err(fail("it names no class; expected e.g. “1: maize” under category_map, or rows of value,name".to_owned()));
    }
    Ok(categories)
}

/// (line, value, name).
type Pairs = Vec<(usize, String, String)>;

fn of_csv(text: &str) -> Result<Pairs, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| {
        let found = header.iter().position(|own| own.eq_ignore_ascii_case(name));
        found.ok_or_else(|| format!("line 1: there is no column {name}; expected value,name"))
    };
    let (value, name) = (column("value")?, column("name")?);
    let pair = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.map_err(|error| error.to_string())?;
        let line = row.position().map_or(0, |own| own.line() as usize);
        Ok((line, row.get(value).unwrap_or_default().to_owned(), row.get(name).unwrap_or_default().to_owned()))
    };
    reader.records().map(pair).collect()
}

const YAML: &str = "expected category_map: with lines such as “1: maize” under it";

fn of_yaml(text: &str) -> Result<Pairs, String> {
    let mut pairs = Vec::new();
    let mut under = false;
    for (line, own) in (1..).zip(text.lines()) {
        let bare = without_comment(own);
        let content = bare.trim();
        if content.is_empty() || content == "---" {
            continue;
        }
        if !bare.starts_with([' ', '\t']) {
            let rest = content.strip_prefix("category_map").and_then(|rest| rest.trim_start().strip_prefix(':'));
            let Some(rest) = rest.filter(|_| !under) else { return Err(format!("line {line}: “{content}”; {YAML}")) };
            under = true;
            let rest = rest.trim();
            if rest.is_empty() {
                continue;
            }
            let inner = rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            let inner = inner.ok_or_else(|| format!("line {line}: “{rest}”; {YAML}"))?;
            for part in inner.split(',').filter(|part| !part.trim().is_empty()) {
                pairs.push(pair(line, part)?);
            }
            continue;
        }
        if !under {
            return Err(format!("line {line}: “{content}”; {YAML}"));
        }
        pairs.push(pair(line, content)?);
    }
    Ok(pairs)
}

fn pair(line: usize, text: &str) -> Result<(usize, String, String), String> {
    let (value, name) = text.split_once(':').ok_or_else(|| format!("line {line}: “{}”; {YAML}", text.trim()))?;
    let name = unquoted(name.trim());
    if name.starts_with(['{', '[', '&', '*', '|', '>', '!']) {
        return Err(format!("line {line}: “{name}” is no plain name"));
    }
    Ok((line, unquoted(value.trim()).to_owned(), name.to_owned()))
}

fn unquoted(word: &str) -> &str {
    let within = |mark: char| word.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    within('"').or_else(|| within('\'')).unwrap_or(word)
}

/// A line up to a `#` that begins a comment: at its start or after a space, outside quotes.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, own) in line.char_indices() {
        match quote {
            Some(mark) if own == mark => quote = None,
            None if own == '#' && before.is_whitespace() => return &line[..at],
            None if (own == '"' || own == '\'') && !before.is_alphanumeric() => quote = Some(own),
            _ => {}
        }
        before = own;
    }
    line
}

/// One row a parcel: `parcel_id, pixels, nodata, outside, foi_h, foi_c, largest_class, largest_name, largest_percent, large_clusters,
/// cluster_classes, clusters, reason` and for each class found anywhere `C_<class>` (pixels) and `P_<class>` (per cent).
///
/// `foi_h` and `foi_c` are 1 or 0, and empty (not available) where `reason` says why. `clusters` lists large ones as `(class, pixels)`.
pub fn table(rows: &[FoiRow], categories: &Categories) -> Table {
    let classes: Vec<i32> = totals(rows).into_keys().collect();
    let texts = |names: &[&str], kind: Kind| names.iter().map(|name| ((*name).to_owned(), kind)).collect::<Vec<_>>();
    let mut columns = texts(&["parcel_id"], Kind::Text);
    columns.extend(texts(&["pixels", "nodata", "outside", "foi_h", "foi_c", "largest_class"], Kind::Integer));
    columns.extend(texts(&["largest_name"], Kind::Text));
    columns.extend(texts(&["largest_percent"], Kind::Number));
    columns.extend(texts(&["large_clusters", "cluster_classes"], Kind::Integer));
    columns.extend(texts(&["clusters", "reason"], Kind::Text));
    columns.extend(classes.iter().map(|class| (format!("C_{class}"), Kind::Integer)));
    columns.extend(classes.iter().map(|class| (format!("P_{class}"), Kind::Number)));
    let rows = rows.iter().map(|row| cells(row, &classes, categories)).collect();
    Table { columns, rows }
}

fn cells(row: &FoiRow, classes: &[i32], categories: &Categories) -> Vec<Value> {
    let whole = |number: u64| Value::Integer(number as i64);
    let mut cells = vec![Value::Text(row.parcel_id.clone())];
    let found = match &row.result {
        Ok(found) => found,
        Err(skip) => {
            cells.resize(12, Value::Empty);
            cells.push(Value::Text(skip.reason()));
            return cells;
        }
    };
    let largest = found.largest();
    let name = largest.and_then(|own| categories.get(&own.class));
    let mut of: Vec<i32> = found.clusters.iter().map(|own| own.class).collect();
    of.sort_unstable();
    of.dedup();
    let clusters: Vec<String> = found.clusters.iter().map(|own| format!("({}, {})", own.class, own.pixels)).collect();
    let count = |class: &i32| found.classes.iter().find(|own| own.class == *class).map_or(0, |own| own.pixels);
    cells.extend([
        whole(found.pixels.into()),
        whole(found.nodata.into()),
        whole(found.outside),
        whole(found.heterogeneous.into()),
        whole(found.cardinal.into()),
        largest.map_or(Value::Empty, |own| Value::Integer(own.class.into())),
        name.map_or(Value::Empty, |own| Value::Text(own.clone())),
        Value::Number(largest.map_or(f64::NAN, |own| found.percent(own.pixels))),
        whole(found.clusters.len() as u64),
        whole(of.len() as u64),
        if clusters.is_empty() { Value::Empty } else { Value::Text(clusters.join(", ")) },
        Value::Empty,
    ]);
    cells.extend(classes.iter().map(|class| whole(count(class).into())));
    cells.extend(classes.iter().map(|class| Value::Number(found.percent(count(class)))));
    cells
}

/// The parcels without an answer: `parcel_id, reason`.
pub fn skipped(rows: &[FoiRow]) -> Table {
    let columns = ["parcel_id", "reason"].map(|name| (name.to_owned(), Kind::Text)).into();
    let row = |row: &FoiRow| Some(vec![Value::Text(row.parcel_id.clone()), Value::Text(row.result.as_ref().err()?.reason())]);
    Table { columns, rows: rows.iter().filter_map(row).collect() }
}

/// The classes found in parcels and those that are named: `class, name, pixels, parcels`.
pub fn classes(rows: &[FoiRow], categories: &Categories) -> Table {
    let mut columns = vec![("class".to_owned(), Kind::Integer), ("name".to_owned(), Kind::Text)];
    columns.extend(["pixels", "parcels"].map(|name| (name.to_owned(), Kind::Integer)));
    let mut all = totals(rows);
    for &class in categories.keys() {
        all.entry(class).or_default();
    }
    let row = |(class, (pixels, parcels)): (i32, (u64, u64))| {
        let name = categories.get(&class).map_or(Value::Empty, |name| Value::Text(name.clone()));
        vec![Value::Integer(class.into()), name, Value::Integer(pixels as i64), Value::Integer(parcels as i64)]
    };
    Table { columns, rows: all.into_iter().map(row).collect() }
}

/// Pixels and parcels of each class that was found.
fn totals(rows: &[FoiRow]) -> BTreeMap<i32, (u64, u64)> {
    let mut totals: BTreeMap<i32, (u64, u64)> = BTreeMap::new();
    for own in rows.iter().filter_map(|row| row.result.as_ref().ok()).flat_map(|found| &found.classes) {
        let total = totals.entry(own.class).or_default();
        total.0 += u64::from(own.pixels);
        total.1 += 1;
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ending: &str, text: &str) -> Result<Vec<(i32, String)>, String> {
        let file = tempfile::Builder::new().suffix(ending).tempfile().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        read_categories(file.path()).map(|own| own.into_iter().collect()).map_err(|error| error.to_string())
    }

    fn named(pairs: &[(i32, &str)]) -> Vec<(i32, String)> {
        pairs.iter().map(|&(class, name)| (class, name.to_owned())).collect()
    }

    #[test]
    fn names_are_read_from_yaml_in_lines_or_braces_and_from_csv() {
        let expected = named(&[(1, "maize"), (2, "winter wheat # 2"), (7, "a: b")]);
        let lines = "# classes\ncategory_map:\n  1: maize # sown in May\n  2: \"winter wheat # 2\"\n\n  '7': 'a: b'\n";
        assert_eq!(read(".yaml", lines).expect("lines"), expected);
        assert_eq!(
            read(".YML", "---\ncategory_map: {1: maize, 2: 'winter wheat # 2', 7: \"a: b\"}\n").expect("braces"),
            expected
        );
        assert_eq!(read(".csv", "\u{feff}Value, Name\r\n1, maize\r\n2,winter wheat # 2\r\n7,a: b\r\n").expect("rows"), expected);
        assert_eq!(read(".csv", "name,colour,value\nmaize,red,-3\n").expect("rows"), named(&[(-3, "maize")]));
    }

    #[test]
    fn what_cannot_be_understood_is_told_with_its_line() {
        for (ending, text, expected) in [
            (".yaml", "category_map:\n  maize: 1\n", "line 2: “maize” is no whole number"),
            (".yaml", "category_map:\n  1: a\n  1: b\n", "line 3: class 1 is named twice, before “a”"),
            (".yaml", "category_map:\n  1:\n", "line 2: class 1 has no name"),
            (".yaml", "category_map:\n  1: {a: b}\n", "line 2: “{a: b}” is no plain name"),
            (".yaml", "category_map: &x\n", "line 1: “&x”; expected category_map"),
            (".yaml", "classes:\n  1: a\n", "line 1: “classes:”; expected category_map"),
            (".yaml", "  1: a\n", "line 1: “1: a”; expected category_map"),
            (".yaml", "category_map:\n", "it names no class"),
            (".csv", "class,name\n1,a\n", "line 1: there is no column value"),
            (".csv", "value,name\n1.5,a\n", "line 2: “1.5” is no whole number"),
            (".xlsx", "", "the ending “.xlsx” is not known"),
        ] {
            let told = read(ending, text).expect_err(text);
            assert!(told.starts_with("cannot read the categories: ") && told.contains(expected), "{told}");
        }
        assert!(read_categories(Path::new("nowhere.csv")).expect_err("gone").to_string().contains("nowhere.csv"));
    }
}
