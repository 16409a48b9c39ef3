"""The process that reads rows of an SQLite file for another one: `python -m regesta.store.reader`.

It takes statements, one a line of JSON, and answers each with an Arrow stream. Its driver carries
an SQLite of its own, which must never open a file that the same process has open by another. It
takes no lock either: whoever starts it holds one for as long as it reads.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import quote

import adbc_driver_sqlite
import pyarrow as pa
from adbc_driver_manager import AdbcConnection, AdbcStatement

BATCH_ROWS = 65_536

WHOLE = b"."
"""What follows each answer that is whole."""


def uri(path: Path) -> str:
    """Return the URI that opens the file *path* for reading, without locks of one's own."""
    return f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"


def main() -> None:
    """Answer each statement that comes in with the rows that it selects."""
    # The driver as it is: its `dbapi` wakes pandas and polars, which takes longer than to answer.
    with (
        adbc_driver_sqlite.connect(uri(Path(sys.argv[1]))) as database,
        AdbcConnection(database) as connection,
        AdbcStatement(connection) as statement,
    ):
        statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)})
        for line in sys.stdin:
            statement.set_sql_query(json.loads(line))
            stream, _ = statement.execute_query()
            with pa.RecordBatchReader.from_stream(stream) as found:
                _send(found)


def _send(found: pa.RecordBatchReader) -> None:
    """Write a stream of *found* and a sign that it is whole; where text is none, there is none."""
    with pa.ipc.new_stream(sys.stdout.buffer, found.schema) as stream:
        for batch in found:
            batch.validate(full=True)
            stream.write_batch(batch)
    # A stream that ends by a fault looks like any other.
    sys.stdout.buffer.write(WHOLE)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
