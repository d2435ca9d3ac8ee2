"""What cleaning would change, as tables; nothing is written before ``apply``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lorairo.plaintext import marked, markup, printable
from lorairo.results import Done
from lorairo.store import log
from lorairo.store.blobs import RULE
from lorairo.tags import render

if TYPE_CHECKING:
    from lorairo.cleaning.draft import Draft, Step
    from lorairo.view import View

_SHOWN = 10


@dataclass(frozen=True)
class TagPreview:
    """Tags as they are and as they would be; nothing is changed before `apply`.

    Attributes
    ----------
    view
        The images looked at.
    frame
        By image_id, where something would change: tags ``before`` and ``after``, in order, and which of them
        are ``removed`` and ``added``.
    changes
        The same by tag: rule, removed, added, images.
    notes
        What is left to a person.
    rules, steps
        The rules that changed something, and the edits that `apply` makes.
    """

    view: View
    frame: pd.DataFrame
    changes: pd.DataFrame
    notes: tuple[str, ...]
    rules: tuple[str, ...]
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, draft: Draft) -> TagPreview:
        """Take over a draft."""
        changed = draft.changed()
        before = [draft.before[image_id] for image_id in changed]
        after = [draft.tags[image_id] for image_id in changed]
        both = list(zip(before, after, strict=True))
        frame = pd.DataFrame(
            {
                "before": _texts(before),
                "after": _texts(after),
                "removed": _texts([[name for name in old if name not in new] for old, new in both]),
                "added": _texts([[name for name in new if name not in old] for old, new in both]),
            },
            index=pd.Index(changed, name="image_id", dtype=np.int64),
            dtype=object,
        )
        uses = [(*what, count) for what, count in draft.uses.most_common() if count]
        changes = pd.DataFrame(uses, columns=["rule", "removed", "added", "images"])
        rules = tuple(dict.fromkeys(rule for rule, _, _ in draft.uses))
        return cls(draft.view, frame, changes, tuple(draft.notes), rules, tuple(draft.steps))

    def apply(self) -> Done:
        """Make the changes, as one step of undo; images whose tags changed since the preview are kept."""
        project = self.view.project
        project.writable()
        fixed: View = project.view(everything=True)[self.frame.index.to_numpy(dtype=np.int64)]
        now = fixed["tags"].reindex(self.frame.index)
        same = set(self.frame.index[self.frame["before"] == now].tolist())
        kept = len(self.frame) - len(same)
        with project.batch(f"Cleaned tags: {', '.join(self.rules)}") as batch:
            for step in self.steps:
                self._write(step, same)
        noun = "image" if len(same) == 1 else "images"
        message = f"Cleaned the tags of {len(same):,} {noun}" if same else "No tags cleaned"
        if kept:
            noun = "image" if kept == 1 else "images"
            message += f"; {kept:,} {noun} changed since and kept"
        return Done(message, len(same), batch.last_operation)

    def _write(self, step: Step, same: set[int]) -> None:
        project = self.view.project
        ids = [image_id for image_id in step.ids if image_id in same]
        if not ids:
            return
        target: View = project.view(everything=True)[ids]
        if step.everywhere and len(ids) == len(step.ids) and self._has_just(step):
            target = self.view  # the history then says how the images were found, not which they were
        told: Any = {"author": project.author, "query": target.query or None, "expression": target.expression}
        if step.verb == "order":
            log.order_tags(project.database, target.ids, list(step.tags), **told)
        elif step.verb == "list":
            told["expression"] = None  # the lists say which images, not the view
            log.set_tags(project.database, {n: step.lists[n] for n in ids}, source=RULE, **told)
        elif isinstance(step.tags, dict):
            log.replace_tags(project.database, target.ids, step.tags, source=RULE, **told)
        else:
            verb = log.add_tags if step.verb == "add" else log.remove_tags
            verb(project.database, target.ids, step.tags, source=RULE, **told)

    def _has_just(self, step: Step) -> bool:
        """Whether the tags of a step are, in the view as it is now, on the images of the step alone."""
        index, snapshot = self.view.held()
        tags = [tag for name in step.tags if (tag := index.tag_id(name)) is not None]
        having = np.zeros(len(index), dtype=bool)
        for tag in tags:
            having[index.postings(tag)] = True
        places = snapshot.positions
        return np.array_equal(np.sort(index.ids[places[having[places]]]), np.sort(step.ids))

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        changes = self.changes.head(_SHOWN).map(printable)
        return "\n".join([f"{self._summary()}; .apply() changes them", str(changes), *self._left()])

    def _repr_html_(self) -> str:
        head = "<tr><th>image_id</th><th>before</th><th>after</th></tr>"
        rows = [
            f"<tr><th>{image_id}</th>{''.join(f'<td>{part}</td>' for part in marked(before, after))}</tr>"
            for image_id, before, after, *_ in self.frame.head(_SHOWN).itertuples()
        ]
        changes = self.changes.head(_SHOWN).map(printable).to_html(escape=True, index=False)
        return (
            f"<p>{self._summary()}; <code>.apply()</code> changes them</p>{changes}"
            f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
            f"{''.join(f'<p>{markup(note)}</p>' for note in self._left())}"
        )

    def _left(self) -> list[str]:
        more = len(self.notes) - _SHOWN
        return [*map(printable, self.notes[:_SHOWN]), *([f"and {more:,} more in .notes"] if more > 0 else [])]

    def _summary(self) -> str:
        noun = "image" if len(self.frame) == 1 else "images"
        return f"The tags of {len(self.frame):,} {noun} would change"


def _texts(lists: list[list[str]]) -> list[str]:
    return [render(names, "underscores") for names in lists]
