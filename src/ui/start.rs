//! Start page, and the banner about assumed reflectance offsets.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::{Align, CornerRadius, Layout, RichText, Stroke, StrokeKind, Ui, vec2};

use super::actions::Action;
use super::app::{Purpose, Wish};
use super::cx::Look;
use super::icons;
use super::theme::text;
use super::widgets::{self, Button};
use crate::model::Sensor;
use crate::model::catalog::Origin;
use crate::project::{Command, Project};
use crate::store::session::Recent;

/// The picture of the sample beside the list, made from the program itself.
const SAMPLE: &[u8] = include_bytes!("../../assets/sample.png");

/// Texture of the sample, and which recent projects are still where they were.
#[derive(Default)]
pub struct StartState {
    sample: Option<egui::TextureHandle>,
    exists: BTreeMap<PathBuf, bool>,
    looked: Option<Instant>,
    focused: bool,
}

impl StartState {
    /// Looks at most every few seconds; the list is short and the paths are local or fail fast.
    fn exists(&mut self, recent: &[Recent]) {
        if self.looked.is_some_and(|looked| looked.elapsed() < Duration::from_secs(5)) && self.exists.len() == recent.len() {
            return;
        }
        self.looked = Some(Instant::now());
        self.exists = recent.iter().map(|project| (project.path.clone(), project.path.is_file())).collect();
    }

    fn sample(&mut self, ctx: &egui::Context) -> Option<egui::TextureHandle> {
        if self.sample.is_none() {
            let picture = image::load_from_memory(SAMPLE).ok()?.to_rgba8();
            let size = [picture.width() as usize, picture.height() as usize];
            let picture = egui::ColorImage::from_rgba_unmultiplied(size, &picture);
            self.sample = Some(ctx.load_texture("sample", picture, egui::TextureOptions::LINEAR));
        }
        self.sample.clone()
    }
}

/// Draws the start page.
pub fn start_ui(ui: &mut Ui, look: &Look<'_>, recent: &[Recent], state: &mut StartState, wishes: &mut Vec<Wish>) {
    state.exists(recent);
    let frame = egui::Frame::NONE.fill(look.tokens.bg1);
    egui::CentralPanel::no_frame().frame(frame).show(ui, |ui| {
        let page = ui.max_rect();
        let wide = page.width() >= 1000.0;
        let left_width = if wide { (page.width() * 0.48).min(720.0) } else { page.width() - 2.0 * 40.0 };
        let top = (page.height() * 0.09).clamp(24.0, 90.0);
        let left = egui::Rect::from_min_size(
            page.min + vec2((page.width() * 0.045).max(24.0), top),
            vec2(left_width, page.height() - top),
        );
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(left).layout(Layout::top_down(Align::Min)));
        egui::ScrollArea::vertical().show(&mut child, |ui| left_ui(ui, look, recent, state, wishes));
        if wide {
            let right = egui::Rect::from_min_max(
                egui::pos2(left.right() + page.width() * 0.05, left.top()),
                page.max - vec2(page.width() * 0.045, 24.0),
            );
            let mut child = ui.new_child(egui::UiBuilder::new().max_rect(right).layout(Layout::top_down(Align::Min)));
            sample_ui(&mut child, look, state);
        }
    });
}

fn left_ui(ui: &mut Ui, look: &Look<'_>, recent: &[Recent], state: &mut StartState, wishes: &mut Vec<Wish>) {
    ui.label(RichText::new("Parcelight").text_style(text::start_title()));
    ui.label(RichText::new(&*look.t("start-subtitle")).size(15.0).color(look.tokens.tx2));
    ui.add_space(18.0);
    ui.horizontal_wrapped(|ui| {
        let sample = ui.add(Button::new(&look.t("action-open-sample")).icon(icons::PLAY).primary().large());
        if !std::mem::replace(&mut state.focused, true) {
            sample.request_focus();
        }
        if sample.clicked() {
            wishes.push(Wish::Act(Action::OpenSample));
        }
        for (id, icon, action) in [("start-new", icons::PLUS, Action::NewProject), ("start-open", icons::FOLDER, Action::Open)] {
            if ui.add(Button::new(&look.t(id)).icon(icon).key(&look.key(action)).large()).clicked() {
                wishes.push(Wish::Act(action));
            }
        }
    });
    ui.add_space(2.0);
    ui.label(RichText::new(&*look.t("start-hint")).small().color(look.tokens.tx2));
    ui.add_space(24.0);
    if !recent.is_empty() {
        widgets::section_ui(ui, &look.t("start-recent"));
        ui.add_space(2.0);
        recent_ui(ui, look, recent, state, wishes);
        ui.add_space(24.0);
    }
    widgets::section_ui(ui, &look.t("start-keys"));
    ui.add_space(2.0);
    keys_ui(ui, look);
}

fn recent_ui(ui: &mut Ui, look: &Look<'_>, recent: &[Recent], state: &StartState, wishes: &mut Vec<Wish>) {
    let frame = egui::Frame::NONE.stroke(Stroke::new(1.0, look.tokens.bd)).corner_radius(super::theme::size::PANE_RADIUS);
    frame.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (number, project) in recent.iter().take(6).enumerate() {
            if number > 0 {
                let line = ui.cursor().min;
                ui.painter().hline(line.x..=line.x + ui.available_width(), line.y, Stroke::new(1.0, look.tokens.grid));
            }
            let there = state.exists.get(&project.path).copied().unwrap_or(true);
            recent_row_ui(ui, look, project, there, wishes);
        }
    });
}

fn recent_row_ui(ui: &mut Ui, look: &Look<'_>, project: &Recent, there: bool, wishes: &mut Vec<Wish>) {
    let row = widgets::row_ui(ui, look.tokens, &project.name, 44.0, false, |ui| {
        let icon = if there { icons::FOLDER } else { icons::WARNING };
        ui.label(RichText::new(icon).text_style(text::icon()));
        ui.add_space(4.0);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.add_space(6.0);
            ui.label(widgets::strong(&project.name));
            let args = [("parcels", project.parcels.into()), ("acquisitions", project.acquisitions.into())];
            ui.label(RichText::new(look.tw("start-contents", &args)).small().color(look.tokens.tx2));
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(widgets::figure(super::status::iso_day(project.opened)).color(look.tokens.tx2));
            if !there {
                if ui
                    .add(Button::icon_only(icons::CLOSE, &look.tw("start-forget", &[("name", (&project.name).into())])))
                    .clicked()
                {
                    wishes.push(Wish::Forget(project.path.clone()));
                }
                if ui.add(Button::new(&look.t("start-locate"))).clicked() {
                    wishes.push(Wish::Browse(Purpose::Locate(project.path.clone())));
                }
                ui.label(RichText::new(&*look.t("start-moved")).small());
            }
        });
    });
    if row.on_hover_text(project.path.display().to_string()).clicked() && there {
        wishes.push(Wish::OpenProject(project.path.clone()));
    }
}

fn keys_ui(ui: &mut Ui, look: &Look<'_>) {
    let rows: [(&[Action], &str); 6] = [
        (&[Action::NextParcel, Action::PreviousParcel], "start-key-parcel"),
        (&[Action::PreviousUsable, Action::NextUsable], "start-key-date"),
        (&[Action::NextView, Action::ToggleStretch], "start-key-view"),
        (&[Action::LargeView, Action::Compare], "start-key-large"),
        (&[Action::Palette], "start-key-palette"),
        (&[Action::Shortcuts], "start-key-all"),
    ];
    egui::Grid::new("start-keys").num_columns(4).spacing([24.0, 8.0]).min_col_width(76.0).show(ui, |ui| {
        for (number, (actions, id)) in rows.into_iter().enumerate() {
            ui.horizontal(|ui| {
                let caps: Vec<String> = actions.iter().map(|action| look.key(*action)).collect();
                widgets::keys_ui(ui, look.tokens, &caps);
            });
            ui.label(&*look.t(id));
            if number % 2 == 1 {
                ui.end_row();
            }
        }
    });
}

fn sample_ui(ui: &mut Ui, look: &Look<'_>, state: &mut StartState) {
    let Some(sample) = state.sample(ui.ctx()) else { return };
    let edge = ui.available_width().min(ui.available_height() - 110.0).max(120.0);
    let (rect, _) = ui.allocate_exact_size(vec2(edge, edge), egui::Sense::hover());
    let stroke = Stroke::new(1.0, look.tokens.bd);
    ui.painter().rect(rect, CornerRadius::same(super::theme::size::PANE_RADIUS), look.tokens.bg2, stroke, StrokeKind::Inside);
    let picture = egui::Image::new(&sample).alt_text(&*look.t("start-sample"));
    picture.paint_at(ui, rect.shrink(8.0));
    ui.add_space(6.0);
    ui.label(widgets::strong(&*look.t("start-sample")));
    ui.label(widgets::secondary(look.tokens, &*look.t("start-sample-contents")));
    ui.label(RichText::new(&*look.t("start-sample-attribution")).small().color(look.tokens.tx2));
}

/// Number of Sentinel-2 acquisitions whose reflectance offset is assumed.
pub fn assumed_offsets(project: &Project) -> usize {
    let Some(data) = project.data() else { return 0 };
    data.catalog
        .acquisitions
        .iter()
        .filter(|acquisition| acquisition.sensor == Sensor::S2)
        .filter(|acquisition| acquisition.granules.iter().any(|granule| granule.offset_origin == Origin::Assumed))
        .count()
}

/// Says what was assumed, until the user confirms or changes it.
pub fn banner_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, wishes: &mut Vec<Wish>) {
    let radiometry = &project.file().radiometry;
    let count = if radiometry.confirmed { 0 } else { assumed_offsets(project) };
    if count == 0 {
        return;
    }
    let frame = egui::Frame::NONE.fill(look.tokens.warnbg);
    egui::Panel::top("offset-banner").frame(frame).show_separator_line(false).show(ui, |ui| {
        let offset = look.texts.number(radiometry.assumed_boa_offset_dn, 0);
        let message = look.tw("banner-offset", &[("count", count.into()), ("offset", offset.into())]);
        ui.horizontal(|ui| {
            ui.set_height(30.0);
            ui.add_space(8.0);
            ui.label(RichText::new(icons::WARNING).text_style(text::icon()).color(look.tokens.red));
            ui.label(message);
            if ui.add(Button::new(&look.t("banner-change"))).clicked() {
                wishes.push(Wish::ShowRadiometry);
            }
            if ui.add(Button::new(&look.t("banner-confirm"))).clicked() {
                let confirmed = crate::model::project_file::Radiometry { confirmed: true, ..radiometry.clone() };
                wishes.push(Wish::Command(Command::SetRadiometry(confirmed)));
            }
        });
    });
}
