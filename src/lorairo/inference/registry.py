"""Which models there are, whether they can run here, and what is missing where they cannot.

Rows come from the shipped ``models.toml``, then the user's own, then model folders that lie at hand, then
installed plug-ins (entry points ``lorairo.annotators`` and ``lorairo.scorers``). Listing imports no plug-in
and no model library.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from lorairo.config import load, nearest, user_file
from lorairo.errors import ModelError, NotFoundError
from lorairo.inference.memory import memory_needed, memory_there
from lorairo.inference.repositories import model_in
from lorairo.inference.specs import CONFIG_FILE, LABELS_FILE, MODEL_FILE, Kind, ModelSpec, read_specs
from lorairo.inference.weights import place_of, size_here
from lorairo.services import offered
from lorairo.services.asking import Service
from lorairo.services.endpoint import ADAPTERS, backend_of
from lorairo.services.prices import price_of
from lorairo.services.served import served

GROUPS: dict[str, Kind] = {"lorairo.annotators": "annotator", "lorairo.scorers": "scorer"}
"""Groups of entry points, and what a plug-in of each gives."""
PLUGIN = "plugin"
ROW_FILE = "model.toml"


class Needs(NamedTuple):
    """What has to be installed for a backend of ours, and the line that installs it."""

    modules: tuple[str, ...]
    remedy: str


_ONNX = Needs(("onnxruntime",), 'pip install "lorairo[local]" (with a CUDA GPU: "lorairo[local-gpu]")')
_TORCH = Needs(("torch", "transformers", "safetensors"), 'pip install "lorairo[torch]"')
NEEDS = {
    "damage": Needs((), ""),
    "onnx": _ONNX,
    "faces": _ONNX,
    "blip": _TORCH,
    "florence": _TORCH,
    "chat": _TORCH,
    "embedder": _TORCH,
    "head": _TORCH,
    "classifier": _TORCH,
    "rater": _TORCH,
    "jtp": Needs(("torch", "timm", "safetensors"), 'pip install "lorairo[timm]"'),
    "spandrel": Needs(("torch", "spandrel", "safetensors"), 'pip install "lorairo[upscalers]"'),
}
"""By backend, for those in `lorairo.inference.loading.SHIPPED`."""


@dataclass(frozen=True)
class ModelRow:
    """One model as ``lr.models()`` shows it.

    Attributes
    ----------
    id
        What ``view.annotate`` takes.
    kind, provider
        What it gives, and who answers; ``local`` is this machine.
    available
        Whether it can run here; `why_not` says what is missing and `remedy` what to do.
    size
        What is loaded or fetched, in words.
    price
        ``free`` for what runs here; of a service what its tokens cost, or ``unknown``.
    licence
        Of the weights, where known.
    range
        Of a scorer: where its numbers lie, and which end is better.
    """

    id: str
    kind: str
    provider: str
    available: bool
    why_not: str
    remedy: str
    size: str
    price: str
    licence: str
    range: str


def models() -> list[ModelRow]:
    """List every model; nothing is imported or fetched."""
    return [row_of(spec) for spec in specs().values()]


def models_of(provider: str) -> list[ModelRow]:
    """List the models that a server has, which it is asked for."""
    return [row_of(find(f"{provider}/{model}")) for model in served(provider)]


def specs() -> dict[str, ModelSpec]:
    """All rows by name; the user's own override shipped ones, folders at hand override neither."""
    own = user_file().parent / "models.toml"
    found = {spec.id: spec for spec in _shipped()}
    for provider, model in offered.configured():
        found.setdefault(f"{provider}/{model}", of_service(provider, model))
    if own.is_file():
        found.update({spec.id: spec for spec in read_specs(own)})
    for spec in _at_hand():
        found.setdefault(spec.name, spec)
    for name, point in plugins().items():
        kind = GROUPS[point.group]
        scores = [name] if kind == "scorer" else []
        found.setdefault(name, ModelSpec(name=name, provider=PLUGIN, backend=name, kind=kind, scores=scores))
    return found


@cache
def _shipped() -> list[ModelSpec]:
    return read_specs(Path(str(resources.files("lorairo.inference") / "models.toml")))


def plugins() -> dict[str, metadata.EntryPoint]:
    """Installed plug-ins by name, not imported; our own family is not one."""
    return {name: points[0] for name, points in _points().items()}


def _points() -> dict[str, list[metadata.EntryPoint]]:
    found: dict[str, list[metadata.EntryPoint]] = {}
    for group in GROUPS:
        for point in metadata.entry_points(group=group):
            if not point.value.startswith(f"{group}."):
                found.setdefault(point.name, []).append(point)
    return found


def find(spec: str | Path) -> ModelSpec:
    """Find a model.

    Parameters
    ----------
    spec
        An id from ``lr.models()``, ``provider/name``, or a folder that holds ``model.onnx`` and
        ``selected_tags.csv``, a captioner or embedder as transformers saves it, or a ``model.toml`` that
        names its files.

    Raises
    ------
    NotFoundError
        When there is no such model; the nearest is named, or what the folder lacks.
    """
    folder = Path(spec).expanduser()
    if isinstance(spec, Path) or folder.is_dir():
        return of_folder(folder)
    known = specs()
    by_key = {row.key: row for row in known.values()}
    if found := known.get(spec) or by_key.get(spec):
        return found
    provider, _, model = spec.partition("/")
    if model and provider in offered.providers():
        return of_service(provider, model)
    guess = nearest(spec, list(known))
    told = f"{guess} " if guess.endswith("?") else ""  # a list of all would bury what helps
    more = f"; a server of yours: lr.config.set('providers.{provider}.base_url', ...)" if model else ""
    raise NotFoundError(
        f"there is no model {spec!r}: {told}lr.models() lists them; a folder works too when it holds "
        f"{MODEL_FILE} and {LABELS_FILE}{more}"
    )


def of_service(provider: str, model: str) -> ModelSpec:
    """Make a row of a model that no file names; it is asked for nothing that only some models take."""
    like = next((row for row in _shipped() if row.provider == provider and row.service is not None), None)
    service = None
    if like is not None and like.service is not None:
        service = Service(structured=like.service.structured, batch=like.service.batch)
    return ModelSpec(
        name=model, provider=provider, kind="vlm_api", backend=backend_of(provider), service=service
    )


def of_folder(folder: Path) -> ModelSpec:
    """Make a row of a model folder: a captioner or embedder of transformers, or a tagger of the WD family.

    A ``model.toml`` in it says otherwise.
    """
    whole, own = folder.resolve(), folder / ROW_FILE
    spec = _row_in(own) if own.is_file() else model_in(whole) or ModelSpec(name=whole.name)
    needed = spec.files.named
    if missing := [name for name in needed if not (folder / name).is_file()]:
        state = "holds no " + " and no ".join(missing) if folder.is_dir() else "does not exist"
        raise NotFoundError(f"{folder} {state}: this model folder holds {' and '.join(needed)}")
    return spec.model_copy(update={"path": whole})


def _row_in(file: Path) -> ModelSpec:
    rows = read_specs(file)
    if len(rows) != 1:
        raise ModelError(f"{file} holds {len(rows)} rows: a model folder has one [[model]]")
    return rows[0]


def _at_hand() -> list[ModelSpec]:
    """Model folders in the folder for models and beside the notebook, where the demo puts its own."""
    found = []
    for place in (load().model_dir, Path.cwd(), Path.cwd() / "models", Path.cwd() / "demo"):
        marked = {
            file.parent for name in (MODEL_FILE, ROW_FILE, CONFIG_FILE) for file in place.glob(f"*/{name}")
        }
        for folder in sorted(marked):
            with suppress(NotFoundError):  # what lacks a file is no model folder
                found.append(of_folder(folder))
    return found


def row_of(spec: ModelSpec) -> ModelRow:
    """Say of one model what ``lr.models()`` shows."""
    why_not, remedy = obstacle(spec)
    return ModelRow(
        id=spec.id,
        kind=spec.kind,
        provider=spec.provider,
        available=not why_not,
        why_not=why_not,
        remedy=remedy,
        size=_size(spec),
        price=_price(spec),
        licence=spec.licence or "",
        range=_range(spec),
    )


def _price(spec: ModelSpec) -> str:
    if spec.service is None:
        return "free" if spec.provider == "local" else ""
    price = price_of(spec.provider, spec.name)
    return "unknown" if price is None else str(price)


def _range(spec: ModelSpec) -> str:
    if spec.range is None:
        return ""
    better = {True: ", higher is better", False: ", lower is better", None: ""}[spec.range.higher_better]
    return f"{spec.range.low:g} to {spec.range.high:g}{better}"


def _size(spec: ModelSpec) -> str:
    size, over = _bytes(spec), _over(spec)
    beneath = None if over is None else _bytes(over)
    if not size:
        return ""
    with_it = f" with {over.name}" if over is not None and beneath is not None else ""
    size += beneath or 0
    told = f"{size / 1e6:,.0f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} KB"  # noqa: PLR2004 - a megabyte
    return told + with_it


def _bytes(spec: ModelSpec) -> float | None:
    return spec.megabytes * 1e6 if spec.megabytes else size_here(spec)


def _over(spec: ModelSpec) -> ModelSpec | None:
    """Return the row of the embedder whose embeddings a head judges."""
    return None if spec.head is None else specs().get(spec.head.over)


def obstacle(spec: ModelSpec) -> tuple[str, str]:
    """Say what keeps a model from running here, and what helps; two empty texts when nothing does."""
    if spec.service is not None and spec.backend in ADAPTERS:
        return offered.obstacle(spec.provider, spec.backend)
    if spec.provider == PLUGIN or (spec.backend not in NEEDS and spec.backend in plugins()):
        return _ambiguous(spec.backend)
    if spec.backend not in NEEDS:
        return f"Nothing here runs {spec.backend!r}", f"Install the plug-in that brings {spec.backend!r}"
    return _lacking(spec)


def _lacking(spec: ModelSpec) -> tuple[str, str]:
    """Say what a model that runs on this machine lacks: modules, somebody's word, its files, memory."""
    needs = NEEDS[spec.backend]
    if missing := [name for name in needs.modules if find_spec(name) is None]:
        return f"Needs {' and '.join(missing)}", needs.remedy
    if spec.remote_code and spec.name not in load().models.allow_remote_code:
        return (
            f"Runs code that {spec.repo or spec.path} brings, which nobody has agreed to",
            f'Read it, then: lr.config.set("models.allow_remote_code", ["{spec.name}"])',
        )
    place = place_of(spec)
    if place.why_not:
        return place.why_not, place.remedy
    return _too_large(spec) if spec.head is None else _beneath(spec, spec.head.over)


def _beneath(spec: ModelSpec, name: str) -> tuple[str, str]:
    """Say what keeps a head from running over the embedder of this name."""
    over = _over(spec)
    if over is None:
        return f"Judges the embeddings of {name}, which has no row", "Add one to models.toml"
    why_not, remedy = obstacle(over)
    return (f"Judges the embeddings of {name}: {why_not}", remedy) if why_not else _too_large(spec, over)


def _ambiguous(name: str) -> tuple[str, str]:
    """Say that several plug-ins have one name, if they do: none of them is taken then."""
    points = _points().get(name, [])
    if len(points) < 2:  # noqa: PLR2004 - several
        return "", ""
    named = " and ".join(f"{point.value} ({point.group})" for point in points)
    return f"Several plug-ins are called {name}: {named}", "Uninstall all but one of them"


def _too_large(*specs: ModelSpec) -> tuple[str, str]:
    """Say whether models that are loaded together do not fit into memory."""
    needed, there = sum(memory_needed(spec) or 0 for spec in specs), memory_there()
    if needed <= there:
        return "", ""
    # Rounded so that what is lacking shows: 8.4 against 8.2 is not "8 of 8".
    return (
        f"Needs {needed / 1e9:,.1f} GB of memory, this machine has {there / 1e9:,.1f}",
        "Take a smaller model, or a machine with more memory",
    )
