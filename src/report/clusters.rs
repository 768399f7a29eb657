//! Cluster maps of some periods side by side as a figure: colours with a hatch each, markers below, S1 under S2.

use super::svg::{Font, Svg, n, ring};
use super::{Caption, page, style};

/// Edge of a map, units of the figure.
const EDGE: f32 = 118.0;
/// Distance of two maps.
const PITCH: f32 = 132.0;
/// Width that a caption needs.
const LEAST_WIDTH: f32 = 460.0;

/// Colours of clusters 1 to 8; as in the window.
const COLOURS: [&str; 8] = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#8A8F94"];

const SMALL: Font = Font::sans(11.0).colour(style::TEXT_2);
const MONO: Font = Font::mono(11.0);

/// One map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClusterPanel {
    /// What stands above it, e.g. the dates.
    pub title: String,
    /// Pixels of a row.
    pub width: usize,
    /// Classes row by row; 0 is none.
    pub labels: Vec<u8>,
    /// Outline of the parcel in pixels of the map.
    pub rings: Vec<Vec<[f32; 2]>>,
    /// Markers, e.g. `M1 1  M2 1  M3 0  M4 1`.
    pub marks: String,
    /// It belongs to the periods that decided.
    pub deciding: bool,
}

/// Rows of maps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClusterFigure {
    /// Name of each row (S2, S1) and its maps.
    pub rows: Vec<(String, Vec<ClusterPanel>)>,
}

/// The figure as SVG.
pub fn svg(figure: &ClusterFigure, caption: &Caption) -> String {
    let columns = figure.rows.iter().map(|row| row.1.len()).max().unwrap_or(0);
    let width = (2.0 * page::MARGIN + 28.0 + PITCH * columns as f32).max(LEAST_WIDTH);
    let mut out = Svg::default();
    out.raw(&patterns());
    let mut top = page::header(&mut out, caption, width, 0.0).ceil() + 4.0;
    for (name, panels) in &figure.rows {
        out.text(page::MARGIN, top + 16.0 + EDGE / 2.0, Font::sans(13.0).strong(), name);
        for (at, panel) in panels.iter().enumerate() {
            let left = page::MARGIN + 28.0 + PITCH * at as f32;
            out.text(left, top + 11.0, SMALL, &panel.title);
            map(&mut out, panel, left, top + 16.0);
            out.text(left, top + 16.0 + EDGE + 14.0, MONO, &panel.marks);
        }
        top += EDGE + 40.0;
    }
    let height = page::footer(&mut out, caption, width, top + 4.0).ceil();
    let summary = format!("{} {columns} periods.", caption.lines.join(" "));
    out.finish(width, height, &caption.title, &summary)
}

/// A hatch for each cluster but the first.
fn patterns() -> String {
    let line = |data: &str| format!("<path d=\"{data}\" stroke=\"#343A40\" stroke-width=\"1\" fill=\"none\"/>");
    let (slash, back) = (line("M0 5L5 0M-1 1L1 -1M4 6L6 4"), line("M0 0L5 5M-1 4L1 6M4 -1L6 1"));
    let (across, down) = (line("M0 2.5H5"), line("M2.5 0V5"));
    let marks = [
        String::new(),
        slash.clone(),
        back.clone(),
        across.clone(),
        down.clone(),
        format!("{slash}{back}"),
        "<circle cx=\"2.5\" cy=\"2.5\" r=\"1\" fill=\"#343A40\"/>".to_owned(),
        format!("{across}{down}"),
    ];
    let pattern = |(at, mark): (usize, &String)| {
        format!(
            "<pattern id=\"c{}\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\"><rect width=\"5\" height=\"5\" fill=\"{}\"/>{mark}</pattern>",
            at + 1,
            COLOURS[at]
        )
    };
    format!("<defs>{}</defs>", marks.iter().enumerate().map(pattern).collect::<String>())
}

fn map(out: &mut Svg, panel: &ClusterPanel, left: f32, top: f32) {
    out.rect([left, top, EDGE, EDGE], style::SURFACE);
    let height = panel.labels.len().checked_div(panel.width).unwrap_or(0);
    let scale = EDGE / panel.width.max(height).max(1) as f32;
    let corner = [left + (EDGE - scale * panel.width as f32) / 2.0, top + (EDGE - scale * height as f32) / 2.0];
    for (row, line) in panel.labels.chunks(panel.width.max(1)).enumerate() {
        let mut col = 0;
        while col < line.len() {
            let len = line[col..].iter().take_while(|label| **label == line[col]).count();
            if line[col] > 0 {
                let place = [corner[0] + scale * col as f32, corner[1] + scale * row as f32, scale * len as f32, scale];
                let id = (usize::from(line[col]) - 1) % COLOURS.len() + 1;
                out.raw(&format!(
                    "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"url(#c{id})\" shape-rendering=\"crispEdges\"/>",
                    n(place[0]),
                    n(place[1]),
                    n(place[2]),
                    n(place[3])
                ));
            }
            col += len;
        }
    }
    let moved = |points: &Vec<[f32; 2]>| {
        ring(&points.iter().map(|[x, y]| [corner[0] + scale * x, corner[1] + scale * y]).collect::<Vec<_>>())
    };
    let data: String = panel.rings.iter().map(moved).collect();
    if !data.is_empty() {
        out.stroke(&data, style::OUTLINE_UNDER, 1.25, "");
    }
    let (line, width) = if panel.deciding { ("#6440C4", 2.0) } else { (style::BORDER, 1.0) };
    out.stroke(&format!("M{} {}h{EDGE}v{EDGE}h-{EDGE}z", n(left), n(top)), line, width, "");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_a_cluster_are_one_field_and_nothing_is_drawn_where_there_is_none() {
        let panel = ClusterPanel { width: 3, labels: vec![0, 2, 2, 1, 1, 0], deciding: true, ..ClusterPanel::default() };
        let figure = ClusterFigure { rows: vec![("S2".to_owned(), vec![panel])] };
        let drawn = svg(&figure, &Caption::default());
        assert_eq!(drawn.matches("url(#c2)").count(), 1);
        assert_eq!(drawn.matches("url(#c1)").count(), 1);
        assert_eq!(drawn.matches("<pattern").count(), 8);
        assert!(super::super::svg::png(&drawn, 1.0).is_ok_and(|png| png.len() > 500));
    }
}
