### Settings, shortcuts, own indices.

settings = Settings
settings-appearance = Appearance
settings-work = Work
settings-threads-limited = Not on all cores
settings-threads = Threads
settings-threads-hint = For reading images and computing; in force when a project is opened next. No number depends on it.
settings-memory = Memory
settings-memory-hint = For statistics of many parcels, beside the parcels themselves; what needs more waits on disk.
settings-keys = Keys
settings-observations = Observations
settings-peers = Peers
settings-radiometry = Reflectance
settings-backgrounds = Map backgrounds

# Appearance
settings-theme = Theme
theme-system = System
theme-dark = Dark
theme-light = Light
settings-language = Language
language-system = as the system
settings-scale = Interface scale
settings-scale-hint = 75 to 250 %. Ctrl++ and Ctrl+- change it from anywhere.
settings-motion = Reduce motion

# Keys
bindings-filter = Filter actions
bindings-reset-all = All defaults
bindings-conflict = { $key } has more than one meaning: { $actions }. The first one counts.
bindings-press = press a key, Esc leaves it
bindings-change = Change key of { $action }
bindings-remove = Remove key of { $action }
bindings-reset = Default key of { $action }
shortcuts-hint = Single keys rest while you type in a field. All keys can be changed in the settings.
group-parcel = Parcel
group-date = Date
group-view = View
group-application = Application

# Observations
settings-mask = Scene classes that do not count
settings-mask-hint = Pixels of these classes are left out of every number and hatched in pictures.
settings-pixels = Pixels of a parcel
pixels-centre = centre inside
pixels-coverage = by covered area
settings-buffer = Buffer of the outline
settings-usable = Smallest usable share
settings-gap = Longest bridged gap

# Peers
settings-peers-hint = Peers are parcels of the same crop in this project. Their spread is drawn behind the parcel’s line.
settings-peers-source = Taken from
settings-peers-nearest = Nearest parcels
settings-peers-population = Whole population
settings-peers-population-hint = All parcels of the crop as the observation store holds them, this parcel among them; an index is that of the band means.
settings-peers-region = Same region by column
settings-peers-everywhere = all regions together
settings-peers-near = Only within a distance, edge to edge
settings-peers-distance = Distance
settings-peers-max = At most, nearest first
settings-peers-area = Smallest area
settings-peers-excluded = { $count ->
    [one] { $count } peer is excluded by hand.
   *[other] { $count } peers are excluded by hand.
  }
settings-peers-take-back = Take all back

# Reflectance
settings-radiometry-hint = Sentinel-2 images of processing baseline 04.00 and later are stored with an offset of -1000. Metadata decide; this is used only where nothing says it. A change reads all images again.
settings-radiometry-count = { $count ->
    [0] Every image says its offset.
    [one] { $count } image does not say its offset.
   *[other] { $count } images do not say their offset.
  }
settings-offset = Assumed offset
offset-none = none
offset-1000 = -1000
settings-quantification = Assumed numbers per unit
settings-confirmed = I know that this is right for my images

# Map backgrounds
settings-backgrounds-hint = Nothing is fetched from the network unless you add it here.
background-name = Name
background-url = Address: https://…/{"{"}z{"}"}/{"{"}x{"}"}/{"{"}y{"}"}.png, or of a WMS with LAYERS=
background-attribution = Attribution, shown on the map and on exports
background-add = Add background
background-needs = Needs a name, a usable address and an attribution
background-remove = Remove { $name }
