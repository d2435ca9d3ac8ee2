"""What models say sentence by sentence: each can be accepted or struck, as a tagger's tags can."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pandas as pd

from lorairo.config import nearest
from lorairo.errors import ArgumentError
from lorairo.sentences import split
from lorairo.store import log
from lorairo.store.sentencing import Decided, decided, spoken
from lorairo.verbs import carried_out

if TYPE_CHECKING:
    from lorairo.results import Done
    from lorairo.view import View

_COLUMNS = ["image_id", "model", "variant", "n", "sentence", "state"]
_NOTHING = Decided([])


class Sentencing:
    """Mixed into `View` with the verbs about captions: their sentences one by one."""

    def sentences(self, model: str | None = None) -> pd.DataFrame:
        """List what models say of the images, sentence by sentence.

        Parameters
        ----------
        model
            Only of this one, such as ``gpt-5-mini``.

        Returns
        -------
        pandas.DataFrame
            image_id, model, variant, n (from 1), sentence, and state: ``accepted``, ``struck``, or an empty
            text where nobody decided.
        """
        view = cast("View", self)
        place = {image_id: number for number, image_id in enumerate(view.ids.tolist())}
        with view.project.database.read() as connection:
            said = [one for one in spoken(connection, view.ids) if one.image_id in place]
            people = decided(connection, view.ids)
        known = sorted({one.model for one in said})
        if model is not None and known:
            wanted = {name for name in known if model == name or model.endswith(f"/{name}")}
            if not wanted:
                raise ArgumentError(f"no model {model!r} has said anything here: {nearest(model, known)}")
            said = [one for one in said if one.model in wanted]
        rows = [
            (
                one.image_id,
                one.model,
                one.variant,
                number,
                text,
                people.get(one.image_id, _NOTHING).state(text),
            )
            for one in sorted(said, key=lambda one: place[one.image_id])
            for number, text in enumerate(split(one.text), 1)
        ]
        return pd.DataFrame(rows, columns=_COLUMNS)

    def accept_sentences(self, *sentences: str, variant: str | None = None) -> Done:
        """Accept sentences on the images where a model says them: the caption in force has them.

        Parameters
        ----------
        sentences
            As they are said; case and marks at the end do not matter.
        variant
            Of the caption that is to have them; without one, the variant they were said in.
        """
        return carried_out(self, log.accept_sentences, list(sentences), variant=variant)

    def strike_sentences(self, *sentences: str) -> Done:
        """Strike sentences on the images where a model says them; they stay struck whoever says them again.

        What a person or a file wrote is not touched: `clean_captions` and `edit_captions` are for those.
        """
        return carried_out(self, log.strike_sentences, list(sentences))

    def clear_sentences(self, *sentences: str) -> Done:
        """Take back what was decided about sentences; without any named, about all of the images."""
        return carried_out(self, log.clear_sentences, list(sentences))
