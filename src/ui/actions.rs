//! Everything a person can do by name: in menus, in the command palette, and by key.

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
    /// Peer bands.
    TogglePeers,
    /// Spread around the parcel's mean.
    ToggleSpread,
    /// Split orbits.
    ToggleOrbits,
    /// Overlay years by day of year.
    ToggleYears,
    /// Large view of the current date.
    LargeView,
    /// Compare set side by side.
    Compare,
    /// Adds the current date to the compare set or removes it.
    ToggleCompare,
    /// Expands a calendar cell that holds several acquisitions.
    ExpandCell,
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
    /// Map workspace.
    Map,
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
    /// Scan and import report.
    ScanReport,
    /// Log.
    Log,
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
