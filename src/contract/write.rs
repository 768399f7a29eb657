//! Rows to the bytes that clients of the contract expect.
//!
//! Answers are column-oriented: one object whose keys are columns and whose values are arrays of one length. No row at all keeps
//! every key with `[]`; [`NOTHING`] is what a server says where it has failed, or has no such thing. A missing number is `null`.

mod info;
mod names;
mod own;
mod pages;
mod table;

pub use info::{InfoFacts, info};
pub use names::{ProductFacts, is_product_name, product_name, stamp};
pub use own::{acquisitions, signals};
pub use pages::{Picture, chips_page, error_page, escape, image_page, start_page};
pub use table::{Cell, Table};

use self::table::NumberOf;
use super::{MarkerRow, ParcelRow, PeerRow, SeriesRow, WeatherRow};

/// Content type of parcels, peers and chips.
pub const JSON: &str = "application/json";
/// Content type of time series and weather. Their bodies are JSON all the same: JRC's server hands over text that is JSON already,
/// which its framework sends as a page, and a client that decides by the type is tested best by getting what it gets there.
pub const JSON_AS_PAGE: &str = "text/html; charset=utf-8";
/// Content type of pages.
pub const PAGE: &str = "text/html; charset=utf-8";
/// Content type of CSV.
pub const CSV: &str = "text/csv; charset=utf-8";
/// The answer of a server that has failed inside, or has no such thing.
pub const NOTHING: &str = "{}";

/// What is told of parcels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParcelColumns {
    /// Only the ids, for searches by polygon.
    pub only_ids: bool,
    /// With `geom`.
    pub geometry: bool,
}

/// Parcels, for all three parcel routes.
pub fn parcels(rows: &[ParcelRow], columns: ParcelColumns) -> String {
    let optional = |text: &Option<String>| text.as_deref().map_or(Cell::Missing, Cell::text);
    let mut table = Table::default();
    table.push("pid", rows.iter().map(|row| Cell::text(&row.pid)));
    if !columns.only_ids {
        table.push("cropname", rows.iter().map(|row| optional(&row.crop_name)));
        table.push("cropcode", rows.iter().map(|row| optional(&row.crop_code)));
        table.push("srid", rows.iter().map(|row| row.srid.map_or(Cell::Missing, |code| Cell::integer(i64::from(code)))));
    }
    if columns.geometry {
        table.push("geom", rows.iter().map(|row| optional(&row.geometry)));
    }
    if !columns.only_ids {
        table.push("area", rows.iter().map(|row| Cell::number(row.area_m2.map_or(f64::NAN, f64::round))));
        table.push("clon", rows.iter().map(|row| Cell::float(row.lon.unwrap_or(f64::NAN))));
        table.push("clat", rows.iter().map(|row| Cell::float(row.lat.unwrap_or(f64::NAN))));
    }
    table.json()
}

/// Peers.
pub fn peers(rows: &[PeerRow]) -> String {
    let mut table = Table::default();
    table.push("pids", rows.iter().map(|row| Cell::text(&row.pid)));
    table.push("distance", rows.iter().map(|row| Cell::float(row.distance_m)));
    table.json()
}

/// Time series of bands; `hist` and `reference` are there when asked for.
pub fn time_series(rows: &[SeriesRow], histograms: bool, references: bool) -> Table {
    let mut table = Table::default();
    table.push("date_part", rows.iter().map(|row| Cell::float(row.time.as_millisecond() as f64 / 1000.0)));
    table.push("band", rows.iter().map(|row| Cell::text(&row.band)));
    let numbers: [NumberOf<SeriesRow>; 8] = [
        ("count", |row| row.count),
        ("mean", |row| row.mean),
        ("std", |row| row.std),
        ("min", |row| row.min),
        ("p25", |row| row.p25),
        ("p50", |row| row.p50),
        ("p75", |row| row.p75),
        ("max", |row| row.max),
    ];
    for (name, number) in numbers {
        table.push(name, rows.iter().map(|row| Cell::number(number(row))));
    }
    if histograms {
        table.push("hist", rows.iter().map(|row| row.histogram.as_ref().map_or(Cell::Missing, Cell::histogram)));
    }
    if references {
        table.push("reference", rows.iter().map(|row| row.reference.as_deref().map_or(Cell::Missing, Cell::text)));
    }
    table
}

/// Histograms alone (`tstype=scl`): number of the product and its classes.
pub fn histograms(rows: &[(u32, [u32; 12])]) -> Table {
    let mut table = Table::default();
    table.push("obsid", rows.iter().map(|(number, _)| Cell::integer(i64::from(*number))));
    table.push("hist", rows.iter().map(|(_, classes)| Cell::histogram(classes)));
    table
}

/// Weather.
pub fn weather(rows: &[WeatherRow]) -> Table {
    let mut table = Table::default();
    table.push("meteo_date", rows.iter().map(|row| Cell::text(&row.day.to_string())));
    table.push("tmin", rows.iter().map(|row| Cell::number(row.tmin)));
    table.push("tmax", rows.iter().map(|row| Cell::number(row.tmax)));
    table.push("tmean", rows.iter().map(|row| Cell::number(row.tmean)));
    table.push("prec", rows.iter().map(|row| Cell::number(row.prec)));
    table
}

/// Markers of one parcel; its id stands for the feature's too.
pub fn markers(pid: &str, rows: &[MarkerRow]) -> String {
    let number = |value: Option<f64>| Cell::number(value.unwrap_or(f64::NAN));
    let mut table = Table::default();
    table.push("foi_id", rows.iter().map(|_| Cell::text(pid)));
    table.push("marker", rows.iter().map(|row| Cell::text(&row.marker)));
    table.push("marker_type", rows.iter().map(|row| Cell::text(&row.kind)));
    table.push("date_start", rows.iter().map(|row| Cell::text(&row.start)));
    table.push("date_main", rows.iter().map(|row| Cell::text(&row.main)));
    table.push("date_end", rows.iter().map(|row| Cell::text(&row.end)));
    table.push("duration_days", rows.iter().map(|row| number(row.duration_days)));
    for (at, name) in ["value_1", "value_2", "value_3"].into_iter().enumerate() {
        table.push(name, rows.iter().map(|row| number(row.values[at])));
    }
    table.push("pid", rows.iter().map(|_| Cell::text(pid)));
    table.push("practice", rows.iter().map(|row| Cell::text(&row.practice)));
    table.json()
}

/// Chips: (label, path on this host), in order.
pub fn chips(rows: &[(String, String)]) -> String {
    let mut table = Table::default();
    table.push("dates", rows.iter().map(|(label, _)| Cell::text(label)));
    table.push("chips", rows.iter().map(|(_, path)| Cell::text(path)));
    table.json()
}

/// Product names alone (`onlylist=True`).
pub fn chip_list(products: &[String]) -> String {
    let mut table = Table::default();
    table.push("chips", products.iter().map(|name| Cell::text(name)));
    table.json()
}

/// What a batch route says of a body it cannot use; the status stays 200.
pub fn batch_error(text: &str) -> String {
    serde_json::json!({ "error": text }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Vec<SeriesRow> {
        let row = |band: &str, numbers: [f64; 7]| SeriesRow {
            time: "2020-01-04T10:40:51Z".parse().expect("valid"),
            band: band.to_owned(),
            count: 97.0,
            mean: numbers[0],
            std: numbers[1],
            min: numbers[2],
            p25: numbers[3],
            p50: numbers[4],
            p75: numbers[5],
            max: numbers[6],
            histogram: Some([0, 0, 0, 0, 24, 1, 0, 0, 0, 0, 0, 0]),
            reference: Some("S2A_MSIL2A_20200104T104421_N0213_R008_T31UFU_20200104T121143.SAFE".to_owned()),
        };
        vec![
            row("B04", [439.5, 6.9, 423.0, 434.0, 438.0, 444.0, 454.0]),
            row("B08", [2761.6, 41.7, 2684.0, 2738.0, 2757.0, 2796.0, 2844.0]),
        ]
    }

    #[test]
    fn a_time_series_is_the_published_example_to_the_byte() {
        let reference = "\"S2A_MSIL2A_20200104T104421_N0213_R008_T31UFU_20200104T121143.SAFE\"";
        let expected = format!(
            "{{\"date_part\":[1578134451.0,1578134451.0],\"band\":[\"B04\",\"B08\"],\"count\":[97,97],\"mean\":[439.5,2761.6],\
             \"std\":[6.9,41.7],\"min\":[423,2684],\"p25\":[434,2738],\"p50\":[438,2757],\"p75\":[444,2796],\"max\":[454,2844],\
             \"hist\":[{{\"4\":24,\"5\":1}},{{\"4\":24,\"5\":1}}],\"reference\":[{reference},{reference}]}}"
        );
        assert_eq!(time_series(&example(), true, true).json(), expected);
        assert!(!time_series(&example(), false, false).json().contains("hist"));
    }

    #[test]
    fn a_parcel_is_the_published_example_to_the_byte() {
        let geometry =
            "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[96576.0,417328.4],[96574.2,417366.5],[96576.0,417328.4]]]]}";
        let row = ParcelRow {
            pid: "575541".to_owned(),
            crop_name: Some("Grasland, blijvend".to_owned()),
            crop_code: Some("265".to_owned()),
            srid: Some(28992),
            geometry: Some(geometry.to_owned()),
            area_m2: Some(8137.2),
            lon: Some(4.4312),
            lat: Some(51.7387),
        };
        let expected = "{\"pid\":[\"575541\"],\"cropname\":[\"Grasland, blijvend\"],\"cropcode\":[\"265\"],\"srid\":[28992],\
             \"geom\":[\"{\\\"type\\\":\\\"MultiPolygon\\\",\\\"coordinates\\\":[[[[96576.0,417328.4],[96574.2,417366.5],\
             [96576.0,417328.4]]]]}\"],\"area\":[8137],\"clon\":[4.4312],\"clat\":[51.7387]}";
        assert_eq!(parcels(&[row], ParcelColumns { only_ids: false, geometry: true }), expected);
    }

    #[test]
    fn nothing_found_keeps_every_key() {
        assert_eq!(
            parcels(&[], ParcelColumns { only_ids: false, geometry: false }),
            "{\"pid\":[],\"cropname\":[],\"cropcode\":[],\"srid\":[],\"area\":[],\"clon\":[],\"clat\":[]}"
        );
        assert_eq!(parcels(&[], ParcelColumns { only_ids: true, geometry: true }), "{\"pid\":[],\"geom\":[]}");
        assert_eq!(peers(&[]), "{\"pids\":[],\"distance\":[]}");
        assert_eq!(chips(&[]), "{\"dates\":[],\"chips\":[]}");
        assert_eq!(weather(&[]).json(), "{\"meteo_date\":[],\"tmin\":[],\"tmax\":[],\"tmean\":[],\"prec\":[]}");
        assert_eq!(histograms(&[]).json(), "{\"obsid\":[],\"hist\":[]}");
        assert!(markers("7", &[]).starts_with("{\"foi_id\":[],\"marker\":[]") && markers("7", &[]).ends_with("\"practice\":[]}"));
    }

    #[test]
    fn peers_are_the_published_example_and_ids_keep_their_quotes() {
        let rows =
            [PeerRow { pid: "315202".to_owned(), distance_m: 0.0 }, PeerRow { pid: "31'50\"77".to_owned(), distance_m: 41.7 }];
        assert_eq!(peers(&rows), "{\"pids\":[\"315202\",\"31'50\\\"77\"],\"distance\":[0.0,41.7]}");
    }

    #[test]
    fn a_table_as_csv_escapes_quotes_and_formulas() {
        let mut rows = example();
        rows[0].reference = Some("=HYPERLINK(\"x\")".to_owned());
        rows[1].std = f64::NAN;
        let text = time_series(&rows, true, true).csv();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "date_part,band,count,mean,std,min,p25,p50,p75,max,hist,reference");
        assert_eq!(
            lines[1],
            "1578134451.0,B04,97,439.5,6.9,423,434,438,444,454,\"{\"\"4\"\":24,\"\"5\"\":1}\",\"'=HYPERLINK(\"\"x\"\")\""
        );
        assert!(lines[2].starts_with("1578134451.0,B08,97,2761.6,,2684,"), "{}", lines[2]);
    }

    #[test]
    fn wrong_bodies_get_the_known_texts() {
        assert_eq!(batch_error("size not allowed as key"), "{\"error\":\"size not allowed as key\"}");
    }
}
