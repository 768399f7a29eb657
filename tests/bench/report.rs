//! Parcel sheets: how long the parts of one take, and 412 of them as HTML and PDF with their figures on two threads, which should
//! stay under 60 s. Every sheet has 72 acquisitions in its calendar and a picture of its own, so that nothing is found in a cache.
//! Data are made; reading images and computing signals is in the benches of calendar and extraction.

#[expect(dead_code, reason = "the copy of the sample is for other benches")]
mod common;
#[path = "../sheets/sample.rs"]
mod sample;

use std::time::{Duration, Instant};

use common::{machine, median, ms};
use parcelight::model::evidence::{Picture, Sheet};
use parcelight::report::sheet::{Pictures, docx, html, pdf};
use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

const ROUNDS: usize = 9;
const SHEETS: usize = 412;
const AIM: Duration = Duration::from_mins(1);

/// Makes something of a sheet with this seed; how large it is.
type Part = fn(usize, &Sheet) -> usize;

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let made = work();
    (started.elapsed(), made)
}

/// The same sheet whose figures are pixels only.
fn without_drawings(sheet: &Sheet) -> Sheet {
    let pixels = |picture: &Option<Picture>| picture.clone().map(|own| Picture { svg: None, ..own });
    Sheet { calendar: pixels(&sheet.calendar), graphs: pixels(&sheet.graphs), ..sheet.clone() }
}

fn main() {
    println!("parcel sheets: 72 acquisitions, calendar, graphs, four chips, clusters, photo; median of {ROUNDS}");
    println!("  machine               {}", machine());
    // Fonts and templates are read once in a program's life.
    let (first, _) = timed(|| pdf(&sample::tables("first")).expect("a PDF"));
    println!("  first PDF, no figures {}", ms(first));
    let sheets: Vec<Sheet> = (0..ROUNDS).map(|seed| sample::full(&format!("P{seed}"), seed * 100)).collect();
    let parts: [(&str, Part); 6] = [
        ("figures as SVG, PNG   ", |seed, sheet| sample::full(&sheet.parcel, seed).chips.len()),
        ("HTML                  ", |_, sheet| html(sheet, &Pictures::default()).len()),
        ("PDF, drawings         ", |_, sheet| pdf(sheet).expect("a PDF").len()),
        ("PDF, pixels           ", |_, sheet| pdf(&without_drawings(sheet)).expect("a PDF").len()),
        ("PDF, no figures       ", |_, sheet| pdf(&sample::tables(&sheet.parcel)).expect("a PDF").len()),
        ("DOCX                  ", |_, sheet| docx(sheet).expect("a document").len()),
    ];
    for (name, part) in parts {
        let mut size = 0;
        let times = sheets.iter().enumerate().map(|(seed, sheet)| {
            let (time, made) = timed(|| part(seed, sheet));
            size = made;
            time
        });
        let time = median(times.collect());
        println!("  {name}{}   {size} bytes", ms(time));
    }
    let pool = ThreadPoolBuilder::new().num_threads(2).build().expect("two threads");
    let (time, bytes) = timed(|| {
        pool.install(|| {
            let one = |seed: usize| {
                let sheet = sample::full(&format!("P{seed}"), seed * 72);
                html(&sheet, &Pictures::default()).len() + pdf(&sheet).expect("a PDF").len()
            };
            (0..SHEETS).into_par_iter().map(one).sum::<usize>()
        })
    });
    println!(
        "  {SHEETS} sheets as HTML and PDF with their figures, 2 threads: {:.1} s, {:.0} MB (aim {} s: {})",
        time.as_secs_f64(),
        bytes as f64 / 1e6,
        AIM.as_secs(),
        if time <= AIM { "met" } else { "missed" }
    );
}
