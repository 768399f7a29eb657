"""Writes filters.csv: a made-up daily series, and what SciPy makes of it. The first line tells the version."""
import numpy as np
import scipy
from scipy import signal

days = np.arange(240)
x = 0.55 + 0.3 * np.sin(days / 38.0) + 0.05 * np.cos(days * 0.9) - 0.2 * np.exp(-((days - 120) / 6.0) ** 2)
columns = {"value": x}
for order, cut_off in [(13, 0.05), (13, 0.06), (13, 0.015), (4, 0.1), (5, 0.3)]:
    sos = signal.butter(order, 2 * cut_off, output="sos")
    columns[f"butter_{order}_{cut_off}"] = signal.sosfiltfilt(sos, x, padtype="odd", padlen=3 * (order + 1))
columns["savgol_11_2"] = signal.savgol_filter(x, 11, 2, mode="interp")
columns["savgol_21_4"] = signal.savgol_filter(x, 21, 4, mode="interp")
with open("filters.csv", "w") as file:
    file.write(f"# scipy {scipy.__version__}, numpy {np.__version__}, make.py beside\n")
    file.write(",".join(columns) + "\n")
    for row in zip(*columns.values()):
        file.write(",".join(repr(float(value)) for value in row) + "\n")
