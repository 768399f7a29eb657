//! Practice families against the worked examples in `tests/golden/practices`, from a separate small calculation.

use jiff::civil::Date;
use parcelight::engine::practices::bare_soil::{self, LabelParams, Observation, Params, Period, Preset, Sample};
use parcelight::engine::practices::mowing;
use parcelight::engine::practices::statistics::normal_exceeded_with;
use serde_json::Value;

/// Tolerance of the files.
const TOLERANCE: f64 = 1e-6;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn close(found: f64, expected: &Value, what: &str) {
    let expected = number(expected);
    assert!((found - expected).abs() <= TOLERANCE, "{what}: {found} instead of {expected}");
}

fn file(text: &str) -> Value {
    serde_json::from_str(text).expect("the file is JSON")
}

#[test]
fn confidences_fusion_and_factors_of_mowing_equal_the_worked_examples() {
    let file = file(include_str!("golden/practices/mowing.json"));
    for row in rows(&file["s1_confidence"]) {
        close(mowing::radar_confidence(number(&row["x"])), &row["expected"], "coherence");
    }
    for row in rows(&file["s2_confidence"]) {
        close(mowing::optical_confidence(number(&row["x"])), &row["expected"], "NDVI");
    }
    for row in rows(&file["fusion"]) {
        close(mowing::fused_confidence(numbers(&row["inputs"])), &row["expected"], "fusion");
    }
    for row in rows(&file["cfar_k"]) {
        close(normal_exceeded_with(number(&row["pfa"])), &row["k"], "factor");
    }
    let counts = ["s1_confidence", "s2_confidence", "fusion", "cfar_k"].map(|key| rows(&file[key]).len());
    assert_eq!(counts, [5, 5, 5, 3]);
}

#[test]
fn mowing_detections_equal_the_worked_examples() {
    let file = file(include_str!("golden/practices/mowing.json"));
    let mut compared = 0;
    for row in rows(&file["s2_series"]) {
        let given = &row["params"];
        let params = mowing::OpticalParams {
            min_drop: number(&given["abs"]),
            max_rate: number(&given["rate"]),
            max_recovery: number(&given["incr"]),
            high: number(&given["high"]),
            low: number(&given["low"]),
            ..mowing::OpticalParams::default()
        };
        assert_eq!(params, mowing::OpticalParams::default(), "the file has the default parameters");
        let found = mowing::optical(&numbers(&row["doy"]), &numbers(&row["ndvi"]), &params);
        let expected = rows(&row["expected"]);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(numbers(&expected["event_between_doy"]), [found.start, found.end]);
            close(found.excess, &expected["excess"], "excess");
            close(found.confidence, &expected["confidence"], "confidence");
            assert_eq!(found.evaluated, number(&expected["evaluated_at_doy"]));
            compared += 1;
        }
    }
    assert_eq!(compared, 10);
}

#[test]
fn labels_of_bare_soil_equal_the_worked_examples() {
    let file = file(include_str!("golden/practices/bare_soil_labels.json"));
    let plain = LabelParams::default();
    let limits = &file["thresholds"];
    assert_eq!(
        [plain.bare_ndvi, plain.covered_ndvi, plain.bare_ndti, plain.covered_ndti, plain.covered_fcover, plain.water_ndmi],
        ["bs_ndvi", "nbs_ndvi", "bs_ndti", "nbs_ndti", "nbs_fcover", "nbs_ndmi"].map(|key| number(&limits[key]))
    );
    let with_water = LabelParams { water: true, ..plain };
    for row in rows(&file["rows"]) {
        let [ndvi, ndti, ndmi, fcover] = ["ndvi", "ndti", "ndmi", "fcover"].map(|key| number(&row[key]));
        let sample = Sample { ndvi, ndti, ndmi, fcover };
        let name = |params| serde_json::to_value(bare_soil::label(&sample, params)).expect("a name");
        assert_eq!(name(&plain), row["expected"], "{row}");
        assert_eq!(name(&with_water), row["expected_with_water_class"], "{row}");
    }
    assert_eq!(rows(&file["rows"]).len(), 24);
}

/// Days since 1970 of an ISO date.
fn day(value: &Value) -> f64 {
    let date: Date = value.as_str().expect("a date").parse().expect("ISO");
    f64::from((date - Date::constant(1970, 1, 1)).get_days())
}

fn predictions(value: &Value) -> Vec<Observation> {
    let read = |row: &Value| Observation { day: day(&row[0]), bare: row[1] == "BS", confidence: number(&row[2]) };
    rows(value).iter().map(read).collect()
}

fn params(value: &Value) -> Params {
    Params {
        strong_bare: number(&value["thr_bs"]),
        strong_covered: number(&value["thr_nbs"]),
        short_days: number(&value["p_small"]),
        long_days: number(&value["p_long"]),
        max_periods: value["max_periods"].as_u64().expect("a number") as usize,
        preset: Preset::Webinar,
    }
}

/// Periods of a sensor, each compared with what the file expects.
fn compared(case: &Value, sensor: &str, shipped: &Params) -> Vec<Period> {
    let name = &case["name"];
    let params = params(&case[format!("params_{sensor}")]);
    assert_eq!(&params, shipped, "{name}: the file has the default parameters");
    let found = bare_soil::timeline(&predictions(&case[format!("observations_{sensor}")]), &params);
    let expected = rows(&case[format!("expected_{sensor}")]);
    assert_eq!(found.len(), expected.len(), "{name}: {found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(expected["M1"], 1, "{name}");
        let whole = |key: &str| expected[key].as_i64().map(|number| number as i32);
        assert_eq!((Some(found.m2), Some(found.m3)), (whole("M2"), whole("M3")), "{name}");
        assert_eq!((found.m4, found.m5, found.m6), (whole("M4"), whole("M5"), whole("M6")), "{name}");
        assert_eq!(found.start, day(&expected["start"]), "{name}");
        match found.end {
            Some(end) => assert_eq!(end, day(&expected["end"]), "{name}"),
            None => assert_eq!(expected["end"], "Continue", "{name}"),
        }
        assert_eq!(u64::from(found.scored), expected["nbr"].as_u64().expect("a number"), "{name}");
        assert_eq!(found.look_next(), expected["look_next"], "{name}");
        for (key, preset) in [("webinar", Preset::Webinar), ("table", Preset::Table)] {
            assert_eq!(expected["conf"][key], found.confidence(preset).to_string(), "{name} {key}");
        }
    }
    found
}

/// No deviation: every case of the file is equal, with both presets. Printed slide values (`slide_values`) that the recommended
/// rules read differently, such as Good or Strong for the Czech parcel, are the two presets.
#[test]
fn periods_of_bare_soil_equal_the_worked_examples() {
    let file = file(include_str!("golden/practices/bare_soil_timelines.json"));
    let cases = rows(&file["cases"]);
    for case in cases {
        let name = &case["name"];
        let optical = compared(case, "s2", &Params::sentinel2());
        assert_eq!(bare_soil::total_days(&optical), number(&case["expected_total_days_s2"]), "{name}");
        if case["observations_s1"].is_null() {
            continue;
        }
        let radar = compared(case, "s1", &Params::sentinel1());
        let combined = rows(&case["expected_combined"]);
        for (key, preset) in [("webinar", Preset::Webinar), ("table", Preset::Table)] {
            let found = bare_soil::combine(&optical, &radar, preset);
            assert_eq!(found.len(), combined.len(), "{name}");
            for (found, expected) in found.iter().zip(combined) {
                assert_eq!(expected[key], found.to_string(), "{name} {key}");
                assert_eq!(expected["s1_confirmed"], found.confirmed, "{name}");
            }
        }
    }
    assert_eq!(cases.len(), 15);
}
