//! Scan and import report: every file or parcel with a problem, filtered, as a table that can be copied.

use egui::Ui;

use super::{Around, field_ui};
use crate::model::report::{Problem, Severity};
use crate::project::Project;
use crate::ui::app::Wish;
use crate::ui::cx::Look;
use crate::ui::icons;
use crate::ui::theme::{size, text};
use crate::ui::widgets::{self, Button};

/// Filter of the table.
#[derive(Debug, Clone, Default)]
pub struct ReportState {
    filter: String,
}

/// Draws the report of the open project.
pub fn report_ui(ui: &mut Ui, around: &Around<'_>, state: &mut ReportState, wishes: &mut Vec<Wish>) {
    let look = &around.look;
    let Some(data) = around.project.and_then(Project::data) else {
        widgets::pending_ui(ui, look.tokens, &look.t("status-loading"));
        return;
    };
    let problems: Vec<&Problem> = data.import_problems.iter().chain(&data.catalog.problems).collect();
    let base = around.project.and_then(|project| project.path().parent());
    let wanted = state.filter.to_lowercase();
    let shown: Vec<&Problem> =
        problems.iter().copied().filter(|problem| row_text(problem, base).to_lowercase().contains(&wanted)).collect();
    ui.horizontal(|ui| {
        ui.label(look.tw("problems-shown", &[("shown", shown.len().into()), ("count", problems.len().into())]));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.add(Button::new(&look.t("copy")).icon(icons::COPY)).clicked() {
                let lines: Vec<String> = shown.iter().map(|problem| row_text(problem, base)).collect();
                wishes.push(Wish::Copy(lines.join("\n")));
            }
            field_ui(ui, &look.t("filter-problems"), &mut state.filter, 260.0);
            ui.label(egui::RichText::new(icons::FUNNEL).text_style(text::icon()));
        });
    });
    if problems.is_empty() {
        widgets::empty_ui(ui, look.tokens, &look.t("no-problems"), &look.t("no-problems-why"), None);
        return;
    }
    problems_ui(ui, look, &shown, base, 480.0);
}

/// Severity, file, fact and expectation in one line.
fn row_text(problem: &Problem, base: Option<&std::path::Path>) -> String {
    format!(
        "{}\t{}\t{}\t{}",
        severity_id(problem.severity).trim_start_matches("severity-"),
        path_text(problem, base),
        problem.fact,
        problem.expected
    )
}

fn path_text(problem: &Problem, base: Option<&std::path::Path>) -> String {
    let path = base.and_then(|base| problem.path.strip_prefix(base).ok()).unwrap_or(&problem.path);
    path.display().to_string()
}

fn severity_id(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "severity-note",
        Severity::Warning => "severity-warning",
        Severity::Error => "severity-error",
    }
}

/// The table of problems, only the rows in sight. Long paths show their end.
pub fn problems_ui(ui: &mut Ui, look: &Look<'_>, problems: &[&Problem], base: Option<&std::path::Path>, height: f32) {
    let width = ui.available_width();
    let columns = [76.0, (width - 100.0) * 0.24, (width - 100.0) * 0.46, (width - 100.0) * 0.30];
    ui.horizontal(|ui| {
        for (id, width) in ["column-severity", "column-file", "column-fact", "column-expected"].into_iter().zip(columns) {
            cell_ui(ui, width, |ui| ui.label(widgets::strong(&*look.t(id)).color(look.tokens.tx2)));
        }
    });
    ui.separator();
    egui::ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show_rows(
        ui,
        size::LIST_ROW,
        problems.len(),
        |ui, rows| {
            for problem in &problems[rows] {
                ui.horizontal(|ui| {
                    ui.set_height(size::LIST_ROW - 4.0);
                    let (icon, colour) = match problem.severity {
                        Severity::Note => (icons::INFO, look.tokens.tx2),
                        Severity::Warning => (icons::WARNING, look.tokens.yellow),
                        Severity::Error => (icons::CLOSE, look.tokens.red),
                    };
                    cell_ui(ui, columns[0], |ui| {
                        ui.label(egui::RichText::new(format!("{icon} {}", look.t(severity_id(problem.severity)))).color(colour))
                    });
                    let path = path_text(problem, base);
                    cell_ui(ui, columns[1], |ui| {
                        ui.add(egui::Label::new(end_of(&path, 44)).truncate()).on_hover_text(path.clone())
                    });
                    cell_ui(ui, columns[2], |ui| ui.add(egui::Label::new(&problem.fact).truncate()).on_hover_text(&problem.fact));
                    cell_ui(ui, columns[3], |ui| {
                        let expected = widgets::secondary(look.tokens, &problem.expected);
                        ui.add(egui::Label::new(expected).truncate()).on_hover_text(&problem.expected)
                    });
                });
            }
        },
    );
}

fn cell_ui<R>(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.allocate_ui_with_layout(egui::vec2(width, ui.available_height().min(size::LIST_ROW)), layout, |ui| {
        ui.set_width(width);
        content(ui)
    })
    .inner
}

/// The last so many characters of a path: its end tells files apart.
fn end_of(path: &str, most: usize) -> String {
    let count = path.chars().count();
    if count <= most { path.to_owned() } else { format!("…{}", path.chars().skip(count - most).collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::end_of;

    #[test]
    fn long_paths_keep_their_end() {
        assert_eq!(end_of("a/b.tif", 10), "a/b.tif");
        assert_eq!(end_of("folder/åé.tif", 6), "…åé.tif");
    }
}
