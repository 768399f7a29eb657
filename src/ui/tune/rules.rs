//! Texts of the rules of a group, edited in place, and crops with numbers of their own.

use egui::{Key, Modifiers, RichText, TextEdit, Ui};

use crate::model::Ruleset;
use crate::model::rules::{GroupText, RulesText};
use crate::model::ruleset::{Fault, Key as Way};
use crate::project::{Command, Project};
use crate::ui::cx::{Cx, Out};
use crate::ui::icons;
use crate::ui::theme::text;
use crate::ui::verdict;
use crate::ui::widgets::{self, Button};

use super::TuneState;
use super::model::humanised;

/// A rule's text as it is being written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RuleEdit {
    text: String,
    fault: Option<String>,
}

/// The texts of a rule, in the order in which they are tested.
const FIELDS: [&str; 2] = ["red", "green"];

fn field_of<'a>(group: &'a GroupText, field: &str) -> Option<&'a String> {
    if field == "red" { group.red.as_ref() } else { group.green.as_ref() }
}

fn group_of<'a>(rules: &'a RulesText, group: &str) -> Option<&'a GroupText> {
    if group.is_empty() { Some(&rules.base) } else { rules.groups.get(group) }
}

/// The ruleset with another text of a rule; an empty text takes it away.
pub(super) fn with_text(ruleset: &Ruleset, group: &str, field: &str, text: &str) -> Ruleset {
    let mut changed = ruleset.clone();
    let rules = changed.rules.get_or_insert_default();
    let own = if group.is_empty() { Some(&mut rules.base) } else { rules.groups.get_mut(group) };
    if let Some(own) = own {
        let text = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        *(if field == "red" { &mut own.red } else { &mut own.green }) = text;
    }
    changed
}

/// The ruleset without a group; groups that inherit from it inherit from the base.
pub fn without_group(ruleset: &Ruleset, group: &str) -> Ruleset {
    let mut changed = ruleset.clone();
    if let Some(rules) = &mut changed.rules {
        rules.groups.remove(group);
        for other in rules.groups.values_mut().filter(|other| other.inherits.as_deref() == Some(group)) {
            other.inherits = None;
        }
    }
    changed
}

/// The ruleset with a group of crops that has one number of its own.
pub fn with_group(ruleset: &Ruleset, name: &str, crops: &[String], number: (&str, f64)) -> Ruleset {
    let mut changed = ruleset.clone();
    let rules = changed.rules.get_or_insert_default();
    let group = rules.groups.entry(name.to_owned()).or_default();
    group.crops = crops.to_vec();
    group.numbers.insert(number.0.to_owned(), number.1);
    changed
}

/// A fault in words, with its place in the text.
pub fn fault_text(cx: &Cx<'_>, fault: &Fault) -> String {
    let place = fault.way.iter().find_map(|way| match way {
        Way::Within(line, column) => Some((*line, *column)),
        _ => None,
    });
    match place {
        Some((line, column)) => {
            let args = [("line", line.into()), ("column", column.into()), ("fact", fault.reason.as_str().into())];
            cx.tw("tune-rule-fault", &args)
        }
        None => fault.to_string(),
    }
}

fn checked(cx: &Cx<'_>, project: &Project, changed: &Ruleset) -> Option<String> {
    project.check_ruleset(changed).err().map(|fault| fault_text(cx, &fault))
}

/// Texts of a group's rules, its crops, and how to take it away.
pub(super) fn group_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, group: &str, out: &mut Out) {
    let Some(ruleset) = cx.project.tuning().draft() else { return };
    let Some(own) = ruleset.rules.as_ref().and_then(|rules| group_of(rules, group)) else { return };
    egui::Frame::NONE.inner_margin(egui::Margin { left: 10, right: 8, top: 6, bottom: 6 }).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        if !group.is_empty() {
            crops_ui(ui, cx, ruleset, group, own, out);
        }
        for field in FIELDS {
            let inherited = own_or_base(ruleset, own, field);
            text_ui(ui, cx, state, ruleset, (group, field), &inherited, out);
        }
    });
}

/// A rule's text; for a group that has none the one that it inherits, which is shown but not its own.
fn own_or_base(ruleset: &Ruleset, own: &GroupText, field: &str) -> (String, bool) {
    if let Some(text) = field_of(own, field) {
        return (text.clone(), true);
    }
    let rules = ruleset.rules.as_ref();
    let parent = rules.and_then(|rules| group_of(rules, own.inherits.as_deref().unwrap_or("")));
    (parent.and_then(|parent| field_of(parent, field)).cloned().unwrap_or_default(), false)
}

fn crops_ui(ui: &mut Ui, cx: &Cx<'_>, ruleset: &Ruleset, group: &str, own: &GroupText, out: &mut Out) {
    ui.horizontal(|ui| {
        let list = cx.tw("tune-crops", &[("crops", own.crops.join(", ").into())]);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let name = cx.tw("tune-remove-override", &[("name", humanised(group).into())]);
            if ui.add(Button::icon_only(icons::TRASH, &name)).clicked() {
                let changed = without_group(ruleset, group);
                match checked(cx, cx.project, &changed) {
                    None => out.push(Command::ReplaceRuleset(Box::new(changed), name)),
                    Some(fault) => out.toast = Some(fault),
                }
            }
            let label = egui::Label::new(RichText::new(&list).text_style(egui::TextStyle::Small).color(cx.tokens.tx2)).truncate();
            ui.add_sized([ui.available_width(), 20.0], label).on_hover_text(&list);
        });
    });
}

fn text_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    state: &mut TuneState,
    ruleset: &Ruleset,
    (group, field): (&str, &'static str),
    (written, is_own): &(String, bool),
    out: &mut Out,
) {
    let tokens = cx.tokens;
    let key = (group.to_owned(), field);
    let edit = state.rules.get(&key).cloned();
    let mut typed = edit.as_ref().map_or_else(|| written.clone(), |edit| edit.text.clone());
    let verdict = if field == "red" { crate::engine::rules::Verdict::Red } else { crate::engine::rules::Verdict::Green };
    let word = verdict::word(cx, Some(verdict));
    ui.horizontal(|ui| {
        verdict::sign_ui(ui, tokens, verdict);
        ui.label(RichText::new(cx.tw("tune-rule-when", &[("verdict", word.as_ref().into())])).text_style(egui::TextStyle::Small));
        if !is_own && !group.is_empty() {
            ui.label(widgets::secondary(tokens, cx.t("tune-inherited").to_string()).text_style(egui::TextStyle::Small));
        }
    });
    let owner = if group.is_empty() { cx.t("tune-base").to_string() } else { humanised(group) };
    let name = cx.tw("tune-rule-name", &[("verdict", word.as_ref().into()), ("owner", owner.into())]);
    let rows = 1 + typed.len() / 38;
    let id = egui::Id::unique(("tune-rule", group.to_owned(), field));
    let faulty = edit.as_ref().is_some_and(|edit| edit.fault.is_some());
    let response = ui
        .scope(|ui| {
            let border = if faulty { tokens.red } else { tokens.bds };
            ui.visuals_mut().widgets.inactive.bg_stroke.color = border;
            ui.add(
                TextEdit::multiline(&mut typed)
                    .id(id)
                    .font(text::numeric())
                    .desired_rows(rows.min(6))
                    .margin(egui::Margin::symmetric(6, 4))
                    .text_color(if *is_own { tokens.tx } else { tokens.tx2 })
                    .desired_width(f32::INFINITY),
            )
        })
        .inner;
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.as_str()));
    let changed = with_text(ruleset, group, field, &typed);
    if response.changed() {
        let fault = checked(cx, cx.project, &changed);
        state.rules.insert(key.clone(), RuleEdit { text: typed.clone(), fault });
    }
    let Some(edit) = state.rules.get(&key).cloned() else { return };
    if let Some(fault) = &edit.fault {
        ui.add(egui::Label::new(RichText::new(fault).text_style(egui::TextStyle::Small).color(tokens.red)).wrap());
    }
    let entered = response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let same = edit.text.trim() == written.trim();
    let mut apply = entered;
    ui.horizontal(|ui| {
        apply |= ui.add_enabled(edit.fault.is_none() && !same, Button::new(&cx.t("tune-rule-apply")).primary()).clicked();
        if ui.add(Button::new(&cx.t("tune-rule-discard"))).clicked() {
            state.rules.remove(&key);
        }
    });
    if apply && edit.fault.is_none() && !same {
        state.settle(cx, out);
        out.push(Command::ReplaceRuleset(Box::new(changed), name));
        state.rules.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruleset() -> Ruleset {
        let mut own = Ruleset::default();
        let base = GroupText { green: Some("x < a".to_owned()), ..GroupText::default() };
        own.rules = Some(RulesText { base, ..RulesText::default() });
        own
    }

    #[test]
    fn an_override_is_a_group_with_one_number_and_can_be_taken_away() {
        let with = with_group(&ruleset(), "maize", &["201".to_owned()], ("a", 0.3));
        let rules = with.rules.as_ref().expect("rules");
        assert_eq!(
            (rules.groups["maize"].crops.as_slice(), rules.groups["maize"].numbers["a"]),
            (["201".to_owned()].as_slice(), 0.3)
        );
        assert_eq!(without_group(&with, "maize"), ruleset());
    }

    #[test]
    fn groups_that_inherit_from_a_removed_one_inherit_from_the_base() {
        let mut with = with_group(&ruleset(), "maize", &["201".to_owned()], ("a", 0.3));
        let child = GroupText { inherits: Some("maize".to_owned()), ..GroupText::default() };
        with.rules.as_mut().expect("rules").groups.insert("silage".to_owned(), child);
        let left = without_group(&with, "maize");
        assert_eq!(left.rules.expect("rules").groups["silage"].inherits, None);
    }

    #[test]
    fn an_empty_text_takes_a_rule_away() {
        let changed = with_text(&ruleset(), "", "green", "  ");
        assert_eq!(changed.rules.expect("rules").base.green, None);
    }
}
