### Servers of the JRC REST contract: connection, state, parcels.

action-connect = Connection to a server…
action-work-offline = Work offline
action-find-parcels = Parcels of the server…

connect-title = Connection to a server
connect-hint = A server that answers the REST contract of JRC’s Checks by Monitoring, such as an agency’s own or another Parcelight. Parcels, series and chips come from there and are kept on this computer.
connect-url = Address
connect-url-hint = https://cbm.example.eu
connect-user = User name
connect-password = Password
connect-password-hint = as kept by this computer
connect-remember = Keep the password in this computer’s keyring
connect-aoi = Area
connect-year = Year
connect-ptype = Parcel table
connect-ptype-hint = main table
connect-certificate = Authority
connect-certificate-hint = PEM file of its own authority
connect-plain = Allow an unencrypted connection
connect-plain-warning = Password and data can be read on the way by anybody. Use it only inside a network that you trust.
connect-ids = Parcels
connect-ids-hint = ids, separated by spaces, commas or lines
connect-layer = Parcels come from the project’s own layer; their ids are those of the server.
connect-test = Test
connect-testing = Asking the server…
connect-answers = The server answers. Areas: { $areas }.
connect-own = It is a Parcelight server: numbers come masked and per pixel as this project sets.
connect-no-area = The server has no area { $aoi } of { $year }.
connect-apply = Connect
connect-create = Create project
connect-save-path = Project file
connect-needs-address = Enter the server’s address, area and year.
connect-needs-ids = Enter the id of at least one parcel.
connect-needs-place = Enter where the project file shall be written.

find-title = Parcels of the server
find-hint = Ids of parcels to add to this project. On the map, the menu of a place asks for the parcel there, and for all parcels in an area.
find-add = Add
find-none = This project names no server.

remote-attempt = attempt { $attempt } of { $attempts }
remote-retry = Retry
remote-offline = Work offline
remote-online = Go online
remote-edit = Connection…
remote-works-offline = Working offline: only what is kept on this computer is shown.
remote-running = { $host }: { $running } running, { $waiting } waiting
remote-idle = { $host }
remote-is-offline = { $host }: offline
remote-told = server data of { $time }
remote-not-fetched = cloud over the whole parcel; click to fetch the image
remote-cloud = not fetched
remote-find-here = Add the parcel here from the server
remote-draw-area = Draw an area for parcels of the server
remote-drawing = Click the corners of the area; Enter or a double-click asks the server, Esc gives up.

prepare-server = The clear chips of the view in force, the series of the graphs and the weather of { $parcels } parcels are fetched from the server and kept. Then they can be reviewed offline.

job-find = Asking for parcels

graph-weather = Weather
graph-legend-rain = rain per day, at most { $most } mm
graph-weather-readout = { $tmin } to { $tmax } °C, { $rain } mm

parcel-server-markers = Markers of the server
