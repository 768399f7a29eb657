//! What people wrote down about parcels: rows with words by column, from a CSV file or from a vector layer. The content decides which.

use std::path::{Path, PathBuf};

use crate::io::IoError;
use crate::io::vector::{self, Place};
use crate::model::{Crs, Parcels};

/// Names of the id column of a table that are looked for, the better ones first.
pub const ID_COLUMNS: [&str; 5] = ["parcel_id", "plot_id", "FID", "ID", "id"];

/// A file of facts.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    operation: &'static str,
    path: PathBuf,
    /// Name of the layer; `None` of a CSV file.
    layer: Option<String>,
    crs: Option<Crs>,
    /// Names of the columns.
    pub(super) header: Vec<String>,
    /// In the order of the file.
    pub(super) rows: Vec<Fact>,
}

/// A row or feature.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    /// Line of the file, or number of the feature.
    number: u64,
    words: Vec<String>,
    place: Option<Place>,
}

impl Fact {
    /// A word; empty where there is none.
    pub(super) fn word(&self, column: usize) -> &str {
        self.words.get(column).map_or("", String::as_str)
    }
}

/// Columns of a CSV file, or of each layer of a vector file.
pub(super) fn headers(path: &Path) -> Result<Vec<Vec<String>>, IoError> {
    if vector::is_layer(path) {
        return vector::feature_columns(path);
    }
    let failed = |error: csv::Error| fault("read the header", path, error.to_string());
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(failed)?;
    Ok(vec![reader.headers().map(names).map_err(failed)?])
}

fn names(header: &csv::StringRecord) -> Vec<String> {
    header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect()
}

fn fault(operation: &str, path: &Path, fact: String) -> IoError {
    IoError::File { operation: operation.to_owned(), fact, path: path.to_owned() }
}

impl Facts {
    /// Reads a file; of several layers the first with one of the wanted columns. `operation` begins the text of errors.
    pub(super) fn read(path: &Path, operation: &'static str, wanted: &[&str]) -> Result<Self, IoError> {
        if vector::is_layer(path) { Self::of_layer(path, operation, wanted) } else { Self::of_csv(path, operation) }
    }

    fn of_csv(path: &Path, operation: &'static str) -> Result<Self, IoError> {
        let failed = |error: csv::Error| fault(operation, path, error.to_string());
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(failed)?;
        let header = reader.headers().map(names).map_err(failed)?;
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(failed)?;
            let number = row.position().map_or(0, csv::Position::line);
            rows.push(Fact { number, words: row.iter().map(str::to_owned).collect(), place: None });
        }
        Ok(Self { operation, path: path.to_owned(), layer: None, crs: None, header, rows })
    }

    fn of_layer(path: &Path, operation: &'static str, wanted: &[&str]) -> Result<Self, IoError> {
        let suits = |columns: &[String]| columns.iter().any(|own| wanted.contains(&own.as_str()));
        // The reader speaks of parcels; what was wanted here is something else.
        let read = vector::features(path, suits).map_err(|error| match error {
            IoError::File { fact, path, .. } => fault(operation, &path, fact),
            other => other,
        })?;
        let trimmed = |words: Vec<String>| words.into_iter().map(|word| word.trim().to_owned()).collect();
        let rows = read.features.into_iter();
        let rows = rows.map(|own| Fact { number: own.number, words: trimmed(own.words), place: own.place }).collect();
        let facts = Self { operation, path: path.to_owned(), layer: Some(read.name), crs: read.crs, header: read.columns, rows };
        if facts.rows.is_empty() { Err(facts.fault("it has no feature; expected at least one")) } else { Ok(facts) }
    }

    /// An error of the whole table.
    pub(super) fn fault(&self, fact: &str) -> IoError {
        let layer = self.layer.as_ref().map_or_else(String::new, |layer| format!("layer “{layer}”: "));
        fault(self.operation, &self.path, format!("{layer}{fact}"))
    }

    /// An error of the names of the columns.
    pub(super) fn header_fault(&self, fact: &str) -> IoError {
        if self.layer.is_some() { self.fault(fact) } else { self.fault(&format!("line 1: {fact}")) }
    }

    /// An error of a row, perhaps in one of its columns.
    pub(super) fn row_fault(&self, row: &Fact, column: Option<usize>, fact: &str) -> IoError {
        let place = match &self.layer {
            Some(layer) => format!("layer “{layer}”, feature {}", row.number),
            None => format!("line {}", row.number),
        };
        let column = column.and_then(|at| self.header.get(at)).map_or_else(String::new, |name| format!(", column {name}"));
        fault(self.operation, &self.path, format!("{place}{column}: {fact}"))
    }

    /// Place of the column that is named first among some names.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|own| own == name))
    }

    /// True when rows can be given to parcels without an id column.
    pub(super) fn has_places(&self) -> bool {
        self.rows.iter().any(|row| row.place.is_some())
    }

    /// Parcel ids of the rows: by a column, otherwise by where features lie. `None` of a feature outside all parcels.
    pub(super) fn ids(&self, column: Option<usize>, parcels: Option<&Parcels>) -> Result<Vec<Option<String>>, IoError> {
        if let Some(at) = column {
            let id = |row: &Fact| match row.word(at) {
                "" => Err(self.row_fault(row, None, "the parcel id is empty")),
                id => Ok(Some(id.to_owned())),
            };
            return self.rows.iter().map(id).collect();
        }
        let parcels = parcels.ok_or_else(|| {
            self.fault(&format!(
                "it has no id column, and there are no parcel outlines in which its features could lie; expected a column {}, or a parcel layer",
                ID_COLUMNS.join(", ")
            ))
        })?;
        let from = self.crs.as_ref().ok_or_else(|| {
            self.fault(
                "it names no coordinate reference system (CRS), so its features have no place; expected one, or an id column",
            )
        })?;
        let mut ids = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let found = row.place.as_ref().map(|place| vector::parcel_of(place, from, parcels)).transpose()?;
            ids.push(found.flatten().map(|parcel| parcels.id(parcel).to_owned()));
        }
        if ids.iter().all(Option::is_none) {
            let (all, crs) = (ids.len(), from.label());
            return Err(self.fault(&format!(
                "none of its {all} features lies in a parcel; expected places inside the parcel layer (its CRS is {crs}), or an id column"
            )));
        }
        Ok(ids)
    }

    /// The id column; `None` where places stand for it. `named` is the column that somebody asked for.
    pub(super) fn id_column(&self, named: Option<&str>) -> Result<Option<usize>, IoError> {
        if let Some(name) = named {
            let has = self.header.join(", ");
            let found = self.column(&[name]);
            return found
                .map(Some)
                .ok_or_else(|| self.header_fault(&format!("it has no column {name} for the id; it has {has}")));
        }
        let found = self.column(&ID_COLUMNS);
        if found.is_some() || self.has_places() {
            return Ok(found);
        }
        let or_places = if self.layer.is_some() { ", or features with a place" } else { "" };
        Err(self.header_fault(&format!(
            "it has no id column; expected one of {}{or_places}; it has {}",
            ID_COLUMNS.join(", "),
            self.header.join(", ")
        )))
    }
}

/// Layers for the tests of those who read facts.
#[cfg(test)]
pub(super) mod samples {
    use gdal::vector::{Feature, Geometry, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType};

    use super::{Crs, Parcels, Path};
    use crate::io::crs;
    use crate::model::Polygons;
    use crate::model::parcels::{ParcelRow, ParcelsBuilder};

    /// Metres east of the first parcel's corner, and a word.
    pub(in crate::io) type Square<'a> = (f64, &'a str);

    /// Two parcels of 100 m in UTM zone 31, `007` and `8`, side by side.
    pub(in crate::io) fn parcels() -> Parcels {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for (id, x) in [("007", 500_000.0), ("8", 500_100.0)] {
            let (y, side) = (5_600_000.0, 100.0);
            let outline = Polygons { parts: vec![vec![vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]]] };
            builder.push(ParcelRow { id: id.to_owned(), outline, area_ha: 1.0, ..ParcelRow::default() });
        }
        builder.finish(vec![])
    }

    /// A `GeoJSON` file of points, given in metres east of the first parcel's corner, with properties; `None` has no geometry.
    pub(in crate::io) fn geojson(path: &Path, features: &[(Option<f64>, &str)]) {
        let feature = |(east, properties): &(Option<f64>, &str)| {
            let geometry = east.map_or_else(
                || "null".to_owned(),
                |east| {
                    let mut point = [[500_000.0 + east, 5_600_050.0]];
                    crs::transform_points(&mut point, &Crs::Epsg(32631), &crs::WGS84).expect("transforms");
                    format!("{{\"type\":\"Point\",\"coordinates\":[{},{}]}}", point[0][0], point[0][1])
                },
            );
            format!("{{\"type\":\"Feature\",\"geometry\":{geometry},\"properties\":{properties}}}")
        };
        let features: Vec<String> = features.iter().map(feature).collect();
        let text = format!("{{\"type\":\"FeatureCollection\",\"name\":\"seen\",\"features\":[{}]}}", features.join(","));
        std::fs::write(path, text).expect("written");
    }
    /// A `GeoPackage` in the European equal-area system: layers by name, each with a column of words, one square of 80 m a word.
    pub(in crate::io) fn geopackage(path: &Path, layers: &[(&str, &str, &[Square<'_>])]) {
        let (metres, other) = (Crs::Epsg(32631), Crs::Epsg(3035));
        let srs = crs::reference(&other).expect("known");
        let driver = gdal::DriverManager::get_driver_by_name("GPKG").expect("a driver");
        let mut data = driver.create_vector_only(path).expect("a file");
        for &(name, column, squares) in layers {
            let options = LayerOptions { name, srs: Some(&srs), ty: OGRwkbGeometryType::wkbPolygon, options: None };
            let layer = data.create_layer(options).expect("a layer");
            layer.create_defn_fields(&[(column, OGRFieldType::OFTString)]).expect("a column");
            for &(east, word) in squares {
                let mut corners =
                    [[0.0, 10.0], [80.0, 10.0], [80.0, 90.0], [0.0, 90.0]].map(|[x, y]| [500_000.0 + east + x, 5_600_000.0 + y]);
                crs::transform_points(&mut corners, &metres, &other).expect("transforms");
                let ring: Vec<String> = corners.iter().chain(&corners[..1]).map(|[x, y]| format!("{x} {y}")).collect();
                let mut feature = Feature::new(layer.defn()).expect("a feature");
                let area = Geometry::from_wkt(&format!("POLYGON (({}))", ring.join(","))).expect("WKT");
                feature.set_geometry(area).expect("set");
                feature.set_field_string(0, word).expect("set");
                feature.create(&layer).expect("written");
            }
        }
        data.close().expect("written");
    }
}
