"""Runs JRC's own client functions against a running `parcelight serve` and prints what each got. See README.md."""

import argparse
import json
import os
import sys
import tempfile
import types

import requests

FAILED = []


def check(name, right, got):
    print(f"{'ok  ' if right else 'FAIL'} {name}: {got}")
    if not right:
        FAILED.append(name)


def import_client(package):
    """Modules of `cbm` without its front door, which loads libraries for plots and databases."""
    root = types.ModuleType("cbm")
    root.__path__ = [os.path.join(package, "cbm")]
    sys.modules["cbm"] = root
    from cbm.utils import config
    from cbm.datas import api
    from cbm.get import chip_images, parcel_info, time_series
    return config, api, chip_images, parcel_info, time_series


def package_functions(args, client):
    """The functions that notebooks of the package call."""
    config, api, chip_images, parcel_info, time_series = client
    for key, value in (("url", args.url), ("user", args.user), ("pass", args.password)):
        config.set_value(["api", key], value)
    config.set_value(["set", "data_source"], "api")
    aoi, year, pid = args.aoi, args.year, args.pid

    info = json.loads(api.get_options())
    check("get_options", aoi in info["aois"], list(info["aois"]))

    parcel = parcel_info.by_pid(aoi, year, pid)
    check("parcel_info.by_pid", parcel["pid"] == [pid], {key: parcel[key] for key in ("pid", "cropname", "srid", "area")})
    check("  geometry is GeoJSON", json.loads(parcel["geom"][0])["type"] == "MultiPolygon", parcel["geom"][0][:60] + "…")
    lon, lat = parcel["clon"][0], parcel["clat"][0]
    found = parcel_info.by_location(aoi, year, lon, lat, wgs84=True)
    check("parcel_info.by_location", pid in found["pid"], found["pid"])
    ring = [(lon - 1e-4, lat - 1e-4), (lon + 1e-4, lat - 1e-4), (lon + 1e-4, lat + 1e-4), (lon - 1e-4, lat - 1e-4)]
    polygon = "-".join(f"{x}_{y}" for x, y in ring)
    ids = json.loads(parcel_info.by_polygon(aoi, year, polygon))
    check("parcel_info.by_polygon", pid in ids["pid"], ids)
    peers = json.loads(api.parcel_peers(aoi, year, pid, 1000.0, 5))
    check("api.parcel_peers", set(peers) == {"pids", "distance"}, peers)

    for kind, bands in (("s2", 6), ("bs", 2), ("c6", 2)):
        series = time_series.by_pid(aoi, year, pid, kind)
        rows = len(series["date_part"])
        check(f"time_series.by_pid {kind}", rows > 0 and len(set(series["band"])) == bands, f"{rows} rows, {sorted(set(series['band']))}")
        path = os.path.join("temp", aoi, str(year), str(pid), f"time_series_{kind}.csv")
        check("  table written", os.path.getsize(path) > 1000, f"{os.path.getsize(path)} bytes")
    weather = time_series.weather(aoi, year, pid)
    check("time_series.weather", "meteo_date" in weather, f"{len(weather['meteo_date'])} days")

    chip_images.by_location(lon, lat, "2019-04-01", "2019-04-30", "B08", 640)
    folder = os.path.join("temp", f"{lon}_{lat}".replace(".", "_"), "chip_images")
    files = sorted(name for name in os.listdir(folder) if name.endswith(".tif"))
    magic = all(open(os.path.join(folder, name), "rb").read(4) in (b"II*\0", b"MM\0*") for name in files)
    check("chip_images.by_location", files and magic, f"{len(files)} GeoTIFFs, first {files[:1]}")
    page = api.cbl(lon, lat, "2019-04-01", "2019-04-30", ["B08", "B04", "B03"], "5_95")
    check("api.cbl", page.text.count("<img") > 0, f"{page.text.count('<img')} pictures")
    google = api.background(lon, lat, 256, 512, "Google", "temp")
    check("api.background Google", getattr(google, "text", "") == "{}", "{}")
    return lon, lat


def calendar_sequence(args, lon, lat):
    """What the calendar tool sends for one parcel: classes, choice of tiles, batches, downloads; then radar by month."""
    auth = (args.user, args.password)
    base = args.url

    def ask(route, **parameters):
        return requests.get(f"{base}/query/{route}", params=parameters, auth=auth, timeout=180)

    common = {"aoi": args.aoi, "year": args.year, "pid": args.pid}
    series = json.loads(ask("parcelTimeSeries", tstype="s2", scl="True", ref="True", **common).text)
    clouds = {"0", "1", "3", "8", "9", "10", "11"}
    tiles = {}
    for time, band, hist, reference in zip(series["date_part"], series["band"], series["hist"], series["reference"]):
        if band == "B04" and not clouds & set(hist):
            tile = reference.split(".")[0]
            tiles.setdefault(tile.split("_")[2][:8], tile)
    tiles = [tiles[day] for day in sorted(tiles)]
    check("calendar: cloud-free tiles", len(tiles) > 10, f"{len(tiles)} tiles, first {tiles[0]}")
    check("calendar: UTM zone from the name", tiles[0].split("_")[5][1:3] == "31", tiles[0].split("_")[5])

    bands = ["B04", "B08", "B11"]
    size = 36 // len(bands)
    fetched = {}
    for start in range(0, len(tiles) + size, size):
        body = {"lon": lon, "lat": lat, "tiles": tiles[start:start + size], "bands": bands, "chipsize": 640}
        index = requests.post(f"{base}/query/rawChipsBatch", json=body, auth=auth, timeout=300).json()
        for path in index["chips"]:
            name = path.split("/")[3]
            fetched[name] = requests.get(base + path, auth=auth, timeout=180).content
    wanted = {f"{tile}.{band}.tif" for tile in tiles for band in bands}
    check("calendar: chips of all batches", set(fetched) == wanted, f"{len(fetched)} of {len(wanted)} files")
    check("calendar: all are GeoTIFFs", all(body[:4] in (b"II*\0", b"MM\0*") for body in fetched.values()), f"{sum(map(len, fetched.values()))} bytes")

    chips = ask("rawChipByLocation", lon=lon, lat=lat, start_date="2019-04-01", end_date="2019-05-01", band="SCL", chipsize=640).json()
    names = [path.split("/")[3] for path in chips["chips"]]
    check("calendar: scene classes by location", len(names) == len(chips["dates"]) > 0, f"{len(names)} chips, first {names[:1]}")
    for level in ("CARD-BS", "CARD-COH6"):
        body = {"lon": lon, "lat": lat, "dates": ["2019-04-01", "2019-04-30"], "chipsize": 640, "plevel": level}
        index = requests.post(f"{base}/query/rawS1ChipsBatch", json=body, auth=auth, timeout=300).json()
        kinds = {label.split("_")[1] for label in index["dates"]}
        passes = {"D" if int(label[9:11]) < 12 else "A" for label in index["dates"]}
        check(f"calendar: {level} of a month", kinds == {"VV", "VH"}, f"{len(index['chips'])} chips, {sorted(kinds)}, passes {sorted(passes)}")
    background = ask("backgroundByLocation", lon=lon, lat=lat, tms="sentinel", iformat="tif").text
    body = requests.get(f"{base}/{background}", auth=auth, timeout=60).content
    check("background by relative path", body[:4] in (b"II*\0", b"MM\0*"), f"{len(body)} bytes")

    denied = requests.get(f"{base}/query/info", auth=(args.user, "wrong"), timeout=60)
    check("wrong password", denied.status_code in (200, 401), f"{denied.status_code} {denied.text[:20]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", help="folder with the package cbm; without it only the calendar's sequence runs")
    parser.add_argument("--url", default="http://127.0.0.1:5000")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--aoi", required=True, help="served area")
    parser.add_argument("--year", default="2019")
    parser.add_argument("--pid", required=True)
    args = parser.parse_args()
    package = os.path.abspath(args.package) if args.package else None
    with tempfile.TemporaryDirectory() as folder:
        # The package keeps its settings and results below the folder it is imported in.
        os.chdir(folder)
        if package:
            print("functions of the package cbm")
            lon, lat = package_functions(args, import_client(package))
        else:
            found = requests.get(
                f"{args.url}/query/parcelByID",
                params={"aoi": args.aoi, "year": args.year, "pid": args.pid},
                auth=(args.user, args.password),
                timeout=60,
            ).json()
            lon, lat = found["clon"][0], found["clat"][0]
        print("requests of the calendar tool")
        calendar_sequence(args, round(lon, 5) + 0.00001, round(lat, 5) + 0.00001)
        os.chdir("/")
    print(f"{len(FAILED)} failed" + (": " + ", ".join(FAILED) if FAILED else ""))
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
