//! Tests of signal values against closed forms.

use super::*;
use crate::model::settings::MaskSet;
use crate::model::{Crs, PixelRule};

fn window(band: &str, pixel: f64, width: usize, values: &[f32]) -> BandWindow {
    let height = values.len() / width;
    let grid = Grid { crs: Crs::Epsg(32631), left: 0.0, top: 40.0, pixel_x: pixel, pixel_y: pixel, width, height };
    BandWindow { band: Band::new(band), grid, values: values.to_vec() }
}

/// The whole of 40 m by 40 m.
fn parcel() -> Polygons {
    Polygons { parts: vec![vec![vec![[0.0, 0.0], [40.0, 0.0], [40.0, 40.0], [0.0, 40.0]]]] }
}

fn see(signal: &Signal, windows: &[BandWindow], scl: Option<&BandWindow>, rule: IndexRule) -> SignalValue {
    let (indices, _) = IndexSet::new(&[]);
    observe(signal, windows, scl, &parcel(), &ObservationSettings::default(), &indices, rule)
}

const NAN: f32 = f32::NAN;

#[test]
fn a_band_is_the_mean_of_unmasked_pixels() {
    let b04 = window("B04", 20.0, 2, &[0.1, 0.2, 0.3, 0.9]);
    let scl = window("SCL", 20.0, 2, &[4.0, 5.0, 4.0, 9.0]);
    let found = see(&Signal::parse("B04"), &[b04], Some(&scl), IndexRule::PerPixel);
    assert!((found.value - 0.2).abs() < 1e-6);
    assert_eq!((found.stats.pixels, found.stats.masked, found.stats.count), (4.0, 1.0, 3.0));
    assert_eq!((found.usable_share, found.state), (0.75, ObservationState::Ok));
}

#[test]
fn too_few_clear_pixels_are_masked_but_keep_their_value() {
    let b04 = window("B04", 20.0, 2, &[0.1, 0.2, 0.3, 0.8]);
    for (classes, value, count) in [([4.0, 9.0, 9.0, 9.0], 0.1, 1.0), ([9.0; 4], 0.35, 0.0)] {
        let found =
            see(&Signal::parse("B04"), std::slice::from_ref(&b04), Some(&window("SCL", 20.0, 2, &classes)), IndexRule::PerPixel);
        assert!((found.value - value).abs() < 1e-6);
        assert_eq!((found.stats.count, found.state), (count, ObservationState::Masked));
    }
    let half = see(&Signal::parse("B04"), &[b04], Some(&window("SCL", 20.0, 2, &[4.0, 4.0, 9.0, 9.0])), IndexRule::PerPixel);
    assert_eq!(half.state, ObservationState::Ok);
}

#[test]
fn no_value_anywhere_is_no_data_also_under_clouds_or_outside() {
    let empty = window("B04", 20.0, 2, &[NAN; 4]);
    let clouds = window("SCL", 20.0, 2, &[9.0; 4]);
    for (windows, scl) in [(vec![empty.clone()], None), (vec![empty], Some(&clouds)), (vec![], None)] {
        let found = see(&Signal::parse("B04"), &windows, scl, IndexRule::PerPixel);
        assert!(found.value.is_nan());
        assert_eq!(found.state, ObservationState::NoData);
    }
    assert_eq!(see(&Signal::parse("NOSUCH"), &[], None, IndexRule::PerPixel).state, ObservationState::NoData);
    let full = window("B04", 20.0, 2, &[0.1; 4]);
    let (indices, _) = IndexSet::new(&[]);
    let signal = Signal::parse("B04");
    let found =
        observe(&signal, &[full], None, &Polygons::default(), &ObservationSettings::default(), &indices, IndexRule::PerPixel);
    assert_eq!((found.state, found.usable_share), (ObservationState::NoData, 0.0));
}

#[test]
fn per_pixel_indices_and_indices_of_means_differ_as_they_should() {
    let red = window("B04", 10.0, 4, &[0.1, 0.3].repeat(8));
    let nir = window("B08", 20.0, 2, &[0.3; 4]);
    let windows = [red, nir];
    let per_pixel = see(&Signal::parse("NDVI"), &windows, None, IndexRule::PerPixel);
    assert!((per_pixel.value - 0.25).abs() < 1e-6 && (per_pixel.stats.std - 0.25).abs() < 1e-6);
    assert_eq!(per_pixel.stats.pixels, 16.0);
    let of_means = see(&Signal::parse("NDVI"), &windows, None, IndexRule::OfMeans);
    assert!((of_means.value - 0.1 / 0.5).abs() < 1e-6 && (of_means.stats.std - 0.25).abs() < 1e-6);
    let own = see(&Signal::parse("X=(B8-B4)/(B8+B4)"), &windows, None, IndexRule::PerPixel);
    assert_eq!(own, per_pixel);
}

#[test]
fn backscatter_is_averaged_as_power_and_ignores_the_classification() {
    let vv = window("VV", 20.0, 2, &[0.1, 0.3, 0.2, NAN]);
    let clouds = window("SCL", 20.0, 2, &[9.0; 4]);
    let found = see(&Signal::parse("VV_db"), &[vv], Some(&clouds), IndexRule::PerPixel);
    assert!((found.value - 10.0 * 0.2f64.log10()).abs() < 1e-6);
    assert!((found.stats.p25 - 10.0 * 0.15f64.log10()).abs() < 1e-6 && found.stats.std.is_nan());
    assert_eq!((found.stats.count, found.stats.nodata, found.state), (3.0, 1.0, ObservationState::Ok));
}

#[test]
fn the_ratio_is_that_of_mean_powers() {
    let vv = window("VV", 20.0, 2, &[0.1, 0.3, NAN, 0.2]);
    let vh = window("VH", 20.0, 2, &[0.02, 0.02, 0.5, NAN]);
    let found = see(&Signal::parse("VH_VV_db"), &[vv, vh], None, IndexRule::PerPixel);
    assert!((found.value - 10.0 * 0.1f64.log10()).abs() < 1e-5, "{}", found.value);
    assert_eq!(found.stats.count, 2.0);
}

#[test]
fn coherence_keeps_its_unit_and_few_pixels_are_enough() {
    let vv = window("VV", 20.0, 2, &[0.6, NAN, NAN, NAN]);
    let found = see(&Signal::parse("COH_VV"), &[vv], None, IndexRule::PerPixel);
    assert!((found.value - 0.6).abs() < 1e-6);
    assert_eq!((found.usable_share, found.state), (0.25, ObservationState::Ok));
}

#[test]
fn coverage_counts_areas_in_pixels() {
    let (indices, _) = IndexSet::new(&[]);
    let settings = ObservationSettings { pixels: PixelRule::Coverage, mask: MaskSet::NONE, ..ObservationSettings::default() };
    let outline = Polygons { parts: vec![vec![vec![[0.0, 0.0], [30.0, 0.0], [30.0, 40.0], [0.0, 40.0]]]] };
    let b04 = window("B04", 20.0, 2, &[0.1, 0.4, 0.1, 0.4]);
    let found = observe(&Signal::parse("B04"), &[b04], None, &outline, &settings, &indices, IndexRule::PerPixel);
    assert_eq!(found.stats.pixels, 3.0);
    assert!((found.value - 0.2).abs() < 1e-6);
}
