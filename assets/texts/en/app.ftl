### Frame of the window: menus, header, status bar, messages.

menu-file = File
menu-edit = Edit
menu-view = View
menu-date = Date
menu-queue = Queue
menu-decide = Decide
menu-markers = Markers
menu-window = Window
menu-help = Help
menu-recent = Open recent
needs-project = Needs an open project

workspace-review = Review
workspace-tune = Tune
workspace-map = Map

pane-queue = Queue
pane-calendar = Calendar
pane-graph = Graphs
pane-map = Map
pane-parcel = Parcel
pane-table = Attribute table
pane-parameters = Parameters
pane-distribution = Distribution
pane-effect = Effect
pane-changed = Changed state
pane-boundary = Boundary parcels

no-project = no project
saved = saved
unsaved = not saved
synthetic = synthetic
hide-queue = Hide queue
show-queue = Show queue

retry = Retry
copy-details = Copy details
copy = Copy
cancel = Cancel
close = Close
open = Open
save = Save
browse = Browse…
path = Path
keys = keys

# Status bar
status-offline = offline, no remote source configured
status-loading = Reading the project…
prefetch = prefetch { $ready } of { $of }
seconds-left = about { $seconds } s left
job-scan = looking for images
job-import = reading parcels
job-tables = reading tables
job-read = reading images
job-prepare = preparing the queue
job-population = computing population statistics
job-marking = computing features

# Messages
copied-text = The text is copied.
copied-picture = The pane is copied as a picture.
picture-saved = The picture is saved as { $path }.
picture-not-saved = The picture cannot be saved as
picture-no-svg = This pane is cut out of the window and has no SVG: choose a name that ends with .png. Calendar, graphs and map can be saved as .svg.
picture-width = Width in pixels
picture-width-hint = Of a PNG. Another width than the usual one holds for the next pictures too, also for copies.
picture-width-wrong = The width is no number of pixels from { $least } to { $most }.
preferences-not-kept = Your preferences cannot be kept

# Paths
path-hint = Type or paste a path, or choose one.
open-title = Open project
save-as-title = Save project as
locate-title = Where is the project now?
choose-parcels = Choose the file with the parcels
choose-imagery = Choose a folder with images
choose-project = Where should the project be written?
save-picture-title = Save pane as picture

# Go to
go-to = Go to parcel
go = Go
parcel-id = Parcel id
no-such-parcel = None of { $count } parcels has an id with “{ $id }” in it.

# Command palette
palette-field = Command
palette-nothing = No command has these letters in this order.

# Log
log = Log
log-lines = { $count ->
    [one] { $count } line
   *[other] { $count } lines
  }
log-memory = { $megabytes } MB of answers in memory
log-empty = Nothing has happened yet.

# Scan and import report
scan-report = Scan and import report
problems-shown = { $shown } of { $count ->
    [one] { $count } line
   *[other] { $count } lines
  }
filter-problems = Filter lines
no-problems = Nothing to report
no-problems-why = Every parcel and every image was read as it is.
severity-note = note
severity-warning = warning
severity-error = not used
column-severity = State
column-file = File
column-fact = Found
column-expected = Expected, or what to do

# After a crash
restored-after-crash = Parcelight ended unexpectedly. You are back where you were; nothing was lost.

# About
about-licence = Licensed under MIT or Apache-2.0, at your option.
about-fonts = Inter and JetBrains Mono under the SIL Open Font License, Phosphor icons under the MIT licence.
about-data = The sample contains modified Copernicus Sentinel data 2018 to 2019 and parcels of the Department of Agriculture and Fisheries, Flanders.

# Preparing the queue
pack = Pack
pack-title = Where should the queue be packed?
population-title = Population statistics
population-hint = Statistics of every parcel at every acquisition, kept in the project’s observation store. The spread of whole crops, the list of outliers and the map’s colours are made of them. What is there already is not computed again.
population-parcels = Parcels
population-acquisitions = Acquisitions to read
population-acquisitions-value = { $missing }, { $stored } complete in the store
population-rows = Observations to add
population-read = Images to read
population-disk = Space on disk
population-time = Time
population-predicting = Reading a few bands to know…
population-complete = The store is complete.
population-running = The statistics are being computed; the status bar says how far they are.
population-start = Compute
population-folder = Store: { $folder }
prepare-title = Prepare the queue
prepare-hint = Keeps all bands around every parcel of the queue in the project’s cache: review is then instant from slow disks, and works where the images are not.
prepare-margin = Around the parcels
prepare-parcels = Parcels in the queue
prepare-acquisitions = Acquisitions
prepare-chips = Chips
prepare-chips-value = { $chips }, { $present } there already
prepare-read = Pixels to read
prepare-disk = Space on disk
prepare-time = Time
prepare-seconds = { $n ->
    [one] about one second
   *[other] about { $n } seconds
}
prepare-minutes = { $n ->
    [one] about one minute
   *[other] about { $n } minutes
}
prepare-complete = Everything is prepared.
prepare-predicting = Reading a few chips to know…
prepare-start = Prepare
prepare-pack = Prepare and pack…
prepare-pack-hint = Copies project, parcels and chips to a folder that can be taken along
prepare-running = A queue is being prepared; the status bar says how far it is.
