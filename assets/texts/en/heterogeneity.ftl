### Heterogeneity: clusters, markers M1 to M7, index.

pane-heterogeneity = Heterogeneity
hetero-title = Heterogeneity
hetero-parameters = Parameters
hetero-look = Look
hetero-overlay = Clusters
hetero-overlay-tip = Clusters of the period over every chip
hetero-clusters = Clusters
hetero-connectivity = Connectivity
hetero-opacity = Opacity
hetero-hatch = Hatch
hetero-outlines = Lines between clusters
hetero-preset = Calibrated presets
hetero-saxony = Saxony (3, 3.0)
hetero-greece = Greece (2, 1.7)
hetero-calibrated = Radius and compactness were calibrated together.
hetero-not-calibrated = Radius and compactness are not calibrated together.
hetero-context = Clusters are those of
hetero-region = neighbours (at least { $n } parcels)
hetero-alone = this parcel alone
hetero-alone-tip = Its clusters always exist, even in a uniform field: look at M3 and M4 only.
hetero-alone-short = this parcel alone
hetero-k = Clusters
hetero-isolated = Lone pixels: up to so many of a class in 3 × 3
hetero-standardise = Standardise bands
hetero-rule-sum = Index by the sum of twelve markers
hetero-rule-literal = Index by the wording of the slides
hetero-defaults = Defaults
hetero-params = { $k } clusters, radius { $radius }, compactness { $compact }, NDVI { $distance }
hetero-blind = Hidden in blind review
hetero-blind-why = The index is an automatic finding. It is shown once your verdict is given.
hetero-clustering = Clustering the neighbourhood…
hetero-nothing = No parcel is chosen.
hetero-no-periods = There is no period to look at
hetero-no-periods-why = Clusters need Sentinel-2 images with B02, B03, B04 and B08 over at least 20 days of the dates shown.
hetero-na = Not available
hetero-no = No detection
hetero-poor = POOR
hetero-weak = WEAK
hetero-moderate = MODERATE
hetero-strong = STRONG
hetero-no-why = No three periods in a row have six markers or more.
hetero-window = Periods { $first } to { $last }, { $from } to { $to }: { $total } of 12 markers
hetero-show-window = Show in calendar
hetero-missing = { $n } markers not available
hetero-map-label = { $stream } clusters of period { $period }
hetero-mark-label = { $name } of period { $period }: { $value }, { $why }
hetero-period = Period { $n }, { $from } to { $to }
hetero-pixels = { $n } pixels
hetero-holes = { $n } dates without pixels, { $part } with some missing
hetero-choose = Choose a period to see its clusters.
hetero-cluster = Cluster
hetero-share = Share
hetero-count = Pixels
hetero-distance = NDVI distance { $value }
hetero-compactness = Compactness { $value }
hetero-holds = The condition holds.
hetero-no-pixels = No pixel has a class in this period.
hetero-one-cluster = One cluster covers { $share } of the parcel.
hetero-first-zero = 0 because one cluster covers the parcel.
hetero-few-large =
    { $n ->
        [0] No cluster is large enough.
        [one] Only one cluster is large enough.
       *[other] { $n } clusters are large enough.
    }
hetero-no-pair = Fewer than two clusters are large enough to compare; { $threshold } is asked for.
hetero-below = { $value } is below { $threshold }.
hetero-absent-outline = The parcel has no outline.
hetero-absent-small = Shrunk by the margin, the parcel holds no pixel centre.
hetero-absent-images = No image shows the parcel.
hetero-absent-dates = No image lies near this period.
hetero-absent-masked = Every pixel of every image near this period is masked or missing.
hetero-m1 = No cluster covers nearly all of the parcel (S2).
hetero-m2 = At least two clusters are large enough (S2).
hetero-m3 = Their mean NDVI differs enough.
hetero-m4 = They form compact zones (S2).
hetero-m5 = No cluster covers nearly all of the parcel (S1).
hetero-m6 = At least two clusters are large enough (S1).
hetero-m7 = They form compact zones (S1).
job-heterogeneity = Measuring heterogeneity
hetero-population = Heterogeneity of the population
hetero-measured = { $n } of { $all } parcels measured
hetero-measure = Measure all
hetero-measuring = Measuring…
hetero-measure-tip = Clusters every region of the layer in the background and keeps what was measured
hetero-not-measured = The population is not measured yet
hetero-not-measured-why = Clusters of every region are made once; then thresholds can be moved without reading anything again.
hetero-q-share = Largest share (M1, M5)
hetero-q-pixels = Pixels of a cluster (M2, M6)
hetero-q-distance = NDVI distance (M3)
hetero-q-compact = Compactness S2 (M4)
hetero-q-radar-share = Largest share S1 (M5)
hetero-q-radar-compact = Compactness S1 (M7)
hetero-sum = Sum of markers
hetero-literal = Wording
hetero-histogram = { $name }: parcels and periods (square root)
hetero-histogram-label = { $name }, threshold { $limit }
hetero-counting = Counting…
hetero-index = C_INDEX
hetero-parcels = Parcels
hetero-of-detections = Of detections
hetero-published = Published rate, for plausibility only
hetero-list-tip = Shows these parcels in the queue
hetero-list = C_INDEX { $index }
hetero-detected = With a detection
hetero-without =
    { $n ->
        [one] One parcel has no pixels in any period.
       *[other] { $n } parcels have no pixels in any period.
    }
hetero-colouring = C_INDEX of heterogeneity
hetero-not-of-stream = S1 has no such marker.
hetero-no-area = The area of the parcel is not known.
hetero-curves = NDVI of each cluster over the season; the period is shaded
