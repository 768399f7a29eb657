# Series tables: parcel statistics from elsewhere.

table-title = Add series table
table-path = Table
table-browse-file = File…
table-browse-folder = Folder…
table-hint = A file, a folder of files, or a pattern such as series/*_s2.csv: JRC parcelTimeSeries (CSV, JSON), Sen4CAP marker database (Arrow IPC, Parquet, CSV), or any table with parcel ids, dates and bands or indices.
table-reading = Looking at the table…
table-unknown = Not understood yet
table-files = { $n ->
    [one] { $n } file
   *[other] { $n } files
  }
table-more-columns = { $n ->
    [one] and { $n } more column
   *[other] and { $n } more columns
  }
table-roles = Columns
table-more-roles = More columns
table-automatic = automatic
table-from-name = name of the file: { $id }
table-column-of = Column: { $role }
table-parcel-column = Matches in layer
table-parcel-column-id = the layer’s id column
table-role-id = parcel id
table-role-time = date or time
table-role-first = first date of the pair
table-role-signal = band or signal
table-role-mean = mean
table-role-std = standard deviation
table-role-min = smallest
table-role-p25 = first quartile
table-role-p50 = median
table-role-p75 = third quartile
table-role-max = largest
table-role-count = used pixels
table-role-pixels = all pixels
table-role-clear = clear share or cloud
table-role-classes = pixels per scene class
table-role-platform = satellite
table-role-pass = orbit direction
table-role-orbit = relative orbit
table-role-product = product name
table-role-sensor = sensor
table-signals = Signals
table-signals-hint = What each name means: B02 … B12, VV, VH, COH_VV, COH_VH, or an index; .std, .min, .p25 … behind it for another statistic than the mean. Empty leaves it out.
table-signal-of = Signal: { $name }
table-left-out = left out
table-units = Units in the table
table-unit-of = Unit: { $signal }
table-unit-physical = as it is (0..1, index, linear power)
table-unit-percent = percent
table-unit-x1000 = × 1000
table-unit-x10000 = × 10 000
table-unit-decibel = dB
table-result = What it gives
table-counting = Counting observations…
table-counted = { $n } observations of { $parcels } parcels
table-unknown-ids = { $n } ids are no parcels, such as { $few }
table-all-ids = All ids are parcels.
table-nothing = No observation belongs to a parcel: check the id column and what it matches in the layer.
table-own = Tables of this project
table-remove = Remove { $path }
table-add = Add
table-add-hint = The project names the table; it stays where it is.
choose-table = Series table
