### Locator map and parcel facts.

map-title = Map
map-loading = Reading parcels…
map-layers = Layers of the map
map-layer-chip = Current image at its place
map-layer-season = Whole image of the current date
map-season-opacity = Opacity
map-season-reading = reading…
map-season-failed = A part of the image cannot be shown.
map-labels = Labels on parcels
map-labels-id = Id
map-labels-crop = Crop
map-labels-none = None
map-shown-of = { $shown } of { $total }
map-follow = Follow the current parcel
map-colouring = Parcels coloured by
map-colouring-crop = Declared crop
map-colouring-ndvi = NDVI on the current date
map-colouring-sufficiency = Usable optical dates
map-colouring-distance = Distance from peers (band widths)
map-colouring-none = Nothing, outlines only
map-background = Background
map-background-none = None (works offline)
map-background-hint = Add XYZ or WMS backgrounds in the settings.
map-zoom-parcel = Zoom to the current parcel
map-zoom-all = Zoom to all parcels
map-zoom-in = Zoom in
map-zoom-out = Zoom out
map-north = N
map-other-crops = other crops
map-unknown = no value
map-hidden-blind = hidden until you decide (blind review)
map-copy-wgs84 = Copy WGS 84 coordinates
map-copy-project = Copy { $crs } coordinates
map-summary = Map around parcel { $id }, { $crs }, north up. A click opens the parcel under the pointer.

### Attribute table.

table-id = Id
table-crop = Crop
table-area = Area, ha
table-row = Row { $row }: { $values }
table-sort = Sort by { $name }
table-width = Width of column { $name }
table-columns = Columns
table-columns-filter = Filter columns
table-columns-all = All
table-columns-none = None
table-column = Column { $name }
table-copy = Copy selected rows
table-copied =
    { $n ->
        [one] { $n } of { $total } selected rows is copied as a table.
       *[other] { $n } of { $total } selected rows are copied as a table.
    }
table-selected = { $n } selected
table-close = Close the table
