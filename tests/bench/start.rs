//! From nothing to a loaded sample: what a person waits for before the first parcel shows.

mod common;

use std::sync::Arc;
use std::time::Instant;

use common::{Copy, machine, median, ms};
use parcelight::project::Project;

const ROUNDS: usize = 7;

fn main() {
    let copy = Copy::new();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut first = Vec::new();
    let mut again = Vec::new();
    for _ in 0..ROUNDS {
        copy.forget();
        for times in [&mut first, &mut again] {
            let started = Instant::now();
            let mut project = Project::open_at(&copy.project(), cores, Arc::new(|| {}), copy.home()).expect("the sample opens");
            let data = project.wait_loaded().expect("the sample loads");
            times.push(started.elapsed());
            assert_eq!((data.parcels.len(), data.catalog.count(parcelight::model::Sensor::S2)), (17, 72));
        }
    }
    println!("start to loaded sample (17 parcels, 368 acquisitions in 512 files), median of {ROUNDS}");
    println!("  machine        {}", machine());
    println!("  without cache  {}", ms(median(first)));
    println!("  second time    {}", ms(median(again)));
}
