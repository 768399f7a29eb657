//! Settings: the user's (appearance, keys, work) and the project's (observations, peers, radiometry, backgrounds).

mod appearance;
mod bindings;
mod project;
mod work;

use egui::Ui;

use super::app::Wish;
use super::cx::Out;
use super::dialogs::Around;
use super::theme::size;
use super::widgets;
use crate::model::project_file::Background;

/// A page of the dialog.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Page {
    #[default]
    Appearance,
    Keys,
    Work,
    Observations,
    Peers,
    Radiometry,
    Backgrounds,
}

impl Page {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Appearance, "settings-appearance"),
        (Self::Keys, "settings-keys"),
        (Self::Work, "settings-work"),
        (Self::Observations, "settings-observations"),
        (Self::Peers, "settings-peers"),
        (Self::Radiometry, "settings-radiometry"),
        (Self::Backgrounds, "settings-backgrounds"),
    ];

    fn needs_project(self) -> bool {
        !matches!(self, Self::Appearance | Self::Keys | Self::Work)
    }
}

/// State of the dialog.
#[derive(Debug, Default)]
pub struct SettingsState {
    page: Page,
    bindings: bindings::BindingsState,
    background: Option<Background>,
}

impl SettingsState {
    /// True while the next key becomes a binding.
    pub fn capturing(&self) -> bool {
        self.bindings.capturing()
    }

    /// Starts at the page that decides reflectance offsets.
    pub fn radiometry() -> Self {
        Self { page: Page::Radiometry, ..Self::default() }
    }
}

/// Draws the dialog.
pub fn settings_ui(ui: &mut Ui, around: &Around<'_>, state: &mut SettingsState, out: &mut Out, wishes: &mut Vec<Wish>) {
    let look = around.look;
    let size = egui::vec2(ui.available_width(), 450.0);
    ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Min), |ui| {
        ui.set_min_height(450.0);
        ui.vertical(|ui| {
            ui.set_width(170.0);
            ui.spacing_mut().item_spacing.y = 0.0;
            for (page, title) in Page::ALL {
                let title = look.t(title);
                let usable = around.project.is_some() || !page.needs_project();
                ui.add_enabled_ui(usable, |ui| {
                    let row = widgets::row_ui(ui, look.tokens, &title, size::LIST_ROW, state.page == page, |ui| {
                        ui.label(&*title);
                    });
                    if row.clicked() {
                        state.page = page;
                    }
                });
            }
        });
        ui.separator();
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            match (state.page, around.project) {
                (Page::Appearance, _) => appearance::appearance_ui(ui, around, wishes),
                (Page::Keys, _) => bindings::bindings_ui(ui, around, &mut state.bindings, wishes),
                (Page::Work, _) => work::work_ui(ui, around, wishes),
                (Page::Observations, Some(open)) => project::observations_ui(ui, &look, open, out),
                (Page::Peers, Some(open)) => project::peers_ui(ui, &look, open, out),
                (Page::Radiometry, Some(open)) => project::radiometry_ui(ui, &look, open, out),
                (Page::Backgrounds, Some(open)) => project::backgrounds_ui(ui, &look, open, &mut state.background, out),
                (_, None) => {}
            }
        });
    });
}

/// A line of a form: name at the left, control at the right, explanation below. The control gets the name for screen readers.
fn line_ui(ui: &mut Ui, look: &super::cx::Look<'_>, id: &str, control: impl FnOnce(&mut Ui) -> egui::Response) {
    let name = look.t(id);
    ui.horizontal(|ui| {
        let label = super::dialogs::line_name_ui(ui, &name, 190.0);
        let response = control(ui);
        // Several controls in a line name themselves.
        if response.sense.interactive() {
            drop(response.labelled_by(label.id));
        }
    });
}

fn hint_ui(ui: &mut Ui, look: &super::cx::Look<'_>, id: &str) {
    let text = look.t(id);
    ui.label(egui::RichText::new(&*text).small().color(look.tokens.tx2));
    ui.add_space(4.0);
}
