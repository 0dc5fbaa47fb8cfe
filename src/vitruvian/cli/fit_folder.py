"""What `vitruvian fit` keeps in its folder, so that a fit that was killed goes on as it began."""

import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vitruvian.errors import DataError, RecipeError
from vitruvian.folders import write_text

if TYPE_CHECKING:
    from vitruvian.training import Match, Plan

PLAN, START, LABELS, SEEN = "fit.json", "start.safetensors", "held_out.json", "trained_on.json"
SKELETON = "skeleton.toml"  # a guessed one, to correct
MODEL, RESULT, PAGE = "model.onnx", "result.json", "index.html"


AUTO, NONE = "auto", "none"  # models to start from: the one of the package, or no one


@dataclass(frozen=True)
class Asked:
    """What a fit was asked for: the options of the command; data, folder and skeleton are absolute.

    Raises RecipeError for wishes that contradict each other.
    """

    data: str
    form: str | None
    folder: str | None
    by: str | None
    start: str
    joints: tuple[str, ...]
    minutes: float | None
    skeleton: str | None = None

    def __post_init__(self) -> None:
        if self.minutes is not None and not 0 < self.minutes < math.inf:
            raise RecipeError(f"--minutes must be more than 0, got {self.minutes}")
        if self.joints and self.start == NONE:
            raise RecipeError(
                f"--joint {self.joints[0]} corrects the joints of a starting model; say with --from which"
            )
        for one in self.joints:
            if not one.partition("=")[0] or "=" not in one:
                raise RecipeError(
                    f'--joint takes NEW=OLD, a joint of the labels and one of the starting model, got "{one}"; give '
                    f"NEW= for none"
                )

    @property
    def told(self) -> list[tuple[str, str]]:
        """The joints that were told, as pairs."""
        return [(joint, other) for joint, _, other in (one.partition("=") for one in self.joints)]


@dataclass(frozen=True, eq=False)
class Decided:
    """What was decided before training: the plan, the joints of the starting model, and the score that compares."""

    plan: "Plan"
    matches: "tuple[Match, ...]"
    score: str
    notes: tuple[str, ...]


def keep(out: Path, asked: Asked, decided: Decided) -> None:
    """Write what was asked and decided."""
    from vitruvian.recipes import recipe_to_dict

    plan = decided.plan
    content = {
        "asked": asdict(asked),
        "recipe": recipe_to_dict(plan.recipe),
        "reasons": plan.reasons,
        "every": plan.every,
        "patience": plan.patience,
        "matches": [asdict(one) for one in decided.matches],
        "score": decided.score,
        "notes": decided.notes,
    }
    write_text(out / PLAN, msgspec.json.format(msgspec.json.encode(content), indent=1).decode() + "\n")


def kept(out: Path, asked: Asked) -> Decided | None:
    """What an earlier fit with the same wishes decided; None where there was none.

    Raises RecipeError where the folder holds a fit of other wishes, DataError for a damaged file.
    """
    from vitruvian.recipes import recipe_from_dict
    from vitruvian.training import Match, Plan

    path = out / PLAN
    if not path.is_file():
        return None
    try:
        content: dict[str, Any] = msgspec.json.decode(path.read_bytes())
        earlier = msgspec.convert(content["asked"], Asked)
        matches = msgspec.convert(content["matches"], tuple[Match, ...])
        every, patience = int(content["every"]), int(content["patience"])
        plan = Plan(recipe_from_dict(content["recipe"]), dict(content["reasons"]), every, patience)
        decided = Decided(plan, matches, str(content["score"]), tuple(content["notes"]))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is damaged ({error}); choose another --out, or remove {out}") from error
    _check_same(out, earlier, asked)
    return decided


def _check_same(out: Path, earlier: Asked, asked: Asked) -> None:
    changed = [part.name for part in fields(Asked) if getattr(earlier, part.name) != getattr(asked, part.name)]
    if changed:
        said = ", ".join(f"{name} {getattr(earlier, name)!r} -> {getattr(asked, name)!r}" for name in changed)
        raise RecipeError(
            f"{out} holds a fit that was asked for otherwise ({said}); ask as before to go on with it, or choose "
            f"another --out"
        )
