//! Named queues: those that were made, and making one.

use std::path::PathBuf;

use egui::{ComboBox, DragValue, Ui};

use super::{Around, field_ui, line_name_ui};
use crate::model::review::{KeptQueue, QueueOrder};
use crate::project::review::{QueueDemand, QueueSource, ReviewCommand, column_values};
use crate::project::{Command, Project};
use crate::ui::app::Wish;
use crate::ui::cx::Look;
use crate::ui::icons;
use crate::ui::widgets::{self, Button};

/// So many values of a column are offered.
const VALUES: usize = 60;

/// Width of names of lines.
const NAMES: f32 = 130.0;

/// Where the parcels come from, as it is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Shown,
    Filter,
    File,
    Column,
    Flagged,
    Deferred,
    Disputed,
}

impl From {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Shown, "review-queue-shown"),
        (Self::Filter, "review-queue-filter"),
        (Self::File, "review-queue-file"),
        (Self::Column, "review-queue-column"),
        (Self::Flagged, "review-queue-flagged"),
        (Self::Deferred, "review-queue-deferred"),
        (Self::Disputed, "review-queue-disputed"),
    ];
}

/// A queue that is being described.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueMaker {
    name: String,
    from: From,
    filter: String,
    path: String,
    column: String,
    /// Values of the column with their counts, and whether each is wanted.
    values: Vec<(String, usize, bool)>,
    order: usize,
    seed: u64,
    sample: Option<usize>,
    group: String,
}

impl QueueMaker {
    /// Nothing chosen yet, with a name that is free; the seed comes from the clock and is shown.
    pub fn of(project: &Project, texts: &crate::text::Texts) -> Self {
        let named = |n: usize| texts.with("review-queue-default", &[("n", n.into())]);
        let taken = |name: &String| project.review().queues().iter().any(|own| own.name == *name);
        let free = (1..1000).map(named).find(|name| !taken(name)).unwrap_or_default();
        Self {
            name: free,
            from: From::Shown,
            filter: project.queue().filter.clone(),
            path: String::new(),
            column: String::new(),
            values: Vec::new(),
            order: 0,
            seed: jiff::Timestamp::now().as_second() as u64 % 1_000_000,
            sample: None,
            group: String::new(),
        }
    }

    fn order(&self) -> QueueOrder {
        match self.order {
            1 => QueueOrder::Margin,
            2 => QueueOrder::Spatial,
            3 => QueueOrder::Random { seed: self.seed },
            _ => QueueOrder::Given,
        }
    }

    fn demand(&self) -> QueueDemand {
        let wanted = || self.values.iter().filter(|own| own.2).map(|own| own.0.clone()).collect();
        QueueDemand {
            name: self.name.trim().to_owned(),
            source: match self.from {
                From::Shown => QueueSource::Shown,
                From::Filter => QueueSource::Filter(self.filter.clone()),
                From::File => QueueSource::File(PathBuf::from(self.path.trim())),
                From::Column => QueueSource::Column { column: self.column.clone(), values: wanted() },
                From::Flagged => QueueSource::Flagged,
                From::Deferred => QueueSource::Deferred,
                From::Disputed => QueueSource::Disputed,
            },
            order: self.order(),
            sample: self.sample,
            group: (!self.group.is_empty()).then(|| self.group.clone()),
        }
    }

    fn usable(&self) -> bool {
        let told = match self.from {
            From::Filter => !self.filter.trim().is_empty(),
            From::File => !self.path.trim().is_empty(),
            From::Column => self.values.iter().any(|own| own.2),
            _ => true,
        };
        told && !self.name.trim().is_empty()
    }
}

/// Draws the dialog.
pub(super) fn queues_ui(ui: &mut Ui, around: &Around<'_>, state: &mut QueueMaker, wishes: &mut Vec<Wish>) {
    let (look, Some(project)) = (&around.look, around.project) else { return };
    kept_ui(ui, look, project, wishes);
    ui.separator();
    widgets::section_ui(ui, &look.t("review-queue-new"));
    line(ui, look, "review-queue-source", |ui| source_ui(ui, look, project, state));
    match state.from {
        From::Filter => line(ui, look, "review-queue-filter", |ui| {
            field_ui(ui, &look.t("review-queue-filter"), &mut state.filter, 420.0);
        }),
        From::File => line(ui, look, "review-queue-path", |ui| {
            field_ui(ui, &look.t("review-queue-path"), &mut state.path, 420.0);
        }),
        From::Column => column_ui(ui, look, project, state),
        _ => {}
    }
    line(ui, look, "review-queue-order", |ui| {
        let ids = ["review-queue-given", "review-queue-margin", "review-queue-spatial", "review-queue-random"];
        let names = ids.map(|id| look.t(id));
        let options: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "")).collect();
        if let Some(chosen) = widgets::segmented_ui(ui, &options, Some(state.order)) {
            state.order = chosen;
        }
        if state.order == 3 || state.sample.is_some() {
            ui.label(&*look.t("review-queue-seed"));
            ui.add(DragValue::new(&mut state.seed).speed(1.0));
        }
    });
    sample_ui(ui, look, project, state);
    line(ui, look, "review-queue-name", |ui| {
        field_ui(ui, &look.t("review-queue-name"), &mut state.name, 300.0);
        let make = ui.add_enabled(state.usable(), Button::new(&look.t("review-queue-make")).primary());
        if make.clicked() {
            wishes.push(Wish::Command(Command::Review(ReviewCommand::MakeQueue(Box::new(state.demand())))));
            wishes.push(Wish::Close);
        }
    });
}

fn line(ui: &mut Ui, look: &Look<'_>, id: &str, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        line_name_ui(ui, &look.t(id), NAMES);
        content(ui);
    });
}

/// Queues that were made.
fn kept_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, wishes: &mut Vec<Wish>) {
    let queues = project.review().queues();
    if queues.is_empty() {
        ui.label(widgets::secondary(look.tokens, &*look.t("review-queue-none")));
        return;
    }
    let current = project.queue().list.as_ref().map(|list| list.name.as_str());
    egui::ScrollArea::vertical().max_height(200.0).auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for queue in queues {
            ui.horizontal(|ui| {
                let told = kept_text(look, queue);
                let name = format!("{}, {told}", queue.name);
                let width = ui.available_width() - 32.0;
                ui.allocate_ui(egui::vec2(width, 40.0), |ui| {
                    let row = widgets::row_ui(ui, look.tokens, &name, 40.0, current == Some(queue.name.as_str()), |ui| {
                        ui.vertical(|ui| {
                            ui.spacing_mut().item_spacing.y = 1.0;
                            ui.add_space(3.0);
                            ui.label(widgets::strong(queue.name.as_str()));
                            ui.add(egui::Label::new(widgets::secondary(look.tokens, &told)).truncate());
                        });
                    });
                    if row.clicked() {
                        wishes.push(Wish::Command(Command::Review(ReviewCommand::OpenQueue(queue.name.clone()))));
                        wishes.push(Wish::Close);
                    }
                });
                let forget = look.tw("review-queue-forget", &[("name", queue.name.as_str().into())]);
                if ui.add(Button::icon_only(icons::TRASH, &forget)).clicked() {
                    wishes.push(Wish::Command(Command::Review(ReviewCommand::ForgetQueue(queue.name.clone()))));
                }
            });
        }
    });
}

fn kept_text(look: &Look<'_>, queue: &KeptQueue) -> String {
    let line = look.tw("review-queue-line", &[("n", queue.parcels.len().into()), ("source", queue.source.as_str().into())]);
    match queue.order {
        QueueOrder::Random { seed } => {
            look.tw("review-queue-line-seed", &[("line", line.into()), ("seed", seed.to_string().into())])
        }
        _ => line,
    }
}

fn source_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, state: &mut QueueMaker) {
    let name = |from: From, id: &str| match from {
        From::Shown => look.tw(id, &[("n", project.queue().rows().len().into())]),
        _ => look.t(id).to_string(),
    };
    let shown = From::ALL.iter().find(|own| own.0 == state.from).map(|own| name(own.0, own.1)).unwrap_or_default();
    ComboBox::from_id_salt("review-queue-source").width(240.0).selected_text(shown).show_ui(ui, |ui| {
        for (from, id) in From::ALL {
            ui.selectable_value(&mut state.from, from, name(from, id));
        }
    });
}

/// A column, and which of its values are wanted.
fn column_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, state: &mut QueueMaker) {
    let Some(data) = project.data() else { return };
    line(ui, look, "review-queue-column", |ui| {
        if let Some(chosen) = choose_column(ui, look, project, "review-queue-column", &state.column) {
            let found = column_values(&data.parcels, &chosen, VALUES);
            // Of a traffic light everything but green is wanted.
            let wanted = |value: &str| matches!(value.to_lowercase().as_str(), "yellow" | "red" | "amber" | "y" | "r" | "orange");
            state.values = found
                .into_iter()
                .map(|(value, count)| (wanted(&value), value, count))
                .map(|(on, value, count)| (value, count, on))
                .collect();
            state.column = chosen;
        }
    });
    egui::ScrollArea::vertical().max_height(160.0).auto_shrink([false, true]).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            for (value, count, on) in &mut state.values {
                let word = if value.is_empty() { look.t("review-queue-empty-value").to_string() } else { value.clone() };
                ui.checkbox(on, format!("{word} ({})", look.texts.number(*count as f64, 0)));
            }
        });
    });
}

/// A list of the columns; the one that was chosen now.
fn choose_column(ui: &mut Ui, look: &Look<'_>, project: &Project, id: &str, current: &str) -> Option<String> {
    let data = project.data()?;
    let mut chosen = None;
    let shown = if current.is_empty() { look.t("review-queue-choose-column").to_string() } else { current.to_owned() };
    ComboBox::from_id_salt(id).width(240.0).selected_text(shown).show_ui(ui, |ui| {
        let names = std::iter::once("crop").chain(data.parcels.columns().iter().map(|column| column.name.as_str()));
        for name in names {
            if ui.selectable_label(current == name, name).clicked() {
                chosen = Some(name.to_owned());
            }
        }
    });
    chosen
}

/// At most so many, of each group.
fn sample_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, state: &mut QueueMaker) {
    line(ui, look, "review-queue-sample", |ui| {
        let mut on = state.sample.is_some();
        let all = look.t("review-queue-all");
        let mut every = !on;
        ui.checkbox(&mut every, &*all);
        on = !every;
        if !on {
            state.sample = None;
            return;
        }
        let mut count = state.sample.unwrap_or(20);
        ui.add(DragValue::new(&mut count).range(1..=1_000_000).speed(0.2));
        state.sample = Some(count);
        ui.label(&*look.t("review-queue-each"));
        if let Some(chosen) = choose_column(ui, look, project, "review-queue-group", &state.group) {
            state.group = chosen;
        }
    });
}
