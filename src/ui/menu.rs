//! Menu bar: menus, workspace switch in the middle, project and whether it is saved at the right.

use egui::{Align, Layout, RichText, Ui, vec2};

use super::actions::{Action, MENUS};
use super::app::Wish;
use super::cx::Look;
use super::layout::Workspace;
use super::theme::{size, text};
use super::widgets;
use crate::project::Project;
use crate::store::session::Recent;

/// What the menu bar shows.
pub struct MenuBar<'a> {
    /// Texts, colours, keys.
    pub look: Look<'a>,
    /// The open project.
    pub project: Option<&'a Project>,
    /// Recent projects.
    pub recent: &'a [Recent],
    /// Workspace in force.
    pub workspace: Workspace,
    /// Whether an action that can be on is on.
    pub checked: &'a dyn Fn(Action) -> Option<bool>,
}

impl MenuBar<'_> {
    /// Draws it.
    pub fn show(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        let tokens = self.look.tokens;
        let frame = egui::Frame::NONE.fill(tokens.bg1).inner_margin(egui::Margin::symmetric(8, 0));
        egui::Panel::top("menu-bar").exact_size(size::MENU).frame(frame).show_separator_line(true).show(ui, |ui| {
            let bar = ui.max_rect();
            let menus = ui.horizontal_centered(|ui| {
                ui.label(RichText::new("Parcelight").text_style(text::header()));
                ui.add_space(2.0);
                egui::MenuBar::new().ui(ui, |ui| self.menus_ui(ui, wishes)).inner
            });
            let right = self.workspaces_ui(ui, bar, menus.inner, wishes);
            self.project_ui(ui, bar, right);
        });
    }

    /// Draws the menus; gives where the last one ends.
    fn menus_ui(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) -> f32 {
        let mut end = ui.max_rect().left();
        for (title, lines) in MENUS {
            let menu = ui.menu_button(&*self.look.t(title), |ui| {
                ui.set_width(300.0);
                for line in *lines {
                    match line {
                        None => drop(ui.separator()),
                        Some(action) => self.line_ui(ui, *action, wishes),
                    }
                    if *line == Some(Action::OpenSample) && !self.recent.is_empty() {
                        self.recent_ui(ui, wishes);
                    }
                }
            });
            end = menu.response.rect.right();
        }
        end
    }

    fn line_ui(&self, ui: &mut Ui, action: Action, wishes: &mut Vec<Wish>) {
        let label = action.label(self.look.texts);
        let mut button = egui::Button::new(&*label).shortcut_text(RichText::new(self.look.key(action)).text_style(text::tick()));
        if let Some(on) = (self.checked)(action) {
            button = button.selected(on);
        }
        let usable = self.project.is_some() || action.works_without_project();
        let response = ui.add_enabled(usable, button.min_size(vec2(ui.available_width(), size::BUTTON)));
        let response = response.on_disabled_hover_text(&*self.look.t("needs-project"));
        if response.clicked() {
            wishes.push(Wish::Act(action));
            ui.close();
        }
    }

    fn recent_ui(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        ui.menu_button(&*self.look.t("menu-recent"), |ui| {
            for project in self.recent {
                if ui.button(&project.name).on_hover_text(project.path.display().to_string()).clicked() {
                    wishes.push(Wish::OpenProject(project.path.clone()));
                    ui.close();
                }
            }
        });
    }

    /// The switch in the middle, or where the menus leave room for it; gives where it ends.
    fn workspaces_ui(&self, ui: &mut Ui, bar: egui::Rect, menus: f32, wishes: &mut Vec<Wish>) -> f32 {
        if self.project.is_none() {
            return menus;
        }
        let actions = [Action::Review, Action::Tune, Action::Map, Action::Report];
        let names = ["workspace-review", "workspace-tune", "workspace-map", "workspace-report"].map(|id| self.look.t(id));
        let keys = actions.map(|action| self.look.key(action));
        let current = Workspace::ALL.iter().position(|own| *own == self.workspace);
        // In a narrow window the switch stands beside the menus, without its keys.
        let narrow = bar.width() < 1100.0;
        let width = if narrow { 200.0 } else { 432.0 };
        let middle = bar.center().x.max(menus + 8.0 + width / 2.0);
        let place = egui::Rect::from_center_size(egui::pos2(middle, bar.center().y), vec2(width, size::BUTTON));
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(place).layout(Layout::left_to_right(Align::Center)));
        let key = |at: usize| if narrow { "" } else { keys[at].as_str() };
        let options = [(&*names[0], key(0)), (&*names[1], key(1)), (&*names[2], key(2)), (&*names[3], key(3))];
        if let Some(chosen) = widgets::segmented_ui(&mut child, &options, current) {
            wishes.push(Wish::Act(actions[chosen]));
        }
        place.right()
    }

    fn project_ui(&self, ui: &mut Ui, bar: egui::Rect, left: f32) {
        let tokens = self.look.tokens;
        let place = egui::Rect::from_min_max(egui::pos2(left + 8.0, bar.top()), bar.max - vec2(8.0, 0.0));
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(place).layout(Layout::right_to_left(Align::Center)));
        let Some(project) = self.project else {
            child.label(widgets::secondary(tokens, &*self.look.t("no-project")));
            return;
        };
        let (message, colour) =
            if project.unsaved() { (self.look.t("unsaved"), tokens.yellow) } else { (self.look.t("saved"), tokens.green) };
        child.label(&*message);
        let (dot, _) = child.allocate_exact_size(vec2(8.0, 8.0), egui::Sense::hover());
        child.painter().circle_filled(dot.center(), 3.5, colour);
        child.add_space(6.0);
        let name = egui::Label::new(widgets::secondary(tokens, &project.file().name)).truncate();
        child.add(name).on_hover_text(project.path().display().to_string());
    }
}
