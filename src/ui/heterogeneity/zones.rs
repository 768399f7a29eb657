//! Proposed zones and abnormal decline: switches, areas, saving.

use std::sync::Arc;

use egui::{Grid, Ui, vec2};

use super::overlay::View;
use crate::model::units::utc_day;
use crate::model::zones::{NoDecline, NoZones};
use crate::project::queries::zones::{Declined, Proposal};
use crate::project::{Fetch, Project};
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::widgets::{self, Button};

/// What is wanted and what is there.
#[derive(Default)]
pub struct Zones {
    /// Proposed zones are shown.
    pub shown: bool,
    /// Decline since the reference date is shown.
    pub decline: bool,
    /// The proposal of the current parcel.
    pub proposal: Option<Arc<Proposal>>,
    /// What declined.
    pub declined: Option<Arc<Declined>>,
    pending: bool,
}

impl Zones {
    /// Asks for what is wanted of a parcel.
    pub fn update(&mut self, project: &Project, view: &View, selected: Option<usize>) {
        self.proposal = None;
        self.declined = None;
        self.pending = false;
        if self.shown {
            let decided = view.judged.decision.period.map(|period| (usize::from(period) - 1, 3));
            let (first, periods) = decided.unwrap_or((selected.unwrap_or(0), 1));
            match project.heterogeneity_zones(view.parcel, first, periods) {
                Fetch::Ready(proposal) => self.proposal = Some(proposal),
                Fetch::Pending => self.pending = true,
                Fetch::Failed(_) => {}
            }
        }
        if let Some((earlier, later)) = days(project).filter(|_| self.decline) {
            match project.heterogeneity_decline(view.parcel, earlier, later) {
                Fetch::Ready(declined) => self.declined = Some(declined),
                Fetch::Pending => self.pending = true,
                Fetch::Failed(_) => {}
            }
        }
    }
}

/// Reference and current date, the earlier first.
fn days(project: &Project) -> Option<(jiff::civil::Date, jiff::civil::Date)> {
    let data = project.data()?;
    let day = |acquisition| utc_day(data.catalog.get(acquisition).acquired);
    let (reference, current) = (day(project.selection().reference?), day(project.selection().acquisition?));
    (reference != current).then_some((reference.min(current), reference.max(current)))
}

/// Draws both parts side by side.
pub fn zones_ui(ui: &mut Ui, cx: &Cx<'_>, zones: &mut Zones, out: &mut Out) {
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width((ui.available_width() * 0.55).min(420.0));
            proposal_ui(ui, cx, zones, out);
        });
        ui.add_space(12.0);
        ui.vertical(|ui| decline_ui(ui, cx, zones));
    });
}

fn proposal_ui(ui: &mut Ui, cx: &Cx<'_>, zones: &mut Zones, out: &mut Out) {
    ui.horizontal(|ui| {
        let tip = cx.t("hetero-zones-tip");
        if ui.add(Button::new(&cx.t("hetero-zones")).on(zones.shown).tip(&tip)).clicked() {
            zones.shown = !zones.shown;
        }
        let there = zones.proposal.as_ref().is_some_and(|own| own.zones.is_ok());
        if there && ui.add(Button::new(&cx.t("hetero-save-zones"))).clicked() {
            out.act(Action::SaveZones);
        }
    });
    if !zones.shown {
        return;
    }
    let Some(proposal) = &zones.proposal else {
        ui.label(widgets::secondary(cx.tokens, cx.t("hetero-counting").to_string()));
        return;
    };
    match &proposal.zones {
        Err(why) => {
            let id = match why {
                NoZones::NoOutline => "hetero-absent-outline",
                NoZones::NoPixels => "hetero-no-pixels",
                NoZones::OneZone => "hetero-one-zone",
            };
            ui.label(cx.t(id).as_ref());
        }
        Ok(found) => {
            Grid::new("zones").num_columns(4).spacing(vec2(14.0, 2.0)).show(ui, |ui| {
                for id in ["hetero-zone", "hetero-area", "hetero-share"] {
                    ui.label(widgets::secondary(cx.tokens, cx.t(id).to_string()));
                }
                ui.label(widgets::secondary(cx.tokens, "NDVI"));
                ui.end_row();
                for (zone, mean) in found.iter().zip(&proposal.means) {
                    ui.label(widgets::figure(zone.number.to_string()));
                    ui.label(widgets::figure(cx.tw("hetero-ha", &[("n", cx.texts.number(zone.area_m2 / 1e4, 2).into())])));
                    ui.label(widgets::figure(cx.texts.percent(zone.share)));
                    ui.label(widgets::figure(cx.texts.number(*mean, 2)));
                    ui.end_row();
                }
            });
            ui.label(widgets::secondary(cx.tokens, cx.t("hetero-proposal").to_string()));
        }
    }
}

fn decline_ui(ui: &mut Ui, cx: &Cx<'_>, zones: &mut Zones) {
    let tip = cx.t("hetero-decline-tip");
    if ui.add(Button::new(&cx.t("hetero-decline")).on(zones.decline).tip(&tip)).clicked() {
        zones.decline = !zones.decline;
    }
    if !zones.decline {
        return;
    }
    let Some((earlier, later)) = days(cx.project) else {
        ui.label(widgets::secondary(cx.tokens, cx.tw("hetero-need-reference", &[("key", cx.key(Action::SetReference).into())])));
        return;
    };
    let dates = cx.tw("hetero-between", &[("from", cx.texts.date(earlier).into()), ("to", cx.texts.date(later).into())]);
    ui.label(widgets::secondary(cx.tokens, dates));
    let Some(declined) = &zones.declined else { return };
    let line = match &declined.decline {
        Ok(own) if own.area_m2 > 0.0 => cx.tw(
            "hetero-declined",
            &[
                ("area", cx.texts.number(own.area_m2 / 1e4, 2).into()),
                ("percent", cx.texts.percent(own.percent / 100.0).into()),
                ("change", cx.texts.number(own.mean_change, 2).into()),
            ],
        ),
        Ok(_) => cx.t("hetero-not-declined").to_string(),
        Err(NoDecline::NoOutline) => cx.t("hetero-absent-outline").to_string(),
        Err(NoDecline::NoPixels) => cx.t("hetero-decline-pixels").to_string(),
        Err(NoDecline::NoPeers) => cx.t("hetero-decline-peers").to_string(),
    };
    ui.label(widgets::strong(line));
    let id = if declined.same_crop { "hetero-peers-crop" } else { "hetero-peers-all" };
    ui.label(widgets::secondary(cx.tokens, cx.tw(id, &[("n", declined.peers.into())])));
}
