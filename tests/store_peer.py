"""Reads an observation store with other programs and compares it with the table of `parcelight extract`.

    python tests/store_peer.py STORE TABLE.csv

STORE holds one extraction, TABLE.csv is what it printed. Needs duckdb, pyarrow and pandas; not part of `make test`.
"""

import sys

import duckdb
import pandas as pd
import pyarrow.dataset

store, table = sys.argv[1:]
columns = list(pd.read_csv(table, nrows=0).columns)
order = ["parcel_id", "acquired_utc", "sensor", "platform", "pass", "relative_orbit", "band"]
text = {name: str for name in ("parcel_id", "acquired_utc", "sensor", "platform", "pass", "baseline", "band")}
expected = pd.read_csv(table, dtype=text).sort_values(order).reset_index(drop=True)


def compare(reader, found):
    extra = [name for name in found.columns if name not in columns]
    assert list(found.columns)[: len(columns)] == columns, list(found.columns)
    assert extra == ["parcel_key", "season", "tile"], extra
    assert (found["season"].astype(int) == found["acquired_utc"].str[:4].astype(int)).all()
    found = found[columns].sort_values(order).reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_exact=True)
    print(f"{reader}: {len(found)} rows, {len(columns)} columns of the table, equal; and {', '.join(extra)}")


compare(f"pandas {pd.__version__}", pd.read_parquet(store))
compare(f"pyarrow {pyarrow.__version__}", pyarrow.dataset.dataset(store, partitioning="hive").to_table().to_pandas())
compare(f"DuckDB {duckdb.__version__}", duckdb.sql(f"SELECT * FROM '{store}/**/*.parquet'").df())
query = f"""SELECT season, tile, sensor, count(*) AS rows, count(DISTINCT parcel_key) AS parcels
            FROM '{store}/**/*.parquet' GROUP BY ALL ORDER BY ALL"""
print(duckdb.sql(query))
