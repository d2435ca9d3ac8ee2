"""A project in one file, to be kept or handed on; what somebody else packed is not believed."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from lorairo._version import __version__
from lorairo.errors import NotFoundError, ProjectError
from lorairo.plaintext import printable
from lorairo.store import catalog, log, places
from lorairo.store.catalog import PathRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

    from lorairo.project import Project

FORMAT: Final = "lorairo-project"
_VERSION: Final = 1
_ABOUT: Final = "lorairo.json"
_DATABASE: Final = "database.db"
_SQLITE: Final = b"SQLite format 3\0"
_HASH: Final = r"(?P<hash>[0-9a-f]{64})"
# Files named by their content: pictures from memory, and copies.
_KEPT: Final = re.compile(rf"(?:memory|originals/[0-9a-f]{{2}})/{_HASH}(?:\.[a-z0-9]{{1,8}})?")
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,8}")
_MOST_ABOUT: Final = 64 * 2**10
_SMALL: Final = 64 * 2**20  # a database of this size may be as empty as it likes
_SHRUNK: Final = 100  # times; a larger one does not shrink so far unless it is a bomb
_PART: Final = 2**20


@dataclass(frozen=True, slots=True)
class Archived:
    """A project that was packed; prints as one line.

    Attributes
    ----------
    path
        The file.
    images, pictures
        Images of the project, and how many of them the archive can show without their sources.
    missing
        Names of pictures that could not be read when they were to be packed.
    """

    path: Path
    images: int
    pictures: int
    missing: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What was done, in a line."""
        text = f"Packed {self.images:,} {'image' if self.images == 1 else 'images'} to {self.path}"
        left = self.images - self.pictures
        if self.missing:
            return f"{text}; {len(self.missing):,} could not be read (see .missing)"
        return (
            f"{text}; the pictures of {left:,} lie elsewhere: pictures=True packs them too" if left else text
        )

    def __repr__(self) -> str:
        return printable(self.message)


def pack(project: Project, target: Path, *, pictures: bool) -> Archived:
    """Pack a project: its database, the files it keeps itself, and if asked every other picture.

    Settings, logs, backups and thumbnails stay out.

    Raises
    ------
    ProjectError
        When the file cannot be written.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(part, "w", allowZip64=True) as archive:
            done = _fill(archive, project, target, pictures=pictures)
        part.replace(target)
    except OSError as error:
        raise ProjectError(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return done


def _fill(archive: zipfile.ZipFile, project: Project, target: Path, *, pictures: bool) -> Archived:
    about = {"format": FORMAT, "version": _VERSION, "lorairo": __version__, "name": project.location.name}
    archive.writestr(_ABOUT, json.dumps(about, ensure_ascii=False, indent=1))
    with TemporaryDirectory() as folder:
        database = project.database.backup(Path(folder, _DATABASE))
        archive.write(database, _DATABASE, zipfile.ZIP_DEFLATED)
    held: set[str] = set()
    missing: list[str] = []
    for file in sorted(project.location.glob("memory/*")) + sorted(project.location.glob("originals/*/*")):
        name = file.relative_to(project.location).as_posix()
        found = _KEPT.fullmatch(name)
        if found is not None and file.is_file():
            archive.write(file, name)
            held.add(found["hash"])
    images = list(project.view(everything=True))
    for record in images if pictures else []:
        if record.sha256 in held:
            continue
        try:
            data = project.read(record.id)
        except NotFoundError:
            missing.append(record.name)
            continue
        archive.writestr(_place_of_copy(record.sha256, record.name), data)
        held.add(record.sha256)
    shown = sum(record.sha256 in held for record in images)
    return Archived(target, len(images), shown, tuple(missing))


def _place_of_copy(sha256: str, name: str) -> str:
    suffix = Path(name).suffix.lower()
    return f"originals/{sha256[:2]}/{sha256}{suffix if _SUFFIX.fullmatch(suffix) else ''}"


def name_in(source: Path) -> str:
    """Return the name of the project in an archive.

    Raises
    ------
    ProjectError
        When it is no archive of a project.
    """
    with _opened(source) as archive:
        return str(_about(archive, source)["name"])


def unpack(source: Path, target: Path) -> None:
    """Unpack an archive into a folder that is not there yet; it appears whole or not at all.

    Nothing but a database and files named by their content is taken, each checked.

    Raises
    ------
    ProjectError
        When it is no archive of a project, is damaged, or holds what no project has.
    """
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with _opened(source) as archive:
            _about(archive, source)
            for member in _members(archive, source):
                _write(archive, member, part, source)
        part.rename(target)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ProjectError(
            f"{source} cannot be unpacked: {getattr(error, 'strerror', None) or error}"
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def adopt(project: Project) -> None:
    """Take in what came with a project: every path inside it checked, every packed picture known.

    Raises
    ------
    ProjectError
        When its database is damaged, or leads out of its folder.
    """
    problems = project.database.check()
    if problems:
        raise ProjectError(f"the database of {project.location} is damaged: {problems[0]}")
    with project.database.read() as connection:
        inside = places.inside_paths(connection)
        known = catalog.content_hashes(connection)
    odd = sorted(path for path in inside if _KEPT.fullmatch(path) is None)
    if odd:
        raise ProjectError(f"the database of {project.location} leads out of its folder: {odd[0]!r}")
    rows = []
    for file in sorted(project.location.glob("originals/*/*")):
        place, sha256 = file.relative_to(project.location).as_posix(), bytes.fromhex(file.stem)
        if place not in inside and sha256 in known:
            rows.append((PathRow(place, file.name, file.stat().st_size, 0, "copy"), None, sha256))
    if rows:
        with log.evidence_write(project.database) as connection:
            catalog.add_images(connection, rows)


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except FileNotFoundError as error:
        raise ProjectError(f"{source} does not exist: check the path") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise ProjectError(f"{source} is no archive of a project: {error}") from error


def _about(archive: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    try:
        info = archive.getinfo(_ABOUT)
        about = json.loads(archive.read(info)) if info.file_size <= _MOST_ABOUT else None
    except (KeyError, ValueError, RecursionError, zipfile.BadZipFile, zlib.error, RuntimeError):
        about = None
    if not isinstance(about, dict) or about.get("format") != FORMAT or not isinstance(about.get("name"), str):
        raise ProjectError(f"{source} is no archive of a project: ws.archive(name, path) writes one")
    if about.get("version") != _VERSION:
        raise ProjectError(f"{source} was packed by a newer lorairo: update this one")
    return about


def _members(archive: zipfile.ZipFile, source: Path) -> Iterable[zipfile.ZipInfo]:
    """Return the members to unpack, none of which is a surprise."""
    members = [info for info in archive.infolist() if info.filename != _ABOUT]
    names = [info.filename for info in members]
    if names.count(_DATABASE) != 1 or len(set(names)) != len(names):
        raise ProjectError(
            f"{source} is no archive of a project: it needs one {_DATABASE}, and no name twice"
        )
    for info in members:
        if info.filename != _DATABASE and _KEPT.fullmatch(info.filename) is None:
            raise ProjectError(
                f"{source} holds {info.filename!r}, which no project has: nothing was unpacked"
            )
        if info.filename == _DATABASE:
            bomb = info.file_size > max(_SMALL, info.compress_size * _SHRUNK)
        else:
            bomb = info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size
        if bomb:
            raise ProjectError(
                f"{source}: {info.filename} of {info.file_size:,} bytes is packed as nothing of ours is. "
                "Nothing was unpacked"
            )
    if sum(info.compress_size for info in members) > source.stat().st_size:
        raise ProjectError(f"{source} holds more than it has room for: nothing was unpacked")
    return members


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, source: Path) -> None:
    place = folder / member.filename
    place.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as packed, place.open("wb") as file:
        digest, start = _copy(packed, file)
    found = _KEPT.fullmatch(member.filename)
    right = start == _SQLITE if found is None else digest == found["hash"]
    if not right:
        raise ProjectError(f"{source}: {member.filename} is not what its name says: nothing was unpacked")


def _copy(packed: IO[bytes], file: IO[bytes]) -> tuple[str, bytes]:
    digest, start = hashlib.sha256(), b""
    while part := packed.read(_PART):
        start = start or part[: len(_SQLITE)]
        digest.update(part)
        file.write(part)
    return digest.hexdigest(), start
