//! Copying and saving the focused pane as a picture.
//!
//! The calendar and the graphs are drawn as figures with caption and limits, at twice the size; other panes are cut out of the window.

use std::path::PathBuf;
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
            (pane @ (PaneKind::Calendar | PaneKind::Graph), Some(parcel)) if has_figure(project, pane) => {
                self.export = Some(Export { pane, parcel, save, since: Instant::now() });
                ctx.request_repaint();
            }
            (pane, _) => self.cut_out(ctx, pane, save),
        }
    }

    /// Once all data of a wanted figure are there: makes it, and its pixels in the background.
    pub(super) fn continue_export(&mut self, ctx: &Context) {
        const LONGEST: Duration = Duration::from_secs(30);
        let (Some(wanted), Some(project)) = (self.export, &self.project) else { return };
        if !ready(project, wanted) && wanted.since.elapsed() < LONGEST {
            ctx.request_repaint_after(Duration::from_millis(50));
            return;
        }
        self.export = None;
        let figure = if wanted.pane == PaneKind::Calendar {
            export::calendar(project, wanted.parcel, &export::CalendarOptions::of(project)).map(|figure| figure.svg)
        } else {
            let graph = &self.panes.graph;
            let options = export::GraphFigureOptions {
                peers: graph.peers,
                spread: graph.spread,
                split_orbits: graph.split_orbits,
                ..export::GraphFigureOptions::of(project)
            };
            export::graph(project, wanted.parcel, &options)
        };
        match figure {
            Ok(figure) => self.background.run(move || Some(pixels(&figure, wanted.save))),
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
    pub(super) fn offer_picture(&mut self, png: Vec<u8>) {
        let name =
            self.project.as_ref().map(|project| project.path().with_file_name(self.picture_name(project))).unwrap_or_default();
        self.picture = Some(png);
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
        let Some(png) = self.picture.take() else { return };
        self.dialog = None;
        let saved = self.texts.with("picture-saved", &[("path", path.display().to_string().into())]);
        let failed = self.texts.get("picture-not-saved");
        self.background.run(move || {
            Some(News::Message(match std::fs::write(&path, png) {
                Ok(()) => saved,
                Err(error) => format!("{failed} {}: {error}", path.display()),
            }))
        });
    }
}

/// Distribution views and the large view have no figure of their own: they are cut out of the window.
fn has_figure(project: &Project, pane: PaneKind) -> bool {
    use crate::model::View;
    pane == PaneKind::Graph || !matches!(project.view(), View::NdviHistogram | View::RedNirScatter)
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

fn pixels(figure: &str, save: bool) -> News {
    let png = match svg::png(figure, SCALE) {
        Ok(png) => png,
        Err(error) => return News::Message(error),
    };
    if save {
        return News::Picture(png);
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

fn png_of(picture: &ColorImage) -> News {
    let bytes: Vec<u8> = picture.pixels.iter().flat_map(egui::Color32::to_srgba_unmultiplied).collect();
    let (width, height) = (picture.size[0] as u32, picture.size[1] as u32);
    let mut png = std::io::Cursor::new(Vec::new());
    match image::write_buffer_with_format(&mut png, &bytes, width, height, image::ColorType::Rgba8, image::ImageFormat::Png) {
        Ok(()) => News::Picture(png.into_inner()),
        Err(error) => News::Message(error.to_string()),
    }
}
