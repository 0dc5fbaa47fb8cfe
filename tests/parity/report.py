"""Comparing a folder: the table of checks, and the summary of what agreed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import codec, loss, metric, metric_oks, model, model_train, tracking, transform
from .cases import Case, NotCovered, kind_of, list_ids, read_case
from .findings import Finding

Check = Callable[[Case], Iterable[Finding]]

# Kind of case -> its check. A kind that is not here is one that the library does not cover yet.
CHECKS: dict[str, Check] = {
    **codec.CHECKS,
    **loss.CHECKS,
    **metric.CHECKS,
    **metric_oks.CHECKS,
    **tracking.CHECKS,
    "model": model.check_model,
    "model_predict": model.check_predict,
    "model_train": model_train.check_model_train,
    "transform/bbox": transform.check_bbox,
    "transform/bbox_overlaps": transform.check_bbox_overlaps,
    "transform/bottomup_resize": transform.check_bottomup_resize,
    "transform/flip_heatmaps": transform.check_flip_heatmaps,
    "transform/flip_keypoints": transform.check_flip_keypoints,
    "transform/normalise": transform.check_normalise,
    "transform/topdown_affine": transform.check_topdown_affine,
    "transform/warp_matrix": transform.check_warp_matrix,
    "transform/warp_points": transform.check_warp_points,
}


@dataclass
class Tally:
    """How the cases of one kind, or of all, came out.

    failures: "case: array: problem"; skipped: reason -> number of cases.
    """

    passed: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def compare(root: Path) -> dict[str, Tally]:
    """Every case of a folder of reference numbers -> how each kind came out, in alphabetical order."""
    tallies: dict[str, Tally] = {}
    for case_id, with_arrays in sorted(list_ids(root)):
        tally = tallies.setdefault(kind_of(case_id), Tally())
        problems: list[str] = []
        try:
            problems.extend(_problems(root, case_id, with_arrays))
        except NotCovered as reason:
            if not problems:  # what disagrees stays a disagreement, whatever the rest of the case is
                tally.skipped[str(reason)] += 1
                continue
        tally.failures += [f"{case_id}: {problem}" for problem in problems]
        tally.failed += bool(problems)
        tally.passed += not problems
    return tallies


def _problems(root: Path, case_id: str, with_arrays: bool) -> Iterator[str]:
    """What is wrong with one case, files that are missing among it. Raises NotCovered for what there is no check of."""
    check = CHECKS.get(kind_of(case_id))
    if check is None:
        raise NotCovered("no check for this kind")
    try:
        case = read_case(root, case_id, with_arrays)
    except NotCovered as reason:  # the library has the kind, so the case counts
        yield str(reason)
        return
    except Exception as error:
        yield f"cannot be read, {type(error).__name__}: {error}"
        return
    compared = 0
    try:
        for finding in check(case):
            compared += 1
            if finding.problem is not None:
                yield f"{finding.what}: {finding.problem}"
    except NotCovered:
        raise
    except Exception as error:  # whatever stops a check is a disagreement, and must not stop the others
        yield f"{type(error).__name__}: {error}"
    else:
        if not compared:
            yield "nothing was compared"


def lines(tallies: dict[str, Tally]) -> Iterator[str]:
    """The report: one line a kind, with what failed and why something was skipped below it, and the totals."""
    for kind, tally in tallies.items():
        skipped = tally.skipped.total()
        yield f"{kind}: {tally.passed} passed, {tally.failed} failed, {skipped} not covered yet"
        yield from (f"    {failure}" for failure in tally.failures)
        if kind in CHECKS:
            yield from (f"    {count} x {reason}" for reason, count in tally.skipped.items())
    passed, failed = (sum(getattr(tally, name) for tally in tallies.values()) for name in ("passed", "failed"))
    skipped = sum(tally.skipped.total() for tally in tallies.values())
    yield f"{passed} passed, {failed} failed, {skipped} skipped"
