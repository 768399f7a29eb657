//! Dialogs about rulesets: choosing one, differences as text, crops with a number of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use egui::{RichText, Ui};

use super::{Around, field_ui, line_name_ui};
use crate::model::ruleset::{Form, Parameter, Stage};
use crate::project::tuning::{Difference, Tuning};
use crate::project::{Command, Project};
use crate::ui::app::{Purpose, Wish};
use crate::ui::icons;
use crate::ui::theme::text;
use crate::ui::tune::model::{humanised, read, written};
use crate::ui::tune::with_group;
use crate::ui::widgets::{self, Button};

/// What a ruleset is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// To be the project's.
    Use,
    /// To be compared with.
    Compare,
}

impl Choice {
    /// Message id of the dialog's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Use => "tune-choose-title",
            Self::Compare => "tune-baseline-title",
        }
    }
}

/// Shipped rulesets, and a file.
pub(super) fn choose_ui(ui: &mut Ui, around: &Around<'_>, choice: Choice, wishes: &mut Vec<Wish>) {
    let look = &around.look;
    let Some(project) = around.project else { return };
    let tuning = project.tuning();
    if choice == Choice::Use && tuning.baseline() != tuning.draft() {
        ui.label(RichText::new(&*look.t("tune-choose-loses")).color(look.tokens.yellow));
    }
    ui.label(widgets::secondary(
        look.tokens,
        &*look.t(if choice == Choice::Use { "tune-choose-hint" } else { "tune-baseline-hint" }),
    ));
    ui.add_space(6.0);
    // Read once for as long as the dialog is open.
    let id = egui::Id::unique("tune-shipped");
    let shipped = ui.data(|data| data.get_temp::<Arc<Vec<(String, String)>>>(id)).unwrap_or_else(|| Arc::new(Tuning::shipped()));
    ui.data_mut(|data| data.insert_temp(id, Arc::clone(&shipped)));
    let current =
        if choice == Choice::Use { project.file().ruleset.as_deref().unwrap_or_default() } else { tuning.baseline_name() };
    let mut chosen = None;
    egui::ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let own = project.file().ruleset.clone().filter(|own| choice == Choice::Compare && !own.starts_with("shipped:"));
        let own = own.map(|own| (own, look.t("tune-own-file").to_string()));
        for (name, title) in own.iter().chain(shipped.iter()) {
            let told = format!("{title}, {name}");
            let response = widgets::row_ui(ui, look.tokens, &told, 30.0, current == name, |ui| {
                ui.label(widgets::strong(title.as_str()));
                ui.label(widgets::secondary(look.tokens, name.as_str()));
            });
            if response.clicked() {
                chosen = Some(name.clone());
            }
        }
        if shipped.is_empty() {
            ui.label(widgets::secondary(look.tokens, &*look.t("tune-no-shipped")));
        }
    });
    ui.add_space(8.0);
    if ui.add(Button::new(&look.t("tune-from-file")).icon(icons::FOLDER_OPEN)).clicked() {
        wishes.push(Wish::Ask(if choice == Choice::Use { Purpose::Ruleset } else { Purpose::Baseline }));
    }
    if let Some(name) = chosen {
        let command = if choice == Choice::Use { Command::SetRuleset(Some(name)) } else { Command::CompareRuleset(name) };
        wishes.push(Wish::Command(command));
        wishes.push(Wish::Close);
    }
}

/// Field, before, after; to be copied.
pub(super) fn differences_ui(ui: &mut Ui, around: &Around<'_>, differences: &[Difference], wishes: &mut Vec<Wish>) {
    let look = &around.look;
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
    ui.horizontal(|ui| {
        ui.label(look.tw("tune-differences", &[("n", differences.len().into())]));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let copy = ui.add_enabled(!differences.is_empty(), Button::new(&look.t("copy")).icon(icons::COPY));
            if copy.clicked() {
                let lines = differences.iter().map(|own| format!("{}\t{}\t{}", own.field, side(&own.before), side(&own.after)));
                wishes.push(Wish::Copy(lines.collect::<Vec<_>>().join("\n")));
            }
        });
    });
    ui.separator();
    egui::ScrollArea::vertical().max_height(480.0).auto_shrink([false, true]).show(ui, |ui| {
        if differences.is_empty() {
            ui.label(widgets::secondary(look.tokens, &*look.t("tune-no-differences")));
            return;
        }
        let width = (ui.available_width() - 32.0) / 3.0;
        egui::Grid::new("tune-differences").num_columns(3).striped(true).spacing([16.0, 6.0]).max_col_width(width).show(
            ui,
            |ui| {
                for id in ["tune-diff-field", "tune-diff-before", "tune-diff-after"] {
                    ui.label(widgets::secondary(look.tokens, &*look.t(id)));
                }
                ui.end_row();
                for own in differences {
                    for value in [own.field.clone(), side(&own.before), side(&own.after)] {
                        ui.add(egui::Label::new(RichText::new(value).text_style(text::numeric())).wrap().selectable(true));
                    }
                    ui.end_row();
                }
            },
        );
    });
}

/// A group of crops with a number of its own, as it is being made.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    name: String,
    filter: String,
    chosen: BTreeSet<String>,
    number: usize,
    value: String,
    /// Numbers of the base.
    numbers: Vec<Parameter>,
    /// Crops of the project with their parcels.
    crops: Vec<(String, usize)>,
    fault: Option<String>,
}

impl Override {
    /// With the crops and numbers of a project; `None` where its rules have no numbers.
    pub fn of(project: &Project) -> Option<Self> {
        let numbers: Vec<Parameter> = project
            .tuning()
            .parameters()
            .into_iter()
            .filter(|own| own.stage == Stage::Rules && own.owner.is_empty() && own.path.contains(".numbers."))
            .collect();
        let parcels = &project.data()?.parcels;
        let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
        for crop in parcels.iter().filter_map(|parcel| parcels.crop_words(parcel).into_iter().flatten().next()) {
            *counted.entry(crop).or_default() += 1;
        }
        let crops = counted.into_iter().map(|(crop, count)| (crop.to_owned(), count)).collect();
        let first = numbers.first()?;
        let value = written(first.form, first.step, first.value);
        Some(Self {
            name: String::new(),
            filter: String::new(),
            chosen: BTreeSet::new(),
            number: 0,
            value,
            numbers,
            crops,
            fault: None,
        })
    }
}

pub(super) fn override_ui(ui: &mut Ui, around: &Around<'_>, state: &mut Override, wishes: &mut Vec<Wish>) {
    const NAMES: f32 = 130.0;
    let look = &around.look;
    ui.label(widgets::secondary(look.tokens, &*look.t("tune-override-hint")));
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        line_name_ui(ui, &look.t("tune-override-name"), NAMES);
        field_ui(ui, &look.t("tune-override-name"), &mut state.name, 260.0);
    });
    ui.horizontal(|ui| {
        line_name_ui(ui, &look.t("tune-override-number"), NAMES);
        let shown = state.numbers.get(state.number).map_or_else(String::new, |own| humanised(&own.field));
        egui::ComboBox::from_id_salt("tune-override-number").width(170.0).selected_text(shown).show_ui(ui, |ui| {
            for (at, own) in state.numbers.iter().enumerate() {
                if ui.selectable_label(at == state.number, humanised(&own.field)).clicked() {
                    state.number = at;
                    state.value = written(own.form, own.step, own.value);
                }
            }
        });
        field_ui(ui, &look.t("tune-override-value"), &mut state.value, 80.0);
    });
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        line_name_ui(ui, &look.tw("tune-override-crops", &[("n", state.chosen.len().into())]), NAMES);
        field_ui(ui, &look.t("tune-override-filter"), &mut state.filter, 260.0);
    });
    let wanted = state.filter.to_lowercase();
    let listed: Vec<&(String, usize)> = state.crops.iter().filter(|(crop, _)| crop.to_lowercase().contains(&wanted)).collect();
    egui::ScrollArea::vertical().max_height(240.0).auto_shrink([false, true]).show_rows(ui, 22.0, listed.len(), |ui, rows| {
        for (crop, count) in &listed[rows.start.min(listed.len())..rows.end.min(listed.len())] {
            let mut on = state.chosen.contains(crop);
            let label = look.tw("tune-override-crop", &[("crop", crop.as_str().into()), ("n", (*count).into())]);
            if ui.checkbox(&mut on, label).changed() {
                if on {
                    state.chosen.insert(crop.clone());
                } else {
                    state.chosen.remove(crop);
                }
            }
        }
    });
    if let Some(fault) = &state.fault {
        ui.colored_label(look.tokens.red, fault);
    }
    let number = state.numbers.get(state.number);
    let value = read(number.map_or(Form::Decimal, |own| own.form), &state.value);
    let name = state.name.trim().replace(' ', "_").to_lowercase();
    let usable = !name.is_empty() && !state.chosen.is_empty() && value.is_some();
    if ui.add_enabled(usable, Button::new(&look.t("tune-override-add")).primary()).clicked()
        && let (Some(number), Some(value), Some(project)) = (number, value, around.project)
        && let Some(draft) = project.tuning().draft()
    {
        let crops: Vec<String> = state.chosen.iter().cloned().collect();
        let changed = with_group(draft, &name, &crops, (&number.field, value));
        match project.check_ruleset(&changed) {
            Ok(()) => {
                let label = look.tw("tune-override-step", &[("name", state.name.trim().into())]);
                wishes.push(Wish::Command(Command::ReplaceRuleset(Box::new(changed), label)));
                wishes.push(Wish::Close);
            }
            Err(fault) => state.fault = Some(fault.to_string()),
        }
    }
}
