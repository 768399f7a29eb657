//! Parcel layers: national registers, broken files, and every format.

#[path = "parcels/formats.rs"]
mod formats;

use std::path::{Path, PathBuf};

use parcelight::io::vector::{Import, LayerInfo, import, layers, swapped_axes};
use parcelight::model::project_file::ParcelSource;
use parcelight::model::report::{ParcelProblem, Problem};
use parcelight::model::{Bounds, Crs, ParcelIx, Parcels, Watch};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn broken(name: &str) -> PathBuf {
    golden("data-synthetic/pajottenland_2019/broken").join(name)
}

fn source(path: &Path) -> ParcelSource {
    ParcelSource { path: path.to_owned(), ..ParcelSource::default() }
}

fn load(path: &Path) -> Import {
    import(&source(path), None, &Watch::default()).expect("imports")
}

fn refusal(source: &ParcelSource) -> String {
    import(source, None, &Watch::default()).expect_err("must be refused").to_string()
}

fn only_layer(path: &Path) -> LayerInfo {
    let mut found = layers(path).expect("lists");
    assert_eq!(found.len(), 1);
    found.remove(0)
}

fn codes(parcels: &Parcels, id: &str) -> Vec<&'static str> {
    let parcel = parcels.find(id).unwrap_or_else(|| panic!("parcel {id}"));
    parcels.problems(parcel).iter().map(ParcelProblem::code).collect()
}

fn numbers(parcels: &Parcels, name: &str) -> Vec<f64> {
    let column = parcels.columns().iter().position(|column| column.name == name).expect("column");
    assert!(parcels.columns()[column].number, "{name} holds numbers");
    parcels.iter().map(|parcel| parcels.number(column, parcel)).collect()
}

/// File, id column, code column, name column, first id, first code, first name, attribute with the area, its factor to ha.
/// Names of crop columns: the table in the README beside the files. First values: `ogr2ogr -f GeoJSONSeq … -limit 1`.
type Register = (&'static str, &'static str, &'static str, &'static str, [&'static str; 3], Option<(&'static str, f64)>);

const REGISTERS: [Register; 6] = [
    (
        "at_invekos_2025",
        "GEO_ID",
        "SNAR_CODE",
        "SNAR_BEZEICHNUNG",
        ["106806035", "717", "MÄHWIESE/-WEIDE DREI UND MEHR NUTZUNGEN"],
        Some(("SL_FLAECHE_BRUTTO_HA", 1.0)),
    ),
    ("be_flanders_2023", "REF_ID", "GWSCOD_H", "GWSNAM_H", ["487348814", "381", "Sorghum"], Some(("GRAF_OPP", 1.0))),
    ("dk_marker_2026", "fid", "Afgkode", "Afgroede", ["1", "593", "Poppel"], Some(("IMK_areal", 1.0))),
    (
        "fi_gsaa_2023",
        "TUNNUS",
        "KASVIKOODI",
        "KASVIKOODI_SELITE_FI",
        ["1", "9409", "Luonnonhoitonurmi"],
        Some(("PINTA_ALA", 1.0)),
    ),
    ("nl_brp_2023", "fid", "gewascode", "gewas", ["1", "343", "Sloot"], None),
    ("pt_culturas_aveiro", "CUL_ID", "CUL_CODIGO", "CT_português", ["305571", "006", "MILHO"], Some(("Shape_Area", 1e-4))),
];

#[test]
fn national_registers_are_understood_without_a_word() {
    for (name, id, code, crop, first, _) in REGISTERS {
        let path = golden(&format!("data/gsaa_parcels/{name}.gpkg"));
        let info = only_layer(&path);
        assert_eq!(info.features, 100, "{name}");
        assert_eq!(info.guessed_id.as_deref(), Some(id), "{name}");
        assert_eq!(info.guessed_crop_code.as_deref(), Some(code), "{name}");
        assert_eq!(info.guessed_crop_name.as_deref(), Some(crop), "{name}");
        assert!(info.columns.iter().all(|column| column.samples.len() <= 5), "{name}");
        let import = load(&path);
        let parcels = &import.parcels;
        assert_eq!(parcels.len(), 100, "{name}");
        assert_eq!(import.source.id.as_deref(), Some(id), "{name}");
        let ids: std::collections::HashSet<&str> = parcels.iter().map(|parcel| parcels.id(parcel)).collect();
        assert_eq!(ids.len(), 100, "{name}: ids are unique");
        let row = ParcelIx(0);
        let read = [parcels.id(row), parcels.crop_code(row).expect("code"), parcels.crop_name(row).expect("name")];
        assert_eq!(read, first, "{name}");
        assert!(parcels.iter().all(|parcel| !parcels.bounds(parcel).is_empty() && parcels.area_ha(parcel) > 0.0), "{name}");
    }
}

#[test]
fn areas_agree_with_those_of_the_registers() {
    for (name, _, _, _, _, attribute) in REGISTERS {
        let Some((column, to_ha)) = attribute else { continue };
        let import = load(&golden(&format!("data/gsaa_parcels/{name}.gpkg")));
        let parcels = &import.parcels;
        let declared: f64 = numbers(parcels, column).iter().sum::<f64>() * to_ha;
        let computed: f64 = parcels.iter().map(|parcel| parcels.area_ha(parcel)).sum();
        // Registers measure in their national projection (up to 0.08 % off) and round to a hundredth of a hectare.
        assert!((computed / declared - 1.0).abs() < 0.005, "{name}: {computed} ha, the register says {declared} ha");
    }
}

#[test]
fn areas_and_perimeters_agree_with_gdal_in_the_national_projection() {
    use gdal::vector::LayerAccess as _;
    for (name, ..) in REGISTERS {
        let path = golden(&format!("data/gsaa_parcels/{name}.gpkg"));
        let import = load(&path);
        let data = gdal::Dataset::open(&path).expect("opens");
        let mut layer = data.layer(0).expect("layer");
        for (row, feature) in layer.features().enumerate() {
            let (row, geometry) = (ParcelIx(row as u32), feature.geometry_by_index(0).expect("geometry"));
            let area = geometry.area() / 10_000.0;
            let computed = import.parcels.area_ha(row);
            assert!((computed / area - 1.0).abs() < 0.002, "{name} row {row:?}: {computed} {area}");
            if geometry.geometry_count() == 1 && name != "pt_culturas_aveiro" {
                let length = geometry.get_geometry(0).length();
                let computed = import.parcels.perimeter_m(row);
                let holes = (1..geometry.geometry_count()).count();
                assert!(
                    holes > 0 || (computed / length - 1.0).abs() < 0.002 || length == 0.0,
                    "{name} row {row:?}: {computed} {length}"
                );
            }
        }
    }
}

#[test]
fn the_working_crs_is_the_utm_zone_or_the_one_asked_for() {
    let path = golden("data/gsaa_parcels/be_flanders_2023.gpkg");
    let zone = load(&path);
    assert_eq!((zone.parcels.crs(), &zone.source_crs), (&Crs::Epsg(32631), &Crs::Epsg(31370)));
    let same = import(&source(&path), Some(&Crs::Epsg(31370)), &Watch::default()).expect("imports");
    // Lambert 72 coordinates of the first parcel's label point are attributes of the file.
    let (x, y) = (numbers(&same.parcels, "X_REF")[0], numbers(&same.parcels, "Y_REF")[0]);
    assert_eq!(same.parcels.at_point(x, y), Some(ParcelIx(0)));
    assert!((same.parcels.area_ha(ParcelIx(0)) - zone.parcels.area_ha(ParcelIx(0))).abs() < 1e-6);
    // In degrees the first parcel lies at 4°16'20" E, 51°0'31" N by its attributes.
    let degrees = import(&source(&path), Some(&Crs::Epsg(4326)), &Watch::default()).expect("imports");
    let place = degrees.parcels.bounds(ParcelIx(0)).grown(0.001);
    let (lon, lat) = (4.0 + 16.0 / 60.0 + 20.0 / 3600.0, 51.0 + 31.0 / 3600.0);
    assert!(place.intersects(&Bounds { min_x: lon, max_x: lon, min_y: lat, max_y: lat }), "{place:?}");
}

#[test]
fn bad_geometries_are_loaded_repaired_or_marked_and_none_is_lost() {
    let import = load(&broken("bad_geometries.gpkg"));
    let parcels = &import.parcels;
    assert_eq!(parcels.len(), 16);
    for (id, expected) in [
        ("EMPTY", &["no_geometry"][..]),
        ("NULLGEOM", &["no_geometry"]),
        ("DUP", &["duplicate_id"]),
        ("row-7", &["missing_id"]),
        ("HOLE", &[]),
        ("MULTI", &["multipolygon"]),
        ("RING2", &["no_geometry"]),
        ("OPEN", &["repaired"]),
        ("CW", &[]),
        ("POINT", &["no_geometry"]),
        ("FAR", &["outside_crs"]),
        ("TINY", &[]),
        ("NAN", &["no_geometry"]),
    ] {
        assert_eq!(codes(parcels, id), expected, "{id}");
    }
    assert_eq!(codes(parcels, "BOW"), ["repaired", "multipolygon", "overlap"]);
    assert_eq!(codes(parcels, "OK1"), ["overlap"]);
    // Closed forms: the working CRS is the file's own UTM zone, whose scale here is 0.9997 squared at most.
    let area = |id: &str| parcels.area_ha(parcels.find(id).expect("parcel"));
    for (id, hectares) in
        [("OK1", 0.36), ("HOLE", 0.84), ("MULTI", 0.72), ("CW", 0.36), ("OPEN", 0.36), ("BOW", 0.32), ("TINY", 0.0009)]
    {
        assert!((area(id) / hectares - 1.0).abs() < 0.001, "{id}: {}", area(id));
    }
    assert_eq!(parcels.iter().filter(|&row| parcels.id(row) == "DUP").count(), 2);
    let total = parcels.total_bounds();
    assert!(total.width() < 1000.0 && total.height() < 1000.0, "stray outlines do not stretch the map: {total:?}");
    let lines: Vec<String> = import.problems.iter().map(Problem::line).collect();
    for part in
        ["5 parcels without a usable outline", "2 parcels with an invalid outline", "1 parcel without an id", "(BOW, OPEN)"]
    {
        assert!(lines.iter().any(|line| line.contains(part)), "{part} in {lines:#?}");
    }
}

#[test]
fn a_repair_says_the_reason_of_geos() {
    let import = load(&broken("bad_geometries.gpkg"));
    let bow = import.parcels.find("BOW").expect("parcel");
    let Some(ParcelProblem::Repaired { fact }) = import.parcels.problems(bow).first() else { panic!("repaired") };
    assert!(fact.contains("Self-intersection"), "{fact}");
}

#[test]
fn features_in_another_system_than_the_file_says_are_marked() {
    let import = load(&broken("mixed_crs.geojson"));
    assert_eq!(codes(&import.parcels, "LL1"), ["outside_crs"]);
    assert!(!codes(&import.parcels, "UTM1").contains(&"outside_crs"));
    assert!(import.parcels.bounds(import.parcels.find("LL1").expect("parcel")).is_empty());
    assert!(import.problems.iter().any(|problem| problem.fact.contains("1 parcel outside the area")), "{:?}", import.problems);
    // UTM1 and UTM2 are the same square.
    assert!(codes(&import.parcels, "UTM1").contains(&"overlap") && codes(&import.parcels, "UTM2").contains(&"overlap"));
}

#[test]
fn metres_in_a_file_that_means_degrees_are_refused_until_the_system_is_given() {
    let mut source = source(&broken("utm_without_crs.geojson"));
    let error = refusal(&source);
    assert!(
        error.contains("impossible in degrees") && error.contains("epsg") && error.contains("utm_without_crs.geojson"),
        "{error}"
    );
    source.epsg = Some(32631);
    let import = import(&source, None, &Watch::default()).expect("imports");
    assert!((import.parcels.area_ha(ParcelIx(0)) - 40.96).abs() < 0.05, "640 m by 640 m");
}

#[test]
fn exchanged_axes_are_hinted_at_where_images_are_known() {
    let path = broken("latlon_swapped.geojson");
    let import = import(&source(&path), Some(&Crs::Epsg(4326)), &Watch::default()).expect("imports");
    let images = Bounds { min_x: 4.05, min_y: 50.74, max_x: 4.07, max_y: 50.75 };
    let hint = swapped_axes(&import.parcels.total_bounds(), &images, &path).expect("a hint");
    assert!(hint.expected.contains("axes may be swapped"), "{hint:?}");
    assert_eq!(swapped_axes(&images, &images, &path), None);
    let far = Bounds { min_x: 10.0, min_y: 10.0, max_x: 11.0, max_y: 11.0 };
    assert_eq!(swapped_axes(&far, &images, &path), None);
}

#[test]
fn a_shapefile_without_system_asks_for_it_and_reads_its_names_in_latin_1() {
    for (name, says_encoding) in [("no_prj_latin1.shp", true), ("no_prj_latin1_no_ldid.shp", false)] {
        let path = broken(name);
        assert_eq!(only_layer(&path).crs, None, "{name}");
        let mut source = source(&path);
        let error = refusal(&source);
        assert!(error.contains("names no coordinate reference system") && error.contains("epsg"), "{error}");
        let fitting = import(&source, Some(&Crs::Epsg(32631)), &Watch::default()).expect_err("still asks").to_string();
        assert!(fitting.contains("EPSG:32631"), "{fitting}");
        source.epsg = Some(32631);
        let import = import(&source, None, &Watch::default()).expect("imports");
        let columns = 0..import.parcels.columns().len();
        let texts: Vec<&str> = columns.filter_map(|column| import.parcels.text(column, ParcelIx(0))).collect();
        assert!(texts.contains(&"Préau dé Hüll"), "{name}: {texts:?}");
        assert_eq!(import.problems.iter().any(|problem| problem.fact.contains("ISO-8859-1")), !says_encoding, "{name}");
        assert_eq!(import.source.encoding.is_some(), !says_encoding, "{name}");
    }
}

#[test]
fn files_are_known_by_content_and_refused_with_the_first_wrong_fact() {
    let folder = tempfile::tempdir().expect("folder");
    let renamed = folder.path().join("parcels.txt");
    std::fs::copy(golden("data/gsaa_parcels/nl_brp_2023.gpkg"), &renamed).expect("copies");
    assert_eq!(only_layer(&renamed).features, 100);
    for (name, fact) in [
        ("arrow_ipc_named.csv", "Arrow IPC"),
        ("zero_byte_10m.tif", "0 bytes"),
        ("text_named_10m.tif", "no vector format"),
        ("decimal_comma_bom.csv", "no vector format"),
        ("does_not_exist.gpkg", "No such file"),
    ] {
        let error = layers(&broken(name)).expect_err("must be refused").to_string();
        assert!(error.contains(fact) && error.contains(name), "{error}");
    }
    let cut = folder.path().join("cut.gpkg");
    let whole = std::fs::read(&renamed).expect("reads");
    std::fs::write(&cut, &whole[..2000]).expect("writes");
    let error = layers(&cut).expect_err("must be refused").to_string();
    assert!(error.contains("cut.gpkg"), "{error}");
}

#[test]
fn the_source_is_never_modified() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("parcels.gpkg");
    std::fs::copy(broken("bad_geometries.gpkg"), &path).expect("copies");
    let before = (std::fs::read(&path).expect("reads"), std::fs::metadata(&path).and_then(|meta| meta.modified()).expect("time"));
    load(&path);
    layers(&path).expect("lists");
    let after = (std::fs::read(&path).expect("reads"), std::fs::metadata(&path).and_then(|meta| meta.modified()).expect("time"));
    assert!(before == after);
    assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 1, "no file is left beside it");
}

#[test]
fn a_wrong_column_or_layer_is_refused_with_the_ones_that_exist() {
    let path = golden("data/gsaa_parcels/nl_brp_2023.gpkg");
    let error = refusal(&ParcelSource { id: Some("kode".to_owned()), ..source(&path) });
    assert!(error.contains("`kode`") && error.contains("gewascode"), "{error}");
    let error = refusal(&ParcelSource { layer: Some("fields".to_owned()), ..source(&path) });
    assert!(error.contains("`fields`") && error.contains("parcels"), "{error}");
    let none =
        import(&ParcelSource { crop_name: Some(String::new()), ..source(&path) }, None, &Watch::default()).expect("imports");
    assert_eq!((none.parcels.crop_name(ParcelIx(0)), none.parcels.crop(ParcelIx(0))), (None, Some("343")));
}

#[test]
fn cancelled_work_stops() {
    let watch = Watch::default();
    watch.cancel();
    let error = import(&source(&golden("data/gsaa_parcels/nl_brp_2023.gpkg")), None, &watch).expect_err("cancelled");
    assert!(matches!(error, parcelight::io::IoError::Cancelled), "{error}");
}
