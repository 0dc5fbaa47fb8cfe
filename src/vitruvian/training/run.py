"""A whole training run: from a recipe and labelled people to checkpoints, and on from where it was stopped."""

import contextlib
import math
import signal
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from vitruvian.datasets import CropBatches, CropSettings, Dataset, Endless, Everybody, Pixels, batch_counts
from vitruvian.errors import DataError, NotFiniteError, RecipeError
from vitruvian.folders import make_folder
from vitruvian.recipes import Recipe, build, load_checkpoint, load_weights, save_checkpoint
from vitruvian.training.check import Check, check
from vitruvian.training.fingerprint import fingerprints
from vitruvian.training.hardware import Hardware, Team, team
from vitruvian.training.interrupts import held_back
from vitruvian.training.loader import load
from vitruvian.training.loop import Step, train
from vitruvian.training.progress import Run
from vitruvian.training.sharding import whole_model
from vitruvian.training.state import Checked, load_state, save_state

BEST, LAST, STATE = "best.safetensors", "last.safetensors", "state.safetensors"


@dataclass(frozen=True, eq=False)
class Job:
    """What to train, on whom, and where to put it.

    data:     whom to train on, in the skeleton of the recipe.
    out:      folder of the files `BEST`, `LAST` and `STATE`.
    held_out: labels that are not trained on, by which checkpoints are compared; None: the last is the best.
    score:    a name in SCORES, whose first number compares them.
    every:    steps between two checks, and between two times that all is saved.
    start:    a checkpoint to begin with, of the recipe's model; None for fresh weights.
    endless:  pictures, such as rendered ones, that fill their share of every batch; `data` may be `nobody` then.
    """

    recipe: Recipe
    data: Everybody
    out: Path
    held_out: Dataset | None = None
    score: str = "pck_box"
    every: int = 500
    start: Path | None = None
    hardware: Hardware = field(default_factory=Hardware)
    endless: tuple[Endless, ...] = ()

    @property
    def steps(self) -> int:
        """Of the whole run. Raises RecipeError for epochs of pictures that are all endless, and as `batch_counts`."""
        labelled, whole = self.labelled, self.recipe.batch_size
        if labelled == 0 and self.recipe.epochs is not None:
            raise RecipeError(f"{self.recipe.epochs} epochs of pictures that never end; set steps instead")
        return self.recipe.steps_for(math.ceil(self.data.showings * whole / labelled) if labelled else whole)

    @property
    def labelled(self) -> int:
        """Crops of a batch that are of labelled images; the others are of endless pictures."""
        return batch_counts([one.share for one in self.endless], self.recipe.batch_size, len(self.data))[0]


def run(job: Job, resume: bool = False) -> Generator[Step | Check, None, None]:
    """Train; yields every step and every check, and writes checkpoints on the way and at the end.

    `LAST` holds the averaged weights, `BEST` those of the best check. With `resume`, the run goes on from `STATE`, to
    the same bits as if it had never stopped; without it, training is from scratch. Whoever stops early keeps what was
    trained: all is written when the generator is closed, too; a check that is due then is made when the run goes on.
    Started by torchrun, each process runs this, and the first one writes; of a run with weights that are shared out
    over the processes, what was trained since the last time that all was saved is lost when it is stopped.

    Raises DataError for people of another skeleton than the recipe's, RecipeError for batches of fewer crops than there
    are processes, NotFiniteError, with the batch saved in the
    folder, when the loss is not finite any more, and what `load_state` and `check` raise.
    """
    if job.data.skeleton.names != job.recipe.joints.names:
        raise DataError(
            f"the people have the skeleton {job.data.skeleton.name}, the recipe {job.recipe.joints.name}; train with "
            f"the skeleton of the data"
        )
    make_folder(job.out)
    with team(job.hardware.device, job.hardware.shard) as members:
        current = _begin(job, members)
        facts = members.told(fingerprints(job.data, job.held_out, job.score, job.endless) if members.leads else None)
        checked = load_state(job.out / STATE, current, job.recipe, facts) if resume else Checked()
        writer = _Writer(job, facts, current, members, current.done, checked)
        try:
            yield from _steps(job, current, members, writer)
        except NotFiniteError as error:
            raise NotFiniteError(
                f"{error}. The batch is in {_keep(job.out, error, current, members)}", error.batch
            ) from error
        finally:
            writer.finish()


def _begin(job: Job, members: Team) -> Run:
    if job.recipe.batch_size < members.size:
        raise RecipeError(
            f"{members.size} processes cannot share batches of {job.recipe.batch_size}; start fewer, or make the "
            f"batch_size at least {members.size}"
        )
    torch.manual_seed(job.recipe.seed)
    model = build(job.recipe)
    if job.start is not None:
        load_weights(model, load_checkpoint(job.start)[0].state_dict(), str(job.start))
    return Run.begin(model, job.recipe, members, job.hardware.micro_batch)


def _steps(job: Job, current: Run, members: Team, writer: "_Writer") -> Iterator[Step | Check]:
    recipe = job.recipe
    settings = CropSettings(recipe.codec.input_size, recipe.padding, recipe.codec.convention, recipe.augmentation)
    with _pixels(job, settings, members) as pixels:
        batches = CropBatches(job.data, settings, recipe.batch_size, recipe.seed, pixels, job.endless)
        coming = load(batches, current.done, job.steps, job.hardware, members)
        with contextlib.closing(coming):
            if writer.due():
                yield from writer.look()
            told: set[Path] = set()
            for step in train(current, coming, recipe, job.steps, members):
                bad = sorted(set(pixels.unreadable) - told)
                told |= set(bad)
                yield replace(step, notes=(*step.notes, _unreadable(bad))) if bad else step
                if writer.due():
                    yield from writer.look()


@contextlib.contextmanager
def _pixels(job: Job, settings: CropSettings, members: Team) -> Iterator[Pixels]:
    """The images, kept once on each machine: its first process keeps them, and the others look there."""
    keeps = Pixels.of(job.data, settings, job.hardware.cache) if members.local == 0 else contextlib.nullcontext()
    with keeps as own:
        yield members.gather(own)[members.rank - members.local]


@dataclass
class _Writer:
    """Compares and writes what a run leaves behind. saved: steps that are on disk."""

    job: Job
    facts: dict[str, str]
    current: Run
    members: Team
    saved: int
    checked: Checked

    def due(self) -> bool:
        """Whether it is time to check, and that was not done; a run may have been stopped just before."""
        done = self.current.done
        return self.checked.step < done and (done % self.job.every == 0 or done == self.job.steps)

    def look(self) -> Iterator[Check]:
        """Check and save; yields the check, if anybody is held out, before it is saved: so no log can lack it."""
        found = self.check()
        if found is not None:
            yield found
        self.save()

    def check(self) -> Check | None:
        """Look how good the averaged model is; keep it if no other was better."""
        job, done = self.job, self.current.done
        if job.held_out is None:
            self.checked = Checked(None, done)
            return None
        average = whole_model(self.current.average, job.recipe)
        self.members.same(average.buffers())
        found = check(average, job.recipe, job.held_out, job.score, done, self.checked.best, self.members)
        if found.best and self.members.leads:
            save_checkpoint(job.out / BEST, average, job.recipe)
        self.checked = Checked(found.value if found.best else self.checked.best, done)
        return found

    def save(self) -> None:
        """Write the checkpoint and the state; of a run without held-out labels the last is the best."""
        job, current, leads = self.job, self.current, self.members.leads
        average = whole_model(current.average, job.recipe)
        ends = job.held_out is None and current.done == job.steps
        for name in (BEST, LAST) if ends else (LAST,):
            if leads:
                save_checkpoint(job.out / name, average, job.recipe)
        save_state(job.out / STATE, current, job.recipe, self.facts, self.checked, leads)
        self.saved = current.done

    def finish(self) -> None:
        """Write what is not yet written, unless other processes have parts of it, for they may have ended.

        A second Ctrl-C waits for that: torchrun passes on what its processes have had from the terminal already.
        """
        if self.current.done == self.saved or self.members.shards:
            return
        with held_back() as signals:
            self.save()
        for one in signals:
            signal.raise_signal(one)


def _unreadable(paths: Sequence[Path]) -> str:
    """What to say of images found to be damaged."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"{paths[0]}{more} cannot be read; others are shown instead"


def _keep(folder: Path, error: NotFiniteError, current: Run, members: Team) -> Path:
    """Save the batch that the error is about, or of several processes this one's share of it; the file's name."""
    share = "" if members.size == 1 else f"_process_{members.rank}"
    path = folder / f"not_finite_step_{current.done + 1}{share}.npz"
    np.savez_compressed(path, **error.batch)
    return path
