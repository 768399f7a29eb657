//! Writing small images.

use std::path::Path;

use gdal::raster::{Buffer, GdalType, RasterCreationOptions};
use gdal::{Dataset, DriverManager};

use super::fact_of;
use crate::io::{IoError, crs};
use crate::model::Grid;
use crate::model::stored::Pixels;

/// Writes bands of one grid and one type of number as a deflated `GeoTIFF`, with its place on earth.
///
/// * **Errors:** also bands of different types or of another size than the grid.
pub fn write(path: &Path, grid: &Grid, bands: &[Pixels], nodata: Option<f64>) -> Result<(), IoError> {
    crate::io::gdal_log::install();
    let fail = |fact: String| IoError::File { operation: "write the image".to_owned(), fact, path: path.to_owned() };
    if bands.iter().any(|band| band.len() != grid.len()) {
        return Err(fail(format!("its bands do not have {} x {} pixels", grid.width, grid.height)));
    }
    let written = match bands.first() {
        Some(Pixels::U8(_)) => {
            of_type(path, grid, nodata, bands, |band| if let Pixels::U8(own) = band { Some(own) } else { None })
        }
        Some(Pixels::U16(_)) => {
            of_type(path, grid, nodata, bands, |band| if let Pixels::U16(own) = band { Some(own) } else { None })
        }
        Some(Pixels::F32(_)) => {
            of_type(path, grid, nodata, bands, |band| if let Pixels::F32(own) = band { Some(own) } else { None })
        }
        None => return Err(fail("it has no band".to_owned())),
    };
    written.map_err(|error| match error {
        Fault::Gdal(error) => fail(fact_of(&error)),
        Fault::Mixed => fail("its bands hold different types of numbers".to_owned()),
        Fault::System(error) => error,
    })
}

enum Fault {
    Gdal(gdal::errors::GdalError),
    Mixed,
    System(IoError),
}

impl From<gdal::errors::GdalError> for Fault {
    fn from(error: gdal::errors::GdalError) -> Self {
        Self::Gdal(error)
    }
}

fn of_type<T: GdalType + Copy>(
    path: &Path,
    grid: &Grid,
    nodata: Option<f64>,
    bands: &[Pixels],
    own: impl Fn(&Pixels) -> Option<&Vec<T>>,
) -> Result<(), Fault> {
    let options: RasterCreationOptions = ["COMPRESS=DEFLATE"].into_iter().collect();
    let driver = DriverManager::get_driver_by_name("GTiff")?;
    let size = (grid.width, grid.height);
    let mut dataset: Dataset = driver.create_with_band_type_with_options::<T, _>(path, size.0, size.1, bands.len(), &options)?;
    dataset.set_geo_transform(&[grid.left, grid.pixel_x, 0.0, grid.top, 0.0, -grid.pixel_y])?;
    dataset.set_spatial_ref(&crs::reference(&grid.crs).map_err(Fault::System)?)?;
    for (number, pixels) in bands.iter().enumerate() {
        let mut band = dataset.rasterband(number + 1)?;
        band.set_no_data_value(nodata)?;
        let values = own(pixels).ok_or(Fault::Mixed)?;
        band.write((0, 0), size, &mut Buffer::new(size, values.clone()))?;
    }
    Ok(dataset.close()?)
}
