//! Numbers of the engine against independent calculations.

use parcelight::engine::indices::IndexSet;
use parcelight::model::Band;
use serde_json::Value;

/// `tests/golden/sen4cap/index_vectors.json`: all formulas on 22 spectra, from a separate small calculation.
#[test]
fn index_values_equal_the_worked_examples() {
    let text = include_str!("golden/sen4cap/index_vectors.json");
    let file: Value = serde_json::from_str(text).expect("the file is JSON");
    let tolerance = file["tolerance"].as_f64().expect("a tolerance");
    let (set, refused) = IndexSet::new(&[]);
    assert_eq!(refused, []);
    let mut compared = 0;
    for row in file["rows"].as_array().expect("rows") {
        let spectrum = row["bands"].as_object().expect("bands");
        let reflectance = |band: &Band| {
            let known = spectrum.iter().find(|(name, _)| Band::parse(name).as_ref() == Some(band));
            known.and_then(|(_, value)| value.as_f64()).unwrap_or(f64::NAN)
        };
        for (name, expected) in row["expected"].as_object().expect("expected values") {
            let formula = set.get(name).expect("every index of the file is shipped");
            let values: Vec<f64> = formula.bands().iter().map(reflectance).collect();
            let found = formula.eval(&values);
            let pixels: Vec<[f32; 1]> = values.iter().map(|&value| [value as f32]).collect();
            let pixel = f64::from(formula.eval_pixels(&pixels.iter().map(<[f32; 1]>::as_slice).collect::<Vec<_>>())[0]);
            match expected.as_f64() {
                Some(expected) => {
                    assert!((found - expected).abs() <= tolerance, "{name} of {}: {found} instead of {expected}", row["name"]);
                    // Pixels are single precision: relative to the size of the value.
                    assert!(
                        (pixel - expected).abs() <= 1e-5 * expected.abs().max(1.0),
                        "{name} of {}: pixel {pixel}",
                        row["name"]
                    );
                }
                None => assert!(found.is_nan(), "{name} of {} must be undefined, is {found}", row["name"]),
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 22 * 30);
}
