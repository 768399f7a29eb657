"""Classes of colours by scikit-learn, as the JRC's marker tool asks it. Needs `pip install numpy scikit-learn`.

Usage: python3 make.py, in its folder.
"""

import csv

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

rows = list(csv.DictReader(open("../../../../assets/colours/nl2020_classes.csv")))
colours = np.array([[float(row[name]) for name in ("red", "green", "blue")] for row in rows])
classes = np.array([float(row["class"]) for row in rows])
model = KNeighborsClassifier(n_neighbors=5, p=2, metric="minkowski").fit(colours, classes)
random = np.random.default_rng(2020)
asked = np.vstack([random.integers(0, 256, (300, 3)), np.clip(colours[::4] + random.integers(-20, 21, (250, 3)), 0, 255)])
# Where the fifth and the sixth are equally far, the choice is the library's own; those are left out.
distances = np.sort(((asked[:, None, :] - colours[None]) ** 2).sum(axis=2), axis=1)
asked = asked[distances[:, 4] < distances[:, 5]]
with open("classes.csv", "w") as out:
    out.write("red,green,blue,class\n")
    for colour, found in zip(asked, model.predict(asked)):
        out.write(",".join(str(int(value)) for value in (*colour, found)) + "\n")
