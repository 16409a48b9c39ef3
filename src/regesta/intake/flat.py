"""Take a flat file apart: one row an event becomes rows of several tables.

A row has `date`, `event_type` and `title`, may have the other columns of `events`, and may say
in `participants` who took part (`RUS:host; PRK:guest`) and in the columns of `SOURCE` and
`EVIDENCE` who reported it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

import polars as pl

from regesta.hashing import sha256_each
from regesta.intake.incoming import Part
from regesta.intake.raw import RawTable
from regesta.log.leaves import json_members, spelt
from regesta.research.names import Actor, Names, newcomer, state
from regesta.schema import failures
from regesta.schema.tables import TABLES
from regesta.schema.tidy import FILE, ROW, tidy, unseen
from regesta.vocabulary import HINTED

NEEDED = ("date", "event_type", "title")
EVENT = tuple(TABLES["events"].columns)
SOURCE: Mapping[str, str] = MappingProxyType(
    {
        "source_url": "url",
        "source_publisher": "publisher",
        "source_title": "title",
        "source_kind": "kind",
        "archived_url": "archived_url",
        "published_on": "published_on",
        "accessed_on": "accessed_on",
        "language": "language",
    }
)
EVIDENCE = ("stance", "aspect", "value", "speaker", "said_on", "gist", "locator")
COLUMNS = (*EVENT, "participants", *SOURCE, *EVIDENCE)

WHOLE = frozenset({"events", "participants", "sources", "evidence"})
"""The tables that a flat file can be the whole of."""

_PARTY = (
    ("participants", "actor_id", "participants"),
    ("participants", "role", "participants"),
    ("sources", "source_id", "source_url"),
    ("evidence", "source_id", "source_url"),
    ("evidence", "evidence_id", "source_url"),
)

_MINTED = ("source_id", "evidence_id")
"""What no column of a flat file holds."""

_FOLLOWING = ("date_earliest", "date_latest")

_NAMELESS_SOURCE = ("publisher", "title", "published_on")
"""What names a source that has no address."""

_CLAIM = ("event_id", "source_id", "aspect", "speaker", "value")
"""What names a claim; whoever corrects anything else of it says the same claim anew."""

DEFAULT_STANCE = "asserts"
"""A source that a coder names for an event is taken to say that it happened."""


def take_apart(raw: RawTable, rows: pl.DataFrame, names: Names, *, new_actors: bool) -> Part:
    """Return what the flat *rows* bring to each table.

    Parameters
    ----------
    raw
        The file, for its name and its unreadable rows.
    rows
        Its rows as text, blanks trimmed, with their origin.
    names
        The actors that are known.
    new_actors
        Whether an actor that nobody knows is recorded, or refused.
    """
    identified = _identified(rows)
    hidden = [
        unseen(TABLES[table], identified, column)
        for table, column in (("participants", "participants"), ("evidence", "speaker"))
        if column in identified.columns
    ]
    seen = identified.join(
        failures.together(hidden), left_on=[FILE, ROW], right_on=["file", "row"], how="anti"
    )
    parties = _parties(seen)
    spoken = _spoken(seen)
    named = pl.concat(
        [
            _named(parties, "actor", "participants", "actor_id"),
            _named(spoken, "speaker", "evidence", "speaker"),
        ]
    )
    known, newcomers, wrong = _resolve(named.drop_nulls("actor"), names, new_actors=new_actors)
    frames = {
        "events": identified.select(FILE, ROW, *(n for n in EVENT if n in identified.columns)),
        "actors": newcomers,
        "participants": _with_actor(parties, known, "actor", "actor_id").drop("actor"),
        "sources": spoken.select(
            FILE, ROW, "source_id", *(new for old, new in SOURCE.items() if old in rows.columns)
        ),
        "evidence": _with_actor(spoken, known, "speaker", "speaker").select(
            FILE, ROW, *_CLAIM[:2], "evidence_id", *(n for n in EVIDENCE if n in rows.columns)
        ),
    }
    return Part(
        rows={name: frame for name, frame in frames.items() if frame.height or name in WHOLE},
        raw=raw,
        counted_as="events",
        whole=WHOLE,
        is_flat=True,
        failures=failures.together([raw.unreadable, *hidden, wrong, _without_role(parties)]),
    )


def with_defaults(table: str, frame: pl.DataFrame, flat_files: list[str]) -> pl.DataFrame:
    """Return rows of *table* with what flat files need not say and the log does not know.

    A publisher that nobody names is the host of the address; a source asserts.
    """
    is_flat = pl.col(FILE).is_in(flat_files)
    match table:
        case "sources":
            named = pl.coalesce("publisher", _hosts(frame))
            return frame.with_columns(publisher=pl.when(is_flat).then(named).otherwise("publisher"))
        case "evidence":
            stance = pl.col("stance").fill_null(DEFAULT_STANCE)
            return frame.with_columns(stance=pl.when(is_flat).then(stance).otherwise("stance"))
        case _:
            return frame


def minted(prefix: str, frame: pl.DataFrame, fields: Mapping[str, pl.Expr]) -> pl.Series:
    """Return an identifier for each row, made from *fields* of it: 80 bits of their SHA-256."""
    names = sha256_each(json_members(frame.select(**fields))).bin.encode("hex").str.slice(0, 20)
    return names.to_frame("name").select(pl.concat_str(pl.lit(f"{prefix}-"), "name")).to_series()


def in_their_words(found: pl.DataFrame, flat_files: list[str]) -> pl.DataFrame:
    """Return failures with the columns of flat files called as those files call them, each once."""
    ours = [*(("sources", new, old) for old, new in SOURCE.items()), *_PARTY]
    words = pl.DataFrame(ours, schema=["table", "column", "theirs"], orient="row")
    is_flat = pl.col("file").is_in(flat_files)
    renamed = found.join(words, on=["table", "column"], how="left", maintain_order="left")
    theirs = pl.when(is_flat).then(pl.coalesce("theirs", "column")).otherwise("column")
    named = pl.when(is_flat & pl.col("column").is_in(_MINTED)).then(None).otherwise("value")
    told = renamed.with_columns(value=named, column=theirs).drop("theirs")
    seen = ["file", "row", "column", "rule", "value"]
    return pl.concat(
        [told.filter(~is_flat), told.filter(is_flat).unique(seen, maintain_order=True)]
    )


def _identified(rows: pl.DataFrame) -> pl.DataFrame:
    """Return *rows* with an `event_id` each: their own, or one minted from what they say."""
    if "event_id" not in rows.columns:
        rows = rows.with_columns(event_id=pl.lit(None, pl.String))
    nameless = rows["event_id"].is_null()
    if not nameless.any():
        return rows
    own = _minted_events(rows.filter(nameless))
    return rows.with_columns(rows["event_id"].scatter(nameless.arg_true(), own))


def _minted_events(rows: pl.DataFrame) -> pl.Series:
    """Return an identifier for each event, however its cells, lists and objects are spelt."""
    table = TABLES["events"]
    said = [n for n in EVENT if n in rows.columns and n not in ("event_id", *_FOLLOWING)]
    typed, _ = tidy(table, rows.select(FILE, ROW, *said))
    fields = {name: spelt(table.columns[name]) for name in said}
    if "participants" in rows.columns:
        typed = typed.with_columns(rows["participants"])
        fields["participants"] = _parted(pl.col("participants")).list.join("; ")
    return minted("ev", typed, dict(sorted(fields.items())))


def _parted(cells: pl.Expr) -> pl.Expr:
    """Return the participants in each cell, without blanks around their names and roles."""
    each = pl.element().str.strip_chars().str.replace(r"\s*:\s*([^:]*)$", ":$1")
    return cells.str.split(";").list.eval(each.filter(pl.element().str.strip_chars() != ""))


def _parties(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row a participant: origin, event, actor as written, role."""
    if "participants" not in rows.columns:
        return pl.DataFrame(
            schema={
                FILE: pl.String,
                ROW: pl.Int64,
                "event_id": pl.String,
                "actor": pl.String,
                "role": pl.String,
            }
        )
    each = (
        rows.select(FILE, ROW, "event_id", party=_parted(pl.col("participants")))
        .explode("party")
        .drop_nulls("party")
    )
    cut = pl.col("party").str.extract_groups(r"^(?:(?<actor>.*):)?(?<rest>[^:]*)$")
    fields = each.with_columns(cut=cut).unnest("cut")
    named = pl.col("actor").is_not_null()
    return fields.select(
        FILE,
        ROW,
        "event_id",
        actor=pl.when(named).then("actor").otherwise("rest").str.strip_chars().replace("", None),
        role=pl.when(named).then(pl.col("rest").str.strip_chars()).otherwise(None),
    )


def _without_role(parties: pl.DataFrame) -> pl.DataFrame:
    """Return a failure for each participant whose role is not said."""
    return parties.filter(pl.col("role").is_null()).select(
        file=pl.col(FILE),
        row=pl.col(ROW),
        table=pl.lit("participants"),
        column=pl.lit("role"),
        rule=pl.lit("missing-value"),
        value=pl.col("actor"),
        message=pl.lit("has no role; write actor:role, such as RUS:host; PRK:guest"),
    )


def _spoken(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that name a source or say something of one, with minted identifiers."""
    wide = rows.with_columns(
        pl.lit(None, pl.String).alias(name)
        for name in (*SOURCE, *EVIDENCE)
        if name not in rows.columns
    )
    spoken = wide.filter(pl.any_horizontal(pl.col(*SOURCE, *EVIDENCE).is_not_null()))
    sources = spoken.select(
        FILE, ROW, "event_id", *(pl.col(old).alias(new) for old, new in SOURCE.items()), *EVIDENCE
    )
    sources = sources.with_columns(source_id=_source_ids(sources))
    claim = {name: pl.col(name) for name in _CLAIM}
    # A corrected day of publication is another source, and still the same claim.
    claim["source_id"] = pl.coalesce("url", "source_id")
    claim["aspect"] = claim["aspect"].fill_null(TABLES["evidence"].columns["aspect"].default)
    return sources.with_columns(evidence_id=minted("evd", sources, claim))


def _source_ids(sources: pl.DataFrame) -> pl.Series:
    """Return an identifier for each source: of its address, else of what tells it from others.

    An address that the file gives several days of publication is a source on each of them.
    """
    several = pl.col("published_on").drop_nulls().n_unique().over("url") > 1
    days = sources.select(day=pl.when(several).then("published_on"))["day"]
    by_address = minted(
        "src", sources.with_columns(days), {"url": pl.col("url"), "day": pl.col("day")}
    )
    by_name = minted("src", sources, {name: pl.col(name) for name in _NAMELESS_SOURCE})
    named = pl.when(pl.col("publisher").is_not_null()).then(by_name)
    return sources.select(
        pl.when(pl.col("url").is_not_null()).then(by_address).otherwise(named)
    ).to_series()


def _hosts(sources: pl.DataFrame) -> pl.Series:
    """Return the host of each address that has no publisher."""
    nameless = sources.filter(pl.col("publisher").is_null())["url"].drop_nulls().unique()
    hosts = pl.Series([_host(url) for url in nameless], dtype=pl.String)
    return sources["url"].replace_strict(nameless, hosts, default=None, return_dtype=pl.String)


def _host(url: str) -> str | None:
    """Return the host of an address: what a page is called whose publisher nobody wrote down."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def _named(frame: pl.DataFrame, column: str, table: str, out: str) -> pl.DataFrame:
    """Return every name in *column*, and which column of which table it is meant for."""
    return frame.select(FILE, ROW, actor=column, table=pl.lit(table), column=pl.lit(out))


def _resolve(
    named: pl.DataFrame, names: Names, *, new_actors: bool
) -> tuple[dict[str, str], pl.DataFrame, pl.DataFrame]:
    """Return the actor of each name, the actors to add, and the names that nobody has."""
    known: dict[str, str] = {}
    added: dict[str, Actor] = {}
    unknown: dict[str, str] = {}
    for name in named["actor"].unique(maintain_order=True):
        found = names.find(name)
        actor = None if found else state(name) or (newcomer(name) if new_actors else None)
        if len(found) == 1:
            known[name] = next(iter(found))
        elif actor:
            known[name] = str(actor["actor_id"])
            added[known[name]] = actor
            names.learn(name, known[name])
        else:
            unknown[name] = names.advice(name, is_hinted=len(unknown) < HINTED)
    return known, _added(added, named), _unknown(named, unknown)


def _added(actors: dict[str, Actor], named: pl.DataFrame) -> pl.DataFrame:
    """Return the actors to add; they belong to the file as a whole, not to one of its rows."""
    columns = dict.fromkeys(name for actor in actors.values() for name in actor)
    schema = {FILE: pl.String(), ROW: pl.Int64(), **dict.fromkeys(columns, pl.String())}
    file = named[FILE][0] if named.height else None
    return pl.DataFrame([{FILE: file, **actor} for actor in actors.values()], schema=schema)


def _unknown(named: pl.DataFrame, unknown: dict[str, str]) -> pl.DataFrame:
    wrong = named.filter(pl.col("actor").is_in(list(unknown))).unique(maintain_order=True)
    return wrong.select(
        file=pl.col(FILE),
        row=pl.col(ROW),
        table=pl.col("table"),
        column=pl.col("column"),
        rule=pl.lit("unknown-actor"),
        value=pl.col("actor"),
        message=pl.col("actor").replace_strict(unknown, default=None, return_dtype=pl.String),
    )


def _with_actor(frame: pl.DataFrame, known: dict[str, str], column: str, out: str) -> pl.DataFrame:
    """Return *frame* with the actor that *column* means; an unknown one has failed already."""
    found = pl.col(column).replace_strict(known, default=None, return_dtype=pl.String)
    return frame.with_columns(found.alias(out))
