//! The verdict that another system has given, as a column of the parcel layer tells it.

use serde::{Deserialize, Serialize};

use crate::model::rules::Verdict;

/// A column with the automatic verdicts of another system, and what its values mean.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OtherVerdict {
    /// The system, as people know it.
    pub name: String,
    /// Column of the parcel layer.
    pub column: String,
    /// Values that mean compliant, as the attribute table shows them.
    pub green: Vec<String>,
    /// Values that mean yellow.
    pub yellow: Vec<String>,
    /// Values that mean non-compliant.
    pub red: Vec<String>,
}

impl OtherVerdict {
    /// What a value means; `None` for one that is not mapped. Spaces around values do not matter.
    pub fn of(&self, value: &str) -> Option<Verdict> {
        let lists = [(Verdict::Green, &self.green), (Verdict::Yellow, &self.yellow), (Verdict::Red, &self.red)];
        let holds = |values: &[String]| values.iter().any(|own| own.trim() == value.trim());
        lists.into_iter().find(|(_, values)| holds(values)).map(|(verdict, _)| verdict)
    }

    /// What is wrong with the mapping, for a reader of the project file.
    pub fn fault(&self) -> Option<String> {
        if self.column.trim().is_empty() {
            return Some("`other_verdict.column` is missing; expected the name of a column of the parcel layer".to_owned());
        }
        let all: Vec<&str> = [&self.green, &self.yellow, &self.red].into_iter().flatten().map(|value| value.trim()).collect();
        if all.is_empty() {
            return Some(
                "`other_verdict` maps no value; expected e.g. green = [\"G\"], yellow = [\"Y\"], red = [\"R\"]".to_owned(),
            );
        }
        let twice = all.iter().enumerate().find(|(at, value)| all[..*at].contains(value));
        twice.map(|(_, value)| {
            format!("`other_verdict` maps the value \"{value}\" twice; expected each value in one of green, yellow, red")
        })
    }
}

/// What another system says of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherSaid {
    /// The system.
    pub system: String,
    /// Column that says it.
    pub column: String,
    /// Value as the layer has it; empty where it has none.
    pub value: String,
    /// What it means; `None` for a value that is not mapped.
    pub verdict: Option<Verdict>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(text: &str) -> OtherVerdict {
        toml::from_str(text).expect("a mapping")
    }

    #[test]
    fn values_mean_what_the_mapping_says_and_others_mean_nothing() {
        let own = mapping("name = \"AMS\"\ncolumn = \"light\"\ngreen = [\"G\", \"1\"]\nyellow = [\"Y\"]\nred = [\"R\"]\n");
        assert_eq!([own.of("G"), own.of(" 1 ")], [Some(Verdict::Green); 2]);
        assert_eq!([own.of("Y"), own.of("R")], [Some(Verdict::Yellow), Some(Verdict::Red)]);
        assert_eq!([own.of("g"), own.of(""), own.of("7")], [None; 3]);
        assert_eq!(own.fault(), None);
    }

    #[test]
    fn a_value_cannot_mean_two_things_and_something_must_be_mapped() {
        let fault = |text: &str| mapping(text).fault().expect("a fault");
        assert!(fault("column = \"a\"\ngreen = [\"1\"]\nred = [\"2\", \"1\"]").contains("\"1\" twice"));
        assert!(fault("column = \"a\"").contains("maps no value"));
        assert!(fault("green = [\"1\"]").contains("column"));
        assert!(toml::from_str::<OtherVerdict>("colum = \"a\"").is_err());
    }
}
