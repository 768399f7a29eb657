### Graph pane and own indices.

graph-title = Graphs
graph-subtitle =
    { $usable ->
        [one] { $usable } observation
       *[other] { $usable } observations
    }, { $masked } masked
graph-loading = Reading time series…
graph-no-parcel = No parcel is current
graph-no-parcel-hint = Choose one in the queue or on the map.
graph-none = No graph is shown
graph-none-hint = Add one with “+”: an index, a band, backscatter or coherence.
graph-no-data = No observation of this signal sees the parcel

graph-menu = Graph menu
graph-add = Add a graph
graph-add-hint = Click adds a graph, Shift+click draws into the last one.
graph-remove = Remove graph { $title }
graph-peers = Peers
graph-list-peers = List peers and show them on the map
graph-spread = Spread within the parcel
graph-spread-none = None
graph-spread-std = Mean ± standard deviation
graph-spread-quartiles = First to third quartile
graph-split-orbits = One line per relative orbit
graph-overlay-years = Overlay years by day of year
graph-auto-range = Fit values to each parcel
graph-reset = Show everything
graph-own-indices = Own indices…
graph-copy-table = Copy as table
graph-table-copied = The observations are copied as a table.

graph-group-tables = From tables
graph-group-indices = Indices
graph-group-bands = Bands, reflectance
graph-group-backscatter = Backscatter, dB
graph-group-coherence = Coherence

graph-coherence = coherence
graph-backscatter = backscatter dB
graph-synthetic = synthetic
graph-synthetic-name = { $name } synthetic
graph-legend-population =
    { $n ->
        [one] { $n } parcel of the crop, p10–p90
       *[other] all { $n } parcels of the crop, p10–p90
    }
graph-legend-peers =
    { $n ->
        [one] { $n } peer, p10–p90
       *[other] { $n } peers, p10–p90
    }
graph-legend-masked = masked
graph-legend-hint = Click hides or shows, Ctrl+click isolates.
graph-masked-short = (masked)
graph-readout-peers = peers { $low } to { $high }
graph-readout-empty = No observation to show.

graph-summary =
    Graph { $title }: { $usable ->
        [one] { $usable } usable observation
       *[other] { $usable } usable observations
    } and { $masked } masked, from { $from } to { $to }, values from { $low } to { $high }.
graph-summary-empty = Graph { $title }: no usable observation, { $masked } masked.

indices-title = Own indices
indices-intro = An index is a name and an expression over Sentinel-2 bands. It can be used wherever a shipped index can: graphs, calendar, exports.
indices-name = Name
indices-expression = Expression
indices-expression-hint = (B11 - B04) / (B11 + B04)
indices-range = Colour bar from
indices-range-to = to
indices-bands = Bands in this project: { $bands }
indices-uses = Uses { $bands }
indices-add = Add
indices-replace = Replace
indices-edit = Edit { $name }
indices-remove = Remove { $name }
indices-shipped = Shipped indices
indices-none = This project has no index of its own yet.
indices-name-taken = “{ $name }” is a shipped index; choose another name.
indices-name-sign = A name has letters, digits, “_” and “-” only.
indices-range-wrong = The lower limit must be less than the upper one.
indices-close = Close
graph-pair-name = { $name } { $days } d
