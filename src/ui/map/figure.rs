//! What the map shows as a figure that is made without the window.

use super::MapState;
use crate::model::{Bounds, Crs};
use crate::project::Project;
use crate::project::export::{MapOptions, view_for};
use crate::project::queries::mosaic::Season;

/// Width of the view in the figure, units.
const WIDTH_PX: u32 = 800;

impl MapState {
    /// The view in force: its place, the image of the current date where one is shown, the colouring, labels. Backgrounds from a
    /// server are left out. `None` before the first frame.
    pub fn figure(&self, project: &Project) -> Option<MapOptions> {
        let [min_x, min_y, max_x, max_y] = self.edges?;
        let data = project.data()?;
        let acquisition = project.selection().acquisition.filter(|_| self.layers.season || self.layers.chip);
        let season = acquisition.and_then(|acquisition| {
            let sensor = data.catalog.acquisitions.get(acquisition.at())?.sensor;
            Some(Season {
                acquisition,
                view: view_for(project.view(), sensor),
                stretch: project.file().display.stretch.clone(),
                mask: self.mask.then(|| project.mask()),
                revision: project.revision(),
            })
        });
        let computed = self.computed.map_or(0, |(_, computed)| computed);
        Some(MapOptions {
            bounds: Bounds { min_x, min_y, max_x, max_y },
            // Edges of the view are degrees.
            crs: Crs::Epsg(4326),
            width_px: WIDTH_PX,
            parcel: project.selection().parcel,
            season,
            classes: self.layers.colouring.map(|colouring| project.classes_query(colouring, computed)),
            labels: self.layers.labels.is_some(),
        })
    }
}
