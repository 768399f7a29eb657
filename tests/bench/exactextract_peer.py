"""Times exactextract on the images that the `extract` bench has written: mean, stdev, count, min, max and three quantiles.

Not part of the tests. Needs `pip install exactextract rasterio geopandas`.
Usage: python3 tests/bench/exactextract_peer.py target/bench-extract/4096_1098_8
"""

import sys
import time
from pathlib import Path

import geopandas
import rasterio
from exactextract import exact_extract

OPERATIONS = ["mean", "stdev", "count", "min", "max", "quantile(q=0.25)", "quantile(q=0.5)", "quantile(q=0.75)"]


def main(folder: Path) -> None:
    images = sorted(str(path) for path in (folder / "imagery").glob("*_B*.tif"))
    parcels = geopandas.read_file(folder / "parcels.gpkg")
    for strategy in ("raster-sequential", "feature-sequential"):
        started = time.perf_counter()
        rows = 0
        for image in images:
            with rasterio.open(image) as raster:
                rows += len(exact_extract(raster, parcels, OPERATIONS, strategy=strategy, output="pandas"))
        print(f"exactextract, {strategy}: {time.perf_counter() - started:.2f} s for {len(images)} bands, {rows} rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
