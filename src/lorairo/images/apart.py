"""Run a decoder that bytes could kill in a process of its own: its death is one refused picture.

Processes are started afresh (nothing is forked, nothing of a notebook is imported again), kept for the next
picture, and end with this one, as then their standard input ends.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from lorairo.images.limits import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE: Final = 8.0
"""Seconds after which a picture is given up."""

_KEPT: Final = 4  # processes that wait for the next picture
_LENGTH: Final = struct.Struct("<Q")
# Isolated (-I), as a module in the folder of a notebook could have the name of one that Python needs.
_START: Final = "import sys; sys.path += sys.argv[1:]; from lorairo.images.apart import serve; serve()"

_idle: list[_Process] = []
_guard = threading.Lock()


def run(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function elsewhere.

    Parameters
    ----------
    function
        Of the top level of a module; it and what it takes and gives must pickle.
    args, kwargs
        For it.

    Raises
    ------
    Rejected
        When the process died or took longer than `PATIENCE`, or cannot be started.
    Exception
        What the function raised.
    """
    process = _taken()
    try:
        good, answer = process.ask(pickle.dumps((function, args, kwargs), pickle.HIGHEST_PROTOCOL))
    except BaseException:  # an interrupt too: the answer to this question must not reach the next one
        process.end()
        raise
    _put_back(process)
    if good:
        result: R = answer
        return result
    raise answer


def _taken() -> _Process:
    with _guard:
        if _idle:
            return _idle.pop()
    return _Process()


def _put_back(process: _Process) -> None:
    with _guard:
        if len(_idle) < _KEPT:
            _idle.append(process)
            return
    process.end()


def _end_idle() -> None:
    with _guard:
        while _idle:
            _idle.pop().end()


atexit.register(_end_idle)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # two askers on one pipe would take each other's answers


class _Process:
    """A Python that answers one question after the other."""

    def __init__(self) -> None:
        paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 - text for a command line
        try:
            self._child = subprocess.Popen(  # noqa: S603 - this Python, our own arguments
                [sys.executable, "-I", "-c", _START, *paths],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # libraries complain there without the name of the file
            )
        except OSError as error:
            raise Rejected(
                f"its format needs a process of its own, which cannot be started: {error.strerror or error}"
            ) from error

    def ask(self, question: bytes) -> tuple[bool, Any]:
        """Return whether the function ended well, and what it gave or raised."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._child.kill()

        timer = threading.Timer(PATIENCE, give_up)
        timer.daemon = True
        timer.start()
        try:
            _write(self._child.stdin, question)
            answer: tuple[bool, Any] = pickle.loads(_read(self._child.stdout))  # noqa: S301 - our own process wrote it
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            if late.is_set():
                raise Rejected(
                    f"not decoded within {PATIENCE:.0f} seconds: convert it to PNG or JPEG first"
                ) from error
            raise Rejected("damaged file: the decoder crashed on it") from error
        finally:
            timer.cancel()
        return answer

    def end(self) -> None:
        """Stop it, whatever it does."""
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what could not be written any more
                    pipe.close()
        self._child.wait()


def serve() -> None:
    """Answer questions until there are no more; what such a process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches every process: ours decides
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing but answers goes there
    while True:
        try:
            function, args, kwargs = pickle.loads(_read(source))  # noqa: S301 - the process that started us wrote it
        except EOFError:
            return
        try:
            answer = (True, function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is raised where it was asked
            answer = (False, error)
        _write(sink, pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))


def _write(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data
