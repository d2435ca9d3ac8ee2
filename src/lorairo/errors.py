"""The one tree of exceptions: everything lorairo raises on purpose derives from `Error`."""

from __future__ import annotations

from lorairo.masking import masked


class Error(Exception):
    """Base of every exception of lorairo; its message says what happened and what to do, and shows no key."""

    def __init__(self, *said: object) -> None:
        super().__init__(*(masked(part) if isinstance(part, str) else part for part in said))


class MissingExtra(Error, ImportError):  # noqa: N818 - reads as what it is in a traceback
    """An optional dependency is not installed.

    Parameters
    ----------
    module
        The module that could not be imported, such as ``onnxruntime``.
    extra
        The extra of lorairo that brings it, such as ``local``.
    """

    def __init__(self, module: str, *, extra: str) -> None:
        super().__init__(f'{module} is not installed. Run: pip install "lorairo[{extra}]"')
        self.module = module
        self.extra = extra


class ArgumentError(Error, TypeError):
    """A call with arguments that mean nothing; the message names the nearest that do."""


class NotFoundError(Error, LookupError):
    """An image, project, dataset, model or operation that is not there."""


class ConfigError(Error, ValueError):
    """A setting with a wrong name or value."""


class ProjectError(Error):
    """A project that cannot be opened, created, cloned, renamed or deleted."""


class ReadOnlyError(ProjectError):
    """A change to a project that is open read-only."""


class StoreError(Error):
    """The database refused: disk full, locked for too long, damaged."""


class GuardError(StoreError):
    """Something other than the operation log tried to write curated state."""


class QueryError(Error, ValueError):
    """A mistake in a search.

    Parameters
    ----------
    message
        What was expected and what stood there.
    position, length
        The place of the mistake in the text, in characters.
    expected
        What could have stood there.
    """

    def __init__(
        self, message: str, *, position: int = 0, length: int = 0, expected: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.position = position
        self.length = length
        self.expected = expected


class TemplateError(Error, ValueError):
    """A mistake in a caption template.

    Parameters
    ----------
    message
        What was expected and what stood there.
    position, length
        The place of the mistake in the text, in characters.
    """

    def __init__(self, message: str, *, position: int = 0, length: int = 0) -> None:
        super().__init__(f"{message} (character {position + 1})")
        self.position = position
        self.length = length


class ModelError(Error):
    """A model that cannot be found, loaded or run."""


class JobError(Error):
    """A job that failed, or cannot be resumed."""


class ExportError(Error):
    """An export that would write something the trainer cannot read."""
