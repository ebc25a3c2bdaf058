"""The documentation builds without a warning, and links of all Markdown files lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.engine.pools import ROOT
from tests.support.browser import launched

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "deploy").rglob("*.md")),
    ROOT / "examples/README.md",
    ROOT / "benchmarks/README.md",
]
# What a browser fetches to show a page, from another site.
LOADED = re.compile(r"<(?:script|img|link(?! rel=\"(?:canonical|author)\"))[^>]*(?:src|href)=\"(?:https?:)?//[^\"]+")
LINK = re.compile(r"(?:\]\(|\bsrc(?:set)?=\")(?!https?:|mailto:)([^)\s\"]+)")


def anchors(text: str) -> set[str]:
    """What headings are called in addresses, as GitHub does."""
    bare = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ (.+)$", bare, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_pages_build_without_a_warning_and_draw_their_diagrams_opened_as_files(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", str(tmp_path / "tree"), "docs"]
    built = subprocess.run([*command, str(tmp_path / "site")], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (built.returncode, built.stderr) == (0, "")
    assert LOADED.findall("".join(page.read_text() for page in (tmp_path / "site").rglob("*.html"))) == []
    drawn = {path.stem: path.read_text().count("```mermaid") for path in (ROOT / "docs").glob("*.md")}
    with launched() as browser:
        page = browser.new_page(color_scheme="dark", offline=True)
        for name, count in drawn.items():
            if count:
                look_at_diagrams(page, tmp_path / f"site/{name}.html", count)


def look_at_diagrams(page: Page, path: Path, count: int) -> None:
    """All are drawn, on the page's background, and again when the reader asks for the other one."""
    page.goto(path.as_uri())
    places = page.locator(".mermaid[data-processed] > svg:not([aria-roledescription=error])")
    expect(places).to_have_count(count)
    dark = places.first.inner_html()
    page.locator("body").evaluate("body => body.dataset.theme = 'light'")
    expect(places).to_have_count(count)
    page.wait_for_function("dark => document.querySelector('.mermaid > svg')?.innerHTML !== dark", arg=dark)


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_the_links_of_a_page_lead_somewhere(page):
    text = re.sub(r"^```.*?^```$|`[^`\n]+`", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for link in LINK.findall(text):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120
