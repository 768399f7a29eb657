//! Rulesets end to end: the JRC's worked example, filters against `SciPy`, laws of events, practices, shipped rulesets, hostile files.

#[path = "markers/colours.rs"]
mod colours;
#[path = "markers/filters.rs"]
mod filters;
#[path = "markers/hostile.rs"]
mod hostile;
#[path = "markers/jrc.rs"]
mod jrc;
#[path = "markers/laws.rs"]
mod laws;
#[path = "markers/practices.rs"]
mod practices;
#[path = "markers/shipped.rs"]
mod shipped;
