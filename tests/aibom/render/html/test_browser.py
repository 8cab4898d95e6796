"""The page as people see it: a real browser at three widths, on paper, without colours.

Nothing is requested, nothing is complained of, nothing is wider than the window, and no rule of
axe-core is broken. What the browser shows can be looked at in the test's temporary folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aibom.render import html
from tests.helpers import described, npm
from tests.helpers.checkout import ROOT
from tests.helpers.outcomes import HOSTILE, clean, everything, one_is_missing, outcome_of, unread
from tests.helpers.reports import report_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from aibom.outcome import Outcome

TOOLS = ROOT / "tests" / "node" / "html"
BROWSERS = (
    *("chromium", "chromium-headless-shell", "chromium-browser"),
    *("google-chrome", "google-chrome-stable"),
)
PAGES: dict[str, Callable[[], list[Outcome]]] = {
    "clean": lambda: [clean()],
    "hostile": lambda: [everything(HOSTILE)],
    "model": lambda: [described.outcome(HOSTILE.replace("\ud800", ""))],
    "several": lambda: [
        *(described.outcome("x", path="first"), clean(), everything()),
        outcome_of(report_of(unread("cut.pkl")), "cut"),
        *one_is_missing(),
    ],
}
VIEWS = (
    *(f"{width}-{scheme}" for width in (375, 768, 1280) for scheme in ("light", "dark")),
    *("768-forced-colours", "794-paper"),
)


@cache
def pages() -> dict[str, bytes]:
    """Return each page by its name."""
    return {name: html.document(outcomes()).encode() for name, outcomes in PAGES.items()}


@contextmanager
def served() -> Generator[tuple[str, list[str]]]:
    """Serve the pages on this machine; yield the address, and the paths asked for so far."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            found = pages().get(self.path.removeprefix("/"))
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> str:
    """Return a browser's program; where there is none, nobody can look."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser is installed: none of {', '.join(BROWSERS)} (Debian: chromium)")
    return found


@pytest.fixture(scope="module")
def seen(browser: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the browser saw of each view of each page, and what was asked of the server."""
    modules = npm.installed(TOOLS) / "node_modules"
    folder = tmp_path_factory.mktemp("seen")
    with served() as (address, asked):
        urls = [f"{address}/{name}" for name in PAGES]
        done = subprocess.run(
            ["node", TOOLS / "look.cjs", browser, folder, *urls],  # noqa: S607 - as npm found it
            env={**os.environ, "NODE_PATH": str(modules)},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
    assert done.returncode == 0, done.stderr
    views = {each["name"]: each for each in json.loads(done.stdout)}
    return {"views": views, "asked": asked, "address": address, "folder": folder}


@pytest.mark.slow
def test_every_page_is_seen_in_every_view(seen: dict[str, Any]) -> None:
    assert set(seen["views"]) == {f"{name}-{view}" for name in PAGES for view in VIEWS}
    assert all(each["passes"] > 20 for each in seen["views"].values())  # rules that applied


@pytest.mark.slow
def test_no_rule_of_accessibility_is_broken(seen: dict[str, Any]) -> None:
    assert {n: v["violations"] for n, v in seen["views"].items() if v["violations"]} == {}


@pytest.mark.slow
def test_nothing_is_requested_but_the_page(seen: dict[str, Any]) -> None:
    for name, view in seen["views"].items():
        assert view["requests"] == [f"{seen['address']}/{name.partition('-')[0]}"]
    assert sorted(set(seen["asked"])) == sorted(f"/{name}" for name in PAGES)


@pytest.mark.slow
def test_the_browser_has_nothing_to_complain_of(seen: dict[str, Any]) -> None:
    """Neither of the policy nor of the markup; and no dialog of a script opens."""
    assert {n: v["messages"] for n, v in seen["views"].items() if v["messages"]} == {}


@pytest.mark.slow
def test_no_page_is_wider_than_its_window(seen: dict[str, Any]) -> None:
    assert {n: v["wider"] for n, v in seen["views"].items() if v["wider"]} == {}


@pytest.mark.slow
def test_pages_can_be_printed(seen: dict[str, Any]) -> None:
    for name in PAGES:
        printed = Path(seen["folder"], f"{name}-794-paper.pdf").read_bytes()
        assert printed.startswith(b"%PDF-")
        assert printed.rstrip().endswith(b"%%EOF")


def test_a_checker_of_html_finds_nothing(tmp_path: Path) -> None:
    program = npm.installed(TOOLS) / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
    for name, page in pages().items():
        (tmp_path / f"{name}.html").write_bytes(page)
    done = subprocess.run(
        ["node", program, "--config", TOOLS / "html-validate.json", "--formatter", "json", "."],  # noqa: S607 - as npm found it
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, json.loads(done.stdout)) == (0, []), done.stdout + done.stderr
