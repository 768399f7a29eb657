//! The Report workspace: parcels with something to report, the page as a pack will hold it, and what is written.

pub mod pack;
pub mod page;

use std::sync::Arc;

use egui::{Response, Ui};

use crate::model::ParcelIx;
use crate::project::evidence::PackOptions;
use crate::project::{Command, Fetch};

use super::cx::{Cx, Out};
use super::icons;
use super::review::counts;
use super::review::signs;
use super::theme::text;
use super::widgets;

/// Which parcels a pack holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Which {
    /// With an expert or final verdict.
    #[default]
    Decided,
    /// Flagged.
    Flagged,
    /// With pinned evidence.
    Pinned,
    /// The queue as it is shown.
    Queue,
    /// The current one.
    Current,
}

impl Which {
    /// All, with their message ids.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Decided, "report-decided"),
        (Self::Flagged, "report-flagged"),
        (Self::Pinned, "report-pinned"),
        (Self::Queue, "report-queue"),
        (Self::Current, "report-current"),
    ];
}

/// What a choice of parcels was made of: kind, entries of the journal, rows of the queue, current parcel.
type Chosen = (Which, u64, usize, Option<ParcelIx>);

/// State of the workspace.
#[derive(Default)]
pub struct ReportState {
    /// Which parcels.
    pub which: Which,
    /// What of them.
    pub options: PackOptions,
    /// Folder of the pack as it is typed; empty proposes one.
    pub target: String,
    /// Textures of the pages that are shown.
    pages: page::Shown,
    /// Parcels of the choice, and what they were made of.
    kept: Option<(Chosen, Arc<Vec<ParcelIx>>)>,
}

impl ReportState {
    /// Parcels of the choice, in the order of the queue or of the table.
    pub fn parcels(&mut self, cx: &Cx<'_>) -> Arc<Vec<ParcelIx>> {
        let project = cx.project;
        let (Some(data), review) = (project.data(), project.review()) else { return Arc::default() };
        let rows = project.queue().rows();
        let current = project.selection().parcel.filter(|_| self.which == Which::Current);
        let key = (self.which, review.revision(), if self.which == Which::Queue { rows.as_ptr() as usize } else { 0 }, current);
        if let Some((own, parcels)) = &self.kept
            && *own == key
        {
            return Arc::clone(parcels);
        }
        let of_review = |wanted: &dyn Fn(&crate::model::review::ParcelReview) -> bool| {
            let own = review.review().parcels().filter(|(_, own)| wanted(own));
            let mut found: Vec<ParcelIx> = own.filter_map(|(id, _)| data.parcels.find(id)).collect();
            found.sort_unstable();
            found
        };
        let found = match self.which {
            Which::Decided => of_review(&|own| own.latest.is_some() || own.resolved.is_some()),
            Which::Flagged => of_review(&|own| own.flag.is_some()),
            Which::Pinned => of_review(&|own| !own.pins.is_empty() || !own.photos.is_empty()),
            Which::Queue => rows.to_vec(),
            Which::Current => project.selection().parcel.into_iter().collect(),
        };
        let found = Arc::new(found);
        self.kept = Some((key, Arc::clone(&found)));
        found
    }
}

/// Draws the list of parcels; returns the response of its header.
pub fn list_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReportState, out: &mut Out) -> Response {
    let parcels = state.parcels(cx);
    let subtitle = cx.texts.number(parcels.len() as f64, 0);
    widgets::pane_ui(
        ui,
        cx,
        &cx.t("report-list"),
        &subtitle,
        |_| {},
        |ui| {
            let Fetch::Ready(data) = cx.project.dataset() else {
                return widgets::pending_ui(ui, cx.tokens, &cx.t("queue-loading"));
            };
            widgets::padded_ui(ui, |ui| which_ui(ui, cx, state));
            if parcels.is_empty() {
                widgets::empty_ui(ui, cx.tokens, &cx.t("report-none"), &cx.t("report-none-hint"), None);
                return;
            }
            let current = cx.project.selection().parcel;
            ui.spacing_mut().item_spacing.y = 0.0;
            egui::ScrollArea::vertical().auto_shrink(false).show_rows(ui, 40.0, parcels.len(), |ui, rows| {
                for &parcel in &parcels[rows.start.min(parcels.len())..rows.end.min(parcels.len())] {
                    if row_ui(ui, cx, &data, parcel, current == Some(parcel)).clicked() {
                        out.push(Command::SelectParcel(parcel));
                    }
                }
            });
        },
    )
}

fn which_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReportState) {
    let shown = Which::ALL.iter().find(|own| own.0 == state.which).map(|own| cx.t(own.1)).unwrap_or_default();
    let name = cx.t("report-which");
    let response = egui::ComboBox::from_id_salt("report-which")
        .width(ui.available_width() - 8.0)
        .selected_text(&*shown)
        .show_ui(ui, |ui| {
            for (which, id) in Which::ALL {
                ui.selectable_value(&mut state.which, which, &*cx.t(id));
            }
        })
        .response;
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.as_ref()));
}

fn row_ui(ui: &mut Ui, cx: &Cx<'_>, data: &crate::project::Dataset, parcel: ParcelIx, current: bool) -> Response {
    let id = data.parcels.id(parcel);
    let crop = data.parcels.crop(parcel).unwrap_or_default();
    let shown = counts::of_row(cx, parcel);
    let own = cx.project.review().of(id);
    let pins = own.map_or(0, |own| own.pins.len() + own.photos.len());
    let word = shown.as_ref().map_or_else(|| cx.t("review-state-open"), |own| Arc::clone(&own.2));
    let name = format!("{id}, {crop}, {word}, {}", cx.tw("report-pins", &[("n", pins.into())]));
    widgets::row_ui(ui, cx.tokens, &name, 40.0, current, |ui| {
        let sign = shown.as_ref().map_or(signs::Sign::Open, |own| own.0);
        let (rect, _) = ui.allocate_exact_size(egui::vec2(18.0, 16.0), egui::Sense::hover());
        signs::paint(ui.painter(), cx.tokens, rect.center(), 14.0, sign);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            ui.add_space(3.0);
            ui.label(if current { widgets::strong(id) } else { egui::RichText::new(id) });
            ui.add(egui::Label::new(widgets::secondary(cx.tokens, crop)).truncate());
        });
        if pins > 0 {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.label(widgets::figure(cx.texts.number(pins as f64, 0)));
                ui.label(egui::RichText::new(icons::PIN).text_style(text::icon()).color(cx.tokens.tx2));
            });
        }
    })
}
