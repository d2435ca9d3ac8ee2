"""Text that somebody else wrote - names of files, tags, captions, answers - made fit to be shown."""

from __future__ import annotations

import difflib
import re
from html import escape
from typing import Final

# What moves the cursor, ends the line, turns the direction of what follows, or cannot be seen. Joiners stay:
# emoji and several scripts need them.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")


def printable(text: object) -> str:
    r"""Return text on one line that stays in its place; what cannot be seen is spelt out, as ``\u202e``."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), str(text))


def markup(text: object) -> str:
    """Return the same as HTML that shows it: never markup, and its direction never that of its neighbours."""
    return f"<bdi>{escape(printable(text))}</bdi>"


def literal(text: str) -> str:
    """Return text as a Python literal in double quotes; what cannot be seen is escaped."""
    single = repr('"' + text)[2:-1]  # a double quote makes repr() choose single ones, whatever follows
    return '"' + single.replace("\\'", "'").replace('"', '\\"') + '"'


def marked(before: str, after: str) -> tuple[str, str]:
    """Return two texts as HTML that shows them, with the words marked that only one of them has.

    Where there was nothing before, all is new, and nothing is marked.
    """
    if not before:
        return markup(before), markup(after)
    old, new = _WORD.findall(before), _WORD.findall(after)
    left, right = [], []
    for kind, i, j, k, m in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        was, now = (escape(printable("".join(words))) for words in (old[i:j], new[k:m]))
        left.append(was if kind == "equal" or not was else f"<del>{was}</del>")
        right.append(now if kind == "equal" or not now else f"<ins>{now}</ins>")
    return f"<bdi>{''.join(left)}</bdi>", f"<bdi>{''.join(right)}</bdi>"
