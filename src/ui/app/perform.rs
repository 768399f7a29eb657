//! What actions and wishes do.

use std::path::{Path, PathBuf};
use std::time::Instant;

use egui::Context;

use super::{News, Purpose, Window, Wish};
use crate::engine::graph::Spread;
use crate::model::{Signal, Stretch};
use crate::project::command::DateStep;
use crate::project::queue::SortKey;
use crate::project::remote::Secret;
use crate::project::review::ReviewCommand;
use crate::project::{Command, Project};
use crate::store::session::{self, ThemeChoice};
use crate::ui::actions::Action;
use crate::ui::cx::Out;
use crate::ui::dialogs::{Connect, Dialog, Find, PathDialog, SeriesTable};
use crate::ui::layout::{Layout, PaneKind, Width, Workspace};
use crate::ui::markers;
use crate::ui::settings::SettingsState;

/// Steps of the interface scale, percent.
const SCALES: [u32; 9] = [75, 90, 100, 110, 125, 150, 175, 200, 250];

impl Window {
    /// Applies what a frame wanted, in order: first the panes, then the window itself.
    pub(super) fn apply(&mut self, ctx: &Context, out: Out, wishes: Vec<Wish>) {
        if let Some(project) = &mut self.project {
            for command in out.commands {
                project.apply(command);
            }
        }
        for action in out.actions {
            self.perform(ctx, action);
        }
        if let Some(toast) = out.toast {
            self.say(toast);
        }
        for wish in wishes {
            self.grant(ctx, wish);
        }
    }

    fn grant(&mut self, ctx: &Context, wish: Wish) {
        match wish {
            Wish::Act(action) => self.perform(ctx, action),
            Wish::Command(command) => self.command(command),
            Wish::OpenProject(path) => self.open_project(&path),
            Wish::Forget(path) => match session::forget(&self.home, &path) {
                Ok(recent) => self.recent = recent,
                Err(error) => self.say(error.to_string()),
            },
            Wish::Browse(purpose) => self.browse(purpose),
            Wish::Ask(purpose) => self.dialog = Some(Dialog::Path(PathDialog::new(purpose, String::new()))),
            Wish::Use(purpose, path) => self.use_path(purpose, path),
            Wish::Create(file, path) => self.create(*file, &path, None),
            Wish::CreateRemote(file, path, password) => self.create(*file, &path, password),
            Wish::KeepPassword(url, user, password) => self.keep_password(url, user, password),
            Wish::ShowRadiometry => self.dialog = Some(Dialog::Settings(Box::new(SettingsState::radiometry()))),
            Wish::Prefer(preferences) => self.prefer(ctx, *preferences),
            Wish::Copy(text) => {
                ctx.copy_text(text);
                self.say(self.texts.get("copied-text").to_string());
            }
            Wish::Close => self.dialog = None,
        }
    }

    /// Takes other preferences over and keeps them.
    pub fn prefer(&mut self, ctx: &Context, preferences: session::Preferences) {
        self.preferences = preferences;
        self.preferences_changed.get_or_insert_with(Instant::now);
        self.apply_preferences(ctx);
    }

    /// Changes the open project.
    pub fn command(&mut self, command: Command) {
        if let Some(project) = &mut self.project {
            project.apply(command);
        }
    }

    /// Does an action, as if chosen from a menu.
    pub fn perform(&mut self, ctx: &Context, action: Action) {
        if self.project.is_none() && !action.works_without_project() {
            return;
        }
        if self.perform_review(ctx, action) {
        } else if let Some(command) = self.step_of(action) {
            self.command(command);
        } else if !self.perform_view(action) && !self.perform_file(ctx, action) {
            self.perform_window(ctx, action);
        }
        ctx.request_repaint();
    }

    /// The command behind an action that is one.
    fn step_of(&self, action: Action) -> Option<Command> {
        let project = self.project.as_ref()?;
        let selection = project.selection();
        Some(match action {
            Action::NextParcel => Command::StepParcel(1),
            Action::PreviousParcel => Command::StepParcel(-1),
            Action::NextTen => Command::StepParcel(10),
            Action::PreviousTen => Command::StepParcel(-10),
            Action::LastVisited => Command::LastVisited,
            Action::ClearFilter => Command::SetFilter(String::new()),
            Action::NextUsable => Command::StepDate(DateStep::Usable(1)),
            Action::PreviousUsable => Command::StepDate(DateStep::Usable(-1)),
            Action::NextAcquisition => Command::StepDate(DateStep::Any(1)),
            Action::PreviousAcquisition => Command::StepDate(DateStep::Any(-1)),
            Action::FirstDate => Command::StepDate(DateStep::First),
            Action::LastDate => Command::StepDate(DateStep::Last),
            Action::SetReference if selection.reference == selection.acquisition => Command::SetReference(None),
            Action::SetReference => Command::SetReference(selection.acquisition),
            Action::ToggleCompare => Command::ToggleCompare(selection.acquisition?),
            Action::NextView => Command::SetView(step_view(project, 1)?),
            Action::PreviousView => Command::SetView(step_view(project, -1)?),
            Action::ToggleStretch => Command::SetStretch(match project.file().display.stretch {
                Stretch::Dynamic { .. } => Stretch::Fixed,
                Stretch::Fixed | Stretch::Range(_) => Stretch::DYNAMIC,
            }),
            Action::Save => Command::Save,
            Action::Discard => Command::Discard,
            Action::Reload => Command::Reload,
            Action::Retry => Command::Retry,
            _ => return None,
        })
    }

    /// Switches of the panes.
    fn perform_view(&mut self, action: Action) -> bool {
        let (calendar, graph) = (&mut self.panes.calendar, &mut self.panes.graph);
        match action {
            Action::ToggleMask => calendar.mask = !calendar.mask,
            Action::ToggleOutline => calendar.outline = !calendar.outline,
            Action::ToggleClusters => self.panes.heterogeneity.overlay = !self.panes.heterogeneity.overlay,
            Action::LargerChips => calendar.chip_px = (calendar.chip_px * 1.2).min(320.0).round(),
            Action::SmallerChips => calendar.chip_px = (calendar.chip_px / 1.2).max(32.0).round(),
            Action::LargeView => calendar.large = !calendar.large,
            Action::Compare => calendar.compare = !calendar.compare,
            Action::Play => calendar.playing = !calendar.playing,
            Action::TogglePeers => graph.peers = !graph.peers,
            Action::ToggleSpread => {
                graph.spread = match graph.spread {
                    Spread::None => Spread::Std,
                    Spread::Std => Spread::Quartiles,
                    Spread::Quartiles => Spread::None,
                }
            }
            Action::ToggleOrbits => graph.split_orbits = !graph.split_orbits,
            Action::ToggleSmoothed => graph.smoothed = !graph.smoothed,
            Action::ToggleYears => graph.overlay_years = !graph.overlay_years,
            Action::Filter => {
                self.queue_shown = true;
                self.focused = PaneKind::Queue;
                self.panes.queue.focus_filter = true;
            }
            _ => return false,
        }
        true
    }

    /// Projects and files.
    fn perform_file(&mut self, ctx: &Context, action: Action) -> bool {
        match action {
            Action::NewProject => self.dialog = Some(Dialog::new_project()),
            Action::Open => self.dialog = Some(Dialog::Path(PathDialog::new(Purpose::Open, String::new()))),
            Action::OpenSample => self.open_sample(),
            Action::SaveAs => {
                let path = self.project.as_ref().map(|project| project.path().display().to_string()).unwrap_or_default();
                self.dialog = Some(Dialog::Path(PathDialog::new(Purpose::SaveAs, path)));
            }
            Action::CloseProject => {
                self.project = None;
                self.panes = super::PaneStates::default();
                self.panes.graph.peers = true;
                self.panes.large_map.overview = true;
                self.panes.review.two_key = self.preferences.two_key;
                self.keep_open(false);
            }
            Action::CopyPane => self.export_pane(ctx, false),
            Action::SavePane => self.export_pane(ctx, true),
            Action::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
            _ => return false,
        }
        true
    }

    /// The window itself and its dialogs.
    fn perform_window(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Review => self.workspace = Workspace::Review,
            Action::Tune => {
                self.workspace = Workspace::Tune;
                self.focused = PaneKind::Distribution;
            }
            Action::Map => self.workspace = Workspace::Map,
            Action::Heterogeneity => self.show_heterogeneity(ctx),
            Action::SaveZones => match (&self.panes.heterogeneity.zones.proposal, &self.project) {
                (Some(_), Some(project)) => {
                    let path = project.path().with_file_name("zones.gpkg").display().to_string();
                    self.dialog = Some(Dialog::Path(PathDialog::new(Purpose::Zones, path)));
                }
                _ => self.say(self.texts.get("hetero-no-proposal").to_string()),
            },
            Action::MeasureHeterogeneity => {
                self.workspace = Workspace::Tune;
                let width = Width::of(ctx.content_rect().width());
                self.layout.show(Workspace::Tune, width, PaneKind::HeterogeneityPopulation);
                self.command(Command::Heterogeneity);
            }
            Action::Report => {
                self.workspace = Workspace::Report;
                self.focused = PaneKind::ReportList;
            }
            Action::NextEvent => self.step_event(1),
            Action::PreviousEvent => self.step_event(-1),
            Action::CentreWindow => self.centre_window(),
            action if self.perform_ruleset(action) => {}
            Action::MapBack => self.map().step_extent(-1),
            Action::MapForward => self.map().step_extent(1),
            Action::ToggleTable => self.toggle_table(),
            Action::NextPane => self.step_pane(ctx, 1),
            Action::PreviousPane => self.step_pane(ctx, -1),
            Action::Palette => self.dialog = Some(Dialog::palette()),
            Action::Shortcuts => self.dialog = Some(Dialog::Shortcuts),
            Action::Settings => self.dialog = Some(Dialog::settings()),
            Action::ScanReport => self.dialog = Some(Dialog::scan_report()),
            Action::Log => self.dialog = Some(Dialog::Log),
            Action::About => self.dialog = Some(Dialog::About),
            Action::GoToParcel => self.dialog = Some(Dialog::GoTo(String::new())),
            Action::Connect => self.dialog = Some(Dialog::Connect(Box::new(Connect::of(self.project.as_ref())))),
            Action::WorkOffline => self.toggle_offline(),
            Action::FindParcels => self.dialog = Some(Dialog::Find(Find::default())),
            Action::AddTable => self.dialog = Some(Dialog::Table(Box::default())),
            Action::Prepare => self.dialog = self.project.as_ref().map(Dialog::prepare),
            Action::Population => self.dialog = self.project.is_some().then_some(Dialog::Population),
            Action::Outliers => self.show_outliers(),
            Action::EditIndices => self.dialog = Some(Dialog::indices()),
            Action::ResetLayout => {
                self.layout = Layout::default();
                self.preferences.layout = None;
                self.preferences_changed.get_or_insert_with(Instant::now);
            }
            Action::ToggleTheme => {
                let dark = ctx.theme() == egui::Theme::Dark;
                self.preferences.theme = if dark { ThemeChoice::Light } else { ThemeChoice::Dark };
                self.preferences_changed.get_or_insert_with(Instant::now);
                self.apply_preferences(ctx);
            }
            Action::FullScreen => {
                let full = ctx.input(|input| input.viewport().fullscreen.unwrap_or(false));
                ctx.send_viewport_cmd(egui::ViewportCommand::Fullscreen(!full));
            }
            Action::ZoomIn => self.zoom(ctx, SCALES.into_iter().find(|scale| *scale > self.preferences.scale_percent)),
            Action::ZoomOut => self.zoom(ctx, SCALES.into_iter().rev().find(|scale| *scale < self.preferences.scale_percent)),
            Action::ExpandCell if self.map().drawing() => self.map().end_area(true),
            Action::ExpandCell => self.panes.calendar.expand = true,
            Action::Cancel => self.cancel(ctx),
            _ => {}
        }
    }

    /// Writes the proposed zones of the current parcel.
    fn export_zones(&mut self, path: &Path) {
        self.dialog = None;
        let (Some(project), Some(proposal)) = (&self.project, &self.panes.heterogeneity.zones.proposal) else { return };
        let Some(work) =
            project.selection().parcel.and_then(|parcel| project.exporting_zones(parcel, proposal, path.to_path_buf()))
        else {
            return;
        };
        let done = self.texts.with("hetero-zones-written", &[("path", path.display().to_string().into())]);
        self.background.run(move || Some(News::Message(work().map_or_else(|error| format!("{error:#}"), |()| done))));
    }

    /// Brings the pane to the front, or what lies behind it when it is there already.
    fn show_heterogeneity(&mut self, ctx: &Context) {
        self.workspace = Workspace::Review;
        let width = Width::of(ctx.content_rect().width());
        let open = self.rects.iter().any(|(pane, _)| *pane == PaneKind::Heterogeneity);
        let pane = if open { PaneKind::Graph } else { PaneKind::Heterogeneity };
        self.layout.show(Workspace::Review, width, pane);
        self.focused = pane;
    }

    /// To the date of the next or previous event of the current parcel.
    fn step_event(&mut self, by: i32) {
        let Some(project) = &self.project else { return };
        let model = project.selection().parcel.and_then(|parcel| self.panes.markers.model_of(parcel));
        if let Some(acquisition) = model.and_then(|model| markers::step_event(project, model, by)) {
            self.command(Command::SelectAcquisition(acquisition));
        } else {
            let id = if by > 0 { "markers-no-event-next" } else { "markers-no-event-previous" };
            self.say(self.texts.get(id).to_string());
        }
    }

    /// Puts the evidence window into the middle of graphs and calendar; the graphs show everything again the second time.
    fn centre_window(&mut self) {
        let Some(project) = &self.project else { return };
        let model = project.selection().parcel.and_then(|parcel| self.panes.markers.model_of(parcel));
        match model.and_then(|model| model.window) {
            Some(window) => {
                self.panes.graph.centre(window);
                self.panes.calendar.centre(window);
            }
            None => self.say(self.texts.get("markers-no-window").to_string()),
        }
    }

    fn toggle_offline(&mut self) {
        let offline = self.project.as_ref().and_then(|project| project.file().remote.as_ref()).map(|remote| remote.offline);
        if let Some(offline) = offline {
            self.command(Command::WorkOffline(!offline));
        }
    }

    fn zoom(&mut self, ctx: &Context, percent: Option<u32>) {
        if let Some(percent) = percent {
            self.preferences.scale_percent = percent;
            self.preferences_changed.get_or_insert_with(Instant::now);
            self.apply_preferences(ctx);
        }
    }

    /// Sorts the queue by distance from peers, the farthest first, of the first signal of the graphs.
    fn show_outliers(&mut self) {
        let Some(project) = &self.project else { return };
        let key = super::super::queue::model::distances(&project.file().display.graphs).into_iter().next();
        let key = key.unwrap_or_else(|| SortKey::Distance(Signal::Index("NDVI".to_owned())));
        self.command(Command::SetSort(vec![(key, true)]));
    }

    /// Back by one: dialog, play, large view, compare view, focus.
    fn cancel(&mut self, ctx: &Context) {
        if self.dialog.is_none() && self.map().drawing() {
            return self.map().end_area(false);
        }
        let calendar = &mut self.panes.calendar;
        if self.dialog.take().is_some() {
        } else if calendar.playing {
            calendar.playing = false;
        } else if calendar.large {
            calendar.large = false;
        } else if calendar.compare {
            calendar.compare = false;
        } else if let Some(focused) = ctx.memory(egui::Memory::focused) {
            ctx.memory_mut(|memory| memory.surrender_focus(focused));
        }
    }

    /// The map of the workspace in force.
    fn map(&mut self) -> &mut crate::ui::map::MapState {
        match self.workspace {
            Workspace::Review | Workspace::Tune | Workspace::Report => &mut self.panes.map,
            Workspace::Map => &mut self.panes.large_map,
        }
    }

    /// Opens the attribute table, in its workspace, or closes it.
    fn toggle_table(&mut self) {
        let shown = self.workspace == Workspace::Map && self.layout.table_shown();
        self.workspace = Workspace::Map;
        self.layout.show_table(!shown);
        self.focused = if shown { PaneKind::Map } else { PaneKind::Table };
        self.preferences.layout = self.layout.to_value();
        self.preferences_changed.get_or_insert_with(Instant::now);
    }

    /// Keys that mean something else while the attribute table has the focus: pages and ends of its rows, and what is copied.
    pub(super) fn perform_table(&mut self, ctx: &Context, action: Action) -> bool {
        let Some(project) = self.project.as_ref().filter(|_| self.focused == PaneKind::Table && self.workspace == Workspace::Map)
        else {
            return false;
        };
        if action == Action::CopyPane {
            let copied = self.panes.table.copied(project);
            let said = self.texts.with("table-copied", &[("n", copied.rows.into()), ("total", copied.selected.into())]);
            ctx.copy_text(copied.text);
            self.say(said);
            return true;
        }
        let Some(step) = self.panes.table.step_of(action) else { return false };
        self.command(Command::StepParcel(step));
        ctx.request_repaint();
        true
    }

    fn step_pane(&mut self, ctx: &Context, by: isize) {
        let width = Width::of(ctx.content_rect().width());
        let project_has_markers = self.project.as_ref().is_some_and(|project| project.file().ruleset.is_some());
        let shown: &[PaneKind] = match self.workspace {
            Workspace::Review if project_has_markers => &PaneKind::ALL,
            Workspace::Review => {
                &[PaneKind::Queue, PaneKind::Calendar, PaneKind::Graph, PaneKind::Map, PaneKind::Parcel, PaneKind::Decide]
            }
            Workspace::Tune => &PaneKind::TUNE,
            Workspace::Report => &PaneKind::REPORT,
            Workspace::Map if self.layout.table_shown() => &PaneKind::MAP,
            Workspace::Map => &[PaneKind::Queue, PaneKind::Map, PaneKind::Parcel],
        };
        let at = shown.iter().position(|pane| *pane == self.focused).unwrap_or(0);
        self.focused = shown[(at as isize + by).rem_euclid(shown.len() as isize) as usize];
        self.queue_shown |= self.focused == PaneKind::Queue;
        self.layout.show(self.workspace, width, self.focused);
    }

    pub(super) fn open_project(&mut self, path: &Path) {
        let threads = self.preferences.threads();
        match Project::open_at(path, threads, std::sync::Arc::clone(&self.wake), self.home.clone()) {
            Ok(project) => self.adopt(project),
            Err(error) => {
                let dialog = PathDialog::new(Purpose::Open, path.display().to_string());
                self.dialog = Some(Dialog::Path(dialog.failed(format!("{error:#}"))));
            }
        }
    }

    fn adopt(&mut self, mut project: Project) {
        project.set_memory(self.preferences.memory_bytes());
        project.set_reviewer(&self.preferences.reviewer);
        if self.read_only {
            project.set_read_only(true);
        }
        self.project = Some(project);
        self.panes.tune.forget();
        self.remembered = false;
        self.password_asked = false;
        self.dialog = None;
        self.workspace = Workspace::Review;
        self.focused = PaneKind::Calendar;
        self.keep_open(false);
    }

    /// Remembers which project is open, so that the next start finds it; `ended` marks an orderly end.
    pub(super) fn keep_open(&mut self, ended: bool) {
        let open = self.project.as_ref().map(|project| session::Open { project: project.path().to_path_buf(), ended });
        if let Err(error) = session::save_open(&self.home, open.as_ref()) {
            self.say(format!("{}: {error}", self.home.display()));
        }
    }

    fn open_sample(&mut self) {
        match crate::project::sample::write(&self.home.join("sample")) {
            Ok(path) => self.open_project(&path),
            Err(error) => self.say(format!("{error:#}")),
        }
    }

    /// Gives a password to the keyring, beside the window: it may ask the user itself.
    fn keep_password(&mut self, url: String, user: String, password: Secret) {
        self.background.run(move || crate::project::remote::keep_password(&url, &user, &password).err().map(News::Message));
    }

    fn create(&mut self, file: crate::model::ProjectFile, path: &Path, password: Option<Secret>) {
        let threads = self.preferences.threads();
        let (wake, home) = (std::sync::Arc::clone(&self.wake), self.home.clone());
        match Project::from_file_with(file, path, threads, wake, home, password) {
            Ok(mut project) => {
                project.apply(Command::Save);
                self.adopt(project);
            }
            Err(error) => self.say(format!("{error:#}")),
        }
    }

    fn browse(&mut self, purpose: Purpose) {
        let title = self.texts.get(purpose_title(&purpose)).to_string();
        let from = self.project.as_ref().map(|project| project.path().to_path_buf());
        self.background.browse(purpose, title, from);
    }

    pub(super) fn use_path(&mut self, purpose: Purpose, path: PathBuf) {
        match purpose {
            Purpose::Open => self.open_project(&path),
            Purpose::Locate(old) => {
                if let Ok(recent) = session::forget(&self.home, &old) {
                    self.recent = recent;
                }
                self.open_project(&path);
            }
            Purpose::SaveAs => {
                let Some(project) = &mut self.project else { return };
                match project.save_as(&path) {
                    Ok(()) => {
                        self.dialog = None;
                        self.remembered = false;
                    }
                    Err(error) => {
                        let dialog = PathDialog::new(Purpose::SaveAs, path.display().to_string());
                        self.dialog = Some(Dialog::Path(dialog.failed(format!("{error:#}"))));
                    }
                }
            }
            Purpose::Picture => self.save_picture(path),
            Purpose::Photos | Purpose::Journal | Purpose::Decisions | Purpose::Sheet => self.use_review_path(&purpose, path),
            Purpose::Zones => self.export_zones(&path),
            Purpose::Pack(margin_m) => {
                self.dialog = None;
                self.command(Command::Prepare(margin_m, Some(path)));
            }
            Purpose::SeriesTable | Purpose::SeriesFolder => self.look_at_table(&path),
            Purpose::Ruleset | Purpose::Baseline | Purpose::SaveRuleset | Purpose::Labels => {
                self.use_ruleset_path(&purpose, path);
            }
            Purpose::Parcels | Purpose::Imagery | Purpose::NewProject => {
                if let Some(Dialog::NewProject(state)) = &mut self.dialog {
                    state.use_path(&purpose, &path, &self.wake);
                }
            }
        }
    }

    /// Shows a table in the dialog that adds it to the open project.
    fn look_at_table(&mut self, path: &Path) {
        let Some(project) = &self.project else { return };
        match &mut self.dialog {
            Some(Dialog::Table(state)) => state.use_path(path, project, &self.wake),
            _ => self.dialog = Some(Dialog::Table(Box::new(SeriesTable::of(path, project, &self.wake)))),
        }
    }

    /// Files and folders dropped onto the window: projects open, series tables are added to the open project, everything else goes
    /// into a new project.
    pub(super) fn dropped(&mut self, paths: Vec<PathBuf>) {
        for path in paths {
            let has_ending = |wanted: &str| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(wanted));
            let photo = ["jpg", "jpeg"].into_iter().any(&has_ending);
            if photo && self.project.is_some() && self.workspace == Workspace::Review {
                self.command(Command::Review(ReviewCommand::Attach(vec![path])));
                continue;
            }
            if has_ending("toml") {
                self.open_project(&path);
                continue;
            }
            if matches!(self.dialog, Some(Dialog::Table(_))) {
                self.look_at_table(&path);
            } else if self.project.is_some() && !matches!(self.dialog, Some(Dialog::NewProject(_))) && path.is_file() {
                // What it is shows its content.
                self.background.run(move || {
                    let is_table = crate::project::tables::is_series_table(&path);
                    Some(News::Dropped(path, is_table))
                });
            } else {
                self.use_dropped(path);
            }
        }
    }

    /// Parcels or images for a new project.
    fn use_dropped(&mut self, path: PathBuf) {
        if !matches!(self.dialog, Some(Dialog::NewProject(_))) {
            self.dialog = Some(Dialog::new_project());
        }
        let is_database = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gdb"));
        let purpose = if path.is_dir() && !is_database { Purpose::Imagery } else { Purpose::Parcels };
        self.use_path(purpose, path);
    }

    pub(super) fn take_news(&mut self, ctx: &Context) {
        for news in self.background.take() {
            match news {
                News::Picked(purpose, path) => {
                    if let Some(Dialog::Path(dialog)) = &mut self.dialog
                        && dialog.purpose == purpose
                    {
                        dialog.path = path.display().to_string();
                    }
                    self.use_path(purpose, path);
                }
                News::Dropped(path, true) => self.look_at_table(&path),
                News::Dropped(path, false) => self.use_dropped(path),
                News::Copy(image) => {
                    ctx.copy_image(image);
                    self.say(self.texts.get("copied-picture").to_string());
                }
                News::Cut(cut) => self.frame_cut_out(cut),
                News::Picture(png) => self.offer_picture(png),
                News::Message(text) => self.say(text),
            }
        }
    }
}

/// Message id of the title of the system's dialog.
pub(crate) fn purpose_title(purpose: &Purpose) -> &'static str {
    match purpose {
        Purpose::Open => "open-title",
        Purpose::SaveAs => "save-as-title",
        Purpose::Locate(_) => "locate-title",
        Purpose::Parcels => "choose-parcels",
        Purpose::Imagery => "choose-imagery",
        Purpose::NewProject => "choose-project",
        Purpose::Picture => "save-picture-title",
        Purpose::Photos => "review-photos-title",
        Purpose::Journal => "review-journal-title",
        Purpose::Decisions => "review-decisions-title",
        Purpose::Sheet => "report-sheet-title",
        Purpose::Zones => "hetero-zones-title",
        Purpose::SeriesTable | Purpose::SeriesFolder => "choose-table",
        Purpose::Pack(_) => "pack-title",
        Purpose::Ruleset => "tune-choose-title",
        Purpose::Baseline => "tune-baseline-title",
        Purpose::SaveRuleset => "tune-save-title",
        Purpose::Labels => "tune-labels-title",
    }
}

/// The view so many places on among those that the data allow.
fn step_view(project: &Project, by: isize) -> Option<crate::model::View> {
    let views = crate::ui::calendar::model::views(project);
    let at = views.iter().position(|view| view == project.view());
    let next = at.map_or(0, |at| (at as isize + by).rem_euclid(views.len().max(1) as isize) as usize);
    views.get(next).cloned()
}
