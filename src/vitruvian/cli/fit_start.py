"""The model that `vitruvian fit --from` goes on from: its joints matched, its weights rearranged."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.datasets import Dataset

if TYPE_CHECKING:
    from vitruvian.training import Match, Plan, Start


def prepare_start(
    start: "Start", plan: "Plan", told: Sequence[tuple[str, str]], dataset: Dataset, path: Path
) -> "tuple[Plan, tuple[Match, ...]]":
    """Write the checkpoint to begin with. Returns the plan, which now says so, and which joint is which."""
    from vitruvian.recipes import save_checkpoint
    from vitruvian.training import answers, distances_to, doubts, match, rows_of, transplanted

    own, other = dataset.skeleton, start.recipe.joints
    rows, found = answers(start, dataset)
    distance = distances_to(dataset.labels.xy[rows], found, dataset.labels.boxes[rows]) if len(rows) else None
    matches = match(own, other, told, distance)
    if distance is not None:
        for doubt in doubts(matches, other, own, distance):
            print(f"vitruvian: {doubt}", file=sys.stderr)
    model, taken, fresh = transplanted(start, plan.recipe, rows_of(matches, other))
    recipe = replace(plan.recipe, start=start.name)
    save_checkpoint(path, model, recipe)
    same = sum(one.start is not None for one in matches)
    said = f"the weights of {start.name}: {taken} tensors, {fresh} fresh; it knows {same} of {len(own)} joints"
    return replace(plan, recipe=recipe, reasons=plan.reasons | {"start": said}), matches
