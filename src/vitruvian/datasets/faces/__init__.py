"""Data sets of faces: a file for each, and the table of their readers."""

from vitruvian.datasets.dataset import Reader
from vitruvian.datasets.faces import aflw, cofw, dlib_xml, lapa, pts, w300, wflw

FACES: dict[str, Reader] = {
    "300w": w300.READER,
    "aflw": aflw.READER,
    "cofw": cofw.READER,
    "dlib_xml": dlib_xml.READER,
    "lapa": lapa.READER,
    "pts": pts.READER,
    "wflw": wflw.READER,
}
