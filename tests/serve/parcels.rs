//! Routes, spellings, parcels and what belongs to them.

use serde_json::{Value, json};

use crate::desk::{AREA, Desk, PID, rows};

#[test]
fn every_route_answers_under_every_spelling() {
    let desk = Desk::open();
    let (lon, lat) = desk.place(PID);
    let parcel = format!("{AREA}&pid={PID}");
    let place = format!("lon={lon}&lat={lat}");
    let days = "start_date=2019-04-01&end_date=2019-04-20";
    let json_type = "application/json";
    let page = "text/html; charset=utf-8";
    for (names, parameters, kind) in [
        ("info", String::new(), json_type),
        ("parcelByLocation", format!("{AREA}&{place}"), json_type),
        ("parcelByID parcelById", parcel.clone(), json_type),
        ("parcelsByPolygon parcelByPolygon", format!("{AREA}&polygon=4.05_50.74-4.07_50.74-4.07_50.76-4.05_50.74"), json_type),
        ("parcelPeers", parcel.clone(), json_type),
        ("parcelTimeSeries", parcel.clone(), page),
        ("weatherTimeSeries", parcel.clone(), page),
        ("markers", parcel.clone(), page),
        ("chipsByLocation chipByLocation", format!("{place}&{days}"), page),
        ("chipsByParcelID", format!("{parcel}&{days}"), page),
        ("rawChipByLocation", format!("{place}&{days}&band=B04"), json_type),
        ("rawChipByParcelID rawChipByParcelId", format!("{parcel}&{days}&band=B04"), json_type),
        ("backgroundByLocation", place.clone(), page),
        ("backgroundByParcelID backgroundByParcelId", parcel.clone(), page),
        ("parcelSignal", format!("{parcel}&signal=NDVI"), json_type),
        ("parcelAcquisitions", parcel.clone(), json_type),
    ] {
        for name in names.split(' ') {
            let got = desk.get(&format!("/query/{name}?{parameters}"));
            assert_eq!((got.status, got.kind.as_str()), (200, kind), "{name}: {}", got.text());
            assert!(got.body.len() > 10, "{name} says something");
        }
    }
    for (name, body) in [
        ("rawChipsBatch", json!({"lon": lon, "lat": lat, "tiles": [], "bands": ["B04"], "chipsize": 640})),
        (
            "rawS1ChipsBatch",
            json!({"lon": lon, "lat": lat, "dates": ["2019-04-01", "2019-04-08"], "chipsize": 640, "plevel": "CARD-BS"}),
        ),
    ] {
        let got = desk.post(&format!("/query/{name}"), &body.to_string());
        assert_eq!((got.status, got.kind.as_str()), (200, json_type), "{name}: {}", got.text());
        assert_eq!(desk.get(&format!("/query/{name}")).status, 405);
    }
    assert_eq!(desk.get("/files").status, 404);
    assert_eq!(desk.get("/query/parcelStatsPeers").status, 404);
    assert!(desk.get("/").text().contains("Pajottenland 2019"));
}

#[test]
fn the_description_lists_every_route_and_info_tells_the_own_ones() {
    let desk = Desk::open();
    let described = desk.json("/openapi.json");
    for path in ["/query/parcelByID", "/query/parcelById", "/query/rawS1ChipsBatch", "/dump/{folder}/{file}"] {
        assert!(described["paths"][path].is_object(), "{path}");
    }
    assert_eq!(described["openapi"], "3.1.0");
    let info = desk.json("/query/info");
    assert_eq!(info["server"]["parcelight"]["routes"], json!(["parcelSignal", "parcelAcquisitions"]));
    assert_eq!(info["aois"]["paj"]["years"], json!(["2019"]));
    assert_eq!(info["aois"]["paj"]["time_series"], json!(["s2", "bs", "c6"]));
    assert_eq!(info["aois"]["paj"]["id_examples_2019"].as_array().map(Vec::len), Some(5));
    for name in ["parcelByID", "parcelPeers", "parcelTimeSeries"] {
        let address = info["aois"]["paj"]["request_examples"][name].as_str().expect("an example");
        assert_eq!(desk.get(address).status, 200, "{address}");
    }
    assert_eq!(desk.json("/query/info?aoi=other")["aois"], json!({}));
}

#[test]
fn a_parcel_is_found_by_id_place_and_polygon_with_the_same_facts() {
    let desk = Desk::open();
    let by_id = desk.json(&format!("/query/parcelByID?aoi=PAJ&year=2019&pid={PID}&withGeometry=True&wgs84=True"));
    assert_eq!(by_id["pid"], json!([PID]));
    assert_eq!(by_id["srid"], json!([32631]));
    let (lon, lat) = (by_id["clon"][0].as_f64().expect("a number"), by_id["clat"][0].as_f64().expect("a number"));
    let by_place = desk.json(&format!("/query/parcelByLocation?{AREA}&lon={lon}&lat={lat}&withGeometry=True&wgs84=True"));
    assert_eq!(by_id, by_place);
    let geometry: Value = serde_json::from_str(by_id["geom"][0].as_str().expect("text")).expect("GeoJSON as text");
    assert_eq!(geometry["type"], "MultiPolygon");
    let first = &geometry["coordinates"][0][0][0];
    assert!(
        (first[0].as_f64().expect("a number") - lon).abs() < 0.01 && (first[1].as_f64().expect("a number") - lat).abs() < 0.01
    );

    let data = desk.project.data().expect("loaded");
    let parcel = data.parcels.find(PID).expect("there");
    let area = by_id["area"][0].as_i64().expect("a whole number");
    assert_eq!(area, (data.parcels.area_ha(parcel) * 1e4).round() as i64);
    let own = desk.json(&format!("/query/parcelByID?{AREA}&pid={PID}&withGeometry=True"));
    let geometry: Value = serde_json::from_str(own["geom"][0].as_str().expect("text")).expect("GeoJSON as text");
    let outline = data.parcels.outline(parcel);
    let ring = geometry["coordinates"][0][0].as_array().expect("a ring");
    assert_eq!(ring.len(), outline.parts[0][0].len() + 1, "the ring is closed");
    assert_eq!(ring[1], json!(outline.parts[0][0][1]), "every digit of a coordinate comes over");

    let (east, north) = (lon + 1e-4, lat + 1e-4);
    let polygon = format!("{lon}_{lat}-{east}_{lat}-{east}_{north}-{lon}_{lat}");
    let ids = desk.json(&format!("/query/parcelsByPolygon?{AREA}&polygon={polygon}"));
    assert_eq!(ids, json!({ "pid": [PID] }));
    let whole = desk.json(&format!("/query/parcelsByPolygon?{AREA}&only_ids=False&polygon=3_50-5_50-5_52-3_52-3_50"));
    assert_eq!((rows(&whole, "pid"), rows(&whole, "clat")), (17, 17));
    let west = desk.json(&format!("/query/parcelsByPolygon?{AREA}&polygon=-6_50--5_50--5_52--6_50"));
    assert_eq!(west, json!({ "pid": [] }));
}

#[test]
fn what_is_not_there_is_empty_and_what_is_not_served_is_an_error_page() {
    let desk = Desk::open();
    let nobody = desk.get(&format!("/query/parcelByID?{AREA}&pid=none"));
    assert_eq!(nobody.text(), "{\"pid\":[],\"cropname\":[],\"cropcode\":[],\"srid\":[],\"area\":[],\"clon\":[],\"clat\":[]}");
    assert_eq!(desk.get(&format!("/query/parcelPeers?{AREA}&pid=none")).text(), "{\"pids\":[],\"distance\":[]}");
    assert_eq!(desk.get(&format!("/query/parcelByID?{AREA}&pid={PID}&ptype=g")).text(), "{}");
    assert_eq!(desk.get(&format!("/query/parcelByID?{AREA}&pid={PID}&ptype=")).json()["pid"], json!([PID]));
    for (path, status, sentence) in [
        (format!("/query/parcelByID?aoi=nld&year=2019&pid={PID}"), 500, "served is “paj” with “2019”"),
        (format!("/query/parcelByID?aoi=paj&year=2018&pid={PID}"), 500, "There is no area “paj” with the year “2018”"),
        (format!("/query/parcelTimeSeries?{AREA}&pid={PID}&tstype=c1"), 500, "There are no time series “c1” here"),
        (format!("/query/parcelByID?{AREA}"), 400, "The parameter pid is missing."),
        (format!("/query/parcelByLocation?{AREA}&lon=500&lat=1"), 400, "expected a number from -180 to 180"),
    ] {
        let got = desk.get(&path);
        assert_eq!((got.status, got.kind.as_str()), (status, "text/html; charset=utf-8"), "{path}");
        assert!(got.text().contains(sentence), "{path}: {}", got.text());
    }
}

#[test]
fn peers_are_those_of_the_project_when_asked_for_in_its_way() {
    use parcelight::engine::peers::choose;
    use parcelight::model::settings::PeerSettings;
    let desk = Desk::open();
    let data = desk.project.data().expect("loaded");
    let mut some = 0;
    for parcel in data.parcels.iter() {
        let local = choose(&data.parcels, parcel, &PeerSettings::default());
        let id = data.parcels.id(parcel);
        let told = desk.json(&format!("/query/parcelPeers?{AREA}&pid={id}&distance=inf&max=200&min_area_m2=3000"));
        let expected: Vec<&str> = local.iter().map(|peer| data.parcels.id(peer.parcel)).collect();
        assert_eq!(told["pids"], json!(expected), "{id}");
        assert_eq!(told["distance"], json!(local.iter().map(|peer| peer.distance_m).collect::<Vec<_>>()), "{id}");
        some += local.len();
        let one = desk.json(&format!("/query/parcelPeers?{AREA}&pid={id}&max=1"));
        assert_eq!(rows(&one, "pids"), local.len().min(1), "{id}");
    }
    assert!(some > 10, "{some}");
}

#[test]
fn weather_and_markers_come_from_the_given_tables() {
    let desk = Desk::with(|options, folder| {
        let (weather, markers) = (folder.join("weather.csv"), folder.join("markers.csv"));
        std::fs::write(&weather, "meteo_date,tmin,tmax,tmean,prec\n2019-01-02,1,3,2,0.5\n2019-01-01,-1.5,2,0,0\n")
            .expect("writes");
        std::fs::write(&markers, format!("pid,marker,marker_type,date_main\n{PID},mowing,drop,2019-05-01\n")).expect("writes");
        (options.weather, options.markers) = (Some(weather), Some(markers));
    });
    assert_eq!(
        desk.get(&format!("/query/weatherTimeSeries?{AREA}&pid={PID}")).text(),
        "{\"meteo_date\":[\"2019-01-01\",\"2019-01-02\"],\"tmin\":[-1.5,1],\"tmax\":[2,3],\"tmean\":[0,2],\"prec\":[0,0.5]}"
    );
    let csv = desk.get(&format!("/query/weatherTimeSeries?{AREA}&pid={PID}&tsformat=csv"));
    assert_eq!(csv.text(), "meteo_date,tmin,tmax,tmean,prec\n2019-01-01,-1.5,2,0,0\n2019-01-02,1,3,2,0.5\n");
    let told = desk.json(&format!("/query/markers?{AREA}&pid={PID}"));
    assert_eq!((&told["marker"], &told["pid"], &told["value_1"]), (&json!(["mowing"]), &json!([PID]), &json!([null])));
    assert_eq!(rows(&desk.json(&format!("/query/markers?{AREA}&pid=other")), "marker"), 0);
}
