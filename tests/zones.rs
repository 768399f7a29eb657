//! Zones, decline and spread on the parcels whose halves were planted: real pixels, known truth.

use std::path::{Path, PathBuf};

use geo::algorithm::bool_ops::BooleanOps as _;
use geo::{Area as _, MultiPolygon};

use parcelight::engine::coverage::{buffered, weights};
use parcelight::engine::heterogeneity::spread::relative_iqr;
use parcelight::engine::heterogeneity::zones::{
    DeclineInput, ZoneInput, decline, multi_polygon, peer_change, propose, zone_curves,
};
use parcelight::engine::zonal;
use parcelight::io::raster::read_windows;
use parcelight::io::scan::{ScanSource, scan};
use parcelight::io::vector::{Place, features, import};
use parcelight::model::project_file::{ParcelSource, Radiometry};
use parcelight::model::zones::{DeclineParams, PeerChange, ZoneParams};
use parcelight::model::{Band, BandWindow, Catalog, Crs, Grid, Parcels, PixelRule, Polygons, Watch};

fn root(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn golden(name: &str) -> PathBuf {
    root("tests/golden/data-synthetic/pajottenland_2019").join(name)
}

/// The sample's parcels and the images with planted halves.
struct Place2019 {
    parcels: Parcels,
    catalog: Catalog,
}

/// Pixels of a parcel: all of its box, and which are its own.
struct Chip {
    grid: Grid,
    outline: Polygons,
    inside: Vec<bool>,
    ndvi: Vec<f32>,
    nir: Vec<f32>,
}

impl Place2019 {
    fn open() -> Self {
        let source = ParcelSource {
            path: root("data-samples/pajottenland_2019/parcels_2019.gpkg"),
            id: Some("parcel_id".to_owned()),
            ..ParcelSource::default()
        };
        let parcels = import(&source, Some(&Crs::Epsg(32631)), &Watch::default()).expect("the sample's parcels").parcels;
        let images = ScanSource { path: golden("s2_half_parcel"), ..ScanSource::default() };
        Self { parcels, catalog: scan(&[images], &Radiometry::default(), &Watch::default()) }
    }

    /// A parcel at a day, its pixels those of the outline moved by so many metres.
    fn chip(&self, id: &str, day: &str, buffer_m: f64) -> Chip {
        let outline = self.parcels.outline(self.parcels.find(id).expect("a parcel of the sample"));
        let acquisition = self.catalog.acquisitions.iter().find(|own| own.acquired.to_string().starts_with(day)).expect("a date");
        let granule = &acquisition.granules[0];
        let assets = ["B04", "B08"].map(|name| granule.band(&Band::new(name)).expect("a band"));
        let mut read = read_windows(&assets, &outline.bounds().grown(20.0)).expect("pixels").into_iter().flatten();
        let (red, nir): (BandWindow, BandWindow) = (read.next().expect("red"), read.next().expect("near infrared"));
        let ndvi = red.values.iter().zip(&nir.values).map(|(red, nir)| (nir - red) / (nir + red)).collect();
        let inside = weights(&buffered(&outline, buffer_m), &red.grid, PixelRule::Centre).iter().map(|own| *own > 0.0).collect();
        Chip { grid: red.grid, outline, inside, ndvi, nir: nir.values }
    }
}

/// The planted half of a parcel.
fn truth(id: &str, part: &str) -> MultiPolygon<f64> {
    multi_polygon(&half(id, part))
}

fn half(id: &str, part: &str) -> Polygons {
    let layer = features(&golden("half_parcels.geojson"), |_| true).expect("the truth");
    let column = |name: &str| layer.columns.iter().position(|own| own == name).expect("a column");
    let (ids, parts) = (column("parcel_id"), column("part"));
    let half = layer.features.iter().find(|own| own.words[ids] == id && own.words[parts] == part).expect("a half");
    let Some(Place::Area(outline)) = &half.place else { panic!("an area") };
    outline.clone()
}

/// 1 below and 2 above the threshold that parts the pixels best (Otsu 1979), 0 outside.
fn two_classes(chip: &Chip) -> Vec<u8> {
    let mut own: Vec<f32> = chip.ndvi.iter().zip(&chip.inside).filter(|(_, inside)| **inside).map(|(value, _)| *value).collect();
    own.sort_by(f32::total_cmp);
    let mean = |values: &[f32]| values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64;
    let between = |at: usize| {
        let (low, high) = own.split_at(at);
        (low.len() * high.len()) as f64 * (mean(low) - mean(high)).powi(2)
    };
    let best = (1..own.len()).max_by(|&a, &b| between(a).total_cmp(&between(b))).expect("pixels");
    let threshold = own[best];
    let label = |(value, inside): (&f32, &bool)| if *inside { 1 + u8::from(*value >= threshold) } else { 0 };
    chip.ndvi.iter().zip(&chip.inside).map(label).collect()
}

fn iou(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> f64 {
    a.intersection(b).unsigned_area() / a.union(b).unsigned_area()
}

/// Worst overlap of the two halves with the zones that hold them, and the zones' number.
fn worst_overlap(id: &str, days: &[&str]) -> f64 {
    let place = Place2019::open();
    let chips: Vec<Chip> = days.iter().map(|day| place.chip(id, day, -5.0)).collect();
    let labels: Vec<Vec<u8>> = chips.iter().map(two_classes).collect();
    let periods: Vec<&[u8]> = labels.iter().map(Vec::as_slice).collect();
    let chip = &chips[0];
    let input = ZoneInput { grid: &chip.grid, inside: &chip.inside, periods: &periods, outline: &chip.outline };
    let zones = propose(input, &ZoneParams { max_zones: 2, ..ZoneParams::default() }).expect("two zones");
    assert_eq!(zones.len(), 2, "{id}");
    let total: f64 = zones.iter().map(|zone| zone.area_m2).sum();
    assert!((total - chip.outline.area()).abs() < 1e-4, "{total} {}", chip.outline.area());
    let halves = ["N", "S"].map(|part| truth(id, part));
    let best = |half: &MultiPolygon<f64>| zones.iter().map(|zone| iou(&multi_polygon(&zone.outline), half)).fold(0.0, f64::max);
    let found = halves.each_ref().map(best);
    println!("{id} {days:?}: IoU with the planted halves N {:.3}, S {:.3}", found[0], found[1]);
    let curves = zone_curves(&zones, &chips.iter().map(|chip| chip.ndvi.as_slice()).collect::<Vec<_>>());
    println!("  mean NDVI of the zones {:.3} {:.3}", curves[0][0].mean, curves[1][0].mean);
    found[0].min(found[1])
}

#[test]
fn a_half_ploughed_in_spring_is_a_zone_three_months_later() {
    let days = ["2019-07-20", "2019-07-25", "2019-07-30"];
    for days in [&days[1..2], &days[..]] {
        let worst = worst_overlap("FLAPAJ010", days);
        assert!(worst > 0.8, "{worst}");
    }
}

#[test]
fn a_half_mown_is_a_zone_while_it_grows_back() {
    for days in [&["2019-07-25"][..], &["2019-07-20", "2019-07-25", "2019-07-30"]] {
        let worst = worst_overlap("FLAPAJ006", days);
        assert!(worst > 0.8, "{worst}");
    }
}

#[test]
fn the_mown_half_declined_and_its_neighbour_did_not() {
    let place = Place2019::open();
    let found = |id: &str, peers: PeerChange| {
        let (before, after) = (place.chip(id, "2019-06-20", 0.0), place.chip(id, "2019-07-05", 0.0));
        let input = DeclineInput {
            grid: &before.grid,
            inside: &before.inside,
            earlier: &before.ndvi,
            later: &after.ndvi,
            outline: &before.outline,
            peers: Some(peers),
        };
        decline(input, &DeclineParams { min_peers: 3, ..DeclineParams::default() }).expect("asked")
    };
    // The unchanged halves and parcels that were grass in both images stand for peers.
    let mean = |id: &str, day: &str| {
        let chip = place.chip(id, day, -5.0);
        let stats = zonal::stats(&chip.ndvi, &chip.inside.iter().map(|own| f32::from(u8::from(*own))).collect::<Vec<_>>(), &[]);
        stats.mean
    };
    let own_crop = place.parcels.find("FLAPAJ006").and_then(|parcel| place.parcels.crop(parcel)).expect("a crop");
    let same = place.parcels.iter().filter(|&parcel| place.parcels.crop(parcel) == Some(own_crop));
    let ids: Vec<&str> = same.map(|parcel| place.parcels.id(parcel)).filter(|id| *id != "FLAPAJ006").collect();
    let changes: Vec<f64> = ids.iter().map(|id| mean(id, "2019-07-05") - mean(id, "2019-06-20")).collect();
    println!("peers ({own_crop}) {ids:?}: {changes:.3?}");
    let peers = peer_change(&changes).expect("peers");
    let mown = found("FLAPAJ006", peers);
    let overlap = iou(&multi_polygon(&mown.outline), &truth("FLAPAJ006", "S"));
    println!(
        "FLAPAJ006: {:.0} m2, {:.1} %, mean change {:.3}, IoU {overlap:.3} with {peers:?}",
        mown.area_m2, mown.percent, mown.mean_change
    );
    assert!(overlap > 0.8, "{overlap}");
    assert!((mown.percent - 50.0).abs() < 5.0, "{}", mown.percent);
    let calm = found(ids[0], peers);
    assert!(calm.percent < 5.0, "{} {}", ids[0], calm.percent);
}

#[test]
fn the_spread_of_near_infrared_equals_that_of_the_table_of_truth() {
    let place = Place2019::open();
    let mut reader = csv::Reader::from_path(golden("heterogeneity_by_date.csv")).expect("the table");
    let mut compared = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let expected: f64 = row[6].parse().expect("a number");
        let chip = place.chip(&row[0], &row[1][..10], 0.0);
        // The table was made of the pixels of the two halves.
        let halves = ["N", "S"].map(|part| weights(&half(&row[0], part), &chip.grid, PixelRule::Centre));
        let inside: Vec<f32> = halves[0].iter().zip(&halves[1]).map(|(north, south)| north + south).collect();
        let stats = zonal::stats(&chip.nir, &inside, &[]);
        let found = relative_iqr(stats.p25, stats.p50, stats.p75);
        println!("{} {}: {found:.4}, the table says {expected:.4}", &row[0], &row[1]);
        assert!((found - expected).abs() < 6e-5, "{} {}: {found} {expected}", &row[0], &row[1]);
        compared += 1;
    }
    assert_eq!(compared, 10);
}
