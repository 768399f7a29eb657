"""Writes marker databases as pyarrow writes them: one in the Arrow IPC file format under a misleading name, one in Parquet.

Run with: python make.py (pyarrow 26). Names of columns are those that the Sen4CAP documentation gives; the values are made up.
"""

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

IDS = [7, 8, 12]


def column(kind, values):
    return pa.array(values, type=kind)


names = ["NewID"]
arrays = [column(pa.int32(), IDS)]


def add(name, values, kind=pa.float32()):
    names.append(name)
    arrays.append(column(kind, values))


add("20200302_mean_NDVI", [573.264, -10000.0, 812.5])
add("20200302_stdev_NDVI", [41.5, -10000.0, 20.25])
add("20200302_valid_pixels_cnt_NDVI", [120.0, 0.0, 33.0])
add("20200312_mean_NDVI", [601.0, 250.5, None])
add("20200302_mean_LAI", [1520.0, -10000.0, 3015.0])
add("20200302_mean_L2A_33UVR_B4", [439.5, 812.0, 300.0])
add("20200302_mean_L2A_33UVR_B8", [2761.5, 1500.0, 4100.0])
add("20200305_mean_COHE_VV_044", [0.41, 0.52, 0.63])
add("20200305_mean_AMP_VH_044", [-17.5, -16.25, -18.0])
add("20200302_mean_VVVH_044", [0.3, 0.3, 0.3])
add("20200302_M1", [1, 0, -1], pa.int8())
add("XX_2020_03_02_s2_mean_ndwi", [-310.0, 120.0, 5.0])
add("W202101_ASC_VV_BCK_MEAN", [-9.5, -10.5, -11.5])

table = pa.Table.from_arrays(arrays, names=names)
with pa.OSFile("mdb1.csv", "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
    # In two batches, as the producer splits its rows.
    writer.write_table(table.slice(0, 2))
    writer.write_table(table.slice(2))
pa.parquet.write_table(table, "mdb1.parquet")
