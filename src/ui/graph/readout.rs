//! What the graphs say in words: the readout of one moment, summaries for screen readers, the table for the clipboard.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::model::catalog::Calibration;
use crate::model::units::{iso_utc, utc_day};
use crate::model::{Acquisition, AcquisitionIx, Catalog, Pass, Sensor, Signal};
use crate::ui::cx::Cx;

use super::axis::date_at;
use super::model::{Hue, Panel, PanelLine, Unit, short_name, unit};

/// Observations of one acquisition in the readout.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadoutGroup {
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// Values in the order of the graphs.
    pub entries: Vec<ReadoutEntry>,
}

/// One value of the readout.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadoutEntry {
    /// Signal.
    pub name: String,
    /// Colour of its line.
    pub hue: Hue,
    /// Value of the real observation.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// True when the mask excludes it.
    pub masked: bool,
    /// True when made, not observed.
    pub synthetic: bool,
    /// 10th and 90th percentile of the peers at the same acquisition.
    pub peers: Option<(f64, f64)>,
}

/// Every visible line at its observation nearest to `x`, grouped by acquisition in the order of the graphs.
pub fn readout(panels: &[Panel], hidden: &BTreeSet<String>, x: f64) -> Vec<ReadoutGroup> {
    let mut groups: Vec<ReadoutGroup> = Vec::new();
    for panel in panels {
        for line in panel.visible(hidden) {
            let Some((point, masked)) = line.nearest(x) else { continue };
            let peers = panel.peers_at(&line.line.signal, point.acquisition).map(|step| (step.spread.p10, step.spread.p90));
            let entry = ReadoutEntry {
                name: short_name(&line.line.signal),
                hue: line.hue,
                value: point.y,
                unit: unit(&line.line.signal),
                masked,
                synthetic: line.line.synthetic,
                peers,
            };
            match groups.iter_mut().find(|group| group.acquisition == point.acquisition) {
                Some(group) => group.entries.push(entry),
                None => groups.push(ReadoutGroup { acquisition: point.acquisition, entries: vec![entry] }),
            }
        }
    }
    groups
}

/// Number of an entry with its unit, as the language writes it.
pub fn value_text(cx: &Cx<'_>, value: f64, unit: Unit) -> String {
    match unit {
        Unit::Decibel => format!("{}\u{00A0}dB", cx.texts.number(value, 1)),
        Unit::Reflectance => cx.texts.number(value, 3),
        Unit::None => cx.texts.number(value, 2),
    }
}

/// `S2A R051`, `ASC161`, as short as it stays unambiguous.
pub fn source_text(acquisition: &Acquisition) -> String {
    let orbit = |prefix: &str| acquisition.relative_orbit.map(|orbit| format!("{prefix}{orbit:03}")).unwrap_or_default();
    match (acquisition.sensor, acquisition.pass) {
        (Sensor::S2, _) | (_, None) => format!("{} {}", acquisition.platform, orbit("R")).trim_end().to_owned(),
        (_, Some(Pass::Ascending)) => format!("ASC{}", orbit("")),
        (_, Some(Pass::Descending)) => format!("DSC{}", orbit("")),
    }
}

/// `16 April 2019`, for a coherence pair `10 Apr–16 Apr`. In one piece: a line never breaks inside.
pub fn date_text(cx: &Cx<'_>, acquisition: &Acquisition) -> String {
    let text = match acquisition.first {
        Some(first) => {
            let [first, last] = [first, acquisition.acquired].map(|time| cx.texts.day_month(utc_day(time)));
            format!("{first}–{last}")
        }
        None => cx.texts.date(utc_day(acquisition.acquired)),
    };
    text.replace(' ', "\u{00A0}")
}

/// Name of a line in the legend: signal, orbit, year, and whether it is synthetic.
pub fn legend_text(cx: &Cx<'_>, line: &PanelLine) -> String {
    let mut text = short_name(&line.line.signal);
    let orbit = line.line.relative_orbit.map(|orbit| format!("{orbit:03}")).unwrap_or_default();
    match line.line.pass {
        Some(Pass::Ascending) => text = format!("{text} ASC{orbit}"),
        Some(Pass::Descending) => text = format!("{text} DSC{orbit}"),
        None if !orbit.is_empty() => text = format!("{text} R{orbit}"),
        None => {}
    }
    if let Some(days) = line.line.pair_days {
        text = cx.tw("graph-pair-name", &[("name", text.into()), ("days", days.into())]);
    }
    if let Some(year) = line.line.year {
        text = format!("{text} {year}");
    }
    if line.line.synthetic { cx.tw("graph-synthetic-name", &[("name", text.into())]) } else { text }
}

/// Title of a panel on its axis: the signals, the coherence of a pair by name.
pub fn title(cx: &Cx<'_>, panel: &Panel) -> String {
    let coherence = panel.signals.iter().all(|signal| signal.sensor() == Sensor::S1Coherence);
    let backscatter = panel.signals.iter().all(|signal| unit(signal) == Unit::Decibel) && panel.signals.len() > 1;
    if coherence && !panel.signals.is_empty() {
        cx.t("graph-coherence").to_string()
    } else if backscatter {
        calibration(cx).map_or_else(|| cx.t("graph-backscatter").to_string(), |symbol| format!("{symbol} dB"))
    } else {
        let names = panel.signals.iter().map(short_name).collect::<Vec<_>>().join(", ");
        if let ([Signal::BackscatterDb(_)], Some(symbol)) = (panel.signals.as_slice(), calibration(cx)) {
            return format!("{symbol} {names} dB");
        }
        if panel.signals.iter().all(|signal| unit(signal) == Unit::Decibel) { format!("{names} dB") } else { names }
    }
}

/// `σ0` or `γ0`, when that is known.
fn calibration(cx: &Cx<'_>) -> Option<&'static str> {
    cx.project.data()?.catalog.calibration().map(Calibration::symbol)
}

/// What a panel shows, in one sentence for a screen reader.
pub fn summary(cx: &Cx<'_>, panel: &Panel, overlay_years: bool) -> String {
    let title = title(cx, panel);
    let mut low = f64::INFINITY;
    let mut high = f64::NEG_INFINITY;
    let mut first = f64::INFINITY;
    let mut last = f64::NEG_INFINITY;
    for point in panel.lines.iter().flat_map(|line| line.line.runs.iter().flatten()) {
        (low, high) = (low.min(point.y), high.max(point.y));
        (first, last) = (first.min(point.x), last.max(point.x));
    }
    let (usable, masked) = panel.counts();
    let (Some(from), Some(to)) = (date_at(first, overlay_years), date_at(last, overlay_years)) else {
        return cx.tw("graph-summary-empty", &[("title", title.into()), ("masked", masked.into())]);
    };
    let unit = panel.signals.first().map_or(Unit::None, unit);
    cx.tw(
        "graph-summary",
        &[
            ("title", title.into()),
            ("usable", usable.into()),
            ("masked", masked.into()),
            ("from", cx.texts.date(from).into()),
            ("to", cx.texts.date(to).into()),
            ("low", value_text(cx, low, unit).into()),
            ("high", value_text(cx, high, unit).into()),
        ],
    )
}

/// All observations of all panels as tab-separated text with ISO dates and points in numbers, for spreadsheets.
pub fn table(panels: &[Panel], catalog: &Catalog) -> String {
    let mut text = String::from("signal\tacquired\tfirst\tplatform\torbit\tpass\tvalue\tlow\thigh\tstate\tsynthetic\n");
    for panel in panels {
        for line in &panel.lines {
            let mut points: Vec<_> = line.points().collect();
            points.sort_by(|a, b| a.0.x.total_cmp(&b.0.x));
            for (point, masked) in points {
                let acquisition = catalog.get(point.acquisition);
                let number = |value: f64| if value.is_finite() { format!("{value}") } else { String::new() };
                // Writing into a String cannot fail.
                let _ = writeln!(
                    text,
                    "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                    line.line.signal.name(),
                    iso_utc(acquisition.acquired),
                    acquisition.first.map(iso_utc).unwrap_or_default(),
                    acquisition.platform,
                    acquisition.relative_orbit.map(|orbit| orbit.to_string()).unwrap_or_default(),
                    acquisition.pass.map(Pass::code).unwrap_or_default(),
                    number(point.y),
                    number(point.low),
                    number(point.high),
                    if masked { "masked" } else { "ok" },
                    acquisition.synthetic(),
                );
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::{ndvi_line, ndvi_panel, point};
    use super::*;
    use crate::model::catalog::Origin;

    fn catalog(days: &[&str]) -> Catalog {
        let acquisition = |day: &&str| Acquisition {
            sensor: Sensor::S2,
            acquired: format!("{day}T10:56:58Z").parse().expect("valid"),
            first: None,
            platform: "S2A".to_owned(),
            relative_orbit: Some(51),
            pass: None,
            pass_origin: Origin::Name,
            granules: vec![],
        };
        Catalog { acquisitions: days.iter().map(acquisition).collect(), problems: vec![] }
    }

    #[test]
    fn the_readout_shows_real_observations_grouped_by_acquisition() {
        let one = ndvi_panel(vec![ndvi_line(vec![vec![point(0.0, 0.2, 0), point(10.0, 0.4, 1)]], vec![])], vec![]);
        let mut two = one.clone();
        two.lines[0].line.runs = vec![vec![point(0.0, -0.1, 0)]];
        let groups = readout(&[one, two], &BTreeSet::new(), 7.0);
        let seen: Vec<(u32, Vec<f64>)> =
            groups.iter().map(|group| (group.acquisition.0, group.entries.iter().map(|entry| entry.value).collect())).collect();
        assert_eq!(seen, [(1, vec![0.4]), (0, vec![-0.1])]);
    }

    #[test]
    fn the_table_is_sorted_by_time_and_marks_masked_observations() {
        let panel =
            ndvi_panel(vec![ndvi_line(vec![vec![point(0.0, 0.25, 0), point(10.0, 0.5, 2)]], vec![point(5.0, 0.75, 1)])], vec![]);
        let text = table(&[panel], &catalog(&["2019-04-01", "2019-04-06", "2019-04-11"]));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[2], "NDVI\t2019-04-06T10:56:58Z\t\tS2A\t51\t\t0.75\t\t\tmasked\tfalse");
        assert!(lines[3].contains("2019-04-11") && lines[3].ends_with("ok\tfalse"));
    }

    #[test]
    fn sources_are_named_by_platform_or_pass() {
        let mut acquisition = catalog(&["2019-04-01"]).acquisitions.remove(0);
        assert_eq!(source_text(&acquisition), "S2A R051");
        acquisition.sensor = Sensor::S1Backscatter;
        acquisition.pass = Some(Pass::Descending);
        acquisition.relative_orbit = Some(37);
        assert_eq!(source_text(&acquisition), "DSC037");
    }
}
