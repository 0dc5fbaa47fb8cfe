"""COCO keypoints: people in everyday photographs, 17 keypoints; crowds and people without any are among them."""

from functools import partial

from vitruvian.datasets.coco_file import CocoFile, as_written
from vitruvian.datasets.dataset import About

ABOUT = About(
    title="COCO keypoints (2017)",
    licence="annotations CC BY 4.0; each image has its Flickr licence, which the file names",
    citation="Lin et al., Microsoft COCO: Common Objects in Context, ECCV 2014",
    url="https://cocodataset.org/#keypoints-2017",
)
PLACES = ("../train2017", "../val2017", "../images")

COCO = CocoFile("coco", "coco17", ABOUT, PLACES, partial(as_written, 17))
READER = COCO.reader("person_keypoints_train2017.json, in COCO's layout")
