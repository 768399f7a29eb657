//! What stored reflectance numbers mean.
//!
//! In this order, and never by date: scale and offset of the band itself (`GeoTIFF`, STAC), the product's stated offset
//! (`BOA_ADD_OFFSET`), the processing baseline (from 04.00 on -1000), the project's assumption. A band offset and a
//! `BOA_ADD_OFFSET` tag describe the same shift and are never added.

use std::collections::BTreeMap;

use super::{Fault, Piece, ScanSource};
use crate::model::Sensor;
use crate::model::catalog::Origin;
use crate::model::project_file::Radiometry;
use crate::model::report::Problem;

/// What is known about one band of reflectance.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// Scale and offset set for the band.
    pub scaling: Option<(f64, f64)>,
    /// Stated offset in digital numbers.
    pub boa_offset_dn: Option<f64>,
    /// Stated digital numbers per unit of reflectance.
    pub quantification: Option<f64>,
    /// Baseline from metadata.
    pub baseline: Option<&'a str>,
    /// Baseline from the name.
    pub baseline_of_name: Option<&'a str>,
    /// The numbers are reflectance already (floating point, small).
    pub ready: bool,
}

/// How to get reflectance: `stored * scale + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Decided {
    pub scale: f64,
    pub offset: f64,
    pub offset_dn: f64,
    pub origin: Origin,
}

/// Decides scale and offset of one band.
pub(super) fn decide(known: Known, settings: &Radiometry) -> Decided {
    let stated = known.scaling.filter(|(scale, offset)| *scale > 0.0 && (*scale != 1.0 || *offset != 0.0));
    if let Some((scale, offset)) = stated {
        // A writer that sets only the scale leaves 0 as offset: then a stated product offset still holds.
        let offset = if offset == 0.0 { known.boa_offset_dn.unwrap_or(0.0) * scale } else { offset };
        return Decided { scale, offset, offset_dn: (offset / scale).round(), origin: Origin::Metadata };
    }
    if known.ready {
        let offset_dn = 0.0;
        return Decided { scale: 1.0, offset: 0.0, offset_dn, origin: Origin::Metadata };
    }
    let scale = 1.0 / known.quantification.filter(|value| *value > 0.0).unwrap_or(settings.assumed_quantification);
    let (offset_dn, origin) = if let Some(offset_dn) = known.boa_offset_dn {
        (offset_dn, Origin::Metadata)
    } else if let Some(offset_dn) = known.baseline.and_then(offset_of_baseline) {
        (offset_dn, Origin::Metadata)
    } else if let Some(offset_dn) = known.baseline_of_name.and_then(offset_of_baseline) {
        (offset_dn, Origin::Name)
    } else {
        (settings.assumed_boa_offset_dn, if settings.confirmed { Origin::Setting } else { Origin::Assumed })
    };
    Decided { scale, offset: offset_dn * scale, offset_dn, origin }
}

/// -1000 from baseline 04.00 on, else 0; `None` for test baselines (99.99) and unreadable text.
fn offset_of_baseline(baseline: &str) -> Option<f64> {
    let major: u8 = baseline.split('.').next()?.trim().parse().ok()?; // no number: not a baseline
    match major {
        0..=3 => Some(0.0),
        4..90 => Some(-1000.0),
        _ => None,
    }
}

/// Offset and quantification from tags as some writers keep them, band tags before file tags.
pub(super) fn from_tags(tags: &BTreeMap<String, String>, band_tags: &BTreeMap<String, String>) -> (Option<f64>, Option<f64>) {
    let number = |key: &str| band_tags.get(key).or_else(|| tags.get(key))?.parse::<f64>().ok(); // not a number: not stated
    (number("BOA_ADD_OFFSET"), number("BOA_QUANTIFICATION_VALUE"))
}

/// One line when the offset of any product is assumed and not yet confirmed.
pub(super) fn assumption(sources: &[ScanSource], granules: &[Piece], settings: &Radiometry) -> Option<Problem> {
    let assumed: Vec<&Piece> = granules
        .iter()
        .filter(|piece| piece.sensor == Sensor::S2 && piece.offset.is_some_and(|(_, origin)| origin == Origin::Assumed))
        .collect();
    let first = assumed.first()?;
    let source = sources.iter().map(|source| &source.path).find(|path| first.path.starts_with(path)).unwrap_or(&first.path);
    let late = assumed.iter().filter(|piece| piece.acquired.as_second() >= USUAL_FROM).count();
    let hint =
        if late > 0 { format!(", {late} of them sensed since 2022-01-25, when -1000 became usual") } else { String::new() };
    let fact = format!(
        "nothing states the reflectance offset of {} Sentinel-2 products ({}{hint}); {} is assumed",
        assumed.len(),
        first.stem,
        settings.assumed_boa_offset_dn
    );
    Some(Fault::warning(fact, "metadata with the offset, or a confirmed assumption in the project").at(source))
}

/// 2022-01-25T00:00:00Z; for the wording of the hint only.
const USUAL_FROM: i64 = 1_643_068_800;

/// True when a product states offset 0 although its baseline has -1000: harmonised before, or a wrong tag.
pub(super) fn contradicts(decided: &Decided, known: &Known) -> bool {
    let of_baseline = known.baseline.or(known.baseline_of_name).and_then(offset_of_baseline);
    decided.origin == Origin::Metadata && decided.scale != 1.0 && of_baseline.is_some_and(|offset| offset != decided.offset_dn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(known: Known, offset: f64, origin: Origin) {
        let decided = decide(known, &Radiometry::default());
        assert!((decided.offset - offset).abs() < 1e-12, "{known:?} gave {decided:?}");
        assert_eq!(decided.origin, origin, "{known:?}");
        assert!((decided.scale - 1e-4).abs() < 1e-15);
    }

    #[test]
    fn band_offset_and_product_offset_are_one_shift() {
        let stated = Known { boa_offset_dn: Some(-1000.0), baseline: Some("04.00"), ..Known::default() };
        check(stated, -0.1, Origin::Metadata);
        check(Known { scaling: Some((1e-4, -0.1)), ..stated }, -0.1, Origin::Metadata);
        check(Known { scaling: Some((1e-4, 0.0)), ..stated }, -0.1, Origin::Metadata);
    }

    #[test]
    fn a_set_scale_with_offset_zero_counts_as_stated() {
        check(Known { scaling: Some((1e-4, 0.0)), ..Known::default() }, 0.0, Origin::Metadata);
        check(Known { scaling: Some((1e-4, 0.0)), baseline: Some("05.10"), ..Known::default() }, 0.0, Origin::Metadata);
    }

    #[test]
    fn the_baseline_decides_when_no_number_is_stated() {
        check(Known { baseline: Some("03.01"), ..Known::default() }, 0.0, Origin::Metadata);
        check(Known { baseline_of_name: Some("05.11"), ..Known::default() }, -0.1, Origin::Name);
        check(Known { baseline: Some("02.14"), baseline_of_name: Some("05.11"), ..Known::default() }, 0.0, Origin::Metadata);
        check(Known { baseline_of_name: Some("99.99"), ..Known::default() }, 0.0, Origin::Assumed);
    }

    #[test]
    fn the_projects_assumption_fills_silence() {
        let settings = Radiometry { assumed_boa_offset_dn: -1000.0, confirmed: true, assumed_quantification: 10_000.0 };
        let decided = decide(Known::default(), &settings);
        assert_eq!((decided.offset_dn, decided.origin), (-1000.0, Origin::Setting));
        assert_eq!(decide(Known::default(), &Radiometry::default()).origin, Origin::Assumed);
    }
}
