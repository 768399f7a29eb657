//! The window: takes keys, lets the project take in results, draws, then applies what was wanted.

mod background;
mod export;
mod perform;
mod reviewing;
mod rulesets;
mod toasts;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Ui;

pub use background::{Background, News, Purpose};
pub(crate) use perform::purpose_title;
use toasts::{Toast, toasts_ui};

use super::actions::Action;
use super::cx::{Cx, Look, Out};
use super::dialogs::{self, Dialog};
use super::keys::{self, Holder, KeyMap};
use super::layout::{Layout, PaneKind, Panes, Width, Workspace};
use super::menu::MenuBar;
use super::theme::{self, Tokens, size};
use super::{
    calendar, graph, header, heterogeneity, map, markers, parcel, queue, remote, reports, review, start, status, table, tune,
};
use crate::model::{AcquisitionIx, ProjectFile};
use crate::project::query::Wake;
use crate::project::remote::{ErrorKind, Secret};
use crate::project::{Command, Fetch, Project};
use crate::store::session::{self, Preferences, Recent, ThemeChoice};
use crate::text::Texts;

/// How the window starts.
#[derive(Debug, Clone, Default)]
pub struct LaunchOptions {
    /// Project to open; without one the start page is shown.
    pub project: Option<PathBuf>,
    /// Done in order once the project is loaded, for scripts that take pictures.
    pub actions: Vec<Action>,
    /// Inner size, logical pixels.
    pub size: Option<[f32; 2]>,
    /// Theme for this run only.
    pub theme: Option<ThemeChoice>,
    /// The user's folder, for tests; else [`session::home`].
    pub home: Option<PathBuf>,
    /// The project was open when the program ended without being closed: says so.
    pub crashed: bool,
    /// Nothing is added to journals of decisions.
    pub read_only: bool,
}

/// Something a part of the window wants done.
#[derive(Debug)]
pub enum Wish {
    /// An action by name.
    Act(Action),
    /// A change of the project.
    Command(Command),
    /// Opens a project file.
    OpenProject(PathBuf),
    /// Takes a project off the list of recent ones.
    Forget(PathBuf),
    /// Lets the user choose a file or folder with the system's dialog.
    Browse(Purpose),
    /// Asks for a path in a dialog of its own.
    Ask(Purpose),
    /// A path typed or chosen for a purpose.
    Use(Purpose, PathBuf),
    /// Writes and opens a new project.
    Create(Box<ProjectFile>, PathBuf),
    /// The same for one with a server, and the password that was entered for it.
    CreateRemote(Box<ProjectFile>, PathBuf, Option<Secret>),
    /// Gives a password to the operating system: address, user, password.
    KeepPassword(String, String, Secret),
    /// Opens the settings at the reflectance offset.
    ShowRadiometry,
    /// Replaces the preferences.
    Prefer(Box<Preferences>),
    /// Copies text.
    Copy(String),
    /// Closes the dialog.
    Close,
}

/// States of the panes.
#[derive(Default)]
pub struct PaneStates {
    /// Queue.
    pub queue: queue::QueueState,
    /// Calendar.
    pub calendar: calendar::CalendarState,
    /// Graphs.
    pub graph: graph::GraphState,
    /// Locator map.
    pub map: map::MapState,
    /// Map of the Map workspace.
    pub large_map: map::MapState,
    /// Header strip.
    pub header: header::HeaderState,
    /// Parcel facts.
    pub parcel: parcel::ParcelState,
    /// Attribute table.
    pub table: table::TableState,
    /// Tune workspace.
    pub tune: tune::TuneState,
    /// What the ruleset says of the current parcel.
    pub markers: markers::MarkersState,
    /// Clusters of the current parcel.
    pub heterogeneity: heterogeneity::HeterogeneityState,
    /// Heterogeneity of the population.
    pub hetero_population: heterogeneity::population::PopulationState,
    /// Decisions.
    pub review: review::ReviewState,
    /// Sheets and packs.
    pub report: reports::ReportState,
}

/// The window.
pub struct Window {
    home: PathBuf,
    preferences: Preferences,
    preferences_changed: Option<Instant>,
    recent: Vec<Recent>,
    texts: Texts,
    keys: KeyMap,
    project: Option<Project>,
    panes: PaneStates,
    layout: Layout,
    workspace: Workspace,
    focused: PaneKind,
    /// Acquisition under the pointer in the last frame.
    pointed: Option<AcquisitionIx>,
    rects: Vec<(PaneKind, egui::Rect)>,
    queue_shown: bool,
    dialog: Option<Dialog>,
    toasts: Vec<Toast>,
    status: status::StatusState,
    start: start::StartState,
    text_focus: bool,
    scripted: VecDeque<Action>,
    remembered: bool,
    password_asked: bool,
    notes: Vec<String>,
    export: Option<export::Export>,
    picture: Option<export::SavedPicture>,
    /// Width that the user chose for figures, pixels.
    figure_px: Option<u32>,
    wake: Wake,
    background: Background,
    read_only: bool,
    /// Keys of the review that came while an act was on its way to disk.
    held: VecDeque<Action>,
}

impl Window {
    /// The window, with the user's preferences and, if asked for, a project.
    pub fn new(ctx: &egui::Context, options: LaunchOptions) -> Self {
        theme::install(ctx);
        let home = options.home.unwrap_or_else(session::home);
        let (mut preferences, damaged) = session::load_preferences(&home);
        let (recent, recent_damaged) = session::load_recent(&home);
        if let Some(theme) = options.theme {
            preferences.theme = theme;
        }
        let (keys, key_faults) = KeyMap::new(&preferences.keys);
        let mut notes: Vec<String> = damaged.into_iter().chain(recent_damaged).collect();
        notes.extend(key_faults.into_iter().map(|fault| format!("key binding not understood: {fault}")));
        let repaint = ctx.clone();
        let wake: Wake = Arc::new(move || repaint.request_repaint());
        let mut window = Self {
            layout: preferences.layout.as_ref().and_then(Layout::from_value).unwrap_or_default(),
            texts: Texts::new(&language(&preferences)),
            home,
            preferences_changed: None,
            recent,
            keys,
            project: None,
            panes: PaneStates::default(),
            workspace: Workspace::Review,
            focused: PaneKind::Calendar,
            pointed: None,
            rects: Vec::new(),
            queue_shown: false,
            dialog: None,
            toasts: Vec::new(),
            status: status::StatusState::default(),
            start: start::StartState::default(),
            text_focus: false,
            scripted: options.actions.into(),
            remembered: false,
            password_asked: false,
            notes,
            export: None,
            picture: None,
            figure_px: None,
            background: Background::new(Arc::clone(&wake)),
            wake,
            read_only: options.read_only,
            held: VecDeque::new(),
            preferences,
        };
        window.panes.graph.peers = true;
        window.panes.large_map.overview = true;
        window.apply_preferences(ctx);
        if let Some(path) = options.project {
            window.open_project(&path);
        }
        if options.crashed {
            window.say(window.texts.get("restored-after-crash").to_string());
        }
        window
    }

    /// The open project.
    pub fn project(&self) -> Option<&Project> {
        self.project.as_ref()
    }

    /// States of the panes.
    pub fn panes(&self) -> &PaneStates {
        &self.panes
    }

    /// Where a pane was drawn last.
    pub fn pane_rect(&self, pane: PaneKind) -> Option<egui::Rect> {
        self.rects.iter().find(|own| own.0 == pane).map(|own| own.1)
    }

    /// The pane that has the focus.
    pub fn focused(&self) -> PaneKind {
        self.focused
    }

    /// True while a dialog is open.
    pub fn dialog_open(&self) -> bool {
        self.dialog.is_some()
    }

    /// Preferences in force.
    pub fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    fn apply_preferences(&mut self, ctx: &egui::Context) {
        ctx.set_theme(match self.preferences.theme {
            ThemeChoice::System => egui::ThemePreference::System,
            ThemeChoice::Dark => egui::ThemePreference::Dark,
            ThemeChoice::Light => egui::ThemePreference::Light,
        });
        theme::set_scale(ctx, self.preferences.scale_percent);
        let seconds = if self.preferences.reduce_motion { 0.0 } else { 0.08 };
        ctx.all_styles_mut(|style| style.animation_time = seconds);
        self.texts = Texts::new(&language(&self.preferences));
        self.keys = KeyMap::new(&self.preferences.keys).0;
        self.panes.review.two_key = self.preferences.two_key;
        if let Some(project) = &mut self.project {
            project.set_memory(self.preferences.memory_bytes());
            project.set_reviewer(&self.preferences.reviewer);
        }
    }

    fn take_keys(&mut self, ctx: &egui::Context) -> Vec<Action> {
        let holder = Holder {
            text: self.text_focus,
            widget: ctx.memory(|memory| memory.focused().is_some()),
            popup: egui::Popup::is_any_open(ctx),
            dialog: self.dialog.is_some(),
        };
        if self.dialog.as_ref().is_some_and(Dialog::reads_keys) {
            return Vec::new();
        }
        let mut actions = ctx.input_mut(|input| keys::take(&mut input.events, &self.keys, holder));
        if !actions.is_empty() && !holder.widget {
            // Arrows also move the toolkit's focus: not when they meant a parcel or a date.
            ctx.memory_mut(|memory| memory.move_focus(egui::FocusDirection::None));
        }
        let held = |action: Action| {
            !holder.text && self.keys.of(action).iter().any(|chord| ctx.input(|input| input.key_down(chord.key)))
        };
        self.panes.calendar.show_reference = held(Action::ShowReference) && self.dialog.is_none();
        actions.retain(|action| *action != Action::ShowReference);
        actions
    }

    fn draw(&mut self, ui: &mut Ui) -> (Out, Vec<Wish>) {
        let mut out = Out::default();
        let mut wishes = Vec::new();
        let look = Look { texts: &self.texts, tokens: Tokens::of(ui.ctx()), keys: &self.keys };
        let panes = &self.panes;
        let stretch = self.project.as_ref().map(|project| project.file().display.stretch.clone());
        let blind = self.project.as_ref().is_some_and(|project| project.review().blind());
        let layout = &self.layout;
        let checked = |action: Action| match action {
            Action::ToggleTable => Some(layout.table_shown()),
            action => checked(action, panes, stretch.as_ref(), blind),
        };
        MenuBar { look, project: self.project.as_ref(), recent: &self.recent, workspace: self.workspace, checked: &checked }
            .show(ui, &mut wishes);
        let readout = ui.data(|data| data.get_temp::<String>(egui::Id::unique("status-readout")));
        let tuned = Some(self.panes.tune.status()).filter(|line| self.workspace == Workspace::Tune && !line.is_empty());
        let shown = readout.as_deref().or(tuned);
        status::status_ui(ui, &look, self.project.as_ref(), &mut self.status, shown, &mut wishes);
        if self.project.is_some() {
            self.project_ui(ui, &mut out, &mut wishes);
        } else {
            let look = Look { texts: &self.texts, tokens: Tokens::of(ui.ctx()), keys: &self.keys };
            start::start_ui(ui, &look, &self.recent, &mut self.start, &mut wishes);
        }
        let look = Look { texts: &self.texts, tokens: Tokens::of(ui.ctx()), keys: &self.keys };
        let around = dialogs::Around { look, project: self.project.as_ref(), preferences: &self.preferences, notes: &self.notes };
        dialogs::show(ui, &around, &mut self.dialog, &mut out, &mut wishes);
        toasts_ui(ui.ctx(), look.tokens, &mut self.toasts, &mut wishes);
        let said = out.status.take();
        if said != readout {
            ui.data_mut(|data| match said {
                Some(said) => drop(data.insert_temp(egui::Id::unique("status-readout"), said)),
                None => data.remove::<String>(egui::Id::unique("status-readout")),
            });
            ui.ctx().request_repaint();
        }
        if self.pointed != out.pointed {
            self.pointed = out.pointed;
            ui.ctx().request_repaint();
        }
        (out, wishes)
    }

    fn project_ui(&mut self, ui: &mut Ui, out: &mut Out, wishes: &mut Vec<Wish>) {
        let Self { project: Some(project), texts, keys, panes, layout, workspace, focused, rects, queue_shown, pointed, .. } =
            self
        else {
            return;
        };
        let look = Look { texts, tokens: Tokens::of(ui.ctx()), keys };
        // Rows of an earlier catalogue mean nothing in this one.
        let known =
            |&acquisition: &AcquisitionIx| project.data().is_some_and(|data| acquisition.at() < data.catalog.acquisitions.len());
        let pointed = pointed.filter(known);
        // In a blind review nothing of the automatic verdict is shown before the own one is given.
        let hidden = review::current_id(project).is_some_and(|id| project.review().hides(&id));
        let judged = if hidden { None } else { panes.markers.judge(project) };
        panes.heterogeneity.update(ui.ctx(), project);
        let clusters = panes.heterogeneity.overlay().filter(|_| !hidden);
        let deciding = panes.heterogeneity.window().filter(|_| !hidden);
        let cx = |pane: Option<PaneKind>| {
            let focused = pane == Some(*focused);
            Cx {
                project,
                texts,
                tokens: look.tokens,
                keys: look.keys,
                pointed,
                focused,
                judged: judged.as_ref(),
                clusters: clusters.as_deref(),
                deciding,
            }
        };
        start::banner_ui(ui, &look, project, wishes);
        remote::bar_ui(ui, &look, project, wishes);
        let frame = egui::Frame::NONE.fill(look.tokens.bg1);
        let across = ui.ctx().content_rect().width();
        if *workspace == Workspace::Tune {
            panes.tune.update(ui.ctx(), &cx(None), out);
            egui::Panel::top("tune-strip").exact_size(tune::strip::height(across)).frame(frame).show(ui, |ui| {
                tune::strip::strip_ui(ui, &cx(None), &mut panes.tune, out);
            });
        } else {
            egui::Panel::top("header-strip").exact_size(size::HEADER).frame(frame).show(ui, |ui| {
                header::header_ui(ui, &cx(None), &mut panes.header, out);
            });
        }
        let width = Width::of(across);
        let mut pressed = None;
        if width.has_rail() && workspace.has_queue() {
            pressed = rail_ui(ui, &look, queue_shown, |ui| {
                queue::queue_ui(ui, &cx(Some(PaneKind::Queue)), &mut panes.queue, out);
            });
        }
        let gutter = egui::Frame::NONE.fill(look.tokens.bg0).inner_margin(size::GAP);
        let workspace = *workspace;
        layout.show_markers(project.file().ruleset.is_some());
        (panes.map.mask, panes.large_map.mask) = (panes.calendar.mask, panes.calendar.mask);
        let (drawn, pressed_tile, edited) = egui::CentralPanel::no_frame()
            .frame(gutter)
            .show(ui, |ui| {
                let draw = |ui: &mut Ui, pane: PaneKind| pane_ui(ui, pane, workspace, &cx(Some(pane)), panes, hidden, out);
                let mut behavior = Panes { look, draw, rects: Vec::new(), pressed: None, edited: false };
                layout.tree(workspace, width).ui(&mut behavior, ui);
                (behavior.rects, behavior.pressed, behavior.edited)
            })
            .inner;
        *rects = drawn;
        if let Some(pane) = panes.tune.wants_focus.take().or(pressed_tile).or(pressed) {
            *focused = pane;
        }
        if edited {
            self.preferences.layout = self.layout.to_value();
            self.preferences_changed.get_or_insert_with(Instant::now);
        }
    }

    /// Writes the preferences some time after the last change.
    fn keep_preferences(&mut self, ctx: &egui::Context, now: bool) {
        const SETTLE: Duration = Duration::from_millis(500);
        let Some(since) = self.preferences_changed else { return };
        if !now && since.elapsed() < SETTLE {
            ctx.request_repaint_after(SETTLE);
            return;
        }
        self.preferences_changed = None;
        if let Err(error) = session::save_preferences(&self.home, &self.preferences) {
            self.say(format!("{}: {error}", self.texts.get("preferences-not-kept")));
        }
    }

    /// Opens the connection when the server refuses the password of a project that has nothing to show, once.
    fn ask_for_password(&mut self) {
        let Some(project) = &self.project else { return };
        let refused = || {
            project
                .remote_status()
                .and_then(|status| status.failure)
                .is_some_and(|failure| failure.kind == ErrorKind::WrongPassword)
        };
        if !self.password_asked && matches!(project.dataset(), Fetch::Failed(_)) && self.dialog.is_none() && refused() {
            self.password_asked = true;
            self.dialog = Some(Dialog::Connect(Box::new(dialogs::Connect::of(Some(project)))));
        }
    }

    /// Notes the project among the recent ones once it is loaded.
    fn remember_project(&mut self) {
        let Some(data) = self.project.as_ref().filter(|project| !project.growing()).and_then(Project::data) else { return };
        if self.remembered {
            return;
        }
        let (parcels, acquisitions) = (data.parcels.len(), data.catalog.acquisitions.len());
        self.remembered = true;
        let Some(project) = &self.project else { return };
        let entry = Recent {
            path: project.path().to_path_buf(),
            name: project.file().name.clone(),
            parcels,
            acquisitions,
            opened: jiff::Timestamp::now(),
        };
        match session::remember(&self.home, entry) {
            Ok(recent) => self.recent = recent,
            Err(error) => self.say(format!("{}: {error}", self.texts.get("preferences-not-kept"))),
        }
    }

    /// Runs scripted actions one a frame, once the data are loaded and a date is current.
    fn run_script(&mut self, ctx: &egui::Context) {
        if self.scripted.is_empty() {
            return;
        }
        ctx.request_repaint();
        let loaded =
            self.project.as_ref().is_none_or(|project| project.data().is_some() && project.selection().acquisition.is_some());
        if loaded
            && let Some(action) = self.scripted.pop_front()
            && !self.perform_tune(ctx, action)
            && !self.perform_review(ctx, action)
        {
            self.perform(ctx, action);
        }
    }

    fn take_dropped(&mut self, ctx: &egui::Context) {
        let dropped: Vec<PathBuf> =
            ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
        if !dropped.is_empty() {
            self.dropped(dropped);
        }
    }

    pub(super) fn say(&mut self, text: String) {
        const SHOWN: Duration = Duration::from_secs(6);
        tracing::info!("{text}");
        self.notes.push(text.clone());
        self.toasts.push(Toast { text, until: Instant::now() + SHOWN, offer: None, decision: false });
    }

    /// One whole frame: take in what arrived, read keys, draw, apply.
    pub fn frame_ui(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        let began = Instant::now();
        // A discarded pass draws the same frame again: nothing is taken in twice.
        if ctx.current_pass_index() == 0 {
            self.take_news(&ctx);
            self.take_dropped(&ctx);
            if let Some(project) = &mut self.project {
                project.begin_frame();
                let told = project.take_told();
                if project.place_waits() {
                    ctx.request_repaint_after(Duration::from_millis(300));
                }
                for text in told {
                    self.say(text);
                }
            }
            self.take_review(&ctx);
            self.remember_project();
            self.ask_for_password();
            self.continue_export(&ctx);
            for action in self.take_keys(&ctx) {
                if !self.perform_table(&ctx, action) && !self.perform_tune(&ctx, action) && !self.perform_review(&ctx, action) {
                    self.perform(&ctx, action);
                }
            }
            self.run_script(&ctx);
        }
        let (out, wishes) = self.draw(ui);
        let wanted = !out.commands.is_empty() || !out.actions.is_empty() || !wishes.is_empty();
        self.apply(&ctx, out, wishes);
        if wanted {
            ctx.request_repaint();
        }
        self.text_focus = ctx.text_edit_focused();
        self.keep_preferences(&ctx, false);
        self.panes.tune.frame_took(began.elapsed());
    }
}

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.frame_ui(ui);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.keep_preferences(&egui::Context::default(), true);
        self.keep_open(true);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }
}

fn language(preferences: &Preferences) -> String {
    preferences.language.clone().or_else(sys_locale::get_locale).unwrap_or_else(|| "en".to_owned())
}

/// State of actions that can be on.
fn checked(action: Action, panes: &PaneStates, stretch: Option<&crate::model::Stretch>, blind: bool) -> Option<bool> {
    Some(match action {
        Action::ToggleMask => panes.calendar.mask,
        Action::ToggleOutline => panes.calendar.outline,
        Action::ToggleClusters => panes.heterogeneity.overlay,
        Action::LargeView => panes.calendar.large,
        Action::Compare => panes.calendar.compare,
        Action::Play => panes.calendar.playing,
        Action::TogglePeers => panes.graph.peers,
        Action::ToggleSmoothed => panes.graph.smoothed,
        Action::ToggleSpread => panes.graph.spread != crate::engine::graph::Spread::None,
        Action::ToggleOrbits => panes.graph.split_orbits,
        Action::ToggleYears => panes.graph.overlay_years,
        Action::Blind => blind,
        Action::ToggleStretch => matches!(stretch, Some(crate::model::Stretch::Dynamic { .. })),
        _ => return None,
    })
}

/// Draws a pane; returns the response of its header.
fn pane_ui(
    ui: &mut Ui,
    pane: PaneKind,
    workspace: Workspace,
    cx: &Cx<'_>,
    panes: &mut PaneStates,
    hidden: bool,
    out: &mut Out,
) -> egui::Response {
    match (pane, workspace) {
        (PaneKind::Queue, _) => queue::queue_ui(ui, cx, &mut panes.queue, out),
        (PaneKind::Calendar, _) => calendar::calendar_ui(ui, cx, &mut panes.calendar, out),
        (PaneKind::Graph, _) => graph::graph_ui(ui, cx, &mut panes.graph, out),
        (PaneKind::Map, Workspace::Review | Workspace::Tune | Workspace::Report) => map::map_ui(ui, cx, &mut panes.map, out),
        (PaneKind::Map, Workspace::Map) => map::map_ui(ui, cx, &mut panes.large_map, out),
        (PaneKind::Markers, _) => markers::markers_ui(ui, cx, out),
        (PaneKind::Parcel, _) => parcel::parcel_ui(ui, cx, &mut panes.parcel, out),
        (PaneKind::Heterogeneity, _) => heterogeneity::heterogeneity_ui(ui, cx, &mut panes.heterogeneity, hidden, out),
        (PaneKind::HeterogeneityPopulation, _) => {
            heterogeneity::population::population_ui(ui, cx, &mut panes.hetero_population, out)
        }
        (PaneKind::Decide, _) => review::decide_ui(ui, cx, &mut panes.review, out),
        (PaneKind::ReportList, _) => reports::list_ui(ui, cx, &mut panes.report, out),
        (PaneKind::ReportPage, _) => reports::page::page_ui(ui, cx, &mut panes.report, out),
        (PaneKind::ReportPack, _) => reports::pack::pack_ui(ui, cx, &mut panes.report, out),
        (PaneKind::Table, _) => table::table_ui(ui, cx, &mut panes.table, out),
        (PaneKind::Parameters, _) => tune::parameters::parameters_ui(ui, cx, &mut panes.tune, out),
        (PaneKind::Distribution, _) => tune::distribution::distribution_ui(ui, cx, &mut panes.tune, out),
        (PaneKind::Effect, _) => tune::effect::effect_ui(ui, cx, &mut panes.tune, out),
        (PaneKind::Changed, _) => tune::changed::changed_ui(ui, cx, &mut panes.tune, out),
        (PaneKind::Boundary, _) => tune::boundary::boundary_ui(ui, cx, &mut panes.tune, out),
    }
}

/// The collapsed queue: a narrow rail that opens it. Says when the pointer pressed on the open queue.
fn rail_ui(ui: &mut Ui, look: &Look<'_>, shown: &mut bool, queue: impl FnOnce(&mut Ui)) -> Option<PaneKind> {
    use super::{icons, widgets::Button};
    let frame = egui::Frame::NONE.fill(look.tokens.bg0).inner_margin(size::GAP);
    let width = if *shown { size::QUEUE + 2.0 * size::GAP } else { size::RAIL };
    let response =
        egui::Panel::left("queue-rail").exact_size(width).resizable(false).frame(frame).show_separator_line(false).show(
            ui,
            |ui| {
                let (icon, name) =
                    if *shown { (icons::CARET_LEFT, look.t("hide-queue")) } else { (icons::LIST, look.t("show-queue")) };
                if ui.add(Button::icon_only(icon, &name).key(&look.key(Action::Filter))).clicked() {
                    *shown = !*shown;
                }
                if *shown {
                    queue(ui);
                }
            },
        );
    let rect = response.response.rect;
    let pressed = *shown && ui.input(|input| input.pointer.any_pressed()) && ui.rect_contains_pointer(rect);
    pressed.then_some(PaneKind::Queue)
}
