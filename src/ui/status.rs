//! Status bar: what the pointer shows at the left; coordinate system, prefetch, work under way and the key sheet at the right.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use egui::{Align, Layout, Ui};

use super::actions::Action;
use super::app::Wish;
use super::cx::Look;
use super::theme::size;
use super::widgets::{self, Button};
use crate::model::units;
use crate::project::open::JobStatus;
use crate::project::{Fetch, Project};

/// Work is shown when it takes longer.
const SHOWN_AFTER: Duration = Duration::from_millis(300);

/// When each kind of work began.
#[derive(Debug, Default)]
pub struct StatusState {
    since: BTreeMap<&'static str, Instant>,
}

/// Draws the bar. `readout` is what the panes say about the pointer in this frame.
pub fn status_ui(
    ui: &mut Ui,
    look: &Look<'_>,
    project: Option<&Project>,
    state: &mut StatusState,
    readout: Option<&str>,
    wishes: &mut Vec<Wish>,
) {
    let frame = egui::Frame::NONE.fill(look.tokens.bg1).inner_margin(egui::Margin::symmetric(10, 0));
    egui::Panel::bottom("status-bar").exact_size(size::STATUS).frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = look.t("keys");
            if ui.add(Button::new(&name).key(&look.key(Action::Shortcuts)).plain()).clicked() {
                wishes.push(Wish::Act(Action::Shortcuts));
            }
            if let Some(project) = project {
                project_ui(ui, look, project, state);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.set_clip_rect(ui.max_rect().intersect(ui.clip_rect()));
                let line = match (readout, project) {
                    (Some(readout), _) => widgets::figure(readout),
                    (None, Some(project)) => current_line(look, project),
                    (None, None) => look.t("status-offline").to_string().into(),
                };
                ui.add(egui::Label::new(line).truncate());
            });
        });
    });
}

/// Date and satellite of the current acquisition.
fn current_line(look: &Look<'_>, project: &Project) -> egui::RichText {
    let data = match project.dataset() {
        Fetch::Ready(data) => data,
        Fetch::Pending => return look.t("status-loading").to_string().into(),
        Fetch::Failed(_) => return "".into(),
    };
    let Some(current) = project.selection().acquisition else { return "".into() };
    let acquisition = data.catalog.get(current);
    let mut line = format!("{}  {}", acquisition.acquired.strftime("%Y-%m-%d %H:%M UTC"), acquisition.platform);
    if let Some(orbit) = acquisition.relative_orbit {
        line = format!("{line} R{orbit:03}");
    }
    if acquisition.synthetic() {
        line.push_str("  ");
        line.push_str(&look.t("synthetic"));
    }
    widgets::figure(line)
}

fn project_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, state: &mut StatusState) {
    let jobs = project.jobs();
    state.since.retain(|name, _| jobs.iter().any(|job| job.name == *name));
    for job in &jobs {
        state.since.entry(job.name).or_insert_with(Instant::now);
    }
    for job in jobs.iter().filter(|job| state.since.get(job.name).is_some_and(|since| since.elapsed() >= SHOWN_AFTER)) {
        job_ui(ui, look, job);
    }
    if !jobs.is_empty() {
        ui.ctx().request_repaint_after(SHOWN_AFTER);
    }
    super::remote::status_ui(ui, look, project);
    let (ready, of) = project.prefetched();
    if of > 0 {
        ui.label(widgets::secondary(look.tokens, look.tw("prefetch", &[("ready", ready.into()), ("of", of.into())])));
        ui.add_space(6.0);
    }
    if let Some(data) = project.data() {
        ui.label(widgets::figure(crs_name(data.parcels.crs())).color(look.tokens.tx2));
        ui.add_space(6.0);
    }
}

/// `EPSG:32631`, or the name inside well-known text.
pub fn crs_name(crs: &crate::model::Crs) -> String {
    match crs {
        crate::model::Crs::Epsg(code) => format!("EPSG:{code}"),
        crate::model::Crs::Wkt(text) => text.split('"').nth(1).unwrap_or("CRS").to_owned(),
    }
}

fn job_ui(ui: &mut Ui, look: &Look<'_>, job: &JobStatus) {
    // Answers to what is on screen are withdrawn by looking elsewhere; there is nothing to cancel by hand.
    if job.name != "job-read" && ui.add(Button::new(&look.t("cancel")).plain()).clicked() {
        job.watch.cancel();
    }
    if let Some(seconds) = job.seconds_left {
        ui.label(widgets::secondary(look.tokens, look.tw("seconds-left", &[("seconds", seconds.ceil().into())])));
    }
    let share = (job.total > 0).then(|| job.done as f32 / job.total as f32);
    if let Some(share) = share {
        ui.label(widgets::figure(look.texts.percent(f64::from(share))));
    }
    let name = look.t(job.name);
    widgets::progress_ui(ui, look.tokens, &name, share, 80.0);
    ui.label(&*name);
    ui.add_space(6.0);
}

/// `2019-04-16` of a time, for titles of pictures.
pub fn iso_day(time: jiff::Timestamp) -> String {
    units::utc_day(time).to_string()
}
