//! Command palette: every action by a few letters of its name.

use egui::{Key, Modifiers, vec2};

use super::actions::{ALL, Action};
use super::app::Wish;
use super::dialogs::Around;
use super::theme::size;
use super::widgets;

/// What is typed and which line is current.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    text: String,
    line: usize,
}

/// How well letters fit a name: `None` when they do not occur in this order. Word starts and runs count more.
pub fn score(name: &str, letters: &str) -> Option<i32> {
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let mut score = 0;
    let mut at = 0;
    let mut last = None;
    for letter in letters.to_lowercase().chars().filter(|letter| !letter.is_whitespace()) {
        let found = at + name.get(at..)?.iter().position(|own| *own == letter)?;
        score += if found == 0 || !name[found - 1].is_alphanumeric() { 8 } else { 1 };
        score += if last.is_some_and(|last| last + 1 == found) { 5 } else { 0 };
        score -= i32::try_from(found - at).unwrap_or(i32::MAX) / 4;
        last = Some(found);
        at = found + 1;
    }
    Some(score * 4 - i32::try_from(name.len()).unwrap_or(i32::MAX) / 8)
}

fn matches(around: &Around<'_>, letters: &str) -> Vec<(Action, std::sync::Arc<str>)> {
    let mut found: Vec<(i32, Action, std::sync::Arc<str>)> = ALL
        .iter()
        .map(|entry| entry.action)
        .filter(|action| !matches!(action, Action::Palette | Action::Cancel | Action::ShowReference))
        .filter(|action| around.project.is_some() || action.works_without_project())
        .filter_map(|action| {
            let label = action.label(around.look.texts);
            score(&label, letters).map(|score| (score, action, label))
        })
        .collect();
    found.sort_by_key(|own| std::cmp::Reverse(own.0));
    found.into_iter().map(|(_, action, label)| (action, label)).collect()
}

/// Draws the palette; false when it should close.
pub fn palette_ui(ctx: &egui::Context, around: &Around<'_>, state: &mut Palette, wishes: &mut Vec<Wish>) -> bool {
    let look = around.look;
    let take = |key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if take(Key::Escape) {
        return false;
    }
    let found = matches(around, &state.text);
    let last = found.len().saturating_sub(1);
    let (up, down, entered) = (take(Key::ArrowUp), take(Key::ArrowDown), take(Key::Enter));
    if up || down {
        ctx.memory_mut(|memory| memory.move_focus(egui::FocusDirection::None));
    }
    state.line = if down { (state.line + 1).min(last) } else { state.line.saturating_sub(usize::from(up)).min(last) };
    let mut chosen = entered.then(|| found.get(state.line).map(|own| own.0)).flatten();
    let frame = egui::Frame::NONE
        .fill(look.tokens.bg1)
        .stroke(egui::Stroke::new(1.0, look.tokens.bds))
        .corner_radius(size::PANE_RADIUS)
        .inner_margin(8.0);
    let area = egui::Modal::default_area(egui::Id::unique("palette")).anchor(egui::Align2::CENTER_TOP, vec2(0.0, 96.0));
    let response = egui::Modal::new(egui::Id::unique("palette")).area(area).frame(frame).show(ctx, |ui| {
        ui.set_width(560.0);
        let before = state.text.clone();
        let field = super::dialogs::field_ui(ui, &look.t("palette-field"), &mut state.text, 560.0);
        field.request_focus();
        if state.text != before {
            state.line = 0;
        }
        if found.is_empty() {
            ui.label(widgets::secondary(look.tokens, &*look.t("palette-nothing")));
        }
        egui::ScrollArea::vertical().max_height(12.0 * size::LIST_ROW).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (number, (action, label)) in found.iter().enumerate() {
                let row = widgets::row_ui(ui, look.tokens, label, size::LIST_ROW, number == state.line, |ui| {
                    ui.label(&**label);
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        let key = look.key(*action);
                        if !key.is_empty() {
                            widgets::key_cap_ui(ui, look.tokens, &key);
                        }
                    });
                });
                if number == state.line && (up || down) {
                    row.scroll_to_me(None);
                }
                if row.clicked() {
                    chosen = Some(*action);
                }
            }
        });
    });
    if let Some(action) = chosen {
        wishes.push(Wish::Close);
        wishes.push(Wish::Act(action));
    }
    !response.backdrop_response.clicked()
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn letters_must_occur_in_order() {
        assert!(score("Next parcel", "npa").is_some());
        assert_eq!(score("Next parcel", "lpn"), None);
        assert_eq!(score("Mask overlay", ""), Some(-1));
    }

    #[test]
    fn word_starts_come_first() {
        let best = |letters: &str| {
            ["Large view", "Clear filter", "Larger chips", "Go to parcel id…"]
                .into_iter()
                .filter_map(|name| score(name, letters).map(|score| (score, name)))
                .max()
                .map(|own| own.1)
        };
        assert_eq!(best("lv"), Some("Large view"));
        assert_eq!(best("gopa"), Some("Go to parcel id…"));
        assert_eq!(best("cf"), Some("Clear filter"));
    }
}
