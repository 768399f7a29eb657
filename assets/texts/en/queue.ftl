### Queue of parcels, header strip and parcel facts.

queue-title = Queue
queue-subtitle = { $shown } of { $total }
queue-loading = Reading parcels…
queue-filter = Filter parcels
queue-filter-hint = Filter by id, crop
queue-filter-error = The filter is not used: { $fact }
queue-chip-remove = Remove filter { $chip }
queue-none-match = 0 of { $total } match
queue-clear = Clear filters
queue-no-parcels = No parcels
queue-no-parcels-hint = The layer holds no parcel. See the import report.
queue-no-crop = no crop declared
queue-area = { $area } ha
queue-problems =
    { $n ->
        [one] { $n } import problem
       *[other] { $n } import problems
    }
queue-sort = Sort
queue-sort-hint = Click sorts, again turns round, Shift+click adds.
queue-sort-given = Order of the source
queue-sort-id = Id
queue-sort-crop = Crop
queue-sort-area = Area
queue-sort-distance = Distance from peers: { $signal }
queue-distance = { $distance } × band
queue-distance-none = no distance
queue-distance-hint = Mean distance from the 10th to 90th percentile of the parcel’s peers over { $dates ->
        [one] { $dates } acquisition
       *[other] { $dates } acquisitions
    }, in widths of that band.
queue-distance-unknown = The distance from peers needs population statistics.
queue-distance-compute = Compute…
queue-distance-pending = Comparing the parcels with their peers…
queue-sorted = by { $key }
queue-footer =
    { $shown ->
        [one] { $shown } parcel
       *[other] { $shown } parcels
    }, { $problems ->
        [0] no import problems
        [one] { $problems } with import problems
       *[other] { $problems } with import problems
    }

header-no-parcel = No parcel matches the filter
header-loading = Loading the project…
header-failed = Nothing could be loaded
header-declared = declared
header-counting = Counting images of this parcel…
header-unknown = Images of this parcel could not be counted.
header-no-imagery =
    { $outside ->
        [one] No image sees this parcel: { $outside } acquisition lies outside it.
       *[other] No image sees this parcel: { $outside } acquisitions lie outside it.
    }
header-optical =
    { $n ->
        [one] { $n } Sentinel-2 acquisition
       *[other] { $n } Sentinel-2 acquisitions
    }, { $clear } clear
header-backscatter = { $n } Sentinel-1 backscatter
header-coherence =
    { $n ->
        [one] { $n } coherence pair
       *[other] { $n } coherence pairs
    }
header-synthetic = { $n } of these are synthetic
header-synthetic-hint = Made, not observed: they complete the sample and never count as evidence.

parcel-title = Parcel
parcel-loading = Reading parcels…
parcel-crop = Declared crop
parcel-area = Area
parcel-perimeter = Perimeter
parcel-attributes = Attributes of the source
parcel-products = Images of { $date }
parcel-acquired = Acquired
parcel-pair-name = Pair
parcel-pair =
    { $days ->
        [one] since { $first }, { $days } day
       *[other] since { $first }, { $days } days
    }
parcel-source = Satellite
parcel-pass-assumed = pass assumed from the hour
parcel-note = Note
parcel-synthetic = synthetic: made, not observed
parcel-clear = Clear
parcel-tile = Tile
parcel-baseline = Baseline
parcel-offset = Offset
parcel-origin-metadata = from metadata
parcel-origin-name = from the name
parcel-origin-setting = set in the project
parcel-origin-assumed = assumed: nothing says it
parcel-peers = Peers
parcel-peers-count =
    { $n ->
        [one] { $n } peer with { $crop }
       *[other] { $n } peers with { $crop }
    }
parcel-peers-all = Same declared crop in the whole project, at least { $area } ha.
parcel-peers-near = Same declared crop within { $distance } m, at least { $area } ha.
parcel-peers-whole = All of the crop in the observation store, at least { $area } ha, this parcel among them.
parcel-peers-none = No other parcel qualifies.
parcel-peers-loading = Looking for peers…
parcel-excluded = Excluded by you
parcel-exclude = Exclude { $id } from the peers
parcel-take-back = Take { $id } back as a peer
parcel-open = Open { $id }

parcel-problem-repaired = The outline was invalid and has been repaired: { $fact }
parcel-problem-no-geometry = No usable outline: { $fact }
parcel-problem-duplicate-id = This id occurs more than once.
parcel-problem-missing-id = The id is missing; a row number stands in.
parcel-problem-multipolygon =
    { $parts ->
        [one] { $parts } part
       *[other] { $parts } separate parts
    }
parcel-problem-overlap = Overlaps { $with } by { $share } of its own area.
parcel-problem-outside-crs = Lies outside the area of its coordinate system.
queue-list-remove = Show all parcels again instead of “{ $name }”
