//! Key bindings: choose an action, press the new key. Keys that two actions claim are said.

use egui::{Event, Key, Ui};

use crate::ui::actions::{ALL, Action, Entry};
use crate::ui::app::Wish;
use crate::ui::dialogs::{Around, field_ui, line_name_ui};
use crate::ui::icons;
use crate::ui::keys::{Chord, KeyMap};
use crate::ui::theme::size;
use crate::ui::widgets::{self, Button};

/// State of the page.
#[derive(Debug, Default)]
pub struct BindingsState {
    filter: String,
    capture: Option<Action>,
}

impl BindingsState {
    /// True while the next key becomes a binding.
    pub fn capturing(&self) -> bool {
        self.capture.is_some()
    }
}

/// Draws the page.
pub fn bindings_ui(ui: &mut Ui, around: &Around<'_>, state: &mut BindingsState, wishes: &mut Vec<Wish>) {
    let look = around.look;
    if let Some(action) = state.capture
        && let Some(key) = captured(ui)
    {
        state.capture = None;
        if key.key != Key::Escape {
            bind(around, action, Some(vec![key.name()]), wishes);
        }
    }
    ui.horizontal(|ui| {
        field_ui(ui, &look.t("bindings-filter"), &mut state.filter, 240.0);
        if ui.add(Button::new(&look.t("bindings-reset-all")).icon(icons::RESET)).clicked() {
            let mut wanted = around.preferences.clone();
            wanted.keys.clear();
            wishes.push(Wish::Prefer(Box::new(wanted)));
        }
    });
    for (chord, actions) in around.look.keys.conflicts() {
        let names: Vec<String> = actions.iter().map(|action| action.label(look.texts).to_string()).collect();
        let args = [("key", chord.cap().into()), ("actions", names.join(", ").into())];
        ui.colored_label(look.tokens.red, look.tw("bindings-conflict", &args));
    }
    let wanted = state.filter.to_lowercase();
    egui::ScrollArea::vertical().max_height(400.0).auto_shrink([false, false]).show(ui, |ui| {
        for entry in ALL.iter().filter(|entry| entry.action.label(look.texts).to_lowercase().contains(&wanted)) {
            binding_ui(ui, around, entry, state, wishes);
        }
    });
}

fn binding_ui(ui: &mut Ui, around: &Around<'_>, entry: &Entry, state: &mut BindingsState, wishes: &mut Vec<Wish>) {
    let look = around.look;
    let label = entry.action.label(look.texts);
    ui.horizontal(|ui| {
        ui.set_height(size::LIST_ROW - 4.0);
        line_name_ui(ui, &label, 250.0);
        let caps: Vec<String> = look.keys.of(entry.action).into_iter().map(Chord::cap).collect();
        ui.allocate_ui(egui::vec2(120.0, size::BUTTON), |ui| {
            ui.set_width(120.0);
            ui.horizontal(|ui| widgets::keys_ui(ui, look.tokens, &caps));
        });
        if state.capture == Some(entry.action) {
            ui.colored_label(look.tokens.ac, &*look.t("bindings-press"));
        } else {
            let name = look.tw("bindings-change", &[("action", label.clone().into())]);
            if ui.add(Button::icon_only(icons::PENCIL, &name)).clicked() {
                state.capture = Some(entry.action);
            }
            let name = look.tw("bindings-remove", &[("action", label.clone().into())]);
            if !caps.is_empty() && ui.add(Button::icon_only(icons::CLOSE, &name)).clicked() {
                bind(around, entry.action, Some(Vec::new()), wishes);
            }
            let name = look.tw("bindings-reset", &[("action", label.into())]);
            if around.preferences.keys.contains_key(entry.name) && ui.add(Button::icon_only(icons::RESET, &name)).clicked() {
                bind(around, entry.action, None, wishes);
            }
        }
    });
}

/// The next key press, taken out of the input.
fn captured(ui: &Ui) -> Option<Chord> {
    ui.input_mut(|input| {
        let place = input.events.iter().position(|event| matches!(event, Event::Key { pressed: true, .. } | Event::Copy))?;
        match input.events.remove(place) {
            Event::Key { key, modifiers, .. } => Some(Chord::pressed(key, modifiers)),
            _ => Chord::parse("Ctrl+C"),
        }
    })
}

fn bind(around: &Around<'_>, action: Action, keys: Option<Vec<String>>, wishes: &mut Vec<Wish>) {
    let mut wanted = around.preferences.clone();
    match keys {
        Some(keys) => drop(wanted.keys.insert(action.name().to_owned(), keys)),
        None => drop(wanted.keys.remove(action.name())),
    }
    debug_assert!(KeyMap::new(&wanted.keys).1.is_empty(), "captured keys can be read again");
    wishes.push(Wish::Prefer(Box::new(wanted)));
}
