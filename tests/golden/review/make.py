"""Expected values of agreement and of shares, from a small calculation of its own: python3 make.py > agreement.json"""

import json
import sys

import numpy as np
import scipy
from scipy.stats import binomtest, norm

Z = norm.ppf(0.975)


def kappa(table):
    table = np.array(table, float)
    count = table.sum()
    p = table / count
    rows, columns = p.sum(1), p.sum(0)
    observed, expected = np.trace(p), (rows * columns).sum()
    value = (observed - expected) / (1 - expected)
    size = range(len(p))
    a = sum(p[i, i] * (1 - (rows[i] + columns[i]) * (1 - value)) ** 2 for i in size)
    b = (1 - value) ** 2 * sum(p[i, j] * (columns[i] + rows[j]) ** 2 for i in size for j in size if i != j)
    c = (value - expected * (1 - value)) ** 2
    error = np.sqrt((a + b - c) / count) / (1 - expected)
    return {
        "observed": observed, "expected": expected, "kappa": value, "error": error,
        "low": max(-1, value - Z * error), "high": min(1, value + Z * error),
    }


TABLES = [
    ("ratings of skin conditions, table of a SAS/STAT example", [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]),
    ("diagnoses, table of Fleiss 1981, p. 213", [[75, 1, 4], [5, 4, 1], [0, 0, 10]]),
    ("made", [[20, 5], [10, 15]]),
    ("made, an empty class", [[44, 5, 1, 0], [7, 20, 3, 0], [9, 5, 6, 0], [0, 0, 0, 0]]),
]
SHARES = [(0, 1), (0, 20), (1, 1), (3, 7), (81, 263), (15, 148), (412, 412), (50000, 100000)]

found = {
    "origin": "Cohen's kappa with the large-sample error of Fleiss, Cohen and Everitt (1969), a separate small calculation with numpy "
    f"{np.__version__}, see make.py. Intervals of shares: scipy "
    f"{scipy.__version__}, stats.binomtest(part, whole).proportion_ci(0.95, 'wilson').",
    "tables": [],
    "shares": [],
}
for name, table in TABLES:
    found["tables"].append({"name": name, "table": table, "expected": kappa(table)})
for part, whole in SHARES:
    ends = binomtest(part, whole).proportion_ci(0.95, "wilson")
    found["shares"].append({"part": part, "whole": whole, "low": ends.low, "high": ends.high})
json.dump(found, sys.stdout, indent=1)
print()
