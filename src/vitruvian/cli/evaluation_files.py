"""What `vitruvian evaluate` and `vitruvian score` leave behind: a result, the predictions, charts."""

import sys
from collections.abc import Iterator
from pathlib import Path

from vitruvian.cli.evaluation_table import print_evaluation
from vitruvian.cli.folders import make_writable
from vitruvian.datasets import format_predictions
from vitruvian.draw import check_charts
from vitruvian.errors import RecipeError
from vitruvian.folders import write_text
from vitruvian.inference import Evaluation, Question, Trial


class Files:
    """The files of one evaluation, all beside its result; without one, none.

    Raises RecipeError for charts without a result that they could be beside, DataError for a folder that cannot be
    written into.
    """

    def __init__(self, out: Path | None, plots: bool):
        if plots and out is None:
            raise RecipeError("--plots writes charts beside the result; say with --out where that goes")
        if plots:
            check_charts()
        self.out, self.plots = out, plots
        if out is not None:
            make_writable(out.parent)

    @property
    def journal(self) -> Path | None:
        """Where answers are kept until the result is written."""
        return None if self.out is None else self.out.with_name(f"{self.out.name}.partial")

    def finish(self, question: Question, trial: Trial, result: Evaluation) -> int:
        """Write everything, then print it. Returns the exit code: 1 if there were bad images."""
        written = [] if self.out is None else list(self._write(question, trial, result, self.out))
        print_evaluation(result, question.dataset.skeleton)
        for line in written:
            print(line)
        for bad in result.bad_images:
            print(f"failed: {bad.reason}", file=sys.stderr)
        if result.counts.bad_images:
            print(f"{result.counts.bad_images} images could not be read and are left out", file=sys.stderr)
        return 1 if result.counts.bad_images else 0

    def _write(self, question: Question, trial: Trial, result: Evaluation, out: Path) -> Iterator[str]:
        """Write the files, and say of each where it went."""
        if result.model is not None:
            predictions = out.with_name(f"{out.stem}.predictions.json")
            write_text(predictions, format_predictions(trial.predictions, trial.labels))
            yield f"predictions -> {predictions}"
        write_text(out, result.to_json())
        yield f"result -> {out}"
        if self.journal is not None:
            self.journal.unlink(missing_ok=True)
        if self.plots:
            from vitruvian.cli.evaluation_plots import write_plots

            yield from (f"drawn -> {path}" for path in write_plots(question.dataset, trial, _name(result), out))


def _name(result: Evaluation) -> str:
    return "predictions" if result.model is None else result.model.name
