"""The checker page in a real browser, opened from the disk, and its verdict beside the program's own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from intake.desk import read_bytes
from upstander.intake.checker import checker_html
from upstander.intake.limits import LIMITS
from upstander.intake.suppliers import Supplier

_LISTEN = """() => {
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
  document.addEventListener("checked", (event) => { window.answer = event.detail; });
}"""
_PATIENCE_MS = 120_000


@contextmanager
def chromium(*words: str) -> Iterator[Browser]:
    """The system's Chromium, without a window. Where there is none, a skip; in a strict run, a failure.

    words: further words of its command line.
    """
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("UPSTANDER_STRICT"):
            pytest.fail("Chromium is not installed, and strict tests want it")
        pytest.skip("Chromium is not installed here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", *words])
        yield browser
        browser.close()


class Checker:
    """One layout's page, opened from a file."""

    def __init__(self, browser: Browser, supplier: Supplier, folder: Path, *, block_bytes: int | None = None) -> None:
        self.folder = folder
        self.path = folder / f"{supplier.name}.html"
        html, stated = checker_html(supplier), f'"block_bytes":{LIMITS.block_bytes}'
        assert html.count(stated) == 1
        self.path.write_text(
            html if block_bytes is None else html.replace(stated, f'"block_bytes":{block_bytes}'), "utf-8"
        )
        self.page: Page = browser.new_page()
        self.requests: list[str] = []
        self.page.on("request", lambda asked: self.requests.append(asked.url))
        self.page.goto(self.path.as_uri())
        self.page.evaluate(_LISTEN)

    def judged(self, content: bytes, name: str = "extract.csv") -> dict[str, Any]:
        """The page's verdict on a file."""
        answer = self.answer(content, name)
        assert answer.get("result"), answer
        return dict(answer["result"])

    def answer(self, content: bytes, name: str) -> dict[str, Any]:
        """All that the page says when it is given a file."""
        sent = self.folder / name[-100:]
        sent.write_bytes(content)
        self.page.evaluate("() => { window.answer = null; }")
        self.page.set_input_files("#file", sent)
        self.page.click("button[type=submit]")
        self.page.wait_for_function("() => window.answer !== null", timeout=_PATIENCE_MS)
        answer: dict[str, Any] = self.page.evaluate("() => window.answer")
        return answer


def both(
    checker: Checker, supplier: Supplier, content: bytes, name: str = "extract.csv", **plan: Any
) -> tuple[Any, Any]:
    """The program's verdict and the page's, in the same form."""
    result, _ = read_bytes(content, supplier, received=datetime.now(UTC), file_name=name, **plan)
    ours = {
        "outcome": result.outcome.value,
        "message": result.message,
        "lines": asdict(result.lines),
        "mistakes": [asdict(mistake) for mistake in result.mistakes],
    }
    theirs = checker.judged(content, name)
    return ours, {part: theirs[part] for part in ours}
