"""The text of a recipe: a statement for each act, a block for each batch, a comment for each day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lorairo.plaintext import literal, printable
from lorairo.recipes.calls import calls_of, view_of
from lorairo.recipes.effects import LISTS, TEXTS, Call, effects
from lorairo.store.ledger import UNDO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lorairo.recipes.acts import Act
    from lorairo.store.deltas import Delta
    from lorairo.store.logged import Logged

_NAMED = 3  # images named in a comment
_UNNAMED = "several changes"  # a batch whose label is blank, as logs of earlier versions have them
_DIGITS = 8  # of a digest: another set of images has another one, but for chance in 4,000 million


class Script:
    """Writes statements.

    Parameters
    ----------
    acts
        Those in force.
    changes
        Reads what an operation changed.
    tags
        Names by id.
    images
        File names by id.

    Attributes
    ----------
    lines
        The body of the function.
    calls
        By number, for the companion.
    """

    def __init__(
        self,
        acts: Sequence[Act],
        changes: Callable[[int], list[Delta]],
        tags: Sequence[str | None],
        images: Mapping[int, str],
    ) -> None:
        self.lines: list[str] = []
        self.calls: dict[int, Call] = {}
        self._changes = changes
        self._tags = tags
        self._images = images
        self._blocks = _blocks(acts)
        self._batch_of = {entry.id: entry.batch for act in acts for entry in act.entries}
        self._wanted = {n for act in acts for n in self._referred(act)}
        self._names: dict[int, tuple[str, range]] = {}  # by operation: its variable, and its places in that
        self._steps: dict[int, int] = {}  # by operation: in how many calls it is written
        self._width: dict[str, int] = {}  # by variable of an undo: operations in it
        self._undos = 0
        self._said = ""  # the comment in force
        self._block: str | None = None  # the batch whose block is open
        self._empty = True  # whether that has no statement yet

    def _referred(self, act: Act) -> tuple[int, ...]:
        """Return the operations that an undo or redo must name."""
        return act.targets[:1] if act.first.kind == UNDO and self._together(act) else act.targets

    def evidence(self, chunk: int, said: Mapping[str, int]) -> None:
        """Write where evidence arrived."""
        told = ", ".join(f"{printable(who)} on {_count(count)}" for who, count in said.items())
        self._write(f"recorded.evidence({chunk})  # {told}")

    def act(self, act: Act) -> None:
        """Write one act."""
        entry = act.first
        self._enter(entry)
        self._dated(entry)
        if act.calls:
            self._call(act)
        elif entry.kind == UNDO:
            self._undo(act)
        else:
            self._redo(act)

    def _write(self, line: str) -> None:
        self._empty = self._empty and line.startswith("#")
        self.lines.append(("        " if self._block else "    ") + line)

    def _dated(self, entry: Logged) -> None:
        day = datetime.fromtimestamp(entry.at, tz=UTC).strftime("%Y-%m-%d")
        said = f"# {day}, {printable(entry.author)}"
        if said != self._said:
            self._said = said
            self.lines.append("")
            self._write(said)

    def _enter(self, entry: Logged) -> None:
        """Open or close the block of a batch."""
        batch = entry.batch if entry.batch in self._blocks else None
        if batch == self._block:
            return
        self.end()
        if batch is not None:
            self._dated(entry)
            self._open(_unless_blank(entry.batch_label) or entry.label, batch)

    def _open(self, label: str, batch: str) -> None:
        self._write(f"with project.batch({literal(_unless_blank(label) or _UNNAMED)}):")
        self._block, self._empty = batch, True

    def end(self) -> None:
        """Close the block that is open, if any."""
        if self._block is not None and self._empty:
            self._write("pass")
        self._block = None

    # ------------------------------------------------------------------------------------- calls

    def _call(self, act: Act) -> None:
        entry = act.first
        calls = calls_of(entry, self._changes(entry.id), self._tags)
        if calls is None:
            self._by_effect(entry)
        else:
            self._all(entry, calls)

    def _by_effect(self, entry: Logged) -> None:
        """Write what an operation set."""
        self._write(f"# by its effect: {printable(entry.label)}")
        self._all(entry, effects(self._changes(entry.id), self._tags))

    def _all(self, entry: Logged, calls: Sequence[Call]) -> None:
        """Write the calls of one operation, which is one step of undo."""
        self._steps[entry.id] = len(calls)
        alone = self._block is None and len(calls) > 1
        if alone:
            self._open(entry.label, str(entry.id))
        for place, call in enumerate(calls, start=1):
            self._one(entry, call, named=entry.id in self._wanted and place == len(calls))
        if alone:
            self.end()

    def _one(self, entry: Logged, call: Call, *, named: bool) -> None:
        number = len(self.calls) + 1
        self.calls[number] = call
        code, comment = call.code, ""
        if call.images is not None:
            view = view_of(entry, call)
            if view is not None and entry.scope_digest is not None:
                digest = bytes(entry.scope_digest).hex()[:_DIGITS]
                subject = f'recorded({number}, {view}, {entry.scope_count}, "{digest}")'
            else:
                subject, comment = f"recorded({number})", self._named_images(call)
            if call.texts is not None:
                code = code.replace(TEXTS, f"recorded.texts({number})", 1)
            elif call.lists is not None:
                code = code.replace(LISTS, f"recorded.lists({number})", 1)
            code = subject + code
        if named:
            self._names[entry.id] = (f"change_{number}", range(1))
            code = f"change_{number} = {code}"
        self._write(code + comment)

    def _named_images(self, call: Call) -> str:
        ids = [] if call.images is None else call.images.tolist()
        names = [printable(self._images[n]) for n in ids[:_NAMED] if self._images.get(n)]
        if not names or len(ids) > _NAMED:
            return f"  # {_count(len(ids))}"
        return f"  # {', '.join(names)}"

    # ------------------------------------------------------------------------------------- back and forth

    def _undo(self, act: Act) -> None:
        """Write an undo: of a step in one statement; where its operations stand apart, of each of them."""
        for part in [act.entries] if self._together(act) else [(entry,) for entry in act.entries]:
            known = [entry.target for entry in part if entry.target in self._names]
            if not known:
                for entry in part:
                    self._by_effect(entry)
                continue
            code = f"recorded.undo({self._names[known[0]][0]})"
            if any(entry.id in self._wanted for entry in part):
                self._undos += 1
                name = f"undo_{self._undos}"
                self._place(name, part)
                code = f"{name} = {code}"
            self._write(code)

    def _place(self, name: str, part: Sequence[Logged]) -> None:
        """Say where in an undo each operation is turned back: at as many places as it has calls."""
        width = 0
        for entry in part:
            steps = max(1, self._steps.get(entry.target or 0, 1))
            self._names[entry.id] = (name, range(width, width + steps))
            width += steps
        self._width[name] = width

    def _together(self, act: Act) -> bool:
        return len(act.entries) == 1 or self._batch_of.get(act.targets[0]) in self._blocks

    def _redo(self, act: Act) -> None:
        """Write a redo: of a whole undo, or of some of the operations it turned back."""
        parts: dict[str, list[int]] = {}
        for entry in act.entries:
            if entry.target in self._names:
                name, places = self._names[entry.target]
                parts.setdefault(name, []).extend(
                    reversed(places)
                )  # the call turned back last was made first
            else:
                self._by_effect(entry)
        for name, again in parts.items():
            some = "" if len(again) == self._width[name] else "".join(f", {place}" for place in again)
            self._write(f"recorded.redo({name}{some})")


def _blocks(acts: Sequence[Act]) -> set[str]:
    """Return the batches that become blocks: those nothing else stands in between of."""
    runs: Counter[str] = Counter()
    called: set[str] = set()
    before = None
    for act in acts:
        batch = act.first.batch
        if batch is not None and batch != before:
            runs[batch] += 1
        if batch is not None and act.calls:
            called.add(batch)
        before = batch
    return {batch for batch, count in runs.items() if count == 1 and batch in called}


def _unless_blank(label: str | None) -> str | None:
    return label if label is not None and label.strip() else None


def _count(count: int) -> str:
    return f"{count:,} {'image' if count == 1 else 'images'}"
