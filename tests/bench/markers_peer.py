"""The chain of the `markers` bench in NumPy and SciPy, on the series that the bench has written.

Not part of the tests. Needs `pip install numpy scipy`. All parcels are worked on at once wherever the method allows it: removal of
clouds, indices, filters (rows of one length together), extrema. What goes event by event goes over short Python lists.
Usage: python3 tests/bench/markers_peer.py FOLDER PARCELS
"""

import sys
import time
from bisect import bisect_left, bisect_right
from math import acos, asin, atan2, degrees
from pathlib import Path

import numpy as np
import scipy.signal

FILTER = scipy.signal.butter(13, 2 * 0.05, output="sos")
PADDING = 42
MOST, JOINS, LEAST_DAYS = 10, 2, 14


def read(folder: Path, name: str, rows: int) -> np.ndarray:
    values = np.fromfile(folder / f"{name}.f64")
    return values.reshape(rows, -1) if rows else values


def daily(days: np.ndarray, values: np.ndarray) -> tuple[int, np.ndarray]:
    """Mean of a day, gaps on a line; the first day and a value for each."""
    whole = np.floor(days)
    first = int(whole[0])
    return first, np.interp(np.arange(first, int(whole[-1]) + 1), whole, values)


def low_pass(rows: list[np.ndarray]) -> list[np.ndarray]:
    """Rows of one length together."""
    by_length: dict[int, list[int]] = {}
    for at, row in enumerate(rows):
        by_length.setdefault(len(row), []).append(at)
    smooth: list[np.ndarray] = [np.empty(0)] * len(rows)
    for length, places in by_length.items():
        if length > PADDING:
            for at, row in zip(places, scipy.signal.sosfiltfilt(FILTER, np.stack([rows[at] for at in places]), padlen=PADDING)):
                smooth[at] = row
    return smooth


def extrema(rows: list[np.ndarray]) -> tuple[list[list[int]], list[list[int]]]:
    """Places of strict lows and highs of each row."""
    flat = np.concatenate(rows)
    ends = np.cumsum([len(row) for row in rows])
    starts = np.concatenate([[0], ends[:-1]])
    falls, rises = np.diff(flat) < 0, np.diff(flat) > 0
    found = []
    for before, after in ((falls, rises), (rises, falls)):
        places = np.nonzero(before[:-1] & after[1:])[0] + 1
        row = np.searchsorted(ends, places, side="right")
        inside = (places > starts[row]) & (places < ends[row] - 1)
        places, row = places[inside] - starts[row[inside]], row[inside]
        found.append([part.tolist() for part in np.split(places, np.searchsorted(row, np.arange(1, len(rows))))])
    return found[0], found[1]


def belong(a: tuple[int, int, int], b: tuple[int, int, int], values: list[float]) -> bool:
    if b[0] != a[2]:
        return b[0] < a[2]
    (left, low, right), (left2, low2, right2) = [values[at] for at in a], [values[at] for at in b]
    try:
        one = 90 + degrees(asin((right - left) / (right - low))) if left < right else degrees(acos((left - right) / (left - low)))
        two = (
            degrees(acos((right2 - left2) / (right2 - low2)))
            if left2 < right2
            else 90 + degrees(asin((left2 - right2) / (left2 - low2)))
        )
    except (ValueError, ZeroDivisionError):
        return False
    return one + two < 135


def joined(features: list[tuple[int, int, int]], values: list[float]) -> list[tuple[int, int, int]]:
    groups: list[tuple[int, int, int]] = []
    for at, own in enumerate(features):
        if at and belong(features[at - 1], own, values):
            left, low, _ = groups[-1]
            groups[-1] = (left, own[1] if values[own[1]] <= values[low] else low, own[2])
        else:
            groups.append(own)
    return groups


def steep(own: tuple[int, int, int], values: list[float], depth: float) -> bool:
    left, low, right = own
    if not (values[left] > values[low] and values[right] > values[low]):
        return False
    middle = (low - left) / (right - left)
    a, c = (values[left] - values[low]) / depth, (values[right] - values[low]) / depth

    def angle(u0: float, u1: float, v0: float, v1: float) -> float:
        return degrees(atan2(abs(u0 * v1 - u1 * v0), u0 * v0 + u1 * v1))

    return angle(middle, -a, 1, c - a) >= 30 and angle(middle - 1, -c, -1, a - c) >= 30


def drops(values: list[float], lows: list[int], highs: list[int], window: tuple[int, int], depth: float) -> list[tuple[int, int]]:
    """First and last place of each drop."""
    last = len(values) - 1
    inside = [at for at in lows if window[0] < at < window[1]]
    inside = sorted(sorted(inside, key=values.__getitem__)[:MOST])
    features = []
    for low in inside:
        before, after = bisect_left(highs, low - 1), bisect_right(highs, low + 1)
        features.append((highs[before - 1] if before else 0, low, highs[after] if after < len(highs) else last))
    for _ in range(JOINS):
        features = joined(features, values)
    found = []
    for own in features:
        own_depth = max(values[own[0]], values[own[2]]) - values[own[1]]
        if own[2] - own[0] >= LEAST_DAYS and own_depth >= depth and steep(own, values, own_depth):
            found.append((own[0], own[2]))
    return found


def chain(data: dict[str, np.ndarray], parcels: int) -> tuple[int, int, int]:
    season = data["season"]
    # Vegetation index: clear observations, daily, smooth.
    index = (data["b08"] - data["b04"]) / (data["b08"] + data["b04"])
    clear = data["cloud"] <= 0
    firsts, rows = [], []
    for at in range(parcels):
        first, row = daily(data["s2_days"][clear[at]], index[at, clear[at]])
        firsts.append(first)
        rows.append(row)
    smooth = low_pass(rows)
    # Coherence: both passes have the same days for all parcels.
    parts, starts = [], []
    for ascending in (0, 1):
        own = data["pass"] == ascending
        for name in ("vh", "vv"):
            found = [daily(data["coh_days"][own], values) for values in data[name][:, own]]
            starts.append(found[0][0])
            parts.append(np.stack([row for _, row in found]))
    start, stop = max(starts), min(first + part.shape[1] for first, part in zip(starts, parts))
    cut = [part[:, start - first : stop - first] for first, part in zip(starts, parts)]
    both = [scipy.signal.sosfiltfilt(FILTER, part, padlen=PADDING) for part in cut]
    norm = np.sqrt(sum(part * part for part in both) / len(both))
    lows, highs = extrema(smooth)
    coh_lows, coh_highs = extrema(list(-norm))
    counts = [0, 0, 0]
    for at in range(parcels):
        first, length = firsts[at], len(smooth[at])
        window = (max(int(season[0]) - first, 0), min(int(season[1]) - first, length - 1))
        found = drops(smooth[at].tolist(), lows[at], highs[at], window, 0.1)
        window = (max(int(season[0]) - start, 0), min(int(season[1]) - start, norm.shape[1] - 1))
        peaks = drops((-norm[at]).tolist(), coh_lows[at], coh_highs[at], window, 0.08)
        confirmed = [a for a in found if any(min(a[1] + first, b[1] + start) > max(a[0] + first, b[0] + start) for b in peaks)]
        counts = [total + len(own) for total, own in zip(counts, (found, peaks, confirmed))]
    return counts[0], counts[1], counts[2]


def main(folder: Path, parcels: int) -> None:
    data = {name: read(folder, name, 0) for name in ("s2_days", "coh_days", "pass", "season")}
    data |= {name: read(folder, name, parcels) for name in ("b08", "b04", "cloud", "vh", "vv")}
    times, counts = [], (0, 0, 0)
    for _ in range(3):
        started = time.perf_counter()
        counts = chain(data, parcels)
        times.append(time.perf_counter() - started)
    print(sorted(times)[1], *counts, f"numpy-{np.__version__}", f"scipy-{scipy.__version__}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
