"""How much of a source is known: black for known, hatched for known in part, white for not known."""

from upstander.contracts.releasing import Status
from upstander.publish import svg, tokens
from upstander.publish.paint import Frame, rect_path, textured


def known_bar(name: str, known: float, in_part: float, alt: str, width: float = 58, height: float = 11) -> svg.Drawing:
    """Shares between 0 and 1, outlined so that the white part is seen."""
    black, part = (width - 1) * min(known, 1), (width - 1) * min(in_part, 1 - min(known, 1))
    path = rect_path(0.5 + black, 0.5, part, height - 1)
    hatched = textured(name + "-part", path, Status.SUPPRESSED, Frame(0, 0, width, height)) if part > 0.2 else ""
    solid = svg.rect(0.5, 0.5, black, height - 1, fill=tokens.INK)
    outline = svg.rect(0.5, 0.5, width - 1, height - 1, fill="none", stroke=tokens.INK, stroke_width=0.9)
    return svg.drawing(name, width, height, alt, hatched, solid, outline)
