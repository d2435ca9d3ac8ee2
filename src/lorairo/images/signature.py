"""Tell from the first bytes what a file really is; its name counts for nothing."""

from __future__ import annotations

import struct
from pathlib import PurePath
from typing import Final

from lorairo.images.limits import Rejected

# First bytes of the formats that are read, with the names Pillow gives these formats.
_PICTURES: Final = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\0\0\1\0", "ICO"),
    (b"8BPS", "PSD"),
    (b"qoif", "QOI"),
    *((b"P%d" % digit, "PPM") for digit in range(1, 7)),
)

# What people have under picture names, and what to tell them about it.
_OTHERS: Final = (
    (b"%PDF", "a PDF document, not a picture: export its pages as PNG first"),
    (b"PK\x03\x04", "not an image: a ZIP archive under a picture's name"),
    (b"version https://git-lfs", "not an image: a Git LFS pointer (run git lfs pull to get the picture)"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL is not supported: convert it to PNG or JPEG first"),
    (b"\xff\x0a", "JPEG XL is not supported: convert it to PNG or JPEG first"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000 is not supported: convert it to PNG or JPEG first"),
    (b"\xff\x4f\xff\x51", "JPEG 2000 is not supported: convert it to PNG or JPEG first"),
    (b"\xd7\xcd\xc6\x9a", "a Windows metafile (vector drawing) is not supported: export it as PNG first"),
    (b"\x01\0\0\0", "a Windows metafile (vector drawing) is not supported: export it as PNG first"),
    (b"%!PS", "PostScript is not supported: export it as PNG first"),
    (b"gimp xcf", "a GIMP project is not supported: export it as PNG first"),
    (b"P7 332", "an XV thumbnail is not supported: take the picture it was made from"),
    (b"\0\5\x16\7", "a macOS side file (AppleDouble), not a picture"),
)

_HEIF_BRANDS: Final = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")

_SUFFIXES: Final = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "ICO": (".ico",),
    "PSD": (".psd",),
    "QOI": (".qoi",),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "WEBP": (".webp",),
    "AVIF": (".avif", ".avifs"),
}

# Named like pictures, never readable here: they are reported with a reason instead of being passed over.
_UNREADABLE: Final = (
    ".heic",
    ".heif",
    ".hif",
    ".jxl",
    ".jp2",
    ".j2k",
    ".jpx",
    ".svg",
    ".svgz",
    ".pdf",
    ".eps",
    ".wmf",
    ".emf",
    ".p7",
    ".xcf",
    ".tga",
    ".exr",
    ".hdr",
    ".cr2",
    ".cr3",
    ".nef",
    ".arw",
    ".dng",
    ".orf",
    ".rw2",
    ".raf",
)

PICTURE_SUFFIXES: Final = frozenset(suffix for group in _SUFFIXES.values() for suffix in group) | frozenset(
    _UNREADABLE
)
"""Endings (lower case, with the dot) of files that a folder import looks at."""

SIGNATURE_BYTES: Final = 64
"""How many bytes from the start of a file `recognise` looks at."""


def recognise(data: bytes) -> str:
    """Name the format of a picture by its first bytes.

    Parameters
    ----------
    data
        The file, or at least its first `SIGNATURE_BYTES` bytes.

    Returns
    -------
    str
        ``JPEG``, ``PNG``, ``WEBP``, ``AVIF``, ``GIF``, ``BMP``, ``TIFF``, ``ICO``, ``PSD``, ``QOI``, ``PPM``.

    Raises
    ------
    Rejected
        For anything else, saying what it is where that can be told.
    """
    if not data:
        raise Rejected("empty file")
    for start, format_name in _PICTURES:
        if data.startswith(start):
            return format_name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return _iso_media(data)
    for start, reason in _OTHERS:
        if data.startswith(start):
            raise Rejected(reason)
    raise Rejected(_describe_text(data[:512]) or "not an image: no known picture format")


def _iso_media(data: bytes) -> str:
    """AVIF, HEIF and films share one container; their brands tell them apart."""
    brands = data[8 : min(len(data), struct.unpack(">I", data[:4])[0], SIGNATURE_BYTES)]
    if b"avif" in brands or b"avis" in brands:
        return "AVIF"
    if any(brand in brands for brand in _HEIF_BRANDS):
        raise Rejected("HEIC/HEIF is not supported: convert it to JPEG or PNG first")
    raise Rejected("not an image: a film or sound file")


def _describe_text(head: bytes) -> str | None:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text:
        return "SVG (vector drawing) is not supported: export it as PNG first"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "not an image: a web page saved under a picture's name"
    if text.startswith((b"{", b"[")):
        return "not an image: a JSON answer saved under a picture's name"
    if text and all(byte >= 32 or byte in b"\t\r\n" for byte in text) and b"\0" not in text:  # noqa: PLR2004 - ASCII controls
        return "not an image: text under a picture's name"
    return None


def suffix_warning(name: str, format_name: str) -> str | None:
    """Say when a file's ending does not fit its content, else None.

    Trainers that go by the ending would choke on such a file.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in _SUFFIXES[format_name]:
        return None
    if not suffix:
        return f"no file ending: read as {format_name} by its content"
    return f"named {suffix} but is {format_name}: read by its content"
