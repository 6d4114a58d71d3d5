"""Portraits of people who do not exist: a few shapes on a coloured ground, drawn from a seed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw

from election_service.demo.university import Draws

SIZE: Final = 240  # pixels, as it will be shown
_FINE: Final = 2  # drawn so many times larger, for smooth edges
_EDGE: Final = SIZE * _FINE
_GROUNDS: Final = ("#cfe3ea", "#e6dcc8", "#d9e4cf", "#e8d3d0", "#d8d6e8", "#e9e1bd", "#cddde0", "#e3d5df")
_FACES: Final = ("#f2c9a1", "#e0ac7e", "#c68d5f", "#a56d44", "#f6d7b8", "#8a5a3b")
_HAIR: Final = ("#2b2622", "#4a3526", "#6f4a2c", "#8f6a3c", "#3a3a40", "#7d3f2a")
_CLOTHES: Final = ("#2f5d73", "#7a3b46", "#3f6b4f", "#57487a", "#8a5a2b", "#2d3e5e", "#6a6f2f", "#444b52")
_DARK: Final = "#2b2622"  # eyes, mouth, glasses

Box = tuple[float, float, float, float]


def draw_portrait(draws: Draws) -> bytes:
    """A picture as PNG, 240 × 240; the same draws give the same picture."""
    picture = Image.new("RGB", (_EDGE, _EDGE), _pick(draws, _GROUNDS))
    pen = ImageDraw.Draw(picture)
    face, hair, clothes = _pick(draws, _FACES), _pick(draws, _HAIR), _pick(draws, _CLOTHES)
    style = _STYLES[draws.below(len(_STYLES))]
    wide = 0.2 + draws.below(4) / 100  # half the width of the head, as a part of the picture
    style(pen, hair, wide, behind=True)
    pen.rounded_rectangle(_box(0.14, 0.74, 0.86, 1.3), radius=0.18 * _EDGE, fill=clothes)
    pen.rounded_rectangle(_box(0.42, 0.58, 0.58, 0.82), radius=0.06 * _EDGE, fill=face)
    pen.ellipse(_box(0.5 - wide, 0.2, 0.5 + wide, 0.68), fill=face)
    style(pen, hair, wide, behind=False)
    _features(pen, draws)
    file = io.BytesIO()
    picture.reduce(_FINE).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _pick(draws: Draws, colours: tuple[str, ...]) -> str:
    return colours[draws.below(len(colours))]


def _box(left: float, top: float, right: float, bottom: float) -> Box:
    """Parts of the picture as pixels."""
    return left * _EDGE, top * _EDGE, right * _EDGE, bottom * _EDGE


def _features(pen: ImageDraw.ImageDraw, draws: Draws) -> None:
    """Eyes, mouth, and glasses for one in three."""
    for middle in (0.415, 0.585):
        pen.ellipse(_box(middle - 0.017, 0.425, middle + 0.017, 0.465), fill=_DARK)
    pen.arc(_box(0.43, 0.47, 0.57, 0.58), 25, 155, fill=_DARK, width=_EDGE // 80)
    if draws.below(3) == 0:
        for middle in (0.405, 0.595):
            pen.ellipse(_box(middle - 0.075, 0.37, middle + 0.075, 0.52), outline=_DARK, width=_EDGE // 90)
        pen.line(_box(0.48, 0.44, 0.52, 0.44), fill=_DARK, width=_EDGE // 90)


# ---- hair ------------------------------------------------------------------------------------------------------------


def _short(pen: ImageDraw.ImageDraw, hair: str, wide: float, *, behind: bool) -> None:
    if not behind:
        pen.chord(_box(0.5 - wide - 0.015, 0.16, 0.5 + wide + 0.015, 0.6), 190, 350, fill=hair)


def _long(pen: ImageDraw.ImageDraw, hair: str, wide: float, *, behind: bool) -> None:
    if behind:
        pen.rounded_rectangle(_box(0.44 - wide, 0.2, 0.56 + wide, 0.84), radius=0.22 * _EDGE, fill=hair)
    else:
        pen.chord(_box(0.48 - wide, 0.15, 0.52 + wide, 0.58), 195, 345, fill=hair)


def _bun(pen: ImageDraw.ImageDraw, hair: str, wide: float, *, behind: bool) -> None:
    if behind:
        pen.ellipse(_box(0.41, 0.06, 0.59, 0.25), fill=hair)
    else:
        _short(pen, hair, wide, behind=False)


def _curly(pen: ImageDraw.ImageDraw, hair: str, wide: float, *, behind: bool) -> None:
    if behind:
        for step in range(7):
            middle = 0.5 + (step - 3) * wide / 3
            top = 0.14 + 0.025 * abs(step - 3) ** 1.3
            pen.ellipse(_box(middle - 0.1, top, middle + 0.1, top + 0.24), fill=hair)
    else:
        pen.chord(_box(0.5 - wide, 0.17, 0.5 + wide, 0.56), 200, 340, fill=hair)


_STYLES: Final[tuple[Callable[..., None], ...]] = (_short, _long, _bun, _curly)
