//! From values to pixels of a picture: limits, composites, index colours.

use crate::engine::indices::IndexSet;
use crate::engine::ramp;
use crate::model::units::{db_from_linear, linear_from_db};
use crate::model::view::Polarisation;
use crate::model::{Band, Chip, Stretch, View};

/// The views of NDVI distributions are drawn beside NDVI pixels.
const NDVI: &str = "NDVI";

/// A rendered chip.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// RGBA, not premultiplied, row by row. Missing values are transparent.
    pub rgba: Vec<u8>,
    /// (low, high) used for each channel, in physical units: three for a composite, one for the rest.
    pub limits: Vec<(f64, f64)>,
}

/// Limits of the fixed stretch of a band in reflectance (JRC's LUT for B08, B11, B04 of products without offset; our choice for the rest).
///
/// Blue and green are chosen to go with JRC's red, so that true colour looks natural (checked by eye on the sample season); red
/// edge and narrow near infrared pass from the limits of red to those of near infrared. `VV` and `VH` (in composites) are linear power with the
/// limits of their views. Unknown bands get 0..1.
///
/// ```
/// # use parcelight::engine::stretch::fixed_limits;
/// assert_eq!((fixed_limits("B08"), fixed_limits("B11"), fixed_limits("B04")), ((0.12, 0.57), (0.08, 0.41), (0.015, 0.28)));
/// ```
pub fn fixed_limits(band: &str) -> (f64, f64) {
    let band = Band::parse(band).unwrap_or_else(|| Band::new(band));
    match band.as_str() {
        "B01" | "B02" => (0.0, 0.24),
        "B03" => (0.01, 0.25),
        "B04" => (0.015, 0.28),
        "B05" => (0.03, 0.33),
        "B06" => (0.08, 0.46),
        "B07" => (0.10, 0.53),
        "B08" | "B8A" | "B09" => (0.12, 0.57),
        "B11" => (0.08, 0.41),
        "B12" => (0.04, 0.34),
        "VV" => linear(backscatter_limits(Polarisation::Vv)),
        "VH" => linear(backscatter_limits(Polarisation::Vh)),
        _ => (0.0, 1.0),
    }
}

fn linear((low, high): (f64, f64)) -> (f64, f64) {
    (linear_from_db(low), linear_from_db(high))
}

/// dB, for sigma nought or gamma nought over farmland: parcel means of the sample season lie in -18..-4 (VV) and -26..-12 (VH).
/// Both spans are equally wide, so that both polarisations have the same contrast.
fn backscatter_limits(polarisation: Polarisation) -> (f64, f64) {
    match polarisation {
        Polarisation::Vv => (-18.0, -4.0),
        Polarisation::Vh => (-25.0, -11.0),
    }
}

/// dB: 96 of 100 parcel means of VH/VV of the sample season lie in -12..-4.5.
const RATIO_LIMITS: (f64, f64) = (-13.0, -3.0);

/// Coherence is shown over its whole span, as in the fixed-range graphs of JRC's calendars.
const COHERENCE_LIMITS: (f64, f64) = (0.0, 1.0);

/// Fixed limits of every channel of a view (one or three).
pub fn view_limits(view: &View, indices: &IndexSet) -> Vec<(f64, f64)> {
    match view {
        View::Composite(bands) => bands.iter().map(|band| fixed_limits(band.as_str())).collect(),
        View::Index(name) => vec![indices.range(name)],
        View::NdviHistogram | View::RedNirScatter => vec![indices.range(NDVI)],
        View::Backscatter(polarisation, _) => vec![backscatter_limits(*polarisation)],
        View::BackscatterRatio(_) => vec![RATIO_LIMITS],
        View::Coherence(..) => vec![COHERENCE_LIMITS],
        View::SceneClass => vec![(0.0, 11.0)],
    }
}

/// Cumulative cut: the values below which `low_percent` and above which `high_percent` of the finite values lie.
///
/// Linear between ranks. `None` without a finite value. Percentages that leave nothing meet in the middle.
///
/// ```
/// # use parcelight::engine::stretch::cut;
/// let values: Vec<f32> = (0..=100).map(|v| v as f32).collect();
/// assert_eq!(cut(&values, 1.0, 4.0), Some((1.0, 96.0)));
/// assert_eq!(cut(&[f32::NAN], 1.0, 1.0), None);
/// ```
pub fn cut(values: &[f32], low_percent: f64, high_percent: f64) -> Option<(f64, f64)> {
    let mut finite: Vec<f32> = values.iter().copied().filter(|value| value.is_finite()).collect();
    if finite.is_empty() {
        return None;
    }
    let low = (low_percent / 100.0).clamp(0.0, 1.0);
    let high = (1.0 - high_percent / 100.0).clamp(0.0, 1.0);
    let (low, high) = if low <= high { (low, high) } else { (f64::midpoint(low, high), f64::midpoint(low, high)) };
    Some((at_share(&mut finite, low), at_share(&mut finite, high)))
}

/// Value at a share of the ranks, linear between two; reorders `values`, which must not be empty.
fn at_share(values: &mut [f32], share: f64) -> f64 {
    let rank = share * (values.len() - 1) as f64;
    let (_, below, above) = values.select_nth_unstable_by(rank as usize, f32::total_cmp);
    let below = f64::from(*below);
    let next = above.iter().copied().min_by(f32::total_cmp).map_or(below, f64::from);
    below + (next - below) * rank.fract()
}

/// Per-pixel display values of a one-channel view: index values, dB, coherence; the chip must hold the bands of [`bands_of`].
///
/// A missing band, an unknown index, or a composite gives `NaN` everywhere; backscatter that is not positive is `NaN`. Scene
/// classes are their numbers.
pub fn scalar(chip: &Chip, view: &View, indices: &IndexSet) -> Vec<f32> {
    let missing = || vec![f32::NAN; chip.grid.len()];
    let db = |power: f32| db_from_linear(f64::from(power)) as f32;
    let named = |polarisation: Polarisation| chip.band_named(&polarisation.band());
    match view {
        View::Composite(_) => missing(),
        View::Index(name) => index_values(chip, name, indices).unwrap_or_else(missing),
        View::NdviHistogram | View::RedNirScatter => index_values(chip, NDVI, indices).unwrap_or_else(missing),
        View::Backscatter(polarisation, _) => {
            named(*polarisation).map_or_else(missing, |powers| powers.iter().map(|&power| db(power)).collect())
        }
        View::BackscatterRatio(_) => match (named(Polarisation::Vh), named(Polarisation::Vv)) {
            (Some(vh), Some(vv)) => vh.iter().zip(vv).map(|(&vh, &vv)| db(vh) - db(vv)).collect(),
            _ => missing(),
        },
        View::Coherence(polarisation, _) => named(*polarisation).map_or_else(missing, <[f32]>::to_vec),
        View::SceneClass => chip.classes.as_ref().map_or_else(missing, |classes| {
            classes.iter().map(|&class| if class == Chip::NO_CLASS { f32::NAN } else { f32::from(class) }).collect()
        }),
    }
}

fn index_values(chip: &Chip, name: &str, indices: &IndexSet) -> Option<Vec<f32>> {
    let formula = indices.get(name).ok()?;
    let bands: Vec<&[f32]> = formula.bands().iter().map(|band| chip.band_named(band)).collect::<Option<_>>()?;
    Some(formula.eval_pixels(&bands))
}

/// Bands that a view needs (without SCL).
///
/// Every band once; a composite keeps the order of its channels. An unknown index needs none, and neither do scene classes.
pub fn bands_of(view: &View, indices: &IndexSet) -> Vec<Band> {
    let of_index = |name: &str| indices.get(name).map(|formula| formula.bands().to_vec()).unwrap_or_default();
    match view {
        View::Composite([red, green, blue]) => {
            let mut bands = vec![red.clone()];
            for band in [green, blue] {
                if !bands.contains(band) {
                    bands.push(band.clone());
                }
            }
            bands
        }
        View::Index(name) => of_index(name),
        View::NdviHistogram | View::RedNirScatter => of_index(NDVI),
        View::Backscatter(polarisation, _) | View::Coherence(polarisation, _) => vec![polarisation.band()],
        View::BackscatterRatio(_) => vec![Polarisation::Vh.band(), Polarisation::Vv.band()],
        View::SceneClass => Vec::new(),
    }
}

/// Renders a chip (composite, index, radar, coherence, SCL views).
///
/// * **Limits:** fixed, cut from the finite values of the whole chip (masked pixels included, so that a cloudy chip looks as it
///   does elsewhere), or given: one pair serves all channels. Values beyond them are clipped.
/// * **NaN:** transparent; in a composite a pixel without one of its three bands is.
/// * **Colours:** indices in the index ramp, radar and coherence in grey, scene classes in theirs. The two views of
///   distributions show the NDVI pixels behind them.
pub fn render(chip: &Chip, view: &View, stretch: &Stretch, indices: &IndexSet) -> Picture {
    let (width, height) = (chip.grid.width, chip.grid.height);
    let picture = |rgba: Vec<u8>, limits| Picture { width, height, rgba, limits };
    let fixed = view_limits(view, indices);
    match view {
        View::Composite(bands) => {
            let missing = vec![f32::NAN; chip.grid.len()];
            let channels = bands.each_ref().map(|band| chip.band_named(band).unwrap_or(&missing));
            let limits = limits_of(&channels, &fixed, stretch);
            picture(composite(&channels, &limits), limits)
        }
        View::SceneClass => {
            let colour = |&class: &u8| ramp::scene_class(class);
            let rgba =
                chip.classes.as_ref().map_or_else(|| vec![0; 4 * chip.grid.len()], |all| all.iter().flat_map(colour).collect());
            picture(rgba, fixed)
        }
        _ => {
            let values = scalar(chip, view, indices);
            let limits = limits_of(&[&values], &fixed, stretch);
            let colour = |t: f32| match view {
                View::Backscatter(..) | View::BackscatterRatio(_) | View::Coherence(..) => ramp::grey(t),
                View::Index(name) => ramp::of_index(name, t),
                _ => ramp::index(t),
            };
            let scale = Scale::new(limits[0]);
            picture(values.iter().flat_map(|&value| colour(scale.share(value))).collect(), limits)
        }
    }
}

/// Limits of every channel under a stretch; where a channel has no value, or the user gave none, the fixed ones stand in.
fn limits_of(channels: &[&[f32]], fixed: &[(f64, f64)], stretch: &Stretch) -> Vec<(f64, f64)> {
    let limits = |(at, values): (usize, &&[f32])| {
        let chosen = match stretch {
            Stretch::Fixed => None,
            Stretch::Dynamic { low_percent, high_percent } => cut(values, *low_percent, *high_percent),
            Stretch::Range(pairs) => pairs.get(at).or(pairs.first()).copied(),
        };
        chosen.or(fixed.get(at).copied()).unwrap_or((0.0, 1.0))
    };
    channels.iter().enumerate().map(limits).collect()
}

/// Where a value lies between two limits.
#[derive(Clone, Copy)]
struct Scale {
    low: f32,
    factor: f32,
}

impl Scale {
    fn new((low, high): (f64, f64)) -> Self {
        // Limits that coincide leave no scale: everything is in the middle, see `share`.
        let factor = if high == low { 0.0 } else { 1.0 / (high - low) };
        Self { low: low as f32, factor: factor as f32 }
    }

    fn share(self, value: f32) -> f32 {
        if self.factor == 0.0 && !value.is_nan() { 0.5 } else { (value - self.low) * self.factor }
    }
}

fn composite(channels: &[&[f32]; 3], limits: &[(f64, f64)]) -> Vec<u8> {
    let scales: Vec<Scale> = limits.iter().map(|&limits| Scale::new(limits)).collect();
    let [red, green, blue] = channels;
    let mut rgba = Vec::with_capacity(4 * red.len());
    for ((&r, &g), &b) in red.iter().zip(*green).zip(*blue) {
        if r.is_nan() || g.is_nan() || b.is_nan() {
            rgba.extend_from_slice(&[0; 4]);
        } else {
            let byte = |value: f32, scale: Scale| (scale.share(value).clamp(0.0, 1.0) * 255.0).round() as u8;
            rgba.extend_from_slice(&[byte(r, scales[0]), byte(g, scales[1]), byte(b, scales[2]), 255]);
        }
    }
    rgba
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Crs, Grid};

    fn chip(bands: &[(&str, [f32; 2])]) -> Chip {
        Chip {
            grid: Grid { crs: Crs::Epsg(32631), left: 0.0, top: 10.0, pixel_x: 10.0, pixel_y: 10.0, width: 2, height: 1 },
            bands: bands.iter().map(|(name, _)| Band::new(name)).collect(),
            values: bands.iter().flat_map(|(_, values)| *values).collect(),
            classes: Some(vec![4, Chip::NO_CLASS]),
            inside: vec![true; 2],
        }
    }

    fn indices() -> IndexSet {
        IndexSet::new(&[]).0
    }

    #[test]
    fn the_fixed_stretch_is_that_of_jrc() {
        let chip = chip(&[("B08", [0.12, 0.345]), ("B11", [0.41, 0.9]), ("B04", [0.0, f32::NAN])]);
        let picture = render(&chip, &View::default(), &Stretch::Fixed, &indices());
        assert_eq!(picture.rgba, [0, 255, 0, 255, 0, 0, 0, 0]);
        assert_eq!(picture.limits, [(0.12, 0.57), (0.08, 0.41), (0.015, 0.28)]);
        assert_eq!((picture.width, picture.height), (2, 1));
    }

    #[test]
    fn one_pair_of_limits_serves_all_channels_and_dynamic_ones_ignore_missing() {
        let chip = chip(&[("B08", [0.2, 0.6]), ("B11", [0.3, f32::NAN]), ("B04", [0.1, 0.5])]);
        let range = Stretch::Range(vec![(0.0, 0.4)]);
        let picture = render(&chip, &View::default(), &range, &indices());
        assert_eq!(picture.limits, [(0.0, 0.4); 3]);
        assert_eq!(picture.rgba[..4], [128, 191, 64, 255]);
        let stretch = Stretch::Dynamic { low_percent: 0.0, high_percent: 0.0 };
        let limits = render(&chip, &View::default(), &stretch, &indices()).limits;
        let expected = [(0.2, 0.6), (0.3, 0.3), (0.1, 0.5)];
        assert!(limits.iter().zip(expected).all(|(a, b)| (a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-6));
    }

    #[test]
    fn cuts_lie_between_ranks_and_meet_when_nothing_is_left() {
        assert_eq!(cut(&[0.0, 10.0, f32::NAN, f32::INFINITY], 25.0, 25.0), Some((2.5, 7.5)));
        assert_eq!(cut(&[3.0], 1.0, 1.0), Some((3.0, 3.0)));
        assert_eq!(cut(&[0.0, 1.0], 80.0, 80.0), Some((0.5, 0.5)));
    }

    #[test]
    fn scalars_are_in_their_unit() {
        let chip = chip(&[("B04", [0.1, 0.0]), ("B08", [0.3, 0.0]), ("VV", [0.1, 0.0]), ("VH", [0.01, 0.1])]);
        let of = |view: &View| scalar(&chip, view, &indices());
        let ndvi = of(&View::Index("NDVI".to_owned()));
        assert!((ndvi[0] - 0.5).abs() < 1e-6 && ndvi[1].is_nan());
        let vv = of(&View::Backscatter(Polarisation::Vv, None));
        assert!((vv[0] + 10.0).abs() < 1e-5 && vv[1].is_nan());
        let ratio = of(&View::BackscatterRatio(None));
        assert!((ratio[0] + 10.0).abs() < 1e-5 && ratio[1].is_nan());
        assert!((of(&View::Coherence(Polarisation::Vv, None))[0] - 0.1).abs() < 1e-6);
        assert!(of(&View::Index("NDMI".to_owned())).iter().all(|value| value.is_nan()));
    }

    #[test]
    fn missing_pixels_are_transparent_in_every_view() {
        let chip = chip(&[("B04", [0.1, f32::NAN]), ("B08", [0.3, 0.2]), ("VV", [0.1, f32::NAN])]);
        for (view, colour) in [
            (View::Index("NDVI".to_owned()), ramp::index(0.5)),
            (View::NdviHistogram, ramp::index(0.5)),
            (View::Backscatter(Polarisation::Vv, None), ramp::grey((-10.0 + 18.0) / 14.0)),
            (View::SceneClass, [0, 160, 0, 255]),
        ] {
            let picture = render(&chip, &view, &Stretch::Fixed, &indices());
            assert_eq!(picture.rgba[..4], colour, "{view:?}");
            assert_eq!(picture.rgba[4..], [0; 4], "{view:?}");
            assert_eq!(picture.limits.len(), 1);
        }
    }

    #[test]
    fn views_name_every_band_they_need_once() {
        let names = |view: &View| bands_of(view, &indices()).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&View::default()), ["B08", "B11", "B04"]);
        assert_eq!(names(&View::composite("VV", "VH", "VV")), ["VV", "VH"]);
        assert_eq!(names(&View::Index("BSI".to_owned())), ["B02", "B04", "B08", "B11"]);
        assert_eq!(names(&View::RedNirScatter), ["B04", "B08"]);
        assert!(names(&View::SceneClass).is_empty());
    }
}
