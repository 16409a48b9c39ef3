"""A page of chapters, paragraphs and tables, printed as Markdown or as HTML.

What it says is put together once. Each printer escapes all that it prints, so that no text of a
dataset is taken for markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text that is read letter by letter: a name, a code, a value."""

    text: str


Words = Sequence[str | Verbatim]
"""A sentence, or a cell of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: its caption, its header, and its rows, of which the first cells name a row."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[Words]]
    naming: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Some paragraphs and tables under a title."""

    title: str
    blocks: Sequence[Words | Grid]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says: its title, its first words and its chapters."""

    title: str
    opening: Words
    chapters: Sequence[Chapter]


def words(text: str | None) -> Words:
    """Return *text* with what stands in it between backticks as verbatim.

    Examples
    --------
    >>> words("Scheme of `code`.")
    ['Scheme of ', Verbatim(text='code'), '.']
    """
    parts = re.split(r"`([^`]+)`", text or "")
    return [Verbatim(part) if number % 2 else part for number, part in enumerate(parts) if part]


def markdown(page: Page) -> str:
    """Return *page* as Markdown, with tables as GitHub has them."""
    parts = [f"# {_prose(page.title)}", sentence(page.opening)]
    for chapter in page.chapters:
        parts.append(f"## {_prose(chapter.title)}")
        for block in chapter.blocks:
            parts += _table(block) if isinstance(block, Grid) else [sentence(block)]
    return "\n\n".join(parts) + "\n"


def _table(grid: Grid) -> Iterator[str]:
    yield f"### {_prose(grid.caption)}"
    cells = [[sentence(cell) for cell in row] for row in grid.rows]
    lines = [[_prose(title) for title in grid.header], ["---"] * len(grid.header), *cells]
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines)


def sentence(said: Words) -> str:
    r"""Return *said* as one line of Markdown, which a cell of a table can hold.

    Examples
    --------
    >>> sentence(["<b> | ", Verbatim("a|b")])
    '&lt;b&gt; \\| `a\\|b`'
    """
    return "".join(
        _fenced(part.text) if isinstance(part, Verbatim) else _prose(part) for part in said
    )


_MARKUP = re.compile(r"[\\*\[\]|]")
_SIGN = re.compile(r"[^\w\s]|_")


def _prose(text: str) -> str:
    """Return *text* on one line, with what Markdown or a table in it would take for markup."""
    return _MARKUP.sub(r"\\\g<0>", escape(_one_line(text), quote=False))


def _fenced(text: str) -> str:
    """Return *text* as a code span that a cell of a table can hold."""
    line = _one_line(text)
    if "\\|" in line:  # readers do not agree where such a cell ends
        return f"<code>{_SIGN.sub(lambda sign: f'&#{ord(sign[0])};', line)}</code>"
    line = line.replace("|", "\\|")
    runs = [len(run) for run in re.findall("`+", line)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if runs else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _one_line(text: str) -> str:
    return re.sub(r"\s*[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]\s*", " ", text)


_STYLE = """\
body { margin: 0 auto; max-width: 90rem; padding: 1rem 2rem; background: #fff; color: #222;
  font: 1rem/1.5 system-ui, sans-serif; }
nav ul { padding: 0; } nav li { display: inline-block; margin-right: 1rem; }
a { color: #0b57a4; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #999; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .875rem; }
caption { padding: .25rem 0; text-align: left; font-weight: bold; font-size: 1rem; }
th, td { padding: .3rem .5rem; border: 1px solid #ccc; text-align: left; vertical-align: top; }
thead th { background: #eef1f4; }
tbody th { font-weight: normal; white-space: nowrap; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; background: #f3f4f6; }
@media print { .wide { overflow: visible; } }"""

_FRAME = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{opening}</p>
</header>
<nav aria-label="Chapters">
<ul>
{links}
</ul>
</nav>
<main>
{chapters}
</main>
</body>
</html>
"""


def html(page: Page) -> str:
    """Return *page* as HTML that needs no other file and no script."""
    named = [(_anchor(chapter.title), chapter) for chapter in page.chapters]
    return _FRAME.format(
        title=escape(page.title),
        style=_STYLE,
        opening=_marked(page.opening),
        links="\n".join(
            f'<li><a href="#{anchor}">{escape(chapter.title)}</a></li>' for anchor, chapter in named
        ),
        chapters="\n".join(_section(anchor, chapter) for anchor, chapter in named),
    )


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.casefold())


def _section(anchor: str, chapter: Chapter) -> str:
    blocks = [
        _marked_table(f"{anchor}-{number}", block)
        if isinstance(block, Grid)
        else f"<p>{_marked(block)}</p>"
        for number, block in enumerate(chapter.blocks)
    ]
    heading = f'<h2 id="{anchor}">{escape(chapter.title)}</h2>'
    return "\n".join([f'<section aria-labelledby="{anchor}">', heading, *blocks, "</section>"])


def _marked_table(name: str, grid: Grid) -> str:
    """Return a table in a frame that is scrolled, by keyboard as well, where it is too wide."""
    header = "".join(f'<th scope="col">{escape(title)}</th>' for title in grid.header)
    return "\n".join(
        [
            f'<div class="wide" role="region" aria-labelledby="{name}" tabindex="0">',
            "<table>",
            f'<caption id="{name}">{escape(grid.caption)}</caption>',
            f"<thead><tr>{header}</tr></thead>",
            "<tbody>",
            *(_marked_row(row, grid.naming) for row in grid.rows),
            "</tbody>",
            "</table>",
            "</div>",
        ]
    )


def _marked_row(row: Iterable[Words], naming: int) -> str:
    cells = [
        f'<th scope="row">{_marked(cell)}</th>' if place < naming else f"<td>{_marked(cell)}</td>"
        for place, cell in enumerate(row)
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _marked(said: Words) -> str:
    return "".join(
        f"<code>{escape(part.text)}</code>"
        if isinstance(part, Verbatim)
        else escape(part).replace(" %", "&nbsp;%")
        for part in said
    )
