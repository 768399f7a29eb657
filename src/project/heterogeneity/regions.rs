//! Neighbours that are clustered together.
//!
//! Clusters of all parcels of a tile at once would make the answer for one parcel wait for the whole tile, and clusters of one parcel
//! alone always exist. So the layer is cut into regions of neighbours along a Hilbert curve, the same for everybody who asks: the
//! window looks at the region of its parcel, a run over the population at all regions, and both see the same clusters.

use crate::engine::sampling;
use crate::model::heterogeneity::{ClusterParams, Context};
use crate::model::{ParcelIx, Parcels};

/// The parcels of a layer in regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions {
    /// Region of each parcel.
    of: Vec<u32>,
    /// Parcels along the curve.
    order: Vec<ParcelIx>,
    /// Where the regions begin in `order`; one more than regions.
    start: Vec<u32>,
}

impl Regions {
    /// Cuts a layer so that every region has at least the parcels asked for (fewer only where the layer has fewer), and none twice as
    /// many. A parcel alone is a region of its own.
    pub fn new(parcels: &Parcels, params: &ClusterParams) -> Self {
        let centres: Vec<[f64; 2]> = parcels
            .iter()
            .map(|parcel| {
                let bounds = parcels.bounds(parcel);
                let (x, y) = bounds.center();
                if bounds.is_empty() { [f64::NAN; 2] } else { [x, y] }
            })
            .collect();
        let order: Vec<ParcelIx> = sampling::spatial(&centres).into_iter().map(|at| ParcelIx(at as u32)).collect();
        let size = if params.context == Context::Alone { 1 } else { params.region_parcels.max(1) as usize };
        let regions = (order.len() / size).max(1);
        let start: Vec<u32> = (0..=regions).map(|region| (region * order.len() / regions) as u32).collect();
        let mut of = vec![0; order.len()];
        for (region, bounds) in start.windows(2).enumerate() {
            for parcel in &order[bounds[0] as usize..bounds[1] as usize] {
                of[parcel.at()] = region as u32;
            }
        }
        Self { of, order, start }
    }

    /// Number of regions.
    pub fn count(&self) -> u32 {
        self.start.len() as u32 - 1
    }

    /// Region of a parcel.
    pub fn of(&self, parcel: ParcelIx) -> u32 {
        self.of.get(parcel.at()).copied().unwrap_or(0)
    }

    /// Parcels of a region, in the order of the layer.
    pub fn members(&self, region: u32) -> Vec<ParcelIx> {
        let at = region as usize;
        let mut members = match (self.start.get(at), self.start.get(at + 1)) {
            (Some(&from), Some(&to)) => self.order[from as usize..to as usize].to_vec(),
            _ => Vec::new(),
        };
        members.sort_unstable();
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parcels::{ParcelRow, ParcelsBuilder};
    use crate::model::{Crs, Polygons};

    fn layer(side: usize) -> Parcels {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for at in 0..side * side {
            let (x, y) = ((at % side) as f64 * 100.0, (at / side) as f64 * 100.0);
            let ring = vec![[x, y], [x + 90.0, y], [x + 90.0, y + 90.0], [x, y + 90.0]];
            builder.push(ParcelRow {
                id: format!("P{at}"),
                outline: Polygons { parts: vec![vec![ring]] },
                ..ParcelRow::default()
            });
        }
        builder.finish(Vec::new())
    }

    #[test]
    fn every_parcel_is_in_one_region_of_neighbours_and_the_cut_is_always_the_same() {
        let parcels = layer(20);
        let params = ClusterParams { region_parcels: 60, ..ClusterParams::default() };
        let regions = Regions::new(&parcels, &params);
        assert_eq!(regions.count(), 6);
        let mut all: Vec<ParcelIx> = (0..regions.count()).flat_map(|region| regions.members(region)).collect();
        all.sort_unstable();
        assert_eq!(all, parcels.iter().collect::<Vec<_>>());
        for region in 0..regions.count() {
            let members = regions.members(region);
            assert!((60..120).contains(&members.len()), "{}", members.len());
            assert!(members.iter().all(|&parcel| regions.of(parcel) == region));
            // Neighbours: much less ground than the whole layer.
            let mut bounds = crate::model::Bounds::EMPTY;
            for &parcel in &members {
                let own = parcels.bounds(parcel);
                bounds.include(own.min_x, own.min_y);
                bounds.include(own.max_x, own.max_y);
            }
            assert!(bounds.width() * bounds.height() < 0.6 * 2000.0 * 2000.0);
        }
        assert_eq!(Regions::new(&parcels, &params), regions);
    }

    #[test]
    fn a_small_layer_is_one_region_and_a_parcel_alone_is_its_own() {
        let parcels = layer(3);
        let regions = Regions::new(&parcels, &ClusterParams::default());
        assert_eq!((regions.count(), regions.members(0).len()), (1, 9));
        let alone = ClusterParams { context: Context::Alone, ..ClusterParams::default() };
        let regions = Regions::new(&parcels, &alone);
        assert_eq!(regions.count(), 9);
        assert_eq!(regions.members(regions.of(ParcelIx(4))), [ParcelIx(4)]);
        assert_eq!(Regions::new(&layer(0), &alone).members(0), []);
    }
}
