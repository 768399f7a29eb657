//! Which parcels are in the queue and in which order.

use std::sync::Arc;

use crate::engine::filter::{self, FilterError};
use crate::engine::order::{Ranks, SortKey};
use crate::model::{ParcelIx, Watch};
use crate::project::marking::effect::VerdictsQuery;
use crate::project::query::{Answer, Query};
use crate::project::queue::ParcelList;

use super::Env;
use super::population::PopulationQuery;

/// Parcels in an order, with the way back from a parcel to its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    order: Vec<ParcelIx>,
    /// Row of each parcel of the table, or [`Rows::ABSENT`].
    places: Vec<u32>,
}

impl Rows {
    const ABSENT: u32 = u32::MAX;

    /// Rows of a table of so many parcels.
    pub fn new(order: Vec<ParcelIx>, parcels: usize) -> Self {
        let mut places = vec![Self::ABSENT; parcels];
        for (row, parcel) in order.iter().enumerate() {
            places[parcel.at()] = row as u32;
        }
        Self { order, places }
    }

    /// Parcels in order.
    pub fn order(&self) -> &[ParcelIx] {
        &self.order
    }

    /// Row of a parcel.
    pub fn position(&self, parcel: ParcelIx) -> Option<usize> {
        self.places.get(parcel.at()).filter(|&&row| row != Self::ABSENT).map(|&row| row as usize)
    }

    /// The parcel itself if it is there, otherwise the nearest following one of the table, otherwise the last row.
    pub fn nearest(&self, parcel: ParcelIx) -> Option<ParcelIx> {
        let following = self.places.iter().enumerate().skip(parcel.at()).find(|(_, row)| **row != Self::ABSENT);
        following.map(|(at, _)| ParcelIx(at as u32)).or_else(|| self.order.last().copied())
    }
}

/// Place of every parcel in the order of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RanksQuery {
    /// Sorted by this.
    pub key: SortKey,
    /// What a distance from peers is taken from; `None` for other keys.
    pub population: Option<PopulationQuery>,
    /// Whose margins are ranked; `None` for other keys, and while no verdict is known.
    pub verdicts: Option<VerdictsQuery>,
    /// Data revision.
    pub revision: u64,
}

impl Query for RanksQuery {
    type Output = Ranks;

    fn weight(output: &Self::Output) -> usize {
        output.bytes()
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        if let Some(verdicts) = &self.verdicts {
            let verdicts = env.cache.compute(verdicts, env, &Watch::default())?;
            let known = verdicts.margins.iter().copied().map(f64::from);
            // What has no margin comes behind the largest one.
            let ranked =
                known.chain(std::iter::repeat(f64::NAN)).map(|margin| if margin.is_nan() { f64::INFINITY } else { margin });
            return Ok(Ranks::of_numbers(ranked.take(env.parcels.len())));
        }
        let Some(population) = &self.population else { return Ok(Ranks::new(&env.parcels, &self.key)) };
        let population = env.cache.compute(population, env, &Watch::default())?;
        Ok(Ranks::of_numbers(population.scores.iter().copied().map(f64::from)))
    }
}

/// The queue's rows under a filter and an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowsQuery {
    /// Filter as typed.
    pub filter: String,
    /// Sort keys, the first counts most; `true` is descending.
    pub sort: Vec<(RanksQuery, bool)>,
    /// Only these parcels, in their order where nothing is sorted by.
    pub list: Option<Arc<ParcelList>>,
    /// Data revision.
    pub revision: u64,
}

impl Query for RowsQuery {
    /// A filter that cannot be used is an answer too.
    type Output = Result<Arc<Rows>, FilterError>;

    fn weight(output: &Self::Output) -> usize {
        output.as_ref().map_or(0, |rows| (rows.order.len() + rows.places.len()) * 4)
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let mut order = match filter::search(&env.parcels, &self.filter) {
            Ok(order) => order,
            Err(error) => return Ok(Err(error)),
        };
        if let Some(list) = &self.list {
            let mut matches = vec![false; env.parcels.len()];
            for parcel in &order {
                matches[parcel.at()] = true;
            }
            // Each once, also where the list names it twice.
            order = list.parcels.iter().copied().filter(|own| matches.get_mut(own.at()).is_some_and(std::mem::take)).collect();
        }
        // Stable sorts from the last key to the first; a descending key turns its own order round and no other.
        for (ranks, descending) in self.sort.iter().rev() {
            if watch.cancelled() {
                return Err(anyhow::anyhow!("cancelled").into());
            }
            env.cache.compute(ranks, env, &Watch::default())?.sort(&mut order, *descending);
        }
        Ok(Ok(Arc::new(Rows::new(order, env.parcels.len()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_row_is_the_parcel_itself_the_next_of_the_table_or_the_last() {
        let rows = Rows::new([4, 1, 6].map(ParcelIx).to_vec(), 9);
        assert_eq!([0, 1, 2, 5, 7].map(|at| rows.nearest(ParcelIx(at)).map(|parcel| parcel.0)), [1, 1, 4, 6, 6].map(Some));
        assert_eq!([4, 1, 5, 99].map(|at| rows.position(ParcelIx(at))), [Some(0), Some(1), None, None]);
        assert_eq!(Rows::new(vec![], 3).nearest(ParcelIx(1)), None);
    }
}
