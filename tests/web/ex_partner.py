"""Somebody with an honest account who looks for one person, by script: every question the site answers, and some not.

What is learned is what answers say, and nothing else: cells of the API, figures one by one, files of the dashboard.
"""

import csv
import html
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import polars as pl
import time_machine

from pipeline.release.outsider import KEY

Cell = tuple[str, ...]  # release, then KEY
_FOLLOWED, _REMEMBERED = 4, 40  # links to files, at a time
_PACE_S = 0.1  # as fast as the site lets one person ask
_KINDS = ("trend", "districts", "wards", "people", "change", "quality")
_TRICKS = (
    "round=1", "exact=true", "suppress=0", "suppress_up_to=0", "status=suppressed", "sort=value", "order_by=-value",
    "offset=0", "format=csv", "purpose=operational", "limit=999999", "limit=-1", "count=1", "total=area",
    "fields=count", "cursor=AAAA", "edition=operational", "release=draft", "why=1", "vintage=1", "area=%25",
    "area=*", "debug=1",
)  # fmt: skip


class Spent(Exception):
    """There are no questions left."""


class Partner:
    """One account, so many questions, and what was learned by them."""

    def __init__(self, browser: Any, clock: time_machine.Traveller, *, questions: int, seed: int) -> None:
        self._browser, self._clock, self._left = browser, clock, questions
        self._draw = np.random.default_rng(seed)
        self.asked = 0
        self.told_by: Counter[str] = Counter()  # how many cells each kind of answer told
        self.known: dict[Cell, tuple[float | None, str]] = {}
        self.contradictions: list[tuple[Cell, object, object]] = []
        self._figures: dict[Cell, str] = {}  # the id of each cell's figure
        self._links: list[str] = []  # to files, on pages seen and not followed yet
        self._keys: dict[str, str] = {}  # of an area by its code, which is what files give

    def look(self) -> None:
        """Ask until nothing is left: all that can be listed, then whatever bears on a cell that is hidden."""
        try:
            releases = self._json("/api/v1/releases")["releases"]
            for one in releases:
                self._list(one)
            self._try_other_doors(releases)
            while True:
                self._press_on(releases)
        except Spent:
            return

    @property
    def learned(self) -> pl.DataFrame:
        """release, KEY, value, status: one row a cell."""
        rows = [(*cell, *told) for cell, told in sorted(self.known.items())]
        schema = {**dict.fromkeys(("release", *KEY), pl.String), "value": pl.Float64, "status": pl.String}
        return pl.DataFrame(rows, schema, orient="row")

    # ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def ask(self, address: str, method: str = "GET", **headers: str) -> Any:
        """One question; whatever the answer holds is learned. Waits where it is told to."""
        if self._left == 0:
            raise Spent
        self._left, self.asked = self._left - 1, self.asked + 1
        self._clock.shift(_PACE_S)
        answer = self._browser.generic(method, address, secure=True, headers=headers)
        if answer.status_code == 429:
            self._clock.shift(float(answer["Retry-After"]))
        self._learn(answer)
        return answer

    def _json(self, address: str) -> Any:
        return self.ask(address).json()

    # ── Listing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _list(self, release: Mapping[str, Any]) -> None:
        at = _at(release)
        self._keys |= {
            one["key"].partition(":")[2] or one["key"]: one["key"] for one in self._json(f"{at}/areas")["areas"]
        }
        for part in ("", "/measures", "/periods", "/attribution"):
            self.ask(f"{at}{part}")
        cursor = ""
        while cursor is not None:
            cursor = self._json(f"{at}/cells?limit=1000{f'&cursor={cursor}' if cursor else ''}")["next_cursor"]

    def _try_other_doors(self, releases: list[dict[str, Any]]) -> None:
        """Releases that are not out, other methods, other kinds of answer, pages of other people."""
        for quarter in ("2023-Q4", "2026-Q1", "2026-Q2"):
            for number in (0, 1, 2):
                self.ask(f"/api/v1/releases/{quarter}/{number}/cells")
        for method in ("HEAD", "POST", "PUT", "OPTIONS", "TRACE"):
            self.ask(f"{_at(releases[-1])}/cells", method)
        for accept in ("text/csv", "application/vnd.apache.parquet", "*/*"):
            self.ask(f"{_at(releases[-1])}/cells", Accept=accept)
        for page in (
            "/dashboard/",
            "/dashboard/extent/",
            "/dashboard/quality/",
            "/people/",
            "/surveillance/",
            "/audit/",
        ):
            self.ask(page)

    # ── Pressing on ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _press_on(self, releases: list[dict[str, Any]]) -> None:
        """Everything that bears on one hidden cell, chosen where most around it is known."""
        hidden = [cell for cell, (_, status) in self.known.items() if status == "suppressed"]
        if not hidden:
            raise Spent
        some = [hidden[at] for at in self._draw.integers(len(hidden), size=8)]
        target = max(some, key=self._known_around)
        release = next(one for one in releases if one["name"] == target[0])
        for address in self._about(release, target):
            self.ask(address)
        for _ in range(min(_FOLLOWED, len(self._links))):
            self.ask(self._links.pop())

    def _known_around(self, cell: Cell) -> int:
        """How many cells of the same measure and period, or area and age, are shown."""
        _, measure, period, area, age, sex = cell
        near = [
            told for (_, m, p, a, g, s), told in self.known.items()
            if m == measure and (p == period or (a, g, s) == (area, age, sex))
        ]  # fmt: skip
        return sum(status == "shown" for _, status in near)

    def _about(self, release: Mapping[str, Any], cell: Cell) -> Iterator[str]:
        """Addresses that tell of the cell, of what it is part of and of its parts, here and in other releases."""
        at = _at(release)
        _, measure, period, area, age, sex = cell
        named = {"measure": measure, "period": period, "area": area, "age": age, "sex": sex}
        for left_out in (None, *named):
            yield f"{at}/cells?{urlencode({name: value for name, value in named.items() if name != left_out})}"
        wider = [one for one in self._keys.values() if one.partition(":")[0] != area.partition(":")[0]]
        yield f"{at}/cells?{urlencode({**named, 'area': [area, *wider[:3]]}, doseq=True)}"
        own = self._figures.get(cell, "")
        for figure in (own, own.replace("_small", "_exact"), own.replace(cell[0].partition("/")[0], "2026-Q1")):
            yield f"{at}/figure?id={quote(figure)}"
        for kind in self._draw.permutation(_KINDS)[:2]:
            name = f"{release['quarter']}-{release['edition']:04d}-{kind}"
            yield f"/dashboard/figure/{name}/?{urlencode(named)}"
            yield f"/dashboard/figure/{name}/csv/?{urlencode(named)}"
        for trick in self._draw.permutation(_TRICKS)[:4]:
            yield f"{at}/cells?{urlencode(named)}&{trick}"
            yield f"/dashboard/extent/?{urlencode(named)}&{trick}"

    # ── Learning ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _learn(self, answer: Any) -> None:
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code != 200 or not answer.content:
            return
        if kind.startswith("application/json"):
            self._learn_json(answer.json())
        elif kind.startswith("text/csv"):
            self._learn_file(answer)
        elif kind.startswith("text/html"):
            found = re.findall(r'href="(/dashboard/figure/[^"]+/csv/[^"]*)"', answer.content.decode())
            self._links = [*(html.unescape(one) for one in found), *self._links][:_REMEMBERED]

    def _learn_json(self, told: Mapping[str, Any]) -> None:
        for one in told.get("cells", ()):  # a rate is worked out of a count that is shown, and tells no more
            if one["unit"] != "count":
                continue
            cell = (told["release"], *(one[name] for name in KEY))
            self._figures[cell] = one["figure"]
            self._hold("pages", cell, one["value"], one["status"])
        if "how_made" in told and ";per=" not in told["figure"]:
            _, _, words = told["figure"].partition("/measure=")
            parts = dict(part.split("=", 1) for part in f"measure={words}".split(";"))
            self._hold("figures", (told["release"], *(parts[name] for name in KEY)), told["value"], told["status"])

    def _learn_file(self, answer: Any) -> None:
        name = answer.headers["Content-Disposition"]
        release = next((one for one in {cell[0] for cell in self.known} if one.replace("/", "-") in name), None)
        for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))):
            area = self._keys.get(row.get("area_code") or row.get("area_name", ""))
            if release and area and {*KEY} - {"area"} <= row.keys() and "status" in row:
                cell = (release, row["measure"], row["period"], area, row["age"], row["sex"])
                self._hold("files", cell, float(row["value"]) if row["value"] else None, row["status"])

    def _hold(self, source: str, cell: Cell, value: float | None, status: str) -> None:
        self.told_by[source] += 1
        before = self.known.setdefault(cell, (value, status))
        if before != (value, status):
            self.contradictions.append((cell, before, (value, status)))


def _at(release: Mapping[str, Any]) -> str:
    return f"/api/v1/releases/{release['quarter']}/{release['edition']}"
