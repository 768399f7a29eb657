//! Everything a person can do by name: in menus, in the command palette, and by key.

mod menus;

pub use menus::{MENUS, Menu};

/// An action. Its stable name (for key bindings and message ids `action-<name>`) is [`Action::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Next parcel of the queue.
    NextParcel,
    /// Previous parcel.
    PreviousParcel,
    /// Ten parcels on.
    NextTen,
    /// Ten parcels back.
    PreviousTen,
    /// Go to an id.
    GoToParcel,
    /// Edit the queue filter.
    Filter,
    /// Removes the filter.
    ClearFilter,
    /// Parcel visited before.
    LastVisited,
    /// Next usable date.
    NextUsable,
    /// Previous usable date.
    PreviousUsable,
    /// Next acquisition of any sensor.
    NextAcquisition,
    /// Previous acquisition of any sensor.
    PreviousAcquisition,
    /// First date.
    FirstDate,
    /// Last date.
    LastDate,
    /// The date of the next event.
    NextEvent,
    /// The date of the previous event.
    PreviousEvent,
    /// Makes the current date the reference.
    SetReference,
    /// Shows the reference while held.
    ShowReference,
    /// Next calendar view.
    NextView,
    /// Previous calendar view.
    PreviousView,
    /// Fixed or dynamic stretch.
    ToggleStretch,
    /// Mask overlay.
    ToggleMask,
    /// Parcel outline.
    ToggleOutline,
    /// Clusters over chips.
    ToggleClusters,
    /// Brings the heterogeneity pane to the front.
    Heterogeneity,
    /// Writes the proposed zones to a file.
    SaveZones,
    /// Measures the heterogeneity of all parcels.
    MeasureHeterogeneity,
    /// Peer bands.
    TogglePeers,
    /// Spread around the parcel's mean.
    ToggleSpread,
    /// Split orbits.
    ToggleOrbits,
    /// Overlay years by day of year.
    ToggleYears,
    /// Graphs and calendar about the evidence window.
    CentreWindow,
    /// Smoothed curves of the ruleset.
    ToggleSmoothed,
    /// Large view of the current date.
    LargeView,
    /// Compare set side by side.
    Compare,
    /// Adds the current date to the compare set or removes it.
    ToggleCompare,
    /// Expands a calendar cell that holds several acquisitions.
    ExpandCell,
    /// First verdict or reason.
    Verdict1,
    /// Second.
    Verdict2,
    /// Third.
    Verdict3,
    /// Fourth.
    Verdict4,
    /// Fifth.
    Verdict5,
    /// Sixth.
    Verdict6,
    /// Seventh.
    Verdict7,
    /// Eighth.
    Verdict8,
    /// Ninth.
    Verdict9,
    /// Takes the own verdict away.
    ClearVerdict,
    /// Gives the last decision again.
    Repeat,
    /// Leaves the parcel for later.
    Defer,
    /// Flags the parcel or takes the flag away.
    Flag,
    /// Keeps the current chip as evidence or lets it go.
    Pin,
    /// Edits the note.
    Note,
    /// The next digit is the final verdict.
    FinalVerdict,
    /// Next undecided parcel.
    NextOpen,
    /// Hides automatic verdicts until the own one is given.
    Blind,
    /// Summary of the sitting.
    Sitting,
    /// Named queues.
    Queues,
    /// Attaches photos.
    AttachPhotos,
    /// Keeps the journal elsewhere.
    MoveJournal,
    /// Writes decisions to a file.
    ExportDecisions,
    /// Writes the sheet of the current parcel.
    ExportSheet,
    /// Writes an evidence pack.
    MakePack,
    /// Larger chips.
    LargerChips,
    /// Smaller chips.
    SmallerChips,
    /// Plays the dates.
    Play,
    /// Edit own indices.
    EditIndices,
    /// Review workspace.
    Review,
    /// Tune workspace.
    Tune,
    /// Map workspace.
    Map,
    /// Report workspace.
    Report,
    /// Chooses the ruleset of the project.
    ChooseRuleset,
    /// Chooses the ruleset that the draft is compared with.
    CompareRuleset,
    /// Shows in which fields the draft differs from the baseline.
    CompareText,
    /// Writes the draft to a file.
    SaveRuleset,
    /// Takes the whole draft back to the baseline.
    ResetRuleset,
    /// Reads known truth about parcels.
    LoadLabels,
    /// Forgets it.
    ForgetLabels,
    /// Gives crops numbers of their own.
    OverrideCrops,
    /// Computes the features that are missing.
    Mark,
    /// Gives the parcels that changed to the review queue.
    SendChanged,
    /// All parcels in the queue again.
    ClearList,
    /// Takes the last change of the ruleset back.
    UndoRuleset,
    /// Makes it again.
    RedoRuleset,
    /// Moves the threshold over its range and tells how long frames took.
    DragThreshold,
    /// The map as it was before.
    MapBack,
    /// The map as it was after that.
    MapForward,
    /// Attribute table of the Map workspace.
    ToggleTable,
    /// Next pane.
    NextPane,
    /// Previous pane.
    PreviousPane,
    /// Command palette.
    Palette,
    /// Shortcut sheet.
    Shortcuts,
    /// New project dialog.
    NewProject,
    /// Open a project.
    Open,
    /// Open the sample project.
    OpenSample,
    /// Save the project.
    Save,
    /// Save under another name.
    SaveAs,
    /// Close the project: back to the start page.
    CloseProject,
    /// Copies the focused pane as PNG.
    CopyPane,
    /// Saves the focused pane as a file.
    SavePane,
    /// Settings.
    Settings,
    /// Connection to a server: of the open project, or for a new one.
    Connect,
    /// Works from what is kept of the server.
    WorkOffline,
    /// Adds parcels of the server.
    FindParcels,
    /// Adds a table of parcel statistics to the project.
    AddTable,
    /// Scan and import report.
    ScanReport,
    /// Log.
    Log,
    /// Keeps the chips of the queue in the project's cache.
    Prepare,
    /// Dialog of the population statistics.
    Population,
    /// The queue sorted by distance from peers, the farthest first.
    Outliers,
    /// Back to what the project file holds.
    Discard,
    /// Reads everything again.
    Reload,
    /// Tries failed work again.
    Retry,
    /// Panes back to where they were.
    ResetLayout,
    /// Dark or light.
    ToggleTheme,
    /// Full screen.
    FullScreen,
    /// Larger interface.
    ZoomIn,
    /// Smaller interface.
    ZoomOut,
    /// Back or cancel.
    Cancel,
    /// About this program.
    About,
    /// Ends the program.
    Quit,
}

/// Group of the shortcut sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Steps through parcels.
    Parcel,
    /// Steps through dates.
    Date,
    /// Verdicts and what belongs to them.
    Decide,
    /// What the panes show.
    View,
    /// Everything else.
    Application,
}

impl Group {
    /// All groups in the order of the sheet, with their message ids.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Parcel, "group-parcel"),
        (Self::Date, "group-date"),
        (Self::Decide, "group-decide"),
        (Self::View, "group-view"),
        (Self::Application, "group-application"),
    ];
}

/// Name, default keys and group of an action.
#[derive(Debug)]
pub struct Entry {
    /// The action.
    pub action: Action,
    /// Stable name.
    pub name: &'static str,
    /// Default keys; the first is the one shown.
    pub keys: &'static [&'static str],
    /// Group of the shortcut sheet.
    pub group: Group,
}

const fn entry(action: Action, name: &'static str, keys: &'static [&'static str], group: Group) -> Entry {
    Entry { action, name, keys, group }
}

/// Every action, in the order of the enumeration.
pub const ALL: &[Entry] = &[
    entry(Action::NextParcel, "next-parcel", &["Down", "J"], Group::Parcel),
    entry(Action::PreviousParcel, "previous-parcel", &["Up", "K"], Group::Parcel),
    entry(Action::NextTen, "next-ten", &["PageDown"], Group::Parcel),
    entry(Action::PreviousTen, "previous-ten", &["PageUp"], Group::Parcel),
    entry(Action::GoToParcel, "go-to-parcel", &["Ctrl+G"], Group::Parcel),
    entry(Action::Filter, "filter", &["/", "Ctrl+F"], Group::Parcel),
    entry(Action::ClearFilter, "clear-filter", &[], Group::Parcel),
    entry(Action::LastVisited, "last-visited", &["Backspace"], Group::Parcel),
    entry(Action::NextUsable, "next-usable", &["Right"], Group::Date),
    entry(Action::PreviousUsable, "previous-usable", &["Left"], Group::Date),
    entry(Action::NextAcquisition, "next-acquisition", &["Shift+Right"], Group::Date),
    entry(Action::PreviousAcquisition, "previous-acquisition", &["Shift+Left"], Group::Date),
    entry(Action::FirstDate, "first-date", &["Home"], Group::Date),
    entry(Action::LastDate, "last-date", &["End"], Group::Date),
    entry(Action::NextEvent, "next-event", &["Ctrl+Right"], Group::Date),
    entry(Action::PreviousEvent, "previous-event", &["Ctrl+Left"], Group::Date),
    entry(Action::SetReference, "set-reference", &["R"], Group::Date),
    entry(Action::ShowReference, "show-reference", &["\\"], Group::Date),
    entry(Action::NextView, "next-view", &["V"], Group::View),
    entry(Action::PreviousView, "previous-view", &["Shift+V"], Group::View),
    entry(Action::ToggleStretch, "toggle-stretch", &["B"], Group::View),
    entry(Action::ToggleMask, "toggle-mask", &["M"], Group::View),
    entry(Action::ToggleOutline, "toggle-outline", &["O"], Group::View),
    entry(Action::ToggleClusters, "toggle-clusters", &["H"], Group::View),
    entry(Action::Heterogeneity, "heterogeneity", &["Shift+H"], Group::View),
    entry(Action::SaveZones, "save-zones", &[], Group::Application),
    entry(Action::MeasureHeterogeneity, "measure-heterogeneity", &[], Group::Application),
    entry(Action::TogglePeers, "toggle-peers", &["P"], Group::View),
    entry(Action::ToggleSpread, "toggle-spread", &["U"], Group::View),
    entry(Action::ToggleOrbits, "toggle-orbits", &["S"], Group::View),
    entry(Action::ToggleYears, "toggle-years", &["Y"], Group::View),
    entry(Action::CentreWindow, "centre-window", &["W"], Group::Date),
    entry(Action::ToggleSmoothed, "toggle-smoothed", &["T"], Group::View),
    entry(Action::LargeView, "large-view", &["Z"], Group::View),
    entry(Action::Compare, "compare", &["C"], Group::View),
    entry(Action::ToggleCompare, "toggle-compare", &["X"], Group::Date),
    entry(Action::ExpandCell, "expand-cell", &["Enter"], Group::View),
    entry(Action::Verdict1, "verdict-1", &["1"], Group::Decide),
    entry(Action::Verdict2, "verdict-2", &["2"], Group::Decide),
    entry(Action::Verdict3, "verdict-3", &["3"], Group::Decide),
    entry(Action::Verdict4, "verdict-4", &["4"], Group::Decide),
    entry(Action::Verdict5, "verdict-5", &["5"], Group::Decide),
    entry(Action::Verdict6, "verdict-6", &["6"], Group::Decide),
    entry(Action::Verdict7, "verdict-7", &["7"], Group::Decide),
    entry(Action::Verdict8, "verdict-8", &["8"], Group::Decide),
    entry(Action::Verdict9, "verdict-9", &["9"], Group::Decide),
    entry(Action::ClearVerdict, "clear-verdict", &["0"], Group::Decide),
    entry(Action::Repeat, "repeat", &["."], Group::Decide),
    entry(Action::Defer, "defer", &["D"], Group::Decide),
    entry(Action::Flag, "flag", &["F"], Group::Decide),
    entry(Action::Pin, "pin", &["E"], Group::Decide),
    entry(Action::Note, "note", &["N"], Group::Decide),
    entry(Action::FinalVerdict, "final-verdict", &["Shift+F"], Group::Decide),
    entry(Action::NextOpen, "next-open", &["G"], Group::Decide),
    entry(Action::Blind, "blind", &[], Group::Decide),
    entry(Action::Sitting, "sitting", &[], Group::Decide),
    entry(Action::Queues, "queues", &["Q"], Group::Parcel),
    entry(Action::AttachPhotos, "attach-photos", &[], Group::Decide),
    entry(Action::MoveJournal, "move-journal", &[], Group::Application),
    entry(Action::ExportDecisions, "export-decisions", &[], Group::Application),
    entry(Action::ExportSheet, "export-sheet", &["Shift+E"], Group::Application),
    entry(Action::MakePack, "make-pack", &[], Group::Application),
    entry(Action::LargerChips, "larger-chips", &["+", "="], Group::View),
    entry(Action::SmallerChips, "smaller-chips", &["-"], Group::View),
    entry(Action::Play, "play", &["Space"], Group::Date),
    entry(Action::EditIndices, "edit-indices", &[], Group::Application),
    entry(Action::Review, "review", &["Ctrl+1"], Group::Application),
    entry(Action::Tune, "tune", &["Ctrl+2"], Group::Application),
    entry(Action::Map, "map", &["Ctrl+3"], Group::Application),
    entry(Action::Report, "report", &["Ctrl+4"], Group::Application),
    entry(Action::ChooseRuleset, "choose-ruleset", &[], Group::Application),
    entry(Action::CompareRuleset, "compare-ruleset", &[], Group::Application),
    entry(Action::CompareText, "compare-text", &[], Group::Application),
    entry(Action::SaveRuleset, "save-ruleset", &[], Group::Application),
    entry(Action::ResetRuleset, "reset-ruleset", &[], Group::Application),
    entry(Action::LoadLabels, "load-labels", &[], Group::Application),
    entry(Action::ForgetLabels, "forget-labels", &[], Group::Application),
    entry(Action::OverrideCrops, "override-crops", &[], Group::Application),
    entry(Action::Mark, "mark", &[], Group::Application),
    entry(Action::SendChanged, "send-changed", &[], Group::Parcel),
    entry(Action::ClearList, "clear-list", &[], Group::Parcel),
    entry(Action::UndoRuleset, "undo-ruleset", &["Ctrl+Z"], Group::Application),
    entry(Action::RedoRuleset, "redo-ruleset", &["Ctrl+Shift+Z", "Ctrl+Y"], Group::Application),
    entry(Action::DragThreshold, "drag-threshold", &[], Group::Application),
    entry(Action::MapBack, "map-back", &["Alt+Left"], Group::View),
    entry(Action::MapForward, "map-forward", &["Alt+Right"], Group::View),
    entry(Action::ToggleTable, "toggle-table", &["A"], Group::View),
    entry(Action::NextPane, "next-pane", &["F6"], Group::Application),
    entry(Action::PreviousPane, "previous-pane", &["Shift+F6"], Group::Application),
    entry(Action::Palette, "palette", &["Ctrl+P"], Group::Application),
    entry(Action::Shortcuts, "shortcuts", &["?", "F1"], Group::Application),
    entry(Action::NewProject, "new-project", &["Ctrl+N"], Group::Application),
    entry(Action::Open, "open", &["Ctrl+O"], Group::Application),
    entry(Action::OpenSample, "open-sample", &[], Group::Application),
    entry(Action::Save, "save", &["Ctrl+S"], Group::Application),
    entry(Action::SaveAs, "save-as", &["Ctrl+Shift+S"], Group::Application),
    entry(Action::CloseProject, "close-project", &["Ctrl+W"], Group::Application),
    entry(Action::CopyPane, "copy-pane", &["Ctrl+C"], Group::Application),
    entry(Action::SavePane, "save-pane", &["Ctrl+E"], Group::Application),
    entry(Action::Settings, "settings", &["Ctrl+,"], Group::Application),
    entry(Action::Connect, "connect", &[], Group::Application),
    entry(Action::WorkOffline, "work-offline", &[], Group::Application),
    entry(Action::FindParcels, "find-parcels", &[], Group::Parcel),
    entry(Action::AddTable, "add-table", &[], Group::Application),
    entry(Action::ScanReport, "scan-report", &[], Group::Application),
    entry(Action::Log, "log", &[], Group::Application),
    entry(Action::Prepare, "prepare", &[], Group::Parcel),
    entry(Action::Population, "population", &[], Group::Parcel),
    entry(Action::Outliers, "outliers", &[], Group::Parcel),
    entry(Action::Discard, "discard", &[], Group::Application),
    entry(Action::Reload, "reload", &["F5"], Group::Application),
    entry(Action::Retry, "retry", &["Ctrl+R"], Group::Application),
    entry(Action::ResetLayout, "reset-layout", &[], Group::Application),
    entry(Action::ToggleTheme, "toggle-theme", &[], Group::Application),
    entry(Action::FullScreen, "full-screen", &["F11"], Group::Application),
    entry(Action::ZoomIn, "zoom-in", &["Ctrl++", "Ctrl+="], Group::Application),
    entry(Action::ZoomOut, "zoom-out", &["Ctrl+-"], Group::Application),
    entry(Action::Cancel, "cancel", &["Escape"], Group::Application),
    entry(Action::About, "about", &[], Group::Application),
    entry(Action::Quit, "quit", &["Ctrl+Q"], Group::Application),
];

impl Action {
    /// Keys of verdicts and reasons, in their order.
    pub const VERDICTS: [Self; 9] = [
        Self::Verdict1,
        Self::Verdict2,
        Self::Verdict3,
        Self::Verdict4,
        Self::Verdict5,
        Self::Verdict6,
        Self::Verdict7,
        Self::Verdict8,
        Self::Verdict9,
    ];

    fn entry(self) -> &'static Entry {
        &ALL[self as usize]
    }

    /// Stable name, for key bindings, scripts and message ids.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The action of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.iter().find(|entry| entry.name == name).map(|entry| entry.action)
    }

    /// Its name on screen.
    pub fn label(self, texts: &crate::text::Texts) -> std::sync::Arc<str> {
        texts.get(&format!("action-{}", self.name()))
    }

    /// True for steps, which a held key repeats.
    pub fn repeats(self) -> bool {
        use Action::{
            LargerChips, NextAcquisition, NextEvent, NextParcel, NextTen, NextUsable, PreviousAcquisition, PreviousEvent,
            PreviousParcel, PreviousTen, PreviousUsable, SmallerChips, ZoomIn, ZoomOut,
        };
        matches!(
            self,
            NextParcel
                | PreviousParcel
                | NextTen
                | PreviousTen
                | NextUsable
                | PreviousUsable
                | NextAcquisition
                | PreviousAcquisition
                | NextEvent
                | PreviousEvent
                | LargerChips
                | SmallerChips
                | ZoomIn
                | ZoomOut
        )
    }

    /// True when it makes sense without an open project.
    pub fn works_without_project(self) -> bool {
        use Action::{
            About, Cancel, Connect, FullScreen, Log, NewProject, Open, OpenSample, Palette, Quit, Settings, Shortcuts,
            ToggleTheme, ZoomIn, ZoomOut,
        };
        matches!(
            self,
            About
                | Cancel
                | Connect
                | FullScreen
                | Log
                | NewProject
                | Open
                | OpenSample
                | Palette
                | Quit
                | Settings
                | Shortcuts
                | ToggleTheme
                | ZoomIn
                | ZoomOut
        )
    }

    /// True when it works while a dialog is open.
    pub fn works_in_dialog(self) -> bool {
        matches!(self, Self::Cancel | Self::FullScreen | Self::Quit | Self::ToggleTheme | Self::ZoomIn | Self::ZoomOut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enumeration() {
        for (position, entry) in ALL.iter().enumerate() {
            assert_eq!(entry.action as usize, position, "{}", entry.name);
            assert_eq!(Action::from_name(entry.name), Some(entry.action));
        }
    }

    #[test]
    fn every_action_but_cancel_and_a_held_key_is_in_a_menu() {
        for entry in ALL {
            let listed = MENUS.iter().any(|menu| menu.1.contains(&Some(entry.action)));
            assert_eq!(listed, !matches!(entry.action, Action::Cancel | Action::ShowReference), "{}", entry.name);
        }
    }
}
