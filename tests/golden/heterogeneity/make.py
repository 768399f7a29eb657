"""Inertia of scikit-learn's k-means on pixels of the sample. Needs pip install scikit-learn tifffile. Usage: python3 make.py"""
import json
from pathlib import Path

import numpy as np
import sklearn
import tifffile
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parents[2] / "data-samples/pajottenland_2019/s2"
PERIODS = [
    ["S2A_20190416T105658_T31UES", "S2B_20190421T105702_T31UES", "S2A_20190516T105659_T31UES"],
    ["S2B_20190620T105703_T31UES", "S2B_20190630T105704_T31UES", "S2A_20190705T105700_T31UES"],
    ["S2B_20190720T105704_T31UES", "S2A_20190725T105700_T31UES", "S2B_20190730T105703_T31UES"],
]


def rows(names):
    bands = []
    for name in names:
        image = tifffile.imread(SAMPLE / f"{name}_10m.tif").astype(np.float32)
        if image.shape[0] != 4:
            image = np.moveaxis(image, -1, 0)
        bands.append(image.reshape(4, -1))
    ndvi = [(own[3] - own[2]) / (own[3] + own[2]) for own in bands]
    return np.stack(ndvi + [own[at] for own in bands for at in range(4)], axis=1)


cases = []
for names in PERIODS:
    values = StandardScaler().fit_transform(rows(names).astype(np.float64))
    for clusters in (4, 5):
        full = KMeans(clusters, n_init=10, random_state=0, tol=0, max_iter=1000).fit(values)
        mini = MiniBatchKMeans(clusters, n_init=3, batch_size=1024, random_state=0).fit(values)
        cases.append({"acquisitions": names, "clusters": clusters, "rows": len(values),
                      "inertia_kmeans": full.inertia_, "inertia_minibatch": mini.inertia_})
about = ("Sum of squared distances of standardised rows (NDVI of each date, then B02 B03 B04 B08 of each date) of all 64 x 64 pixels of "
         f"data-samples/pajottenland_2019/s2 to their centre, by scikit-learn {sklearn.__version__} (BSD-3-Clause) with NumPy "
         f"{np.__version__}: KMeans (10 starts) and MiniBatchKMeans (3 starts, batch 1024), both random_state 0.")
(HERE / "inertia.json").write_text(json.dumps({"about": about, "cases": cases}, indent=1) + "\n")
