//! Where the panes are: dockable tiles in the proportions of the design, one arrangement per width class and workspace.

use egui::{Color32, Rect, Stroke, Ui, WidgetText};
use egui_tiles::{
    Behavior, Container, Linear, LinearDir, SimplificationOptions, TabState, Tabs, Tile, TileId, Tiles, Tree, UiResponse,
};
use serde::{Deserialize, Serialize};

use super::cx::Look;
use super::theme::size;

/// A pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaneKind {
    /// List of parcels.
    Queue,
    /// Calendar of chips.
    Calendar,
    /// Graphs.
    Graph,
    /// Clusters of the parcel by period.
    Heterogeneity,
    /// Map.
    Map,
    /// Markers of the parcel.
    Markers,
    /// Facts of the parcel.
    Parcel,
    /// Verdicts, reasons, note.
    Decide,
    /// Heterogeneity of the population.
    HeterogeneityPopulation,
    /// Attribute table.
    Table,
    /// Numbers of the ruleset.
    Parameters,
    /// Distribution of a feature with its threshold.
    Distribution,
    /// What a change of the ruleset does.
    Effect,
    /// Parcels whose verdict changed.
    Changed,
    /// Parcels nearest to the threshold.
    Boundary,
    /// Parcels of an evidence pack.
    ReportList,
    /// Pages of a sheet.
    ReportPage,
    /// What is written.
    ReportPack,
}

impl PaneKind {
    /// All of the Review workspace, in the order of F6.
    pub const ALL: [Self; 8] =
        [Self::Queue, Self::Calendar, Self::Graph, Self::Heterogeneity, Self::Map, Self::Markers, Self::Parcel, Self::Decide];

    /// All of the Map workspace.
    pub const MAP: [Self; 4] = [Self::Queue, Self::Map, Self::Table, Self::Parcel];

    /// All of the Tune workspace.
    pub const TUNE: [Self; 6] =
        [Self::Parameters, Self::Distribution, Self::Effect, Self::Changed, Self::Boundary, Self::HeterogeneityPopulation];

    /// All of the Report workspace.
    pub const REPORT: [Self; 3] = [Self::ReportList, Self::ReportPage, Self::ReportPack];

    /// Message id of its title.
    pub fn title_id(self) -> &'static str {
        match self {
            Self::Queue => "pane-queue",
            Self::Calendar => "pane-calendar",
            Self::Graph => "pane-graph",
            Self::Map => "pane-map",
            Self::Markers => "markers-title",
            Self::Parcel => "pane-parcel",
            Self::Decide => "pane-decide",
            Self::Heterogeneity | Self::HeterogeneityPopulation => "pane-heterogeneity",
            Self::Table => "pane-table",
            Self::Parameters => "pane-parameters",
            Self::Distribution => "pane-distribution",
            Self::Effect => "pane-effect",
            Self::Changed => "pane-changed",
            Self::Boundary => "pane-boundary",
            Self::ReportList => "pane-report-list",
            Self::ReportPage => "pane-report-page",
            Self::ReportPack => "pane-report-pack",
        }
    }
}

/// A workspace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Workspace {
    /// Parcel by parcel.
    #[default]
    Review,
    /// Numbers of the ruleset and what they do to all parcels.
    Tune,
    /// A large map beside the queue.
    Map,
    /// Sheets and packs.
    Report,
}

impl Workspace {
    /// True where the queue stands beside the panes.
    pub fn has_queue(self) -> bool {
        matches!(self, Self::Review | Self::Map)
    }

    /// All, in the order of the switch.
    pub const ALL: [Self; 4] = [Self::Review, Self::Tune, Self::Map, Self::Report];
}

/// Width classes of the workspaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// As a rail; the panes of the Tune workspace as tabs.
    Small,
    /// Queue collapsed to a rail, right column as tabs.
    Rail,
    /// Right column as tabs.
    Tabbed,
    /// All panes side by side.
    Full,
}

impl Width {
    /// Class of a window of so many logical pixels.
    pub fn of(width: f32) -> Self {
        if width < size::SMALL_BELOW {
            Self::Small
        } else if width < size::RAIL_BELOW {
            Self::Rail
        } else if width < size::TABS_BELOW {
            Self::Tabbed
        } else {
            Self::Full
        }
    }

    /// True where the queue is a rail.
    pub fn has_rail(self) -> bool {
        matches!(self, Self::Small | Self::Rail)
    }
}

/// The arrangements of a user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Layout {
    full: Tree<PaneKind>,
    tabbed: Tree<PaneKind>,
    map: Tree<PaneKind>,
    #[serde(default = "tune")]
    tune: Tree<PaneKind>,
    #[serde(default = "tune_tabbed")]
    tune_tabbed: Tree<PaneKind>,
    #[serde(default = "report")]
    report: Tree<PaneKind>,
}

impl Default for Layout {
    fn default() -> Self {
        Self { full: full(), tabbed: tabbed(), map: map(), tune: tune(), tune_tabbed: tune_tabbed(), report: report() }
    }
}

impl Layout {
    /// From a note of [`Layout::to_value`]; `None` when it lacks a pane or cannot be read.
    pub fn from_value(value: &serde_json::Value) -> Option<Self> {
        // A note that an older program wrote may be unreadable: the default arrangement is right then.
        let mut layout: Self = serde_json::from_value(value.clone()).ok()?;
        let complete = |tree: &Tree<PaneKind>, panes: &[PaneKind]| {
            tree.root().is_some() && panes.iter().all(|pane| tree.tiles.find_pane(pane).is_some())
        };
        if !complete(&layout.map, &PaneKind::MAP) {
            // Kept before there was a table: the user's other arrangements stay.
            layout.map = map();
        }
        if !complete(&layout.tune, &PaneKind::TUNE) || !complete(&layout.tune_tabbed, &PaneKind::TUNE) {
            (layout.tune, layout.tune_tabbed) = (tune(), tune_tabbed());
        }
        if !complete(&layout.report, &PaneKind::REPORT) {
            layout.report = report();
        }
        let later = [PaneKind::Decide, PaneKind::Heterogeneity];
        let before: Vec<PaneKind> = PaneKind::ALL.into_iter().filter(|pane| !later.contains(pane)).collect();
        if !complete(&layout.full, &before) || !complete(&layout.tabbed, &before) {
            return None;
        }
        if !complete(&layout.full, &PaneKind::ALL) || !complete(&layout.tabbed, &PaneKind::ALL) {
            // Kept before there were these panes: the other workspaces stay as they are.
            (layout.full, layout.tabbed) = (full(), tabbed());
        }
        Some(layout)
    }

    /// For the preferences.
    pub fn to_value(&self) -> Option<serde_json::Value> {
        // Plain data without maps of odd keys: this cannot fail, and a layout that is not kept is no harm.
        serde_json::to_value(self).ok()
    }

    /// The tree in force.
    pub fn tree(&mut self, workspace: Workspace, width: Width) -> &mut Tree<PaneKind> {
        let tree = match (workspace, width) {
            (Workspace::Map, _) => &mut self.map,
            (Workspace::Report, _) => &mut self.report,
            (Workspace::Tune, Width::Small) => &mut self.tune_tabbed,
            (Workspace::Tune, _) => &mut self.tune,
            (Workspace::Review, Width::Full) => &mut self.full,
            (Workspace::Review, _) => &mut self.tabbed,
        };
        if let Some(queue) = tree.tiles.find_pane(&PaneKind::Queue) {
            tree.set_visible(queue, !width.has_rail());
        }
        tree
    }

    /// True when the attribute table of the Map workspace is open.
    pub fn table_shown(&self) -> bool {
        self.map.tiles.find_pane(&PaneKind::Table).is_some_and(|table| self.map.is_visible(table))
    }

    /// Opens or closes the attribute table; it keeps its height.
    pub fn show_table(&mut self, shown: bool) {
        if let Some(table) = self.map.tiles.find_pane(&PaneKind::Table) {
            self.map.set_visible(table, shown);
        }
    }

    /// Opens or closes the list of markers: without a ruleset there are none. It keeps its height.
    pub fn show_markers(&mut self, shown: bool) {
        for tree in [&mut self.full, &mut self.tabbed] {
            if let Some(markers) = tree.tiles.find_pane(&PaneKind::Markers) {
                tree.set_visible(markers, shown);
            }
        }
    }

    /// Brings a pane to the front of its tabs.
    pub fn show(&mut self, workspace: Workspace, width: Width, pane: PaneKind) {
        self.tree(workspace, width).make_active(|_, tile| matches!(tile, Tile::Pane(own) if *own == pane));
    }
}

fn column(tiles: &mut Tiles<PaneKind>, rows: &[(TileId, f32)]) -> TileId {
    linear(tiles, LinearDir::Vertical, rows)
}

fn row(tiles: &mut Tiles<PaneKind>, columns: &[(TileId, f32)]) -> TileId {
    linear(tiles, LinearDir::Horizontal, columns)
}

fn linear(tiles: &mut Tiles<PaneKind>, direction: LinearDir, parts: &[(TileId, f32)]) -> TileId {
    let mut linear = Linear::new(direction, parts.iter().map(|part| part.0).collect());
    for &(tile, share) in parts {
        linear.shares.set_share(tile, share);
    }
    tiles.insert_container(Container::Linear(linear))
}

fn panes(tiles: &mut Tiles<PaneKind>) -> [TileId; 8] {
    PaneKind::ALL.map(|pane| tiles.insert_pane(pane))
}

fn full() -> Tree<PaneKind> {
    let mut tiles = Tiles::default();
    let [queue, calendar, graph, heterogeneity, map, markers, parcel, decide] = panes(&mut tiles);
    let lower = tiles.insert_tab_tile(vec![graph, heterogeneity]);
    let centre = column(&mut tiles, &[(calendar, size::CALENDAR), (lower, size::GRAPHS)]);
    let rest = size::CALENDAR + size::GRAPHS - size::LOCATOR - size::MARKERS;
    let upper = tiles.insert_tab_tile(vec![map, parcel]);
    let right = column(&mut tiles, &[(upper, size::LOCATOR), (markers, size::MARKERS), (decide, rest)]);
    let root = row(&mut tiles, &[(queue, size::QUEUE), (centre, size::CENTRE), (right, size::RIGHT)]);
    Tree::new(egui::Id::unique("layout-full"), root, tiles)
}

fn tabbed() -> Tree<PaneKind> {
    let mut tiles = Tiles::default();
    let [queue, calendar, graph, heterogeneity, map, markers, parcel, decide] = panes(&mut tiles);
    let lower = tiles.insert_tab_tile(vec![graph, heterogeneity]);
    let centre = column(&mut tiles, &[(calendar, 0.47), (lower, 0.53)]);
    let upper = tiles.insert_tab_tile(vec![map, markers, parcel]);
    let right = column(&mut tiles, &[(upper, 0.55), (decide, 0.45)]);
    let root = row(&mut tiles, &[(queue, size::QUEUE), (centre, 860.0), (right, 300.0)]);
    Tree::new(egui::Id::unique("layout-tabbed"), root, tiles)
}

fn map() -> Tree<PaneKind> {
    let mut tiles = Tiles::default();
    let queue = tiles.insert_pane(PaneKind::Queue);
    let map = tiles.insert_pane(PaneKind::Map);
    let table = tiles.insert_pane(PaneKind::Table);
    let parcel = tiles.insert_pane(PaneKind::Parcel);
    let centre = column(&mut tiles, &[(map, 0.7), (table, 0.3)]);
    let root = row(&mut tiles, &[(queue, size::QUEUE), (centre, size::CENTRE), (parcel, size::RIGHT)]);
    Tree::new(egui::Id::unique("layout-map"), root, tiles)
}

fn tune() -> Tree<PaneKind> {
    let mut tiles = Tiles::default();
    let [parameters, distribution, effect, changed, boundary, heterogeneity] = PaneKind::TUNE.map(|pane| tiles.insert_pane(pane));
    let boundary = tiles.insert_tab_tile(vec![boundary, heterogeneity]);
    let centre = column(&mut tiles, &[(distribution, 326.0), (effect, 281.0)]);
    let upper = row(&mut tiles, &[(centre, 808.0), (changed, size::CHANGED)]);
    let right = column(&mut tiles, &[(upper, 607.0), (boundary, 285.0)]);
    let root = row(&mut tiles, &[(parameters, size::PARAMETERS), (right, 808.0 + size::CHANGED + size::GAP)]);
    Tree::new(egui::Id::unique("layout-tune"), root, tiles)
}

fn report() -> Tree<PaneKind> {
    let mut tiles = Tiles::default();
    let [list, page, pack] = PaneKind::REPORT.map(|pane| tiles.insert_pane(pane));
    let root = row(&mut tiles, &[(list, 280.0), (page, 980.0), (pack, size::RIGHT)]);
    Tree::new(egui::Id::unique("layout-report"), root, tiles)
}

/// Two columns of tabs, for a narrow or much enlarged window.
fn tune_tabbed() -> Tree<PaneKind> {
    let mut tiles = Tiles::default();
    let [parameters, distribution, effect, changed, boundary, heterogeneity] = PaneKind::TUNE.map(|pane| tiles.insert_pane(pane));
    let left = tiles.insert_tab_tile(vec![parameters, effect]);
    let right = tiles.insert_tab_tile(vec![distribution, changed, boundary, heterogeneity]);
    let root = row(&mut tiles, &[(left, 0.42), (right, 0.58)]);
    Tree::new(egui::Id::unique("layout-tune-tabbed"), root, tiles)
}

/// Draws the panes of a tree: `draw` draws one and returns its header's response.
pub struct Panes<'a, F: FnMut(&mut Ui, PaneKind) -> egui::Response> {
    /// Texts and colours.
    pub look: Look<'a>,
    /// Draws one pane.
    pub draw: F,
    /// Where each pane was drawn.
    pub rects: Vec<(PaneKind, Rect)>,
    /// The pane that the pointer pressed on.
    pub pressed: Option<PaneKind>,
    /// Set when the user moved or resized something.
    pub edited: bool,
}

impl<F: FnMut(&mut Ui, PaneKind) -> egui::Response> Behavior<PaneKind> for Panes<'_, F> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, pane: &mut PaneKind) -> UiResponse {
        let rect = ui.max_rect();
        self.rects.push((*pane, rect));
        if ui.input(|input| input.pointer.any_pressed()) && ui.rect_contains_pointer(rect) {
            self.pressed = Some(*pane);
        }
        let header = (self.draw)(ui, *pane);
        if header.drag_started() { UiResponse::DragStarted } else { UiResponse::None }
    }

    fn tab_title_for_pane(&mut self, pane: &PaneKind) -> WidgetText {
        self.look.t(pane.title_id()).to_string().into()
    }

    fn gap_width(&self, _: &egui::Style) -> f32 {
        size::GAP
    }

    fn min_size(&self) -> f32 {
        120.0
    }

    fn tab_bar_height(&self, _: &egui::Style) -> f32 {
        size::PANE_HEADER
    }

    fn tab_bar_color(&self, _: &egui::Visuals) -> Color32 {
        self.look.tokens.bg0
    }

    fn tab_bg_color(&self, _: &egui::Visuals, _: &Tiles<PaneKind>, _: TileId, state: &TabState) -> Color32 {
        if state.active { self.look.tokens.sel } else { self.look.tokens.bg2 }
    }

    fn tab_outline_stroke(&self, _: &egui::Visuals, _: &Tiles<PaneKind>, _: TileId, state: &TabState) -> Stroke {
        Stroke::new(1.0, if state.active { self.look.tokens.ac } else { self.look.tokens.bd })
    }

    fn tab_bar_hline_stroke(&self, _: &egui::Visuals) -> Stroke {
        Stroke::NONE
    }

    fn tab_text_color(&self, _: &egui::Visuals, _: &Tiles<PaneKind>, _: TileId, _: &TabState) -> Color32 {
        self.look.tokens.tx
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: false, ..SimplificationOptions::default() }
    }

    fn is_tab_bar_visible(&self, _: TileId, tabs: &Tabs) -> bool {
        tabs.children.len() > 1
    }

    fn on_edit(&mut self, _: egui_tiles::EditAction) {
        self.edited = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_survives_being_kept() {
        let layout = Layout::default();
        let value = layout.to_value().expect("plain data");
        let again = Layout::from_value(&value).expect("complete");
        assert_eq!(again.to_value(), Some(value));
    }

    #[test]
    fn a_layout_that_lacks_a_pane_is_not_used() {
        let mut layout = Layout::default();
        let map = layout.full.tiles.find_pane(&PaneKind::Map).expect("a map");
        layout.full.remove_recursively(map);
        assert!(Layout::from_value(&layout.to_value().expect("plain data")).is_none());
        assert!(Layout::from_value(&serde_json::json!({"full": 1})).is_none());
    }

    #[test]
    fn the_table_is_kept_open_or_closed_and_an_arrangement_from_before_it_gets_one() {
        let mut layout = Layout::default();
        assert!(layout.table_shown());
        layout.show_table(false);
        let again = Layout::from_value(&layout.to_value().expect("plain data")).expect("complete");
        assert!(!again.table_shown());
        let table = layout.map.tiles.find_pane(&PaneKind::Table).expect("a table");
        layout.map.remove_recursively(table);
        assert!(Layout::from_value(&layout.to_value().expect("plain data")).expect("the other arrangements stay").table_shown());
    }

    #[test]
    fn width_classes_follow_the_design() {
        assert_eq!([1280.0, 1300.0, 1439.0, 1440.0].map(Width::of), [Width::Rail, Width::Tabbed, Width::Tabbed, Width::Full]);
        assert_eq!([800.0, 1050.0].map(Width::of), [Width::Small, Width::Rail]);
    }

    #[test]
    fn an_arrangement_from_before_the_tune_workspace_gets_one() {
        let mut value = Layout::default().to_value().expect("plain data");
        value.as_object_mut().expect("an object").retain(|name, _| !name.starts_with("tune"));
        assert!(Layout::from_value(&value).is_some_and(|own| own.tune.tiles.find_pane(&PaneKind::Effect).is_some()));
    }
}
