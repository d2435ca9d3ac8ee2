"""How a plan prints: a few lines of text, or static HTML without script. All foreign text is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lorairo.exporters.wording import images
from lorairo.plaintext import markup, printable

if TYPE_CHECKING:
    from collections.abc import Hashable

    from lorairo.exporters.plan import ExportPlan, Plan

_LARGEST = 36.0  # px; longer side of the drawn proportions
_CAPTIONS = 5
_SIGNS = {"error": "✕", "warning": "!", "info": "i"}  # a second cue beside the word


def headline(plan: ExportPlan) -> str:
    """Say what would be written, in one line."""
    count = len(plan.buckets)
    buckets = f"{count:,} bucket" if count == 1 else f"{count:,} buckets"
    return f"{images(len(plan.placements))} in {buckets}, {plan.steps:,} steps per epoch"


def text(plan: Plan) -> str:
    """Print a plan: headline, then what the lint found."""
    lines = [f"<{type(plan).__name__} {plan.exporter}: {plan.headline}, to {printable(plan.out)}>"]
    lines += [
        f"  {printable(f'{found.level}: {found.message}. {found.fix}')}" for found in plan.sorted_findings
    ]
    lines.append("  Errors stop plan.write()" if plan.errors else "  Not written yet: plan.write()")
    return "\n".join(lines)


def html(plan: Plan) -> str:
    """Show a plan as static HTML: headline, lint, and what else it has to show."""
    ready = (
        "Errors stop <code>plan.write()</code>"
        if plan.errors
        else "Not written yet: <code>plan.write()</code>"
    )
    where = markup(plan.out)
    parts = [f"<p><b>{markup(plan.exporter)}</b>: {markup(plan.headline)}, to {where}. {ready}</p>"]
    if plan.findings:
        parts.append(_lint(plan))
    return f'<div class="lorairo-export">{"".join([*parts, *plan.sections()])}</div>'


def sections(plan: ExportPlan) -> list[str]:
    """Show buckets in true proportion, and the first captions."""
    return [_buckets(plan), _captions(plan)] if plan.placements else []


def _lint(plan: Plan) -> str:
    rows: list[tuple[str, ...]] = [
        (
            f"<b>{_SIGNS[found.level]} {markup(found.level)}</b>",
            f"{len(found.ids):,}" if found.ids else "",
            markup(found.message),
            markup(found.fix),
        )
        for found in plan.sorted_findings
    ]
    return table(("", "images", "found", "what to do"), rows)


def _buckets(plan: ExportPlan) -> str:
    buckets = plan.buckets.to_dict("records")
    scale = _LARGEST / max(
        *(bucket["width"] for bucket in buckets), *(bucket["height"] for bucket in buckets), 1
    )
    rows = [_bucket(bucket, scale, plan.batch_size) for bucket in buckets]
    return table(("", "bucket", "images", "batches", "last batch", "enlarged", "cropped"), rows)


def _bucket(bucket: dict[Hashable, Any], scale: float, batch_size: int) -> tuple[str, ...]:
    size = f"width:{bucket['width'] * scale:.0f}px;height:{bucket['height'] * scale:.0f}px"
    return (
        f'<span style="display:inline-block;border:1px solid currentColor;opacity:.6;{size}"></span>',
        f"{bucket['width']} &times; {bucket['height']}",
        f"{bucket['images']:,}",
        f"{bucket['batches']:,}",
        f"{bucket['last_batch']} of {batch_size}",
        f"{bucket['upscaled']:,}" if bucket["upscaled"] else "",
        f"{bucket['cropped']:.1%}",
    )


def _captions(plan: ExportPlan) -> str:
    rows: list[tuple[str, ...]] = [
        (
            f"<code>{markup(placed.file)}</code>",
            markup(placed.caption) if placed.caption is not None else "<i>no caption file</i>",
        )
        for placed in plan.placements[:_CAPTIONS]
    ]
    return table(("file", "what the trainer reads"), rows)


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Lay out cells that are HTML already."""
    top = "".join(f'<th style="text-align:left">{head}</th>' for head in heads)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{cell}</td>' for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
