"""``lr.doctor()``: what is installed and reachable here, and what to do about what is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorairo.checkup import access, hosts, machine, packages, place
from lorairo.checkup.hosts import host_name
from lorairo.checkup.report import Checkup, Row, State
from lorairo.keywords import checked

if TYPE_CHECKING:
    from lorairo.project import Project

__all__ = ["Checkup", "Row", "State", "doctor", "host_name"]


@checked
def doctor(project: Project | str | Path | None = None, *, model: str | None = None) -> Checkup:
    """Report what works here.

    Parameters
    ----------
    project
        A project or its folder, to look at its drive and database too; by default the current folder's drive.
    model
        A model of a service, such as ``ollama/llava:13b``: it is sent a red square and asked which colour
        that is. Some servers drop pictures without a word, and their models make something up.

    Returns
    -------
    Checkup
        A DataFrame with part, state (``ok``, ``missing``: optional and not there, ``problem``), found and
        remedy, problems first. Of keys it says which there are and where from, and never shows one.
    """
    location: Any = getattr(project, "location", project)
    folder = Path(location or Path.cwd()).expanduser().absolute()
    rows = [*packages.look(), *machine.look(), *access.settings(), *hosts.look(), *access.servers()]
    rows += place.look(folder, project=project is not None)
    rows += [] if model is None else [access.seeing(model)]
    return Checkup.of(rows)
