"""Photos are drawn anew: what is served has one form, whatever was handed in; hostile files end in a named error."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin

from election_service.photos import MAX_FILE, MAX_PHOTO, SIDE, PhotoError, make_photo, photo_name

SECRET = b"N 41.7151 E 44.8271"  # where somebody lives


def portrait(width: int = 300, height: int = 400) -> Image.Image:
    """Red above, blue below, so that one sees which side is up."""
    picture = Image.new("RGB", (width, height), "blue")
    ImageDraw.Draw(picture).rectangle((0, 0, width, height // 2), fill="red")
    return picture


def encoded(picture: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def opened(raw: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(raw))
    picture.load()
    return picture


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, data: bytes, *extra: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def is_red(colour: object) -> bool:
    assert isinstance(colour, tuple)
    return bool(colour[0] > 200 and colour[2] < 60)


# ---- what comes out --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(300, 400), (1600, 900), (64, 64), (240, 240), (3000, 70)])
def test_a_photo_is_a_small_square_jpeg(form: str, size: tuple[int, int]) -> None:
    made = make_photo(encoded(portrait(*size), form))
    picture = opened(made)
    assert picture.format == "JPEG"
    assert picture.mode == "RGB"
    assert picture.size == (min(SIDE, *size),) * 2
    assert len(made) <= MAX_PHOTO
    assert is_red(picture.getpixel((picture.width // 2, 2)))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_one(mode: str) -> None:
    assert opened(make_photo(encoded(Image.new(mode, (100, 130)), "PNG"))).mode == "RGB"


def test_a_print_shop_s_colours_become_a_screen_s() -> None:
    assert opened(make_photo(encoded(portrait().convert("CMYK")))).mode == "RGB"


def test_what_is_transparent_becomes_white() -> None:
    picture = opened(make_photo(encoded(Image.new("RGBA", (100, 100), (0, 0, 0, 0)), "PNG")))
    assert picture.getpixel((50, 50)) == (255, 255, 255)


def test_a_picture_full_of_noise_fits_too() -> None:
    noise = Image.frombytes("RGB", (1200, 1600), os.urandom(1200 * 1600 * 3))
    assert len(make_photo(encoded(noise, "PNG"))) <= MAX_PHOTO


def test_the_same_file_gives_the_same_photo() -> None:
    raw = encoded(portrait())
    assert make_photo(raw) == make_photo(raw)
    assert len(photo_name(make_photo(raw))) == 64


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_as_the_camera_says(orientation: int) -> None:
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture = portrait(600, 600)
    if orientation in turned:
        picture = picture.transpose(turned[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = opened(make_photo(encoded(picture, exif=exif)))
    assert is_red(made.getpixel((120, 5)))
    assert not made.getexif()


def test_nothing_of_the_metadata_is_left() -> None:
    """Place, comment, colour profile, thumbnail."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    raw = encoded(portrait(), exif=exif, comment=SECRET, icc_profile=SECRET * 20, dpi=(300, 300))
    assert raw.count(SECRET) > 2
    made = make_photo(raw)
    assert SECRET not in made
    assert set(opened(made).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    assert SECRET not in make_photo(encoded(portrait(), "PNG", pnginfo=text))


def test_of_a_phone_s_two_pictures_in_one_file_the_first_counts() -> None:
    raw = encoded(portrait(), "MPO", save_all=True, append_images=[Image.new("RGB", (300, 400), "green")])
    assert is_red(opened(make_photo(raw)).getpixel((120, 5)))


# ---- hostile files ---------------------------------------------------------------------------------------------------


def test_a_polyglot_loses_what_else_it_is() -> None:
    """A81: a JPEG that is also a ZIP, a page and a script."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("index.html", "<script>alert(1)</script>")
    markup = b"<html><script>alert(1)</script>"
    made = make_photo(encoded(portrait(), comment=markup) + markup + archive.getvalue())
    assert b"script" not in made
    assert b"PK" not in made
    assert made.startswith(b"\xff\xd8\xff")
    assert made.endswith(b"\xff\xd9")
    assert not zipfile.is_zipfile(io.BytesIO(made))


def moving(form: str) -> bytes:
    return encoded(portrait(), form, save_all=True, append_images=[Image.new("RGB", (300, 400), "green")])


def text_bomb() -> bytes:
    """A comment of 256 MB in 256 KB."""
    squeezed = zlib.compressobj(9)
    packed = b"".join(squeezed.compress(bytes(1 << 20)) for _ in range(256)) + squeezed.flush()
    row = b"\0" + bytes(3 * 64)
    return png(64, 64, zlib.compress(row * 64), chunk(b"zTXt", b"Comment\0\0" + packed))


PICTURES: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not a picture"),
    "text": (lambda: b"<html>photo</html>", "not a picture"),
    "SVG": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not a picture"),
    "SVG with a declaration": (lambda: b'<?xml version="1.0"?><svg width="99" height="99"/>', "not a picture"),
    "GIF": (lambda: encoded(portrait(), "GIF"), "not a picture"),
    "BMP": (lambda: encoded(portrait(), "BMP"), "not a picture"),
    "TIFF": (lambda: encoded(portrait(), "TIFF"), "not a picture"),
    "ICO": (lambda: encoded(portrait(), "ICO"), "not a picture"),
    "PDF": (lambda: encoded(portrait(), "PDF"), "not a picture"),
    "PostScript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n", "not a picture"),
    "JPEG 2000": (lambda: encoded(portrait(), "JPEG2000"), "not a picture"),
    "AVIF": (lambda: encoded(portrait(), "AVIF"), "not a picture"),
    "moving PNG": (lambda: moving("PNG"), "a moving picture"),
    "moving WebP": (lambda: moving("WEBP"), "a moving picture"),
    "JPEG cut off": (lambda: encoded(portrait())[:-900], "not a picture"),
    "PNG cut off": (lambda: encoded(portrait(), "PNG")[:-200], "not a picture"),
    "WebP cut off": (lambda: encoded(portrait(), "WEBP")[:-100], "not a picture"),
    "header alone": (lambda: encoded(portrait())[:200], "not a picture"),
    "2 gigapixels in a few bytes": (lambda: png(46_000, 46_000, zlib.compress(b"")), "not a picture|at most"),
    "100 megapixels in a few bytes": (lambda: png(10_000, 10_000, zlib.compress(b"")), "at most 24000000 pixels"),
    "64 megapixels in 265 kilobytes": (lambda: png(8_000, 8_000, zlib.compress(b"")), "at most 24000000 pixels"),
    "a line": (lambda: png(20_000, 64, zlib.compress(b"")), "at most"),
    "no width": (lambda: png(0, 100, zlib.compress(b"")), "not a picture|at least"),
    "a dot": (lambda: encoded(Image.new("RGB", (1, 1)), "PNG"), "at least 64 pixels"),
    "narrow": (lambda: encoded(Image.new("RGB", (63, 500)), "PNG"), "at least 64 pixels"),
    "a comment that unpacks to 256 MB": (text_bomb, "not a picture"),
    "too large a file": (lambda: encoded(portrait()) + bytes(MAX_FILE), "at most 20 MiB"),
}


@pytest.mark.parametrize("case", PICTURES)
def test_what_is_no_photo_is_refused_by_name(case: str) -> None:
    make, reason = PICTURES[case]
    with pytest.raises(PhotoError, match=reason) as caught:
        make_photo(make())
    assert caught.value.hint


VALID = [encoded(portrait(80, 90)), encoded(portrait(80, 90), "PNG"), encoded(portrait(80, 90), "WEBP"), moving("MPO")]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(VALID), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=12))
def test_a_damaged_picture_gives_a_photo_or_a_named_error(raw: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(raw)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    try:
        made = make_photo(bytes(damaged))
    except PhotoError:
        return
    assert len(made) <= MAX_PHOTO
    assert opened(made).format == "JPEG"
