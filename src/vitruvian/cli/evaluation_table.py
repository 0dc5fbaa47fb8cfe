"""An `Evaluation` on the screen: what was scored, the scores with their intervals, joint by joint."""

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table

from vitruvian.inference import Diagnosis, Evaluation, Measured, by_reason
from vitruvian.structures import Skeleton

Values = Mapping[str, Measured]

JOINTS = 40  # of a longer skeleton, such as a whole body, the single joints are in the file alone


def print_evaluation(result: Evaluation, skeleton: Skeleton) -> None:
    """The whole of a result, to stdout."""
    screen = Console()
    for line in summary(result):
        screen.print(line, markup=False, highlight=False)
    screen.print(totals(result, skeleton))
    joints = by_joint(result, skeleton)
    if joints is not None:
        screen.print(joints)
    if result.calibration is not None and result.calibration.error is not None:
        screen.print(f"calibration error of the scores: {result.calibration.error:.3f}", highlight=False)
    if result.differences is not None:
        screen.print(difference_table(result, result.differences, skeleton))
    if result.errors is not None:
        screen.print(error_table(result.errors))


def summary(result: Evaluation) -> Iterator[str]:
    """What was scored and what was left out, a sentence a line."""
    counts = result.counts
    who = name_of(result)
    boxes = {"ground truth": "in the labelled boxes", "detections": f"in the boxes of {result.settings.boxes}"}
    where = boxes.get(result.protocol.boxes, "")
    instances, images = _count(counts.instances, "instance", "instances"), _count(counts.images, "image", "images")
    given = f"{_count(counts.predictions, 'prediction', 'predictions')} for " if result.model is None else ""
    yield f"{who} on {result.data.name}, {given}{instances} in {images} {where}".rstrip()
    yield from (f"note: {note}" for note in result.data.notes)
    if counts.without_box:
        yield f"left out: {_count(counts.without_box, 'instance', 'instances')} without a usable box"
    if counts.few_joints:
        few = _count(counts.few_joints, "instance", "instances")
        yield f"left out: {few} with fewer than {result.protocol.min_joints} labelled joints"
    if counts.bad_images:
        yield f"left out: {_count(counts.bad_images, 'image', 'images')} that cannot be read"
    yield from (f"not scored: {sentence}" for sentence in by_reason(result.not_scored))


def name_of(result: Evaluation) -> str:
    """The model, or the file of predictions."""
    return result.model.name if result.model is not None else result.settings.predictions or ""


def totals(result: Evaluation, skeleton: Skeleton) -> Table:
    """A row for every value that is not of one joint: the value, its interval, how many instances it is about."""
    table = Table()
    mean_pose = any(one.mean_pose is not None for score in result.scores.values() for one in score.values.values())
    for heading in ("score", "value", "95 % interval", "instances", *["mean pose"] * mean_pose):
        table.add_column(heading, justify="left" if heading == "score" else "right")
    for name, score in result.scores.items():
        rows = [(value, one) for value, one in score.values.items() if joint_of(value, skeleton) is None]
        for number, (value, one) in enumerate(rows, start=1):
            cells = [f"{name} {value}", text(one.value), interval(one), _number(one.instances)]
            table.add_row(*cells, *[text(one.mean_pose)] * mean_pose, end_section=number == len(rows))
    return table


def by_joint(result: Evaluation, skeleton: Skeleton) -> Table | None:
    """A row for every joint, a column for every score that tells joints apart; None where none does, and for many."""
    columns: dict[str, dict[str, Measured]] = {}
    for name, score in result.scores.items():
        for value, one in score.values.items():
            joint = joint_of(value, skeleton)
            if joint is not None:
                columns.setdefault(f"{name} {value.removesuffix(joint).strip()}", {})[joint] = one
    if not columns or len(skeleton) > JOINTS:
        return None
    table = Table()
    table.add_column("joint")
    for heading in columns:
        table.add_column(heading, justify="right")
    for joint in skeleton.names:
        table.add_row(joint, *(_joint_cell(values.get(joint)) for values in columns.values()))
    return table


def _joint_cell(one: Measured | None) -> str:
    return "" if one is None else f"{text(one.value)} {spread(one)}".strip()


def difference_table(result: Evaluation, differences: Mapping[str, Values], skeleton: Skeleton) -> Table:
    """How much better or worse than other predictions, and whether that could be chance."""
    table = Table(title=f"{name_of(result)} minus {result.settings.compare}", title_justify="left")
    for heading in ("score", "difference", "95 % interval", ""):
        table.add_column(heading, justify="right" if heading not in ("score", "") else "left")
    for name, values in differences.items():
        for value, one in values.items():
            if joint_of(value, skeleton) is None:
                table.add_row(
                    f"{name} {value}",
                    text(one.value, "+"),
                    interval(one, "+"),
                    verdict(one, result.scores[name].higher_is_better),
                )
    return table


def error_table(errors: Diagnosis) -> Table:
    """The share of each kind of error, and what AP would be if it alone were mended."""
    table = Table(title=f"errors: AP is {text(errors.ap)}; if one kind were mended", title_justify="left")
    for heading in ("kind", "share of points", "AP", "gain", "95 % interval"):
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    table.add_row("good", text(errors.good), end_section=True)
    for kind, cost in errors.kinds.items():
        table.add_row(kind, text(cost.share), text(cost.mended), text(cost.gain.value, "+"), interval(cost.gain, "+"))
    table.caption = f"shares of the labelled points of {_count(errors.matched, 'person', 'people')} found"
    return table


def joint_of(value: str, skeleton: Skeleton) -> str | None:
    """The joint that a value is of, as its name ends in: "PCK@0.2 left_wrist"; None for one of all together."""
    endings = [name for name in skeleton.names if value.endswith(f" {name}")]
    return max(endings, key=len, default=None)


def text(value: float | None, sign: str = "") -> str:
    """A number with three digits after the point, or fewer where it is large; a dash for none."""
    if value is None:
        return "-"
    return f"{value:{sign}.3f}" if abs(value) < 10 else f"{value:{sign}.2f}"


def interval(one: Measured, sign: str = "") -> str:
    """The ends of the interval."""
    return "" if one.low is None or one.high is None else f"{text(one.low, sign)} to {text(one.high, sign)}"


def spread(one: Measured) -> str:
    """Half the width of the interval."""
    return "" if one.low is None or one.high is None else f"± {text((one.high - one.low) / 2)}"


def verdict(one: Measured, higher_is_better: bool) -> str:
    """Which side zero is on of the interval of a difference."""
    if one.low is None or one.high is None:
        return ""
    if one.low == one.high == 0:
        return "the same"
    if one.low <= 0 <= one.high:
        return "could be chance"
    return "surely better" if (one.low > 0) == higher_is_better else "surely worse"


def _number(count: int | None) -> str:
    return "-" if count is None else str(count)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
