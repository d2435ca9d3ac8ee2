"""A report as a page: one file, no scripts, nothing from the network, readable on light and dark ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lorairo.plaintext import markup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.reporting.figures import Figures, Spread

_HEAD = ("", "known", "least", "quarter", "median", "three quarters", "most", "")
_WIDTH, _HEIGHT = 216, 38  # of a histogram, pixels
_STYLE = """
.lrr{font:12px/16px system-ui,sans-serif;max-width:960px;font-variant-numeric:tabular-nums}
.lrr h2{font-size:15px;line-height:20px;margin:0 0 8px}
.lrr h3{font-size:12px;margin:16px 0 4px}
.lrr table{border-collapse:collapse;margin:0}
.lrr td,.lrr th{padding:2px 16px 2px 0;text-align:right;font-weight:400;border:0;background:none}
.lrr td:first-child,.lrr th:first-child{text-align:left}
.lrr th{opacity:.65}
.lrr .row{display:flex;flex-wrap:wrap;gap:0 32px;align-items:flex-start}
.lrr .bad{font-weight:600}
.lrr svg{display:block;fill:currentColor;opacity:.6}
.lrr p{margin:0}
"""


def page(figures: Figures, duplicates: str) -> str:
    """Draw the figures as HTML that can stand alone or in a cell; all text is escaped."""
    query = f" · <code>{markup(figures.query)}</code>" if figures.query else ""
    noun = "image" if figures.images == 1 else "images"
    return (
        f'<div class="lrr"><style>{_STYLE}</style>'
        f"<h2>{figures.images:,} {noun} of {markup(figures.project)}{query}</h2>"
        f'<div class="row">{_images(figures)}{_gaps(figures, duplicates)}</div>'
        f"{_spreads(figures)}"
        f'<div class="row">{_captions(figures)}{_tags(figures)}</div></div>'
    )


def alone(body: str, title: str) -> str:
    """Make a whole file of a page."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{markup(title)}</title><style>body{{margin:24px}}</style></head><body>{body}</body></html>"
    )


def _images(figures: Figures) -> str:
    rows = [
        *((shape, count) for shape, count in figures.shapes if count),
        *((f"shorter side below {side}", count) for side, count in figures.smaller if count),
        *((form, count) for form, count in figures.formats),
        *((f"rated {rating}", count) for rating, count in figures.ratings),
        ("with stars", figures.starred),
        ("reviewed", figures.reviewed),
        ("excluded in the project", figures.excluded),
    ]
    return _table("Images", rows, figures.images)


def _gaps(figures: Figures, duplicates: str) -> str:
    rows = list(figures.gaps)
    body = _rows(rows, figures.images) if rows else ""
    nothing = "" if rows else "<p>Nothing is missing.</p>"
    constants = "".join(f"<p>{markup(name)}: on {count:,}</p>" for name, count in figures.constants)
    same = f"<h3>On more than nine of ten</h3>{constants}" if constants else ""
    spare = f"<h3>Duplicates</h3><p>{markup(duplicates)}</p>" if duplicates else ""
    return f"<div><h3>Gaps</h3>{nothing}<table>{body}</table>{same}{spare}</div>"


def _captions(figures: Figures) -> str:
    rows = [(f"caption {variant}", count) for variant, count in figures.captioned]
    if figures.tokens.known:
        how = "" if figures.exact else ", estimated"
        name = f"longer than the {figures.limit} tokens that {figures.encoder} reads{how}"
        rows.append((name, figures.too_long))
    return _table("Captions", rows or [("caption default", 0)], figures.images)


def _tags(figures: Figures) -> str:
    rows = [
        ("images with tags", figures.tagged),
        *((name, count) for name, count in figures.top),
    ]
    more = f"<p>{figures.distinct:,} tags, {figures.rare:,} of them on one image alone</p>"
    return f"<div>{_table('Tags', rows, figures.images)}{more}</div>"


def _table(title: str, rows: Sequence[tuple[str, int]], of: int) -> str:
    return f"<div><h3>{title}</h3><table>{_rows(rows, of)}</table></div>"


def _rows(rows: Sequence[tuple[str, int]], of: int) -> str:
    return "".join(
        f"<tr><td>{markup(name)}</td><td>{count:,}</td><td>{_share(count, of)}</td></tr>"
        for name, count in rows
    )


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.0f} %" if of else ""


def _spreads(figures: Figures) -> str:
    shown = [*figures.spreads, figures.tokens]
    head = "".join(f"<th>{name}</th>" for name in _HEAD)
    rows = "".join(
        f"<tr><td>{markup(spread.name)}</td><td>{spread.known:,}</td>"
        f"{''.join(f'<td>{number(value)}</td>' for value in spread.quartiles)}<td>{_bars(spread)}</td></tr>"
        for spread in shown
        if spread.known
    )
    return f"<h3>Sizes and scores</h3><table><tr>{head}</tr>{rows}</table>" if rows else ""


def number(value: float) -> str:
    """Write a number with the digits that say something."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"  # noqa: PLR2004 - hundred


def _bars(spread: Spread) -> str:
    """Draw a histogram; heights are square roots, so that few images show."""
    most = max(spread.counts, default=0) or 1
    step = _WIDTH / max(1, len(spread.counts))
    bars = "".join(
        f'<rect x="{place * step:.1f}" y="{_HEIGHT - height:.1f}" width="{max(step - 1, 0.5):.1f}" '
        f'height="{height:.1f}"/>'
        for place, count in enumerate(spread.counts)
        if (height := _HEIGHT * (count / most) ** 0.5)
    )
    label = f"{spread.name}, from {number(spread.quartiles[0])} to {number(spread.quartiles[-1])}"
    return f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img"><title>{markup(label)}</title>{bars}</svg>'
