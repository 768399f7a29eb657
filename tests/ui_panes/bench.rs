//! The panes around the calendar in one window, on a copy of the sample season.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Rect, UiBuilder, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use parcelight::project::{Command, Dataset, Project, sample};
use parcelight::text::Texts;
use parcelight::ui::actions::Action;
use parcelight::ui::cx::{Cx, Out};
use parcelight::ui::graph::{GraphState, graph_ui};
use parcelight::ui::header::{HeaderState, header_ui};
use parcelight::ui::indices::{IndicesState, indices_ui};
use parcelight::ui::keys::KeyMap;
use parcelight::ui::map::{MapState, map_ui};
use parcelight::ui::parcel::{ParcelState, parcel_ui};
use parcelight::ui::queue::{QueueState, queue_ui};
use parcelight::ui::theme::{self, Tokens};

/// Project and pane states.
pub struct Panes {
    pub project: Project,
    pub texts: Texts,
    pub queue: QueueState,
    pub graph: GraphState,
    pub map: MapState,
    indices: IndicesState,
    header: HeaderState,
    parcel: ParcelState,
    keys: KeyMap,
    /// What the status bar said last.
    pub status: Option<String>,
    _folder: tempfile::TempDir,
}

fn frame(ui: &mut egui::Ui, panes: &mut Panes) {
    if ui.ctx().current_pass_index() == 0 {
        panes.project.begin_frame();
    }
    let mut out = Out::default();
    let cx = Cx {
        project: &panes.project,
        texts: &panes.texts,
        tokens: Tokens::of(ui.ctx()),
        keys: &panes.keys,
        pointed: None,
        focused: false,
        judged: None,
        clusters: None,
        deciding: None,
    };
    let all = ui.max_rect();
    let top = all.top() + 64.0;
    let (left, right) = (all.left() + 240.0, all.right() - 330.0);
    let at = |ui: &mut egui::Ui, salt: &str, rect: Rect, draw: &mut dyn FnMut(&mut egui::Ui)| {
        let mut child = ui.new_child(UiBuilder::new().id_salt(salt).max_rect(rect));
        draw(&mut child);
    };
    at(ui, "header", Rect::from_min_max(all.min, pos2(all.right(), top - 4.0)), &mut |ui| {
        header_ui(ui, &cx, &mut panes.header, &mut out);
    });
    at(ui, "queue", Rect::from_min_max(pos2(all.left(), top), pos2(left - 4.0, all.bottom())), &mut |ui| {
        queue_ui(ui, &cx, &mut panes.queue, &mut out);
    });
    at(ui, "graph", Rect::from_min_max(pos2(left, top), pos2(right - 4.0, top + 400.0)), &mut |ui| {
        graph_ui(ui, &cx, &mut panes.graph, &mut out);
    });
    at(ui, "map", Rect::from_min_size(pos2(right, top), vec2(330.0, 290.0)), &mut |ui| {
        map_ui(ui, &cx, &mut panes.map, &mut out);
    });
    at(ui, "parcel", Rect::from_min_max(pos2(right, top + 294.0), all.max), &mut |ui| {
        parcel_ui(ui, &cx, &mut panes.parcel, &mut out);
    });
    indices_ui(ui, &cx, &mut panes.indices, &mut out);
    panes.status = out.status.or(panes.status.take());
    // As the window does it.
    panes.indices.open |= out.actions.contains(&Action::EditIndices);
    for command in out.commands {
        panes.project.apply(command);
    }
}

/// The window, ready when everything that it asks for has arrived.
pub struct Bench {
    pub harness: Harness<'static, Panes>,
}

impl Bench {
    pub fn new(theme: egui::Theme) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = sample::write(&folder.path().join("data")).expect("the sample can be written");
        let mut project = Project::open_at(&path, 2, Arc::new(|| {}), folder.path().join("home")).expect("the sample opens");
        project.wait_loaded().expect("the sample loads");
        let panes = Panes {
            project,
            texts: Texts::new("en-GB"),
            queue: QueueState::default(),
            graph: GraphState::default(),
            map: MapState::default(),
            indices: IndicesState::default(),
            header: HeaderState::default(),
            parcel: ParcelState::default(),
            keys: KeyMap::new(&BTreeMap::new()).0,
            status: None,
            _folder: folder,
        };
        let harness = Harness::builder()
            .with_size([1600.0, 900.0])
            .with_theme(theme)
            // Short frames: two clicks are a double-click, as by hand.
            .with_step_dt(0.05)
            .with_context_setup(theme::install)
            .build_ui_state(|ui, panes: &mut Panes| frame(ui, panes), panes);
        let mut bench = Self { harness };
        bench.settle();
        bench
    }

    /// Draws frames until no answer is awaited and the picture stands still.
    pub fn settle(&mut self) {
        let start = Instant::now();
        let mut calm = 0;
        while calm < 4 {
            self.harness.step();
            calm = if self.harness.state().project.env().is_some_and(|env| env.cache.pending() == 0) { calm + 1 } else { 0 };
            assert!(start.elapsed() < Duration::from_mins(4), "answers are awaited for four minutes");
            if calm == 0 {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    pub fn apply(&mut self, command: Command) {
        self.harness.state_mut().project.apply(command);
        self.settle();
    }

    pub fn data(&self) -> Arc<Dataset> {
        self.harness.state().project.dataset().ready().expect("loaded")
    }

    /// Opens a parcel by id.
    pub fn open(&mut self, id: &str) {
        let parcel = self.data().parcels.find(id).expect("in the sample");
        self.apply(Command::SelectParcel(parcel));
    }

    /// Makes the first acquisition of a day current.
    pub fn on_day(&mut self, day: &str) {
        let data = self.data();
        let found = data.catalog.iter().find(|(_, acquisition)| acquisition.acquired.to_string().starts_with(day));
        self.apply(Command::SelectAcquisition(found.expect("in the sample").0));
    }

    pub fn current_id(&self) -> String {
        let parcel = self.harness.state().project.selection().parcel.expect("a parcel is current");
        self.data().parcels.id(parcel).to_owned()
    }

    pub fn current_day(&self) -> String {
        let acquisition = self.harness.state().project.selection().acquisition.expect("an acquisition is current");
        self.data().catalog.get(acquisition).acquired.to_string()[..10].to_owned()
    }

    /// Clicks what has this label.
    pub fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.settle();
    }

    /// Labels of everything on screen that contain a text.
    pub fn labels(&self, part: &str) -> Vec<String> {
        let nodes = self.harness.query_all_by_label_contains(part);
        nodes.filter_map(|node| node.accesskit_node().label().or_else(|| node.accesskit_node().value())).collect()
    }

    /// Place of the only thing whose label begins so.
    pub fn rect(&self, start: &str) -> Rect {
        let found: Vec<Rect> = self
            .harness
            .query_all_by_label_contains(start)
            .filter(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with(start)))
            .map(|node| node.rect())
            .collect();
        assert_eq!(found.len(), 1, "one thing begins with {start:?}");
        found[0]
    }
}
