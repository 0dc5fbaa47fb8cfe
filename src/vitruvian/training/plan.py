"""How to train on labels that nobody has trained on: a recipe from a few facts, each choice with its reason."""

import math
from dataclasses import dataclass, field, replace

from vitruvian.codecs import ProbabilityHeatmap
from vitruvian.datasets import Augmentation
from vitruvian.recipes import Recipe
from vitruvian.runtime import BUNDLED, DEFAULT
from vitruvian.structures import SKELETONS, Skeleton
from vitruvian.training.facts import Facts
from vitruvian.training.joint_map import match

GRID = 32  # pixels: all models of the plan take sides that are multiples of it
SLIM = 3.0  # the most that one side of an input is longer than the other
PADDING = 1.25
ANY_SIZE = ("hrnet", "residual_unet", "simple_baseline")  # beginnings of names of models that take inputs of any size
MUCH, VERY_MUCH = 2_000, 20_000  # people from which larger models are worth their time
CROPS = 4_000  # that one person would be worth; they grow with the square root of the people
MINUTES, LEAST_MINUTES = 0.5, 2.0  # with the square root of the people; five for a hundred
SHARE = 0.85  # of the time that is training; the rest is looking how good it is, and the export
CHECKS = 24  # of the held-out images, over a run
APART = 10  # steps, at least, from one to the next
PATIENCE = 8  # checks without a better one, after which training ends
SHORTEST, LONGEST = 20, 300_000  # steps
FEWEST_TURNS, MOST_TURNS = 15.0, 180.0  # degrees


@dataclass(frozen=True)
class Machine:
    """What training runs on. cores: of the processor; gpu_memory: GiB of the graphics card, 0 without one.

    bfloat16: whether it calculates faster with 16 bits than with 32.
    """

    cores: int
    gpu_memory: float = 0.0
    bfloat16: bool = False


@dataclass(frozen=True)
class Plan:
    """A recipe, and why it is what it is: what was chosen -> a sentence, in the order of choosing.

    every: steps between two looks at the held-out images; patience: looks without a better one that end the training.
    """

    recipe: Recipe
    reasons: dict[str, str] = field(default_factory=dict)
    every: int = 100
    patience: int = PATIENCE


def plan(facts: Facts, skeleton: Skeleton, machine: Machine, start: Recipe | None = None) -> Plan:
    """The recipe for labels with these facts; `timed` says how long it runs.

    start: of the model to go on from, which then says what the model, its codec and its losses are.
    """
    reasons: dict[str, str] = {}
    if start is None:
        model = _model(facts, machine, reasons)
        codec = _codec(_input_size(facts, machine, reasons), reasons)
        kind = Recipe(skeleton, model, codec, "heatmap_cross_entropy", padding=PADDING, learning_rate=2e-3)
    else:
        kind = _of_start(start, skeleton, facts, machine, reasons)
    recipe = replace(
        kind,
        padding=1.0 if facts.whole else kind.padding,
        augmentation=_augmentation(facts, reasons),
        batch_size=_batch_size(facts, machine),
        precision="bfloat16" if machine.bfloat16 else "float32",
    )
    reasons["learning"] = _learning(recipe, start is None)
    return Plan(recipe, reasons)


def usual_start(facts: Facts, skeleton: Skeleton, machine: Machine) -> str | None:
    """The model of the package to go on from, where nothing else is asked for; None where a larger one is trained.

    The default one where most of the joints on either side match by name; else the one of which most do; else one of
    as many joints, as those of faces often have no names; else the default one.
    """
    if not _small(facts, machine):
        return None
    theirs = {name: SKELETONS[one.skeleton] for name, one in BUNDLED.items()}
    known = {name: sum(one.start is not None for one in match(skeleton, other)) for name, other in theirs.items()}
    best = max(known, key=lambda name: known[name])
    if known[best] and 2 * known[DEFAULT] < min(len(skeleton), len(theirs[DEFAULT])):
        return best
    alike = [name for name, other in theirs.items() if len(other) == len(skeleton)]
    return DEFAULT if known[best] or not alike else alike[0]


def _small(facts: Facts, machine: Machine) -> bool:
    return not machine.gpu_memory or facts.people < MUCH


def timed(chosen: Plan, facts: Facts, crops_per_second: float, minutes: float | None = None) -> Plan:
    """The plan with the length of its run, which is what the people are worth, and what there is time for.

    minutes: that it may take; None for five for a hundred people, and more for more, with their square root. Who gives
             minutes gets up to four times what the people are worth.
    """
    recipe, people = chosen.recipe, max(1, facts.people)
    allowed = max(LEAST_MINUTES, MINUTES * math.sqrt(people)) if minutes is None else minutes
    worth = CROPS * math.sqrt(people) * (1 if minutes is None else 4)
    there = SHARE * 60 * allowed * crops_per_second
    steps = round(min(max(min(worth, there) / recipe.batch_size, SHORTEST), LONGEST))
    seconds = steps * recipe.batch_size / crops_per_second / SHARE
    short = "" if worth / (1 if minutes is None else 4) <= there else "; more --minutes would make it better"
    reasons = chosen.reasons | {
        "length": f"{steps:,} steps of {recipe.batch_size} crops, each person about "
        f"{steps * recipe.batch_size / people:,.0f} times; about {duration(seconds)} at the "
        f"{crops_per_second:,.0f} crops a second measured here{short}"
    }
    average = min(0.9995, max(0.9, 1 - 10 / steps))
    longer = replace(recipe.cut_to(steps), warm_up=max(1, min(500, steps // 20)), average=round(average, 4))
    return replace(chosen, recipe=longer, reasons=reasons, every=max(APART, math.ceil(steps / CHECKS)))


def duration(seconds: float) -> str:
    """As people say it: "1 second", "40 seconds", "5 minutes", "2.5 hours"."""
    if seconds < 90:
        return f"{seconds:.0f} second{'s' * (round(seconds) != 1)}"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _model(facts: Facts, machine: Machine, reasons: dict[str, str]) -> str:
    if not _small(facts, machine) and facts.people >= VERY_MUCH:
        model, why = "hrnet_w32", f"{facts.people:,} labelled people and a graphics card are enough for it"
    elif not _small(facts, machine):
        model, why = "simple_baseline_resnet50", f"{facts.people:,} labelled people and a graphics card allow it"
    elif machine.gpu_memory:
        model, why = "residual_unet_small", f"a small one, because {_people(facts)} teach a larger one no more"
    else:
        model, why = "residual_unet_small", "a small one, made to be trained on a processor"
    reasons["model"] = f"{model}: {why}"
    return model


def _input_size(facts: Facts, machine: Machine, reasons: dict[str, str]) -> tuple[int, int]:
    """The shape of the usual box, and an area that does not ask for more detail than it shows."""
    width, height = (max(side, 1.0) for side in facts.size)
    detail = (1.0 if facts.whole else PADDING) * math.sqrt(width * height)
    side = 128 if detail < 160 else 192 if detail < 320 or not machine.gpu_memory else 256
    ratio = min(max(width / height, 1 / SLIM), SLIM)
    size = _aligned(side * math.sqrt(ratio)), _aligned(side / math.sqrt(ratio))
    reasons["input"] = (
        f"{size[0]} x {size[1]} pixels, the shape of the usual box, which is {width:.0f} x {height:.0f}, and no more "
        f"detail than it has" + ("" if machine.gpu_memory else " and a processor has time for")
    )
    return size


def _aligned(side: float) -> int:
    return max(GRID, round(side / GRID) * GRID)


def _codec(size: tuple[int, int], reasons: dict[str, str]) -> ProbabilityHeatmap:
    codec = ProbabilityHeatmap(size)
    reasons["codec"] = (
        f"a map of probabilities for each keypoint, a quarter of the input fine, with a spread of {codec.sigma:g} cell "
        f"and points found between the cells: small inputs lose least by it"
    )
    return codec


def _augmentation(facts: Facts, reasons: dict[str, str]) -> Augmentation:
    degrees, said = _degrees(facts)
    reasons["rotation"] = said
    flip, reasons["flip"] = _flip(facts)
    return Augmentation(flip=flip, degrees=degrees, scale=1.25, shift=0.08, colour=0.3, grey=0.1, cut_out=0.3)


def _degrees(facts: Facts) -> tuple[float, str]:
    if facts.turn is None:
        return 2 * FEWEST_TURNS, "crops turn by up to 30 degrees; too few points are labelled to tell how far poses do"
    degrees = float(round(min(max(1.5 * facts.turn, FEWEST_TURNS), MOST_TURNS)))
    how = f"crops turn by up to {degrees:.0f} degrees"
    return degrees, f"{how}, because nine of ten labelled poses turn by up to {facts.turn:.0f}"


def _flip(facts: Facts) -> tuple[float, str]:
    """The probability of mirroring, and why."""
    if not facts.sides:
        return 0.0, "no crop is mirrored, because it is not known which points would have to be exchanged"
    if facts.mirrors is None:
        known = facts.pairs > 0
        why = "too few are labelled to tell, and the names pair left and right" if known else "nothing tells the sides"
        return 0.5 * known, ("half of the crops are mirrored; " if known else "no crop is mirrored; ") + why
    if facts.mirrors:
        return 0.5, "half of the crops are mirrored, because mirrored labels are like the labels"
    return 0.0, "no crop is mirrored, because mirrored labels are unlike the labels: wrong pairs, or one side is seen"


def _batch_size(facts: Facts, machine: Machine) -> int:
    if machine.gpu_memory:
        return 64 if facts.people >= 500 else 32
    return 32 if facts.people >= 30 else 16


def _learning(recipe: Recipe, fresh: bool) -> str:
    what = "fresh weights" if fresh else "weights that know something"
    return (
        f"AdamW, {recipe.learning_rate:g} at most, for {what}, falling along a cosine; the average of the weights is "
        f"kept; {recipe.precision}, the faster here"
    )


def _of_start(start: Recipe, skeleton: Skeleton, facts: Facts, machine: Machine, reasons: dict[str, str]) -> Recipe:
    """What the starting model is, to be trained anew, and gently; of another input size where it takes any."""
    reasons["model"] = f"{start.model}, as the starting model is"
    codec = start.codec
    if start.model.startswith(ANY_SIZE) and isinstance(codec, ProbabilityHeatmap):
        codec = replace(codec, input_size=_input_size(facts, machine, reasons))
    else:
        reasons["input"] = f"{codec.input_size[0]} x {codec.input_size[1]} pixels, as the starting model has it"
    return Recipe(
        skeleton,
        start.model,
        codec,
        start.loss,
        start.losses,
        start.stages,
        padding=start.padding,
        learning_rate=1e-3,
    )


def _people(facts: Facts) -> str:
    return f"{facts.people:,} labelled {'subject' if facts.people == 1 else 'subjects'}"
