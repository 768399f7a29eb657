//! Colour classes against scikit-learn, and the option file that the JRC ships with its tool.

use parcelight::engine::markers::colours::Colours;
use parcelight::engine::markers::evaluate::{Outcome, Scratch};
use parcelight::io::ruleset::{import_jrc, parse, write};
use parcelight::model::{SampleColumn, SampleTable};
use parcelight::project::marking::compile;

fn rows(text: &str) -> Vec<[f64; 4]> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("four numbers")).collect()
}

#[test]
fn classes_equal_those_of_scikit_learn() {
    let colours = Colours::new(&rows(include_str!("../../assets/colours/nl2020_classes.csv")), 5);
    let expected = rows(include_str!("../golden/markers/colours/classes.csv"));
    assert!(expected.len() > 500);
    let mut near = Vec::new();
    for [red, green, blue, class] in expected {
        assert_eq!(colours.class([red, green, blue], &mut near), class, "{red} {green} {blue}");
    }
}

#[test]
fn the_option_file_that_the_jrc_ships_imports_completely_and_runs() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/markers/jrc-default/main.json");
    let rules = import_jrc(file.as_ref()).expect("imported").ruleset;
    assert_eq!(parse(&write(&rules).expect("written")).as_ref(), Ok(&rules), "it is the same after writing and reading");
    let plan = compile(&rules).expect("compiled");
    // A meadow, cut in July: bare until August. Then a cloud that the mask did not see.
    let days: Vec<f64> = (0..40).map(|at| 18_353.0 + 5.0 * f64::from(at)).collect();
    let cut = |day: &f64| (18_450.0..18_480.0).contains(day);
    let column = |name: &str, green: f64, bare: f64| {
        let value = |day: &f64| {
            if *day == 18_503.0 {
                12_000.0
            } else if cut(day) {
                bare
            } else {
                green
            }
        };
        SampleColumn::new(name, days.iter().map(value).collect())
    };
    let mut s2: Vec<SampleColumn> =
        ["B02_mean", "B03_mean", "B05_mean"].into_iter().map(|name| column(name, 500.0, 900.0)).collect();
    s2.extend([column("B08_mean", 4500.0, 2900.0), column("B11_mean", 2200.0, 3000.0), column("B04_mean", 400.0, 1500.0)]);
    s2.push(SampleColumn::new("cloud_pct", vec![0.0; days.len()]));
    let coh = ["orbit", "VHc_mean", "VVc_mean"].into_iter().map(|name| {
        let value = |(at, day): (usize, &f64)| {
            if name == "orbit" {
                (at % 2) as f64
            } else if cut(day) {
                0.6
            } else {
                0.2
            }
        };
        SampleColumn::new(name, days.iter().enumerate().map(value).collect())
    });
    let inputs = [SampleTable::sorted(&days, s2), SampleTable::sorted(&days, coh.collect())];
    let found = plan.run(&inputs, &mut Scratch::default());
    assert_eq!(found.shortfalls, []);
    let of = |name: &str| &found.series.iter().find(|(own, _)| &**own == name).expect("a series").1;
    assert!(!of("ndvi").days.contains(&18_503.0) && of("ndvi").len() == 39, "white is no colour of land");
    assert_eq!(of("b04_b08_b11_st").column("B08_mean").map(|own| own.values[0]), Some(187.0));
    assert_eq!((of("coh_norm").len(), of("band_class").len()), (186, 39), "coherence on the days that both passes have");
    assert!(found.markers.iter().take(2).all(|own| own.outcome == Outcome::Yes), "{:?}", found.markers);
    let findings = plan.find(&inputs, &mut Scratch::default());
    assert_eq!(format!("{:?}", findings.markers), format!("{:?}", found.markers));
    assert!(findings.series.is_empty() && findings.composites == found.composites);
}
