"""The state of a run as a file, from which it goes on to the same bits as if it had never stopped."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vitruvian.errors import DataError, RecipeError, WeightsError, needs
from vitruvian.folders import written_whole
from vitruvian.recipes import Recipe, load_weights, recipe_from_dict, recipe_to_dict
from vitruvian.training.progress import Run
from vitruvian.training.sharding import all_together, part_of, parts_of
from vitruvian.version import __version__

ABOUT_KEY = "vitruvian.state"
PARTS = ("model", "average", "optimizer")


@dataclass(frozen=True)
class Checked:
    """What the checks of a run have come to. best: the best value; step: after which the last one was made."""

    best: float | None = None
    step: int = 0


def save_state(
    path: Path, run: Run, recipe: Recipe, facts: Mapping[str, str], checked: Checked, writes: bool = True
) -> None:
    """Write everything that the next step and the next check depend on, whole.

    facts: the `fingerprints` of what the run depends on besides its recipe. writes: whether this process does; of a run
    with weights that are shared out, the others give their parts.

    Raises DataError where it cannot be written; an earlier state is then still there.
    """
    with needs("train", "saving a run"):
        from safetensors.torch import save_file
    tensors = all_together(_named(run), writes)
    if not writes:
        return
    about = {
        "done": run.done,
        "micro": run.micro,
        "scaler": run.scaler.state_dict(),
        "checked": asdict(checked),
        "facts": dict(facts),
        "version": __version__,
        "recipe": recipe_to_dict(recipe),
    }
    with written_whole(path) as beside:
        try:
            save_file(
                {name: value.contiguous() for name, value in tensors.items()}, beside, {ABOUT_KEY: json.dumps(about)}
            )
        except Exception as error:  # safetensors raises its own type, not exported from its package
            raise DataError(f"cannot write the state {path} ({error}); choose another place, or make room") from error


def _named(run: Run) -> dict[str, Tensor]:
    """All tensors of a run."""
    tensors = {f"model.{name}": value for name, value in run.model.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in run.average.state_dict().items()}
    for number, values in run.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{name}": value for name, value in values.items()}
    return tensors


def load_state(path: Path, run: Run, recipe: Recipe, facts: Mapping[str, str]) -> Checked:
    """Put a run that has just begun where the saved one was. Returns what its checks have come to.

    A micro batch that the run has begun with is kept; without one, it is that of the saved run.

    Raises WeightsError for a file that is no state, or damaged, RecipeError when it was saved with another recipe, with
    the fields that differ, and DataError when it was saved with other facts.
    """
    tensors, about = _read(path)
    saved = recipe_from_dict(about["recipe"])
    changed = [part.name for part in fields(Recipe) if getattr(saved, part.name) != getattr(recipe, part.name)]
    if changed:
        differences = ", ".join(f"{name} {getattr(saved, name)!r} -> {getattr(recipe, name)!r}" for name in changed)
        raise RecipeError(f"{path} was saved with another recipe ({differences}); resume with its own, or start anew")
    if other := [what for what, value in facts.items() if about.get("facts", {}).get(what) != value]:
        raise DataError(f"{path} was saved with different {', '.join(other)}; resume with the same, or start anew")
    load_weights(run.model, parts_of(tensors["model"], run.model), str(path))
    load_weights(run.average, parts_of(tensors["average"], run.average), str(path))
    moments = _by_parameter(
        tensors["optimizer"], [one for group in run.optimizer.param_groups for one in group["params"]]
    )
    run.optimizer.load_state_dict({"state": moments, "param_groups": run.optimizer.state_dict()["param_groups"]})
    run.scaler.load_state_dict(about["scaler"])
    run.done, run.micro = about["done"], run.micro or about["micro"]
    return Checked(**about["checked"])


def saved_recipe(path: Path) -> Recipe:
    """The recipe of a saved run. Raises WeightsError for a file that is no state, or damaged."""
    return recipe_from_dict(_read(path)[1]["recipe"])


def _read(path: Path) -> tuple[dict[str, dict[str, Tensor]], dict[str, Any]]:
    """The tensors by part and name, and what is said about them."""
    with needs("train", "resuming a run"):
        from safetensors import safe_open
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})[ABOUT_KEY])
            named = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except Exception as error:  # safetensors raises its own type, not exported from its package
        raise WeightsError(f"{path} is not a readable state of a run ({error}); start anew") from error
    tensors: dict[str, dict[str, Tensor]] = {part: {} for part in PARTS}
    for name, value in named.items():
        part, _, rest = name.partition(".")
        tensors[part][rest] = value
    return tensors, about


def _by_parameter(named: dict[str, Tensor], parameters: list[Tensor]) -> dict[int, dict[str, Tensor]]:
    """ "3.exp_avg" -> {3: {"exp_avg": ...}}, the form of PyTorch's optimisers.

    Fused optimisers go through the memory of a parameter and of its moments side by side, so both lie alike in it.
    """
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in named.items():
        number, _, kind = name.partition(".")
        parameter = parameters[int(number)]
        alike = value.shape == parameter.shape
        placed = torch.empty_like(parameter).copy_(part_of(value, parameter)) if alike else value
        state.setdefault(int(number), {})[kind] = placed
    return state
