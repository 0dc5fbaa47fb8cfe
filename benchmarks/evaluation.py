"""OKS AP of a set as large as COCO's validation images, beside pycocotools: `python -m benchmarks.evaluation`.

Labels and predictions are in memory, here as arrays, there as the lists that its files hold.
"""

import contextlib
import io
from importlib.metadata import version
from typing import Any

import numpy as np

from benchmarks.timing import Finding, Report, Timing, finish, options, ratio, timed
from vitruvian.metrics import OksTally, bootstrap, oks_ap, oks_ap_wholebody
from vitruvian.structures import Labels, Predictions, Skeleton, skeleton

IMAGES, WITH_PEOPLE = 5000, 2693  # as in COCO val2017, like the numbers of people
PEOPLE, WITH_KEYPOINTS = 11004, 6352
ANSWERS = 12500
DRAWS = 1000
EQUAL = 1e-9  # how far our numbers and pycocotools' may be apart


def labels_of(keypoints: int) -> Labels:
    """People of all sizes, some images crowded, the keypoints of almost half of the people unlabelled."""
    rng = np.random.default_rng(0)
    crowded = rng.exponential(size=WITH_PEOPLE)
    image = np.append(np.arange(WITH_PEOPLE), rng.choice(WITH_PEOPLE, PEOPLE - WITH_PEOPLE, p=crowded / crowded.sum()))
    corner, size = rng.uniform(0, 300, (PEOPLE, 2)), np.exp(rng.uniform(3, 6, (PEOPLE, 2)))
    xy = corner[:, None] + rng.random((PEOPLE, keypoints, 2)) * size[:, None]
    labelled = (rng.random((PEOPLE, keypoints)) < 0.7) & (rng.permutation(PEOPLE) < WITH_KEYPOINTS)[:, None]
    return Labels(
        files=np.array([f"{number}.jpg" for number in range(IMAGES)]),
        sizes=np.full((IMAGES, 2), 640, np.int32),
        image_ids=np.arange(IMAGES),
        groups=np.arange(IMAGES),
        image=image.astype(np.int32),
        ids=np.arange(1, PEOPLE + 1),
        xy=np.where(labelled[..., None], xy, np.nan),
        visible=np.where(labelled, 2, 0).astype(np.uint8),
        boxes=np.concatenate([corner, corner + size], 1),
        area=0.6 * size.prod(1),
        crowd=rng.random(PEOPLE) < 0.02,
    )


def predictions_for(labels: Labels) -> Predictions:
    """Answers for labelled people, from almost right to wrong, some people twice."""
    rng = np.random.default_rng(1)
    people = rng.choice(len(labels), ANSWERS)
    corner, size = labels.boxes[people, None, :2], labels.boxes[people, None, 2:] - labels.boxes[people, None, :2]
    guess = corner + rng.random((ANSWERS, labels.keypoints, 2)) * size
    off = np.sqrt(labels.area[people])[:, None, None] * rng.exponential(0.1, (ANSWERS, 1, 1))
    xy = np.where(np.isnan(labels.xy[people]), guess, labels.xy[people]) + off * rng.normal(size=guess.shape)
    confidence = np.exp(-off[:, 0, 0] / np.sqrt(labels.area[people])) * rng.uniform(0.5, 1, ANSWERS)
    score = np.ones(xy.shape[:2])
    return Predictions(labels.image[people], xy, score, confidence, np.full((ANSWERS, 4), np.nan))


def as_coco(labels: Labels, predictions: Predictions) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What COCO's files of annotations and of results hold."""
    triples = np.concatenate([np.nan_to_num(labels.xy), labels.visible[..., None]], -1).reshape(PEOPLE, -1)
    boxes = np.concatenate([labels.boxes[:, :2], labels.boxes[:, 2:] - labels.boxes[:, :2]], 1)
    people = [
        {"id": row + 1, "image_id": int(labels.image[row]), "category_id": 1, "keypoints": triples[row].tolist(),
         "num_keypoints": int((labels.visible[row] > 0).sum()), "bbox": boxes[row].tolist(),
         "area": float(labels.area[row]), "iscrowd": int(labels.crowd[row])}
        for row in range(PEOPLE)
    ]  # fmt: skip
    points = np.concatenate([predictions.xy, predictions.score[..., None]], -1).reshape(ANSWERS, -1)
    answers = [
        {"image_id": int(predictions.image[row]), "category_id": 1, "keypoints": points[row].tolist(),
         "score": float(predictions.confidence[row])}
        for row in range(ANSWERS)
    ]  # fmt: skip
    images = [{"id": number, "width": 640, "height": 640, "file_name": ""} for number in range(IMAGES)]
    names = [f"keypoint {k}" for k in range(labels.keypoints)]
    categories = [{"id": 1, "name": "person", "keypoints": names, "skeleton": []}]
    return {"images": images, "annotations": people, "categories": categories}, answers


def by_pycocotools(truth: dict[str, Any], answers: list[dict[str, Any]]) -> np.ndarray:
    """Its ten numbers."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        true = COCO()
        true.dataset = truth
        true.createIndex()
        evaluation = COCOeval(true, true.loadRes(answers), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return np.asarray(evaluation.stats)


def by_hotcoco(truth: dict[str, Any], answers: list[dict[str, Any]]) -> np.ndarray:
    """The same from hotcoco, from the same lists."""
    import hotcoco

    true = hotcoco.COCO()
    true.dataset = truth
    evaluation = hotcoco.COCOeval(true, true.load_res(answers), "keypoints")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summary_lines()
    return np.asarray(evaluation.stats)


def beside_pycocotools(body: Skeleton, repeats: int) -> tuple[list[Timing], list[Finding]]:
    """One evaluation, from arrays or lists to the ten numbers."""
    labels = labels_of(len(body))
    predictions = predictions_for(labels)
    truth, answers = as_coco(labels, predictions)
    found = np.array(list(oks_ap(labels, predictions, body).values().values()))
    apart = np.abs(found - by_pycocotools(truth, answers)).max()
    assert apart <= EQUAL, f"our numbers and pycocotools' are {apart} apart"
    cases = {
        "oks_ap": lambda: oks_ap(labels, predictions, body).values(),
        "hotcoco from lists": lambda: by_hotcoco(truth, answers),
        "pycocotools": lambda: by_pycocotools(truth, answers),
    }
    timings = timed(cases, repeats, warm_up=1)
    return list(timings.values()), [
        ratio("OKS AP: pycocotools / oks_ap", timings, "pycocotools", "oks_ap", ">= 20"),
        ratio("OKS AP: oks_ap / hotcoco from lists", timings, "oks_ap", "hotcoco from lists"),
    ]


def intervals(body: Skeleton, repeats: int) -> tuple[list[Timing], list[Finding]]:
    """What an interval needs: the matches of every image, once, and then sums over drawn images, a thousand times."""
    labels = labels_of(len(body))
    predictions = predictions_for(labels)
    once, tally = np.ones(IMAGES), oks_ap(labels, predictions, body)
    tally.values(once)
    cases = {
        "matches of every image": lambda: oks_ap(labels, predictions, body).values(once),
        "one draw": lambda: tally.values(once),
    }
    timings = timed(cases, repeats, warm_up=1)
    timings |= timed({f"{DRAWS} draws": lambda: bootstrap(_anew(tally), DRAWS)}, repeats=1, warm_up=0)
    return list(timings.values()), [
        Finding(f"seconds for an interval of {DRAWS} draws", timings[f"{DRAWS} draws"].median / 1e3)
    ]


def _anew(tally: OksTally) -> OksTally:
    """The same tally with nothing worked out yet."""
    return OksTally(tally.labelled, tally.answered, tally.sigmas, tally.order)


def whole_bodies(repeats: int) -> list[Timing]:
    """133 keypoints: the whole and its five parts."""
    whole = skeleton("coco_wholebody133")
    labels = labels_of(len(whole))
    predictions = predictions_for(labels)
    cases = {"oks_ap_wholebody": lambda: oks_ap_wholebody(labels, predictions, whole).values()}
    return list(timed(cases, repeats, warm_up=1).values())


def measure(repeats: int) -> Report:
    """Everything; hotcoco uses all cores, pycocotools one."""
    body = skeleton("coco17")
    settings = {"images": IMAGES, "people": PEOPLE, "predictions": ANSWERS, "keypoints": len(body), "draws": DRAWS}
    settings |= {package: version(package) for package in ("hotcoco", "pycocotools")}
    one, many = beside_pycocotools(body, repeats), intervals(body, max(2, repeats // 2))
    timings = [*one[0], *many[0], *whole_bodies(max(2, repeats // 3))]
    return Report("evaluation", settings, timings, [*one[1], *many[1]])


if __name__ == "__main__":
    arguments = options(__doc__, repeats=7)
    finish(measure(arguments.repeats), arguments.out)
