//! Legend and readout above the graphs.

use std::collections::BTreeSet;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, Response, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::model::{Catalog, Pass};
use crate::ui::cx::Cx;
use crate::ui::markers::words;
use crate::ui::theme::{Tokens, text};

use super::events::{self, Marks};
use super::model::{Hue, Panel, PanelLine};
use super::readout::{ReadoutGroup, date_text, legend_text, source_text, value_text};

/// Name of the legend entry of all peer bands.
const PEERS: &str = "peers";
/// Name of the legend entry of masked observations.
pub const MASKED: &str = "masked";

/// Colour of a line.
pub fn colour(tokens: &Tokens, hue: Hue) -> Color32 {
    match hue {
        Hue::Ndvi => tokens.ndvi,
        Hue::Bsi => tokens.bsi,
        Hue::Vv => tokens.vv,
        Hue::Vh => tokens.vh,
        Hue::Other(number) => [tokens.ev, tokens.green, tokens.win, tokens.yellow][usize::from(number) % 4],
    }
}

/// What a legend entry stands for.
enum Mark<'a> {
    Line(&'a PanelLine),
    Band,
    Masked,
    Event,
    Window,
    Smoothed,
}

/// One row (or more, when narrow) of entries: click hides or shows, Ctrl+click isolates.
pub fn legend_ui(ui: &mut Ui, cx: &Cx<'_>, panels: &[Panel], marks: Option<&Marks>, hidden: &mut BTreeSet<String>) {
    let mut entries: Vec<(String, String, Mark<'_>)> = Vec::new();
    for line in panels.iter().flat_map(|panel| &panel.lines) {
        if !entries.iter().any(|(key, _, _)| *key == line.key) {
            entries.push((line.key.clone(), legend_text(cx, line), Mark::Line(line)));
        }
    }
    let lines = entries.iter().map(|(key, _, _)| key.clone()).collect::<Vec<_>>();
    if let Some(band) = panels.iter().flat_map(|panel| &panel.bands).max_by_key(|band| band.peers) {
        let id = if band.whole { "graph-legend-population" } else { "graph-legend-peers" };
        entries.push((PEERS.to_owned(), cx.tw(id, &[("n", band.peers.into())]), Mark::Band));
    }
    if panels.iter().flat_map(|panel| &panel.lines).any(|line| !line.line.masked.is_empty()) {
        entries.push((MASKED.to_owned(), cx.t("graph-legend-masked").to_string(), Mark::Masked));
    }
    if let Some(marks) = marks {
        entries.extend(mark_entries(cx, marks));
    }
    egui::Frame::NONE.inner_margin(egui::Margin { left: 8, right: 8, top: 3, bottom: 0 }).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(2.0, 0.0);
            for (key, name, mark) in &entries {
                let response = entry_ui(ui, cx, name, mark, !hidden.contains(key));
                if response.clicked() {
                    let isolate = ui.input(|input| input.modifiers.command) && matches!(mark, Mark::Line(_));
                    toggle(hidden, key, &lines, isolate);
                }
            }
        });
    });
}

/// Entries of what the ruleset adds.
fn mark_entries(cx: &Cx<'_>, marks: &Marks) -> Vec<(String, String, Mark<'static>)> {
    let model = &marks.model;
    let mut entries: Vec<_> =
        model.kinds().into_iter().map(|name| (events::key(name), words::title(cx, name), Mark::Event)).collect();
    if marks.smoothed && !model.curves.is_empty() {
        entries.push((events::SMOOTHED.to_owned(), cx.t("markers-legend-smoothed").to_string(), Mark::Smoothed));
    }
    if model.window.is_some() {
        entries.push((events::WINDOW.to_owned(), cx.t("markers-legend-window").to_string(), Mark::Window));
    }
    entries
}

/// Hides or shows an entry; isolating hides all other lines, or shows all again when it was alone.
fn toggle(hidden: &mut BTreeSet<String>, key: &str, lines: &[String], isolate: bool) {
    if isolate {
        let alone = !hidden.contains(key) && lines.iter().all(|line| line == key || hidden.contains(line));
        hidden.retain(|entry| !lines.contains(entry));
        if !alone {
            hidden.extend(lines.iter().filter(|line| *line != key).cloned());
        }
    } else if !hidden.remove(key) {
        hidden.insert(key.to_owned());
    }
}

/// True when peer bands are switched off in the legend.
pub fn bands_hidden(hidden: &BTreeSet<String>) -> bool {
    hidden.contains(PEERS)
}

fn entry_ui(ui: &mut Ui, cx: &Cx<'_>, name: &str, mark: &Mark<'_>, shown: bool) -> Response {
    let tokens = cx.tokens;
    let ink = if shown { tokens.tx } else { tokens.tx3 };
    let font = egui::TextStyle::Small.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(name.to_owned(), font, ink);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 28.0, 24.0), Sense::click());
    if ui.is_rect_visible(rect) {
        if response.hovered() || response.has_focus() {
            let stroke = if response.has_focus() { Stroke::new(2.0, tokens.focus) } else { Stroke::NONE };
            ui.painter().rect(rect.shrink(1.0), 3.0, tokens.bg3, stroke, egui::StrokeKind::Inside);
        }
        let centre = pos2(rect.left() + 11.0, rect.center().y);
        paint_mark(ui, tokens, centre, mark, shown);
        let at = pos2(rect.left() + 24.0, rect.center().y - galley.size().y / 2.0);
        let end = at + vec2(galley.size().x, 0.0);
        let middle = rect.center().y;
        ui.painter().galley(at, galley, ink);
        if !shown {
            ui.painter().hline(at.x..=end.x, middle, Stroke::new(1.0, tokens.tx3));
        }
    }
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, shown, name));
    response.on_hover_text(cx.t("graph-legend-hint").as_ref())
}

fn paint_mark(ui: &Ui, tokens: &Tokens, centre: egui::Pos2, mark: &Mark<'_>, shown: bool) {
    let painter = ui.painter();
    let left = centre - vec2(9.0, 0.0);
    let right = centre + vec2(9.0, 0.0);
    match mark {
        Mark::Line(line) => {
            let ink = if shown { colour(tokens, line.hue) } else { tokens.tx3 };
            match line.line.pass {
                Some(Pass::Descending) => {
                    painter.extend(Shape::dashed_line(&[left, right], Stroke::new(1.25, ink), 4.0, 3.0));
                    painter.add(triangle(centre, 4.0, false, ink));
                }
                Some(Pass::Ascending) => {
                    painter.line_segment([left, right], Stroke::new(1.25, ink));
                    painter.add(triangle(centre, 4.0, true, ink));
                }
                None => {
                    painter.line_segment([left, right], Stroke::new(2.0, ink));
                    painter.circle_filled(centre, 3.2, ink);
                }
            }
        }
        Mark::Band => {
            let fill = if shown { tokens.band } else { tokens.bg3 };
            painter.rect_filled(egui::Rect::from_center_size(centre, vec2(18.0, 10.0)), 0.0, fill);
            painter.line_segment([left, right], Stroke::new(1.5, if shown { tokens.med } else { tokens.tx3 }));
        }
        Mark::Event => {
            let ink = if shown { tokens.ev } else { tokens.tx3 };
            let span = egui::Rect::from_center_size(centre, vec2(14.0, 14.0));
            painter.rect_filled(span, 0.0, ink.gamma_multiply(0.22));
            painter.add(triangle(centre - vec2(0.0, 2.0), 4.5, false, ink));
        }
        Mark::Window => {
            let ink = if shown { tokens.win } else { tokens.tx3 };
            for x in [-4.0, 4.0] {
                painter.vline(centre.x + x, centre.y - 7.0..=centre.y + 7.0, Stroke::new(1.5, ink));
            }
        }
        Mark::Smoothed => {
            painter.line_segment([left, right], Stroke::new(1.0, if shown { tokens.tx } else { tokens.tx3 }));
        }
        Mark::Masked => {
            painter.circle_stroke(centre, 3.2, Stroke::new(1.5, if shown { tokens.mask } else { tokens.tx3 }));
        }
    }
}

/// A triangle, tip up or down.
pub fn triangle(centre: egui::Pos2, radius: f32, up: bool, fill: Color32) -> Shape {
    let sign = if up { -1.0 } else { 1.0 };
    let corner = |x: f32, y: f32| centre + vec2(x * radius, y * radius * sign);
    let mut points = vec![corner(0.0, 1.0), corner(-0.95, -0.75), corner(0.95, -0.75)];
    if up {
        points.reverse();
    }
    Shape::convex_polygon(points, fill, Stroke::NONE)
}

/// A group as plain text: `16 Apr 2019 S2A R051 NDVI 0.39`.
pub fn group_text(cx: &Cx<'_>, group: &ReadoutGroup, catalog: &Catalog) -> String {
    let acquisition = catalog.get(group.acquisition);
    let values: Vec<String> =
        group.entries.iter().map(|entry| format!("{} {}", entry.name, value_text(cx, entry.value, entry.unit))).collect();
    format!("{}  {}  {}", date_text(cx, acquisition), source_text(acquisition), values.join("  "))
}

/// A text that no line break splits.
fn whole(text: &str) -> String {
    text.replace(' ', "\u{00A0}")
}

/// The readout as wrapped text; returns the height it needed.
pub fn readout_row_ui(ui: &mut Ui, cx: &Cx<'_>, groups: &[ReadoutGroup], catalog: &Catalog, min_height: f32) -> f32 {
    let style = ui.style();
    let (strong, plain, figures) =
        (text::header().resolve(style), egui::TextStyle::Small.resolve(style), text::numeric_strong().resolve(style));
    let tick = text::numeric().resolve(style);
    let tokens = cx.tokens;
    let mut job = LayoutJob { wrap: TextWrapping::wrap_at_width(ui.available_width() - 20.0), ..LayoutJob::default() };
    if groups.is_empty() {
        job.append(&cx.t("graph-readout-empty"), 0.0, TextFormat::simple(plain.clone(), tokens.tx2));
    }
    for (number, group) in groups.iter().enumerate() {
        let acquisition = catalog.get(group.acquisition);
        // Plain spaces are where a line may end: between groups and between entries, never inside one.
        let space = TextFormat::simple(plain.clone(), tokens.tx2);
        if number > 0 {
            job.append(" ", 8.0, space.clone());
        }
        job.append(&date_text(cx, acquisition), 0.0, TextFormat::simple(strong.clone(), tokens.tx));
        job.append(&whole(&source_text(acquisition)), 6.0, TextFormat::simple(plain.clone(), tokens.tx2));
        if acquisition.synthetic() {
            job.append(&cx.t("graph-synthetic"), 6.0, TextFormat::simple(plain.clone(), tokens.yellow));
        }
        for entry in &group.entries {
            job.append(" ", 2.0, space.clone());
            let name = format!("{}\u{00A0}", whole(&entry.name));
            job.append(&name, 2.0, TextFormat::simple(plain.clone(), colour(tokens, entry.hue)));
            let ink = if entry.masked { tokens.tx2 } else { tokens.tx };
            job.append(&value_text(cx, entry.value, entry.unit), 0.0, TextFormat::simple(figures.clone(), ink));
            if entry.masked {
                job.append(&whole(&cx.t("graph-masked-short")), 4.0, TextFormat::simple(plain.clone(), tokens.tx2));
            }
            if let Some((low, high)) = entry.peers {
                let range = cx.tw(
                    "graph-readout-peers",
                    &[("low", value_text(cx, low, entry.unit).into()), ("high", value_text(cx, high, entry.unit).into())],
                );
                job.append(&whole(&range), 4.0, TextFormat::simple(tick.clone(), tokens.tx2));
            }
        }
    }
    let plain_text = job.text.clone();
    let galley = ui.painter().layout_job(job);
    let height = galley.size().y.max(min_height);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height + 6.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, tokens.grid));
    ui.painter().galley(rect.min + vec2(10.0, 4.0), galley, tokens.tx);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &plain_text));
    height
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(keys: &[&str]) -> BTreeSet<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    #[test]
    fn isolating_hides_the_other_lines_and_again_shows_all() {
        let lines = ["a", "b", "c"].map(str::to_owned);
        let mut hidden = set(&["masked"]);
        toggle(&mut hidden, "b", &lines, true);
        assert_eq!(hidden, set(&["a", "c", "masked"]));
        toggle(&mut hidden, "b", &lines, true);
        assert_eq!(hidden, set(&["masked"]), "what is no line stays as it was");
        toggle(&mut hidden, "a", &lines, false);
        toggle(&mut hidden, "b", &lines, true);
        assert_eq!(hidden, set(&["a", "c", "masked"]));
    }

    #[test]
    fn a_click_hides_and_a_second_shows() {
        let lines = ["a".to_owned()];
        let mut hidden = BTreeSet::new();
        toggle(&mut hidden, "a", &lines, false);
        assert_eq!(hidden, set(&["a"]));
        toggle(&mut hidden, "a", &lines, false);
        assert!(hidden.is_empty());
    }
}
