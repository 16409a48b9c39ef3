"""Both printers of a page say what it says, and no text in it is taken for markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st

from regesta.schema.page import Chapter, Grid, Page, Verbatim, Words, html, markdown

TEXTS = st.text(
    st.one_of(st.sampled_from("<>&|`*[]\\\"' \n"), st.characters(exclude_categories=["Cs", "Cc"])),
    min_size=1,
)
CELLS: st.SearchStrategy[Words] = st.lists(st.one_of(TEXTS, TEXTS.map(Verbatim)), max_size=3)
GRIDS = st.integers(1, 4).flatmap(
    lambda width: st.builds(
        Grid,
        caption=TEXTS,
        header=st.lists(TEXTS, min_size=width, max_size=width),
        rows=st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=3),
        naming=st.integers(1, width),
    )
)
TAGS = (
    {"html", "head", "meta", "title", "style", "body", "header", "main", "nav", "ul", "li", "a"}
    | {"h1", "h2", "p", "section", "div", "code"}
    | {"table", "caption", "thead", "tbody", "tr", "th", "td"}
)
HOSTILE = '<script>alert("x")</script>|<img src=x>`</td>'


class Read(HTMLParser):
    """What a browser would make of a page: its elements, and the text of each cell."""

    def __init__(self, page: str) -> None:
        """Read all of *page*."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)
        if tag in ("th", "td"):
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        """Leave an element: the one that was entered last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note the text of a cell."""
        if "th" in self.open or "td" in self.open:
            self.cells[-1] += data


def _page(grid: Grid) -> Page:
    return Page(title="T", opening=["O"], chapters=[Chapter(title="C", blocks=[grid])])


def _said(cell: Words) -> str:
    return "".join(part.text if isinstance(part, Verbatim) else part for part in cell)


@given(GRIDS)
@example(Grid(caption=HOSTILE, header=[HOSTILE], rows=[[[HOSTILE, Verbatim(HOSTILE)]]]))
def test_html_says_each_cell_letter_by_letter(grid: Grid) -> None:
    """What a browser reads is what the page says, in elements of ours alone, all closed."""
    read = Read(html(_page(grid)))
    said = [*grid.header, *(_said(cell) for row in grid.rows for cell in row)]
    assert [cell.replace("\u00a0%", " %") for cell in read.cells] == [
        text.replace("\u00a0%", " %") for text in said
    ]
    assert {tag for tag, _ in read.tags} <= TAGS
    assert read.open == []


@given(GRIDS)
def test_every_header_says_of_what_it_is_one(grid: Grid) -> None:
    """A `th` has a scope, a table a caption, and what is scrolled can be reached by keyboard."""
    read = Read(html(_page(grid)))
    scopes = [attributes.get("scope") for tag, attributes in read.tags if tag == "th"]
    assert scopes == ["col"] * len(grid.header) + ["row"] * grid.naming * len(grid.rows)
    [frame] = [attributes for tag, attributes in read.tags if tag == "div"]
    [caption] = [attributes for tag, attributes in read.tags if tag == "caption"]
    assert frame["aria-labelledby"] == caption["id"]
    assert frame["tabindex"] == "0"


@given(GRIDS)
@example(Grid(caption=HOSTILE, header=["a", "b"], rows=[[[HOSTILE], [Verbatim("`a`` |\n|")]]]))
@example(Grid(caption="c", header=["a|b"], rows=[[["\\|", Verbatim("*\\|")]]]))
def test_markdown_keeps_each_row_on_its_line(grid: Grid) -> None:
    """A table has as many lines as rows, and a line as many cells as the header."""
    text = markdown(_page(grid)).split("### ")[-1].partition("\n\n")[2]
    lines = text.rstrip("\n").split("\n")
    assert len(lines) == 2 + len(grid.rows)
    for line in lines[1:]:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == len(grid.header) + 1


def test_markdown_takes_no_text_for_markup() -> None:
    """Neither tags nor links nor emphasis come out of a sentence; a value is shown as it is."""
    grid = Grid(caption="c", header=["a"], rows=[[["<b> [x](y) *z*"]], [[Verbatim("<b> `*`")]]])
    text = markdown(_page(grid))
    assert r"| &lt;b&gt; \[x\](y) \*z\* |" in text
    assert "| `` <b> `*` `` |" in text


def test_a_page_needs_nothing_but_itself() -> None:
    """No script, no picture, no address: it reads alike in ten years and without a network."""
    page = html(_page(Grid(caption="c", header=["a"], rows=[])))
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "default-src 'none'" in page
    assert page.startswith("<!DOCTYPE html>")
