//! Check of one parcel against a thematic raster: shares of its classes (`foi_h`) and its large clusters (`foi_c`).
//!
//! Which pixels belong to the parcel is decided before: all rings and parts of its outline after the inner buffer, by pixel centres.

use std::collections::BTreeMap;

use crate::model::foi::{Cardinality, ClassCount, Cluster, FoiFinding, FoiParams, FoiSkip};

use super::components::components;

/// Classes of a rectangle of pixels around a parcel, row by row.
#[derive(Debug, Clone, Copy)]
pub struct ClassWindow<'a> {
    /// Classes; 0 is no data.
    pub classes: &'a [i32],
    /// Whether each pixel belongs to the parcel.
    pub inside: &'a [bool],
    /// Pixels of a row.
    pub width: usize,
    /// Pixels of the parcel beyond the edge of the raster.
    pub outside: u64,
}

/// Counts classes and clusters of a parcel.
///
/// A share is that of the pixels with a class. `foi_h` holds when some class has a share from `min_het` to `max_het`, both included.
/// Clusters are connected pixels of one class inside the parcel, never across its limit; large ones have more than `cluster_pixels`
/// pixels. `foi_c` holds with more than one large cluster, or, with [`Cardinality::DistinctClasses`], with large clusters of more than
/// one class.
///
/// * **No data:** class 0 takes no part, neither in shares nor in clusters. Without any class the answer is the reason.
/// * **Source:** the meaning that JRC's FOI assessment documents, version 2 for clusters and the first of the two readings, version 1
///   for the second.
///
/// ```
/// # use parcelight::engine::heterogeneity::foi::{ClassWindow, check};
/// # use parcelight::model::foi::FoiParams;
/// let window = ClassWindow { classes: &[1, 1, 2, 0], inside: &[true; 4], width: 2, outside: 0 };
/// let found = check(window, &FoiParams { cluster_pixels: 0, ..FoiParams::default() })?;
/// assert!(found.heterogeneous && found.several_clusters && found.pixels == 3 && found.nodata == 1);
/// # Ok::<(), parcelight::model::foi::FoiSkip>(())
/// ```
pub fn check(window: ClassWindow<'_>, params: &FoiParams) -> Result<FoiFinding, FoiSkip> {
    debug_assert!(window.classes.len() == window.inside.len() && window.width > 0, "one mark a pixel");
    let class = |at: usize| Some(window.classes[at]).filter(|own| window.inside[at] && *own != 0);
    let inside = window.inside.iter().filter(|inside| **inside).count() as u32;
    if inside == 0 {
        return Err(FoiSkip::NoPixels);
    }
    let mut counts: BTreeMap<i32, u32> = BTreeMap::new();
    for own in (0..window.classes.len()).filter_map(class) {
        *counts.entry(own).or_default() += 1;
    }
    let pixels: u32 = counts.values().sum();
    if pixels == 0 {
        return Err(FoiSkip::NoClass);
    }
    // Whole numbers on one side: a share that is exactly a limit belongs to the range.
    let between = |count: u32| {
        let hundredfold = 100.0 * f64::from(count);
        hundredfold >= params.min_het * f64::from(pixels) && hundredfold <= params.max_het * f64::from(pixels)
    };
    let (_, patches) = components(window.width, window.classes.len(), params.connectivity, class);
    let large = patches.iter().filter(|own| own.pixels > params.cluster_pixels);
    let mut clusters: Vec<Cluster> = large.map(|own| Cluster { class: own.label, pixels: own.pixels }).collect();
    clusters.sort_by(|a, b| b.pixels.cmp(&a.pixels).then(a.class.cmp(&b.class)));
    let several_clusters = clusters.len() > 1;
    let several_classes = clusters.iter().any(|own| own.class != clusters[0].class);
    Ok(FoiFinding {
        pixels,
        nodata: inside - pixels,
        outside: window.outside,
        heterogeneous: counts.values().any(|&count| between(count)),
        classes: counts.into_iter().map(|(class, pixels)| ClassCount { class, pixels }).collect(),
        cardinal: match params.cardinality {
            Cardinality::SpatialClusters => several_clusters,
            Cardinality::DistinctClasses => several_classes,
        },
        clusters,
        several_clusters,
        several_classes,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::foi::Connectivity;

    /// Rows of digits; `x` is a pixel of another parcel with class 1.
    fn found(text: &str, params: &FoiParams) -> Result<FoiFinding, FoiSkip> {
        let width = text.find(' ').unwrap_or(text.len());
        let marks: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
        let inside: Vec<bool> = marks.iter().map(|mark| *mark != b'x').collect();
        let classes: Vec<i32> = marks.iter().map(|mark| if *mark == b'x' { 1 } else { i32::from(mark - b'0') }).collect();
        check(ClassWindow { classes: &classes, inside: &inside, width, outside: 0 }, params)
    }

    fn params(cluster_pixels: u32) -> FoiParams {
        FoiParams { cluster_pixels, ..FoiParams::default() }
    }

    fn check_text(text: &str, params: &FoiParams) -> FoiFinding {
        found(text, params).expect("an answer")
    }

    #[test]
    fn both_limits_of_the_share_belong_to_the_range() {
        for (text, expected) in [
            ("1112222222", true),  // 30 and 70 per cent
            ("1122222222", false), // 20 and 80
            ("1111111111", false),
            ("1122333333", true), // 60
            ("1122334455", false),
            ("1110222222200", true), // no data takes no part
        ] {
            assert_eq!(check_text(text, &params(0)).heterogeneous, expected, "{text}");
        }
        let narrow = FoiParams { min_het: 30.1, max_het: 69.9, ..params(0) };
        assert!(!check_text("1112222222", &narrow).heterogeneous);
    }

    #[test]
    fn a_cluster_is_large_with_more_pixels_than_the_threshold() {
        let text = "1111 2222 1111";
        assert_eq!(check_text(text, &params(4)).clusters, []);
        let own = check_text(text, &params(3));
        assert_eq!(own.clusters.iter().map(|own| (own.class, own.pixels)).collect::<Vec<_>>(), [(1, 4), (1, 4), (2, 4)]);
    }

    #[test]
    fn two_clusters_of_one_class_are_several_objects_in_the_first_reading_only() {
        let text = "1121 1121 1121";
        let own = check_text(text, &params(2));
        assert!(own.cardinal && own.several_clusters && own.several_classes);
        let same = "1101 1101 1101";
        assert!(check_text(same, &params(2)).cardinal);
        let classes = FoiParams { cardinality: Cardinality::DistinctClasses, ..params(2) };
        let own = check_text(same, &classes);
        assert!(!own.cardinal && own.several_clusters && !own.several_classes);
        assert!(check_text(text, &classes).cardinal);
    }

    #[test]
    fn corners_join_clusters_with_eight_neighbours() {
        let text = "1122 1122 2211 2211";
        let four = FoiParams { connectivity: Connectivity::Four, ..params(3) };
        assert_eq!(check_text(text, &params(3)).clusters.len(), 2);
        assert_eq!(check_text(text, &four).clusters.len(), 4);
    }

    #[test]
    fn clusters_never_lead_through_another_parcel() {
        assert_eq!(check_text("111 xxx 111", &params(2)).clusters.len(), 2);
        assert_eq!(check_text("111 1xx 111", &params(2)).clusters.len(), 1);
    }

    #[test]
    fn without_pixels_or_classes_there_is_a_reason() {
        assert_eq!(found("xxx", &params(0)), Err(FoiSkip::NoPixels));
        assert_eq!(found("00x", &params(0)), Err(FoiSkip::NoClass));
        let own = check_text("50x", &params(0));
        assert_eq!((own.pixels, own.nodata, own.percent(1)), (1, 1, 100.0));
    }

    proptest! {
        #[test]
        fn clusters_of_any_size_add_up_to_the_classes(
            classes in prop::collection::vec(0i32..4, 60), inside in prop::collection::vec(any::<bool>(), 60), four in any::<bool>(),
        ) {
            let connectivity = if four { Connectivity::Four } else { Connectivity::Eight };
            let own = FoiParams { connectivity, ..params(0) };
            let window = ClassWindow { classes: &classes, inside: &inside, width: 10, outside: 0 };
            if let Ok(found) = check(window, &own) {
                for class in &found.classes {
                    let sum: u32 = found.clusters.iter().filter(|own| own.class == class.class).map(|own| own.pixels).sum();
                    prop_assert_eq!(sum, class.pixels);
                }
                let percent: f64 = found.classes.iter().map(|own| found.percent(own.pixels)).sum();
                prop_assert!((percent - 100.0).abs() < 1e-9);
                prop_assert_eq!(found.pixels + found.nodata, inside.iter().filter(|own| **own).count() as u32);
            }
        }
    }
}
