"""Small-multiple maps: the whole area, and its dense part enlarged below, tied by two lines. Areas or grid squares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from upstander.contracts.places import AreaShape
from upstander.publish import svg, tokens
from upstander.publish.classes import Ladder
from upstander.publish.ground import Box, View, box_of, centres_of, dense_part, reach_of
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
        return svg.drawing(name, self.width, self.height, alt, *areas, self._ties(), *labels)

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
        """The towns in a view and about where their names stand, kept inside the frame."""
        size, frame = self.medium.small, base.view.frame
        placed = []
        for label in self.labels:
            if base.view.box.holds(label.x, label.y):
                x, y = base.view.at(np.array([[label.x, label.y]]))[0].tolist()
                width = len(label.name) * size * 0.48
                left = min(max(x - width / 2, frame.x), frame.x + frame.width - width)
                placed.append((label.name, Frame(left, y - size, width, size * 1.2)))
        return placed

    def _pins(self, base: _Base) -> str:
        inset = self.frames[-1].view.box if len(self.frames) > 1 and not base.is_inset else None
        centres = centres_of([self.shapes[place.area] for place in self.places if place.area in self.shapes])
        targets = [
            self._target(base.view, place, centres[place.area])
            for place in self.places
            if place.area in centres
            and base.view.box.holds(*centres[place.area])
            and not (inset and inset.holds(*centres[place.area]))
        ]
        radius = _PIN_RADIUS * self.medium.small
        pins = pins_for(targets, base.view.frame, radius, [at for _, at in self._labelled(base)])
        taken = [(pin.x, pin.y) for pin in pins] + [(target.x, target.y) for target in targets]
        return _scale_bar(base.view, self.medium.small, taken) + drawn(pins, radius, self.medium.small)

    def _target(self, view: View, place: Place, centre: tuple[float, float]) -> Target:
        x, y = view.at(np.array([centre]))[0].tolist()
        return Target(place.number, x, y, reach_of(self.shapes[place.area]) * view.scale)

    def _ties(self) -> str:
        """The enlarged part outlined on the whole, and two lines that tie them."""
        if len(self.frames) < 2:
            return ""
        whole, inset = self.frames[0].view, self.frames[1].view
        corners = np.array([[inset.box.west, inset.box.north], [inset.box.east, inset.box.south]])
        (left, top), (right, bottom) = whole.at(corners).tolist()
        look: svg.Look = {"stroke": tokens.INK, "stroke_width": 0.7}
        frame = inset.frame
        box = svg.rect(left, top, right - left, bottom - top, fill="none", stroke=tokens.INK, stroke_width=1.1)
        lines = svg.line(left, bottom, frame.x, frame.y, **look)
        return box + lines + svg.line(right, bottom, frame.x + frame.width, frame.y, **look)


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
    inset_height = 0.68 * width
    aspect = width / inset_height
    box = dense_part(whole, list(centres.values()), aspect)
    if box is None and not has_borders:  # squares lie only where records are
        box = dense_part(whole, list(centres_of(shapes).values()), aspect)
    frames = [_base(shapes, upper, is_inset=False)]
    if box is not None:
        lower = View(box, Frame(0.6, height + _TIE, width - 1.2, inset_height))
        frames.append(_base(shapes, lower, is_inset=True))
        height += _TIE + inset_height + 1
    return MapSheet(medium, width, height, tuple(frames), known, labels, places, has_borders)


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
