//! A calendar pane alone in a window, over a copy of the sample project.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use parcelight::model::AcquisitionIx;
use parcelight::project::{Command, Project, sample};
use parcelight::text::Texts;
use parcelight::ui::calendar::{CalendarState, calendar_ui};
use parcelight::ui::cx::{Cx, Out};
use parcelight::ui::keys::KeyMap;
use parcelight::ui::theme::{self, Tokens};

/// A copy of the sample, so that cache folders never dirty the tree.
pub struct Bench {
    folder: tempfile::TempDir,
}

/// What the window holds.
pub struct App {
    pub project: Project,
    pub texts: Texts,
    keys: KeyMap,
    /// What another pane points at.
    pub pointed: Option<AcquisitionIx>,
    /// What the pointer is on here.
    pub points_at: Option<AcquisitionIx>,
    pub state: CalendarState,
    pub status: Option<String>,
    pub actions: Vec<parcelight::ui::actions::Action>,
}

impl App {
    fn ui(&mut self, ui: &mut egui::Ui) {
        self.project.begin_frame();
        let mut out = Out::default();
        let cx = Cx {
            project: &self.project,
            texts: &self.texts,
            tokens: Tokens::of(ui.ctx()),
            keys: &self.keys,
            pointed: self.pointed,
            focused: true,
            judged: None,
            clusters: None,
            deciding: None,
        };
        calendar_ui(ui, &cx, &mut self.state, &mut out);
        if out.status.is_some() {
            self.status = out.status;
        }
        self.points_at = out.pointed;
        self.actions.append(&mut out.actions);
        for command in out.commands {
            self.project.apply(command);
        }
    }

    /// Small chips, so that the whole season fits a tall window.
    pub fn tall(&mut self) {
        self.state.chip_px = 40.0;
    }
}

/// The pane under test.
pub struct Pane {
    harness: Harness<'static, App>,
}

impl Deref for Pane {
    type Target = Harness<'static, App>;

    fn deref(&self) -> &Self::Target {
        &self.harness
    }
}

impl DerefMut for Pane {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.harness
    }
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        sample::write(&folder.path().join("data")).expect("the sample can be written");
        Self { folder }
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("data").join(sample::PROJECT)
    }

    /// A pane whose project has just been opened.
    pub fn unloaded_pane(&self) -> Pane {
        self.sized_pane([1022.0, 492.0], egui::Theme::Dark, 0.25)
    }

    /// As [`Bench::pane`], with frames short enough for double clicks.
    pub fn fast_pane(&self, id: &str) -> Pane {
        let mut pane = self.sized_pane([1022.0, 492.0], egui::Theme::Dark, 0.02);
        pane.load(id);
        pane
    }

    fn sized_pane(&self, size: [f32; 2], theme: egui::Theme, step: f32) -> Pane {
        let project =
            Project::open_at(&self.project(), 2, Arc::new(|| {}), self.folder.path().join("home")).expect("the sample opens");
        let keys = KeyMap::new(&BTreeMap::new()).0;
        let app = App {
            project,
            keys,
            pointed: None,
            points_at: None,
            texts: Texts::new("en-GB"),
            state: CalendarState::default(),
            status: None,
            actions: Vec::new(),
        };
        let harness = Harness::builder()
            .with_size(size)
            .with_theme(theme)
            .with_step_dt(step)
            .with_context_setup(theme::install)
            .build_ui_state(|ui, app: &mut App| app.ui(ui), app);
        Pane { harness }
    }

    /// A pane with all chips of a parcel drawn.
    pub fn pane(&self, id: &str) -> Pane {
        let mut pane = self.unloaded_pane();
        pane.load(id);
        pane
    }
}

impl Pane {
    /// Waits for the project, chooses a parcel and waits for its chips.
    pub fn load(&mut self, id: &str) {
        let state = self.harness.state_mut();
        let dataset = state.project.wait_loaded().expect("the sample loads");
        let parcel = dataset.parcels.find(id).unwrap_or_else(|| panic!("no parcel {id}"));
        self.harness.run_steps(2);
        self.apply(Command::SelectParcel(parcel));
        self.settle();
    }

    pub fn apply(&mut self, command: Command) {
        self.harness.state_mut().project.apply(command);
    }

    /// Draws frames until everything asked for is there.
    pub fn settle(&mut self) {
        let start = Instant::now();
        loop {
            self.harness.run_steps(3);
            let project = &self.harness.state().project;
            let known = project.selection().parcel.is_some_and(|parcel| project.coverage(parcel).ready().is_some());
            let waiting = |label: &String| label.contains("loading") || label == "Reading dates";
            if known && !self.labels(Role::Button).iter().chain(&self.labels(Role::Label)).any(waiting) {
                self.harness.run_steps(2);
                return;
            }
            assert!(start.elapsed() < Duration::from_mins(1), "still loading: {:?}", self.labels(Role::Button));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Labels of all widgets of a role.
    pub fn labels(&self, role: Role) -> Vec<String> {
        self.harness.query_all_by_role(role).filter_map(|node| node.accesskit_node().label().or(node.value())).collect()
    }

    /// Label of the first chip that fits.
    pub fn chip_that_is(&self, fits: impl Fn(&str) -> bool) -> String {
        let labels = self.labels(Role::Button);
        let chip = labels.iter().find(|label| label.contains("% clear") && fits(label));
        chip.unwrap_or_else(|| panic!("no such chip in {labels:?}")).clone()
    }
}

/// (date as on screen, pixels, clear pixels) of a parcel after the reference statistics.
pub fn reference_counts(parcel: &str) -> Vec<(String, u32, u32)> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/flanders_pajottenland_2019/reference/s2_parcel_stats.csv");
    let mut reader = csv::Reader::from_path(path).expect("the reference is there");
    let headers = reader.headers().expect("a header").clone();
    let column = |name: &str| headers.iter().position(|own| own == name).expect(name);
    let (id, time, all, clear) = (column("parcel_id"), column("datetime"), column("n_10m"), column("n_clear_10m"));
    let texts = Texts::new("en-GB");
    reader
        .records()
        .map(|record| record.expect("a row"))
        .filter(|record| &record[id] == parcel)
        .map(|record| {
            let date = record[time][..10].parse().expect("a date");
            (texts.date(date), record[all].parse().expect("a count"), record[clear].parse().expect("a count"))
        })
        .collect()
}
