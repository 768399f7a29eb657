//! What each route answers. Everything here may block.

mod background;
mod chips;
mod own;
mod parcels;
mod series;

use super::asked::Asked;
use super::openapi;
use super::reply::{Refusal, Reply};
use super::routes::Route;
use crate::contract::write;

/// Answers a route; `file` is the folder and name of [`Route::File`].
pub fn answer(route: Route, asked: &Asked<'_>, file: &[String]) -> Result<Reply, Refusal> {
    match route {
        Route::Start => Ok(Reply::page(write::start_page(&asked.site.name, &asked.site.aoi, &asked.site.year))),
        Route::OpenApi => Ok(Reply::json(openapi::description(asked.site).to_string())),
        Route::Info => Ok(parcels::info(asked)),
        Route::ParcelById => parcels::by_id(asked),
        Route::ParcelByLocation => parcels::by_location(asked),
        Route::ParcelsByPolygon => parcels::by_polygon(asked),
        Route::ParcelPeers => parcels::peers(asked),
        Route::ParcelTimeSeries => series::time_series(asked),
        Route::WeatherTimeSeries => series::weather(asked),
        Route::Markers => series::markers(asked),
        Route::ChipsByLocation => chips::page(asked, asked.parameters.place()?),
        Route::ChipsByParcelId => match parcels::centre(asked)? {
            Some(place) => chips::page(asked, place),
            None => Ok(Reply::page(write::chips_page(&[]))),
        },
        Route::RawChipByLocation => chips::raw(asked, asked.parameters.place()?),
        Route::RawChipByParcelId => match parcels::centre(asked)? {
            Some(place) => chips::raw(asked, place),
            None => Ok(Reply::json(write::chips(&[]))),
        },
        Route::RawChipsBatch => chips::batch(asked),
        Route::RawS1ChipsBatch => chips::s1_batch(asked),
        Route::BackgroundByLocation => background::by_location(asked),
        Route::BackgroundByParcelId => background::by_parcel(asked),
        Route::ParcelSignal => own::signal(asked),
        Route::ParcelAcquisitions => own::acquisitions(asked),
        Route::Exchange => Err(Refusal::Missing("This server exchanges no files; it only serves one project.".to_owned())),
        Route::File => chips::file(asked, file),
    }
}
