"""Parquet: the long table of CSV, by pyarrow, for pandas, polars, DuckDB and Spark."""

import os
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from posecore.files import replacing, writing
from posecore.formats.foreign import Foreign
from posecore.formats.rows import COLUMNS, read_rows, rows
from posecore.pose import FramePose

GROUP = 100_000  # rows that are written at a time


def write_parquet(path: str | os.PathLike[str], meta: Mapping[str, Any], frames: Iterable[FramePose]) -> None:
    """Write the rows of `rows`; null is what is not there.

    Raises ModuleNotFoundError without pyarrow, OSError when it cannot be written.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    word = pa.dictionary(pa.int8(), pa.string())
    kinds = (pa.int32(), pa.float64(), pa.int32(), word, pa.float32(), pa.float32(), pa.float32())
    schema = pa.schema(list(zip(COLUMNS, kinds, strict=True)))
    with replacing(path) as temporary, writing(path), ParquetWriter(temporary, schema) as file:
        table = rows(frames)
        while group := list(islice(table, GROUP)):
            columns = [pa.array(column, kind) for column, kind in zip(zip(*group, strict=True), kinds, strict=True)]
            file.write_table(pa.table(columns, schema=schema))


def is_parquet(path: Path, head: bytes) -> bool:
    """Whether it begins as Parquet does."""
    return head.startswith(b"PAR1")


def read_parquet(path: Path) -> Foreign:
    """Read such a table. Raises ModuleNotFoundError without pyarrow."""
    from pyarrow.parquet import ParquetFile

    table = ParquetFile(path).iter_batches(columns=list(COLUMNS))
    return read_rows(
        row for batch in table for row in zip(*(batch.column(name).to_pylist() for name in COLUMNS), strict=True)
    )
