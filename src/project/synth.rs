//! A made-up project of any size on disk: parcels, images and project file.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rayon::prelude::*;

use crate::engine::synth::{Cadastre, Scene};
use crate::io::project_file;
use crate::io::synthetic::{SyntheticParcel, write_band, write_parcels};
use crate::model::project_file::{Display, FORMAT_VERSION, ImagerySource, ParcelSource, Radiometry};
use crate::model::settings::{ObservationSettings, PeerSettings};
use crate::model::{Crs, Grid, ProjectFile};

/// Bands that an image may have, in the order in which they are given out.
pub const BANDS: [&str; 12] = ["B02", "B03", "B04", "B08", "B05", "B06", "B07", "B8A", "B11", "B12", "B01", "B09"];

/// Bands that Sentinel-2 has at 10 m: the first of [`BANDS`].
const FINE: usize = 4;

/// What is made.
#[derive(Debug, Clone, Copy)]
pub struct SynthOptions {
    /// Number of parcels.
    pub parcels: usize,
    /// Pixels of 10 m on each side.
    pub pixels: usize,
    /// Band images in all, at most 12 a date.
    pub bands: usize,
    /// Dates, five days apart.
    pub dates: usize,
    /// Other numbers give another country.
    pub seed: u64,
    /// All bands at 10 m; otherwise those that Sentinel-2 has at 20 m have half the pixels a side.
    pub all_fine: bool,
}

impl SynthOptions {
    /// Bands of a date.
    pub fn bands_of_date(&self) -> usize {
        self.bands.div_ceil(self.dates.max(1))
    }

    /// The 10 m grid.
    pub fn grid(&self) -> Grid {
        Grid {
            crs: Crs::Epsg(32631),
            left: 600_000.0,
            top: 5_700_000.0,
            pixel_x: 10.0,
            pixel_y: 10.0,
            width: self.pixels,
            height: self.pixels,
        }
    }
}

/// Writes `parcels.gpkg`, `imagery/*.tif` and `synthetic.parcelight.toml` to a folder, and returns the path of the last.
pub fn write(folder: &Path, options: &SynthOptions) -> anyhow::Result<PathBuf> {
    let grid = options.grid();
    let cadastre = Cadastre::new(&grid, options.parcels, options.seed);
    let imagery = folder.join("imagery");
    std::fs::create_dir_all(&imagery).with_context(|| format!("cannot make the folder ({})", imagery.display()))?;
    write_images(&imagery, &cadastre, options)?;
    let path = folder.join("parcels.gpkg");
    if path.exists() {
        std::fs::remove_file(&path).with_context(|| format!("cannot replace the parcels ({})", path.display()))?;
    }
    let parcels = (0..cadastre.len()).map(|parcel| SyntheticParcel {
        id: cadastre.id(parcel),
        crop: cadastre.crop(parcel),
        outline: cadastre.outline(parcel),
    });
    write_parcels(&path, &grid.crs, parcels)?;
    let file = ProjectFile {
        version: FORMAT_VERSION.to_owned(),
        name: format!("Synthetic {} parcels", options.parcels),
        attribution: "Synthetic data, nothing here was observed".to_owned(),
        parcels: ParcelSource {
            path: "parcels.gpkg".into(),
            id: Some("parcel_id".to_owned()),
            crop_name: Some("crop".to_owned()),
            ..ParcelSource::default()
        },
        imagery: vec![ImagerySource { path: "imagery".into(), ..ImagerySource::default() }],
        tables: Vec::new(),
        remote: None,
        radiometry: Radiometry::default(),
        observations: ObservationSettings::default(),
        peers: PeerSettings::default(),
        display: Display::default(),
        indices: Vec::new(),
        backgrounds: Vec::new(),
        ruleset: None,
        decisions: None,
        heterogeneity: None,
        review: None,
        other_verdict: None,
    };
    let project = folder.join("synthetic.parcelight.toml");
    project_file::save(&project, &file)?;
    Ok(project)
}

/// Writes the images alone.
pub fn write_images(imagery: &Path, cadastre: &Cadastre, options: &SynthOptions) -> anyhow::Result<()> {
    let fine = options.grid();
    let coarse =
        Grid { pixel_x: 20.0, pixel_y: 20.0, width: fine.width.div_ceil(2), height: fine.height.div_ceil(2), ..fine.clone() };
    let per_date = options.bands_of_date();
    anyhow::ensure!(per_date <= BANDS.len(), "{per_date} bands a date, there are {}", BANDS.len());
    // One more for the scene classification, which comes first.
    let files: Vec<(usize, Option<usize>)> = (0..options.dates)
        .flat_map(|date| {
            let bands = per_date.min(options.bands.saturating_sub(date * per_date));
            std::iter::once(None).chain((0..bands).map(Some)).map(move |band| (date, band))
        })
        .collect();
    let first: jiff::civil::Date = jiff::civil::date(2024, 3, 1);
    files.par_iter().try_for_each(|&(date, band)| -> anyhow::Result<()> {
        let scene = Scene::new(cadastre, date);
        let day = first.checked_add(jiff::Span::new().days(5 * date as i64)).context("so many dates leave the calendar")?;
        let grid = match band {
            Some(band) if options.all_fine || band < FINE => &fine,
            _ => &coarse,
        };
        let name = band.map_or("SCL", |band| BANDS[band]);
        let stem = format!("SYN_S2A_{}T105000_T31UFS_N0500_{name}_{}m.tif", day.strftime("%Y%m%d"), grid.pixel_x);
        let path = imagery.join(stem);
        let tags = [
            ("PROCESSING_BASELINE", "05.00"),
            ("BOA_ADD_OFFSET", "-1000"),
            ("BOA_QUANTIFICATION_VALUE", "10000"),
            ("RELATIVE_ORBIT", "8"),
        ];
        match band {
            Some(band) => write_band::<u16>(&path, grid, &tags, Some(0.0), |row| scene.reflectance(grid, band, row))?,
            None => write_band::<u8>(&path, grid, &tags, None, |row| scene.classes(grid, row))?,
        }
        Ok(())
    })
}
