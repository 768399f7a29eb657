//! Pages of an evidence pack: its first page and the summary of a season.

mod index;
mod season;

pub use index::index_html;
pub use season::{season_html, season_pdf};

use super::html::own;
use super::sign::Sign;
use crate::model::review::Look;
use crate::model::rules::Verdict;

/// Sign and word of an automatic verdict, as HTML.
fn automatic(verdict: Option<Verdict>) -> String {
    let sign = Sign::of_verdict(verdict);
    signed(sign, sign.verdict_word())
}

/// Sign and word of a verdict of a person; `none` is what stands where there is none.
fn person(given: Option<&(Look, String)>, none: &str) -> String {
    given.map_or_else(|| signed(Sign::Dash, none), |(look, word)| signed(Sign::of_look(*look), word))
}

fn signed(sign: Sign, word: &str) -> String {
    format!("<span class=\"word {}\">{}{}</span>", sign.name(), sign.svg(), own(word))
}
