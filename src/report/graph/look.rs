//! How a line looks: colour by signal, symbol and dash by orbit direction, name in the legend.

use super::Panel;
use crate::engine::graph::GraphLine;
use crate::model::view::Polarisation;
use crate::model::{Pass, Signal};
use crate::report::style;
use crate::report::svg::{Svg, n, ring};

/// Look of one line.
#[derive(Debug, Clone)]
pub struct Look {
    /// Colour.
    pub colour: String,
    /// Width of the line.
    pub width: f32,
    /// Dash attribute or empty.
    pub dash: &'static str,
    /// Symbol of an observation.
    pub symbol: Symbol,
}

/// Symbol of an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// Optical.
    Dot,
    /// Ascending pass.
    Up,
    /// Descending pass.
    Down,
}

impl Symbol {
    /// Draws it in a colour; hollow for masked observations.
    pub fn draw(self, out: &mut Svg, [x, y]: [f32; 2], colour: &str, hollow: bool) {
        let (fill, line) = if hollow { (style::PAGE, 1.5) } else { (colour, 0.0) };
        let stroke = if hollow { format!(" stroke=\"{colour}\" stroke-width=\"{}\"", n(line)) } else { String::new() };
        let class = if hollow { " class=\"masked\"" } else { " class=\"observation\"" };
        let more = format!("{stroke}{class}");
        match self {
            Self::Dot => out.raw(&format!("<circle cx=\"{}\" cy=\"{}\" r=\"3.2\" fill=\"{fill}\"{stroke}{class}/>", n(x), n(y))),
            Self::Up => {
                out.fill(&ring(&[[x, y - 3.8], [x + 3.8, y + 3.0], [x - 3.8, y + 3.0]]), fill, &more);
            }
            Self::Down => {
                out.fill(&ring(&[[x, y + 3.8], [x + 3.8, y - 3.0], [x - 3.8, y - 3.0]]), fill, &more);
            }
        }
    }
}

/// Name in the legend: signal, pass and orbit, spacing of pairs, year, and `synthetic` where it applies.
pub fn name(line: &GraphLine) -> String {
    let mut words = vec![line.signal.name()];
    match (line.pass, line.relative_orbit) {
        (Some(pass), Some(orbit)) => words.push(format!("{}{orbit:03}", pass.code())),
        (Some(pass), None) => words.push(pass.code().to_owned()),
        (None, Some(orbit)) => words.push(format!("R{orbit:03}")),
        (None, None) => {}
    }
    words.extend(line.pair_days.map(|days| format!("{days} d")));
    words.extend(line.year.map(|year| year.to_string()));
    if line.synthetic {
        words.push("(synthetic)".to_owned());
    }
    words.join(" ")
}

/// Own colour of a signal, if it has one.
fn signal_colour(signal: &Signal) -> Option<&'static str> {
    match signal {
        Signal::Index(name) if name.eq_ignore_ascii_case("NDVI") => Some(style::NDVI),
        Signal::Index(name) if name.eq_ignore_ascii_case("BSI") => Some(style::BSI),
        Signal::BackscatterDb(Polarisation::Vv) | Signal::Coherence(Polarisation::Vv) => Some(style::VV),
        Signal::BackscatterDb(Polarisation::Vh) | Signal::Coherence(Polarisation::Vh) => Some(style::VH),
        _ => None,
    }
}

/// Distinct signals of a panel in the order of use.
fn signals(panel: &Panel) -> Vec<&Signal> {
    let mut signals: Vec<&Signal> = Vec::new();
    for line in &panel.lines {
        if !signals.contains(&&line.signal) {
            signals.push(&line.signal);
        }
    }
    signals
}

/// Colour of a signal by its name in a panel.
pub fn colour_of(panel: &Panel, signal: &str) -> &'static str {
    let all = signals(panel);
    let position = all.iter().position(|own| own.name() == signal).unwrap_or(0);
    let taken: Vec<&str> = all.iter().filter_map(|own| signal_colour(own)).collect();
    let free: Vec<&'static str> = style::OTHERS.into_iter().filter(|colour| !taken.contains(colour)).collect();
    all.get(position).and_then(|own| signal_colour(own)).unwrap_or(free[position % free.len().max(1)])
}

/// Look of one line beside the others of its panel.
pub fn of(panel: &Panel, line: &GraphLine) -> Look {
    let mut years: Vec<i16> = panel.lines.iter().filter_map(|other| other.year).collect();
    years.sort_unstable();
    years.dedup();
    let base = match line.year.and_then(|year| years.iter().position(|other| *other == year)) {
        // Years are told apart by colour; a second signal of the panel then by its dash.
        Some(position) if years.len() > 1 => style::OTHERS[position % style::OTHERS.len()],
        _ => colour_of(panel, &line.signal.name()),
    };
    let mut orbits: Vec<Option<u16>> = panel
        .lines
        .iter()
        .filter(|other| other.signal == line.signal && other.pass == line.pass)
        .map(|other| other.relative_orbit)
        .collect();
    orbits.sort_unstable();
    orbits.dedup();
    let rank = orbits.iter().position(|orbit| *orbit == line.relative_orbit).unwrap_or(0);
    let second_signal = years.len() > 1 && signals(panel).first().is_some_and(|first| **first != line.signal);
    let (width, dash, symbol) = match line.pass {
        Some(Pass::Ascending) => (1.25, "", Symbol::Up),
        Some(Pass::Descending) => (1.25, " stroke-dasharray=\"4 3\"", Symbol::Down),
        None if second_signal => (1.5, " stroke-dasharray=\"7 3\"", Symbol::Dot),
        None => (2.0, "", Symbol::Dot),
    };
    Look { colour: darker(base, rank), width, dash, symbol }
}

/// Further orbits of the same direction are darker, so that contrast never falls.
fn darker(colour: &str, rank: usize) -> String {
    let part = |range: std::ops::Range<usize>| {
        let value = colour.get(range).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
        (f32::from(value) * 0.55f32.powi(rank.min(3) as i32)).round() as u8
    };
    if rank == 0 { colour.to_owned() } else { format!("#{:02X}{:02X}{:02X}", part(1..3), part(3..5), part(5..7)) }
}
