"""BLIP and BLIP-2: one sentence about a picture, or the rest of one that was begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lorairo.inference.captioning import Captioner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.inference.loading import Said


class Blip(Captioner):
    """A captioner whose prompt is the beginning of the caption, or a question for BLIP-2."""

    on_gpu, on_cpu = 16, 2

    def inputs(self, pictures: Sequence[Any]) -> Any:
        """Return pixels, and the prompt where there is one."""
        self.processor.tokenizer.padding_side = "left"
        prompts = [self.asked.prompt] * len(pictures) if self.asked.prompt else None
        return self.processor(images=list(pictures), text=prompts, padding=True, return_tensors="pt")

    def said(self, picture: Any, row: Any, inputs: Any) -> Said:  # noqa: ARG002 - the interface of a family
        """Read the caption: BLIP gives its beginning back, which belongs to it; BLIP-2 the whole question."""
        asked = inputs.get("input_ids")
        if (
            asked is not None
            and len(row) > asked.shape[1]
            and bool((row[: asked.shape[1]] == asked[0]).all())
        ):
            row = row[asked.shape[1] :]
        return self.words(row)
