//! Columns of the attribute table: what they hold, how wide they are, and their cells as text. Knows no egui.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ParcelIx, Parcels};
use crate::project::queue::SortKey;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Id.
    Id,
    /// Crop name, else code.
    Crop,
    /// Area, ha.
    Area,
    /// An attribute of the source by its position.
    Attribute(usize),
}

/// Narrowest column.
pub const NARROWEST: f32 = 36.0;

/// Widest column that makes itself as wide as its content.
const WIDEST: f32 = 420.0;

/// More decimals than this are shown only when the number is copied.
const DECIMALS: usize = 6;

impl Column {
    /// All columns of a table: its own and those of the source.
    pub fn all(parcels: &Parcels) -> Vec<Self> {
        [Self::Id, Self::Crop, Self::Area].into_iter().chain((0..parcels.columns().len()).map(Self::Attribute)).collect()
    }

    /// What rows are sorted by when its header is clicked.
    pub fn sort_key(self, parcels: &Parcels) -> SortKey {
        match self {
            Self::Id => SortKey::Id,
            Self::Crop => SortKey::Crop,
            Self::Area => SortKey::Area,
            Self::Attribute(at) => SortKey::Column(parcels.columns()[at].name.clone()),
        }
    }

    /// Name under which its width is remembered; the program's own names cannot be names of attributes.
    pub fn key(self, parcels: &Parcels) -> String {
        match self {
            Self::Id => "\u{0}id".to_owned(),
            Self::Crop => "\u{0}crop".to_owned(),
            Self::Area => "\u{0}area".to_owned(),
            Self::Attribute(at) => parcels.columns()[at].name.clone(),
        }
    }

    /// True for numbers, which stand at the right.
    pub fn is_number(self, parcels: &Parcels) -> bool {
        match self {
            Self::Id | Self::Crop => false,
            Self::Area => true,
            Self::Attribute(at) => parcels.columns()[at].number,
        }
    }

    /// Value of a parcel as it is copied: numbers in full with a point, nothing for a null.
    pub fn value(self, parcels: &Parcels, parcel: ParcelIx) -> String {
        let number = |number: f64| if number.is_finite() { number.to_string() } else { String::new() };
        match self {
            Self::Id => parcels.id(parcel).to_owned(),
            Self::Crop => parcels.crop(parcel).unwrap_or_default().to_owned(),
            Self::Area => number(parcels.area_ha(parcel)),
            Self::Attribute(at) if parcels.columns()[at].number => number(parcels.number(at, parcel)),
            Self::Attribute(at) => parcels.text(at, parcel).unwrap_or_default().to_owned(),
        }
    }

    /// Value of a parcel as it is shown. Numbers of the source may be years or codes: no separators of thousands.
    pub fn cell(self, parcels: &Parcels, parcel: ParcelIx) -> String {
        let short = |number: f64| {
            let whole = number.to_string();
            match whole.split_once('.') {
                Some((_, decimals)) if decimals.len() > DECIMALS && number.is_finite() => {
                    format!("{number:.DECIMALS$}").trim_end_matches('0').trim_end_matches('.').to_owned()
                }
                _ => whole,
            }
        };
        match self {
            Self::Attribute(at) if parcels.columns()[at].number && parcels.number(at, parcel).is_finite() => {
                short(parcels.number(at, parcel))
            }
            other => other.value(parcels, parcel),
        }
    }

    /// Width before anybody changed it.
    fn usual_width(self, parcels: &Parcels) -> f32 {
        match self {
            Self::Id => 130.0,
            Self::Crop => 170.0,
            Self::Area => 84.0,
            Self::Attribute(at) if parcels.columns()[at].number => 104.0,
            Self::Attribute(_) => 140.0,
        }
    }
}

/// Which columns are shown, and how wide.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Columns {
    hidden: BTreeSet<String>,
    widths: BTreeMap<String, f32>,
}

/// A column at its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// Which.
    pub column: Column,
    /// Left edge, from that of the first column.
    pub left: f32,
    /// Width.
    pub width: f32,
}

impl Columns {
    /// The columns that are shown, from left to right.
    pub fn placed(&self, parcels: &Parcels) -> Vec<Placed> {
        let mut left = 0.0;
        let shown = Column::all(parcels).into_iter().filter(|column| self.shows(*column, parcels));
        shown
            .map(|column| {
                let width = self.widths.get(&column.key(parcels)).copied().unwrap_or_else(|| column.usual_width(parcels));
                left += width;
                Placed { column, left: left - width, width }
            })
            .collect()
    }

    /// True for a column that is shown.
    pub fn shows(&self, column: Column, parcels: &Parcels) -> bool {
        !self.hidden.contains(&column.key(parcels))
    }

    /// Shows or hides a column. The id always stays: without it nobody knows what a row is about.
    pub fn show(&mut self, column: Column, parcels: &Parcels, shown: bool) {
        if shown {
            self.hidden.remove(&column.key(parcels));
        } else if column != Column::Id {
            self.hidden.insert(column.key(parcels));
        }
    }

    /// Makes a column wider or narrower.
    pub fn widen(&mut self, placed: &Placed, parcels: &Parcels, by: f32) {
        self.widths.insert(placed.column.key(parcels), (placed.width + by).max(NARROWEST));
    }

    /// Makes a column as wide as its content.
    pub fn fit(&mut self, column: Column, parcels: &Parcels, content: f32) {
        self.widths.insert(column.key(parcels), content.clamp(NARROWEST, WIDEST));
    }
}

/// Rows as text with tabs between values, with a line of names.
pub fn tsv(parcels: &Parcels, columns: &[Placed], names: &[String], rows: &[ParcelIx]) -> String {
    let clean = |value: &str| value.replace(['\t', '\n', '\r'], " ");
    let line = |values: Vec<String>| values.iter().map(|value| clean(value)).collect::<Vec<_>>().join("\t");
    let mut text = line(names.to_vec());
    for &row in rows {
        text.push('\n');
        text.push_str(&line(columns.iter().map(|placed| placed.column.value(parcels, row)).collect()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Crs;
    use crate::model::parcels::{Column as Source, ParcelRow, ParcelsBuilder, Values};

    fn table() -> Parcels {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for (id, crop) in [("007", Some("Maize")), ("8", None)] {
            let crop_name = crop.map(str::to_owned);
            builder.push(ParcelRow { id: id.to_owned(), crop_name, area_ha: 1.25, ..ParcelRow::default() });
        }
        let text = |text: &str| Some(text.into());
        builder.finish(vec![
            Source { name: "year".to_owned(), values: Values::Number(vec![2019.0, f64::NAN]) },
            Source { name: "id".to_owned(), values: Values::Text(vec![text("two\tparts"), None]) },
            Source { name: "share".to_owned(), values: Values::Number(vec![0.1 + 0.2, 1e-9]) },
        ])
    }

    #[test]
    fn own_columns_come_first_and_widths_and_choices_are_remembered_by_name() {
        let parcels = table();
        let mut columns = Columns::default();
        let placed = columns.placed(&parcels);
        assert_eq!(placed.len(), 6);
        assert!(placed.windows(2).all(|pair| pair[0].left + pair[0].width == pair[1].left));
        columns.show(Column::Crop, &parcels, false);
        columns.show(Column::Id, &parcels, false);
        columns.widen(&placed[0], &parcels, -1000.0);
        let after = columns.placed(&parcels);
        assert_eq!((after.len(), after[0].column, after[0].width), (5, Column::Id, NARROWEST));
        // An attribute that is called id as well is another column.
        assert_eq!((after[3].column, after[3].width), (Column::Attribute(1), 140.0));
        columns.fit(Column::Attribute(1), &parcels, 9999.0);
        assert_eq!(columns.placed(&parcels)[3].width, WIDEST);
    }

    #[test]
    fn cells_are_short_and_copies_are_whole() {
        let parcels = table();
        let (year, share) = (Column::Attribute(0), Column::Attribute(2));
        let cell = |column: Column, row: u32| column.cell(&parcels, ParcelIx(row));
        assert_eq!([cell(year, 0), cell(year, 1), cell(share, 0), cell(share, 1)], ["2019", "", "0.3", "0"]);
        let placed = Columns::default().placed(&parcels);
        let names = ["Id", "Crop", "Area", "year", "id", "share"].map(str::to_owned);
        let text = tsv(&parcels, &placed, &names, &[ParcelIx(1), ParcelIx(0)]);
        let expected =
            "Id\tCrop\tArea\tyear\tid\tshare\n8\t\t1.25\t\t\t0.000000001\n007\tMaize\t1.25\t2019\ttwo parts\t0.30000000000000004";
        assert_eq!(text, expected);
    }
}
