//! The one place where a project changes.

use crate::io::project_file;
use crate::model::project_file::OwnIndex;
use crate::model::{AcquisitionIx, ParcelIx};

use super::command::Command;
use super::open::Project;
use super::query::Fetch;

impl Project {
    /// Applies a change.
    pub fn apply(&mut self, command: Command) {
        match command {
            Command::SelectParcel(parcel) => self.select_parcel(parcel),
            Command::StepParcel(by) => self.step_parcel(by),
            Command::LastVisited => self.last_visited(),
            Command::SelectAcquisition(acquisition) => self.selection.acquisition = Some(acquisition),
            Command::StepDate(step) => self.step_date(step),
            Command::SetReference(reference) => self.selection.reference = reference,
            Command::ToggleCompare(acquisition) => self.toggle_compare(acquisition),
            Command::SetCompare(set) => self.selection.compare = set,
            Command::ChooseGranule(acquisition, granule) => self.choose_granule(acquisition, granule),
            Command::SetFilter(filter) => self.set_filter(filter),
            Command::SetSort(sort) => {
                self.queue.sort = sort;
                self.refresh_queue();
            }
            Command::SetView(view) => self.file.display.view = view,
            Command::SetStretch(stretch) => self.file.display.stretch = stretch,
            Command::SetBinning(bins) => self.file.display.bins = bins,
            Command::SetRange(from, to) => (self.file.display.from, self.file.display.to) = (from, to),
            Command::SetMargin(margin_m) => self.file.display.margin_m = margin_m,
            Command::SetGraphs(graphs) => self.file.display.graphs = graphs,
            Command::SetMaxGap(days) => self.file.display.max_gap_days = days,
            Command::SetObservations(settings) => {
                self.file.observations = settings;
                self.distances_changed();
            }
            Command::SetPeers(peers) => {
                self.file.peers = peers;
                self.distances_changed();
            }
            Command::ExcludePeer(parcel, excluded) => self.exclude_peer(parcel, excluded),
            Command::SetIndex(index) => self.set_index(index),
            Command::RemoveIndex(name) => {
                self.file.indices.retain(|index| index.name != name);
                self.indices_changed();
            }
            Command::SetBackgrounds(backgrounds) => self.file.backgrounds = backgrounds,
            Command::SetRadiometry(radiometry) => {
                // Confirming an assumption changes no number.
                let reread = (radiometry.assumed_boa_offset_dn, radiometry.assumed_quantification)
                    != (self.file.radiometry.assumed_boa_offset_dn, self.file.radiometry.assumed_quantification);
                self.file.radiometry = radiometry;
                if reread {
                    self.start_loading();
                }
            }
            Command::AddTable(source) => self.add_table(*source),
            Command::RemoveTable(number) => self.remove_table(number),
            Command::Connect(source, password) => self.set_remote(*source, password),
            Command::WorkOffline(offline) => self.work_offline(offline),
            Command::FindRemote(place) => self.find_remote(place),
            Command::SetRuleset(name) => self.set_ruleset(name),
            Command::CompareRuleset(name) => self.compare_with(name),
            Command::SetParameter(path, value) => self.set_parameter(&path, value),
            Command::SettleRuleset(label) => self.settle_draft(label),
            Command::ReplaceRuleset(changed, label) => self.set_draft(*changed, label),
            Command::ResetParameter(path, label) => self.reset_parameter(&path, label),
            Command::ResetRuleset(label) => self.reset_draft(label),
            Command::SaveRuleset(path) => self.save_ruleset(&path),
            Command::UndoRuleset => self.undo_tuning(),
            Command::RedoRuleset => self.redo_tuning(),
            Command::SetHeterogeneity(params) => self.set_heterogeneity(*params),
            Command::Heterogeneity => self.start_heterogeneity(),
            Command::Mark => self.start_marking(),
            Command::SetLabels(from) => self.set_labels(from),
            Command::RevealHeldOut => self.tuning.count_reveal(),
            Command::WritePack(ids, options, target) => self.start_packing(ids, options, target),
            Command::CheckPack(folder) => self.start_checking(folder),
            Command::Review(command) => self.review_command(command),
            Command::ShowList(list) => self.show_list(list.map(|list| *list)),
            Command::Save => self.save(),
            Command::Discard => self.discard_changes(),
            Command::Prepare(margin_m, target) => self.start_preparing(margin_m, target),
            Command::Population => self.start_population(),
            Command::Retry => self.retry(),
            Command::Reload => self.start_loading(),
        }
    }

    /// Tries what failed again: single answers, or the loading itself.
    fn retry(&mut self) {
        self.cache.retry_failed();
        if matches!(self.dataset, Fetch::Failed(_)) && self.loading.is_none() {
            self.dataset = Fetch::Pending;
            self.start_loading();
        }
    }

    fn toggle_compare(&mut self, acquisition: AcquisitionIx) {
        let compare = &mut self.selection.compare;
        match compare.iter().position(|&own| own == acquisition) {
            Some(position) => drop(compare.remove(position)),
            None => compare.push(acquisition),
        }
    }

    fn choose_granule(&mut self, acquisition: AcquisitionIx, granule: u8) {
        if let Some(parcel) = self.selection.parcel {
            self.granules.insert((parcel, acquisition), granule);
        }
    }

    fn set_filter(&mut self, filter: String) {
        self.queue.filter = filter;
        self.refresh_queue();
    }

    fn exclude_peer(&mut self, parcel: ParcelIx, excluded: bool) {
        let Some(data) = self.data() else { return };
        let id = data.parcels.id(parcel).to_owned();
        let list = &mut self.file.peers.excluded;
        list.retain(|own| *own != id);
        if excluded {
            list.push(id);
        }
        self.distances_changed();
    }

    fn set_index(&mut self, index: OwnIndex) {
        match self.file.indices.iter_mut().find(|own| own.name == index.name) {
            Some(own) => *own = index,
            None => self.file.indices.push(index),
        }
        self.indices_changed();
    }

    /// A changed formula under the same name is another answer: the revision says so.
    pub(super) fn indices_changed(&mut self) {
        self.compile_indices();
        self.load_ruleset();
        if let Some(env) = self.env.take() {
            self.revision += 1;
            let mut env = (*env).clone();
            env.indices = std::sync::Arc::clone(&self.indices);
            env.revision = self.revision;
            self.env = Some(std::sync::Arc::new(env));
        }
        self.distances_changed();
    }

    fn save(&mut self) {
        match project_file::save(&self.path, &self.file) {
            Ok(()) => self.on_disk = Some(self.file.clone()),
            Err(error) => self.note(format!("the project was not saved: {error}"), true),
        }
    }
}
