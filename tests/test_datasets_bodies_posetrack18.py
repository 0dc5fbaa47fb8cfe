"""PoseTrack18: a file for each clip, or one of several."""

import json

import numpy as np
import pytest

from vitruvian.datasets import cache
from vitruvian.datasets.bodies import BODIES
from vitruvian.errors import DataError

read_posetrack18 = BODIES["posetrack18"].read


def frame(clip, number, **fields):
    return {"id": 1000 * clip + number, "file_name": f"images/val/{clip:06d}_mpii/{number:06d}.jpg", **fields}


def person(clip, number, track, **fields):
    return {
        "id": 100_000 * clip + 10 * number + track, "image_id": 1000 * clip + number, "track_id": track,
        "keypoints": [5, 6, 1] + [0, 0, 0] * 16, "bbox": [1, 2, 3, 4], "bbox_head": [1, 1, 2, 3], **fields,
    }  # fmt: skip


def clip(number, count=2, **fields):
    """Frames 0, 1 ... with one person, of track 0, in each."""
    return {
        "images": [frame(number, n, **fields) for n in range(count)],
        "annotations": [person(number, n, 0) for n in range(count)],
    }


@pytest.fixture
def write(tmp_path):
    folder = tmp_path / "annotations" / "val"
    folder.mkdir(parents=True)

    def _write(**files):
        for name, content in files.items():
            (folder / f"{name}.json").write_text(json.dumps(content))
        return folder

    return _write


def test_clips_are_groups_with_frames_and_identities(write):
    dataset = read_posetrack18(write(one=clip(1), two=clip(2, 3)))
    labels = dataset.labels
    assert labels.groups.tolist() == [0, 0, 1, 1, 1]
    assert labels.image.tolist() == [0, 1, 2, 3, 4]
    assert labels.image_extras["frame"].tolist() == [0, 1, 0, 1, 2]
    assert labels.tracks.tolist() == [0] * 5
    assert labels.extras["head_box"][0].tolist() == [1, 1, 3, 4]
    assert labels.visible[0].tolist() == [2] + [0] * 16


def test_a_file_is_read_alone_too(write):
    folder = write(one=clip(1), two=clip(2, 3))
    labels = read_posetrack18(folder / "two.json").labels
    assert labels.image_ids.tolist() == [2000, 2001, 2002]


def test_frames_without_labels_and_regions_to_ignore_are_told(write):
    """One polygon (1, 4), (2, 5), (3, 6); a person without a head box."""
    content = clip(1, ignore_regions_x=[[1, 2, 3]], ignore_regions_y=[[4, 5, 6]])
    content["images"].append(frame(1, 7, is_labeled=False, ignore_regions_x=[1, 2], ignore_regions_y=[3, 4]))
    del content["annotations"][1]["bbox_head"]
    labels = read_posetrack18(write(one=content)).labels
    assert labels.image_extras["labelled"].tolist() == [True, True, False]
    (polygon,) = labels.image_extras["ignore_regions"][0]
    assert polygon.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert labels.image_extras["ignore_regions"][2][0].tolist() == [[1, 3], [2, 4]]
    assert np.isnan(labels.extras["head_box"][1]).all()


def test_a_folder_is_opened_from_one_kept_copy(write, tmp_path, monkeypatch):
    monkeypatch.setenv("VITRUVIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cache, "FROM", 1)
    regions = {"ignore_regions_x": [[0, 4, 4]], "ignore_regions_y": [[0, 0, 3]]}
    folder = write(one=clip(1), two=clip(2, 3, **regions))
    for _ in range(2):
        labels = read_posetrack18(folder).labels
        assert [len(polygons) for polygons in labels.image_extras["ignore_regions"]] == [0, 0, 1, 1, 1]
        assert labels.image_extras["ignore_regions"][4][0].tolist() == [[0, 0], [4, 0], [4, 3]]
    assert isinstance(labels.xy.base, np.memmap)
    assert len(list((tmp_path / "home/datasets").iterdir())) == 1


def test_regions_that_are_no_polygons_are_refused(write):
    for across, down in (([[1, 2]], [[1]]), ([[1]], []), ([["a"]], [["b"]])):
        folder = write(one=clip(1, ignore_regions_x=across, ignore_regions_y=down))
        with pytest.raises(DataError, match=r"one\.json: image 1000: ignore_regions_x and ignore_regions_y are no"):
            read_posetrack18(folder)


def test_two_files_of_one_clip_are_refused(write):
    with pytest.raises(DataError, match="two of its files have images in common, by image_ids"):
        read_posetrack18(write(one=clip(1), two=clip(1)))


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no json files; expected the folder with a file of annotations"):
        read_posetrack18(tmp_path)


def test_what_is_left_out_is_counted_file_by_file(write):
    content = clip(1)
    content["annotations"].append(person(1, 9, 1))
    dataset = read_posetrack18(write(one=content, two=clip(2)), skip=True)
    assert dataset.notes == ("left out 1 annotations whose image is not there",)


def test_the_real_clips_read(shared):
    """Three clips of one image: 1, 2 and 11 people; the single file has the same."""
    folder = shared / "realdata/mmpose_samples/posetrack18/annotations"
    clips, whole = read_posetrack18(folder / "val"), read_posetrack18(folder / "test_posetrack18_val.json")
    assert np.bincount(clips.labels.image).tolist() == [1, 2, 11]
    assert sorted(clips.labels.ids.tolist()) == sorted(whole.labels.ids.tolist())
    assert clips.labels.xy[0, 0].tolist() == [621, 471]
    assert clips.labels.extras["head_box"][0].tolist() == [346, 337, 642, 574]
    assert len(set(clips.labels.groups.tolist())) == 3
    assert clips[0].load().ndim == whole[2].load().ndim == 3
