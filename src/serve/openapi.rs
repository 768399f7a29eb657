//! Description of all routes (`OpenAPI` 3.1), made of the table of routes, so that neither can forget the other.

use serde_json::{Map, Value, json};

use super::routes::{QUERIES, Route};
use super::site::{BACKGROUND, Site};

/// A parameter: name, whether it must be there, JSON type, what it says.
type Parameter = (&'static str, bool, &'static str, &'static str);

const DATASET: &[Parameter] = &[
    ("aoi", true, "string", "Area; letter case does not matter."),
    ("year", true, "string", "Year of the declarations."),
    ("ptype", false, "string", "Parcel table beside the main one; there is none here, so a value gives {}."),
];
const PARCEL: &[Parameter] = &[("pid", true, "string", "Id of the parcel.")];
const PLACE: &[Parameter] =
    &[("lon", true, "number", "Degrees east (WGS 84)."), ("lat", true, "number", "Degrees north (WGS 84).")];
const GEOMETRY: &[Parameter] = &[
    ("withGeometry", false, "string", "True adds geom: GeoJSON as text."),
    ("wgs84", false, "string", "True gives geom in longitude and latitude, else in the CRS of srid."),
];
const POLYGON: &[Parameter] = &[
    (
        "polygon",
        true,
        "string",
        "Closed ring in WGS 84: x_y joined by -, e.g. 4.1_50.7-4.2_50.7-4.2_50.8-4.1_50.7; numbers may have signs.",
    ),
    ("only_ids", false, "string", "True (default) gives ids only."),
];
const PEERS: &[Parameter] = &[
    ("distance", false, "number", "Edge to edge, m (default 2000); inf takes the whole project."),
    ("max", false, "integer", "Nearest so many (default 10, at most 10000)."),
    ("min_area_m2", false, "number", "Smaller parcels are no peers (default 3000). Of Parcelight servers."),
];
const SERIES: &[Parameter] = &[
    ("tstype", false, "string", "s2 (default), bs, c6 or scl."),
    ("band", false, "string", "One band; without it B02, B03, B04, B05, B08 and B11, or both polarisations."),
    ("scl", false, "string", "True (default) adds hist to s2."),
    ("ref", false, "string", "True adds reference: the product's name."),
    ("tsformat", false, "string", "csv gives an attachment."),
];
const FORMAT: &[Parameter] = &[("tsformat", false, "string", "csv gives an attachment.")];
const DATES: &[Parameter] = &[
    ("start_date", true, "string", "First day, YYYY-MM-DD."),
    ("end_date", true, "string", "Last day, included."),
    ("plevel", false, "string", "LEVEL2A (default); LEVEL1C is not here and gives nothing."),
];
const RAW: &[Parameter] = &[
    ("band", false, "string", "B02 to B12 or SCL (default B08)."),
    ("chipsize", false, "number", "Side, m (default 1280, at most 5120)."),
    ("onlylist", false, "string", "True gives the names of products only."),
];
const PAGE: &[Parameter] = &[
    ("bands", false, "string", "Three names (default B08_B04_B03)."),
    ("lut", false, "string", "Two percentiles (default 5_95) or six limits in digital numbers."),
];
const BACKGROUNDS: &[Parameter] = &[
    ("chipsize", false, "integer", "Pixels across (default 256)."),
    ("extend", false, "number", "Metres of EPSG:3857 across (default 256)."),
    ("tms", false, "string", "sentinel, the newest clear image of the project (default); other names give {}."),
    ("iformat", false, "string", "png (default) or tif."),
    ("raw", false, "string", "Any value gives the path of a file instead of a page."),
];
const SIGNAL: &[Parameter] = &[
    ("signal", true, "string", "B04, NDVI, VV_db, VH_db, VH_VV_db, COH_VV, COH_VH, an index of the project, or NAME=expression."),
    ("expression", false, "string", "Expression of a signal that is only named."),
    ("pixels", false, "string", "centre or coverage (default: the project's)."),
    ("buffer_m", false, "number", "Outline grown or shrunk first, m (default: the project's)."),
    ("mask", false, "string", "none or scene classes such as 0,1,3,8,9,10,11 (default: the project's)."),
    ("min_usable_share", false, "number", "0 to 1 (default: the project's)."),
    ("rule", false, "string", "per-pixel (default) or of-means."),
];

/// What a route does and what it is asked with.
fn about(route: Route) -> (&'static str, &'static [&'static [Parameter]]) {
    match route {
        Route::Info => ("What the server offers", &[&[("aoi", false, "string", "Only this area.")]]),
        Route::ParcelByLocation => ("Parcels that hold a place", &[DATASET, PLACE, GEOMETRY]),
        Route::ParcelById => ("One parcel", &[DATASET, PARCEL, GEOMETRY]),
        Route::ParcelsByPolygon => ("The first hundred parcels that meet a polygon", &[DATASET, POLYGON, GEOMETRY]),
        Route::ParcelPeers => ("Parcels of the same crop, nearest first", &[DATASET, PARCEL, PEERS]),
        Route::ParcelTimeSeries => ("Statistics of bands over a parcel: centre rule, nothing masked", &[DATASET, PARCEL, SERIES]),
        Route::WeatherTimeSeries => ("Weather at a parcel, when the server was given any", &[DATASET, PARCEL, FORMAT]),
        Route::Markers => ("Markers of a parcel, when the server was given any", &[DATASET, PARCEL]),
        Route::ChipsByLocation => ("Page of pictures around a place", &[PLACE, DATES, PAGE]),
        Route::ChipsByParcelId => ("Page of pictures around a parcel", &[DATASET, PARCEL, DATES, PAGE]),
        Route::RawChipByLocation => ("Pieces of one Sentinel-2 band around a place, at most 24 new ones", &[PLACE, DATES, RAW]),
        Route::RawChipByParcelId => ("Pieces of one Sentinel-2 band around a parcel", &[DATASET, PARCEL, DATES, RAW]),
        Route::RawChipsBatch => ("Pieces of Sentinel-2 products, at most 36 new ones", &[]),
        Route::RawS1ChipsBatch => ("Pieces of Sentinel-1 scenes, at most 36 new scenes", &[]),
        Route::BackgroundByLocation => ("Background around a place", &[PLACE, BACKGROUNDS]),
        Route::BackgroundByParcelId => {
            ("Background around a parcel; withGeometry=True draws its outline", &[DATASET, PARCEL, BACKGROUNDS])
        }
        Route::ParcelSignal => {
            ("Observations of one signal as the project has them (Parcelight servers)", &[DATASET, PARCEL, SIGNAL])
        }
        Route::ParcelAcquisitions => {
            ("Acquisitions of a parcel as the project has them (Parcelight servers)", &[DATASET, PARCEL])
        }
        Route::Exchange | Route::File | Route::OpenApi | Route::Start => ("", &[]),
    }
}

/// The whole description.
pub fn description(site: &Site) -> Value {
    let mut paths = Map::new();
    for (route, names) in QUERIES {
        let method = if route.posts() { "post" } else { "get" };
        for (at, name) in names.iter().enumerate() {
            let mut told = operation(*route, name);
            if at > 0 {
                told["summary"] = json!(format!("Another spelling of {}", names[0]));
            }
            paths.insert(format!("/query/{name}"), json!({ method: told }));
        }
    }
    for path in ["/dump/{folder}/{file}", "/static/tmp/{folder}/{file}"] {
        paths.insert(path.to_owned(), json!({ "get": file_operation() }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("Parcelight: {}", site.name),
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!(
                "The REST contract of JRC's Checks by Monitoring for the area {} and the year {}. Answers are column-oriented: one \
                 object of equally long arrays. No rows keep every key with []; {{}} means that there is no such thing. Background: {}.",
                site.aoi, site.year, BACKGROUND
            ),
        },
        "paths": paths,
        "components": { "securitySchemes": { "basic": { "type": "http", "scheme": "basic" } } },
        "security": if site.gate.is_some() { json!([{ "basic": [] }]) } else { json!([]) },
    })
}

fn operation(route: Route, name: &str) -> Value {
    let (summary, groups) = about(route);
    let parameters: Vec<Value> = groups
        .iter()
        .flat_map(|group| group.iter())
        .map(|(name, required, kind, text)| {
            json!({ "name": name, "in": "query", "required": required, "description": text, "schema": { "type": kind } })
        })
        .collect();
    let mut told = json!({
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": { "description": "The answer", "content": { content(route): {} } },
            "400": { "description": "A parameter is missing or cannot be read" },
            "401": { "description": "Unknown user, or one who may not see this area" },
            "500": { "description": "No such area or year, or the server has failed" },
        },
    });
    if route.posts() {
        told["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": batch(route) } } });
    }
    told
}

fn content(route: Route) -> &'static str {
    match route {
        Route::ParcelTimeSeries
        | Route::WeatherTimeSeries
        | Route::Markers
        | Route::ChipsByLocation
        | Route::ChipsByParcelId
        | Route::BackgroundByLocation
        | Route::BackgroundByParcelId => "text/html",
        _ => "application/json",
    }
}

/// Exactly these keys.
fn batch(route: Route) -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let mut properties = json!({
        "lon": { "type": "number" },
        "lat": { "type": "number" },
        "chipsize": { "type": "integer", "description": "Side, m" },
    });
    if route == Route::RawChipsBatch {
        properties["tiles"] = texts.clone();
        properties["bands"] = texts;
    } else {
        properties["dates"] = texts;
        properties["plevel"] = json!({ "type": "string", "enum": ["CARD-BS", "CARD-COH6"] });
    }
    let required: Vec<String> = properties.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn file_operation() -> Value {
    let parameter = |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    json!({
        "summary": "A file that an answer has named",
        "parameters": [parameter("folder"), parameter("file")],
        "security": [],
        "responses": {
            "200": { "description": "The file", "content": { "image/tiff": {}, "image/png": {} } },
            "404": { "description": "No such file, or not any more" },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_says_what_it_does() {
        for (route, names) in QUERIES {
            let (summary, groups) = about(*route);
            assert!(!summary.is_empty(), "{}", names[0]);
            assert!(route.posts() || !groups.is_empty(), "{} is asked with something", names[0]);
        }
    }
}
