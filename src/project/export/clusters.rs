//! Clusters of a parcel as a figure: the periods that decided and those beside them.

use super::{captions, data_of, fault};
use crate::io::crs;
use crate::model::heterogeneity::{Context, Marks, Stream};
use crate::model::{Acquisition, ParcelIx};
use crate::project::heterogeneity::maps::RegionMaps;
use crate::project::queries::heterogeneity::Judged;
use crate::project::{Error, Project};
use crate::report::Caption;
use crate::report::clusters::{ClusterFigure, ClusterPanel, svg};

/// Maps side by side at most.
const MOST: usize = 5;

/// A figure and what stands above it, in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters {
    /// The drawing.
    pub svg: String,
    /// In words.
    pub words: String,
}

/// The figure of a parcel from the maps of its region. Fails when there is no period.
pub fn clusters(project: &Project, parcel: ParcelIx, maps: &RegionMaps) -> Result<Clusters, Error> {
    let data = data_of(project)?;
    let judged = project
        .judge_heterogeneity(maps, parcel)
        .filter(|_| !maps.periods.is_empty())
        .ok_or_else(|| fault("there is no period of Sentinel-2 images to cluster".to_owned()))?;
    let first = judged.decision.period.map_or(0, |period| usize::from(period) - 1);
    let from = first.saturating_sub(1).min(maps.periods.len().saturating_sub(MOST));
    let shown = from..(from + MOST).min(maps.periods.len());
    let outline = data.parcels.outline(parcel);
    let mut rows = Vec::new();
    for (stream, name) in [(Stream::S2, "S2"), (Stream::S1, "S1")] {
        let Some(own) = maps.stream(stream).of(parcel).filter(|_| !maps.stream(stream).variables.is_empty()) else { continue };
        let outline = if own.grid.crs == *data.parcels.crs() {
            outline.clone()
        } else {
            crs::transform(&outline, data.parcels.crs(), &own.grid.crs).map_err(|error| fault(error.to_string()))?
        };
        let place = |&[x, y]: &[f64; 2]| {
            let (col, row) = own.grid.pixel_from_world(x, y);
            [col as f32, row as f32]
        };
        let rings: Vec<Vec<[f32; 2]>> = outline.rings().map(|ring| ring.iter().map(place).collect()).collect();
        let panel = |at: usize| ClusterPanel {
            title: format!("{} to {}", maps.periods[at].from, &maps.periods[at].to.to_string()[5..]),
            width: own.grid.width,
            labels: own.periods.get(at).map(|map| map.labels.clone()).unwrap_or_default(),
            rings: rings.clone(),
            marks: marks_text(stream, &judged, at),
            deciding: judged.decision.period.is_some() && (first..first + 3).contains(&at),
        };
        rows.push((name.to_owned(), shown.clone().map(panel).collect()));
    }
    let caption = Caption {
        title: captions::title(&data, parcel),
        lines: lines(project, maps, &judged),
        ruleset: captions::ruleset(project),
        attribution: project.file().attribution.clone(),
        synthetic: if data.catalog.acquisitions.iter().any(Acquisition::synthetic) {
            "The project holds synthetic data, which are made, not observed.".to_owned()
        } else {
            String::new()
        },
    };
    let words = format!("Clusters. {}", caption.lines.join(" "));
    Ok(Clusters { svg: svg(&ClusterFigure { rows }, &caption), words })
}

fn marks_text(stream: Stream, judged: &Judged, at: usize) -> String {
    let value = |marks: &Marks, number: usize| match marks.values[number] {
        Some(true) => "1",
        Some(false) => "0",
        None => "–",
    };
    match stream {
        Stream::S2 => judged
            .s2
            .get(at)
            .map(|own| format!("M1 {} M2 {} M3 {} M4 {}", value(own, 0), value(own, 1), value(own, 2), value(own, 3))),
        Stream::S1 => judged.s1.get(at).map(|own| format!("M5 {} M6 {} M7 {}", value(own, 0), value(own, 1), value(own, 3))),
    }
    .unwrap_or_default()
}

fn lines(project: &Project, maps: &RegionMaps, judged: &Judged) -> Vec<String> {
    let params = project.heterogeneity_params();
    let decided = match judged.decision.period {
        Some(first) => {
            let last = (usize::from(first) + 1).min(maps.periods.len() - 1);
            let total: u32 = judged.decision.sums.iter().map(|sum| u32::from(*sum)).sum();
            format!(
                "Heterogeneity: {}, {} to {}, {total} of 12 markers.",
                judged.decision.index.code(),
                maps.periods[usize::from(first) - 1].from,
                maps.periods[last].to
            )
        }
        None => "Heterogeneity: no detection in three periods.".to_owned(),
    };
    let context = match params.clusters.context {
        Context::Region => "clusters of the neighbourhood",
        Context::Alone => "clusters of this parcel alone",
    };
    let own = params.markers;
    vec![
        decided,
        format!(
            "{} {context}, seed {}, radius {}, compactness {}, NDVI distance {}, share {}.",
            params.clusters.clusters,
            params.clusters.seed,
            params.clusters.radius,
            own.compact_s2,
            own.ndvi_distance,
            own.per_hetero
        ),
    ]
}
