"""What runs a model: the contracts of models of every kind, and loading the one that a row names."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any, Protocol, cast

from lorairo.errors import ModelError
from lorairo.inference.kept import drop, kept
from lorairo.inference.registry import PLUGIN, find, plugins
from lorairo.inference.weights import both, fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from lorairo.inference.labels import Labels
    from lorairo.inference.specs import Generation, ModelSpec
    from lorairo.inference.weights import Weights


class Model(Protocol):
    """A loaded model. A plug-in's entry point is called with its `ModelSpec` and returns one.

    Attributes
    ----------
    revision
        Changes whenever the answers may.
    batch
        Pictures per run that suit the device.
    notice
        What the user should know about where it runs, if anything.
    """

    revision: str
    batch: int
    notice: str | None

    def prepare(self, image: bytes, /) -> Any:
        """Decode one file into what `infer` takes; called from several threads."""

    def infer(self, pictures: Sequence[Any], /) -> Sequence[Any] | NDArray[np.float32]:
        """Answer about each picture, in their order; called from two threads."""


class Tagger(Model, Protocol):
    """A model that scores each of a fixed list of tags.

    Attributes
    ----------
    labels
        Meaning of the columns of the answer.
    """

    labels: Labels

    def infer(self, pictures: Sequence[Any], /) -> NDArray[np.float32]:
        """Return float32[pictures, labels], probabilities."""


class Scorer(Model, Protocol):
    """A model that gives numbers.

    Attributes
    ----------
    names
        Of the columns of the answer, as searches and histograms call them.
    """

    names: Sequence[str]

    def infer(self, pictures: Sequence[Any], /) -> NDArray[np.float32]:
        """Return float32[pictures, names]; NaN where there is no number."""


class Embedder(Model, Protocol):
    """A model that places pictures in a space where alike ones lie near each other."""

    def infer(self, pictures: Sequence[Any], /) -> NDArray[np.float32]:
        """Return float32[pictures, dimensions], each of length 1."""


class Judge(Scorer, Protocol):
    """A scorer of embeddings: what is stored of them needs no picture again."""

    def infer(self, pictures: Sequence[Any], /) -> NDArray[np.float32]:
        """Return float32[pictures, dimensions + names]: each embedding, and after it what it scores."""

    def judge(self, places: NDArray[np.floating], /) -> NDArray[np.float32]:
        """Return float32[embeddings, names]."""


@dataclass(frozen=True)
class Said:
    """What a model with free answers said of one picture: a captioner, a function, a service.

    Attributes
    ----------
    caption
        A text, or None.
    tags
        Tag to score, 0..1, in the order given.
    rating
        One of `lorairo.tags.RATINGS`, or None.
    confidence
        Of the rating, only where the model really gives one.
    tokens_in, tokens_out
        Where the model counts them.
    raw
        The answer before it was parsed.
    """

    caption: str | None = None
    tags: Mapping[str, float] | None = None
    rating: str | None = None
    confidence: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    raw: str | None = None


class Annotator(Model, Protocol):
    """A model with free answers."""

    def infer(self, pictures: Sequence[Any], /) -> Sequence[Said]:
        """Return what is said of each picture."""


class Speaker(Annotator, Protocol):
    """A model that is asked in words."""

    def asking(self, generation: Generation, /) -> Speaker:
        """Return the same network, asked otherwise."""


SHIPPED: dict[str, EntryPoint] = {
    name: EntryPoint(name, value, "lorairo.families")
    for name, value in {
        "onnx": "lorairo.annotators.onnx_tagger:OnnxTagger",
        "blip": "lorairo.annotators.blip:Blip",
        "florence": "lorairo.annotators.florence:Florence",
        "chat": "lorairo.annotators.chat:Chat",
        "faces": "lorairo.scorers.faces:FaceCounter",
        "embedder": "lorairo.scorers.embedder:Embedder",
        "damage": "lorairo.scorers.damage:Damage",
        "head": "lorairo.scorers.heads:HeadScorer",
        "classifier": "lorairo.scorers.classifier:ClassScorer",
        "jtp": "lorairo.annotators.jtp:JointTagger",
        "rater": "lorairo.scorers.classifier:Rater",
    }.items()
}
"""Our own families by backend; each is called with the row and its `Weights`, and imported when one runs."""


_FUNCTION = 16  # a function of one's own may fail at any picture, but hardly at all of these


class Loader:
    """Knows the revision of a model, and loads it when it is needed and no earlier run has left it loaded.

    Parameters
    ----------
    spec
        Its row.
    model
        The model, where it is here already.
    weights
        Its files, where they have been fetched already.

    Attributes
    ----------
    patience
        Pictures that may fail before one is answered: more of them, and it is the model that fails.
    over
        Loads the embedder whose embeddings it judges; None for all other models.
    """

    def __init__(self, spec: ModelSpec, model: Model | None = None, weights: Weights | None = None) -> None:
        self.spec = spec
        self.patience = _FUNCTION if model is not None else 1
        self._model = model
        self.over: Loader | None = None
        if model is None and spec.backend in SHIPPED:
            self._weights = weights or fetch(spec)
            self.revision = self._weights.revision
            if spec.head is not None:
                self.over = Loader(find(spec.head.over))
                self.revision = both(self.revision, self.over.revision)
        elif model is not None:
            self.revision = model.revision
        else:
            self._model = kept(spec, "", lambda: _plugin(spec))
            self.revision = self._model.revision
            self.spec = _told(spec, self._model)

    def load(self) -> Model:
        """Return the model, ready to run."""
        if self._model is None:
            self._model = kept(self.spec, self.revision, self._family)
        if self.spec.generation is not None and self.spec.backend in SHIPPED:
            return cast("Speaker", self._model).asking(self.spec.generation)
        return self._model

    def drop(self) -> None:
        """Let the model go after it failed; the next run loads it anew."""
        if self._model is not None:
            drop(self._model)
        if self.over is not None:
            self.over.drop()

    def _family(self) -> Model:
        family = cast("Callable[..., Model]", SHIPPED[self.spec.backend].load())
        more = {} if self.over is None else {"over": self.over}
        return family(self.spec, weights=self._weights, **more)


def _told(spec: ModelSpec, model: Model) -> ModelSpec:
    """Complete the row of a plug-in that has none by what the loaded model says of itself."""
    if spec.provider != PLUGIN:
        return spec
    if spec.kind == "scorer":
        return spec.model_copy(update={"scores": list(cast("Scorer", model).names)})
    return spec.model_copy(update={"kind": "tagger" if hasattr(model, "labels") else "annotator"})


def _plugin(spec: ModelSpec) -> Model:
    point = plugins().get(spec.backend)
    if point is None:
        raise ModelError(
            f"{spec.name}: nothing here runs {spec.backend!r}: install the plug-in that brings it"
        )
    try:
        factory = cast("Callable[[ModelSpec], Model]", point.load())
    except (ImportError, AttributeError) as error:
        raise ModelError(f"{spec.name}: the plug-in {point.value} cannot be loaded: {error}") from error
    return factory(spec)
