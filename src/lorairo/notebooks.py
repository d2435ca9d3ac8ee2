"""Take the state of widgets out of notebook files: it survives no reload, and bloats or breaks them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lorairo.errors import Error

if TYPE_CHECKING:
    from pathlib import Path

_VIEW = "application/vnd.jupyter.widget-view+json"
_STATE = "application/vnd.jupyter.widget-state+json"


class NotebookError(Error, ValueError):
    """A file that is no notebook."""


def strip(text: str, *, outputs: bool = False) -> str:
    """Remove widgets from a notebook.

    Parameters
    ----------
    text
        The notebook file, JSON of nbformat 4.
    outputs
        Remove all outputs and execution counts too.

    Returns
    -------
    str
        The file without the saved state of widgets and without live views; what stands beside a view, such as
        the contact sheet, stays. Text that holds no widget comes back as it was.

    Raises
    ------
    NotebookError
        When the text is no notebook.
    """
    try:
        notebook = json.loads(text)
    except ValueError as error:
        raise NotebookError(f"this is no notebook: {error}") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise NotebookError("this is no notebook of format 4: open and save it in JupyterLab first")
    changed = _strip_metadata(notebook)
    for cell in notebook["cells"]:
        changed |= _empty(cell) if outputs else _strip_cell(cell)
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n" if changed else text


def strip_file(path: Path, *, outputs: bool = False) -> bool:
    """Strip a notebook in place, and say whether it changed.

    Raises
    ------
    NotebookError
        When the file cannot be read or is no notebook; it is left as it is.
    """
    try:
        before = path.read_text(encoding="utf-8")
        after = strip(before, outputs=outputs)
        if after == before:
            return False
        fresh = path.with_name(f".{path.name}.partial")
        fresh.write_text(after, encoding="utf-8", newline="\n")
        fresh.replace(path)
    except UnicodeDecodeError as error:
        raise NotebookError(f"{path} is no notebook: it is not UTF-8") from error
    except OSError as error:
        raise NotebookError(f"{path}: {error.strerror or error}") from error
    except NotebookError as error:
        raise NotebookError(f"{path}: {error}") from error
    return True


def _strip_metadata(notebook: dict[str, Any]) -> bool:
    metadata = notebook.get("metadata", {})
    return metadata.pop("widgets", None) is not None


def _strip_cell(cell: dict[str, Any]) -> bool:
    changed = False
    kept = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        live = [kind for kind in (_VIEW, _STATE) if data.pop(kind, None) is not None]
        changed |= bool(live)
        if not live or set(data) - {
            "text/plain"
        }:  # a view alone leaves only the widget's repr: nothing to see
            kept.append(output)
    if changed:
        cell["outputs"] = kept
    return changed


def _empty(cell: dict[str, Any]) -> bool:
    if cell.get("cell_type") != "code" or not (cell.get("outputs") or cell.get("execution_count")):
        return False
    cell["outputs"], cell["execution_count"] = [], None
    return True
