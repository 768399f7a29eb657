//! Rulesets that ship with the program, each usable as it is and a beginning for own ones.

/// Before the name of a shipped ruleset where a file is expected.
pub const PREFIX: &str = "shipped:";

/// Name and text of each, by name.
pub const SHIPPED: [(&str, &str); 9] = [
    ("bare_soil", include_str!("../../../assets/rulesets/bare_soil.toml")),
    ("emergence", include_str!("../../../assets/rulesets/emergence.toml")),
    ("jrc_mowing", include_str!("../../../assets/rulesets/jrc_mowing.toml")),
    ("mowing_s2", include_str!("../../../assets/rulesets/mowing_s2.toml")),
    ("ploughing_harvest", include_str!("../../../assets/rulesets/ploughing_harvest.toml")),
    ("residue_tillage", include_str!("../../../assets/rulesets/residue_tillage.toml")),
    ("sen4cap_crop_practices", include_str!("../../../assets/rulesets/sen4cap_crop_practices.toml")),
    ("sen4cap_mowing", include_str!("../../../assets/rulesets/sen4cap_mowing.toml")),
    ("water", include_str!("../../../assets/rulesets/water.toml")),
];

/// The text of a shipped ruleset.
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// What a shipped ruleset finds: the first line of its comment.
pub fn summary(text: &str) -> &str {
    text.lines().next().map_or("", |line| line.trim_start_matches(['#', ' ']))
}
