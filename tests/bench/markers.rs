//! Markers of many parcels: features of the JRC's mowing configuration against the same chain in `NumPy` and `SciPy`, and traffic
//! lights of a whole country when a rule is changed. Series are made up, seeded, and shaped like those of mown grassland.

#[expect(dead_code, reason = "these series are made up: no copy of the sample is needed")]
mod common;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use common::{machine, median, ms};
use parcelight::engine::markers::evaluate::{Evaluation, Scratch};
use parcelight::engine::markers::plan::Plan;
use parcelight::engine::rules::{GroupText, Kind, Minimum, Rules, RulesText, Vocabulary};
use parcelight::io::ruleset::parse;
use parcelight::model::{SampleColumn, SampleTable};
use parcelight::project::marking::compile;
use rayon::prelude::*;

const PARCELS: usize = 20_000;
const ROUNDS: usize = 5;
const FIRST_DAY: f64 = 18_262.0;
const AIM_PER_SECOND: f64 = 20_000.0;
const AIM_RATIO: f64 = 10.0;
/// Share of events that may differ: where a value lies within rounding of a threshold.
const TOLERANCE: f64 = 1e-4;

/// The JRC's mowing configuration of 2020 without its colour classes.
const RULES: &str = r#"
version = "1.0"
inputs = [{ name = "s2" }, { name = "coh" }]
[[signals]]
name = "ndvi"
from = ["s2"]
steps = [
  { remove = { by = "cloud_pct", when = "above", threshold = 0.0 } },
  { normalised_difference = { of = ["B08_mean", "B04_mean"], name = "ndvi_mean" } },
  { select = { components = ["ndvi_mean"] } },
]
[[signals]]
name = "ndvi_smooth"
from = ["ndvi"]
steps = [{ resample = {} }, { low_pass = { cut_off = 0.05 } }]
[[signals]]
name = "coh_norm"
from = ["coh"]
steps = [
  { split = { by = "orbit" } },
  { select = { components = ["VHc_mean", "VVc_mean"] } },
  { resample = {} },
  { low_pass = { cut_off = 0.05 } },
  { norm = { normalised = true } },
]
[[markers]]
name = "drop"
signal = "ndvi_smooth"
from = "2020-04-01"
to = "2020-10-31"
detect = { drop = { joins = 2, min_duration_days = 14, min_depth = 0.1, steep = true } }
[[markers]]
name = "peak"
signal = "coh_norm"
from = "2020-04-01"
to = "2020-10-31"
detect = { peak = { joins = 2, min_duration_days = 14, min_depth = 0.08, steep = true } }
[[composites]]
name = "mowing"
of = ["drop", "peak"]
combine = "confirm"
"#;

fn main() {
    println!("markers");
    println!("  machine               {}", machine());
    let made = Made::new(PARCELS);
    let (all, counts) = features(&made);
    peer(&made, all, counts);
    for (rows, aim) in [(100_000, 10.0), (1_000_000, 100.0)] {
        rules(rows, aim);
    }
}

/// Even random numbers (`SplitMix64`), the same in every run.
struct Random(u64);

impl Random {
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn noise(&mut self, size: f64) -> f64 {
        (self.share() + self.share() + self.share() - 1.5) * size
    }
}

/// Series of all parcels, row by row.
struct Made {
    s2_days: Vec<f64>,
    coh_days: Vec<f64>,
    pass: Vec<f64>,
    /// Red, near infrared, cloud; each parcel by acquisition.
    s2: [Vec<f64>; 3],
    coh: [Vec<f64>; 2],
    parcels: Vec<Vec<SampleTable>>,
}

impl Made {
    fn new(parcels: usize) -> Self {
        let s2_days: Vec<f64> = (0..73).map(|at| FIRST_DAY + 2.44 + 5.0 * f64::from(at)).collect();
        // 60 acquisitions of each of two passes, a component of either polarisation: four components.
        let coh_days: Vec<f64> = (0..120).map(|at| FIRST_DAY + 1.0 + 3.0 * f64::from(at) + 0.2).collect();
        let pass: Vec<f64> = (0..120).map(|at| f64::from(at % 2)).collect();
        let mut made = Self { s2_days, coh_days, pass, s2: Default::default(), coh: Default::default(), parcels: Vec::new() };
        let mut random = Random(20_200_401);
        for _ in 0..parcels {
            made.parcel(&mut random);
        }
        made
    }

    fn parcel(&mut self, random: &mut Random) {
        let cuts: Vec<f64> = (0..(random.share() * 4.0) as usize).map(|_| 110.0 + 170.0 * random.share()).collect();
        let since =
            |day: f64| cuts.iter().map(|cut| day - FIRST_DAY - cut).filter(|days| *days >= 0.0).fold(f64::INFINITY, f64::min);
        let from = (self.s2[0].len(), self.coh[0].len());
        for &day in &self.s2_days {
            let season = 0.35 + 0.45 * (((day - FIRST_DAY) / 366.0 * std::f64::consts::TAU - 1.6).sin() * 0.5 + 0.5);
            let index = season - 0.35 * (-since(day) / 25.0).exp() + random.noise(0.06);
            let red = 0.05 + random.noise(0.01);
            let cloud = if random.share() < 0.45 { 100.0 * random.share() } else { 0.0 };
            for (values, value) in self.s2.iter_mut().zip([red, red * (1.0 + index) / (1.0 - index), cloud]) {
                values.push(value);
            }
        }
        for &day in &self.coh_days {
            let base = 0.25 + 0.3 * (-since(day) / 18.0).exp();
            for values in &mut self.coh {
                values.push(base + random.noise(0.12));
            }
        }
        let column = |name: &str, values: &[f64]| SampleColumn::new(name, values.to_vec());
        let names = ["B04_mean", "B08_mean", "cloud_pct"];
        let s2 = names.iter().zip(&self.s2).map(|(name, values)| column(name, &values[from.0..])).collect();
        let names = ["VHc_mean", "VVc_mean"];
        let coh = names.iter().zip(&self.coh).map(|(name, values)| column(name, &values[from.1..]));
        let coh = std::iter::once(column("orbit", &self.pass)).chain(coh).collect();
        self.parcels.push(vec![SampleTable::sorted(&self.s2_days, s2), SampleTable::sorted(&self.coh_days, coh)]);
    }

    /// For the peer, as raw numbers.
    fn write(&self, folder: &Path) {
        let season = [18_353.0, 18_566.0];
        let all = [
            ("s2_days", self.s2_days.as_slice()),
            ("coh_days", &self.coh_days),
            ("pass", &self.pass),
            ("season", &season),
            ("b04", &self.s2[0]),
            ("b08", &self.s2[1]),
            ("cloud", &self.s2[2]),
            ("vh", &self.coh[0]),
            ("vv", &self.coh[1]),
        ];
        for (name, values) in all {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
            std::fs::write(folder.join(format!("{name}.f64")), bytes).expect("the series can be written");
        }
    }
}

/// Drops, peaks, and drops confirmed by peaks.
fn counts(found: &Evaluation) -> [usize; 3] {
    [&found.markers[0], &found.markers[1], &found.composites[0]].map(|finding| finding.events.len())
}

fn sum(a: [usize; 3], b: [usize; 3]) -> [usize; 3] {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
}

fn one(plan: &Plan, inputs: &[SampleTable], scratch: &mut Scratch) -> [usize; 3] {
    counts(&plan.find(inputs, scratch))
}

/// Times by threads: of one and of all cores; and what was found.
fn features(made: &Made) -> ([Duration; 2], [usize; 3]) {
    let plan = compile(&parse(RULES).expect("valid")).expect("compiled");
    let mut found = [0; 3];
    let mut run = |threads: usize| {
        let pool = pool(threads);
        let times = (0..ROUNDS).map(|_| {
            let started = Instant::now();
            found = pool.install(|| {
                let each = made.parcels.par_iter().map_init(Scratch::default, |scratch, inputs| one(&plan, inputs, scratch));
                each.reduce(|| [0; 3], sum)
            });
            started.elapsed()
        });
        median(times.collect())
    };
    let times = [run(1), run(cores())];
    println!(
        "  mowing of the JRC: 73 optical acquisitions, 60 of coherence x 4 components; {PARCELS} parcels, median of {ROUNDS}"
    );
    for (threads, time) in [1, cores()].into_iter().zip(times) {
        let per_second = PARCELS as f64 / time.as_secs_f64();
        let met = if per_second >= AIM_PER_SECOND { "met" } else { "missed" };
        let aim = if threads == 1 { String::new() } else { format!(" (aim {AIM_PER_SECOND}: {met})") };
        println!("    {threads} thread(s)         {}, {per_second:.0} parcels a second{aim}", ms(time));
    }
    println!("    found               {} drops, {} peaks, {} drops confirmed", found[0], found[1], found[2]);
    (times, found)
}

/// The same with `NumPy`.
fn peer(made: &Made, [alone, all]: [Duration; 2], found: [usize; 3]) {
    let folder = tempfile::tempdir().expect("a folder");
    made.write(folder.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/markers_peer.py");
    let output = Command::new("python3").arg(script).arg(folder.path()).arg(PARCELS.to_string()).output();
    let output = match output {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            let error = String::from_utf8_lossy(&output.stderr);
            let last = error.lines().last().unwrap_or_default();
            println!("    the peer was skipped: {last}; pip install numpy scipy, and PYTHONPATH if they are elsewhere");
            return;
        }
        Err(error) => {
            println!("    the peer was skipped: python3: {error}; install Python, then pip install numpy scipy");
            return;
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |at: usize| words[at].parse::<f64>().expect("a number");
    let time = number(0);
    println!("    the peer            {:.1} ms, {} {}, one thread, median of 3", time * 1e3, words[4], words[5]);
    let ratio = |own: Duration| time / own.as_secs_f64();
    let met = if ratio(all) >= AIM_RATIO { "met" } else { "missed" };
    println!(
        "    times faster        {:.1} on {} cores (aim {AIM_RATIO}: {met}), {:.1} on one",
        ratio(all),
        cores(),
        ratio(alone)
    );
    let peers = [number(1), number(2), number(3)];
    let apart = found.iter().zip(peers).map(|(&own, peer)| (own as f64 - peer).abs() / peer.max(1.0)).fold(0.0, f64::max);
    println!(
        "    events of the peer  {} drops, {} peaks, {} drops confirmed: apart by {apart:.1e}",
        words[1], words[2], words[3]
    );
    assert!(apart <= TOLERANCE, "both find the same events but for rounding at a threshold ({TOLERANCE} of them)");
}

fn rules_text() -> RulesText {
    let minimum = Minimum { count: "clear".to_owned(), at_least: 8.0 };
    let base = GroupText {
        green: Some("mowing and ndvi_drop >= min_drop ~ 0.02".to_owned()),
        red: Some("not mowing and ndvi_max - ndvi_min < 0.1 and bare < 20 days".to_owned()),
        minimum: Some(minimum),
        numbers: [("min_drop".to_owned(), 0.15)].into(),
        ..GroupText::default()
    };
    let group = |drop: f64| GroupText { numbers: [("min_drop".to_owned(), drop)].into(), ..GroupText::default() };
    let other = GroupText { green: Some("ploughed or bare >= 30 days ~ 5 days".to_owned()), ..GroupText::default() };
    let groups = [("grass".to_owned(), group(0.12)), ("herbs".to_owned(), group(0.2)), ("arable".to_owned(), other)];
    RulesText { base, groups: groups.into() }
}

/// Traffic lights of all parcels, as after a change of a threshold.
fn rules(rows: usize, aim_ms: f64) {
    let feature = |name: &str, unit: &str| (name.to_owned(), Kind::Feature(unit.to_owned()));
    let marker = |name: &str| (name.to_owned(), Kind::Marker);
    let names = [
        marker("mowing"),
        marker("ploughed"),
        feature("ndvi_drop", ""),
        feature("ndvi_max", ""),
        feature("ndvi_min", ""),
        feature("bare", "days"),
        feature("clear", ""),
    ];
    let rules = Rules::compile(&rules_text(), &Vocabulary::new(names)).expect("valid rules");
    let mut random = Random(7);
    let mut column = |size: f64| {
        let value = |_| if random.share() < 0.03 { f32::NAN } else { (random.share() * size) as f32 };
        (0..rows).map(value).collect::<Vec<f32>>()
    };
    let mut columns: Vec<Vec<f32>> = [2.0, 2.0, 0.4, 1.0, 0.6, 60.0, 40.0].into_iter().map(&mut column).collect();
    columns[..2].iter_mut().flatten().for_each(|value| *value = value.floor());
    let columns: Vec<&[f32]> = columns.iter().map(Vec::as_slice).collect();
    let groups: Vec<u16> = (0..rows).map(|_| (random.share() * 4.0) as u16).collect();
    let (mut verdicts, mut margins) = (vec![0; rows], vec![0.0; rows]);
    let mut first: Option<Vec<u8>> = None;
    for threads in [1, cores()] {
        let pool = pool(threads);
        let part = rows.div_ceil(4 * threads);
        let times = (0..=2 * ROUNDS).map(|_| {
            let started = Instant::now();
            // Rows do not depend on each other: blocks of them go to the threads.
            pool.install(|| {
                let outputs = verdicts.par_chunks_mut(part).zip(margins.par_chunks_mut(part));
                groups.par_chunks(part).zip(outputs).enumerate().for_each(|(at, (groups, (verdicts, margins)))| {
                    let own: Vec<&[f32]> = columns.iter().map(|all| &all[at * part..at * part + groups.len()]).collect();
                    rules.evaluate(&own, groups, verdicts, margins);
                });
            });
            started.elapsed()
        });
        let time = median(times.collect());
        let met = if time.as_secs_f64() * 1e3 <= aim_ms { "met" } else { "missed" };
        println!("  rules, {rows:>7} parcels, {threads} thread(s): {} (aim {aim_ms} ms: {met})", ms(time));
        assert!(first.get_or_insert_with(|| verdicts.clone()) == &verdicts, "the number of threads does not matter");
    }
    let by = |class: u8| verdicts.iter().map(|own| u32::from(*own == class)).sum::<u32>();
    println!("    green {}, yellow {}, red {}", by(0), by(1), by(2));
}
