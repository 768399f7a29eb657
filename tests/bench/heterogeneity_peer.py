"""Mini-batch k-means of scikit-learn on the rows that the `heterogeneity` bench has written.

Not part of the tests. Needs `pip install scikit-learn`. Rows are standardised before the clock starts; labels and inertia of all
rows are part of the time, as they are there. Usage: python3 tests/bench/heterogeneity_peer.py FILE FEATURES CLUSTERS
"""

import sys
import time

import numpy as np
import sklearn
from sklearn.cluster import MiniBatchKMeans

rows = np.fromfile(sys.argv[1], dtype=np.float32).reshape(-1, int(sys.argv[2]))
rows = ((rows - rows.mean(axis=0, dtype=np.float64)) / rows.std(axis=0, dtype=np.float64)).astype(np.float32)
times, inertia = [], []
for seed in range(3):
    started = time.perf_counter()
    found = MiniBatchKMeans(int(sys.argv[3]), batch_size=1024, n_init=3, random_state=seed).fit(rows)
    times.append(time.perf_counter() - started)
    assert found.labels_.shape == (len(rows),)
    inertia.append(float(((rows - found.cluster_centers_[found.labels_]).astype(np.float64) ** 2).sum()))
print(sorted(times)[1], min(inertia), max(inertia), sklearn.__version__)
