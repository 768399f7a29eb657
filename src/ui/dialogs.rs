//! Dialogs: one at a time, over the window, closed by Esc, by the cross, or by a click outside.

mod about;
mod connect;
mod find;
mod new_project;
mod path;
mod population;
mod prepare;
mod queues;
mod report;
mod rulesets;
mod shortcuts;
mod table;

use egui::{Ui, vec2};

pub use connect::Connect;
pub use find::Find;
pub use new_project::NewProject;
pub use path::PathDialog;
pub use queues::QueueMaker;
pub use rulesets::{Choice, Override};
pub use table::SeriesTable;

use super::app::Wish;
use super::cx::{Cx, Look, Out};
use super::indices::IndicesState;
use super::palette::Palette;
use super::settings::SettingsState;
use super::theme::text;
use super::widgets::Button;
use super::{icons, log, palette, settings};
use crate::project::tuning::Difference;
use crate::project::{Command, Project};
use crate::store::session::Preferences;

/// The open dialog.
pub enum Dialog {
    /// New project.
    NewProject(Box<NewProject>),
    /// A path for opening, saving, locating.
    Path(PathDialog),
    /// Settings.
    Settings(Box<SettingsState>),
    /// Key sheet.
    Shortcuts,
    /// Scan and import report, with its filter.
    ScanReport(report::ReportState),
    /// Log.
    Log,
    /// Id to go to.
    GoTo(String),
    /// About this program.
    About,
    /// Command palette.
    Palette(Palette),
    /// Own indices.
    Indices(IndicesState),
    /// Preparing the queue, with the metres around its parcels.
    Prepare(u32),
    /// Population statistics.
    Population,
    /// Adding a series table.
    Table(Box<SeriesTable>),
    /// Connection to a server.
    Connect(Box<Connect>),
    /// Parcels of the server.
    Find(Find),
    /// A ruleset to be used or compared with.
    Ruleset(Choice),
    /// Where the draft differs from the baseline.
    Differences(Vec<Difference>),
    /// Crops with a number of their own.
    Override(Box<Override>),
    /// Named queues.
    Queues(Box<QueueMaker>),
    /// Summary of a sitting, also at the end of the queue.
    Sitting,
}

impl Dialog {
    /// Empty new project.
    pub fn new_project() -> Self {
        Self::NewProject(Box::default())
    }

    /// Settings as they are.
    pub fn settings() -> Self {
        Self::Settings(Box::default())
    }

    /// Report without filter.
    pub fn scan_report() -> Self {
        Self::ScanReport(report::ReportState::default())
    }

    /// Own indices, with an empty entry.
    pub fn indices() -> Self {
        let mut state = IndicesState::default();
        state.open = true;
        Self::Indices(state)
    }

    /// Preparing the queue with the project's margin.
    pub fn prepare(project: &Project) -> Self {
        Self::Prepare(project.file().display.margin_m)
    }

    /// Empty palette.
    pub fn palette() -> Self {
        Self::Palette(Palette::default())
    }

    /// True while it wants the next key itself, whatever it is.
    pub fn reads_keys(&self) -> bool {
        match self {
            Self::Palette(_) => true,
            Self::Settings(state) => state.capturing(),
            _ => false,
        }
    }
}

/// What dialogs see of the window.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// Texts, colours, keys.
    pub look: Look<'a>,
    /// The open project.
    pub project: Option<&'a Project>,
    /// Preferences in force.
    pub preferences: &'a Preferences,
    /// Messages of the window itself.
    pub notes: &'a [String],
}

/// Draws the open dialog, if any.
pub fn show(ui: &mut Ui, around: &Around<'_>, dialog: &mut Option<Dialog>, out: &mut Out, wishes: &mut Vec<Wish>) {
    let Some(open) = dialog else { return };
    let look = around.look;
    let keep = match open {
        Dialog::Indices(state) => {
            if let Some(project) = around.project {
                let (texts, tokens, keys) = (look.texts, look.tokens, look.keys);
                let cx = Cx {
                    project,
                    texts,
                    tokens,
                    keys,
                    pointed: None,
                    focused: false,
                    judged: None,
                    clusters: None,
                    deciding: None,
                };
                super::indices::indices_ui(ui, &cx, state, out);
            }
            state.open
        }
        Dialog::Palette(state) => palette::palette_ui(ui.ctx(), around, state, wishes),
        Dialog::NewProject(state) => {
            modal(ui, &look, "new-project", 900.0, |ui| new_project::new_project_ui(ui, &look, state, wishes))
        }
        Dialog::Path(state) => modal(ui, &look, path::title(&state.purpose), 620.0, |ui| path::path_ui(ui, &look, state, wishes)),
        Dialog::Settings(state) => {
            modal(ui, &look, "settings", 760.0, |ui| settings::settings_ui(ui, around, state, out, wishes))
        }
        Dialog::Shortcuts => modal(ui, &look, "action-shortcuts", 1160.0, |ui| shortcuts::shortcuts_ui(ui, &look)),
        Dialog::ScanReport(state) => modal(ui, &look, "scan-report", 1000.0, |ui| report::report_ui(ui, around, state, wishes)),
        Dialog::Log => modal(ui, &look, "log", 860.0, |ui| log::log_ui(ui, around, wishes)),
        Dialog::GoTo(id) => modal(ui, &look, "go-to", 420.0, |ui| go_to_ui(ui, around, id, wishes)),
        Dialog::Prepare(margin_m) => {
            modal(ui, &look, "prepare-title", 560.0, |ui| prepare::prepare_ui(ui, around, margin_m, wishes))
        }
        Dialog::Population => modal(ui, &look, "population-title", 600.0, |ui| population::population_ui(ui, around, wishes)),
        Dialog::Table(state) => modal(ui, &look, "table-title", 900.0, |ui| table::table_ui(ui, around, state, wishes)),
        Dialog::Connect(state) => modal(ui, &look, "connect-title", 720.0, |ui| connect::connect_ui(ui, around, state, wishes)),
        Dialog::Find(state) => modal(ui, &look, "find-title", 520.0, |ui| find::find_ui(ui, around, state, wishes)),
        Dialog::Ruleset(choice) => modal(ui, &look, choice.title(), 620.0, |ui| rulesets::choose_ui(ui, around, *choice, wishes)),
        Dialog::Differences(found) => {
            modal(ui, &look, "action-compare-text", 900.0, |ui| rulesets::differences_ui(ui, around, found, wishes))
        }
        Dialog::Override(state) => {
            modal(ui, &look, "action-override-crops", 560.0, |ui| rulesets::override_ui(ui, around, state, wishes))
        }
        Dialog::Queues(state) => {
            modal(ui, &look, "review-queues-title", 760.0, |ui| queues::queues_ui(ui, around, state, wishes))
        }
        Dialog::Sitting => modal(ui, &look, "review-end-title", 880.0, |ui| super::review::end::end_ui(ui, around, wishes)),
        Dialog::About => modal(ui, &look, "action-about", 480.0, |ui| about::about_ui(ui, &look)),
    };
    if !keep {
        *dialog = None;
    }
}

/// The frame of a dialog: title, Esc, content that scrolls inside the window. False when it should close.
fn modal(ui: &Ui, look: &Look<'_>, title: &str, width: f32, content: impl FnOnce(&mut Ui)) -> bool {
    let mut keep = true;
    let room = ui.ctx().content_rect().size();
    let frame = egui::Frame::NONE
        .fill(look.tokens.bg1)
        .stroke(egui::Stroke::new(1.0, look.tokens.bds))
        .corner_radius(super::theme::size::PANE_RADIUS)
        .inner_margin(egui::Margin::symmetric(16, 12));
    let response = egui::Modal::new(egui::Id::unique(("dialog", title.to_owned()))).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(width.min(room.x - 48.0));
        ui.set_max_height(room.y - 96.0);
        ui.horizontal(|ui| {
            ui.label(egui::RichText::new(&*look.t(title)).text_style(text::section()));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.add(Button::icon_only(icons::CLOSE, &look.t("close")).key("Esc")).clicked() {
                    keep = false;
                }
            });
        });
        ui.add_space(4.0);
        content(ui);
    });
    keep && !response.backdrop_response.clicked()
}

fn go_to_ui(ui: &mut Ui, around: &Around<'_>, id: &mut String, wishes: &mut Vec<Wish>) {
    let look = around.look;
    let name = look.t("parcel-id");
    let field = field_ui(ui, &name, id, ui.available_width());
    field.request_focus();
    let Some(data) = around.project.and_then(Project::data) else { return };
    let wanted = id.trim();
    let found = data.parcels.find(wanted).or_else(|| {
        let begins = |id: &str| !wanted.is_empty() && id.to_lowercase().contains(&wanted.to_lowercase());
        data.parcels.iter().find(|&parcel| begins(data.parcels.id(parcel)))
    });
    let line = match found {
        Some(parcel) => format!("{}  {}", data.parcels.id(parcel), data.parcels.crop(parcel).unwrap_or_default()),
        None if wanted.is_empty() => String::new(),
        None => look.tw("no-such-parcel", &[("id", wanted.into()), ("count", data.parcels.len().into())]),
    };
    ui.label(line);
    let entered = ui.input(|input| input.key_pressed(egui::Key::Enter));
    ui.horizontal(|ui| {
        let go = ui.add_enabled(found.is_some(), Button::new(&look.t("go")).primary()).clicked();
        if let Some(parcel) = found
            && (go || entered)
        {
            wishes.push(Wish::Command(Command::SelectParcel(parcel)));
            wishes.push(Wish::Close);
        }
    });
}

/// A text field of a form, with its accessible name.
pub(super) fn field_ui(ui: &mut Ui, name: &str, value: &mut String, width: f32) -> egui::Response {
    // An id of its own: one counted from the widgets above would lose the focus whenever these change.
    let id = egui::Id::unique(("field", name.to_owned()));
    let edit = egui::TextEdit::singleline(value).id(id).desired_width(width - 12.0).margin(egui::Margin::symmetric(6, 4));
    let response = ui
        .scope(|ui| {
            // A field is seen as one before it is hovered.
            let border = super::theme::Tokens::of(ui.ctx()).bds;
            ui.visuals_mut().widgets.inactive.bg_stroke.color = border;
            ui.add_sized(vec2(width, super::theme::size::FIELD), edit)
        })
        .inner;
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
    response
}

/// The name of a line of a form, so wide that controls below each other begin at the same place.
pub(super) fn line_name_ui(ui: &mut Ui, name: &str, width: f32) -> egui::Response {
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.allocate_ui_with_layout(vec2(width, super::theme::size::FIELD), layout, |ui| {
        ui.set_width(width);
        ui.add(egui::Label::new(name).truncate())
    })
    .inner
}
