"""Band means, coherence and cloud share of the ten parcels as two tables. Usage: python3 make.py FOLDER_OF_JRC_SALMS"""
import csv, os, sys

src, out = sys.argv[1], os.path.join(os.path.dirname(os.path.abspath(__file__)), "jrc-salms")
CLOUD = (3, 8, 9, 10, 11)
with open(os.path.join(out, "s2.csv"), "w", newline="") as s2:
    s2_rows = csv.writer(s2, lineterminator="\n")
    s2_rows.writerow(["parcel_id", "date", "B04", "B08", "cloud_share"])
    for parcel in range(1, 11):
        dates = {}
        for row in csv.DictReader(open(f"{src}/tsdir/{parcel}_s2_ts.csv")):
            own = dates.setdefault(row["date"], {})
            own[row["band"]] = "" if row["MEAN"] == "NA" else f"{float(row['MEAN']):.4f}"
            own["cloud"] = sum(int(row[f"hist.{c}"]) for c in CLOUD) / int(row["count"])
        for date in sorted(dates):
            own = dates[date]
            s2_rows.writerow([parcel, date, own.get("B04", ""), own.get("B08", ""), f"{own['cloud']:.3f}"])
with open(f"{src}/gtdir/FOIinfo.csv") as truth, open(os.path.join(out, "FOIinfo.csv"), "w") as copy:
    copy.write(truth.read())

# What evaluate must find there, by a program of its own: falls of NDVI, and pairs by trying all ways.
import json
from datetime import date
from functools import lru_cache

DEPTH, ALLOWANCE, RECOVERY, SEPARATION = 0.06, 0.002, 0.5, 30


def detected(series):
    falls = []
    for (d0, v0), (d1, v1), later in zip(series, series[1:], list(series[2:]) + [None]):
        if d1 - d0 > 40 or v0 - v1 - ALLOWANCE * (d1 - d0) < DEPTH:
            continue
        if later and later[0] - d1 <= 10 and later[1] - v1 >= RECOVERY * (v0 - v1):
            continue
        middle = (d0 + d1) / 2
        if (4, 1) <= (date.fromordinal(int(middle)).month, date.fromordinal(int(middle)).day) <= (10, 31):
            falls.append((-(v0 - v1 - ALLOWANCE * (d1 - d0)), middle))
    kept = []
    for _, middle in sorted(falls):
        if all(abs(middle - other) >= SEPARATION for other in kept):
            kept.append(middle)
    return sorted(int(middle) for middle in kept)


def hits(known, found, tolerance):
    @lru_cache(None)
    def best(at, used):
        if at == len(known):
            return 0
        ways = [best(at + 1, used)]
        for own, day in enumerate(found):
            if not used >> own & 1 and abs(day - known[at]) <= tolerance:
                ways.append(1 + best(at + 1, used | 1 << own))
        return max(ways)

    return best(0, 0)


series, known = {}, {}
for row in csv.DictReader(open(os.path.join(out, "s2.csv"))):
    if float(row["cloud_share"]) <= 0.1:
        red, nir = float(row["B04"]), float(row["B08"])
        series.setdefault(row["parcel_id"], []).append((date.fromisoformat(row["date"]).toordinal(), (nir - red) / (nir + red)))
for row in csv.DictReader(open(os.path.join(out, "FOIinfo.csv"))):
    day, month, year = map(int, row["Event_date"].split("/"))
    known.setdefault(row["ID"], []).append(date(year, month, day).toordinal())
found = {parcel: detected(own) for parcel, own in series.items()}
expected = {"events": sum(map(len, known.values())), "detections": sum(map(len, found.values()))}
for tolerance in (6, 12):
    expected[f"hits_{tolerance}"] = sum(hits(tuple(sorted(known[own])), tuple(found[own]), tolerance) for own in known)
with open(os.path.join(out, "expected.json"), "w") as file:
    file.write(json.dumps(expected) + "\n")
print(expected)
