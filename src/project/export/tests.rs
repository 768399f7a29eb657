//! Tests of captions and of the calendar's JSON on hand-made data.

use std::sync::Arc;

use jiff::Timestamp;

use super::{CalendarOptions, Shown, captions, json};
use crate::engine::calendar::{Cell, Entry, Layout, Row};
use crate::engine::stretch::Picture;
use crate::model::catalog::{Calibration, Origin};
use crate::model::parcels::{ParcelRow, ParcelsBuilder};
use crate::model::project_file::Binning;
use crate::model::units::utc_day;
use crate::model::view::Polarisation;
use crate::model::{Acquisition, AcquisitionIx, Catalog, Crs, Granule, MaskSet, ParcelIx, Pass, Sensor, Signal, Stretch, View};
use crate::project::Dataset;
use crate::project::queries::chip::ParcelChip;
use crate::project::queries::picture::ChipPicture;

fn acquisition(sensor: Sensor, acquired: &str, synthetic: bool) -> Acquisition {
    let acquired: Timestamp = acquired.parse().expect("a time");
    let granule = Granule {
        name: "product".to_owned(),
        acquired,
        tile: None,
        baseline: Some("04.00".to_owned()),
        boa_offset_dn: 0.0,
        offset_origin: Origin::Assumed,
        clear_share: None,
        bands: Vec::new(),
        calibration: None,
        synthetic,
        remote: false,
    };
    let radar = sensor != Sensor::S2;
    Acquisition {
        sensor,
        acquired,
        first: (sensor == Sensor::S1Coherence).then(|| acquired - jiff::SignedDuration::from_hours(144)),
        platform: if radar { "S1A" } else { "S2A" }.to_owned(),
        relative_orbit: Some(if radar { 37 } else { 51 }),
        pass: radar.then_some(Pass::Descending),
        pass_origin: Origin::Name,
        granules: vec![granule],
    }
}

fn shown(catalog: &Catalog, index: u32, clear_share: f64) -> Shown {
    let acquisition = AcquisitionIx(index);
    let chip = Arc::new(ParcelChip { chip: None, outline: Vec::new(), neighbours: Vec::new() });
    let picture = Picture { width: 1, height: 1, rgba: vec![0; 4], limits: vec![(0.1, 0.5), (0.0, 0.4), (0.02, 0.25)] };
    Shown {
        entry: Entry { acquisition, day: utc_day(catalog.get(acquisition).acquired), clear_share },
        granule: 0,
        picture: Arc::new(ChipPicture { picture: Some(picture), masked: Vec::new(), chip }),
    }
}

#[test]
fn the_json_lists_every_cell_and_every_acquisition_once() {
    let times = ["2019-04-16T10:56:58Z", "2019-04-17T10:46:58Z", "2019-05-01T10:56:58Z"];
    let catalog = Catalog { acquisitions: times.map(|time| acquisition(Sensor::S2, time, false)).to_vec(), problems: Vec::new() };
    let mut parcels = ParcelsBuilder::new(Crs::Epsg(32631));
    parcels.push(ParcelRow { id: "007".to_owned(), ..ParcelRow::default() });
    let dataset = Dataset {
        parcels: Arc::new(parcels.finish(Vec::new())),
        catalog: Arc::new(catalog),
        import_problems: Vec::new(),
        tables: None,
    };
    let shown: Vec<Shown> = (0..3).map(|i| shown(&dataset.catalog, i, [0.123_456, 1.0, 0.0][i as usize])).collect();
    let row = |label: &str, indices: &[usize]| Row {
        label: label.to_owned(),
        start: format!("{label}-01").parse().expect("a date"),
        cells: vec![Cell { entries: indices.iter().map(|&i| shown[i].entry).collect() }, Cell::default()],
    };
    let layout =
        Layout { columns: vec!["a".to_owned(), "b".to_owned()], rows: vec![row("2019-04", &[1, 0]), row("2019-05", &[2])] };
    let options = CalendarOptions {
        view: View::default(),
        stretch: Stretch::Fixed,
        bins: Binning::HalfWeek,
        margin_m: 100,
        cell_px: 96,
        mask: MaskSet::default(),
        from: None,
        to: None,
    };
    let json = json::calendar(&dataset, ParcelIx(0), &options, &layout, &shown);
    assert_eq!(json["parcel_id"], "007");
    assert_eq!(json["rows"][0]["label"], "2019-04");
    assert_eq!(json["rows"][0]["cells"].as_array().map(Vec::len), Some(2), "empty cells are listed too");
    let first = &json["rows"][0]["cells"][0]["acquisitions"];
    assert_eq!(first[0]["acquired_utc"], "2019-04-17T10:46:58Z");
    assert_eq!((&first[0]["shown"], &first[1]["shown"]), (&true.into(), &false.into()));
    assert_eq!(first[1]["clear_share"], 0.1235);
    assert_eq!(first[0]["stretch"], serde_json::json!([[0.1, 0.5], [0.0, 0.4], [0.02, 0.25]]));
    assert_eq!((&first[0]["platform"], &first[0]["relative_orbit"]), (&"S2A".into(), &51.into()));
    let all = json["rows"].as_array().expect("rows").iter().flat_map(|row| row["cells"].as_array().expect("cells"));
    let mut times_listed: Vec<String> = all
        .flat_map(|cell| cell["acquisitions"].as_array().expect("acquisitions"))
        .map(|one| one["acquired_utc"].as_str().expect("text").to_owned())
        .collect();
    times_listed.sort();
    assert_eq!(times_listed, times);
}

#[test]
fn details_name_satellite_orbit_pair_and_synthetic_data() {
    let time = "2019-04-16T05:56:58Z";
    assert_eq!(captions::detail(&acquisition(Sensor::S2, time, false)), "S2A R051");
    assert_eq!(captions::detail(&acquisition(Sensor::S1Backscatter, time, false)), "S1A D037");
    assert_eq!(captions::detail(&acquisition(Sensor::S1Coherence, time, true)), "S1A D037 6 d synthetic");
}

#[test]
fn panel_titles_carry_their_unit() {
    let index = |name: &str| Signal::Index(name.to_owned());
    for (signals, title) in [
        (vec![index("NDVI")], "NDVI"),
        (vec![Signal::Coherence(Polarisation::Vv), Signal::Coherence(Polarisation::Vh)], "Coherence VV, VH"),
        (vec![Signal::BackscatterDb(Polarisation::Vv)], "Backscatter VV (dB)"),
        (vec![Signal::BackscatterRatioDb], "VH/VV (dB)"),
        (vec![Signal::parse("B04"), index("BSI")], "B04 (reflectance), BSI"),
        (Vec::new(), ""),
    ] {
        assert_eq!(captions::panel_title(&signals, None), title);
    }
    let both = [Polarisation::Vv, Polarisation::Vh].map(Signal::BackscatterDb);
    assert_eq!(captions::panel_title(&both, Some(Calibration::Gamma0)), "γ0 VV, VH (dB)");
}
