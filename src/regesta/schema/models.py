"""The Pandera model of each table: the only place where a column is described.

The order of the classes is the order in which a batch records its rows: what is named comes
before what names it.
"""

from __future__ import annotations

from typing import ClassVar

import pandera.polars as pa
import polars as pl

from regesta.schema.columns import (
    coded,
    country_code,
    day,
    decimal,
    edtf,
    identifier,
    integer,
    json_object,
    prose,
    text,
    web_address,
)
from regesta.schema.rules import beside, in_its_scheme, in_order

SHA256 = r"^[0-9a-f]{64}$"
BCP_47 = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
ASPECT = r"^[a-z][a-z0-9_]*$"
UTC_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"


class Table(pa.DataFrameModel):
    """What all tables have in common: these columns and no others."""

    class Config:
        """Refuse a column that the model does not name."""

        strict = True


class Batches(Table):
    """The records of one import, committed together or not at all."""

    batch: pl.Int64 = integer("Number of the batch in its store, from 1.", required=True, ge=1)
    recorded_at: pl.String = text(
        "When the store recorded the batch.",
        required=True,
        coding="ISO 8601, UTC, to the microsecond",
        pattern=UTC_TIME,
    )
    author: pl.String = text("Who brought the rows.", required=True)
    message: pl.String = prose("Why, in the author's words.")
    source_name: pl.String = text("Name of the file or folder that the rows came from.")
    source_sha256: pl.String = text(
        "Digest of that file, or of the list of digests of that folder's files.",
        coding="SHA-256, lower-case hex",
        pattern=SHA256,
    )
    tool_version: pl.String = text("Version of regesta that recorded the batch.")
    counts: pl.String = json_object(
        "What became of the rows, by table: read, added, revised and so on."
    )
    card: pl.String = json_object(
        "The dataset's card as it stands from this batch on; empty where it did not change."
    )

    class Config(Table.Config):
        """A batch is named by its number."""

        unique = ["batch"]


class Actors(Table):
    """A person, state, organisation or armed group that takes part in events or speaks."""

    actor_id: pl.String = identifier("Name of the actor, for ever.", required=True)
    name: pl.String = text("Name as commonly written in English.", required=True)
    kind: pl.String = coded("What kind of actor it is.", "actor_kinds", required=True)
    country: pl.String = country_code("State that the actor is, belongs to or speaks for.")
    cow_code: pl.String = text(
        "Number in the Correlates of War state list; empty for what is no state.",
        coding="COW country code",
        pattern=r"^[0-9]{1,3}$",
    )
    gw_code: pl.String = text(
        "Number in the Gleditsch-Ward state list; empty for what is no state.",
        coding="Gleditsch-Ward number",
        pattern=r"^[0-9]{1,4}$",
    )
    wikidata_id: pl.String = text(
        "Item in Wikidata.", coding="Wikidata QID", pattern=r"^Q[1-9][0-9]*$"
    )
    aliases: pl.String = text("Other names and spellings.", coding="separated by ;")

    class Config(Table.Config):
        """An actor is named by its identifier."""

        unique = ["actor_id"]


class Offices(Table):
    """An office that a person held, and when."""

    actor_id: pl.String = identifier("Who held it.", required=True, references="actors")
    office: pl.String = text("Title of the office.", required=True)
    held_from: pl.String = edtf("First day in office; XXXX where it is not known.", required=True)
    held_until: pl.String = edtf("Last day in office; empty where not known or still held.")
    organisation: pl.String = text("Body that the office belongs to.")
    country: pl.String = country_code("State whose office it is.")

    @pa.dataframe_check(name="held_until")
    def ends_after_it_begins(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Hold where an office is not left before it is taken."""
        return in_order(data, "held_from", "held_until")

    class Config(Table.Config):
        """One person may hold the same office again."""

        unique = ["actor_id", "office", "held_from"]


class Sources(Table):
    """A page, document or dataset that evidence is taken from."""

    source_id: pl.String = identifier("Name of the source, for ever.", required=True)
    publisher: pl.String = text("Who published it.", required=True)
    kind: pl.String = coded("What kind of publisher or page it is.", "source_kinds")
    title: pl.String = text("Title as published.")
    url: pl.String = web_address("Address that it was read at.")
    archived_url: pl.String = web_address("Address of an archived copy.")
    published_on: pl.String = edtf("When it was published.")
    accessed_on: pl.String = edtf("When it was read.")
    language: pl.String = text("Language it is written in.", coding="BCP 47", pattern=BCP_47)
    content_sha256: pl.String = text(
        "Digest of the bytes that were read.", coding="SHA-256, lower-case hex", pattern=SHA256
    )
    link_state: pl.String = coded("What became of the address.", "link_states")

    class Config(Table.Config):
        """A source is named by its identifier."""

        unique = ["source_id"]


class Events(Table):
    """Something that a state or its people did towards another, or are said to have done."""

    event_id: pl.String = identifier("Name of the event, for ever.", required=True)
    event_type: pl.String = coded("What kind of act it is.", "event_types", required=True)
    title: pl.String = text("One line that tells the event from others.", required=True)
    summary: pl.String = prose("What happened, in the coder's own words.")
    date: pl.String = edtf("When it happened, as coded.", required=True)
    date_earliest: pl.Date = day("First day that `date` can mean; derived from it.")
    date_latest: pl.Date = day("Last day that `date` can mean; derived from it.")
    place: pl.String = text("Where it happened, as commonly named.")
    country: pl.String = country_code("Country of the place.")
    latitude: pl.Float64 = decimal(
        "North of the equator.", unit="degrees", coding="WGS 84", ge=-90, le=90
    )
    longitude: pl.Float64 = decimal(
        "East of Greenwich.", unit="degrees", coding="WGS 84", ge=-180, le=180
    )
    place_precision: pl.String = coded("What the coordinates stand for.", "place_precisions")
    geonames_id: pl.Int64 = integer("Place in GeoNames.", ge=1)
    code: pl.String = text("Event code as its scheme writes it; text, leading zeros kept.")
    code_scheme: pl.String = coded("Scheme and edition of `code`.", "code_schemes")
    intensity: pl.Float64 = decimal("How cooperative or hostile, on the scale of its scheme.")
    intensity_scheme: pl.String = coded("Scheme of `intensity`.", "intensity_schemes")
    details: pl.String = json_object(
        "Facts that only this type of event or this source has; keys are described in the card."
    )

    @pa.dataframe_check(name="code_scheme")
    def code_has_a_scheme(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Hold where a code stands with its scheme and edition."""
        return beside(data, "code", "code_scheme")

    @pa.dataframe_check(name="code")
    def code_is_of_its_scheme(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Hold where a code is in the list of its scheme, if the scheme has one."""
        return in_its_scheme(data, "code", "code_scheme")

    @pa.dataframe_check(name="intensity_scheme")
    def intensity_has_a_scheme(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Hold where an intensity stands with its scheme."""
        return beside(data, "intensity", "intensity_scheme")

    @pa.dataframe_check(name="longitude")
    def latitude_has_a_longitude(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Hold where a latitude stands with a longitude."""
        return beside(data, "latitude", "longitude")

    @pa.dataframe_check(name="latitude")
    def longitude_has_a_latitude(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Hold where a longitude stands with a latitude."""
        return beside(data, "longitude", "latitude")

    class Config(Table.Config):
        """An event is named by its identifier."""

        unique = ["event_id"]


class Participants(Table):
    """Who took part in an event, and as what."""

    event_id: pl.String = identifier("Which event.", required=True, references="events")
    actor_id: pl.String = identifier("Who took part.", required=True, references="actors")
    role: pl.String = coded("As what.", "roles", required=True)
    on_behalf_of: pl.String = identifier("For whom.", references="actors")
    label: pl.String = text("The actor's name as the source wrote it.")

    class Config(Table.Config):
        """An actor may have several roles in one event."""

        unique = ["event_id", "actor_id", "role"]


class Evidence(Table):
    """What one source lets one speaker say about one aspect of an event."""

    evidence_id: pl.String = identifier("Name of the piece of evidence, for ever.", required=True)
    event_id: pl.String = identifier("Which event it is about.", required=True, references="events")
    source_id: pl.String = identifier("Where it was read.", required=True, references="sources")
    stance: pl.String = coded("What the speaker does with the claim.", "stances", required=True)
    aspect: pl.String = text(
        "What the claim is about: `occurrence`, `legality`, or a column or detail of the event.",
        required=True,
        coding="name",
        pattern=ASPECT,
        default="occurrence",
    )
    value: pl.String = text("What is claimed for the aspect.")
    speaker: pl.String = identifier(
        "Who says it; empty where the publisher speaks in its own voice.", references="actors"
    )
    said_on: pl.String = edtf("When it was said, to the minute where order within a day matters.")
    gist: pl.String = prose("What is said, in the coder's own words.")
    locator: pl.String = text("Where in the source: page, paragraph, minute.")

    class Config(Table.Config):
        """A piece of evidence is named by its identifier."""

        unique = ["evidence_id"]


class Relations(Table):
    """How one event stands to another."""

    event_id: pl.String = identifier("Which event.", required=True, references="events")
    relation: pl.String = coded("How it stands to the other.", "relations", required=True)
    other_id: pl.String = identifier("The other event.", required=True, references="events")
    provision: pl.String = text("Article or paragraph of the other, as cited.")
    note: pl.String = prose("What a reader should know, in the coder's own words.")

    @pa.dataframe_check(name="other_id")
    def relates_two(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Hold where an event is related to another than itself."""
        return data.lazyframe.select(pl.col("event_id").ne_missing(pl.col("other_id")))

    class Config(Table.Config):
        """Two events may stand to each other in several ways."""

        unique = ["event_id", "relation", "other_id"]


class Coverage(Table):
    """What was searched: the difference between no event and not looked."""

    coverage_id: pl.String = identifier("Name of the search.", required=True)
    scope: pl.String = text("What was looked for.", required=True)
    collection: pl.String = text("Where it was looked for.")
    period: pl.String = edtf("Which period the search covers.", required=True)
    actors: pl.String = text("Which actors it covers.", coding="identifiers separated by ;")
    event_types: pl.String = text("Which event types it covers.", coding="codes separated by ;")
    searched_by: pl.String = text("Who searched.")
    searched_on: pl.String = edtf("When.")
    n_events: pl.Int64 = integer("Events that the search gave.", unit="events", ge=0)
    note: pl.String = prose("What a reader should know, in the coder's own words.")

    class Config(Table.Config):
        """A search is named by its identifier."""

        unique = ["coverage_id"]


class Timeline(Table):
    """One row an event, ready for analysis; derived from the other tables."""

    event_id: pl.String = identifier("Which event.", required=True, references="events")
    date: pl.String = edtf("When it happened, as coded.", required=True)
    date_earliest: pl.Date = day("First day that `date` can mean.")
    date_latest: pl.Date = day("Last day that `date` can mean.")
    event_type: pl.String = coded("What kind of act it is.", "event_types", required=True)
    title: pl.String = text("One line that tells the event from others.", required=True)
    place: pl.String = text("Where it happened.")
    country: pl.String = country_code("Country of the place.")
    participants: pl.String = text(
        "Who took part, and as what.", coding="actor:role, separated by ; "
    )
    n_participants: pl.Int64 = integer("Actors that took part.", unit="actors", required=True, ge=0)
    status: pl.String = coded(
        "What the evidence adds up to on whether it happened.", "statuses", required=True
    )
    legality: pl.String = coded(
        "What it adds up to on whether it was a breach; empty where nobody speaks of that.",
        "statuses",
    )
    n_sources: pl.Int64 = integer(
        "Sources that the event's evidence is taken from.", unit="sources", required=True, ge=0
    )
    n_speakers: pl.Int64 = integer(
        "Actors that are known to have spoken of it.", unit="actors", required=True, ge=0
    )
    stances: pl.String = text(
        "How often each stance is taken on whether it happened.",
        coding="stance:count, separated by ; ",
    )
    first_known_on: pl.Date = day("Day on which the first piece of evidence became known (UTC).")
    last_changed_on: pl.Date = day("Day since which `status` has been what it is (UTC).")

    class Config(Table.Config):
        """An event stands in the timeline once."""

        unique = ["event_id"]


class Changes(Table):
    """What differs between two states of the register, one cell or one whole row a line.

    A line has no key: the same cell may be told of more than once.
    """

    reason: pl.String = coded(
        "Why: the reason of the record that made the difference; empty where no record of the row "
        "did, but what is known of other rows.",
        "reasons",
    )
    action: pl.String = coded("What became of the row.", "changes", required=True)
    table: pl.String = text("Which table the row is of.", required=True)
    key: pl.String = text(
        "Which row, by the key that it has now; by the one that it had where it went, was merged "
        "or was given another key.",
        required=True,
        coding="the parts of the table's key in order, separated by ` / `",
    )
    column: pl.String = text("Which column was revised; empty where the row as a whole is told of.")
    old: pl.String = prose(
        "The cell as it was; of a row that was merged or given another key, its key as it was."
    )
    new: pl.String = prose("The cell, or the key, as it is.")
    batch: pl.Int64 = integer("Batch of that record.", ge=1)
    author: pl.String = text("Who made it.")
    message: pl.String = prose("Why, in the author's words.")

    class Config(Table.Config):
        """No column names a line."""

        unique: ClassVar[list[str]] = []
