//! Key bindings and the one dispatcher that reads keys before any widget is built.
//!
//! The toolkit uses Tab and arrows for its own focus, and text fields react to keys without consuming them. So keys are taken out of the
//! input at the start of a frame, with the text focus of the frame before; what remains belongs to the widgets.

use std::collections::BTreeMap;

use egui::{Event, Key, Modifiers};

use super::actions::{ALL, Action};

/// A key with modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Control (Command on a Mac).
    pub ctrl: bool,
    /// Shift; ignored for signs such as `?` that need it on some keyboards.
    pub shift: bool,
    /// Alt.
    pub alt: bool,
}

impl Chord {
    /// From a text such as `Ctrl+Shift+S`, `PageDown`, `+`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut chord = Self { key: Key::A, ctrl: false, shift: false, alt: false };
        let mut rest = text.trim();
        loop {
            let lower = rest.to_ascii_lowercase();
            if lower.starts_with("ctrl+") && rest.len() > 5 {
                (chord.ctrl, rest) = (true, &rest[5..]);
            } else if lower.starts_with("shift+") && rest.len() > 6 {
                (chord.shift, rest) = (true, &rest[6..]);
            } else if lower.starts_with("alt+") && rest.len() > 4 {
                (chord.alt, rest) = (true, &rest[4..]);
            } else {
                break;
            }
        }
        chord.key = Key::from_name(rest).or_else(|| Key::from_name(&rest.to_ascii_uppercase()))?;
        Some(chord)
    }

    /// The chord of a key press.
    pub fn pressed(key: Key, modifiers: Modifiers) -> Self {
        Self { key, ctrl: modifiers.command || modifiers.ctrl, shift: modifiers.shift && !is_sign(key), alt: modifiers.alt }
    }

    /// Text that [`Chord::parse`] reads.
    pub fn name(self) -> String {
        self.written(match self.key {
            Key::Slash => "/",
            Key::Backslash => "\\",
            Key::Questionmark => "?",
            Key::Plus => "+",
            Key::Minus => "-",
            Key::Equals => "=",
            Key::Comma => ",",
            Key::Period => ".",
            key => key.name(),
        })
    }

    /// Short text for a key cap, e.g. `↓`, `Ctrl+P`.
    pub fn cap(self) -> String {
        self.written(match self.key {
            Key::ArrowDown => "↓",
            Key::ArrowUp => "↑",
            Key::ArrowLeft => "←",
            Key::ArrowRight => "→",
            Key::PageDown => "PgDn",
            Key::PageUp => "PgUp",
            Key::Escape => "Esc",
            _ => return self.name(),
        })
    }

    fn written(self, key: &str) -> String {
        let part = |on: bool, name: &'static str| if on { name } else { "" };
        format!("{}{}{}{key}", part(self.ctrl, "Ctrl+"), part(self.shift, "Shift+"), part(self.alt, "Alt+"))
    }

    /// True for keys that write or move while a text field has the focus.
    fn belongs_to_text(self) -> bool {
        let function = matches!(
            self.key,
            Key::F1
                | Key::F2
                | Key::F3
                | Key::F4
                | Key::F5
                | Key::F6
                | Key::F7
                | Key::F8
                | Key::F9
                | Key::F10
                | Key::F11
                | Key::F12
        );
        let editing = matches!(
            self.key,
            Key::A
                | Key::C
                | Key::V
                | Key::X
                | Key::Y
                | Key::Z
                | Key::K
                | Key::U
                | Key::H
                | Key::W
                | Key::E
                | Key::ArrowDown
                | Key::ArrowLeft
                | Key::ArrowRight
                | Key::ArrowUp
                | Key::Home
                | Key::End
                | Key::Backspace
                | Key::Delete
        );
        !function && (!self.ctrl || editing)
    }

    /// True for keys that a focused button or list uses itself.
    fn belongs_to_widget(self) -> bool {
        !self.ctrl && !self.alt && matches!(self.key, Key::Enter | Key::Space)
    }
}

/// Signs for which a keyboard layout may need Shift.
fn is_sign(key: Key) -> bool {
    matches!(
        key,
        Key::Slash
            | Key::Backslash
            | Key::Questionmark
            | Key::Plus
            | Key::Minus
            | Key::Equals
            | Key::Comma
            | Key::Period
            | Key::Pipe
            | Key::Colon
            | Key::Semicolon
    )
}

/// Which chord means which action.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyMap {
    chords: Vec<(Chord, Action)>,
}

impl KeyMap {
    /// Default keys, with the user's own ones in their place. Words that are no key are left out and named.
    pub fn new(own: &BTreeMap<String, Vec<String>>) -> (Self, Vec<String>) {
        let mut chords = Vec::new();
        let mut faults = Vec::new();
        for entry in ALL {
            let words: Vec<&str> = match own.get(entry.name) {
                Some(words) => words.iter().map(String::as_str).collect(),
                None => entry.keys.to_vec(),
            };
            for word in words {
                match Chord::parse(word) {
                    Some(chord) => chords.push((chord, entry.action)),
                    None => faults.push(format!("{}: {word}", entry.name)),
                }
            }
        }
        (Self { chords }, faults)
    }

    /// Keys of an action.
    pub fn of(&self, action: Action) -> Vec<Chord> {
        self.chords.iter().filter(|own| own.1 == action).map(|own| own.0).collect()
    }

    /// First key of an action as shown on a cap; empty when it has none.
    pub fn cap(&self, action: Action) -> String {
        self.chords.iter().find(|own| own.1 == action).map(|own| own.0.cap()).unwrap_or_default()
    }

    /// Action of a chord.
    pub fn action(&self, chord: Chord) -> Option<Action> {
        self.chords.iter().find(|own| own.0 == chord).map(|own| own.1)
    }

    /// Chords that more than one action claims.
    pub fn conflicts(&self) -> Vec<(Chord, Vec<Action>)> {
        let mut found: Vec<(Chord, Vec<Action>)> = Vec::new();
        for &(chord, action) in &self.chords {
            match found.iter_mut().find(|own| own.0 == chord) {
                Some(own) => own.1.push(action),
                None => found.push((chord, vec![action])),
            }
        }
        found.retain(|own| own.1.len() > 1);
        found
    }
}

/// What has the keyboard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holder {
    /// A text field had the focus at the end of the last frame.
    pub text: bool,
    /// Any widget has it.
    pub widget: bool,
    /// A menu or list is open.
    pub popup: bool,
    /// A dialog is open.
    pub dialog: bool,
}

/// Takes the keys of this frame that mean an action out of the input.
pub fn take(events: &mut Vec<Event>, keys: &KeyMap, holder: Holder) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut typed = false;
    events.retain(|event| {
        let (chord, repeat) = match event {
            Event::Key { key, pressed: true, repeat, modifiers, .. } => (Chord::pressed(*key, *modifiers), *repeat),
            Event::Copy => (Chord { key: Key::C, ctrl: true, shift: false, alt: false }, false),
            _ => return true,
        };
        let Some(action) = keys.action(chord) else { return true };
        let left_to_others = (holder.text && (chord.belongs_to_text() || action == Action::Cancel))
            || (holder.popup && !chord.ctrl)
            || ((holder.widget || holder.dialog) && chord.belongs_to_widget())
            || (holder.dialog && !action.works_in_dialog());
        if left_to_others {
            return true;
        }
        typed |= !chord.ctrl;
        if !repeat || action.repeats() {
            actions.push(action);
        }
        false
    });
    if typed {
        // The letter of a consumed key must not land in a field that the action focuses.
        events.retain(|event| !matches!(event, Event::Text(_)));
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: Key, modifiers: Modifiers) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }
    }

    fn map() -> KeyMap {
        KeyMap::new(&BTreeMap::new()).0
    }

    #[test]
    fn default_keys_are_readable_and_unique() {
        let (map, faults) = KeyMap::new(&BTreeMap::new());
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(map.conflicts(), []);
    }

    #[test]
    fn chords_survive_being_written_down() {
        for entry in ALL {
            for word in entry.keys {
                let chord = Chord::parse(word).expect("a key");
                assert_eq!(Chord::parse(&chord.name()), Some(chord), "{word}");
            }
        }
        assert_eq!(Chord::parse("Ctrl+Hyper"), None);
    }

    #[test]
    fn signs_are_found_with_and_without_shift() {
        for modifiers in [Modifiers::NONE, Modifiers::SHIFT] {
            let mut events = vec![press(Key::Questionmark, modifiers), Event::Text("?".to_owned())];
            assert_eq!(take(&mut events, &map(), Holder::default()), [Action::Shortcuts]);
            assert!(events.is_empty(), "the sign is not typed anywhere");
        }
    }

    #[test]
    fn letters_belong_to_the_text_field_that_has_the_focus() {
        let holder = Holder { text: true, widget: true, ..Holder::default() };
        let mut events = vec![press(Key::M, Modifiers::NONE), Event::Text("m".to_owned()), press(Key::Escape, Modifiers::NONE)];
        assert_eq!(take(&mut events, &map(), holder), []);
        assert_eq!(events.len(), 3);
        let command = Modifiers::CTRL | Modifiers::COMMAND;
        let mut events = vec![press(Key::P, command), press(Key::F6, Modifiers::NONE), press(Key::ArrowLeft, command)];
        assert_eq!(take(&mut events, &map(), holder), [Action::Palette, Action::NextPane]);
    }

    #[test]
    fn a_focused_button_keeps_enter_and_space() {
        let holder = Holder { widget: true, ..Holder::default() };
        let mut events = vec![press(Key::Enter, Modifiers::NONE), press(Key::Space, Modifiers::NONE)];
        assert_eq!(take(&mut events, &map(), holder), []);
        assert_eq!(take(&mut events, &map(), Holder::default()), [Action::ExpandCell, Action::Play]);
    }

    #[test]
    fn a_dialog_lets_only_escape_and_the_like_through() {
        let holder = Holder { dialog: true, ..Holder::default() };
        let mut events = vec![press(Key::J, Modifiers::NONE), press(Key::Escape, Modifiers::NONE)];
        assert_eq!(take(&mut events, &map(), holder), [Action::Cancel]);
    }

    #[test]
    fn toggles_ignore_a_held_key_and_steps_follow_it() {
        let held = |key| Event::Key { key, physical_key: None, pressed: true, repeat: true, modifiers: Modifiers::NONE };
        let mut events = vec![held(Key::M), held(Key::J)];
        assert_eq!(take(&mut events, &map(), Holder::default()), [Action::NextParcel]);
    }

    #[test]
    fn own_keys_replace_the_defaults() {
        let own = BTreeMap::from([("next-parcel".to_owned(), vec!["N".to_owned(), "Hyper+1".to_owned()])]);
        let (map, faults) = KeyMap::new(&own);
        assert_eq!(map.of(Action::NextParcel), [Chord::parse("N").expect("a key")]);
        assert_eq!(map.action(Chord::parse("J").expect("a key")), None);
        assert_eq!(faults, ["next-parcel: Hyper+1"]);
    }
}
