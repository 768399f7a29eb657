//! What the project's ruleset says of the current parcel: the list of markers, and what header, graphs and calendar show of it.
//!
//! [`MarkersState::judge`] takes up the answer once a frame; all panes of that frame see the same [`Judged`].

pub mod counts;
pub mod model;
pub mod strip;
pub mod words;

use std::sync::Arc;

use egui::{Align2, Color32, Pos2, Response, RichText, Ui, pos2, vec2};

use crate::engine::markers::evaluate::Outcome;
use crate::model::rules::Verdict;
use crate::model::units::epoch_days;
use crate::model::{AcquisitionIx, ParcelIx, Signal};
use crate::project::marking::detection::Detection;
use crate::project::marking::marked::Marked;
use crate::project::{Command, Error, Fetch, Project};

use super::cx::{Cx, Out};
use super::icons;
use super::theme::text;
use super::verdict;
use super::widgets::{self, Button};

use model::{EventMark, MarkerModel};
use words::Cells;

/// State of the marker list.
#[derive(Default)]
pub struct MarkersState {
    /// The last answer and what it was made with.
    kept: Option<Kept>,
    /// Hash of a ruleset.
    hash: Option<(Arc<Detection>, String)>,
}

struct Kept {
    parcel: ParcelIx,
    detection: Arc<Detection>,
    marked: Arc<Marked>,
    model: Arc<MarkerModel>,
}

/// What the ruleset says of the current parcel, as far as it is known.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Name of the ruleset and the first digits of its hash.
    pub ruleset: (String, String),
    /// The answer; while a newer one is on its way the last one of this parcel. `None` while nothing is known.
    pub known: Option<(Arc<Marked>, Arc<MarkerModel>)>,
    /// The answer is an earlier one.
    pub stale: bool,
    /// Why there is none.
    pub fault: Option<Error>,
    /// Verdict of the population, where that is known before the parcel's own answer.
    pub ahead: Option<Verdict>,
}

impl Judged {
    /// Data of graphs and calendar.
    pub fn model(&self) -> Option<&Arc<MarkerModel>> {
        self.known.as_ref().map(|(_, model)| model)
    }

    /// The verdict; `None` while it is not known, and of a ruleset that only detects.
    pub fn verdict(&self) -> Option<Verdict> {
        match &self.known {
            Some((marked, _)) => marked.explanation.as_ref().map(|own| own.verdict),
            None => self.ahead,
        }
    }
}

impl MarkersState {
    /// Asks for the answer of the current parcel; `None` without a ruleset that can be used.
    pub fn judge(&mut self, project: &Project) -> Option<Judged> {
        let detection = Arc::clone(project.tuning().detection()?);
        let parcel = project.selection().parcel?;
        let (mut stale, mut fault) = (false, None);
        match project.marked(parcel)? {
            Fetch::Ready(marked) => {
                let same = self.kept.as_ref().is_some_and(|kept| {
                    kept.parcel == parcel && Arc::ptr_eq(&kept.marked, &marked) && Arc::ptr_eq(&kept.detection, &detection)
                });
                if !same {
                    let model = Arc::new(MarkerModel::new(&detection, &marked));
                    self.kept = Some(Kept { parcel, detection: Arc::clone(&detection), marked, model });
                }
            }
            Fetch::Pending => stale = true,
            Fetch::Failed(error) => {
                self.kept = None;
                fault = Some(error);
            }
        }
        if self.hash.as_ref().is_none_or(|(own, _)| !Arc::ptr_eq(own, &detection)) {
            let [_, hash] = project.tuning().hashes();
            self.hash = Some((Arc::clone(&detection), hash));
        }
        // Another parcel's verdict under this one's id would mislead, also a dimmed one.
        let kept = self.kept.as_ref().filter(|kept| kept.parcel == parcel);
        Some(Judged {
            ruleset: (detection.rules.name.clone(), self.hash.as_ref().map(|(_, hash)| hash.clone()).unwrap_or_default()),
            known: kept.map(|kept| (Arc::clone(&kept.marked), Arc::clone(&kept.model))),
            stale,
            fault,
            ahead: project.tuning().effect().and_then(|effect| effect.after.of(parcel)),
        })
    }

    /// What is known of a parcel, for keys that need no frame.
    pub fn model_of(&self, parcel: ParcelIx) -> Option<&Arc<MarkerModel>> {
        self.kept.as_ref().filter(|kept| kept.parcel == parcel).map(|kept| &kept.model)
    }
}

/// The acquisition that shows an event best: of a sensor of its signals, the one nearest to its day that sees the parcel.
pub fn acquisition_of(project: &Project, parcel: ParcelIx, event: &EventMark) -> Option<AcquisitionIx> {
    let data = project.data()?;
    let coverage = project.coverage(parcel).ready();
    let sensors: Vec<_> = event.signals.iter().map(Signal::sensor).collect();
    let seen = |ix: AcquisitionIx| coverage.as_ref().is_none_or(|coverage| coverage.of(ix).is_some());
    let fits = data.catalog.iter().filter(|(ix, own)| (sensors.is_empty() || sensors.contains(&own.sensor)) && seen(*ix));
    let far = |ix: AcquisitionIx| (epoch_days(data.catalog.get(ix).acquired) - event.main).abs();
    fits.map(|(ix, _)| ix).min_by(|&a, &b| far(a).total_cmp(&far(b)))
}

/// The acquisition of the next (1) or previous (-1) event from the current date.
pub fn step_event(project: &Project, model: &MarkerModel, by: i32) -> Option<AcquisitionIx> {
    let parcel = project.selection().parcel?;
    let here = project.selection().acquisition;
    let mut targets: Vec<AcquisitionIx> =
        model.events.iter().filter_map(|event| acquisition_of(project, parcel, event)).collect();
    // Acquisition numbers follow the time.
    targets.sort_unstable();
    targets.dedup();
    if by > 0 {
        targets.into_iter().find(|&own| here.is_none_or(|here| own > here))
    } else {
        targets.into_iter().rev().find(|&own| here.is_none_or(|here| own < here))
    }
}

/// Draws the pane; returns the response of its header.
pub fn markers_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out) -> Response {
    let subtitle = cx.judged.map(|judged| ruleset_text(&judged.ruleset)).unwrap_or_default();
    let mut copy = false;
    let response = widgets::pane_ui(
        ui,
        cx,
        &cx.t("markers-title"),
        &subtitle,
        |ui| {
            if cx.judged.is_some_and(|judged| judged.known.is_some()) {
                copy = ui.add(Button::icon_only(icons::COPY, &cx.t("markers-copy"))).clicked();
            }
        },
        |ui| body_ui(ui, cx, out),
    );
    if let Some(model) = cx.judged.and_then(Judged::model).filter(|_| copy) {
        ui.ctx().copy_text(words::table(model));
        out.toast = Some(cx.t("markers-copied").to_string());
    }
    response
}

/// `Winter cover 2019, #a41c07`.
pub fn ruleset_text((name, hash): &(String, String)) -> String {
    if name.is_empty() { format!("#{hash}") } else { format!("{name}, #{hash}") }
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out) {
    if let Some(fault) = cx.project.tuning().fault() {
        return fault_ui(ui, cx, fault, out);
    }
    let hidden = super::review::current_id(cx.project).is_some_and(|id| cx.project.review().hides(&id));
    if hidden {
        widgets::empty_ui(ui, cx.tokens, &cx.t("review-hidden"), &cx.t("review-hidden-hint"), None);
        return;
    }
    let Some(judged) = cx.judged else {
        widgets::empty_ui(ui, cx.tokens, &cx.t("markers-none"), &cx.t("markers-none-hint"), None);
        return;
    };
    if let Some(error) = &judged.fault {
        return widgets::failed_ui(ui, cx, error, out);
    }
    let Some(model) = judged.model() else {
        return widgets::pending_ui(ui, cx.tokens, &cx.t("markers-loading"));
    };
    if judged.stale {
        ui.set_opacity(0.6);
    }
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let columns = Columns::new(ui);
        if !model.findings.is_empty() {
            head_ui(ui, cx, &columns, "markers-head-marker");
        }
        for row in &model.findings {
            let cells = words::finding_cells(cx, model, row);
            if row_ui(ui, cx, &columns, &cells, row.outcome, row.decides).clicked()
                && let Some(event) = row.event.and_then(|at| model.events.get(at))
            {
                jump(cx, event, out);
            }
        }
        if !model.comparisons.is_empty() {
            head_ui(ui, cx, &columns, "markers-head-compared");
        }
        for row in &model.comparisons {
            let cells = words::comparison_cells(cx, row);
            row_ui(ui, cx, &columns, &cells, words::comparison_outcome(row), row.decides);
        }
    });
}

/// A ruleset that cannot be used, with the ways out.
fn fault_ui(ui: &mut Ui, cx: &Cx<'_>, fault: &str, out: &mut Out) {
    let frame = egui::Frame::NONE.fill(cx.tokens.warnbg).inner_margin(10.0);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(RichText::new(icons::WARNING).text_style(text::icon()).color(cx.tokens.red));
            ui.label(widgets::strong(cx.t("markers-fault").to_string()).color(cx.tokens.red));
        });
        ui.add(egui::Label::new(fault).wrap().selectable(true));
        ui.horizontal_wrapped(|ui| fault_buttons_ui(ui, cx, fault, out));
    });
}

/// Reads the ruleset again, copies the message, or works without a ruleset.
pub fn fault_buttons_ui(ui: &mut Ui, cx: &Cx<'_>, fault: &str, out: &mut Out) {
    if ui.add(Button::new(&cx.t("markers-read-again"))).clicked() {
        out.push(Command::SetRuleset(cx.project.file().ruleset.clone()));
    }
    if ui.add(Button::new(&cx.t("copy-details"))).clicked() {
        ui.ctx().copy_text(fault.to_owned());
    }
    if ui.add(Button::new(&cx.t("markers-without"))).clicked() {
        out.push(Command::SetRuleset(None));
    }
}

/// Makes the date of an event current.
pub fn jump(cx: &Cx<'_>, event: &EventMark, out: &mut Out) {
    let Some(parcel) = cx.project.selection().parcel else { return };
    if let Some(acquisition) = acquisition_of(cx.project, parcel, event) {
        out.push(Command::SelectAcquisition(acquisition));
    }
}

/// Right edges of the columns, and the left edge of the outcome.
struct Columns {
    outcome: f32,
    value: f32,
    limit: f32,
    margin: f32,
}

impl Columns {
    fn new(ui: &Ui) -> Self {
        let rect = ui.available_rect_before_wrap();
        let right = rect.right() - 10.0;
        Self { margin: right, limit: right - 52.0, value: right - 112.0, outcome: (right - 206.0).max(rect.left() + 70.0) }
    }
}

fn head_ui(ui: &mut Ui, cx: &Cx<'_>, columns: &Columns, id: &str) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), egui::Sense::hover());
    let font = egui::TextStyle::Small.resolve(ui.style());
    let y = rect.center().y;
    let painter = ui.painter();
    painter.text(pos2(rect.left() + 10.0, y), Align2::LEFT_CENTER, cx.t(id), font.clone(), cx.tokens.tx2);
    for (x, id) in
        [(columns.value, "markers-head-value"), (columns.limit, "markers-head-limit"), (columns.margin, "markers-head-margin")]
    {
        painter.text(pos2(x, y), Align2::RIGHT_CENTER, cx.t(id), font.clone(), cx.tokens.tx2);
    }
    painter.hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, cx.tokens.grid));
}

fn row_ui(ui: &mut Ui, cx: &Cx<'_>, columns: &Columns, cells: &Cells, outcome: Outcome, decides: bool) -> Response {
    let word = words::outcome(cx, outcome);
    let mut parts = vec![format!("{}: {word}", cells.name)];
    let named = |id: &str, value: &String| (!value.is_empty()).then(|| format!("{} {value}", cx.t(id)));
    parts.extend(named("markers-head-value", &cells.value));
    parts.extend(named("markers-head-limit", &cells.limit));
    parts.extend(named("markers-head-margin", &cells.margin));
    parts.extend((!cells.note.is_empty()).then(|| cells.note.clone()));
    parts.extend(decides.then(|| cx.t("markers-decides").to_string()));
    let name = parts.join(", ");
    let height = if cells.note.is_empty() { 27.0 } else { 42.0 };
    let response =
        widgets::row_ui(ui, cx.tokens, &name, height, decides, |ui| paint_row(ui, cx, columns, cells, outcome, decides));
    response.on_hover_text(name)
}

fn paint_row(ui: &Ui, cx: &Cx<'_>, columns: &Columns, cells: &Cells, outcome: Outcome, decides: bool) {
    let (rect, tokens, style) = (ui.max_rect(), cx.tokens, ui.style());
    let y = rect.top() + 13.5;
    let left = rect.left() + 2.0;
    let body = if decides { text::header().resolve(style) } else { egui::TextStyle::Body.resolve(style) };
    let cut = |content: &str, font: egui::FontId, ink: Color32, room: f32| {
        let mut job = egui::text::LayoutJob::single_section(content.to_owned(), egui::TextFormat::simple(font, ink));
        job.wrap = egui::text::TextWrapping::truncate_at_width(room);
        ui.painter().layout_job(job)
    };
    let name = cut(&cells.name, body.clone(), tokens.tx, columns.outcome - left - 8.0);
    ui.painter().galley(pos2(left, y - name.size().y / 2.0), name, tokens.tx);
    paint_outcome(ui, cx, pos2(columns.outcome, y), outcome, body);
    let numeric = if decides { text::numeric_strong() } else { text::numeric() }.resolve(style);
    for (x, value, ink) in [
        (columns.value, &cells.value, tokens.tx),
        (columns.limit, &cells.limit, tokens.tx2),
        (columns.margin, &cells.margin, tokens.tx),
    ] {
        ui.painter().text(pos2(x, y), Align2::RIGHT_CENTER, value, numeric.clone(), ink);
    }
    if !cells.note.is_empty() {
        let small = egui::TextStyle::Small.resolve(style);
        let note = cut(&cells.note, small, tokens.tx2, rect.width() - 4.0);
        ui.painter().galley(pos2(left, rect.top() + 23.0), note, tokens.tx2);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, tokens.grid));
}

/// Symbol and word of an outcome. Neutral: a yes may be good or bad.
fn paint_outcome(ui: &Ui, cx: &Cx<'_>, at: Pos2, outcome: Outcome, font: egui::FontId) {
    let tokens = cx.tokens;
    let ink = if outcome == Outcome::Yes { tokens.tx } else { tokens.tx2 };
    let centre = at + vec2(6.0, 0.0);
    match outcome {
        Outcome::Yes => verdict::paint_in(ui.painter(), centre, 12.0, Some(Verdict::Green), ink),
        Outcome::No => verdict::paint_in(ui.painter(), centre, 12.0, None, ink),
        Outcome::Unknown => {
            ui.painter().text(centre, Align2::CENTER_CENTER, "?", text::header().resolve(ui.style()), ink);
        }
    }
    ui.painter().text(at + vec2(16.0, 0.0), Align2::LEFT_CENTER, words::outcome(cx, outcome), font, ink);
}
