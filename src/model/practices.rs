//! Parameters of the families of practices: plain data that a ruleset holds and the engine runs.
//!
//! What the families do, and the source of each, is told in [`crate::model::ruleset::practice`] and in the engine.

pub mod bare_soil;
pub mod crop_practices;
pub mod events;
pub mod mowing;

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// Parameters that have sets with a name, such as those of a country.
pub trait Named: Sized {
    /// Names of the sets.
    const NAMES: &'static [&'static str];

    /// A set by its name.
    fn named(name: &str) -> Option<Self>;
}

/// Reads parameters that are written as a table, or as the name of a set; the set is then what the file says.
pub fn name_or_table<'de, D: Deserializer<'de>, P: Named + Deserialize<'de>>(from: D) -> Result<P, D::Error> {
    from.deserialize_any(NameOrTable(PhantomData))
}

struct NameOrTable<P>(PhantomData<P>);

impl<'de, P: Named + Deserialize<'de>> Visitor<'de> for NameOrTable<P> {
    type Value = P;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a table of parameters, or one of the names {}", P::NAMES.join(", "))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<P, E> {
        let shown: String = name.chars().take(40).collect();
        P::named(name)
            .ok_or_else(|| E::custom(format!("there are no parameters named “{shown}”; there are {}", P::NAMES.join(", "))))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<P, A::Error> {
        P::deserialize(MapAccessDeserializer::new(map))
    }
}

/// The first of some numbers (name, value, least, most) outside its range; `NaN` always is.
pub(crate) fn out_of_range(numbers: &[(&str, f64, f64, f64)]) -> Option<String> {
    let wrong = numbers.iter().find(|(_, value, least, most)| !(*value >= *least && *value <= *most));
    wrong.map(|(name, value, least, most)| format!("{name} is {value}; expected {least} to {most}"))
}

/// Most days of any span in parameters.
pub(crate) const MOST_DAYS: f64 = 3660.0;
/// Most of anything that is counted.
pub(crate) const MOST: f64 = 1000.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_are_named_and_no_number_is_too() {
        assert_eq!(out_of_range(&[("a", 0.0, 0.0, 1.0), ("b", 1.0, 0.0, 1.0)]), None);
        assert_eq!(out_of_range(&[("a", 0.5, 0.0, 1.0), ("b", 2.0, 0.0, 1.0)]).as_deref(), Some("b is 2; expected 0 to 1"));
        assert!(
            out_of_range(&[("a", f64::NAN, 0.0, 1.0)]).is_some() && out_of_range(&[("a", f64::INFINITY, 0.0, 9.0)]).is_some()
        );
    }

    #[test]
    fn all_named_sets_are_in_range_and_unlike_names_are_refused() {
        for name in mowing::Params::NAMES {
            assert_eq!(mowing::Params::named(name).expect("known").fault(), None, "{name}");
        }
        for name in crop_practices::Params::NAMES {
            assert_eq!(crop_practices::Params::named(name).expect("known").fault(), None, "{name}");
        }
        for name in bare_soil::Params::NAMES {
            assert_eq!(bare_soil::Params::named(name).expect("known").fault(), None, "{name}");
        }
        assert_eq!(mowing::Params::named("Atlantis"), None);
        let defaults = [
            bare_soil::LabelParams::default().fault(),
            events::EmergenceParams::default().fault(),
            events::HarvestParams::default().fault(),
            events::PloughingParams::default().fault(),
            events::ResidueParams::default().fault(),
            events::WaterParams::default().fault(),
        ];
        assert_eq!(defaults, [const { None }; 6]);
    }
}
