"""Lint rules about sizes: what aspect-ratio bucketing does to the pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lorairo.exporters.kohya_options import DEFAULT_STEP_FLOOR, STEP_FLOORS
from lorairo.exporters.plan import Finding
from lorairo.exporters.wording import images

if TYPE_CHECKING:
    from lorairo.exporters.lint import Draft

_WIDE_ENOUGH = 2048  # px; with this longest side no usual ratio loses area at any usual resolution
_LOST = 0.9  # of the area; below this the limit on sides costs visible detail
_CUT = 0.2  # of the picture; about where a person notices
_SMALL = 0.5  # of the area the model trains at; enlarging further shows


def unusable(draft: Draft) -> Finding | None:
    """Find images thinner than one step: their bucket has size zero, on which training fails."""
    thin = [placed for placed in draft.placements if not placed.bucket.usable]
    if not thin:
        return None
    return Finding(
        "error",
        "too-thin",
        draft.ids(thin),
        f"{images(len(thin))} with a side below {draft.rules.step} px: training would fail on "
        f"{'it' if len(thin) == 1 else 'them'}",
        "Exclude them, or pass bucket_no_upscale=False.",
    )


def longest_side(draft: Draft) -> Finding | None:
    """Find pictures that a low max_bucket_reso trains at less area than they could have."""
    rules = draft.rules
    if rules.no_upscale or rules.longest >= _WIDE_ENOUGH:
        return None
    wider = replace(rules, max_size=_WIDE_ENOUGH)
    lost = []
    for placed in draft.placements:
        now = placed.bucket.bucket
        free = wider.assign((placed.item.width, placed.item.height)).bucket
        if now[0] * now[1] < _LOST * free[0] * free[1]:
            lost.append((placed, now, free))
    if not lost:
        return None
    placed, now, free = max(lost, key=lambda entry: entry[2][0] * entry[2][1] / (entry[1][0] * entry[1][1]))
    return Finding(
        "warning",
        "max-bucket-reso",
        draft.ids(entry[0] for entry in lost),
        f"max_bucket_reso={rules.max_size} shrinks {images(len(lost))}: {placed.item.name} "
        f"({placed.item.width}x{placed.item.height}) trains at {now[0]}x{now[1]}, not {free[0]}x{free[1]}",
        f"Pass max_bucket_reso={_WIDE_ENOUGH}.",
    )


def upscaled(draft: Draft) -> Finding | None:
    """Find small pictures, which the trainer enlarges without a word."""
    small = [placed for placed in draft.placements if placed.bucket.upscaled]
    if not small:
        return None
    area = draft.rules.area
    poor = sum(placed.item.width * placed.item.height < _SMALL * area for placed in small)
    told = f", {poor:,} of them to more than twice their area" if poor else ""
    return Finding(
        "warning" if poor else "info",
        "upscaled",
        draft.ids(small),
        f"{images(len(small))} smaller than the bucket, and enlarged by the trainer{told}",
        "Exclude them, train at a lower resolution, or pass bucket_no_upscale=True.",
    )


def cropped(draft: Draft) -> Finding | None:
    """Find ratios beyond the list of buckets, which lose much of the picture."""
    cut = [placed for placed in draft.placements if placed.bucket.usable and placed.bucket.cropped > _CUT]
    if not cut:
        return None
    worst = max(cut, key=lambda placed: placed.bucket.cropped)
    return Finding(
        "warning",
        "cropped",
        draft.ids(cut),
        f"{images(len(cut))} cut by over {_CUT:.0%}; {worst.item.name} by {worst.bucket.cropped:.0%}",
        "Crop them by hand to a usual ratio, or lower min_bucket_reso.",
    )


def lonely(draft: Draft) -> Finding | None:
    """Find images alone in a bucket, as each bucket makes batches of its own."""
    if draft.options.batch_size == 1 or len(draft.placements) == 1:
        return None
    held: dict[tuple[int, int], list[int]] = {}
    for placed in draft.placements:
        held.setdefault(placed.bucket.bucket, []).append(placed.item.id)
    alone = [ids[0] for ids in held.values() if len(ids) == 1]
    if not alone:
        return None
    return Finding(
        "warning",
        "lonely-bucket",
        tuple(alone),
        f"{images(len(alone))} alone in a bucket: its batches hold repeats of one image, or are short",
        "Exclude them, crop them to the ratio of others, or pass a larger bucket_reso_steps.",
    )


def step(draft: Draft) -> Finding | None:
    """Check the step of bucket sizes: training scripts refuse less than the model can take."""
    profile = draft.options.profile
    floor = STEP_FLOORS.get(profile or "", DEFAULT_STEP_FLOOR)
    if profile is None or draft.rules.step % floor == 0:
        return None
    return Finding(
        "error",
        "step",
        (),
        f"bucket_reso_steps={draft.rules.step} is no multiple of {floor}, which {profile} needs",
        f"Pass bucket_reso_steps={max(floor, draft.rules.step // floor * floor)}.",
    )
