"""The laws of the code lists in `datasets/vocabularies`, by themselves and with the field."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest

Row = Mapping[str, str]
Spell = tuple[date, date]

LISTS = Path(__file__).parents[2] / "datasets" / "vocabularies"
SHARED = Path(__file__).parents[3] / "shared"
NAMES = sorted(path.stem for path in LISTS.glob("*.csv"))
CODE_LISTS = [name for name in NAMES if name != "state_spells"]  # its key is code and day
GLOSSED = [name for name in CODE_LISTS if name not in {"cameo", "states"}]
OPEN = date.max
DAY = timedelta(days=1)

CONTRACT = {
    "actions": {"add", "revise", "retract", "restore"},
    "actor_kinds": {"person", "state", "igo", "ngo", "organisation", "armed_group", "other"},
    "reasons": {
        "new",
        "newly_known",
        "correction",
        "recoding",
        "merge",
        "split",
        "retraction",
        "rekey",
        "source_lost",
    },
    "relations": {
        "part_of",
        "follows",
        "responds_to",
        "implements",
        "amends",
        "confirms",
        "denies",
        "allegedly_violates",
        "same_as",
        "not_same_as",
    },
    "stances": {
        "asserts",
        "confirms",
        "denies",
        "questions",
        "conditions",
        "declines",
        "mentions",
    },
}
LEGAL = {
    ("roles", "principal"): {"true", "false"},
    ("source_kinds", "weak"): {"true", "false"},
    ("stances", "counts"): {"for", "against", "no"},
    ("states", "kind"): {"state", "area", "former"},
    ("state_spells", "preferred"): {"true", "false"},
    ("plover", "quad"): {"1", "2", "3", "4"},
    ("plover", "requires_recipient"): {"true", "false", "one_sided"},
    ("cameo", "edition"): {"cameo-1.1b3"},
}

# Where the published table of FIPS codes has no code, two codes at once, or one of a neighbour.
FIPS_CHOICES = {"ALA": "", "BES": "", "UMI": "", "PSE": "GZ;WE", "SJM": "JN;SV", "SRB": "RI"}
# States of the two systems that never had an alpha-3 code.
WITHOUT_ALPHA_3 = {
    *("89", "99", "300", "327", "329", "332", "335", "337", "511", "563", "564", "711", "730"),
    *("240", "245", "267", "269", "271", "273", "275", "280"),  # German states
}


def read(path: Path, *, encoding: str = "utf-8") -> list[Row]:
    """Return the rows of a CSV file."""
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def rows(name: str) -> list[Row]:
    """Return the rows of one of our lists."""
    return read(LISTS / f"{name}.csv")


def by_code(name: str) -> dict[str, Row]:
    """Return the rows of one of our lists by code."""
    return {row["code"]: row for row in rows(name)}


def shared(relative: str) -> Path:
    """Return a file of the material beside the checkout, or skip the test."""
    if not SHARED.is_dir():
        pytest.skip(f"the material to check against is not here: {SHARED}")
    return SHARED / relative


def first_day(row: Row) -> date:
    """Return the first day of a spell."""
    return date.fromisoformat(row["valid_from"])


def last_day(row: Row) -> date:
    """Return the last day of a spell, which is far away while it lasts."""
    return date.fromisoformat(row["valid_until"]) if row["valid_until"] else OPEN


def overlap(one: Row, other: Row) -> bool:
    """Tell whether two spells share a day."""
    return first_day(one) <= last_day(other) and first_day(other) <= last_day(one)


def runs(spells: Iterable[Spell]) -> list[Spell]:
    """Join spells that touch or overlap."""
    joined: list[Spell] = []
    for first, last in sorted(spells):
        if joined and (joined[-1][1] == OPEN or first <= joined[-1][1] + DAY):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def look_up(column: str, value: str, day: str) -> Row | None:
    """Return the spell that a code or number names on a day: the preferred one, else the only."""
    found = [
        row
        for row in rows("state_spells")
        if row[column] == value and first_day(row) <= date.fromisoformat(day) <= last_day(row)
    ]
    preferred = [row for row in found if row["preferred"] == "true"] or found
    return preferred[0] if len(preferred) == 1 else None


def spells_by_number(system: str) -> dict[str, list[Spell]]:
    """Return our spells by the number of a system, without the second codes of living states."""
    found = defaultdict(list)
    for row in rows("state_spells"):
        if row[system] and (row["preferred"] == "true" or row[system] == "817"):
            found[row[system]].append((first_day(row), last_day(row)))
    return {number: runs(spells) for number, spells in found.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_list_is_plain_text(name: str) -> None:
    """A list is UTF-8 without a mark, its lines end in LF, and no cell has blanks around it."""
    data = (LISTS / f"{name}.csv").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert data.endswith(b"\n")
    assert [cell for row in rows(name) for cell in row.values() if cell != cell.strip()] == []


@pytest.mark.parametrize("name", CODE_LISTS)
def test_a_code_is_there_once_and_has_a_label(name: str) -> None:
    """A list begins with code, label and description; a code occurs once; no label is blank."""
    found = rows(name)
    assert list(found[0])[:3] == ["code", "label", "description"]
    assert [code for code, n in Counter(row["code"] for row in found).items() if n > 1] == []
    assert [row for row in found if not row["code"] or not row["label"]] == []


@pytest.mark.parametrize("name", CODE_LISTS)
def test_a_description_is_a_sentence(name: str) -> None:
    """A description ends in a full stop, and only CAMEO codes and states may do without one."""
    texts = [row["description"] for row in rows(name) if row["description"] or name in GLOSSED]
    assert [text for text in texts if not text.endswith(".")] == []


@pytest.mark.parametrize("name", sorted(CONTRACT))
def test_a_list_has_the_words_of_the_contract(name: str) -> None:
    """The lists that DESIGN spells out hold exactly its words."""
    assert set(by_code(name)) == CONTRACT[name]


@pytest.mark.parametrize(("name", "column"), sorted(LEGAL))
def test_a_flag_is_legal(name: str, column: str) -> None:
    """A flag has one of its few values."""
    assert {row[column] for row in rows(name)} <= LEGAL[name, column]


def test_who_is_no_side() -> None:
    """Every role but announcer, intermediary and observer is principal."""
    aside = {row["code"] for row in rows("roles") if row["principal"] == "false"}
    assert aside == {"announcer", "intermediary", "observer"}


def test_which_stance_counts() -> None:
    """Asserting and confirming count for a claim, denying against it, and nothing else counts."""
    counts = {row["code"]: row["counts"] for row in rows("stances") if row["counts"] != "no"}
    assert counts == {"asserts": "for", "confirms": "for", "denies": "against"}


def test_a_relation_reads_both_ways() -> None:
    """Two relations never share an inverse, and an inverse that is a relation is its own."""
    relations = by_code("relations")
    inverses = [row["inverse"] for row in relations.values()]
    assert len(set(inverses)) == len(inverses)
    assert [i for c, i in zip(relations, inverses, strict=True) if i in relations and i != c] == []
    assert "" not in inverses


def test_event_types_map_to_codes_that_exist() -> None:
    """The PLOVER type and the CAMEO code of an event type are in their lists."""
    found = rows("event_types")
    assert {row["plover"] for row in found} - {""} <= set(by_code("plover"))
    assert {row["cameo"] for row in found} - {""} <= set(by_code("cameo"))


def test_event_types_agree_with_the_crosswalk() -> None:
    """An event type never has another PLOVER type than its CAMEO code has."""
    cameo = by_code("cameo")
    pairs = [(row["code"], row["plover"], row["cameo"]) for row in rows("event_types")]
    assert [
        (code, plover, cameo[coded]["plover"])
        for code, plover, coded in pairs
        if coded and cameo[coded]["plover"] not in {"", plover}
    ] == []


def test_a_scheme_names_a_list_that_exists() -> None:
    """The list that holds the codes of a scheme is one of ours, and its edition is the scheme."""
    held = {row["code"]: row["list"] for row in rows("code_schemes") if row["list"]}
    assert held == {"cameo-1.1b3": "cameo", "plover-2021": "plover"}
    assert set(held.values()) <= set(NAMES)
    assert {row["edition"] for row in rows("cameo")} <= set(held)


def test_an_intensity_has_a_range() -> None:
    """The least intensity of a scheme lies below its greatest, where it has one."""
    for row in rows("intensity_schemes"):
        assert row["maximum"] == "" or float(row["minimum"]) < float(row["maximum"])


def test_cameo_codes_stand_below_their_root() -> None:
    """A CAMEO code is text of two to four digits that begins with its root; each root is listed."""
    cameo = by_code("cameo")
    roots = {code for code in cameo if len(code) == 2}
    assert roots == {f"{n:02d}" for n in range(1, 21)}
    assert [code for code in cameo if not re.fullmatch(r"\d{2,4}", code)] == []
    assert [row for code, row in cameo.items() if row["root"] != code[:2]] == []


def test_a_four_digit_code_has_its_parent() -> None:
    """A CAMEO code of four digits has its code of three digits, and none is listed out of order."""
    codes = list(by_code("cameo"))
    assert [code for code in codes if len(code) == 4 and code[:3] not in codes] == []
    assert codes == sorted(codes)


def test_cameo_maps_to_plover_or_says_why_not() -> None:
    """A CAMEO code has a PLOVER type that exists, or a description that says why it has none."""
    types = set(by_code("plover"))
    assert [r for r in rows("cameo") if (r["plover"] in types) == bool(r["description"])] == []


def test_sanctions_are_163_and_expulsion_is_166() -> None:
    """163 is sanctions and 166 is expulsion, as in the manual and not as in the swapped table."""
    cameo = by_code("cameo")
    assert "Sanctions" in cameo["163"]["label"]
    assert "Expulsion" in cameo["166"]["label"]
    assert by_code("event_types")["designation"]["cameo"] == "163"


def test_a_mode_is_named_after_its_type() -> None:
    """The code of a PLOVER mode is its type and its mode, and the type exists."""
    modes = rows("plover_modes")
    assert {row["type"] for row in modes} <= set(by_code("plover"))
    assert [row for row in modes if row["code"] != f"{row['type']}:{row['mode']}"] == []


def test_states_have_codes_of_their_own() -> None:
    """A state has an alpha-3 code, and no two rows share an alpha-2 or a FIPS code."""
    states = rows("states")
    assert [row["code"] for row in states if not re.fullmatch("[A-Z]{3}", row["code"])] == []
    alpha_2 = [row["iso2"] for row in states if row["iso2"]]
    fips = [code for row in states for code in row["fips"].split(";") if code]
    assert [code for code, n in Counter(alpha_2).items() if n > 1] == []
    assert [code for code, n in Counter(fips).items() if n > 1] == []
    assert [code for code in alpha_2 + fips if not re.fullmatch("[A-Z]{2}", code)] == []


def test_every_living_code_has_an_alpha_2() -> None:
    """Only a former code may lack an alpha-2 code: it has since been given to another."""
    assert {row["kind"] for row in rows("states") if not row["iso2"]} == {"former"}


def test_a_former_code_leads_to_a_living_one() -> None:
    """Former codes, and only they, have an end and successors, which lead to living codes."""
    states = by_code("states")
    for row in states.values():
        assert (row["kind"] == "former") == bool(row["successor"]) == bool(row["valid_until"]), row
    ahead = [code for code, row in states.items() if row["kind"] == "former"]
    for _ in range(3):
        ahead = [heir for code in ahead for heir in states[code]["successor"].split(";") if heir]
        assert set(ahead) <= set(states)
    assert ahead == []


def test_only_areas_and_observers_are_outside_the_systems() -> None:
    """An area has no number; a state has one in both systems or is an observer."""
    for row in rows("states"):
        if row["kind"] == "area":
            assert (row["cow"], row["gw"], row["valid_from"]) == ("", "", ""), row
        if row["kind"] == "state" and row["code"] not in {"PSE", "VAT"}:
            assert row["cow"], row
            assert row["gw"], row


@pytest.mark.parametrize("name", ["states", "state_spells"])
def test_a_spell_ends_after_it_begins(name: str) -> None:
    """Days are ISO 8601, and a spell never ends before it begins."""
    for row in rows(name):
        if row["valid_from"]:
            assert first_day(row) <= last_day(row), row


def test_a_state_is_what_its_last_spell_says() -> None:
    """A state's numbers are those of its last spell, and its days those of its last whole run."""
    spells = defaultdict(list)
    for row in rows("state_spells"):
        spells[row["code"]].append(row)
    states = by_code("states")
    assert set(spells) == {code for code, row in states.items() if row["cow"] or row["gw"]}
    for code, found in spells.items():
        chosen = [row for row in found if row["preferred"] == "true"] or found
        last = max(chosen, key=first_day)
        run = runs((first_day(row), last_day(row)) for row in chosen)[-1]
        assert (states[code]["cow"], states[code]["gw"]) == (last["cow"], last["gw"])
        assert (first_day(states[code]), last_day(states[code])) == run


@pytest.mark.parametrize("column", ["code", "cow", "gw"])
def test_a_day_has_one_preferred_reading(column: str) -> None:
    """On any day a code or a number has one preferred spell, or, failing that, one spell."""
    groups = defaultdict(list)
    for row in rows("state_spells"):
        groups[row[column]].append(row)
    groups.pop("", None)
    for group in groups.values():
        for one, other in combinations(group, 2):
            if overlap(one, other):
                assert {one["preferred"], other["preferred"]} == {"true", "false"}, (one, other)


@pytest.mark.parametrize(
    ("column", "value", "day", "code", "cow", "gw"),
    [
        ("code", "DEU", "1940-01-01", "DEU", "255", "255"),
        ("cow", "260", "1970-01-01", "DEU", "260", "260"),
        ("cow", "255", "2000-01-01", "DEU", "255", "260"),
        ("gw", "265", "1970-01-01", "DDR", "265", "265"),
        ("cow", "345", "1900-01-01", "SRB", "345", "340"),
        ("cow", "345", "1995-01-01", "YUG", "345", "345"),
        ("gw", "345", "2004-01-01", "SCG", "345", "345"),
        ("gw", "340", "2010-01-01", "SRB", "345", "340"),
        ("cow", "365", "1970-01-01", "RUS", "365", "365"),
        ("code", "SUN", "1970-01-01", "SUN", "365", "365"),
        ("gw", "816", "1965-01-01", "VNM", "816", "816"),
        ("gw", "817", "1965-01-01", "VNM", "817", "817"),
        ("code", "VDR", "1965-01-01", "VDR", "816", "816"),
        ("code", "YEM", "1980-01-01", "YEM", "678", "678"),
        ("code", "YEM", "2000-01-01", "YEM", "679", "678"),
        ("cow", "970", "2010-01-01", "NRU", "970", "971"),
        ("gw", "970", "2010-01-01", "KIR", "946", "970"),
        ("code", "AUT", "1945-01-01", "AUT", "", "305"),
    ],
)
def test_numbers_are_read_by_the_day(
    column: str, value: str, day: str, code: str, cow: str, gw: str
) -> None:
    """The day decides what a number or a code means where the systems part or codes changed."""
    spell = look_up(column, value, day)
    assert spell is not None
    assert (spell["code"], spell["cow"], spell["gw"]) == (code, cow, gw)


@pytest.mark.parametrize(
    ("column", "value", "day"),
    [
        ("code", "EST", "1970-01-01"),
        ("code", "HTI", "1920-01-01"),
        ("cow", "817", "1980-01-01"),
        ("cow", "305", "1945-01-01"),
    ],
)
def test_there_is_no_number_between_spells(column: str, value: str, day: str) -> None:
    """A state that a system does not count on a day has no number of that system on that day."""
    assert look_up(column, value, day) is None


@pytest.mark.parametrize(
    ("fips", "code", "alpha_2_of"),
    [("KN", "PRK", "KNA"), ("RS", "RUS", "SRB"), ("CH", "CHN", "CHE"), ("NI", "NGA", "NIC")],
)
def test_fips_is_not_alpha_2(fips: str, code: str, alpha_2_of: str) -> None:
    """The same two letters name one country in FIPS and another in ISO."""
    states = by_code("states")
    assert states[code]["fips"] == fips
    assert states[alpha_2_of]["iso2"] == fips


def test_na_is_namibia() -> None:
    """The text NA is Namibia's alpha-2 code and no missing value."""
    assert [row["code"] for row in rows("states") if row["iso2"] == "NA"] == ["NAM"]


def test_every_iso_code_is_here() -> None:
    """The living codes are those of ISO 3166-1, with their alpha-2 codes, and Kosovo's."""
    published = {
        row["ISO3166-1-Alpha-3"]: row["ISO3166-1-Alpha-2"]
        for row in read(shared("data/country-codes/country-codes.csv"))
    }
    ours = {row["code"]: row["iso2"] for row in rows("states") if row["kind"] != "former"}
    assert ours == published | {"XKX": "XK"}


def test_fips_codes_are_the_published_ones() -> None:
    """FIPS codes are those of the published table but for the choices named above."""
    published = {
        row["ISO3166-1-Alpha-3"]: row["FIPS"]
        for row in read(shared("data/country-codes/country-codes.csv"))
    }
    ours = {row["code"]: row["fips"] for row in rows("states") if row["kind"] != "former"}
    assert ours == published | FIPS_CHOICES | {"XKX": "KV"}


def places(relative: str) -> Iterator[str]:
    """Yield the country codes of the places of a GDELT 2.0 file."""
    with gzip.open(shared(relative), "rt", encoding="utf-8") as file:
        for line in file:
            cells = line.split("\t")
            yield from (cells[column] for column in (37, 45, 53) if cells[column])


def test_real_gdelt_places_are_known() -> None:
    """Every country code of a place in a real GDELT file is ours, but for seas and one unnamed."""
    fips = {code for row in rows("states") for code in row["fips"].split(";")}
    found = set(places("data/gdelt2-export/20191024143000.export.CSV.gz"))
    assert {"KN", "RS", "CH"} <= found
    assert found - fips == {"OS", "YI"}


def test_traps_are_coded_as_gathered() -> None:
    """Codes and numbers of the states that trap converters are those gathered for them."""
    states = by_code("states")
    for row in read(shared("codes/state_codes_sample.csv")):
        ours = states[row["iso3"]]
        assert (ours["iso2"], ours["fips"], ours["cow"], ours["gw"]) == (
            row["iso2"],
            row["fips_used_by_gdelt_geo"],
            row["cow_number"],
            row["gw_number"],
        )


def test_cow_spells_are_the_published_ones() -> None:
    """Our spells of a COW number, put together, are the spells of the COW state system of 2016."""
    published = defaultdict(list)
    for row in read(shared("data/state-system/states2016.csv")):
        first, last = (
            date(int(row[f"{end}year"]), int(row[f"{end}month"]), int(row[f"{end}day"]))
            for end in ("st", "end")
        )
        published[row["ccode"]].append((first, OPEN if last == date(2016, 12, 31) else last))
    expected = {n: runs(spells) for n, spells in published.items() if n not in WITHOUT_ALPHA_3}
    assert spells_by_number("cow") == expected


def test_gw_spells_are_the_published_ones() -> None:
    """Our spells of a Gleditsch-Ward number are the published ones, but for Rwanda's first day."""
    published = defaultdict(list)
    for row in read(shared("data/interstate-disputes/gw_states.csv")):
        first, last = date.fromisoformat(row["startdate"]), date.fromisoformat(row["enddate"])
        published[row["gwcode"]].append((first, OPEN if last == date(2017, 12, 31) else last))
    expected = {n: runs(spells) for n, spells in published.items() if n not in WITHOUT_ALPHA_3}
    expected["517"] = [(date(1962, 7, 1), OPEN)]
    ours = spells_by_number("gw")
    assert {number: ours.get(number) for number in expected} == expected


def test_gw_numbers_of_microstates_are_the_published_ones() -> None:
    """A number that the dated Gleditsch-Ward list lacks is that of the undated published one."""
    with shared("data/country-codes/country_data.tsv").open(encoding="utf-8", newline="") as file:
        table = {row["ISO3"]: row["GWcode"] for row in csv.DictReader(file, delimiter="\t")}
    dated = {row["gwcode"] for row in read(shared("data/interstate-disputes/gw_states.csv"))}
    micro = {r["code"]: r["gw"] for r in rows("states") if r["gw"] and r["gw"] not in dated}
    assert len(micro) == 21
    assert micro == {code: table[code] for code in micro}


def test_cameo_codes_are_those_of_the_manual() -> None:
    """The CAMEO codes are those of the manual's list, which lacks 1213."""
    listed = {row["code"] for row in read(shared("codes/cameo_codes.csv"))}
    assert set(by_code("cameo")) == listed - {"1213"}


def test_cameo_labels_are_our_own() -> None:
    """No CAMEO label of more than one word repeats the manual's wording."""
    theirs = {row["code"]: row["label"] for row in read(shared("codes/cameo_codes.csv"))}
    ours = {row["code"]: row["label"] for row in rows("cameo")}
    same = [code for code, label in ours.items() if label.casefold() == theirs[code].casefold()]
    assert [code for code in same if " " in ours[code]] == []


def test_cameo_maps_as_the_valid_rows_of_the_crosswalk() -> None:
    """A CAMEO code maps to PLOVER exactly where one valid row of the crosswalk says so."""
    crosswalk = read(shared("codes/cameo_to_plover.csv"))
    times = Counter(row["cameo_code"] for row in crosswalk)
    valid = {
        row["cameo_code"]: row["plover_type"]
        for row in crosswalk
        if not row["check"] and times[row["cameo_code"]] == 1
    }
    ours = {row["code"]: row["plover"] for row in rows("cameo") if row["plover"]}
    assert ours == {code: valid[code] for code in valid if code in by_code("cameo")}


def test_163_and_166_agree_with_the_manual() -> None:
    """The manual's own words for 163 and 166 are about what ours are about."""
    manual = {row["code"]: row["label"] for row in read(shared("codes/cameo_codes.csv"))}
    ours = {row["code"]: row["label"] for row in rows("cameo")}
    assert ("sanctions" in manual["163"], "sanctions" in ours["163"].casefold()) == (True, True)
    assert ("Expel" in manual["166"], "expulsion" in ours["166"].casefold()) == (True, True)


def test_plover_has_the_types_and_modes_of_its_manual() -> None:
    """PLOVER's types, quad classes and modes are those printed in its manual."""
    types = {row["type"]: row["quad_number"] for row in read(shared("codes/plover_types.csv"))}
    ours = {row["code"]: row["quad"] for row in rows("plover")}
    assert ours == {code: quad.split(" or ")[0] for code, quad in types.items()}
    modes = {f"{row['type']}:{row['mode']}" for row in read(shared("codes/plover_modes.csv"))}
    assert set(by_code("plover_modes")) == modes
