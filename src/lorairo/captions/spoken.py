"""What models say about pictures, made plain: without loops, introductions, quotation marks and markdown."""

from __future__ import annotations

import re

from lorairo.captions.render import single_line

_LONGEST_LOOP = 40  # words
_LOOPS = 3  # times that are no style any more
_LONGEST_REFUSAL = 600  # characters; what goes on for longer says something after all

_FENCE = re.compile(r"^```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```$", re.DOTALL)
_POLITE = r"(?:(?:sure|certainly|of course|absolutely|okay|ok)[ ,.!:-]+)?"
_INTRODUCTION = re.compile(
    rf"^{_POLITE}(?:here(?:'s| is| are)\b[^:\n]{{0,80}}:|"
    r"(?:(?:image|training|final|short|long|detailed|suggested) )?"
    r"(?:caption|description|tags|output|answer)\s*:)\s*",
    re.IGNORECASE,
)
_FAREWELL = re.compile(
    r"\n\s*(?:let me know if|feel free to|would you like me to|i hope (?:this|that) helps)\b[^\n]*$",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^#{1,6}[ \t]+", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*[-*•][ \t]+", re.MULTILINE)
_BOLD = re.compile(r"(\*\*|__)(?=\S)([^*\n]*[^\W_][^*\n]*?)(?<=\S)\1")
_QUOTES = {'"': '"', "'": "'", "“": "”", "«": "»", "「": "」", "`": "`"}

_UNABLE = (
    r"(?:can't|cannot|can not|could not|couldn't|won't|will not|am unable|'m unable|unable to|am not able|"
    r"'m not able|not able to|must decline|have to decline|do not feel comfortable|'m not comfortable)"
)
_WHAT = (
    r"(?:help|assist|describe|provide|create|generate|caption|comply|fulfil|analy[sz]e|process|continue|"
    r"engage|discuss|do (?:that|this)|view|see|look at|decline|comfortable)"
)
_REFUSAL = re.compile(
    rf"^\W*(?:(?:i'm|i am|i|we)? ?(?:very |so |really )?(?:sorry|apologi[sz]e)\b[^.!?]*?{_UNABLE}"
    rf"|(?:unfortunately,? )?i ?{_UNABLE}[^.!?]*?\b{_WHAT}"
    rf"|as an ai\b[^.!?]*?{_UNABLE})",
    re.IGNORECASE,
)
_PICTURE = r"(?:any |an |the |your )?(?:image|picture|photo|photograph|attachment)s?"
_UNSEEN = re.compile(
    r"^\W*(?:as an ai\b[^,.!?]*, )?(?:(?:i'm|i am)? ?(?:very |so )?sorry\b[,. ]*(?:but )?)?"
    r"(?:it (?:looks|seems|appears) (?:like |that |as if )?)?"
    rf"(?:i ?(?:do not|don't|can't|cannot|am unable to|'m unable to) (?:actually )?(?:see|view) {_PICTURE}"
    rf"|(?:there (?:is|was) |there's )?no {_PICTURE} (?:was |were |is |has been |have been )?"
    r"(?:attached|provided|included|uploaded|shared|given)\b"
    rf"|you (?:have not|haven't|did not|didn't|forgot to) [^.!?]*\b{_PICTURE}"
    rf"|{_PICTURE} (?:did not|didn't|has not|hasn't|was not|wasn't|is not|isn't) "
    r"(?:been )?(?:load|upload|come through|provided|attached)"
    rf"|(?:please|could you) (?:provide|upload|attach|share|send) [^.!?]*\b{_PICTURE})",
    re.IGNORECASE,
)
_AFTER_ALL = re.compile(r"\b(?:but|however|instead|that said)\b", re.IGNORECASE)


def tidy(text: str) -> str:
    """Return an answer without the loop that a model fell into at its end, and without blanks around it."""
    words = text.split()
    for length in range(1, min(_LONGEST_LOOP, len(words) // _LOOPS) + 1):
        kept = len(words)
        while kept >= 2 * length and words[kept - 2 * length : kept - length] == words[kept - length : kept]:
            kept -= length
        if len(words) - kept >= (_LOOPS - 1) * length:
            return tidy(_start(text, kept))
    return text.strip()


def _start(text: str, count: int) -> str:
    """Return a text up to the end of a word, with the blanks and lines between them as they are."""
    place = 0
    for word in text.split()[:count]:
        place = text.index(word, place) + len(word)
    return text[:place]


def plain(text: str) -> str:
    """Return a caption as a trainer should read it, on one line, whatever a model put around it.

    Fences, introductions such as ``Here is the caption:``, offers of more help, marks of markdown, quotation
    marks around the whole and a loop at the end go. Words are left alone.
    """
    return single_line(tidy(unwrapped(text)))


def unwrapped(text: str) -> str:
    """Return an answer without what models put around it, on as many lines as it has."""
    text = text.strip()
    while (bare := _without(text)) != text:
        text = bare
    return text


def _without(text: str) -> str:
    fenced = _FENCE.match(text)
    if fenced:
        return fenced[1].strip()
    text = _BOLD.sub(r"\2", _BULLET.sub("", _HEADING.sub("", text)))
    text = _FAREWELL.sub("", _INTRODUCTION.sub("", text)).strip()
    close = _QUOTES.get(text[:1])
    if close and len(text) > 1 and text.endswith(close):
        inner = text[1:-1]
        if close not in inner and text[0] not in inner:
            return inner.strip()
    return text


def unfenced(text: str) -> str:
    """Return what stands between the fences of a block of code, or the text where there are none."""
    fenced = _FENCE.match(text.strip())
    return fenced[1].strip() if fenced else text.strip()


def sees_nothing(text: str) -> bool:
    """Whether a text says, instead of an answer, that there is no picture: the model looks at none."""
    said = text.strip().replace("\u2019", "'")
    found = _UNSEEN.match(said) if len(said) <= _LONGEST_REFUSAL else None
    return found is not None and _AFTER_ALL.search(said, found.end()) is None


def refuses(text: str) -> bool:
    """Whether a text says, instead of an answer, that there will be none."""
    said = text.strip().replace("\u2019", "'")
    if len(said) > _LONGEST_REFUSAL:
        return False
    found = _REFUSAL.match(said)
    return found is not None and _AFTER_ALL.search(said, found.end()) is None
