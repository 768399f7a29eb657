//! Parcels of the server by their ids.

use egui::{TextEdit, Ui};

use super::{Around, connect};
use crate::project::Command;
use crate::project::remote::Place;
use crate::ui::app::Wish;
use crate::ui::widgets::{self, Button};

/// State of the dialog.
#[derive(Debug, Default)]
pub struct Find {
    ids: String,
    focused: bool,
}

/// Draws the dialog.
pub fn find_ui(ui: &mut Ui, around: &Around<'_>, state: &mut Find, wishes: &mut Vec<Wish>) {
    let look = around.look;
    if around.project.is_none_or(|project| project.file().remote.is_none()) {
        ui.label(&*look.t("find-none"));
        return;
    }
    ui.label(widgets::secondary(look.tokens, look.t("find-hint").to_string()));
    ui.add_space(6.0);
    let hint = look.t("connect-ids-hint");
    let edit = TextEdit::multiline(&mut state.ids).desired_rows(4).desired_width(f32::INFINITY).hint_text(&*hint);
    let field = egui::ScrollArea::vertical().max_height(160.0).show(ui, |ui| ui.add(edit)).inner;
    field.ctx.accesskit_node_builder(field.id, |node| node.set_label(&*look.t("connect-ids")));
    if !std::mem::replace(&mut state.focused, true) {
        field.request_focus();
    }
    ui.add_space(6.0);
    let ids = connect::ids(&state.ids);
    let entered = ui.input(|input| input.modifiers.command && input.key_pressed(egui::Key::Enter));
    let name = look.t("find-add");
    let button = Button::new(&name).primary().key("Ctrl+Enter");
    if (ui.add_enabled(!ids.is_empty(), button).clicked() || entered) && !ids.is_empty() {
        wishes.push(Wish::Command(Command::FindRemote(Place::Ids(ids))));
        wishes.push(Wish::Close);
    }
}
