//! Families of practices through rulesets: equal to the families themselves, unknown where data lack, faults with their place.

use parcelight::engine::markers::evaluate::{Evaluation, Finding, Outcome, Scratch};
use parcelight::engine::practices::bare_soil::{self, LabelParams, Observation, Sample};
use parcelight::engine::practices::crop_practices::{self, Practice, Season, Series, analyse};
use parcelight::engine::practices::events::{self, Signal};
use parcelight::engine::practices::mowing::{self, Input, Orbit};
use parcelight::engine::practices::{self, Window, clear_observations};
use parcelight::io::ruleset::{diff, hash, parse, write};
use parcelight::model::ruleset::{Day, Family};
use parcelight::model::{Ruleset, SampleColumn, SampleTable};
use parcelight::project::marking::compile;

/// 1 January 2019.
const YEAR: f64 = 17897.0;

fn table(days: &[f64], columns: &[(&str, &[f64])]) -> SampleTable {
    SampleTable::sorted(days, columns.iter().map(|(name, values)| SampleColumn::new(*name, values.to_vec())).collect())
}

/// A ruleset of the inputs `s2` and `radar` and one practice.
fn rules(window: &str, find: &str) -> Ruleset {
    let text = format!(
        "version = \"1.0\"\ninputs = [{{ name = \"s2\" }}, {{ name = \"radar\" }}]\n[[practices]]\nname = \"own\"\n{window}\nfind = {{ {find} }}\n"
    );
    parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn run(rules: &Ruleset, inputs: &[SampleTable]) -> Evaluation {
    compile(rules).expect("compiled").run(inputs, &mut Scratch::default())
}

/// Findings by name.
fn found(rules: &Ruleset, inputs: &[SampleTable], name: &str) -> Finding {
    let plan = compile(rules).expect("compiled");
    let at = plan.findings().position(|(own, _)| own == name).unwrap_or_else(|| panic!("no {name}"));
    let all = plan.run(inputs, &mut Scratch::default());
    all.findings().nth(at).expect("as many findings as names").clone()
}

fn outcome(own: practices::Outcome) -> Outcome {
    match own {
        practices::Outcome::Yes => Outcome::Yes,
        practices::Outcome::No => Outcome::No,
        practices::Outcome::Unknown => Outcome::Unknown,
    }
}

/// Start, main, stop and confidence of events.
fn spans(finding: &Finding) -> Vec<[f64; 3]> {
    finding.events.iter().map(|event| [event.marker.start, event.marker.main, event.marker.stop]).collect()
}

fn direct(events: &[practices::Event]) -> Vec<[f64; 3]> {
    events.iter().map(|event| [event.start, event.main, event.end]).collect()
}

/// A meadow every five days, cut on the given days and grown again in seven weeks.
fn meadow(cuts: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let days: Vec<f64> = (0..61).map(|at| YEAR + 5.0 * f64::from(at)).collect();
    let values = days.iter().map(|day| {
        let since = cuts.iter().map(|cut| day - cut).filter(|days| *days >= 0.0).fold(f64::INFINITY, f64::min);
        0.85 - 0.4 * (1.0 - since / 49.0).max(0.0)
    });
    let values = values.collect();
    (days, values)
}

/// Coherence of two orbits in one table: low grass, a jump at a cut.
fn coherence(cuts: &[f64]) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let (mut days, mut values, mut orbits) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..50 {
        for (orbit, shift) in [(37.0, 1.0), (88.0, 3.5)] {
            let day = YEAR + 6.0 * f64::from(at) + shift;
            days.push(day);
            orbits.push(orbit);
            let fresh = cuts.iter().any(|cut| day >= *cut && day < cut + 18.0);
            values.push(if fresh { 0.75 } else { 0.25 } + 0.02 * f64::from(at % 3) + 0.01 * (orbit - 37.0) / 51.0);
        }
    }
    (days, values, orbits)
}

const MOWING: &str =
    "mowing = { ndvi = { signal = \"s2\", component = \"NDVI\" }, coherence = [{ signal = \"radar\", component = \"COH_VH\" }]";

#[test]
fn mowing_through_a_ruleset_equals_the_family() {
    let cuts = [YEAR + 135.0, YEAR + 215.0];
    let (days, ndvi) = meadow(&cuts);
    let (radar_days, radar, orbit) = coherence(&cuts);
    let pixels = vec![40.0; radar.len()];
    let inputs = [
        table(&days, &[("other", &vec![9.0; days.len()]), ("NDVI", &ndvi)]),
        table(&radar_days, &[("COH_VH", &radar), ("relative_orbit", &orbit), ("usable_pixels", &pixels)]),
    ];
    let own = rules("", &format!("{MOWING}, interval = {{ from = \"2019-05-01\", to = \"2019-06-15\" }} }}"));
    let of = |wanted: f64| -> (Vec<f64>, Vec<f64>) {
        let rows = radar_days.iter().zip(&radar).zip(&orbit).filter(|(_, orbit)| **orbit == wanted);
        rows.map(|((day, value), _)| (*day, *value)).unzip()
    };
    let (a, b) = (of(37.0), of(88.0));
    let orbits = [Orbit { days: &a.0, coherence: &a.1 }, Orbit { days: &b.0, coherence: &b.1 }];
    let params = mowing::Params::default();
    let input = Input { ndvi_days: &days, ndvi: &ndvi, orbits: &orbits, radar_pixels: 40.0 };
    let expected = mowing::detect(&input, &params);
    assert_eq!(expected.len(), 2, "{expected:?}");
    let main = found(&own, &inputs, "own");
    let told: Vec<practices::Event> = expected.iter().map(|event| event.event(&params)).collect();
    assert_eq!(spans(&main), direct(&told));
    let confidences: Vec<f64> = main.events.iter().map(|event| event.confidence).collect();
    assert_eq!(confidences, expected.iter().map(|event| event.confidence).collect::<Vec<_>>());
    assert!(main.events.iter().all(|event| &*event.component == "S1/S2" && event.marker.depth > 0.3), "{main:?}");
    assert_eq!((main.outcome, main.value, main.threshold, main.margin), (Outcome::Yes, 2.0, 1.0, 1.0));
    let alone =
        |input: Input<'_>| direct(&mowing::detect(&input, &params).iter().map(|own| own.event(&params)).collect::<Vec<_>>());
    assert_eq!(spans(&found(&own, &inputs, "own.s2")), alone(Input { orbits: &[], ..input }));
    let s1 = found(&own, &inputs, "own.s1");
    assert_eq!(spans(&s1), alone(Input { ndvi_days: &[], ndvi: &[], ..input }));
    assert!(!s1.events.is_empty() && s1.events.iter().all(|event| event.confidence <= 0.5));
    let compliance = found(&own, &inputs, "own.compliance");
    assert_eq!((compliance.outcome, compliance.value, compliance.events.len()), (Outcome::Yes, 1.0, 1));
    let strict = rules("", &format!("{MOWING}, strict = true, interval = {{ from = \"2019-05-01\", to = \"2019-06-15\" }} }}"));
    let broken = found(&strict, &inputs, "own.compliance");
    assert_eq!((broken.outcome, broken.value), (Outcome::No, 3.0));
    assert_eq!(main.observations as usize, clear_observations(&days, &ndvi, Window { start: YEAR, end: YEAR + 365.0 }) + 100);
}

#[test]
fn mowings_that_are_required_are_counted_in_the_window() {
    let (days, ndvi) = meadow(&[YEAR + 135.0, YEAR + 215.0]);
    let inputs = [table(&days, &[("NDVI", &ndvi)]), SampleTable::default()];
    let told = |window: &str, required: u32| {
        let own = found(&rules(window, &format!("{MOWING}, required = {required} }}")), &inputs, "own");
        (own.outcome, own.value, own.margin)
    };
    assert_eq!(told("", 2), (Outcome::Yes, 2.0, 0.0));
    assert_eq!(told("", 3), (Outcome::No, 2.0, -1.0));
    assert_eq!(told("from = \"04-01\"\nto = \"06-30\"", 2), (Outcome::No, 1.0, -1.0));
    assert_eq!(told("from = \"2019-04-01\"\nto = \"2019-06-30\"", 1), (Outcome::Yes, 1.0, 0.0));
    // The cut lies between 11 and 16 May: across the end.
    assert_eq!(told("from = \"04-01\"\nto = \"05-12\"", 1).0, Outcome::Unknown);
    assert_eq!(told("from = \"2020-04-01\"\nto = \"2020-06-30\"", 1).0, Outcome::Unknown);
    assert_eq!(told("min_observations = 500", 1).0, Outcome::Unknown);
}

#[test]
fn a_season_with_a_long_gap_is_unknown_and_not_unmown() {
    let (days, ndvi) = meadow(&[]);
    let gap: Vec<f64> = days
        .iter()
        .zip(&ndvi)
        .map(|(day, value)| if (120.0..160.0).contains(&(day - YEAR)) { f64::NAN } else { *value })
        .collect();
    let own = rules("from = \"04-01\"\nto = \"09-30\"", &format!("{MOWING} }}"));
    let of = |values: &[f64], name: &str| found(&own, &[table(&days, &[("NDVI", values)]), SampleTable::default()], name).outcome;
    assert_eq!((of(&ndvi, "own"), of(&gap, "own")), (Outcome::No, Outcome::Unknown));
    assert_eq!((of(&gap, "own.s1"), of(&gap, "own.compliance")), (Outcome::Unknown, Outcome::Unknown));
}

#[test]
fn bare_soil_through_a_ruleset_equals_the_family() {
    let days: Vec<f64> = (0..40).map(|at| YEAR + 5.0 * f64::from(at)).collect();
    let bare = |at: usize| (10..20).contains(&at);
    let ndvi: Vec<f64> = (0..40)
        .map(|at| {
            if bare(at) {
                0.1
            } else if at % 7 == 3 {
                f64::NAN
            } else {
                0.6
            }
        })
        .collect();
    let ndti: Vec<f64> = (0..40).map(|at| if bare(at) { 0.05 } else { 0.3 }).collect();
    let labels = LabelParams { use_fcover: false, ..LabelParams::default() };
    let label =
        |at: usize| bare_soil::label(&Sample { ndvi: ndvi[at], ndti: ndti[at], ndmi: f64::NAN, fcover: f64::NAN }, &labels);
    let observations: Vec<Observation> =
        (0..40).filter_map(|at| label(at).map(|label| Observation::from_label(days[at], label))).collect();
    let params = bare_soil::Params::sentinel2();
    let periods = bare_soil::timeline(&observations, &params);
    assert_eq!(periods.len(), 1);
    let find =
        "bare_soil = { ndvi = { signal = \"s2\", component = \"NDVI\" }, ndti = { signal = \"s2\", component = \"NDTI\" } }";
    let inputs = [table(&days, &[("NDTI", &ndti), ("NDVI", &ndvi)]), SampleTable::default()];
    let own = found(&rules("", find), &inputs, "own");
    assert_eq!(spans(&own), direct(&[periods[0].event()]));
    let window = Window { start: days[0], end: days[39] };
    let marker = bare_soil::marker(&periods, &observations, window, bare_soil::Confidence::Medium, 3, params.preset);
    assert_eq!((own.outcome, own.value), (outcome(marker.outcome), marker.value));
    assert_eq!((own.outcome, own.value, own.events[0].marker.depth), (Outcome::Yes, 45.0, 45.0));
    assert_eq!((&*own.events[0].component, own.observations as usize), ("Strong", observations.len()));
    assert_eq!(found(&rules("", find), &inputs, "own.s1").outcome, Outcome::Unknown);
    // A classifier's probabilities stand in for labels; Sentinel-1 confirms.
    let probability: Vec<f64> = (0..40).map(|at| if bare(at) { 0.9 } else { 0.1 }).collect();
    let find =
        "bare_soil = { bare = { signal = \"s2\" }, radar = { signal = \"radar\" }, least = \"Strong+\", params = \"sentinel2\" }";
    let inputs = [table(&days, &[("p", &probability)]), table(&days, &[("p", &probability)])];
    let own = found(&rules("", find), &inputs, "own");
    assert_eq!((own.outcome, &*own.events[0].component), (Outcome::Yes, "Strong+_S1"));
    let alone = found(&rules("", find), &[inputs[0].clone(), SampleTable::default()], "own");
    assert_eq!(alone.outcome, Outcome::Unknown, "Strong is not Strong+");
    let wrong = table(&days, &[("p", &vec![7.0; 40])]);
    assert_eq!(found(&rules("", find), &[wrong, SampleTable::default()], "own").outcome, Outcome::Unknown);
}

/// A field in 2019: green to July, harvested, ploughed, green again in autumn. Weekly.
struct Field {
    days: Vec<f64>,
    ndvi: Vec<f64>,
    vv_db: Vec<f64>,
    vh_db: Vec<f64>,
    coherence: Vec<f64>,
}

fn field() -> Field {
    let days: Vec<f64> = (0..50).map(|at| YEAR + 2.0 + 7.0 * f64::from(at)).collect();
    let standing = |day: &f64| (60.0..200.0).contains(&(day - YEAR));
    let covered = |day: &f64| day - YEAR > 250.0;
    let of = |green: f64, bare: f64| -> Vec<f64> {
        days.iter().map(|day| if standing(day) || covered(day) { green } else { bare }).collect()
    };
    Field { ndvi: of(0.8, 0.2), vv_db: of(-13.0, -10.0), vh_db: of(-19.0, -19.5), coherence: of(0.2, 0.8), days }
}

#[test]
fn crop_practices_through_a_ruleset_equal_the_family() {
    let Field { days, ndvi, vv_db, vh_db, coherence } = field();
    let find = "crop_practice = { ndvi = { signal = \"s2\" }, vv = { signal = \"radar\", component = \"VV_db\" }, \
        vh = { signal = \"radar\", component = \"VH_db\" }, coherence = { signal = \"radar\", component = \"COH_VV\" }, \
        vegetation_start = \"03-01\", harvest = { from = \"06-15\", to = \"09-15\" }, practice = \"catch_crop\", \
        period = { from = \"07-15\", to = \"11-15\" }, params = \"catch_crop\" }";
    let inputs =
        [table(&days, &[("NDVI", &ndvi)]), table(&days, &[("COH_VV", &coherence), ("VH_db", &vh_db), ("VV_db", &vv_db)])];
    let linear = |values: &[f64]| -> Vec<f64> { values.iter().map(|db| 10_f64.powf(db / 10.0)).collect() };
    let (vv, vh) = (linear(&vv_db), linear(&vh_db));
    let series = Series {
        ndvi_days: &days,
        ndvi: &ndvi,
        backscatter_days: &days,
        vv_linear: &vv,
        vh_linear: &vh,
        coherence_days: &days,
        coherence: &coherence,
    };
    let season = Season {
        vegetation_start: YEAR + 59.0,
        harvest: Window { start: YEAR + 165.0, end: YEAR + 257.0 },
        practice: Practice::CatchCrop,
        period: Some(Window { start: YEAR + 195.0, end: YEAR + 318.0 }),
    };
    let report = analyse(&series, &season, &crop_practices::Params::preset("catch_crop").expect("known"));
    assert!(report.harvest_week.is_some() && report.class.is_some(), "{:?} {:?}", report.status, report.class);
    let own = rules("", find);
    for marker in report.named_markers() {
        let told = found(&own, &inputs, &format!("own.{}", marker.name.to_lowercase()));
        assert_eq!(told.outcome, outcome(marker.outcome), "{}", marker.name);
        assert!(told.value == marker.value || (told.value.is_nan() && marker.value.is_nan()), "{}", marker.name);
    }
    let harvest = found(&own, &inputs, "own.harvest");
    assert_eq!(spans(&harvest), direct(&[report.harvest_event().expect("harvested")]));
    assert!(harvest.events[0].marker.depth > 0.5, "{harvest:?}");
    let main = found(&own, &inputs, "own");
    let rank = report.class.expect("a class") as u8 + 1;
    assert_eq!((main.value, main.threshold), (f64::from(rank), 3.0));
    assert_eq!(main.outcome == Outcome::Yes, rank >= 3);
    // Two years in one series: each season is found by itself, and the season before does not change it.
    let both: Vec<f64> = days.iter().map(|day| day - 364.0).chain(days.iter().copied()).collect();
    let twice = |values: &[f64]| [values, values].concat();
    let inputs = [
        table(&both, &[("NDVI", &twice(&ndvi))]),
        table(&both, &[("COH_VV", &twice(&coherence)), ("VH_db", &twice(&vh_db)), ("VV_db", &twice(&vv_db))]),
    ];
    let starts: Vec<f64> = spans(&found(&own, &inputs, "own.harvest")).iter().map(|span| span[0]).collect();
    let week = report.harvest_week.expect("harvested");
    assert_eq!(starts, [week - 364.0, week]);
}

#[test]
fn candidates_of_events_equal_the_families() {
    let Field { days, ndvi, vv_db, vh_db, coherence } = field();
    let ratio: Vec<f64> = vv_db.iter().zip(&vh_db).map(|(vv, vh)| vv - vh).collect();
    // One pair is lost on bare soil: ploughed.
    let ploughed: Vec<f64> =
        days.iter().zip(&coherence).map(|(day, value)| if (day - YEAR - 226.0).abs() < 3.5 { 0.2 } else { *value }).collect();
    let ndti: Vec<f64> = days.iter().map(|day| if *day > YEAR + 228.0 { 0.02 } else { 0.12 }).collect();
    let mndwi: Vec<f64> = days.iter().map(|day| if (80.0..110.0).contains(&(day - YEAR)) { 0.3 } else { -0.4 }).collect();
    let inputs = [
        table(&days, &[("NDVI", &ndvi), ("NDTI", &ndti), ("MNDWI", &mndwi)]),
        table(&days, &[("COH", &ploughed), ("VV", &vv_db), ("VH", &vh_db)]),
    ];
    let signal = |values: &'_ [f64]| -> (Vec<f64>, Vec<f64>) { (days.clone(), values.to_vec()) };
    let given = [&ndvi, &vh_db, &ratio, &ploughed, &ndti, &mndwi].map(|values| signal(values));
    let [ndvi_s, vh_s, ratio_s, coh_s, ndti_s, mndwi_s] = given.each_ref().map(|(days, values)| Signal { days, values });
    let s2 = |name: &str| format!("{{ signal = \"s2\", component = \"{name}\" }}");
    let radar = |name: &str| format!("{{ signal = \"radar\", component = \"{name}\" }}");
    let (n, c) = (s2("NDVI"), radar("COH"));

    let harvest = events::harvest(ndvi_s, vh_s, ratio_s, coh_s, &events::HarvestParams::default());
    let find = format!("harvest = {{ ndvi = {n}, vv = {}, vh = {}, coherence = {c} }}", radar("VV"), radar("VH"));
    let own = found(&rules("", &find), &inputs, "own");
    assert_eq!((spans(&own), own.outcome), (direct(&harvest), Outcome::Yes));
    assert_eq!(own.events[0].confidence, harvest[0].confidence);
    assert!(own.events[0].confidence > 0.6 && (own.events[0].marker.depth - 0.6).abs() < 1e-12, "{own:?}");

    let ploughing = events::ploughing(coh_s, ndvi_s, Signal::default(), &events::PloughingParams::default());
    let own = found(&rules("", &format!("ploughing = {{ coherence = {c}, ndvi = {n} }}")), &inputs, "own");
    assert_eq!((spans(&own), own.outcome, own.events.len()), (direct(&ploughing), Outcome::Yes, 1));

    let sown = YEAR + 50.0;
    let emergence: Vec<_> = events::emergence(ndvi_s, sown, &events::EmergenceParams::default()).into_iter().collect();
    let find = format!("emergence = {{ ndvi = {n}, sown = \"2019-02-20\", params = {{ confirming = 0 }} }}");
    let steep = events::EmergenceParams { confirming: 0, ..events::EmergenceParams::default() };
    let sure: Vec<_> = events::emergence(ndvi_s, sown, &steep).into_iter().collect();
    let own = found(&rules("", &find), &inputs, "own");
    assert_eq!((emergence.len(), spans(&own), own.outcome), (0, direct(&sure), Outcome::Yes));

    let residue_day = YEAR + 227.0;
    let (marker, event) =
        events::residue_change(events::ResidueIndex::Ndti, ndti_s, ndvi_s, residue_day, &events::ResidueParams::default());
    let find = |day: &str| format!("residue = {{ index = \"NDTI\", series = {}, ndvi = {n}{day} }}", s2("NDTI"));
    let own = found(&rules("", &find(", day = \"2019-08-16\"")), &inputs, "own");
    assert_eq!((own.outcome, own.value), (outcome(marker.outcome), marker.value));
    assert_eq!(spans(&own), direct(&[event.expect("lost")]));
    let searched = found(&rules("from = \"07-15\"\nto = \"11-30\"", &find("")), &inputs, "own");
    assert!((searched.value - marker.value).abs() < 1e-12 && searched.events.len() == 1, "{searched:?}");
    assert_eq!(found(&rules("", &find("")), &inputs, "own.gain").outcome, Outcome::No);

    let water = events::water(mndwi_s, &events::WaterParams::default());
    let own = found(&rules("", &format!("water = {{ mndwi = {} }}", s2("MNDWI"))), &inputs, "own");
    assert_eq!((spans(&own), own.outcome, own.value), (direct(&water), Outcome::Yes, 1.0));
    assert!((own.events[0].marker.depth - 0.3).abs() < 1e-12);
}

#[test]
fn emergence_follows_the_bare_soil_that_labels_show_and_is_unknown_without() {
    let days: Vec<f64> = (0..40).map(|at| YEAR + 60.0 + 5.0 * f64::from(at)).collect();
    let ndvi: Vec<f64> = (0..40).map(|at| if at < 10 { 0.1 } else { (0.1 + 0.08 * f64::from(at - 9)).min(0.8) }).collect();
    let ndti: Vec<f64> = (0..40).map(|at| if at < 10 { 0.05 } else { 0.3 }).collect();
    let find =
        "emergence = { ndvi = { signal = \"s2\", component = \"NDVI\" }, ndti = { signal = \"s2\", component = \"NDTI\" } }";
    let own = rules("from = \"03-15\"\nto = \"07-31\"", find);
    let sown = found(&own, &[table(&days, &[("NDVI", &ndvi), ("NDTI", &ndti)]), SampleTable::default()], "own");
    let last_bare = days[9];
    assert_eq!(sown.outcome, Outcome::Yes);
    assert!(sown.events[0].marker.start >= last_bare && sown.events[0].marker.stop <= last_bare + 15.0, "{sown:?}");
    let green = table(&days, &[("NDVI", &vec![0.8; 40]), ("NDTI", &vec![0.3; 40])]);
    assert_eq!(found(&own, &[green, SampleTable::default()], "own").outcome, Outcome::Unknown);
}

/// All families, each by itself.
const FAMILIES: [&str; 8] = [
    "mowing = { ndvi = { signal = \"s2\" }, coherence = [{ signal = \"radar\" }], interval = { from = \"05-01\", to = \"06-30\" } }",
    "bare_soil = { ndvi = { signal = \"s2\" }, ndti = { signal = \"s2\" }, radar = { signal = \"radar\" } }",
    "crop_practice = { ndvi = { signal = \"s2\" }, vv = { signal = \"radar\" }, vh = { signal = \"radar\" }, \
     coherence = { signal = \"radar\" }, vegetation_start = \"03-01\", harvest = { from = \"06-15\", to = \"09-15\" }, \
     practice = \"fallow\", period = { from = \"04-15\", to = \"08-31\" } }",
    "harvest = { ndvi = { signal = \"s2\" }, vv = { signal = \"radar\" }, vh = { signal = \"radar\" }, unit = \"linear\" }",
    "ploughing = { coherence = { signal = \"radar\" }, ndvi = { signal = \"s2\" }, bsi = { signal = \"s2\" } }",
    "emergence = { ndvi = { signal = \"s2\" }, sown = \"04-15\" }",
    "residue = { index = \"STI\", series = { signal = \"s2\" }, ndvi = { signal = \"s2\" } }",
    "water = { mndwi = { signal = \"s2\" } }",
];

fn each_family() -> impl Iterator<Item = Ruleset> {
    FAMILIES.iter().map(|find| {
        let window = if find.starts_with("crop") { "" } else { "from = \"03-01\"\nto = \"11-30\"" };
        rules(window, find)
    })
}

#[test]
fn without_data_every_finding_is_unknown() {
    let days: Vec<f64> = (0..40).map(|at| YEAR + 8.0 * f64::from(at)).collect();
    let orbit = vec![f64::NAN; 40];
    let missing = table(&days, &[("NDVI", &vec![f64::NAN; 40]), ("relative_orbit", &orbit), ("usable_pixels", &orbit)]);
    let endless = table(&days, &[("NDVI", &vec![f64::INFINITY; 40])]);
    let nothing = SampleTable::default();
    let far = table(&[-1e300, 1e300], &[("NDVI", &[0.5, 0.1])]);
    for own in each_family() {
        for input in [&missing, &endless, &nothing, &far] {
            let all = run(&own, &[input.clone(), input.clone()]);
            let count = compile(&own).expect("compiled").practices().count();
            assert_eq!(all.practices.len(), count);
            for finding in all.findings() {
                assert_eq!((finding.outcome, finding.decisive), (Outcome::Unknown, None), "{own:?}");
            }
        }
    }
}

#[test]
fn any_series_gives_findings_that_hold_together() {
    let mut state = 1_u64;
    let mut random = || {
        // A linear congruence is random enough for series.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    for round in 0..200 {
        let count = round % 60;
        let days: Vec<f64> = (0..count).map(|_| YEAR + (900.0 * random()).floor()).collect();
        let values: Vec<f64> = (0..count).map(|_| if random() < 0.1 { f64::NAN } else { 3.0 * random() - 1.0 }).collect();
        let orbit: Vec<f64> = (0..count).map(|_| (3.0 * random()).floor()).collect();
        let one = table(&days, &[("v", &values), ("relative_orbit", &orbit), ("usable_pixels", &orbit)]);
        for own in each_family() {
            for finding in run(&own, &[one.clone(), one.clone()]).findings() {
                assert!(finding.decisive.is_none_or(|at| at < finding.events.len()));
                let ordered = |event: &parcelight::engine::markers::evaluate::Event| {
                    event.marker.start <= event.marker.main && event.marker.main <= event.marker.stop
                };
                assert!(finding.events.iter().all(ordered), "{finding:?}");
                assert!(finding.outcome == Outcome::Unknown || finding.observations >= 3, "{finding:?}");
            }
        }
    }
}

#[test]
fn composites_combine_findings_of_practices_and_markers() {
    let text = format!(
        "version = \"1.0\"\ninputs = [{{ name = \"s2\" }}, {{ name = \"radar\" }}]\n[[markers]]\nname = \"gap\"\nsignal = \"s2\"\ndetect = {{ gap = {{ longer_than_days = 3 }} }}\n\
         [[practices]]\nname = \"cut\"\nfind = {{ {MOWING} }} }}\n[[composites]]\nname = \"both\"\nof = [\"cut.s2\", \"gap\"]\ncombine = \"confirm\"\n"
    );
    let own = parse(&text).expect("valid");
    let (days, ndvi) = meadow(&[YEAR + 135.0]);
    let inputs = [table(&days, &[("NDVI", &ndvi)]), SampleTable::default()];
    let names: Vec<String> =
        compile(&own).expect("compiled").findings().map(|(name, signal)| format!("{name} {signal}")).collect();
    assert_eq!(names, ["gap s2", "cut s2", "cut.s2 s2", "cut.s1 s2", "cut.compliance s2", "both -"]);
    let both = found(&own, &inputs, "both");
    assert_eq!((both.outcome, both.events.len(), both.events[0].marker.kinds.to_string().as_str()), (Outcome::Yes, 1, "mowing"));
}

#[test]
fn markers_look_in_their_window_of_every_year() {
    let text = "version = \"1.0\"\ninputs = [{ name = \"s2\" }]\n[[markers]]\nname = \"low\"\nsignal = \"s2\"\nfrom = \"04-01\"\nto = \"06-30\"\ndetect = { interval = { threshold = 0.3 } }\n";
    let own = parse(text).expect("valid");
    let days: Vec<f64> = (0..80).map(|at| YEAR + 10.0 * f64::from(at)).collect();
    // Low in May 2019, August 2019 and May 2020.
    let low =
        |day: f64| [(120.0, 140.0), (215.0, 235.0), (486.0, 506.0)].iter().any(|(from, to)| (*from..*to).contains(&(day - YEAR)));
    let values: Vec<f64> = days.iter().map(|day| if low(*day) { 0.1 } else { 0.8 }).collect();
    let finding = found(&own, &[table(&days, &[("NDVI", &values)])], "low");
    let years: Vec<f64> = finding.events.iter().map(|event| ((event.marker.start - YEAR) / 365.0).floor()).collect();
    assert_eq!((finding.outcome, years), (Outcome::Yes, vec![0.0, 1.0]));
    let dated = parse(&text.replace("\"04-01\"", "\"2020-04-01\"").replace("\"06-30\"", "\"2020-06-30\"")).expect("valid");
    assert_eq!(found(&dated, &[table(&days, &[("NDVI", &values)])], "low").events.len(), 1);
    assert_ne!(hash(&own).expect("a hash"), hash(&dated).expect("a hash"));
}

#[test]
fn practices_are_written_hashed_and_compared() {
    for own in each_family() {
        let text = write(&own).expect("written");
        assert_eq!(parse(&text), Ok(own.clone()), "{text}");
    }
    let named = rules("", &format!("{MOWING}, params = \"czechia\" }}"));
    let table = rules("", &format!("{MOWING}, params = {{ optical = {{ high = 0.72, low = 0.4 }} }} }}"));
    assert_eq!(hash(&named).expect("a hash"), hash(&table).expect("a hash"));
    let other = rules("from = \"04-01\"", &format!("{MOWING}, params = {{ optical = {{ high = 0.72, low = 0.5 }} }} }}"));
    let fields: Vec<String> = diff(&named, &other).expect("compared").into_iter().map(|own| own.field).collect();
    assert_eq!(fields, ["practices.own.find.mowing.params.optical.low", "practices.own.from"]);
    assert_eq!(other.practices[0].from, Some(Day::EachYear { month: 4, day: 1 }));
    assert!(
        matches!(&named.practices[0].find, Family::Mowing(own) if own.params == mowing::Params::preset("czechia").expect("known"))
    );
}

#[test]
fn faults_of_practices_are_told_with_line_and_column() {
    let whole = |find: &str| {
        format!(
            "version = \"1.0\"\ninputs = [{{ name = \"s2\" }}]\n[[practices]]\nname = \"own\"\nfrom = \"04-01\"\nfind = {{ {find} }}\n"
        )
    };
    let water = "water = { mndwi = { signal = \"s2\" } }";
    let cases = [
        (
            whole("water = { mndwi = { signal = \"s3\" } }"),
            "line 6, column 28: practices[0].find.water.mndwi: there is no input or signal “s3”",
        ),
        (
            whole("mowing = { ndvi = { signal = \"s2\" }, params = { optical = { min_drop = nan } } }"),
            "line 6, column 56: practices[0].find.mowing.params: optical.min_drop is NaN; expected 0 to 2",
        ),
        (
            whole("mowing = { ndvi = { signal = \"s2\" }, params = \"Atlantis\" }"),
            "line 6, column 56: there are no parameters named “Atlantis”; there are default, czechia",
        ),
        (whole("mowing = { ndvi = { signal = \"s2\" }, params = { optic = {} } }"), "line 6, column 58: unknown field `optic`"),
        (
            whole("mowing = { ndvi = { signal = \"s2\" }, required = 0 }"),
            "line 6, column 58: practices[0].find.mowing.required: required is 0",
        ),
        (whole("mowing = {}"), "line 6, column 19: practices[0].find.mowing.coherence: give ndvi, coherence, or both"),
        (
            whole("mowing = { ndvi = { signal = \"s2\" }, interval = { from = \"2019-05-01\", to = \"2019-06-01\" } }"),
            "line 6, column 58: practices[0].find.mowing.interval: it has a year and the window has none",
        ),
        (
            whole("bare_soil = { ndvi = { signal = \"s2\" } }"),
            "line 6, column 31: practices[0].find.bare_soil.ndvi: give ndvi and ndti",
        ),
        (
            whole("emergence = { ndvi = { signal = \"s2\" } }"),
            "line 6, column 31: practices[0].find.emergence.ndvi: give sown, or ndti",
        ),
        (whole("plough = {}"), "line 6, column 10: unknown variant `plough`"),
        (whole(water).replace("\"own\"", "\"own.s2\""), "line 4, column 8: practices[0].name: a dot stands before the parts"),
        (whole(water).replace("\"04-01\"", "\"31-04\""), "line 5, column 8: “31-04” is no day; expected 2020-04-01, or 04-01"),
        (
            whole(water).replace("from = \"04-01\"", "to = \"2019-04-01\"\nfrom = \"04-01\""),
            "line 5, column 6: practices[0].to: one end has a year",
        ),
        (
            format!("{}[[composites]]\nname = \"own\"\nof = [\"own\", \"own\"]\ncombine = \"merge\"\n", whole(water)),
            "line 8, column 8: composites[0].name: the name “own” is taken",
        ),
        (
            format!("{}[[composites]]\nname = \"c\"\nof = [\"own\", \"own.s2\"]\ncombine = \"merge\"\n", whole(water)),
            "line 9, column 6: composites[0].of: there is no marker, practice or composite “own.s2”",
        ),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let told = parse(&text).expect_err("refused");
        if !told.starts_with(expected) {
            wrong.push(format!("{told}\n  instead of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let parts = "version = \"1.0\"\ninputs = [{ name = \"s2\" }]\n[[markers]]\nname = \"cut.s2\"\nsignal = \"s2\"\ndetect = { gap = {} }\n[[practices]]\nname = \"cut\"\nfind = { mowing = { ndvi = { signal = \"s2\" } } }\n";
    assert!(parse(parts).expect_err("taken").contains("practices[0].name: the name “cut.s2” is taken"));
}

#[test]
fn dates_of_crop_practices_are_checked() {
    let crop = |rest: &str| {
        let series =
            "ndvi = { signal = \"s2\" }, vv = { signal = \"s2\" }, vh = { signal = \"s2\" }, coherence = { signal = \"s2\" }";
        parse(&format!(
            "version = \"1.0\"\ninputs = [{{ name = \"s2\" }}]\n[[practices]]\nname = \"own\"\nfind = {{ crop_practice = {{ {series}, {rest} }} }}\n"
        ))
    };
    assert!(crop("vegetation_start = \"03-01\", harvest = { from = \"06-15\", to = \"09-15\" }").is_ok());
    for (rest, expected) in [
        ("vegetation_start = \"03-01\", harvest = { from = \"2019-06-15\", to = \"2019-09-15\" }", "only one has years"),
        (
            "vegetation_start = \"2019-07-01\", harvest = { from = \"2019-06-15\", to = \"2019-09-15\" }",
            "begins before vegetation_start",
        ),
        (
            "vegetation_start = \"2019-03-01\", harvest = { from = \"2019-10-15\", to = \"2019-09-15\" }",
            "the last day is before the first",
        ),
        (
            "vegetation_start = \"03-01\", harvest = { from = \"06-15\", to = \"09-15\" }, practice = \"fallow\"",
            "it needs a period",
        ),
        (
            "vegetation_start = \"03-01\", harvest = { from = \"06-15\", to = \"09-15\" }, params = { loss_step = 0.0 }",
            "loss_step is 0",
        ),
    ] {
        let told = crop(rest).expect_err("refused");
        assert!(told.contains(expected), "{told}");
    }
}
