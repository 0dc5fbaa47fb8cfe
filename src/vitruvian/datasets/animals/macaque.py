"""MacaquePose: COCO's 17 keypoints of macaques, converted to COCO's layout."""

from functools import partial

from vitruvian.datasets.coco_file import CocoFile, as_written
from vitruvian.datasets.dataset import About

ABOUT = About(
    title="MacaquePose",
    licence="not stated by the source",
    citation="Labuguen et al., MacaquePose: A novel 'in the wild' macaque monkey pose dataset for markerless motion "
    "capture, Frontiers in Behavioral Neuroscience 2021",
    url="http://www2.ehub.kyoto-u.ac.jp/datasets/macaquepose/index.html",
)
PLACES = (".", "..", "../images")

MACAQUE = CocoFile("macaque", "coco17", ABOUT, PLACES, partial(as_written, 17))
READER = MACAQUE.reader("a conversion to COCO's layout such as macaque_test.json")
