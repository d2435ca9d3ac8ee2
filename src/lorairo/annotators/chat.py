"""Models that are talked to about a picture: LLaVA and JoyCaption, Qwen-VL, and whatever is built alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lorairo.errors import ModelError
from lorairo.inference.captioning import Captioner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.inference.loading import Said

_PROMPT = "Describe this image."


class Chat(Captioner):
    """A captioner with a chat template, which is told one system line, one picture, one prompt."""

    on_gpu, on_cpu = 4, 1
    float16 = False  # SigLIP towers leave its range

    def begin(self) -> None:
        """Write the prompt as the model was trained on it."""
        tokenizer = self.processor.tokenizer
        tokenizer.padding_side = "left"  # answers begin where prompts end, for all of a batch at one place
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        self._text = self._rendered()
        # A template may begin with the token that the tokenizer would put there once more.
        self._specials = not (tokenizer.bos_token and self._text.startswith(tokenizer.bos_token))

    def _rendered(self) -> str:
        """Return the prompt as the model was trained on it; templates take pictures in one of two forms."""
        prompt = self.asked.prompt or _PROMPT
        words = {"type": "text", "text": prompt}
        text = self._template([{"type": "image"}, words])
        if text is not None and text != self._template([words]):  # the picture has a place in it
            return text
        token = getattr(self.processor, "image_token", None)
        for form in (prompt, f"{token}\n{prompt}"):
            text = self._template(form)
            if text is not None and token is not None and token in text:
                return text
        raise ModelError(f"{self.spec.name}: its chat template shows no place for a picture")

    def _template(self, content: Any) -> str | None:
        said = [{"role": "user", "content": content}]
        if self.asked.system:
            parts = [{"type": "text", "text": self.asked.system}]
            said.insert(
                0, {"role": "system", "content": self.asked.system if isinstance(content, str) else parts}
            )
        try:
            text = self.processor.apply_chat_template(said, add_generation_prompt=True, tokenize=False)
        except Exception:  # noqa: BLE001 - a template is a program: it fails on the other form as it likes
            return None
        shown = (self.asked.prompt or _PROMPT) in text and "'type'" not in text  # not as a list of Python's
        return str(text) if shown else None

    def inputs(self, pictures: Sequence[Any]) -> Any:
        """Return the same prompt for each picture, padded on the left."""
        return self.processor(
            images=[[picture] for picture in pictures],
            text=[self._text] * len(pictures),
            padding=True,
            add_special_tokens=self._specials,
            return_tensors="pt",
        )

    def said(self, picture: Any, row: Any, inputs: Any) -> Said:  # noqa: ARG002 - the interface of a family
        """Read what comes behind the prompt."""
        answer = row[inputs["input_ids"].shape[1] :]
        padding = self.processor.tokenizer.pad_token_id
        return self.words(answer, tokens_out=int((answer != padding).sum()))
