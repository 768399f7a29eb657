//! What rules say of all parcels, and what a change of them does: counts, the transition table, who moved.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use anyhow::anyhow;
use rayon::prelude::*;

use super::detection::Detection;
use super::features::Features;
use crate::engine::rules::{Rules, Verdict};
use crate::model::{ParcelIx, Watch};
use crate::project::queries::Env;
use crate::project::query::{Answer, Query};

/// Parcels of a cell of the transition table that are listed; the rest is counted.
pub const LISTED: usize = 2000;

/// Features and the rules that are applied to them.
#[derive(Debug, Clone)]
pub struct Judging {
    /// Features, as far as they are there.
    pub features: Arc<Features>,
    /// Ruleset whose rules are applied.
    pub detection: Arc<Detection>,
    key: [u8; 32],
}

impl Judging {
    /// Rules on features.
    pub fn new(features: Arc<Features>, detection: Arc<Detection>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(features.detection.key()).update(&(features.done() as u64).to_le_bytes());
        // Features of another state of the data are other features.
        hasher.update(&(Arc::as_ptr(&features) as usize as u64).to_le_bytes());
        hasher.update(detection.hash().as_bytes());
        let key = *hasher.finalize().as_bytes();
        Self { features, detection, key }
    }
}

impl PartialEq for Judging {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Judging {}

impl Hash for Judging {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// What rules say of all parcels.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerdictsQuery(pub Judging);

/// Answer of [`VerdictsQuery`].
#[derive(Debug, Clone)]
pub struct Verdicts {
    /// Of each parcel that is done, [`Verdict`] as a byte.
    pub verdicts: Vec<u8>,
    /// Signed distances of what decided, positive on the green side; `NaN` where there is none.
    pub margins: Vec<f32>,
    /// Rules, compiled.
    pub rules: Arc<Rules>,
    /// Group of the rules of each parcel.
    pub groups: Arc<Vec<u16>>,
}

impl Verdicts {
    /// Green, yellow, red.
    pub fn counts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        self.verdicts.iter().for_each(|&verdict| counts[usize::from(verdict.min(2))] += 1);
        counts
    }

    /// Of a parcel; `None` while it is not done.
    pub fn of(&self, parcel: ParcelIx) -> Option<Verdict> {
        self.verdicts.get(parcel.at()).map(|&class| Verdict::from_class(class))
    }
}

/// Which group of rules each parcel belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct GroupsQuery {
    /// Crop codes of each group, in the order of the groups.
    crops: Vec<Vec<String>>,
    revision: u64,
}

impl Query for GroupsQuery {
    type Output = Arc<Vec<u16>>;

    fn weight(output: &Self::Output) -> usize {
        output.len() * 2
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        let mut known: std::collections::HashMap<&str, u16> = std::collections::HashMap::new();
        for (group, crops) in self.crops.iter().enumerate() {
            known.extend(crops.iter().map(|crop| (crop.as_str(), group as u16 + 1)));
        }
        let parcels = &env.parcels;
        if known.is_empty() {
            return Ok(Arc::new(vec![0; parcels.len()]));
        }
        let of = |parcel: ParcelIx| parcels.crop_words(parcel).into_iter().flatten().find_map(|crop| known.get(crop).copied());
        Ok(Arc::new(parcels.iter().map(|parcel| of(parcel).unwrap_or(0)).collect()))
    }
}

impl Query for VerdictsQuery {
    type Output = Verdicts;

    fn weight(output: &Self::Output) -> usize {
        output.verdicts.len() * 5
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        let Judging { features, detection, .. } = &self.0;
        let ruleset = &detection.rules;
        let rules = features.plan().rules(ruleset).map_err(|fault| anyhow!("{fault}"))?;
        let rules = rules.ok_or_else(|| anyhow!("the ruleset has no rules: it only detects"))?;
        let crops = ruleset.rules.iter().flat_map(|rules| rules.groups.values().map(|group| group.crops.clone())).collect();
        let groups = env.cache.compute(&GroupsQuery { crops, revision: env.revision }, env, &Watch::default())?;
        let mut verdicts = vec![0; features.done()];
        let mut margins = vec![0.0; features.done()];
        let mut parts = Vec::with_capacity(features.chunks.len());
        let (mut verdicts_left, mut margins_left) = (verdicts.as_mut_slice(), margins.as_mut_slice());
        for chunk in &features.chunks {
            let (own_verdicts, rest) = verdicts_left.split_at_mut(chunk.rows.len());
            verdicts_left = rest;
            let (own_margins, rest) = margins_left.split_at_mut(chunk.rows.len());
            margins_left = rest;
            parts.push((chunk, own_verdicts, own_margins));
        }
        parts.into_par_iter().for_each(|(chunk, verdicts, margins)| {
            let columns: Vec<&[f32]> = chunk.columns.iter().map(Vec::as_slice).collect();
            rules.evaluate(&columns, &groups[chunk.rows.clone()], verdicts, margins);
        });
        Ok(Verdicts { verdicts, margins, rules: Arc::new(rules), groups: Arc::clone(&groups) })
    }
}

/// What a change of the rules does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EffectQuery {
    /// Before.
    pub before: VerdictsQuery,
    /// After.
    pub after: VerdictsQuery,
}

/// A parcel that changed its verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    /// Which.
    pub parcel: ParcelIx,
    /// Verdict before.
    pub before: Verdict,
    /// Verdict after.
    pub after: Verdict,
    /// Distance after; `NaN` where nothing was measured.
    pub margin: f32,
}

/// Answer of [`EffectQuery`].
#[derive(Debug, Clone)]
pub struct Effect {
    /// Before.
    pub before: Arc<Verdicts>,
    /// After.
    pub after: Arc<Verdicts>,
    /// Parcels by verdict before and after.
    pub table: [[usize; 3]; 3],
    /// Those that moved, the nearest to their threshold first; at most [`LISTED`] of each cell.
    pub moved: Vec<Moved>,
    /// Parcels that both know.
    pub parcels: usize,
}

impl Query for EffectQuery {
    type Output = Effect;

    fn weight(output: &Self::Output) -> usize {
        output.moved.len() * size_of::<Moved>() + 128
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let before = env.cache.compute(&self.before, env, watch)?;
        let after = env.cache.compute(&self.after, env, watch)?;
        let parcels = before.verdicts.len().min(after.verdicts.len());
        let cell = |row: usize| (usize::from(before.verdicts[row].min(2)), usize::from(after.verdicts[row].min(2)));
        let mut table = [[0; 3]; 3];
        for row in 0..parcels {
            let (from, to) = cell(row);
            table[from][to] += 1;
        }
        let changed = (0..9).map(|own| (own / 3, own % 3)).filter(|&(from, to)| from != to && table[from][to] > 0);
        let mut moved: Vec<Moved> = changed.flat_map(|cell| of_cell(&before, &after, cell, LISTED)).collect();
        by_distance(&mut moved);
        Ok(Effect { before, after, table, moved, parcels })
    }
}

/// All parcels of a cell of the transition table, or all that changed: more than [`Effect::moved`] lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MovedQuery {
    /// The change.
    pub effect: EffectQuery,
    /// Verdict before and after as numbers; `None` for all parcels that changed.
    pub cell: Option<(u8, u8)>,
}

impl Query for MovedQuery {
    /// The nearest to their threshold first.
    type Output = Vec<Moved>;

    fn weight(output: &Self::Output) -> usize {
        output.len() * size_of::<Moved>()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let before = env.cache.compute(&self.effect.before, env, watch)?;
        let after = env.cache.compute(&self.effect.after, env, watch)?;
        let wanted = (0..9).map(|own| (own / 3, own % 3)).filter(|&(from, to)| match self.cell {
            Some(cell) => cell == (from as u8, to as u8),
            None => from != to,
        });
        let mut moved: Vec<Moved> = wanted.flat_map(|cell| of_cell(&before, &after, cell, usize::MAX)).collect();
        by_distance(&mut moved);
        Ok(moved)
    }
}

/// The parcels of a cell that are nearest to their threshold.
fn of_cell(before: &Verdicts, after: &Verdicts, (from, to): (usize, usize), most: usize) -> Vec<Moved> {
    let rows = nearest(members(before, after, (from, to)), &after.margins, most);
    let moved = |row: u32| Moved {
        parcel: ParcelIx(row),
        before: Verdict::from_class(from as u8),
        after: Verdict::from_class(to as u8),
        margin: after.margins[row as usize],
    };
    rows.into_iter().map(moved).collect()
}

fn by_distance(moved: &mut [Moved]) {
    moved.sort_by(|a, b| distance(a.margin).total_cmp(&distance(b.margin)).then(a.parcel.cmp(&b.parcel)));
}

/// Rows of a cell of the transition table, in the order of the table.
pub fn members(before: &Verdicts, after: &Verdicts, (from, to): (usize, usize)) -> Vec<u32> {
    let pairs = before.verdicts.iter().zip(&after.verdicts).enumerate();
    pairs
        .filter(|(_, (own, other))| usize::from(**own) == from && usize::from(**other) == to)
        .map(|(row, _)| row as u32)
        .collect()
}

/// What has no margin comes last.
fn distance(margin: f32) -> f32 {
    if margin.is_nan() { f32::INFINITY } else { margin.abs() }
}

/// The rows with the least margins, the nearest first, of equals the first of the table.
pub fn nearest(mut rows: Vec<u32>, margins: &[f32], most: usize) -> Vec<u32> {
    let order = |a: &u32, b: &u32| distance(margins[*a as usize]).total_cmp(&distance(margins[*b as usize])).then(a.cmp(b));
    if rows.len() > most {
        rows.select_nth_unstable_by(most, order);
        rows.truncate(most);
    }
    rows.sort_unstable_by(order);
    rows
}

/// How a feature is distributed, by verdict.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DistributionQuery {
    /// Features and rules.
    pub verdicts: VerdictsQuery,
    /// Name of the feature.
    pub feature: String,
    /// Bars.
    pub bins: usize,
}

/// Answer of [`DistributionQuery`].
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Value at the left edge of the first bar.
    pub low: f64,
    /// Value at the right edge of the last bar.
    pub high: f64,
    /// Green, yellow and red parcels of each bar.
    pub bars: Vec<[usize; 3]>,
    /// Parcels below the first bar and above the last one; they are counted in these.
    pub outside: [usize; 2],
    /// Parcels without a value, by verdict.
    pub unknown: [usize; 3],
    /// Unit of the feature.
    pub unit: String,
}

impl Query for DistributionQuery {
    type Output = Distribution;

    fn weight(output: &Self::Output) -> usize {
        output.bars.len() * 24 + 64
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        use crate::engine::rules::Kind;
        let verdicts = env.cache.compute(&self.verdicts, env, watch)?;
        let features = &self.verdicts.0.features;
        let plan = features.plan();
        let column = plan.position(&self.feature).ok_or_else(|| anyhow!("there is no feature `{}`", self.feature))?;
        let unit = match &plan.columns()[column].1 {
            Kind::Feature(unit) => unit.clone(),
            Kind::Marker => String::new(),
        };
        let values = || features.chunks.iter().flat_map(|chunk| chunk.columns[column].iter().copied());
        let (low, high) = limits(values(), features.done());
        let mut found = Distribution { low, high, bars: vec![[0; 3]; self.bins.max(1)], outside: [0; 2], unknown: [0; 3], unit };
        let width = (high - low) / found.bars.len() as f64;
        for (value, &verdict) in values().zip(&verdicts.verdicts) {
            let class = usize::from(verdict.min(2));
            let value = f64::from(value);
            if value.is_nan() {
                found.unknown[class] += 1;
                continue;
            }
            found.outside[0] += usize::from(value < low);
            found.outside[1] += usize::from(value > high);
            let bar = (((value - low) / width).max(0.0) as usize).min(found.bars.len() - 1);
            found.bars[bar][class] += 1;
        }
        Ok(found)
    }
}

/// Round limits that hold all but the outermost half per cent of the values, of a sample of them.
fn limits(values: impl Iterator<Item = f32>, count: usize) -> (f64, f64) {
    const SAMPLE: usize = 20_000;
    let step = count.div_ceil(SAMPLE).max(1);
    let mut sample: Vec<f32> = values.step_by(step).filter(|value| value.is_finite()).collect();
    sample.sort_unstable_by(f32::total_cmp);
    let at = |share: f64| sample.get(((sample.len().max(1) - 1) as f64 * share).round() as usize).copied();
    let (Some(low), Some(high)) = (at(0.005), at(0.995)) else { return (0.0, 1.0) };
    let (low, high) = (f64::from(low), f64::from(high));
    let spread = if high > low { high - low } else { low.abs().max(1.0) * 0.1 };
    let step = 10f64.powf((spread / 10.0).log10().floor());
    ((low / step).floor() * step, (high / step).ceil() * step + if high > low { 0.0 } else { step })
}

/// Parcels nearest to a value of a feature, on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BoundaryQuery {
    /// Features and rules.
    pub verdicts: VerdictsQuery,
    /// Name of the feature.
    pub feature: String,
    /// The value, as bits.
    pub at: u32,
    /// Parcels wanted.
    pub most: usize,
}

impl Query for BoundaryQuery {
    /// Parcels with their values, by value.
    type Output = Vec<(ParcelIx, f32)>;

    fn weight(output: &Self::Output) -> usize {
        output.len() * 8
    }

    fn run(&self, _: &Env, _: &Watch) -> Answer<Self::Output> {
        let features = &self.verdicts.0.features;
        let column = features.plan().position(&self.feature).ok_or_else(|| anyhow!("there is no feature `{}`", self.feature))?;
        let at = f32::from_bits(self.at);
        let margins: Vec<f32> =
            features.chunks.iter().flat_map(|chunk| chunk.columns[column].iter().map(|value| value - at)).collect();
        let (below, above): (Vec<u32>, Vec<u32>) = (0..margins.len() as u32)
            .filter(|&row| !margins[row as usize].is_nan())
            .partition(|&row| margins[row as usize] < 0.0);
        let half = self.most / 2;
        let mut below = nearest(below, &margins, self.most);
        let mut above = nearest(above, &margins, self.most);
        // Where one side has fewer the other one has more.
        let from_below = half.max(self.most.saturating_sub(above.len())).min(below.len());
        below.truncate(from_below);
        above.truncate(self.most - from_below);
        let mut all: Vec<(ParcelIx, f32)> =
            below.into_iter().chain(above).map(|row| (ParcelIx(row), margins[row as usize] + at)).collect();
        all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_rows_come_first_and_those_without_margin_last() {
        let margins = [0.3, -0.1, f32::NAN, 0.2, 0.1];
        assert_eq!(nearest((0..5).collect(), &margins, 5), [1, 4, 3, 0, 2]);
        assert_eq!(nearest((0..5).collect(), &margins, 2), [1, 4]);
    }

    #[test]
    fn limits_are_round_and_hold_nearly_all() {
        let values: Vec<f32> = (0..1000).map(|at| at as f32 / 1000.0).collect();
        let (low, high) = limits(values.iter().copied(), 1000);
        assert!((0.0..=0.005).contains(&low) && (0.994..=1.01).contains(&high), "{low} {high}");
        assert_eq!(limits([f32::NAN].into_iter(), 1), (0.0, 1.0));
        let (low, high) = limits([0.5_f32; 9].into_iter(), 9);
        assert!(low <= 0.5 && high > 0.5);
    }
}
