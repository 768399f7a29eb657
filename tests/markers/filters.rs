//! Smoothers against `SciPy`: `tests/golden/markers/scipy/filters.csv`, made by `make.py` beside it.

use parcelight::engine::markers::butterworth::LowPass;
use parcelight::engine::markers::smooth::SavitzkyGolay;

fn columns() -> Vec<(String, Vec<f64>)> {
    let text = include_str!("../golden/markers/scipy/filters.csv");
    let mut lines = text.lines().skip(1);
    let names = lines.next().expect("a header").split(',').map(str::to_owned);
    let mut columns: Vec<(String, Vec<f64>)> = names.map(|name| (name, Vec::new())).collect();
    for line in lines {
        for (column, word) in columns.iter_mut().zip(line.split(',')) {
            column.1.push(word.parse().expect("a number"));
        }
    }
    columns
}

#[test]
fn smoothed_series_equal_those_of_scipy() {
    let all = columns();
    let input = &all[0].1;
    assert_eq!((input.len(), all.len()), (240, 8));
    for (name, expected) in &all[1..] {
        let words: Vec<&str> = name.split('_').collect();
        let order: usize = words[1].parse().expect("an order");
        let found = if words[0] == "butter" {
            let filter = LowPass::new(order, words[2].parse().expect("a cut-off")).expect("a filter");
            let mut values = input.clone();
            assert!(filter.apply(&mut [&mut values], &mut Vec::new()));
            values
        } else {
            let filter = SavitzkyGolay::new(order, words[2].parse().expect("a degree")).expect("a filter");
            filter.apply(input).expect("long enough")
        };
        let worst = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        println!("{name}: largest difference {worst:.2e}");
        assert!(worst < 1e-10, "{name}: {worst}");
    }
}
