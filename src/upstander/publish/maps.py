"""Small-multiple maps: the whole area, and its dense parts enlarged below, tied by lines. Areas or grid squares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from upstander.contracts.places import AreaShape
from upstander.publish import svg, tokens
from upstander.publish.classes import Ladder
from upstander.publish.enlarging import enlarged
from upstander.publish.ground import Box, View, box_of, centres_of, reach_of
from upstander.publish.model import PlaceLabel
from upstander.publish.paint import Frame, painted
from upstander.publish.pins import Target, drawn, pins_for
from upstander.publish.reading import ABSENT, Shown
from upstander.publish.standing import Place
from upstander.publish.tokens import Medium

_TIE = 15.0  # px between the two frames
_PIN_RADIUS = 0.78  # of the text size


@dataclass(frozen=True)
class _Base:
    """What is the same under every source: areas as paths in one view, and the labels."""

    view: View
    paths: Mapping[str, str]
    is_inset: bool


@dataclass(frozen=True)
class MapSheet:
    """The paper that the maps of one figure share: one extent, one scale, one set of pins."""

    medium: Medium
    width: float
    height: float
    frames: tuple[_Base, ...]
    shapes: Mapping[str, AreaShape]
    labels: tuple[PlaceLabel, ...]
    places: tuple[Place, ...]
    has_borders: bool

    def drawn_for(self, name: str, cells: Mapping[str, Shown], ladder: Ladder, alt: str) -> svg.Drawing:
        """One source's map. `cells` by area key; an area without a cell is missing, never zero."""
        areas = [self._areas(f"{name}-{place}", base, cells, ladder) for place, base in enumerate(self.frames)]
        labels = [self._names(base) + self._pins(base) for base in self.frames]
        return svg.drawing(name, self.width, self.height, alt, *areas, self._ties(), *labels, self._letters())

    def _areas(self, name: str, base: _Base, cells: Mapping[str, Shown], ladder: Ladder) -> str:
        frame = base.view.frame
        pieces = [(path, cells.get(area, ABSENT)) for area, path in base.paths.items()]
        edge = 0.5 if base.is_inset else 0.3
        colour = tokens.AREA_EDGE if self.has_borders else tokens.BORDER
        areas = painted(name, pieces, ladder, frame, stroke=colour, stroke_width=edge)
        outline = self._halo(name, base) if self.has_borders and not base.is_inset else ""
        inside = svg.group(outline, areas, clip_path=f"url(#{name}-frame)")
        clip = svg.element(
            "defs", svg.element("clipPath", svg.rect(frame.x, frame.y, frame.width, frame.height), id=f"{name}-frame")
        )
        border = svg.rect(
            frame.x, frame.y, frame.width, frame.height, fill="none",
            stroke=tokens.INK if base.is_inset else tokens.HAIRLINE, stroke_width=1.1 if base.is_inset else 0.6,
        ) if base.is_inset or not self.has_borders else ""  # fmt: skip
        return clip + inside + border

    def _halo(self, name: str, base: _Base) -> str:
        """The outline of the whole: every area's edge drawn wide, to be covered by the areas themselves."""
        shared = svg.element("defs", svg.element("path", d="".join(base.paths.values()), id=f"{name}-all"))
        soft = svg.element(
            "use", href=f"#{name}-all", fill="none", stroke=tokens.HALO, stroke_width=5, stroke_linejoin="round"
        )
        return (
            shared
            + soft
            + svg.element("use", href=f"#{name}-all", fill=tokens.PAPER, stroke=tokens.QUIET, stroke_width=1.8)
        )

    def _names(self, base: _Base) -> str:
        size = self.medium.small
        return "".join(
            svg.text(
                at.x + at.width / 2,
                at.y + size,
                name,
                size,
                fill=tokens.SECONDARY,
                italic=True,
                anchor="middle",
                halo=3,
            )
            for name, at in self._labelled(base)
        )

    def _labelled(self, base: _Base) -> list[tuple[str, Frame]]:
        """The towns in a view and about where their names stand: inside the frame, above an outlined part."""
        size, frame = self.medium.small, base.view.frame
        placed = []
        for label in self.labels:
            if base.view.box.holds(label.x, label.y):
                x, y = base.view.at(np.array([[label.x, label.y]]))[0].tolist()
                width = len(label.name) * size * 0.48
                left = min(max(x - width / 2, frame.x), frame.x + frame.width - width)
                is_cut = abs(left - (x - width / 2)) > 1 or y - size < frame.y or y > frame.y + frame.height - 2 * size
                if not base.is_inset:
                    placed.append((label.name, self._above_parts(Frame(left, y - size, width, size * 1.2))))
                elif not is_cut:
                    placed.append((label.name, Frame(left, y - size, width, size * 1.2)))
        return placed

    def _above_parts(self, words: Frame) -> Frame:
        """Where words stand clear of every outline and its letter."""
        for part in (base.view for base in self.frames if base.is_inset):
            left, top, right, bottom = self._on_whole(part)
            is_beside = words.x > right + self.medium.small or words.x + words.width < left
            half = max((self.medium.small - (bottom - top)) / 2, 0) + 1
            if not is_beside and words.y < bottom + half and words.y + words.height > top - half:
                return Frame(words.x, top - half - words.height, words.width, words.height)
        return words

    def _pins(self, base: _Base) -> str:
        insets = [] if base.is_inset else [part.view.box for part in self.frames if part.is_inset]
        centres = centres_of([self.shapes[place.area] for place in self.places if place.area in self.shapes])
        targets = [
            self._target(base.view, place, centres[place.area])
            for place in self.places
            if place.area in centres
            and base.view.box.holds(*centres[place.area])
            and not any(inset.holds(*centres[place.area]) for inset in insets)
        ]
        radius = _PIN_RADIUS * self.medium.small
        pins = pins_for(targets, base.view.frame, radius, [at for _, at in self._labelled(base)])
        taken = [(pin.x, pin.y) for pin in pins] + [(target.x, target.y) for target in targets]
        is_first = any(
            base is other for other in self.frames[:2]
        )  # the enlarged parts share one scale, so one bar serves them
        bar = _scale_bar(base.view, self.medium.small, taken) if is_first else ""
        return bar + drawn(pins, radius, self.medium.small)

    def _target(self, view: View, place: Place, centre: tuple[float, float]) -> Target:
        x, y = view.at(np.array([centre]))[0].tolist()
        return Target(place.number, x, y, reach_of(self.shapes[place.area]) * view.scale)

    def _ties(self) -> str:
        """Each enlarged part outlined on the whole; one is tied to its frame by two lines, several by letters."""
        parts = [base.view for base in self.frames if base.is_inset]
        if len(parts) == 1:
            return self._outline(parts[0]) + self._two_lines(parts[0])
        return "".join(self._outline(part) for part in parts)

    def _outline(self, part: View) -> str:
        left, top, right, bottom = self._on_whole(part)
        return svg.rect(left, top, right - left, bottom - top, fill="none", stroke=tokens.INK, stroke_width=1.1)

    def _two_lines(self, part: View) -> str:
        left, _, right, bottom = self._on_whole(part)
        frame = part.frame
        look: svg.Look = {"stroke": tokens.INK, "stroke_width": 0.7}
        first = svg.line(left, bottom, frame.x, frame.y, **look)
        return first + svg.line(right, bottom, frame.x + frame.width, frame.y, **look)

    def _letters(self) -> str:
        """A, B, C beside the outlines and in the corners of their frames, where there are several."""
        parts = [base.view for base in self.frames if base.is_inset]
        if len(parts) < 2:
            return ""
        size = self.medium.small
        marks = []
        for letter, part in zip("ABCD", parts, strict=False):
            _, top, right, bottom = self._on_whole(part)
            frame = part.frame
            marks.append(svg.text(right + 2, (top + bottom) / 2 + size * 0.34, letter, size, weight=700, halo=3))
            marks.append(svg.rect(frame.x, frame.y, size * 1.4, size * 1.4, fill=tokens.INK))
            corner = (frame.x + size * 0.7, frame.y + size * 1.04)
            marks.append(svg.text(*corner, letter, size, weight=700, fill=tokens.PAPER, anchor="middle"))
        return "".join(marks)

    def _on_whole(self, part: View) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of an enlarged part on the whole map, in px."""
        corners = np.array([[part.box.west, part.box.north], [part.box.east, part.box.south]])
        (left, top), (right, bottom) = self.frames[0].view.at(corners).tolist()
        return left, top, right, bottom


def map_sheet(
    shapes: Sequence[AreaShape], labels: tuple[PlaceLabel, ...], places: tuple[Place, ...], medium: Medium,
) -> MapSheet:  # fmt: skip
    """The paper for a figure's maps, made once for all its sources."""
    known = {str(shape.key): shape for shape in shapes}
    has_borders = any(not shape.key.kind.startswith("square") for shape in shapes)
    whole = box_of(shapes)
    width = medium.column
    height = float(np.clip(width * whole.height / whole.width, 0.5 * width, 0.74 * width))
    upper = View(_padded(whole, 0.02), Frame(3, 3, width - 6, height - 6))
    centres = centres_of([known[place.area] for place in places if place.area in known])
    room = Frame(0.6, height + _TIE, width - 1.2, 0.68 * width)
    views = enlarged(whole, list(centres.values()), room)
    if not views and not has_borders:  # squares lie only where records are
        views = enlarged(whole, list(centres_of(shapes).values()), room)
    frames = (_base(shapes, upper, is_inset=False), *(_base(shapes, view, is_inset=True) for view in views))
    height += _TIE + room.height + 1 if views else 0
    return MapSheet(medium, width, height, frames, known, labels, places, has_borders)


def _base(shapes: Sequence[AreaShape], view: View, *, is_inset: bool) -> _Base:
    near = [shape for shape in shapes if view.box.meets(box_of([shape]))]
    paths = {str(shape.key): view.path(shape) for shape in near}
    return _Base(view, {area: path for area, path in paths.items() if path}, is_inset)


def _padded(box: Box, share: float) -> Box:
    side = share * max(box.width, box.height)
    return Box(box.west - side, box.south - side, box.east + side, box.north + side)


def _scale_bar(view: View, size: float, taken: Sequence[tuple[float, float]]) -> str:
    """A bar of 1, 2 or 5 times a power of ten km, at most a quarter of the frame, in a lower corner without pins."""
    most_m = 0.26 * view.frame.width / view.scale
    power = 10.0 ** np.floor(np.log10(most_m))
    length = max(step * power for step in (1, 2, 5) if step * power <= most_m)
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    span, y = length * view.scale, view.frame.y + view.frame.height - 5
    left, right = view.frame.x + 5, view.frame.x + view.frame.width - 5 - span
    is_taken = any(px < left + span + size and py > y - 2.4 * size for px, py in taken)
    x = right if is_taken else left
    bar = f"M{svg.number(x)} {svg.number(y - 4)}v4h{svg.number(span)}v-4"
    halo = svg.element("path", d=bar, fill="none", stroke=tokens.PAPER, stroke_width=3.4)
    ink = svg.element("path", d=bar, fill="none", stroke=tokens.INK, stroke_width=1)
    return halo + ink + svg.text(x + 3, y - 4, words, size, halo=3)
