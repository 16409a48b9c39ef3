"""Tables as files: the same bytes, in whatever parts the rows come."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from regesta.release import tabular
from regesta.release.tabular import as_lines, write_history
from regesta.schema.tables import TABLES
from tests.release.conftest import Whole


@pytest.mark.parametrize("cuts", [(0, 3, 5), (0, 1, 2, 3, 4, 5), (0, 0, 5, 5)])
@pytest.mark.parametrize("group", [1, 2, 100])
def test_a_history_is_the_same_in_whatever_parts_it_comes(
    content: Whole,
    tmp_path: Path,
    cuts: tuple[int, ...],
    group: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows are grouped by number alone, as Arrow groups those of a whole table."""
    monkeypatch.setattr(tabular, "_ROW_GROUP", group)
    table, records = TABLES["events"], content.history["events"].sort("position")
    with write_history(table, tmp_path / "whole", {"a": "b"}) as write:
        write(records)
    with write_history(table, tmp_path / "parts", {"a": "b"}) as write:
        for start, end in pairwise(cuts):
            write(records[start:end])
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()
    whole = pq.ParquetFile(tmp_path / "whole")
    pq.write_table(
        whole.read().combine_chunks(),
        tmp_path / "arrow",
        row_group_size=group,
        compression="zstd",
        write_page_checksum=True,
    )
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "arrow").read_bytes()


@pytest.mark.parametrize("texts", [[], ["{}"], ["a", "김", ""]])
def test_each_leaf_is_a_line(texts: list[str]) -> None:
    """Lines are UTF-8, and the last one ends as well."""
    found = bytes(as_lines(pl.Series(texts, dtype=pl.String)))
    assert found == "".join(f"{text}\n" for text in texts).encode()
