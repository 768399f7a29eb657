//! What a server tells of itself.

use serde_json::{Map, Value, json};

use crate::contract::Info;

/// What [`info`] says beside what the areas offer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InfoFacts {
    /// Version of the program.
    pub version: String,
    /// Name of the column with ids.
    pub id_column: String,
    /// Ids to try.
    pub examples: Vec<String>,
}

/// The answer of `info`; `aoi` keeps one area only.
pub fn info(info: &Info, facts: &InfoFacts, aoi: Option<&str>) -> String {
    let areas: Map<String, Value> = info
        .areas
        .iter()
        .filter(|(name, _)| aoi.is_none_or(|aoi| aoi == name.as_str()))
        .map(|(name, area)| {
            let mut told = json!({
                "years": area.years,
                "datasets": area.datasets,
                "time_series": area.time_series,
                "tms": area.backgrounds,
                "id_table_column": facts.id_column,
                "request_examples": examples(name, area.years.first().map_or("", String::as_str), facts),
            });
            for year in &area.years {
                told[format!("id_examples_{year}")] = json!(facts.examples);
            }
            (name.clone(), told)
        })
        .collect();
    json!({
        "server": {
            "name": "Parcelight",
            "version": facts.version,
            "parcelight": { "version": facts.version, "routes": info.own_routes },
        },
        "helpers": {
            "documentation": "/openapi.json",
            "git_repository": "",
            "information_page": "/",
            "downloadable material": "",
            "swagger": "/openapi.json",
        },
        "aois": areas,
    })
    .to_string()
}

fn examples(aoi: &str, year: &str, facts: &InfoFacts) -> Value {
    let Some(pid) = facts.examples.first() else { return json!({}) };
    let base = format!("aoi={}&year={}&pid={}", encoded(aoi), encoded(year), encoded(pid));
    json!({
        "parcelByID": format!("/query/parcelByID?{base}&withGeometry=True"),
        "parcelPeers": format!("/query/parcelPeers?{base}"),
        "parcelTimeSeries": format!("/query/parcelTimeSeries?{base}&tstype=s2&scl=True&ref=True"),
    })
}

/// A value inside an address.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::AreaInfo;

    #[test]
    fn areas_years_and_own_routes_are_told() {
        let area = AreaInfo { years: vec!["2019".to_owned()], time_series: vec!["s2".to_owned()], ..AreaInfo::default() };
        let known = Info { areas: [("paj".to_owned(), area)].into(), own_routes: vec!["parcelSignal".to_owned()] };
        let facts = InfoFacts { version: "1".to_owned(), id_column: "id".to_owned(), examples: vec!["a b'".to_owned()] };
        let told: Value = serde_json::from_str(&info(&known, &facts, None)).expect("JSON");
        assert_eq!(told["server"]["parcelight"]["routes"], json!(["parcelSignal"]));
        assert_eq!(told["aois"]["paj"]["years"], json!(["2019"]));
        assert_eq!(told["aois"]["paj"]["id_examples_2019"], json!(["a b'"]));
        assert_eq!(told["aois"]["paj"]["request_examples"]["parcelPeers"], "/query/parcelPeers?aoi=paj&year=2019&pid=a%20b%27");
        assert!(info(&known, &facts, Some("other")).contains("\"aois\":{}"));
    }
}
