### Start page, new project, scan report.

start-subtitle = Review parcels against Sentinel-1 and Sentinel-2 evidence.
start-new = New project
start-open = Open
start-hint = The sample works without a network. You can also drop a project file, a parcel file or a folder of images here.
start-recent = Recent projects
start-contents = { $parcels ->
    [one] { $parcels } parcel
   *[other] { $parcels } parcels
  }, { $acquisitions ->
    [one] { $acquisitions } acquisition
   *[other] { $acquisitions } acquisitions
  }
start-moved = file moved
start-locate = Locate
start-forget = Remove { $name } from the list
start-keys = Keys used most
start-key-parcel = next and previous parcel
start-key-date = previous and next usable date
start-key-view = composite and stretch
start-key-large = large view and compare
start-key-palette = command palette
start-key-all = all keys
start-sample = Sample: Pajottenland, Flanders, 2019
start-sample-contents = 17 parcels, 72 Sentinel-2 and 80 Sentinel-1 acquisitions. 25 July 2019, B08-B11-B04.
start-sample-attribution = Contains modified Copernicus Sentinel data 2018 to 2019. Parcels: Department of Agriculture and Fisheries, Flanders.

# Assumed reflectance offset
banner-offset = { $count ->
    [one] { $count } Sentinel-2 image does not say its reflectance offset; { $offset } is assumed.
   *[other] { $count } Sentinel-2 images do not say their reflectance offset; { $offset } is assumed.
  }
banner-change = Change…
banner-confirm = That is right

# New project
new-project = New project
new-parcels = Parcels
new-parcels-path = File
new-parcels-hint = GeoPackage, GeoJSON, Shapefile (also zipped), FlatGeobuf, KML or GeoParquet. The file is never changed.
new-parcels-reading = Looking into the file…
new-no-layer = The file has no layer with polygons.
new-no-crs = no coordinate system
new-layer = Layer
new-layer-contents = { $count ->
    [one] { $count } parcel
   *[other] { $count } parcels
  }, { $crs }
new-column-id = Id
new-column-code = Crop code
new-column-name = Crop name
new-column-none = none
new-imagery = Images
new-imagery-path = Folder
new-imagery-hint = Folders are searched whole: SAFE, STAC, JRC chips, one file per date or per band. They can be added later.
new-imagery-remove = Remove { $path }
new-scanning = { $done ->
    [one] { $done } file looked at
   *[other] { $done } files looked at
  }
new-nothing-found = No image found.
new-acquisitions = { $count ->
    [one] { $count } acquisition
   *[other] { $count } acquisitions
  }
new-problems = { $count ->
    [one] { $count } file needs attention; the rest can be used
   *[other] { $count } files need attention; the rest can be used
  }
new-place = Project
new-name = Name
new-save-path = Written to
new-create = Create project
new-needs-parcels = Choose a file with parcels first.
new-needs-place = Say where the project is written.
new-needs-scan = The folders are still being searched.
new-without-images = Without images only the map and the parcels are shown.
browse-for = Choose: { $what }
sensor-s2 = Sentinel-2
sensor-s1-backscatter = Sentinel-1 backscatter
sensor-s1-coherence = Sentinel-1 coherence
