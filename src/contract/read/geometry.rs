//! Outlines: `GeoJSON` or well-known text to `GeoJSON`, and rings in the form of `parcelsByPolygon`.

use serde_json::{Value, json};

use super::table::short;
use crate::contract::Fault;

/// `GeoJSON` text of a geometry in any form; `None` for an empty one.
pub(super) fn read(value: &Value, row: usize) -> Result<Option<String>, Fault> {
    let fault = |what: &str| Fault(format!("the geometry of row {} {what}", row + 1));
    let geometry = match value {
        Value::Object(_) => value.clone(),
        Value::String(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            if text.starts_with('{') {
                serde_json::from_str(text).map_err(|error| fault(&format!("is broken JSON: {error}")))?
            } else {
                of_wkt(text).ok_or_else(|| fault(&format!("is neither GeoJSON nor a polygon as text: {:?}", short(text))))?
            }
        }
        _ => return Err(fault("is neither an object nor a text")),
    };
    let kind = geometry.get("type").and_then(Value::as_str).unwrap_or_default();
    if !["Polygon", "MultiPolygon"].contains(&kind) {
        return Err(fault(&format!("is no polygon but {:?}", short(kind))));
    }
    let coordinates = geometry.get("coordinates").and_then(Value::as_array).ok_or_else(|| fault("has no coordinates"))?;
    if coordinates.is_empty() {
        return Ok(None);
    }
    // Only these two members: older servers add a `crs` of a withdrawn form.
    Ok(Some(json!({ "type": kind, "coordinates": coordinates }).to_string()))
}

/// `[SRID=28992;]POLYGON ((…))` and its kin, also with Z values.
fn of_wkt(text: &str) -> Option<Value> {
    let text = match text.split_once(';') {
        Some((srid, rest)) if srid.to_ascii_uppercase().starts_with("SRID=") => rest.trim(),
        _ => text,
    };
    let open = text.find('(')?;
    let head = text[..open].trim().to_ascii_uppercase();
    let kind = match head.split_whitespace().next()? {
        "POLYGON" | "POLYGONZ" => "Polygon",
        "MULTIPOLYGON" | "MULTIPOLYGONZ" => "MultiPolygon",
        _ => return None,
    };
    let mut rest = &text[open..];
    let depth = if kind == "Polygon" { 2 } else { 3 };
    let coordinates = list(&mut rest, depth)?;
    rest.trim().is_empty().then(|| json!({ "type": kind, "coordinates": coordinates }))
}

/// `(a, b, …)` of lists of a smaller depth; depth 1 holds points.
fn list(rest: &mut &str, depth: usize) -> Option<Value> {
    *rest = rest.trim_start().strip_prefix('(')?;
    let mut items = Vec::new();
    loop {
        if depth > 1 {
            items.push(list(rest, depth - 1)?);
        } else {
            let end = rest.find([',', ')'])?;
            let numbers: Option<Vec<f64>> = rest[..end]
                .split_whitespace()
                .take(5)
                .map(|word| word.parse().ok().filter(|number: &f64| number.is_finite()))
                .collect();
            let numbers = numbers.filter(|numbers| (2..=4).contains(&numbers.len()))?;
            items.push(json!([numbers[0], numbers[1]]));
            *rest = &rest[end..];
        }
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            *rest = after;
        } else {
            *rest = rest.strip_prefix(')')?;
            return Some(Value::Array(items));
        }
    }
}

/// A ring in degrees in the form of `parcelsByPolygon`, closed. `None` when it has fewer than three corners, or corners west of
/// Greenwich or south of the equator: the form has no signs.
pub fn ring_text(ring: &[[f64; 2]]) -> Option<String> {
    if ring.iter().flatten().any(|number| *number < 0.0) {
        return None;
    }
    signed_ring_text(ring)
}

/// The same with signs, which Parcelight servers read.
pub fn signed_ring_text(ring: &[[f64; 2]]) -> Option<String> {
    if ring.iter().flatten().any(|number| !number.is_finite()) {
        return None;
    }
    let open = if ring.len() > 1 && ring.first() == ring.last() { &ring[..ring.len() - 1] } else { ring };
    if open.len() < 3 {
        return None;
    }
    let point = |[x, y]: &[f64; 2]| format!("{}_{}", degrees(*x), degrees(*y));
    Some(open.iter().chain(open.first()).map(point).collect::<Vec<_>>().join("-"))
}

/// A hundredth of a metre and no zeros at the end.
fn degrees(value: f64) -> String {
    let text = format!("{value:.7}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
