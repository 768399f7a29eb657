//! Names and tiles against published products.

use proptest::prelude::*;

use super::*;
use crate::model::units::iso_utc;

#[test]
fn names_of_optical_products_are_read() {
    let name = s2("S2A_MSIL2A_20190617T104029_N0212_R008_T31UFU_20190617T131553.SAFE").expect("a product");
    let text = format!(
        "{} {} {} {:?} {:?} {}",
        name.platform,
        name.level,
        iso_utc(name.sensed),
        name.baseline,
        name.relative_orbit,
        name.tile
    );
    assert_eq!(text, "S2A MSIL2A 2019-06-17T10:40:29Z Some(\"02.12\") Some(8) 31UFU");
    assert_eq!(s2("/dump/x/S2A_MSIL2A_20190617T104029_N0212_R008_T31UFU_20190617T131553.B04.tif"), Some(name));
    let unknown = s2("S2B_MSIL2A_20190620T105039_N0000_R000_T31UFU_20190620T105039").expect("a product");
    assert_eq!((unknown.baseline, unknown.relative_orbit), (None, None));
    for wrong in [
        "",
        "S2A",
        "S2A_MSIL2A_20191317T104029_N0212_R008_T31UFU_20190617T131553",
        "S2A_MSIL2A_20190617T104029_N0212_R008_T61UFU",
        "S1A_IW_GRDH_1SDV_20190617T104029",
        "S2A_MSIL2A_20190617T1040é9_N0212_R008_T31UFU",
    ] {
        assert_eq!(s2(wrong), None, "{wrong}");
    }
}

#[test]
fn names_of_radar_scenes_give_relative_orbits_and_pairs() {
    let of = |name: &str| {
        let name = s1(name).expect("a scene");
        let pair = name.pair.map(|(a, b)| format!("{} {}", iso_utc(a), iso_utc(b)));
        (name.platform, iso_utc(name.sensed), pair, name.relative_orbit)
    };
    let scene = of("S1A_IW_GRDH_1SDV_20190617T055009_20190617T055034_027715_0320E1_1234_CARD-BS");
    assert_eq!(scene, ("S1A".into(), "2019-06-17T05:50:09Z".into(), None, Some(168)));
    let scene = of("S1B_IW_GRDH_1SDV_20190617T172356_20190617T172421_016731_01F7D5_ABCD");
    assert_eq!((scene.0.as_str(), scene.3), ("S1B", Some(80)));
    let scene = of("S1C_IW_GRDH_1SDV_20250617T172356_20250617T172421_002731_01F7D5_ABCD");
    assert_eq!(scene.3, Some(((2731 - 172) % 175 + 1) as u16));
    let pair = of("S1A_IW_SLC__1SDV_20190617T055009_20190617T055036_027715_0320E1_1234_S1B_20190611T054927_CARD-COH6");
    assert_eq!(pair.2.as_deref(), Some("2019-06-11T05:49:27Z 2019-06-17T05:50:09Z"));
    assert_eq!((pair.1.as_str(), pair.3), ("2019-06-17T05:50:09Z", Some(168)));
    let pair = of("S1_IW_SLC__1SDV_20181007T173245_20181001T173154_000233_000000_CARD_COH6");
    assert_eq!((pair.0.as_str(), pair.1.as_str(), pair.3), ("S1", "2018-10-07T17:32:45Z", Some(161)));
    assert_eq!(pair.2.as_deref(), Some("2018-10-01T17:31:54Z 2018-10-07T17:32:45Z"));
    assert_eq!(s1("S2A_MSIL2A_20190617T104029"), None);
    assert_eq!(s1("S1A_nothing"), None);
    assert_eq!(s1("S1A_20190617T055009_000001").expect("a scene").relative_orbit, None);
}

#[test]
fn bands_of_all_spellings_are_canonical() {
    let pairs = [
        ("B4", "B04"),
        ("B04", "B04"),
        ("B8A", "B8A"),
        ("SC", "SCL"),
        ("SCL", "SCL"),
        ("VVb", "VV"),
        ("VHc", "VH"),
        (" VV ", "VV"),
    ];
    for (name, expected) in pairs {
        assert_eq!(band(name), Some(Band::new(expected)), "{name}");
    }
    assert_eq!((band("B13"), band("VVx"), band("")), (None, None, None));
}

#[test]
fn tiles_lie_where_published_products_have_them() {
    let corner = |tile: &str| {
        let grid = tile_grid(tile, 10.0).expect("a tile");
        (grid.crs.epsg().expect("a code"), grid.left, grid.top)
    };
    for (tile, expected) in [
        ("31UES", (32631, 499_980.0, 5_700_000.0)),
        ("31UFS", (32631, 600_000.0, 5_700_000.0)),
        ("T32TPR", (32632, 600_000.0, 5_100_000.0)),
        ("32TPQ", (32632, 600_000.0, 5_000_040.0)),
        ("33UXP", (32633, 600_000.0, 5_400_000.0)),
        ("30TYN", (32630, 699_960.0, 4_800_000.0)),
        ("30VXK", (32630, 600_000.0, 6_500_040.0)),
        ("49SBB", (32649, 199_980.0, 4_200_000.0)),
        ("33XVP", (32633, 399_960.0, 9_400_020.0)),
        ("56HLH", (32756, 300_000.0, 6_300_040.0)),
    ] {
        assert_eq!(corner(tile), expected, "{tile}");
    }
    // Corners of files cut from products of these tiles.
    for (tile, x, y) in [("31UES", 574_680.0, 5_622_440.0), ("30TUM", 344_130.0, 4_626_620.0), ("34WFS", 695_560.0, 7_179_870.0)]
    {
        let (col, row) = tile_grid(tile, 10.0).expect("a tile").pixel_from_world(x, y);
        assert!((0.0..10_980.0).contains(&col) && (0.0..10_980.0).contains(&row), "{tile}");
        assert!(col.fract() == 0.0 && row.fract() == 0.0, "{tile}");
    }
    let grid = tile_grid("31UES", 20.0).expect("a tile");
    assert_eq!((grid.width, grid.height, grid.pixel_x), (5490, 5490, 20.0));
}

#[test]
fn what_is_no_tile_has_no_grid() {
    for tile in
        ["", "31UE", "31UESX", "00UES", "61UES", "31IES", "31UIS", "31UEO", "31UJS", "32UES", "31BES", "31YES", "31ueS", "3éES"]
    {
        assert_eq!(tile_grid(tile, 10.0), None, "{tile}");
    }
    for pixel_m in [0.0, -10.0, f64::NAN, 7.0, 1e-9, 1e9] {
        assert_eq!(tile_grid("31UES", pixel_m), None, "{pixel_m}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_a_parser(text in ".{0,80}", pixel_m in proptest::num::f64::ANY) {
        let (_, _, _, _) = (s2(&text), s1(&text), band(&text), tile_grid(&text, pixel_m));
    }

    #[test]
    fn product_like_names_are_read_or_refused(
        parts in proptest::collection::vec("S[12][A-E]|MSIL2A|20[0-9]{6}T[0-9]{6}|[0-9]{6}|N[0-9]{4}|R[0-9]{3}|T[0-9]{2}[A-Z]{3}|20[0-9]{6}", 0..9)
    ) {
        let name = parts.join("_");
        if let Some(found) = s2(&name) {
            prop_assert!(tile_grid(&found.tile, 10.0).is_some());
        }
        if let Some((earlier, later)) = s1(&name).and_then(|found| found.pair) {
            prop_assert!(earlier < later);
        }
    }
}
