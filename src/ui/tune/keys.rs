//! What keys mean in the Tune workspace: arrows move the selected number or the threshold, or walk through lists.

use crate::project::Command;
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::layout::PaneKind;

use super::TuneState;

/// Steps to the right or left, and whether they are fine ones.
fn sideways(action: Action) -> Option<(f64, bool)> {
    Some(match action {
        Action::NextUsable => (1.0, false),
        Action::PreviousUsable => (-1.0, false),
        Action::NextAcquisition => (1.0, true),
        Action::PreviousAcquisition => (-1.0, true),
        _ => return None,
    })
}

/// Steps down or up.
fn downwards(action: Action) -> Option<isize> {
    Some(match action {
        Action::NextParcel => 1,
        Action::PreviousParcel => -1,
        Action::NextTen => 10,
        Action::PreviousTen => -10,
        _ => return None,
    })
}

impl TuneState {
    /// Does what an action means in a pane of this workspace; false where it means what it always means.
    pub fn perform(&mut self, cx: &Cx<'_>, pane: PaneKind, action: Action, out: &mut Out) -> bool {
        match action {
            Action::UndoRuleset | Action::RedoRuleset => {
                self.settle(cx, out);
                return false;
            }
            Action::SendChanged => {
                out.act(Action::Tune);
                self.send_to_queue(cx);
                return true;
            }
            Action::DragThreshold => {
                out.act(Action::Tune);
                self.start_measuring();
                return true;
            }
            _ => {}
        }
        match pane {
            PaneKind::Parameters | PaneKind::Distribution => {
                let line = self.line().map(|(threshold, _)| threshold.path.clone());
                let path = if pane == PaneKind::Distribution { line } else { self.selected.clone() };
                if let (Some(steps), Some(path)) = (sideways(action), path) {
                    self.step(cx, &path, steps, out);
                    return true;
                }
                if let (Some(by), PaneKind::Parameters) = (downwards(action), pane) {
                    self.step_selection(cx, by);
                    return true;
                }
            }
            PaneKind::Changed => {
                if let Some(by) = downwards(action) {
                    self.step_list(cx, by, out);
                    return true;
                }
                if action == Action::ExpandCell {
                    out.act(Action::Review);
                    return true;
                }
            }
            PaneKind::Boundary => {
                if let Some((by, false)) = sideways(action) {
                    self.step_boundary(cx, by as isize, out);
                    return true;
                }
                if action == Action::ExpandCell {
                    out.act(Action::Review);
                    return true;
                }
            }
            _ => {}
        }
        false
    }

    /// Selects another number, in the order of the pane.
    fn step_selection(&mut self, cx: &Cx<'_>, by: isize) {
        let Some(model) = &self.model else { return };
        let order: Vec<&String> =
            model.sections.iter().flat_map(|section| &section.rows).map(|row| &model.parameters[*row].path).collect();
        if order.is_empty() {
            return;
        }
        let at = order.iter().position(|path| Some(*path) == self.selected.as_ref()).unwrap_or(0);
        let next = (at as isize + by).clamp(0, order.len() as isize - 1) as usize;
        let path = order[next].clone();
        self.select(cx.project, &path);
        self.list.scroll_to_parameter = true;
    }

    fn step_boundary(&mut self, cx: &Cx<'_>, by: isize, out: &mut Out) {
        let Some((_, parcels)) = self.boundary.shown() else { return };
        let at = parcels.iter().position(|(parcel, _)| Some(*parcel) == cx.project.selection().parcel);
        let next = at.map_or(0, |at| (at as isize + by).clamp(0, parcels.len() as isize - 1) as usize);
        if let Some((parcel, _)) = parcels.get(next) {
            out.push(Command::SelectParcel(*parcel));
        }
    }
}
