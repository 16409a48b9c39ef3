"""Find the actor that a name means: an identifier, a name, an alias, or a state's ISO code."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from unicodedata import normalize

import polars as pl

from regesta.vocabulary import code_list, nearest

Actor = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Names:
    """Who is known, by every name that they are known by."""

    by_name: dict[str, set[str]]

    @classmethod
    def of(cls, actors: pl.DataFrame) -> Names:
        """Return the names of *actors*: rows of that table, as text."""
        found: dict[str, set[str]] = {}
        for actor_id, name, kind, country, aliases in actors.select(
            "actor_id", "name", "kind", "country", "aliases"
        ).iter_rows():
            known = [actor_id, name, *(aliases or "").split(";")]
            known += [country] if kind == "state" else []
            for each in filter(None, known):
                found.setdefault(folded(each), set()).add(actor_id)
        return cls(found)

    def learn(self, name: str, actor_id: str) -> None:
        """Remember that *name* means this actor."""
        self.by_name.setdefault(folded(name), set()).add(actor_id)

    def find(self, name: str) -> set[str]:
        """Return the actors that *name* may mean."""
        return self.by_name.get(folded(name), set())

    def advice(self, name: str, *, is_hinted: bool = True) -> str:
        """Return what to do about a *name* that nobody or several have, with the nearest known."""
        found = sorted(self.find(name))
        if found:
            return f"may mean {' or '.join(found)}; write the identifier"
        near = nearest(name, self.by_name) if is_hinted else None
        meant = f" (did you mean {near!r}?)" if near else ""
        return f"is no actor that anybody knows{meant}; add the actor, or import with --new-actors"


def folded(name: str) -> str:
    """Return what all spellings of a name share, whatever their case and composition."""
    return normalize("NFC", name.strip()).casefold()


def state(code: str) -> Actor | None:
    """Return the state whose ISO 3166 alpha-3 code is *code* as a row of `actors`."""
    known = code_list("states").get(code)
    if known is None:
        return None
    return {
        "actor_id": code,
        "name": known["label"],
        "kind": "state",
        "country": code,
        "cow_code": known["cow"] or None,
        "gw_code": known["gw"] or None,
    }


def newcomer(name: str) -> Actor:
    """Return an actor of whom only the *name* is known; each spelling gives the same identifier."""
    plain = folded(name)
    slug = "".join(char if char.isascii() and char.isalnum() else "-" for char in plain)
    words = "-".join(filter(None, slug.split("-")))[:60]
    digest = sha256(plain.encode()).hexdigest()[:8]
    actor_id = f"{words}-{digest}" if words else f"actor-{digest}"
    return {"actor_id": actor_id, "name": name, "kind": "other"}
