"""SLEAP's .slp files, through the package sleap-io.

Source: https://io.sleap.ai. The frames of a video are a group; frames of a video file, which are no image files, are
named after it, as in "clip.mp4/000012". A point that is not visible but has a place is hidden; SLEAP leaves such points
out when it trains.
"""

import os
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np

from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.formats.beginnings import the_file
from vitruvian.datasets.formats.columns import ImageRow, InstanceRow, labels_of_rows, usable_name
from vitruvian.datasets.formats.format import LabelFormat
from vitruvian.datasets.formats.losses import Holds, losses
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.own_skeleton import Declared, understand
from vitruvian.errors import DataError, needs
from vitruvian.folders import written_whole
from vitruvian.structures import HIDDEN, UNLABELLED, VISIBLE, Labels, Skeleton

HOLDS = Holds(hidden=True, groups=True, tracks=True, pointless=True, deserted=True, name=True, limbs=True, mirror=True)
PURPOSE = "a .slp file of SLEAP"
PATTERNS = ("*.slp",)


def read_sleap(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """The labels of a .slp file, or of the one in a folder; what SLEAP predicted is passed over, which is noted.

    The images are in `folder`, or where their names have led; by default in the folder that all of them share.
    Raises DataError for what is no such file, and for one with several skeletons.
    """
    path = the_file(path, *PATTERNS)
    content = _loaded(path)
    if len(content.skeletons) != 1:
        raise DataError(f"{path} has {len(content.skeletons)} skeletons, expected one")
    skeleton = content.skeletons[0]
    omissions = Omissions(path, skip)
    place = folder or _shared_folder(content, path)
    images: dict[str, ImageRow] = {}
    instances: list[InstanceRow] = []
    tracks = _tracks(content)
    predicted = 0
    for frame in content.labeled_frames:
        video = next(number for number, one in enumerate(content.videos) if one is frame.video)
        record = f"frame {frame.frame_idx} of video {video}"
        name = usable_name(_file(frame.video, int(frame.frame_idx)), place, record, omissions)
        if name is None:
            continue
        if name in images:
            omissions.add("images that are listed twice", record, f"{name} comes twice, expected once")
            continue
        for instance in frame.user_instances:
            triples = _triples(instance)
            if (np.abs(triples) > FARTHEST).any():
                fault = f"a number is beyond {FARTHEST:g}, expected pixels"
                omissions.add("instances with a number that is no place", record, fault)
                continue
            track = None if instance.track is None else tracks[id(instance.track)]
            instances.append(InstanceRow(len(images), triples, track=track))
        predicted += len(frame.predicted_instances)
        images[name] = ImageRow(name, _size(frame.video), group=video)
    if not images:
        raise DataError(f"{path} has no labelled frame that can be used; expected at least one")
    labels = labels_of_rows([*images.values()], instances, len(skeleton.nodes))
    understood = understand(_declared(skeleton), labels, path)
    passed = (f"{predicted} predicted instances are passed over",) if predicted else ()
    notes = omissions.notes + passed + understood.notes
    return Dataset(path.stem, understood.skeleton, understood.labels, place, notes=notes)


def write_sleap(dataset: Dataset, path: Path) -> tuple[str, ...]:
    """Write the labels; the images of a group make a video. Returns what the format cannot hold."""
    with needs("formats", PURPOSE):
        import sleap_io
    labels, skeleton = dataset.labels, _to_sleap(dataset.skeleton)
    videos, place = {}, np.zeros(labels.images, int)
    for group in dict.fromkeys(labels.groups.tolist()):
        rows = np.flatnonzero(labels.groups == group)
        place[rows] = np.arange(len(rows))
        names = [str(dataset.folder / labels.files[row]) for row in rows]
        about = {"type": "ImageVideo", "filename": names[0], "filenames": names}
        videos[group] = sleap_io.Video(filename=names, backend_metadata=about, open_backend=False)
    known = [] if labels.tracks is None else sorted(set(labels.tracks.tolist()) - {-1})
    tracks = {number: sleap_io.Track(name=str(number)) for number in known}
    frames = []
    for row in range(len(dataset)):
        found = [
            sleap_io.Instance.from_numpy(
                _points(labels, one),
                skeleton=skeleton,
                track=None if labels.tracks is None else tracks.get(int(labels.tracks[one])),
            )
            for one in dataset.instances(row).tolist()
        ]
        video = videos[int(labels.groups[row])]
        frames.append(sleap_io.LabeledFrame(video=video, frame_idx=int(place[row]), instances=found))
    content = sleap_io.Labels(frames, videos=[*videos.values()], skeletons=[skeleton], tracks=[*tracks.values()])
    with written_whole(path.with_suffix(".slp")) as beside:
        sleap_io.save_slp(content, str(beside), verbose=False)
    return losses(dataset, HOLDS)


def recognise_sleap(path: Path) -> bool:
    """A file called .slp, or a folder with one."""
    try:
        file = the_file(path, *PATTERNS)
    except DataError:
        return False
    return file.suffix.lower() == ".slp" and file.is_file()


def _loaded(path: Path) -> Any:
    """What sleap-io reads. Raises DataError for what it cannot."""
    with needs("formats", PURPOSE):
        import sleap_io
    try:
        return sleap_io.load_slp(str(path), open_videos=False)
    except Exception as error:  # of any kind, for whatever is wrong with the file
        raise DataError(f"{path} cannot be read ({type(error).__name__}: {error}); expected {PURPOSE}") from error


def _file(video: Any, frame: int) -> str:
    """The image file of a frame, as the file says; a name made up for a frame of a video."""
    if isinstance(video.filename, list):
        return str(video.filename[frame]).replace("\\", "/")
    return f"{PureWindowsPath(str(video.filename)).name}/{frame:06d}"


def _size(video: Any) -> tuple[int, int]:
    """Width and height of a video's frames; 0 where the file does not say."""
    return (int(video.shape[2]), int(video.shape[1])) if video.shape else (0, 0)


def _tracks(content: Any) -> dict[int, int]:
    """The number of every track, by the identity of its object: its name where all names are numbers, else its row."""
    names = [str(track.name) for track in content.tracks]
    counted = len(set(names)) == len(names) and all(name.isdecimal() for name in names)
    return {id(track): int(track.name) if counted else row for row, track in enumerate(content.tracks)}


def _shared_folder(content: Any, path: Path) -> Path:
    """The folder below which all images are whose full path the file says; that of the file itself without any."""
    names = [str(name) for video in content.videos if isinstance(video.filename, list) for name in video.filename]
    if not names or not all(Path(name).is_absolute() for name in names):
        return path.parent
    return Path(os.path.commonpath([Path(name).parent for name in names]))


def _triples(instance: Any) -> np.ndarray:
    xy = np.asarray(instance.points["xy"], np.float64)
    known, visible = np.isfinite(xy).all(1), np.asarray(instance.points["visible"], bool)
    return np.column_stack([xy, np.where(known, np.where(visible, VISIBLE, HIDDEN), UNLABELLED)])


def _points(labels: Labels, one: int) -> np.ndarray:
    """(K, 3) x, y and whether the point is visible."""
    return np.column_stack([labels.xy[one], labels.visible[one] == VISIBLE])


def _declared(skeleton: Any) -> Declared:
    mirror = list(range(len(skeleton.nodes)))
    for a, b in skeleton.symmetry_inds:
        mirror[a], mirror[b] = b, a
    names = tuple(node.name for node in skeleton.nodes)
    limbs = tuple((int(a), int(b)) for a, b in skeleton.edge_inds)
    symmetric = tuple(mirror) if skeleton.symmetry_inds else None
    return Declared(names, skeleton.name or "own", limbs or None, symmetric)


def _to_sleap(skeleton: Skeleton) -> Any:
    import sleap_io

    nodes = [sleap_io.Node(name) for name in skeleton.names]
    one = sleap_io.Skeleton(nodes, name=skeleton.name)
    for a, b in skeleton.limbs:
        one.add_edge(nodes[a], nodes[b])
    for a, b in enumerate(skeleton.mirror):
        if a < b:
            one.add_symmetry(nodes[a], nodes[b])
    return one


SLEAP = LabelFormat(read_sleap, write_sleap, recognise_sleap, HOLDS, "SLEAP's .slp files", (".slp",))
