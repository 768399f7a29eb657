//! Copying and saving the focused pane as a picture.
//!
//! The calendar, the graphs, clusters and the map are drawn as figures with caption and limits; other panes, and the calendar's large and
//! compare views, are cut out of the window and get a caption too. The user chooses the width; a map has its place on the ground
//! beside it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::{ColorImage, Context};

use super::{News, Purpose, Window};
use crate::engine::stretch::Picture;
use crate::model::{Grid, ParcelIx};
use crate::project::export::MapOptions;
use crate::project::{Fetch, Project, export};
use crate::report::{Caption, cut_out, svg};
use crate::ui::dialogs::{Dialog, PathDialog};
use crate::ui::layout::PaneKind;

/// Pixels per unit of a figure, unless a width is chosen.
const SCALE: f32 = 2.0;

/// Widths that can be chosen, pixels.
pub const WIDTHS: std::ops::RangeInclusive<u32> = 64..=12_000;

/// A figure that waits for its data.
#[derive(Debug, Clone)]
pub(super) struct Export {
    what: What,
    save: bool,
    since: Instant,
}

#[derive(Debug, Clone)]
enum What {
    Calendar(ParcelIx),
    Graph(ParcelIx),
    Clusters(ParcelIx),
    Map(Box<MapOptions>),
}

impl Window {
    /// Copies the focused pane, or asks where to save it.
    pub(super) fn export_pane(&mut self, ctx: &Context, save: bool) {
        let pane = self.focused;
        let map = (pane == PaneKind::Map).then(|| self.map_figure()).flatten();
        let Some(project) = &self.project else { return };
        let what = match (pane, project.selection().parcel) {
            (PaneKind::Map, _) => map.map(|options| What::Map(Box::new(options))),
            (PaneKind::Graph, Some(parcel)) => Some(What::Graph(parcel)),
            (PaneKind::Heterogeneity, Some(parcel)) => Some(What::Clusters(parcel)),
            // The large and compare views have no figure of their own.
            (PaneKind::Calendar, Some(parcel)) if !(self.panes.calendar.large || self.panes.calendar.compare) => {
                Some(What::Calendar(parcel))
            }
            _ => None,
        };
        match what {
            Some(what) => {
                self.export = Some(Export { what, save, since: Instant::now() });
                ctx.request_repaint();
            }
            None => self.cut_out(ctx, pane, save),
        }
    }

    fn map_figure(&mut self) -> Option<MapOptions> {
        let project = self.project.as_ref()?;
        let map = if self.workspace == crate::ui::layout::Workspace::Map { &self.panes.large_map } else { &self.panes.map };
        map.figure(project)
    }

    /// Once all data of a wanted figure are there: gathers them, and draws in the background.
    pub(super) fn continue_export(&mut self, ctx: &Context) {
        const LONGEST: Duration = Duration::from_secs(30);
        let (Some(wanted), Some(project)) = (&self.export, &self.project) else { return };
        if !ready(project, &wanted.what) && wanted.since.elapsed() < LONGEST {
            ctx.request_repaint_after(Duration::from_millis(50));
            return;
        }
        let figure = match &wanted.what {
            What::Calendar(parcel) => {
                export::calendar(project, *parcel, &export::CalendarOptions::of(project)).map(Figure::Calendar)
            }
            What::Graph(parcel) => {
                let graph = &self.panes.graph;
                let options = export::GraphFigureOptions {
                    peers: graph.peers,
                    spread: graph.spread,
                    split_orbits: graph.split_orbits,
                    ..export::GraphFigureOptions::of(project)
                };
                export::graph(project, *parcel, &options).map(Figure::Graph)
            }
            What::Clusters(parcel) => match project.heterogeneity_maps(*parcel) {
                Fetch::Ready(maps) => export::clusters(project, *parcel, &maps).map(|own| Figure::Clusters(own.svg)),
                Fetch::Failed(error) => Err(error),
                Fetch::Pending => return,
            },
            What::Map(options) => export::map(project, options).map(|figure| Figure::Map(Box::new(figure))),
        };
        let save = wanted.save;
        self.export = None;
        let width = self.figure_px;
        match figure {
            Ok(figure) => self.background.run(move || Some(figure.draw().news(save, width))),
            Err(error) => self.say(error.chain()),
        }
    }

    fn cut_out(&mut self, ctx: &Context, pane: PaneKind, save: bool) {
        let Some(&(_, rect)) = self.rects.iter().find(|own| own.0 == pane) else { return };
        let Some(project) = &self.project else { return };
        let caption = export::pane_caption(project, &self.texts.get(pane.title_id()));
        let (post, scale) = (self.background.post(), ctx.pixels_per_point());
        ctx.request_screenshot(move |window| {
            post(News::Cut(CutOut { image: window.region(&rect, Some(scale)), caption, save }));
        });
    }

    /// A pane was cut out of the window: its figure is made in the background.
    pub(super) fn frame_cut_out(&mut self, cut: CutOut) {
        let width = self.figure_px;
        self.background.run(move || Some(cut.news(width)));
    }

    /// A picture was made for saving: asks for the place and the width.
    pub(super) fn offer_picture(&mut self, picture: SavedPicture) {
        let name =
            self.project.as_ref().map(|project| project.path().with_file_name(self.picture_name(project))).unwrap_or_default();
        let width = self.figure_px.or_else(|| picture.usual_width());
        self.picture = Some(picture);
        self.dialog =
            Some(Dialog::Path(PathDialog::new(Purpose::Picture, name.display().to_string()).with_width(width.unwrap_or(1600))));
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
        let width = match &self.dialog {
            Some(Dialog::Path(dialog)) => dialog.width.as_deref().map(|text| text.trim().parse::<u32>()),
            _ => None,
        };
        let width = match width {
            None => None,
            Some(Ok(width)) if WIDTHS.contains(&width) => Some(width),
            Some(_) => {
                let fact = self.texts.with(
                    "picture-width-wrong",
                    &[("least", (*WIDTHS.start()).to_string().into()), ("most", (*WIDTHS.end()).to_string().into())],
                );
                if let Some(Dialog::Path(dialog)) = &mut self.dialog {
                    dialog.error = Some(fact);
                }
                return;
            }
        };
        let Some(picture) = self.picture.take() else { return };
        // A width that differs from the usual one is wanted for the next figures too.
        if width != picture.usual_width() {
            self.figure_px = width;
        }
        self.dialog = None;
        let saved = self.texts.with("picture-saved", &[("path", path.display().to_string().into())]);
        let failed = self.texts.get("picture-not-saved").to_string();
        let no_svg = self.texts.get("picture-no-svg").to_string();
        self.background.run(move || {
            Some(News::Message(match picture.files(&path, width) {
                Ok(Some(files)) => {
                    let write = |(path, bytes): (PathBuf, Vec<u8>)| std::fs::write(&path, bytes).map_err(|error| (path, error));
                    match files.into_iter().try_for_each(write) {
                        Ok(()) => saved,
                        Err((path, error)) => format!("{failed} {}: {error}", path.display()),
                    }
                }
                Ok(None) => no_svg,
                Err(fault) => format!("{failed} {}: {fault}", path.display()),
            }))
        });
    }
}

/// A figure whose data are gathered.
enum Figure {
    Calendar(export::CalendarFigure),
    Graph(export::GraphFigure),
    Clusters(String),
    Map(Box<export::MapFigure>),
}

impl Figure {
    fn draw(&self) -> SavedPicture {
        let (svg, place) = match self {
            Self::Calendar(figure) => (figure.svg(), None),
            Self::Graph(figure) => (figure.svg(), None),
            Self::Clusters(svg) => (svg.clone(), None),
            Self::Map(figure) => {
                let drawn = figure.draw();
                (drawn.svg, Some(drawn.grid))
            }
        };
        SavedPicture::new(svg, true, SCALE, place)
    }
}

/// A file that is to be written.
type NamedBytes = (PathBuf, Vec<u8>);

/// A pane as it was on screen.
pub struct CutOut {
    image: ColorImage,
    caption: Caption,
    save: bool,
}

impl CutOut {
    fn news(self, width_px: Option<u32>) -> News {
        let rgba = self.image.pixels.iter().flat_map(egui::Color32::to_srgba_unmultiplied).collect();
        let picture = Picture { width: self.image.size[0], height: self.image.size[1], rgba, limits: Vec::new() };
        match cut_out::svg(&picture, &self.caption) {
            // Its pixels are as many as they are: larger or smaller ones are made only when a width is chosen.
            Some(svg) => SavedPicture::new(svg, false, 1.0, None).news(self.save, width_px),
            None => News::Message("the pane cannot be cut out of the window".to_owned()),
        }
    }
}

/// A picture that waits for its place.
pub struct SavedPicture {
    svg: String,
    /// Its width, units; `None` for one that cannot be read, which is told when it is drawn.
    width: Option<f32>,
    /// It is a drawing; a cut-out of the window is pixels, of which an SVG would tell nothing more.
    drawn: bool,
    /// Pixels a unit, unless a width is chosen.
    scale: f32,
    /// Place of the whole figure on the ground, one pixel a unit.
    place: Option<Grid>,
}

impl SavedPicture {
    fn new(svg: String, drawn: bool, scale: f32, place: Option<Grid>) -> Self {
        let width = svg::size(&svg).ok().map(|[width, _]| width);
        Self { svg, width, drawn, scale, place }
    }

    /// Width unless another one is chosen, pixels.
    fn usual_width(&self) -> Option<u32> {
        self.width.map(|width| (width * self.scale).round() as u32)
    }

    fn png(&self, width_px: Option<u32>) -> Result<Vec<u8>, String> {
        width_px.map_or_else(|| svg::png(&self.svg, self.scale), |width| svg::png_of_width(&self.svg, width))
    }

    /// What becomes of it: a question for its place, or the clipboard.
    fn news(self, save: bool, width_px: Option<u32>) -> News {
        if save {
            return News::Picture(self);
        }
        let picture = self.png(width_px).and_then(|png| image::load_from_memory(&png).map_err(|error| error.to_string()));
        match picture {
            Ok(picture) => {
                let picture = picture.to_rgba8();
                let size = [picture.width() as usize, picture.height() as usize];
                News::Copy(ColorImage::from_rgba_unmultiplied(size, &picture))
            }
            Err(error) => News::Message(error),
        }
    }

    /// The files that the ending of the name asks for, with those that place it on the ground; `None` for an SVG that does not exist.
    fn files(&self, path: &Path, width_px: Option<u32>) -> Result<Option<Vec<NamedBytes>>, String> {
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg")) {
            return Ok(self.drawn.then(|| vec![(path.to_owned(), self.svg.clone().into_bytes())]));
        }
        let png = self.png(width_px)?;
        let mut files = Vec::new();
        if let Some(place) = &self.place {
            let size = image::load_from_memory(&png).map(|own| [own.width(), own.height()]).map_err(|error| error.to_string())?;
            let beside = export::side_files(place, size)?;
            let mut aux = path.as_os_str().to_owned();
            aux.push(".aux.xml");
            files.extend([(path.with_extension("pgw"), beside.world.into_bytes()), (aux.into(), beside.aux.into_bytes())]);
        }
        files.insert(0, (path.to_owned(), png));
        Ok(Some(files))
    }
}

fn ready(project: &Project, what: &What) -> bool {
    fn arrived<T>(answer: &Fetch<T>) -> bool {
        !matches!(answer, Fetch::Pending)
    }
    match what {
        What::Calendar(parcel) => {
            let shown = project.shown_acquisitions(*parcel);
            let waiting = shown.into_iter().filter(|&acquisition| !arrived(&project.picture(*parcel, acquisition))).count();
            arrived(&project.coverage(*parcel)) && waiting == 0
        }
        What::Graph(parcel) => {
            let signals = project.file().display.graphs.iter().flatten();
            let waiting = signals
                .filter(|signal| !arrived(&project.series(*parcel, signal)) || !arrived(&project.peers(*parcel, signal)))
                .count();
            waiting == 0
        }
        What::Clusters(parcel) => arrived(&project.heterogeneity_maps(*parcel)),
        What::Map(options) => export::map_ready(project, options),
    }
}

#[cfg(test)]
mod tests {
    use super::SavedPicture;
    use crate::model::{Crs, Grid};
    use std::path::Path;

    fn picture() -> SavedPicture {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"50\"><rect width=\"9\" height=\"9\"/></svg>";
        SavedPicture::new(svg.to_owned(), true, 2.0, None)
    }

    fn size(png: &[u8]) -> [u32; 2] {
        let image = image::load_from_memory(png).expect("a picture");
        [image.width(), image.height()]
    }

    #[test]
    fn the_ending_of_the_name_chooses_the_format_and_the_width_is_as_chosen() {
        let mut own = picture();
        let one = |own: &SavedPicture, name: &str, width| {
            let files = own.files(Path::new(name), width).expect("drawn")?;
            assert_eq!(files.len(), 1);
            files.into_iter().next().map(|own| own.1)
        };
        assert_eq!(own.usual_width(), Some(200));
        assert_eq!(one(&own, "a.SVG", None), Some(own.svg.clone().into_bytes()));
        assert_eq!(size(&one(&own, "a.png", None).expect("a picture")), [200, 100]);
        assert_eq!(size(&one(&own, "a.png", Some(333)).expect("a picture")), [333, 167]);
        own.drawn = false;
        assert_eq!(one(&own, "a.svg", None), None);
    }

    #[test]
    fn a_map_has_its_place_beside_it_at_every_width() {
        let grid = Grid { crs: Crs::Epsg(32631), left: 0.0, top: 800.0, pixel_x: 10.0, pixel_y: 10.0, width: 100, height: 50 };
        let own = SavedPicture { place: Some(grid), ..picture() };
        let files = own.files(Path::new("/a/map.png"), Some(400)).expect("drawn").expect("a PNG");
        let names: Vec<String> = files.iter().map(|own| own.0.display().to_string()).collect();
        assert_eq!(names, ["/a/map.png", "/a/map.pgw", "/a/map.png.aux.xml"]);
        assert_eq!(files[1].1, b"2.5\n0\n0\n-2.5\n1.25\n798.75\n");
    }
}
