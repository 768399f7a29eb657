//! What another system has said of parcels, by a column of the layer.

use super::Project;
use super::review::{column_of, value_of};
use crate::model::ParcelIx;
use crate::model::project_file::OtherSaid;

impl Project {
    /// The automatic verdict of another system; `None` when the project maps none. The error says that the column is not there.
    pub fn other_verdict(&self, parcel: ParcelIx) -> Option<Result<OtherSaid, String>> {
        let other = self.file().other_verdict.as_ref()?;
        let parcels = &self.data()?.parcels;
        let Some(column) = column_of(parcels, &other.column) else {
            return Some(Err(other_column_missing(&other.column, parcels)));
        };
        let value = value_of(parcels, column, parcel);
        let name = if other.name.trim().is_empty() { other.column.clone() } else { other.name.clone() };
        Some(Ok(OtherSaid { system: name, column: other.column.clone(), verdict: other.of(&value), value }))
    }

    /// The column that tells it; in a blind review it is hidden like the verdict itself.
    pub fn other_column(&self) -> Option<&str> {
        self.file().other_verdict.as_ref().map(|other| other.column.as_str())
    }
}

fn other_column_missing(column: &str, parcels: &crate::model::Parcels) -> String {
    const NAMED: usize = 12;
    let names: Vec<&str> = parcels.columns().iter().take(NAMED).map(|own| own.name.as_str()).collect();
    let more = if parcels.columns().len() > NAMED { ", …" } else { "" };
    format!(
        "the parcel layer has no column “{column}”, which other_verdict of the project names; its columns are {}{more}",
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    )
}
