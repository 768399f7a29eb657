//! One way to change anything: plain data, applied in one place after drawing, in the order sent.

use std::path::PathBuf;

use jiff::civil::Date;

use crate::model::heterogeneity::HeterogeneityParams;
use crate::model::project_file::{Background, Binning, OwnIndex, Radiometry, RemoteSource};
use crate::model::settings::{ObservationSettings, PeerSettings};
use crate::model::{AcquisitionIx, ParcelIx, Ruleset, Signal, Stretch, TableSource, View};

use super::evidence::PackOptions;
use super::queue::{ParcelList, SortKey};
use super::remote::{Place, Secret};
use super::review::ReviewCommand;
use super::tuning::labels::Labelling;

/// Which dates a step takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateStep {
    /// Next usable optical date.
    Usable(i32),
    /// Next acquisition of any sensor, usable or not.
    Any(i32),
    /// First acquisition shown.
    First,
    /// Last acquisition shown.
    Last,
}

/// A change of the open project.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Makes a parcel current.
    SelectParcel(ParcelIx),
    /// Steps through the queue by so many rows.
    StepParcel(i32),
    /// Back to the parcel visited before.
    LastVisited,
    /// Makes an acquisition current.
    SelectAcquisition(AcquisitionIx),
    /// Steps through the dates.
    StepDate(DateStep),
    /// Sets or clears the reference date.
    SetReference(Option<AcquisitionIx>),
    /// Adds to or removes from the compare set.
    ToggleCompare(AcquisitionIx),
    /// Replaces the compare set.
    SetCompare(Vec<AcquisitionIx>),
    /// Which product of an acquisition is shown for the current parcel.
    ChooseGranule(AcquisitionIx, u8),
    /// Queue filter as typed.
    SetFilter(String),
    /// Queue order; several keys, the first counts most; `true` is descending.
    SetSort(Vec<(SortKey, bool)>),
    /// Calendar view.
    SetView(View),
    /// Stretch.
    SetStretch(Stretch),
    /// Calendar bins.
    SetBinning(Binning),
    /// Date range shown.
    SetRange(Option<Date>, Option<Date>),
    /// Surroundings shown around a parcel, m.
    SetMargin(u32),
    /// Graph panes.
    SetGraphs(Vec<Vec<Signal>>),
    /// Longest bridged gap, days.
    SetMaxGap(u32),
    /// Mask, pixel rule, buffer.
    SetObservations(ObservationSettings),
    /// Who peers are.
    SetPeers(PeerSettings),
    /// Excludes a peer or takes it back.
    ExcludePeer(ParcelIx, bool),
    /// Adds or replaces an index of the project's own.
    SetIndex(OwnIndex),
    /// Removes one.
    RemoveIndex(String),
    /// Map backgrounds.
    SetBackgrounds(Vec<Background>),
    /// What to assume about offsets; scans again.
    SetRadiometry(Radiometry),
    /// Adds a table of parcel statistics, or replaces the one of the same path; reads everything again.
    AddTable(Box<TableSource>),
    /// Takes a table out of the project; reads everything again.
    RemoveTable(usize),
    /// Names the server of this project, with a password when one was entered, and asks it.
    Connect(Box<RemoteSource>, Option<Secret>),
    /// Works from what is kept of the server, or asks it again.
    WorkOffline(bool),
    /// Asks the server for parcels and adds them to the project.
    FindRemote(Place),
    /// Names the ruleset of the project: `shipped:NAME` or a path relative to the project file.
    SetRuleset(Option<String>),
    /// Compares the ruleset with another one.
    CompareRuleset(String),
    /// Changes one number of the ruleset by its way, as while it is dragged.
    SetParameter(String, f64),
    /// Ends a change of the ruleset as one step with this label; features that it needs are computed.
    SettleRuleset(String),
    /// Replaces the ruleset as one step.
    ReplaceRuleset(Box<Ruleset>, String),
    /// Takes a number of the ruleset back to that of the baseline, as a step with this label.
    ResetParameter(String, String),
    /// Takes the whole ruleset back to the baseline.
    ResetRuleset(String),
    /// Writes the ruleset to a file, which becomes the project's.
    SaveRuleset(PathBuf),
    /// Takes the last change of the ruleset back.
    UndoRuleset,
    /// Makes the change again that was taken back last.
    RedoRuleset,
    /// Clusters, thresholds and rule of heterogeneity.
    SetHeterogeneity(Box<HeterogeneityParams>),
    /// Measures the heterogeneity of the whole population.
    Heterogeneity,
    /// Computes the features that are missing.
    Mark,
    /// Reads known truth about parcels, or forgets it.
    SetLabels(Option<Labelling>),
    /// Counts that the half of the labels that was held out is looked at.
    RevealHeldOut,
    /// Writes an evidence pack of the parcels with these ids to a folder.
    WritePack(Vec<String>, PackOptions, PathBuf),
    /// Checks an evidence pack.
    CheckPack(PathBuf),
    /// Something about the review.
    Review(ReviewCommand),
    /// Shows only these parcels in the queue, in this order, under a name; or all again.
    ShowList(Option<Box<ParcelList>>),
    /// Writes the project file.
    Save,
    /// Back to what the project file holds.
    Discard,
    /// Keeps the chips of the queue's parcels with so many metres around them, and packs them to a folder when one is given.
    Prepare(u32, Option<PathBuf>),
    /// Brings the observation store up to date for all parcels: what population statistics are made of.
    Population,
    /// Tries failed queries again.
    Retry,
    /// Reads parcels and images again.
    Reload,
}
