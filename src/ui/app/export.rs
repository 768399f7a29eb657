//! Copying and saving the focused pane as a picture.
//!
//! The calendar and the graphs are drawn as figures with caption and limits, at twice the size, and may be saved as SVG too; other
//! panes, and the calendar's large and compare views, are cut out of the window.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::{ColorImage, Context};

use super::{News, Purpose, Window};
use crate::model::ParcelIx;
use crate::project::{Fetch, Project, export};
use crate::report::svg;
use crate::ui::dialogs::{Dialog, PathDialog};
use crate::ui::layout::PaneKind;

/// Pixels per unit of a figure.
const SCALE: f32 = 2.0;

/// A figure that waits for its data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Export {
    pane: PaneKind,
    parcel: ParcelIx,
    save: bool,
    since: Instant,
}

impl Window {
    /// Copies the focused pane, or asks where to save it.
    pub(super) fn export_pane(&mut self, ctx: &Context, save: bool) {
        let Some(project) = &self.project else { return };
        match (self.focused, project.selection().parcel) {
            (pane @ (PaneKind::Calendar | PaneKind::Graph), Some(parcel)) if self.has_figure(pane) => {
                self.export = Some(Export { pane, parcel, save, since: Instant::now() });
                ctx.request_repaint();
            }
            (pane, _) => self.cut_out(ctx, pane, save),
        }
    }

    /// The large and compare views have no figure of their own: they are cut out of the window.
    fn has_figure(&self, pane: PaneKind) -> bool {
        pane == PaneKind::Graph || !(self.panes.calendar.large || self.panes.calendar.compare)
    }

    /// Once all data of a wanted figure are there: gathers them, and draws in the background.
    pub(super) fn continue_export(&mut self, ctx: &Context) {
        const LONGEST: Duration = Duration::from_secs(30);
        let (Some(wanted), Some(project)) = (self.export, &self.project) else { return };
        if !ready(project, wanted) && wanted.since.elapsed() < LONGEST {
            ctx.request_repaint_after(Duration::from_millis(50));
            return;
        }
        self.export = None;
        let figure = if wanted.pane == PaneKind::Calendar {
            export::calendar(project, wanted.parcel, &export::CalendarOptions::of(project)).map(Figure::Calendar)
        } else {
            let graph = &self.panes.graph;
            let options = export::GraphFigureOptions {
                peers: graph.peers,
                spread: graph.spread,
                split_orbits: graph.split_orbits,
                ..export::GraphFigureOptions::of(project)
            };
            export::graph(project, wanted.parcel, &options).map(Figure::Graph)
        };
        match figure {
            Ok(figure) => self.background.run(move || Some(figure.draw(wanted.save))),
            Err(error) => self.say(error.to_string()),
        }
    }

    fn cut_out(&mut self, ctx: &Context, pane: PaneKind, save: bool) {
        let Some(&(_, rect)) = self.rects.iter().find(|own| own.0 == pane) else { return };
        let (post, scale) = (self.background.post(), ctx.pixels_per_point());
        ctx.request_screenshot(move |window| {
            let image = window.region(&rect, Some(scale));
            post(if save { png_of(&image) } else { News::Copy(image) });
        });
    }

    /// A picture was made for saving: asks for the place.
    pub(super) fn offer_picture(&mut self, picture: SavedPicture) {
        let name =
            self.project.as_ref().map(|project| project.path().with_file_name(self.picture_name(project))).unwrap_or_default();
        self.picture = Some(picture);
        self.dialog = Some(Dialog::Path(PathDialog::new(Purpose::Picture, name.display().to_string())));
    }

    fn picture_name(&self, project: &Project) -> String {
        let parcel = project.data().zip(project.selection().parcel).map(|(data, parcel)| data.parcels.id(parcel).to_owned());
        let view = project.view().label().replace([' ', '/'], "_");
        let name = self.texts.get(self.focused.title_id()).to_lowercase();
        let parcel: String =
            parcel.unwrap_or_default().chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect();
        format!("{parcel}_{name}_{view}.png")
    }

    pub(super) fn save_picture(&mut self, path: PathBuf) {
        let Some(picture) = self.picture.take() else { return };
        self.dialog = None;
        let saved = self.texts.with("picture-saved", &[("path", path.display().to_string().into())]);
        let failed = self.texts.get("picture-not-saved").to_string();
        let no_svg = self.texts.get("picture-no-svg").to_string();
        self.background.run(move || {
            Some(News::Message(match picture.bytes_for(&path).map(|bytes| std::fs::write(&path, bytes)) {
                Some(Ok(())) => saved,
                Some(Err(error)) => format!("{failed} {}: {error}", path.display()),
                None => no_svg,
            }))
        });
    }
}

/// A figure whose data are gathered.
enum Figure {
    Calendar(export::CalendarFigure),
    Graph(export::GraphFigure),
}

impl Figure {
    fn draw(&self, save: bool) -> News {
        let figure = match self {
            Self::Calendar(figure) => figure.svg(),
            Self::Graph(figure) => figure.svg(),
        };
        let png = match svg::png(&figure, SCALE) {
            Ok(png) => png,
            Err(error) => return News::Message(error),
        };
        if save {
            return News::Picture(SavedPicture { png, svg: Some(figure) });
        }
        match image::load_from_memory(&png) {
            Ok(picture) => {
                let picture = picture.to_rgba8();
                let size = [picture.width() as usize, picture.height() as usize];
                News::Copy(ColorImage::from_rgba_unmultiplied(size, &picture))
            }
            Err(error) => News::Message(error.to_string()),
        }
    }
}

/// A picture that waits for its place.
pub struct SavedPicture {
    png: Vec<u8>,
    /// The same as SVG; a cut-out of the window has none.
    svg: Option<String>,
}

impl SavedPicture {
    /// What the ending of the name asks for; `None` for an SVG that does not exist.
    fn bytes_for(&self, path: &Path) -> Option<&[u8]> {
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg")) {
            self.svg.as_ref().map(String::as_bytes)
        } else {
            Some(&self.png)
        }
    }
}

fn ready(project: &Project, wanted: Export) -> bool {
    fn arrived<T>(answer: &Fetch<T>) -> bool {
        !matches!(answer, Fetch::Pending)
    }
    if wanted.pane == PaneKind::Calendar {
        let shown = project.shown_acquisitions(wanted.parcel);
        let waiting = shown.into_iter().filter(|&acquisition| !arrived(&project.picture(wanted.parcel, acquisition))).count();
        arrived(&project.coverage(wanted.parcel)) && waiting == 0
    } else {
        let signals = project.file().display.graphs.iter().flatten();
        let waiting = signals
            .filter(|signal| !arrived(&project.series(wanted.parcel, signal)) || !arrived(&project.peers(wanted.parcel, signal)))
            .count();
        waiting == 0
    }
}

fn png_of(picture: &ColorImage) -> News {
    let bytes: Vec<u8> = picture.pixels.iter().flat_map(egui::Color32::to_srgba_unmultiplied).collect();
    let (width, height) = (picture.size[0] as u32, picture.size[1] as u32);
    let mut png = std::io::Cursor::new(Vec::new());
    match image::write_buffer_with_format(&mut png, &bytes, width, height, image::ColorType::Rgba8, image::ImageFormat::Png) {
        Ok(()) => News::Picture(SavedPicture { png: png.into_inner(), svg: None }),
        Err(error) => News::Message(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::SavedPicture;
    use std::path::Path;

    #[test]
    fn the_ending_of_the_name_chooses_the_format() {
        let mut picture = SavedPicture { png: vec![1], svg: Some("<svg/>".to_owned()) };
        assert_eq!(picture.bytes_for(Path::new("a.SVG")), Some(b"<svg/>".as_slice()));
        assert_eq!(picture.bytes_for(Path::new("a.png")), Some([1].as_slice()));
        picture.svg = None;
        assert_eq!(picture.bytes_for(Path::new("a.svg")), None);
    }
}
