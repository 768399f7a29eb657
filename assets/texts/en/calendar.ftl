### Calendar pane and chips.

cal-title = Calendar
cal-count = { $n ->
    [one] 1 acquisition
   *[other] { $n } acquisitions
}, { $clear } clear
cal-count-reading = { $n ->
    [one] 1 acquisition
   *[other] { $n } acquisitions
}, reading shares
cal-summary = Calendar of parcel { $parcel }, { $view }: { $n ->
    [one] 1 acquisition
   *[other] { $n } acquisitions
} from { $from } to { $to }, { $clear } clear.
cal-loading = Reading dates
cal-no-parcel = No parcel
cal-no-parcel-why = Choose a parcel in the queue or on the map.

# Header
cal-menu = Calendar options
cal-view = View
cal-view-tip = What the chips show (V, Shift+V)
cal-stretch = Stretch
cal-stretch-tip = How values become brightness (B)
cal-mask = Mask
cal-mask-tip = Hatch over cloud, shadow, snow and missing pixels
cal-outline = Outline
cal-chip = Chip
cal-chip-tip = Edge of a chip in pixels (+ and -, Ctrl + wheel)

# Views
cal-view-backscatter = Backscatter { $band }
cal-view-ratio = VH/VV
cal-view-coherence = Coherence { $band }
cal-view-scl = Scene classes
cal-view-histogram = NDVI histogram
cal-view-scatter = Red–NIR scatter
cal-section-composites = Composites
cal-section-indices = Indices
cal-section-radar = Radar
cal-section-other = Classes and distributions
cal-red = Red channel
cal-green = Green channel
cal-blue = Blue channel
cal-show-bands = Show
cal-edit-indices = Own indices …

# Stretch
cal-stretch-fixed = fixed
cal-stretch-dynamic = dynamic
cal-stretch-range = own limits
cal-stretch-fixed-long = Fixed: the same limits for every date
cal-stretch-dynamic-long = Dynamic: limits of each chip, more contrast
cal-stretch-range-long = Own limits
cal-cut-low = Cut dark
cal-cut-high = Cut bright
cal-low = low
cal-high = high
cal-unit-reflectance = reflectance

# Options
cal-bins = Columns
cal-bins-half-week = Half-weeks
cal-bins-iso-week = ISO weeks
cal-bins-sequence = In sequence
cal-margin = Surroundings
cal-from = From
cal-to = to
cal-range-wrong = Dates as year-month-day, the first not after the last
cal-large = Large view
cal-compare = Compare
cal-play = Play dates
cal-stop = Stop playing
cal-reset-zoom = Whole chips again

# Chips
cal-now = now
cal-ref = ref
cal-badge-synthetic = syn
cal-orbit = orbit { $orbit }
cal-ascending = ascending
cal-descending = descending
cal-chip-clear = { $share } clear
cal-chip-loading = loading
cal-chip-outside = outside the image
cal-chip-value = values only, no image, { $signal } { $value }
cal-values-only = { $n ->
    [one] { $n } with values only, no image
   *[other] { $n } with values only, no image
  }
cal-chip-failed = cannot be read
cal-chip-synthetic = synthetic
cal-chip-current = current
cal-chip-reference = reference
cal-chip-compared = compared
cal-chip-more = { $n ->
    [one] 1 more in this cell
   *[other] { $n } more in this cell
}
cal-chip-large = Large view
cal-chip-set-reference = Make reference
cal-chip-unset-reference = No reference
cal-chip-compare = Add to comparison
cal-chip-uncompare = Remove from comparison
cal-chip-retry = Read again
cal-chip-product = Product

# Readout
cal-readout-title = { $date }, { $time } UTC, { $platform }
cal-readout-clear = { $share } clear of { $n ->
    [one] 1 pixel
   *[other] { $n } pixels
}
cal-readout-reading = Clear share is being read
cal-readout-pair = Pair with { $first }, { $n ->
    [one] 1 day
   *[other] { $n } days
}
cal-readout-pass-assumed = Orbit direction assumed from the hour
cal-readout-baseline = Processing baseline { $baseline }, offset { $offset } ({ $origin })
cal-readout-no-baseline = Processing baseline unknown, offset { $offset } ({ $origin })
cal-origin-metadata = stated by metadata
cal-origin-name = from the file name
cal-origin-setting = set in the project
cal-origin-assumed = assumed
cal-readout-synthetic = Synthetic: made, not observed
cal-readout-products = { $n ->
    [one] 1 product of this date; choose with the right button
   *[other] { $n } products of this date; choose with the right button
}
cal-no-value = no value

# Legend
cal-bar = { $name }, colours from { $low } to { $high }
cal-bar-darkest = lowest
cal-bar-brightest = highest
cal-bar-own-limits = of each chip; limits in the readout
cal-axis-ndvi = NDVI
cal-axis-pixels = pixels
cal-axis-red = B04 red, reflectance
cal-axis-nir = B08 near infrared, reflectance

# Scene classes
cal-scl-0 = no data
cal-scl-1 = saturated
cal-scl-2 = dark or cast shadow
cal-scl-3 = cloud shadow
cal-scl-4 = vegetation
cal-scl-5 = not vegetated
cal-scl-6 = water
cal-scl-7 = unclassified
cal-scl-8 = cloud, medium
cal-scl-9 = cloud, high
cal-scl-10 = thin cirrus
cal-scl-11 = snow or ice

# Large view and comparison
cal-previous = Previous date
cal-next = Next date
cal-close = Close
cal-large-label = Large view of { $date }, { $platform }
cal-large-help = Wheel zooms, drag pans. Hold \ to see the reference.
cal-metres = { $n } m
cal-compare-count = { $n ->
    [one] 1 date
   *[other] { $n } dates
}
cal-compare-clear = Clear
cal-compare-few = Nothing to compare yet
cal-compare-few-why = Ctrl+click dates in the calendar, or set a reference date with R.

# No imagery
cal-none = No image for this parcel
cal-none-why = { $n ->
    [one] 1 acquisition of this kind is
   *[other] { $n } acquisitions of this kind are
} in the project; { $outside ->
    [one] 1 footprint misses
   *[other] { $outside } footprints miss
} the parcel.
cal-none-fix = Show scan report
cal-none-sensor = No images for { $view }
cal-none-sensor-why = The project has no acquisition of this kind.
cal-none-view-fix = Show B08-B11-B04
cal-none-period = No image in the period shown
cal-none-period-why = { $n ->
    [one] 1 acquisition of this kind is
   *[other] { $n } acquisitions of this kind are
} in the project.
cal-none-period-fix = Show all dates
