//! The calendar as data.

use serde_json::{Value, json};

use super::{CalendarOptions, Shown, captions};
use crate::engine::calendar::{Cell, Layout};
use crate::model::units::iso_utc;
use crate::model::{Acquisition, ParcelIx};
use crate::project::Dataset;

/// Every row, cell and acquisition of a calendar; an acquisition occurs once, `shown` is true for the one on top of its cell.
pub fn calendar(dataset: &Dataset, parcel: ParcelIx, options: &CalendarOptions, layout: &Layout, shown: &[Shown]) -> Value {
    let rows: Vec<Value> = layout
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<Value> = row.cells.iter().enumerate().map(|(column, one)| cell(dataset, column, one, shown)).collect();
            json!({ "label": row.label, "start": row.start.to_string(), "cells": cells })
        })
        .collect();
    json!({
        "parcel_id": dataset.parcels.id(parcel),
        "view": options.view.label(),
        "stretch": captions::stretch_name(&options.stretch),
        "margin_m": options.margin_m,
        "mask": options.mask.classes(),
        "columns": layout.columns,
        "acquisitions": shown.len(),
        "rows": rows,
    })
}

fn cell(dataset: &Dataset, column: usize, cell: &Cell, shown: &[Shown]) -> Value {
    let acquisitions: Vec<Value> = cell
        .entries
        .iter()
        .enumerate()
        .filter_map(|(position, entry)| {
            let one = shown.iter().find(|one| one.entry.acquisition == entry.acquisition)?;
            Some(acquisition(dataset.catalog.get(entry.acquisition), one, position == 0))
        })
        .collect();
    json!({ "column": column, "acquisitions": acquisitions })
}

fn acquisition(row: &Acquisition, one: &Shown, on_top: bool) -> Value {
    let limits: Vec<[f64; 2]> = one
        .picture
        .picture
        .as_ref()
        .map(|picture| picture.limits.iter().map(|&(low, high)| [low, high]).collect())
        .unwrap_or_default();
    let granule = row.granules.get(usize::from(one.granule));
    json!({
        "acquired_utc": iso_utc(row.acquired),
        "first_utc": row.first.map(iso_utc),
        "sensor": row.sensor.code(),
        "platform": row.platform,
        "relative_orbit": row.relative_orbit,
        "pass": row.pass.map(crate::model::Pass::code),
        "product": granule.map(|granule| granule.name.as_str()),
        "products": row.granules.len(),
        "baseline": granule.and_then(|granule| granule.baseline.as_deref()),
        "clear_share": (one.entry.clear_share * 1e4).round() / 1e4,
        "shown": on_top,
        "pixels": one.picture.picture.as_ref().map_or([0, 0], |picture| [picture.width, picture.height]),
        "stretch": limits,
        "synthetic": row.synthetic(),
    })
}
