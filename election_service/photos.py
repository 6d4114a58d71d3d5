"""Photos of candidates: decoded and drawn anew, so that nothing of the file that was handed in is ever served.

Hostile pictures are read in a process of their own, which holds no secret: the operator's command that imports them, or
one that the console starts for a single picture.
What comes out is a square JPEG without metadata, the same size for every candidate.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from PIL import Image, ImageOps
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_mail
from election_service.errors import InputError, NotFoundError

MAX_FILE: Final = 20 << 20  # bytes of a file that is read
MAX_PIXELS: Final = 64_000_000  # of a large camera's JPEG, which is decoded at a fraction of its size
MAX_DECODED: Final = 24_000_000  # of every other picture: it is decoded whole, and takes 300 MB on the way
MAX_LENGTH: Final = 16_000  # pixels of a side
MIN_LENGTH: Final = 64
SIDE: Final = 192  # pixels of what is served: three for each of the page's
MAX_PHOTO: Final = 8 << 10  # bytes of what is served
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_PICTURES_IN_ONE: Final = "MPO"  # a phone's JPEG with a second picture behind it; the first is the photo
_QUALITIES: Final = (76, 68, 60, 50, 40, 28, 18)
_SIDES: Final = (SIDE, 160, 128, 96)
_HEAD_ROOM: Final = (0.5, 0.35)  # where a portrait is cut to a square: heads are above the middle
_WHITE: Final = "white"
_BROKEN: Final = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, MemoryError),
    *(struct.error, zlib.error, RuntimeError, NotImplementedError, Image.DecompressionBombError),
)  # what Pillow's readers raise on hostile bytes; its documentation names no single error
_HINT: Final = "give a JPEG, PNG or WebP file as a camera or phone makes it"


class PhotoError(InputError):
    """A file that is no photo, or none that can be used."""


def make_photo(raw: bytes) -> bytes:
    """The picture of a file as a square JPEG of at most 192 × 192 pixels and 8 KiB; PhotoError names what is wrong."""
    if len(raw) > MAX_FILE:
        raise PhotoError(f"photo: expected at most {MAX_FILE >> 20} MiB, got {len(raw) >> 20}", "make it smaller")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata, which is thrown away; sizes are checked here
            with Image.open(io.BytesIO(raw), formats=_FORMATS) as picture:
                _check(picture)
                return _encode(_square(picture))
    except _BROKEN as error:
        raise PhotoError(f"photo: not a picture that can be read: {type(error).__name__}", _HINT) from error


def _check(picture: Image.Image) -> None:
    """Before anything is decoded: sizes as the header says them, and one picture alone."""
    width, height = picture.size
    most = MAX_PIXELS if picture.format in ("JPEG", _PICTURES_IN_ONE) else MAX_DECODED
    if max(width, height) > MAX_LENGTH or width * height > most:
        raise PhotoError(f"photo: expected at most {most} pixels, got {width} × {height}", "make it smaller")
    if min(width, height) < MIN_LENGTH:
        raise PhotoError(f"photo: expected at least {MIN_LENGTH} pixels a side, got {width} × {height}", _HINT)
    if picture.format != _PICTURES_IN_ONE and getattr(picture, "n_frames", 1) != 1:
        raise PhotoError("photo: a moving picture", "give a still one")


def _square(picture: Image.Image) -> Image.Image:
    """Upright, on white, cut to a square."""
    picture.draft("RGB", (4 * SIDE, 4 * SIDE))  # a large JPEG is decoded at a fraction of its size
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    side = min(SIDE, *upright.size)
    cut = ImageOps.fit(upright, (side, side), Image.Resampling.LANCZOS, centering=_HEAD_ROOM)
    square = Image.new("RGB", cut.size, _WHITE)  # a new picture has no metadata that could be written out
    square.paste(cut, mask=cut.getchannel("A"))
    return square


def _encode(square: Image.Image) -> bytes:
    """The best JPEG that is small enough."""
    for content in _tries(square):
        if len(content) <= MAX_PHOTO:
            return content
    raise PhotoError(f"photo: does not fit into {MAX_PHOTO >> 10} KiB", "give a picture with less noise in it")


def _tries(square: Image.Image) -> Iterator[bytes]:
    for side in _SIDES:
        shown = square if side >= square.width else square.resize((side, side), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            file = io.BytesIO()
            shown.save(file, "JPEG", quality=quality, optimize=True, progressive=False)
            yield file.getvalue()


def photo_name(content: bytes) -> str:
    """Its name in addresses: SHA-256 in hex."""
    return sha256(content).hexdigest()


async def read_photo(connection: AsyncConnection, election: str, name: str) -> bytes:
    """The bytes of ``<SHA-256 in hex>.jpg``; NotFoundError for everything else."""
    table = schema_mail.photos
    digest, _, kind = name.rpartition(".")
    query = select(table.c.content).where(table.c.election == election, table.c.sha256 == digest)
    content: bytes | None = (await connection.execute(query)).scalar_one_or_none() if kind == "jpg" else None
    if content is None:
        raise NotFoundError("photo: no such file")
    return content
