//! The routes, under every spelling that clients use.

use crate::contract::{ACQUISITIONS_ROUTE, SIGNAL_ROUTE};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// What the server offers.
    Info,
    /// Parcels at a place.
    ParcelByLocation,
    /// One parcel.
    ParcelById,
    /// Parcels that meet a polygon.
    ParcelsByPolygon,
    /// Parcels of the same crop.
    ParcelPeers,
    /// Statistics of bands.
    ParcelTimeSeries,
    /// Weather.
    WeatherTimeSeries,
    /// Markers.
    Markers,
    /// A page of pictures around a place.
    ChipsByLocation,
    /// A page of pictures around a parcel.
    ChipsByParcelId,
    /// Pieces of one band around a place.
    RawChipByLocation,
    /// Pieces of one band around a parcel.
    RawChipByParcelId,
    /// Pieces of many Sentinel-2 products.
    RawChipsBatch,
    /// Pieces of Sentinel-1 scenes.
    RawS1ChipsBatch,
    /// A background around a place.
    BackgroundByLocation,
    /// A background around a parcel.
    BackgroundByParcelId,
    /// Observations as the project has them.
    ParcelSignal,
    /// Acquisitions as the project has them.
    ParcelAcquisitions,
    /// Exchange of files, which there is none of here.
    Exchange,
    /// A file that an answer has named.
    File,
    /// Description of all routes.
    OpenApi,
    /// What this server is.
    Start,
}

/// Routes below `/query/` with their spellings, the first of which is that of JRC's server.
pub const QUERIES: &[(Route, &[&str])] = &[
    (Route::Info, &["info"]),
    (Route::ParcelByLocation, &["parcelByLocation"]),
    (Route::ParcelById, &["parcelByID", "parcelById"]),
    (Route::ParcelsByPolygon, &["parcelsByPolygon", "parcelByPolygon"]),
    (Route::ParcelPeers, &["parcelPeers"]),
    (Route::ParcelTimeSeries, &["parcelTimeSeries"]),
    (Route::WeatherTimeSeries, &["weatherTimeSeries"]),
    (Route::Markers, &["markers"]),
    (Route::ChipsByLocation, &["chipsByLocation", "chipByLocation"]),
    (Route::ChipsByParcelId, &["chipsByParcelID", "chipsByParcelId", "chipByParcelID"]),
    (Route::RawChipByLocation, &["rawChipByLocation", "rawChipsByLocation"]),
    (Route::RawChipByParcelId, &["rawChipByParcelID", "rawChipByParcelId", "rawChipsByParcelID"]),
    (Route::RawChipsBatch, &["rawChipsBatch", "rawChipBatch"]),
    (Route::RawS1ChipsBatch, &["rawS1ChipsBatch", "rawS1ChipBatch"]),
    (Route::BackgroundByLocation, &["backgroundByLocation"]),
    (Route::BackgroundByParcelId, &["backgroundByParcelID", "backgroundByParcelId"]),
    (Route::ParcelSignal, &[SIGNAL_ROUTE]),
    (Route::ParcelAcquisitions, &[ACQUISITIONS_ROUTE]),
];

impl Route {
    /// The route of a path; of a file also its folder and name. Letter case of routes does not matter, double slashes neither.
    pub fn of(path: &str) -> Option<(Self, Vec<&str>)> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let query = |name: &str| {
            let spelled = |(_, names): &&(Self, &[&str])| names.iter().any(|own| own.eq_ignore_ascii_case(name));
            QUERIES.iter().find(spelled).map(|(route, _)| *route)
        };
        let route = match parts.as_slice() {
            [] => Self::Start,
            ["openapi.json"] => Self::OpenApi,
            ["query", name] => query(name)?,
            ["dump", folder, file] | ["static", "tmp", folder, file] => return Some((Self::File, vec![folder, file])),
            ["files", ..] => Self::Exchange,
            _ => return None,
        };
        Some((route, Vec::new()))
    }

    /// Name in the access log and in descriptions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exchange => "/files",
            Self::File => "/dump",
            Self::OpenApi => "/openapi.json",
            Self::Start => "/",
            _ => QUERIES.iter().find(|(route, _)| *route == self).map_or("", |(_, names)| names[0]),
        }
    }

    /// True for routes that carry a body.
    pub fn posts(self) -> bool {
        matches!(self, Self::RawChipsBatch | Self::RawS1ChipsBatch)
    }

    /// True for routes that only known users may ask. Files are told by secret names instead.
    pub fn guarded(self) -> bool {
        !matches!(self, Self::File | Self::OpenApi | Self::Start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_leads_to_its_route() {
        for (route, names) in QUERIES {
            for name in *names {
                for path in [format!("/query/{name}"), format!("//query//{name}/"), format!("/query/{}", name.to_lowercase())] {
                    assert_eq!(Route::of(&path), Some((*route, Vec::new())), "{path}");
                }
            }
        }
        for path in ["/dump/a/b.tif", "/static/tmp/a/b.tif", "/static//tmp/a/b.tif"] {
            assert_eq!(Route::of(path), Some((Route::File, vec!["a", "b.tif"])), "{path}");
        }
    }

    #[test]
    fn other_paths_lead_nowhere() {
        for path in ["/query", "/query/parcelStatsPeers", "/query/info/x", "/dump/a", "/dump/a/b/c", "/static/a/b", "/etc/passwd"]
        {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }
}
