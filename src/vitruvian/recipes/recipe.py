"""Recipe: everything that decides the outcome of a training run."""

import math
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Literal, get_type_hints

from vitruvian.codecs import Codec
from vitruvian.datasets import Augmentation
from vitruvian.errors import RecipeError
from vitruvian.recipes.kinds import fitting, full_name
from vitruvian.structures import Skeleton, skeleton

Optimiser = Literal["adamw", "adam", "sgd"]
Precision = Literal["float32", "bfloat16", "float16"]
RECORDS = ("skeleton", "codec", "stages", "augmentation")  # fields of a recipe that hold more than plain values


@dataclass(frozen=True)
class Stage:
    """How a stage before the last is trained, of a model that answers several times.

    loss:   a name in LOSSES.
    weight: the loss counts this much; that of the last stage counts 1.
    codec:  encodes the targets of this stage, such as wider bumps for a coarser one; None: the recipe's codec.
    """

    loss: str
    weight: float = 1.0
    codec: Codec | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weight < math.inf:
            raise RecipeError(f"stage weight must be finite and not negative, got {self.weight}")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome of a training run, and nothing else. Stored in every checkpoint.

    skeleton:      a name in SKELETONS, or a skeleton of one's own.
    model:         a name in MODELS.
    start:         what training starts from, in words, such as a model's name and the hash of its weights; "" for fresh
                   weights.
    freeze:        beginnings of the names of parameters that do not learn, as "backbone." or "backbone.layer1"; norms
                   among them keep their statistics.
    codec:         what the model answers, and for inputs of which size.
    loss:          a name in LOSSES, for every output of the model; or `LIKELIHOOD`, of "xy" and "spread" together.
    losses:        exceptions from that, as pairs: an output's name and its loss.
    stages:        how the stages before the last are trained, in the order of `PoseModel.stages`: one entry for each,
                   one for all of them, or none, to train them as the last one is.
    augmentation:  how a training crop may differ from the crop around the box.
    padding:       how much larger than the box the crop is.
    batch_size:    crops per optimiser step.
    epochs:        how often every sample is shown; or None, and the length of the run is
    steps:         optimiser steps; None where `epochs` says it. One of the two is set.
    optimiser:     "adamw"; "adam", whose weight decay is part of the gradient; or "sgd" with a momentum of 0.9.
    learning_rate: the peak; a linear warm-up from 0 leads there.
    warm_up:       steps of that.
    milestones:    the rate falls after these epochs (steps, where `steps` is set), to `decay` of what it was, each
                   time. Without any, it follows half a cosine.
    flat:          share of the run after which the cosine begins; the end of the warm-up if that is later.
    floor:         share of the peak at which the cosine ends; 1: the rate stays where it is.
    weight_decay:  on matrices and kernels, not on biases, norms and position embeddings.
    layer_decay:   of a vision transformer: each layer learns this much slower than the one above it; 1: as fast.
    clip:          the largest norm of the gradient; longer ones are shortened to it. None: none is.
    average:       decay per step of the moving average of the weights, which is what is kept; at step n at most
                   n / (n + 10), so that the average soon forgets the start. 0: the weights themselves are kept.
    precision:     of the forward pass; the weights are float32 always. In float16 the loss is scaled up, so that small
                   gradients are not lost.

    Raises RecipeError for a number out of its range. Names are checked where they are looked up, in `build`.
    """

    skeleton: str | Skeleton
    model: str
    codec: Codec
    loss: str
    losses: tuple[tuple[str, str], ...] = ()
    stages: tuple[Stage, ...] = ()
    augmentation: Augmentation = field(default_factory=Augmentation)
    padding: float = 1.25
    batch_size: int = 64
    epochs: int | None = None
    steps: int | None = 10_000
    optimiser: Optimiser = "adamw"
    learning_rate: float = 1e-3
    warm_up: int = 500
    milestones: tuple[float, ...] = ()
    decay: float = 0.1
    flat: float = 0.0
    floor: float = 0.0
    weight_decay: float = 0.05
    layer_decay: float = 1.0
    clip: float | None = 1.0
    average: float = 0.999
    precision: Precision = "float32"
    freeze: tuple[str, ...] = ()
    start: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        self._check_kinds()
        if (self.epochs is None) == (self.steps is None):
            raise RecipeError(
                f"recipe needs epochs or steps, the other None, got epochs {self.epochs} and steps {self.steps}"
            )
        for name in ("batch_size", "epochs", "steps"):
            value = getattr(self, name)
            if value is not None and not value >= 1:
                raise RecipeError(f"recipe {name} must be at least 1, got {value}")
        for name in ("warm_up", "weight_decay", "seed"):
            if not getattr(self, name) >= 0:
                raise RecipeError(f"recipe {name} must not be negative, got {getattr(self, name)}")
        for name in ("padding", "learning_rate", "clip"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise RecipeError(f"recipe {name} must be more than 0, got {value}")
        if not 0 <= self.floor <= 1:
            raise RecipeError(f"recipe floor must be between 0 and 1, got {self.floor}")
        for name in ("average", "flat"):
            if not 0 <= getattr(self, name) < 1:
                raise RecipeError(f"recipe {name} must be at least 0 and less than 1, got {getattr(self, name)}")
        for name in ("decay", "layer_decay"):
            if not 0 < getattr(self, name) <= 1:
                raise RecipeError(f"recipe {name} must be more than 0 and at most 1, got {getattr(self, name)}")
        self._check_milestones()

    def _check_kinds(self) -> None:
        """Every plain field holds what it is declared to; a saved recipe may hold anything."""
        kinds = get_type_hints(Recipe)
        for part in fields(self):
            if part.name not in RECORDS:
                fitting(getattr(self, part.name), kinds[part.name], full_name("", part.name))
        if not isinstance(self.skeleton, str | Skeleton):
            raise RecipeError(f"recipe skeleton must be a name or a skeleton, got {self.skeleton!r}")
        for name in ("padding", "learning_rate", "weight_decay", "clip"):
            value = getattr(self, name)
            if value is not None and value == math.inf:
                raise RecipeError(f"recipe {name} must be finite, got {value}")

    def _check_milestones(self) -> None:
        places = (0, *self.milestones, self.length)
        if not all(before < after for before, after in pairwise(places)):
            unit = "steps" if self.epochs is None else "epochs"
            raise RecipeError(
                f"recipe milestones must rise between 0 and {self.length} {unit}, got {list(self.milestones)}"
            )
        if self.milestones and (self.flat or self.floor):
            raise RecipeError(
                f"recipe flat {self.flat} and floor {self.floor} are of the cosine; with milestones leave them 0"
            )

    @property
    def joints(self) -> Skeleton:
        """The skeleton itself. Raises UnknownNameError for a name in no table."""
        return self.skeleton if isinstance(self.skeleton, Skeleton) else skeleton(self.skeleton)

    @property
    def length(self) -> int:
        """Of the run, in epochs where those are set, else in steps; milestones count in the same unit."""
        length = self.steps if self.epochs is None else self.epochs
        assert length is not None  # one of the two is set
        return length

    def steps_for(self, samples: int) -> int:
        """Optimiser steps of a run on so many samples: `steps`, or as many as show each sample `epochs` times.

        Raises RecipeError for less than one sample.
        """
        if samples < 1:
            raise RecipeError(f"a run needs at least one sample, got {samples}")
        return self.length if self.epochs is None else math.ceil(self.epochs * samples / self.batch_size)

    def cut_to(self, steps: int) -> "Recipe":
        """The same recipe for a run of so many steps, milestones at the same shares of it; to try things out.

        The warm-up takes at most a tenth of the run. Raises RecipeError for less than one step.
        """
        if steps < 1:
            raise RecipeError(f"steps must be at least 1, got {steps}")
        milestones = tuple(place / self.length * steps for place in self.milestones)
        return replace(self, epochs=None, steps=steps, milestones=milestones, warm_up=min(self.warm_up, steps // 10))
