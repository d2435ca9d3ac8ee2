"""Florence-2: a task such as ``<DETAILED_CAPTION>`` or ``<OD>``, answered with a text or with names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lorairo.captions.spoken import tidy
from lorairo.inference.captioning import Captioner
from lorairo.inference.loading import Said

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEFAULT = "<MORE_DETAILED_CAPTION>"


class Florence(Captioner):
    """A captioner whose prompt is a task, with words behind it where the task takes any."""

    on_gpu, on_cpu = 8, 1

    @property
    def _task(self) -> str:
        return self.asked.prompt or _DEFAULT

    def inputs(self, pictures: Sequence[Any]) -> Any:
        """Return pixels and the task."""
        return self.processor(
            images=list(pictures), text=[self._task] * len(pictures), padding=True, return_tensors="pt"
        )

    def said(self, picture: Any, row: Any, inputs: Any) -> Said:  # noqa: ARG002 - the interface of a family
        """Read the answer: a text is a caption; names of things that were found are tags."""
        text = self.processor.decode(row, skip_special_tokens=False)
        task = self._task.partition(">")[0] + ">"
        answer = self.processor.post_process_generation(text, task=task, image_size=picture.size)[task]
        if isinstance(answer, str):
            caption = tidy(answer.replace("<pad>", ""))
            return Said(caption=caption, raw=text)
        names = [name for key in ("labels", "bboxes_labels") for name in answer.get(key, ())]
        return Said(tags=dict.fromkeys((name.strip() for name in names if name.strip()), 1.0), raw=text)
