//! Parameters of a request.

use axum::extract::Query;
use axum::http::Uri;
use jiff::civil::Date;

use super::reply::Refusal;

/// Longest value of one parameter, bytes: a polygon of a few hundred corners.
const LONGEST: usize = 16 << 10;

/// Most parameters of one request.
const MOST: usize = 64;

/// Names and values, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of an address.
    pub fn of(uri: &Uri) -> Result<Self, Refusal> {
        let wrong =
            |error: axum::extract::rejection::QueryRejection| Refusal::Wrong(format!("The parameters cannot be read: {error}."));
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(wrong)?;
        if pairs.len() > MOST {
            return Err(Refusal::Wrong(format!("There are {} parameters, at most {MOST} are read.", pairs.len())));
        }
        if let Some((name, value)) = pairs.iter().find(|(_, value)| value.len() > LONGEST) {
            let name: String = name.chars().take(40).collect();
            return Err(Refusal::Wrong(format!("The parameter {name} has {} bytes, at most {LONGEST} are read.", value.len())));
        }
        Ok(Self(pairs))
    }

    /// The first value of a name that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, value)| own == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// True when a name is there, whatever its value.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own == name)
    }

    /// A value that must be there.
    pub fn needed(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::Wrong(format!("The parameter {name} is missing.")))
    }

    /// Python's booleans: `True` is true, every other word false.
    pub fn flag(&self, name: &str, otherwise: bool) -> bool {
        self.get(name).map_or(otherwise, |word| word == "True")
    }

    /// A number inside a range.
    pub fn number(&self, name: &str, otherwise: f64, range: std::ops::RangeInclusive<f64>) -> Result<f64, Refusal> {
        let Some(word) = self.get(name) else { return Ok(otherwise) };
        word.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
            let word: String = word.chars().take(40).collect();
            Refusal::Wrong(format!(
                "The parameter {name} is “{word}”, expected a number from {} to {}.",
                range.start(),
                range.end()
            ))
        })
    }

    /// A number inside a range that must be there.
    pub fn needed_number(&self, name: &str, range: std::ops::RangeInclusive<f64>) -> Result<f64, Refusal> {
        self.needed(name)?;
        self.number(name, f64::NAN, range)
    }

    /// A day that must be there.
    pub fn day(&self, name: &str) -> Result<Date, Refusal> {
        day(name, self.needed(name)?)
    }

    /// Longitude and latitude.
    pub fn place(&self) -> Result<[f64; 2], Refusal> {
        Ok([self.needed_number("lon", -180.0..=180.0)?, self.needed_number("lat", -90.0..=90.0)?])
    }
}

/// A day as `YYYY-MM-DD`.
pub fn day(name: &str, word: &str) -> Result<Date, Refusal> {
    word.parse().map_err(|_unread| {
        let word: String = word.chars().take(40).collect();
        Refusal::Wrong(format!("{name} is “{word}”, expected a day such as 2019-04-16."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Result<Parameters, Refusal> {
        Parameters::of(&format!("/query/x?{query}").parse().expect("an address"))
    }

    #[test]
    fn values_are_decoded_and_the_first_one_counts() {
        let parameters = of("pid=a%27%22+b%2F..&pid=c&scl=true&ref=True&empty=").expect("reads");
        assert_eq!(parameters.get("pid"), Some("a'\" b/.."));
        assert!(!parameters.flag("scl", true) && parameters.flag("ref", false) && parameters.flag("other", true));
        assert!(parameters.get("empty").is_none() && parameters.has("empty"));
    }

    #[test]
    fn nonsense_is_refused_with_a_sentence() {
        let parameters = of("lon=east&lat=91&n=NaN&day=2019-13-01").expect("reads");
        for (refused, expected) in [
            (parameters.needed_number("lon", -180.0..=180.0).map(drop), "“east”, expected a number from -180 to 180"),
            (parameters.needed_number("lat", -90.0..=90.0).map(drop), "“91”"),
            (parameters.needed_number("n", -90.0..=90.0).map(drop), "“NaN”"),
            (parameters.day("day").map(drop), "“2019-13-01”, expected a day"),
            (parameters.needed("pid").map(drop), "The parameter pid is missing."),
            (of(&format!("pid={}", "9".repeat(LONGEST + 1))).map(drop), "at most 16384 are read"),
            (of(&"a=1&".repeat(MOST + 1)).map(drop), "65 parameters"),
        ] {
            let Err(Refusal::Wrong(sentence)) = refused else { panic!("{expected}: not refused") };
            assert!(sentence.contains(expected), "{sentence}");
        }
    }
}
