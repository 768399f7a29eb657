### Locator map and parcel facts.

map-title = Map
map-loading = Reading parcels…
map-layers = Layers of the map
map-layer-chip = Current image at its place
map-layer-crops = Parcels coloured by crop
map-follow = Follow the current parcel
map-background = Background
map-background-none = None (works offline)
map-background-hint = Add XYZ or WMS backgrounds in the settings.
map-zoom-parcel = Zoom to the current parcel
map-zoom-in = Zoom in
map-zoom-out = Zoom out
map-north = N
map-other-crops = other crops
map-copy-wgs84 = Copy WGS 84 coordinates
map-copy-project = Copy { $crs } coordinates
map-summary = Map around parcel { $id }, { $crs }, north up. A click opens the parcel under the pointer.
