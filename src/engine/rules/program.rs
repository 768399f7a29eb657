//! The compiled form of one rule: a stack program over lanes of rows.

use super::lexer::Compare;

/// Rows that are worked on side by side; what they need stays in the first-level cache.
pub(super) const LANES: usize = 256;

/// Truths as bytes, ordered as [`super::Outcome`]: *and* is the lesser, *or* the greater.
pub(super) const NO: u8 = 0;
pub(super) const UNKNOWN: u8 = 1;
pub(super) const YES: u8 = 2;

/// One step of a program.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Op {
    /// Pushes a column.
    Column(u16),
    /// Pushes a number of the text.
    Constant(f32),
    /// Pushes a number of the group.
    Slot(u16),
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
    /// Pushes the truth of a marker column; decides as this ground.
    Marker {
        column: u16,
        ground: u16,
    },
    /// Two numbers, and a tolerance on top of them, to a truth.
    Compare {
        compare: Compare,
        tolerance: bool,
        ground: u16,
    },
    Not,
    And,
    Or,
}

/// Numbers of the lanes.
type Numbers = [f32; LANES];

/// Truths of the lanes with what decided them.
#[derive(Clone)]
pub(super) struct Truths {
    /// [`NO`], [`UNKNOWN`], [`YES`].
    pub(super) truth: [u8; LANES],
    /// Signed distance of the deciding comparison, positive for yes; `NaN` for markers and missing values.
    pub(super) margin: Numbers,
    /// Distance relative to the limit, to choose what decides; never `NaN`.
    strength: Numbers,
    /// What decided.
    pub(super) ground: [u16; LANES],
}

impl Truths {
    fn new() -> Self {
        Self { truth: [UNKNOWN; LANES], margin: [f32::NAN; LANES], strength: [0.0; LANES], ground: [0; LANES] }
    }
}

/// Stacks that programs run on; made once for many rows.
pub(super) struct Scratch {
    numbers: Vec<Numbers>,
    truths: Vec<Truths>,
    /// What each ground saw in the first lane; empty where nobody asks.
    pub(super) seen: Vec<Seen>,
}

/// What a ground saw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) value: f32,
    pub(super) limit: f32,
    pub(super) margin: f32,
    pub(super) truth: u8,
}

impl Seen {
    pub(super) const NOTHING: Self = Self { value: f32::NAN, limit: f32::NAN, margin: f32::NAN, truth: UNKNOWN };
}

impl Scratch {
    pub(super) fn new() -> Self {
        Self { numbers: Vec::new(), truths: Vec::new(), seen: Vec::new() }
    }
}

/// The rows that a program reads.
pub(super) struct Rows<'a> {
    /// Columns of the vocabulary.
    pub(super) columns: &'a [&'a [f32]],
    /// First row and number of rows, at most [`LANES`].
    pub(super) first: usize,
    pub(super) count: usize,
    /// Number of a group by slot and lane.
    pub(super) slot: &'a dyn Fn(u16, usize) -> f32,
}

/// Runs a program; the answer lies on the bottom of the truths.
pub(super) fn run<'s>(ops: &[Op], rows: &Rows<'_>, scratch: &'s mut Scratch) -> &'s Truths {
    let (mut numbers, mut truths) = (0, 0);
    for op in ops {
        match *op {
            Op::Column(column) => {
                let source = &rows.columns[usize::from(column)][rows.first..rows.first + rows.count];
                number(scratch, &mut numbers)[..rows.count].copy_from_slice(source);
            }
            Op::Constant(value) => number(scratch, &mut numbers).fill(value),
            Op::Slot(slot) => {
                let lanes = number(scratch, &mut numbers);
                lanes[..rows.count].iter_mut().enumerate().for_each(|(lane, value)| *value = (rows.slot)(slot, lane));
            }
            Op::Negate => scratch.numbers[numbers - 1].iter_mut().for_each(|value| *value = -*value),
            Op::Add => binary(scratch, &mut numbers, |a, b| a + b),
            Op::Subtract => binary(scratch, &mut numbers, |a, b| a - b),
            Op::Multiply => binary(scratch, &mut numbers, |a, b| a * b),
            Op::Divide => binary(scratch, &mut numbers, |a, b| a / b),
            Op::Marker { column, ground } => {
                let source = &rows.columns[usize::from(column)][rows.first..rows.first + rows.count];
                let answer = truth(scratch, &mut truths);
                marker(source, ground, answer);
                let seen = Seen { truth: answer.truth[0], ..Seen::NOTHING };
                see(&mut scratch.seen, ground, seen);
            }
            Op::Compare { compare, tolerance, ground } => {
                truth(scratch, &mut truths);
                numbers -= if tolerance { 3 } else { 2 };
                let Scratch { numbers: stack, truths: answers, seen } = &mut *scratch;
                let (value, limit) = (&stack[numbers], &stack[numbers + 1]);
                let band = tolerance.then(|| &stack[numbers + 2]);
                let answer = &mut answers[truths - 1];
                comparison(compare, [value, limit], band, answer);
                answer.ground = [ground; LANES];
                let (margin, truth) = (answer.margin[0], answer.truth[0]);
                see(seen, ground, Seen { value: value[0], limit: limit[0], margin, truth });
            }
            Op::Not => negate(&mut scratch.truths[truths - 1]),
            Op::And => join(scratch, &mut truths, |a, b| b < a),
            Op::Or => join(scratch, &mut truths, |a, b| b > a),
        }
    }
    debug_assert!(numbers == 0 && truths == 1, "a program leaves one truth");
    &scratch.truths[0]
}

fn see(all: &mut [Seen], ground: u16, seen: Seen) {
    if let Some(place) = all.get_mut(usize::from(ground)) {
        *place = seen;
    }
}

/// The next free numbers of the stack.
fn number<'s>(scratch: &'s mut Scratch, depth: &mut usize) -> &'s mut Numbers {
    if scratch.numbers.len() == *depth {
        scratch.numbers.push([0.0; LANES]);
    }
    *depth += 1;
    &mut scratch.numbers[*depth - 1]
}

/// The next free truths of the stack.
fn truth<'s>(scratch: &'s mut Scratch, depth: &mut usize) -> &'s mut Truths {
    if scratch.truths.len() == *depth {
        scratch.truths.push(Truths::new());
    }
    *depth += 1;
    &mut scratch.truths[*depth - 1]
}

fn binary(scratch: &mut Scratch, depth: &mut usize, calculate: impl Fn(f32, f32) -> f32) {
    *depth -= 1;
    let (left, right) = scratch.numbers.split_at_mut(*depth);
    let left = &mut left[*depth - 1];
    left.iter_mut().zip(&right[0]).for_each(|(a, b)| *a = calculate(*a, *b));
}

fn marker(source: &[f32], ground: u16, answer: &mut Truths) {
    for (lane, &value) in source.iter().enumerate() {
        let (truth, strength) = if value.is_nan() {
            (UNKNOWN, 0.0)
        } else if value >= 0.5 {
            (YES, f32::INFINITY)
        } else {
            (NO, f32::NEG_INFINITY)
        };
        answer.truth[lane] = truth;
        answer.strength[lane] = strength;
    }
    answer.margin = [f32::NAN; LANES];
    answer.ground = [ground; LANES];
}

fn comparison(compare: Compare, [left, right]: [&Numbers; 2], band: Option<&Numbers>, answer: &mut Truths) {
    match compare {
        Compare::AtLeast => distances([left, right], band, answer, |d| (d, d >= 0.0)),
        Compare::AtMost => distances([left, right], band, answer, |d| (-d, d <= 0.0)),
        Compare::Above => distances([left, right], band, answer, |d| (d, d > 0.0)),
        Compare::Below => distances([left, right], band, answer, |d| (-d, d < 0.0)),
        Compare::Equal => distances([left, right], band, answer, |d| (-d.abs(), d == 0.0)),
        Compare::Different => distances([left, right], band, answer, |d| (d.abs(), d != 0.0)),
    }
}

/// `judge`: margin and truth of the difference of two numbers.
fn distances([left, right]: [&Numbers; 2], band: Option<&Numbers>, answer: &mut Truths, judge: impl Fn(f32) -> (f32, bool)) {
    for lane in 0..LANES {
        let difference = left[lane] - right[lane];
        let (margin, truth) = judge(difference);
        let scale = right[lane].abs();
        let relative = if scale > 0.0 && scale.is_finite() { margin / scale } else { margin };
        let missing = difference.is_nan();
        answer.truth[lane] = if missing { UNKNOWN } else { u8::from(truth) * YES };
        answer.margin[lane] = margin;
        answer.strength[lane] = if missing { 0.0 } else { relative };
    }
    if let Some(band) = band {
        for ((truth, margin), band) in answer.truth.iter_mut().zip(&answer.margin).zip(band) {
            // Known only outside the band; a band of NaN holds everything.
            *truth = if margin.abs() >= *band { *truth } else { UNKNOWN };
        }
    }
}

fn negate(truths: &mut Truths) {
    truths.truth.iter_mut().for_each(|truth| *truth = YES - *truth);
    truths.margin.iter_mut().for_each(|margin| *margin = -*margin);
    truths.strength.iter_mut().for_each(|strength| *strength = -*strength);
}

/// Keeps of each lane the side that decides: the other one when `takes` says so of (truth, strength), in a pair the left one.
fn join(scratch: &mut Scratch, depth: &mut usize, takes: impl Fn((u8, f32), (u8, f32)) -> bool) {
    *depth -= 1;
    let (left, right) = scratch.truths.split_at_mut(*depth);
    let (left, right) = (&mut left[*depth - 1], &right[0]);
    for lane in 0..LANES {
        let take = takes((left.truth[lane], left.strength[lane]), (right.truth[lane], right.strength[lane]));
        left.truth[lane] = if take { right.truth[lane] } else { left.truth[lane] };
        left.margin[lane] = if take { right.margin[lane] } else { left.margin[lane] };
        left.strength[lane] = if take { right.strength[lane] } else { left.strength[lane] };
        left.ground[lane] = if take { right.ground[lane] } else { left.ground[lane] };
    }
}
