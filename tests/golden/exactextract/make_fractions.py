"""Writes fractions.json: coverage fractions of 500 random polygons by exactextract, for tests/extract_golden.rs.

Run: pip install exactextract numpy; python make_fractions.py
Each polygon is a star about a random centre on a grid of 40 x 40 pixels of 10 m, every fifth with a hole; some reach over the edge.
"""
import json
import math
import random

import exactextract
import numpy as np
from exactextract.raster import NumPyRasterSource

LEFT, TOP, PIXEL, SIZE = 560_000.0, 5_620_400.0, 10.0, 40
rng = random.Random(20261121)


def ring(x, y, radii, factor):
    step = 2 * math.pi / len(radii)
    points = [(x + factor * r * math.cos(i * step), y + factor * r * math.sin(i * step)) for i, r in enumerate(radii)]
    # Centimetres: what the file says is what both sides get.
    return [[round(px, 2), round(py, 2)] for px, py in points]


features, parcels = [], []
for number in range(500):
    radii = [rng.uniform(4, 38) for _ in range(rng.randint(4, 14))]
    x, y = LEFT + rng.uniform(-10, SIZE * PIXEL + 10), TOP - rng.uniform(-10, SIZE * PIXEL + 10)
    rings = [ring(x, y, radii, 1.0)] + ([ring(x, y, radii, 0.4)] if number % 5 == 0 else [])
    closed = [r + r[:1] for r in rings]
    features.append({"type": "Feature", "properties": {"number": number}, "geometry": {"type": "Polygon", "coordinates": closed}})
    parcels.append({"rings": rings})

raster = NumPyRasterSource(np.zeros((SIZE, SIZE)), xmin=LEFT, ymin=TOP - SIZE * PIXEL, xmax=LEFT + SIZE * PIXEL, ymax=TOP)
found = exactextract.exact_extract(raster, features, ["cell_id", "coverage"])
for parcel, result in zip(parcels, found):
    cells, shares = result["properties"]["cell_id"], result["properties"]["coverage"]
    parcel["pixels"] = [[int(c), round(float(s), 9)] for c, s in zip(cells, shares)]

with open("fractions.json", "w", encoding="ascii") as out:
    origin = f"exactextract {exactextract.__version__} (Apache-2.0), make_fractions.py"
    json.dump({"origin": origin, "left": LEFT, "top": TOP, "pixel": PIXEL, "size": SIZE, "parcels": parcels}, out, separators=(",", ":"))
