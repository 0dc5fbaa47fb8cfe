"""Labels as other programs write them."""

import json
import pickle
import re

import numpy as np
import pytest

from vitruvian.datasets import FORMATS, open_dataset
from vitruvian.errors import DataError
from vitruvian.media import write_image
from vitruvian.structures import SKELETONS

NAN = float("nan")


@pytest.fixture
def put(tmp_path):
    """Writes a text, or what json makes of anything else, and gives its path."""

    def _put(name: str, content: object):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return _put


def image(path, size=(40, 20)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_image(path, np.zeros((size[1], size[0], 3), np.uint8))


CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><labels>
    <label><name>pen</name><type>skeleton</type><svg>&lt;line x1="1" data-type="edge" data-node-from="2"
      stroke-width="0.5" data-node-to="1"&gt;&lt;/line&gt;&lt;circle r="1.5" data-element-id="7" data-node-id="1"
      data-label-name="tip"&gt;&lt;/circle&gt;&lt;circle data-node-id="2" data-label-name="end"&gt;&lt;/circle&gt;</svg>
    </label>
    <label><name>tip</name><type>points</type><parent>pen</parent></label>
    <label><name>end</name><type>points</type><parent>pen</parent></label>
  </labels></task></meta>
  <image id="0" name="a.jpg" width="640" height="480">
    <skeleton label="pen" source="manual" z_order="0" group_id="3">
      <points label="end" outside="0" occluded="1" points="30.50,40.25"></points>
      <points label="tip" outside="0" occluded="0" points="10,20"></points>
    </skeleton>
    <skeleton label="pen" source="manual" z_order="0">
      <points label="tip" outside="1" occluded="0" points="5,5"></points>
      <points label="end" outside="0" occluded="0" points="7,8"></points>
    </skeleton>
    <box label="pen" occluded="0" xtl="1" ytl="2" xbr="60" ybr="70" group_id="3"></box>
    <box label="cup" occluded="0" xtl="1" ytl="2" xbr="60" ybr="70"></box>
  </image>
  <image id="1" name="b.jpg" width="640" height="480"></image>
</annotations>
"""


def test_cvat_skeletons_with_their_box_and_what_is_outside_or_occluded(put):
    dataset = open_dataset(put("annotations.xml", CVAT))
    labels = dataset.labels
    assert (dataset.skeleton.name, dataset.skeleton.names, dataset.skeleton.limbs) == ("pen", ("tip", "end"), ((1, 0),))
    assert labels.files.tolist() == ["a.jpg", "b.jpg"]
    assert labels.sizes.tolist() == [[640, 480], [640, 480]]
    np.testing.assert_array_equal(labels.xy, [[[10, 20], [30.5, 40.25]], [[NAN, NAN], [7, 8]]])
    assert labels.visible.tolist() == [[2, 1], [0, 2]]
    assert labels.boxes.tolist() == [[1, 2, 60, 70], [7, 8, 7, 8]]
    assert "1 boxes that share no group with points are passed over" in dataset.notes


def test_cvat_points_are_joined_by_their_groups(put):
    points = "".join(
        f'<points label="{name}" occluded="0" points="{x},1" group_id="{group}"/>'
        for group, name, x in ((1, "tip", 10), (2, "tip", 20), (2, "end", 21), (1, "end", 11))
    )
    dataset = open_dataset(put("a.xml", f'<annotations><image name="a.jpg">{points}</image></annotations>'))
    assert dataset.skeleton.names == ("tip", "end")
    assert dataset.labels.xy[..., 0].tolist() == [[10, 11], [20, 21]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('points="10,20"', 'points="10,abc"', 'image a.jpg: a point is at "10,abc", expected two numbers'),
        ('points="10,20"', 'points="10,nan"', "expected two numbers"),
        ('points="10,20"', 'points="10,1e308"', "expected two numbers"),
        ('width="640"', 'width="99999999999"', "width and height are 99999999999 and 480, expected numbers over 0"),
        ('label="tip" outside="0"', 'label="end" outside="0"', 'a skeleton has two points called "end"'),
        ('label="tip" outside="0"', 'label="cap" outside="0"', "a point is called 'cap', expected one of tip, end"),
        ('name="b.jpg"', 'name="a.jpg"', "it comes twice, expected once"),
        ('name="b.jpg"', 'name="../b.jpg"', "leads out of the folder"),
        ('xtl="1"', "", "expected two numbers"),
        ("<version>", "<track id='0'/><version>", "is an export for video"),
        ("<annotations>", "<!DOCTYPE x [<!ENTITY a 'b'>]><annotations>", "it has a document type"),
    ],
)
def test_what_is_wrong_with_a_cvat_file_is_named(put, old, new, said):
    path = put("annotations.xml", CVAT.replace(old, new, 1))
    with pytest.raises(DataError, match=re.escape(said)) as caught:
        FORMATS["cvat"].read(path)
    assert str(caught.value).startswith(str(path))


def test_a_bad_image_of_cvat_is_skipped_and_counted(put):
    path = put("annotations.xml", CVAT.replace('points="10,20"', 'points="10,abc"'))
    dataset = open_dataset(path, skip=True)
    assert dataset.labels.files.tolist() == ["b.jpg"]
    assert "left out 1 images that cannot be used" in dataset.notes


def test_cvats_coco_export(put):
    """It lies in the folder annotations, beside the images, with numbers as texts nowhere and empty segmentations."""
    entry = {"id": 1, "image_id": 4, "category_id": 2, "segmentation": [], "area": 200.0, "iscrowd": 0}
    content = {
        "licenses": [{"name": "", "id": 0, "url": ""}],
        "info": {"contributor": "", "date_created": "", "description": "", "url": "", "version": "", "year": ""},
        "categories": [
            {"id": 2, "name": "pen", "supercategory": "", "keypoints": ["tip", "end"], "skeleton": [[2, 1]]}
        ],
        "images": [{"id": 4, "width": 640, "height": 480, "file_name": "a.jpg", "license": 0, "flickr_url": ""}],
        "annotations": [
            entry | {"bbox": [10, 20, 20, 10], "keypoints": [10, 20, 2, 30, 30, 1], "num_keypoints": 2},
            entry | {"id": 2, "bbox": [1, 2, 3, 4], "keypoints": [0, 0, 0, 3.5, 4, 2], "num_keypoints": 1},
        ],
    }
    path = put("annotations/person_keypoints_default.json", content)
    image(path.parent.parent / "images/a.jpg")
    dataset = open_dataset(path.parent.parent)
    assert dataset.path(0).is_file()
    assert (dataset.skeleton.name, dataset.skeleton.limbs, dataset.about.title) == ("pen", ((1, 0),), "own data")
    np.testing.assert_array_equal(dataset.labels.xy, [[[10, 20], [30, 30]], [[NAN, NAN], [3.5, 4]]])


def coco(**changes: object) -> dict[str, object]:
    """An image with an instance of two keypoints; changes to the annotation, or to what the key names."""
    one = {"id": 1, "image_id": 4, "category_id": 2, "keypoints": [10, 20, 2, 30, 30, 1], "bbox": [1, 2, 3, 4]}
    categories = [{"id": 2, "name": "pen", "keypoints": ["tip", "end"]}]
    images = [{"id": 4, "file_name": "a.jpg"}]
    content = {"images": images, "annotations": [one], "categories": categories}
    for key, value in changes.items():
        if key in content:
            content[key] = value
        else:
            one[key] = value
    return content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (coco(keypoints=[1, 2, 2]), "annotation 1: 3 numbers for keypoints, expected 6"),
        (coco(keypoints=[1, 2, "2", 3, 4, 2]), "annotation 1 (entry 0 of its list)"),
        (coco(keypoints=[NAN, 2, 2, 3, 4, 2]), "annotation 1 (entry 0 of its list)"),
        (coco(image_id=5), "there is no image 5"),
        (coco(category_id=3), "there is no category 3"),
        (coco(annotations=[coco()["annotations"][0]] * 2), "two annotations have this id"),
        (coco(images=[{"id": 4, "file_name": "/etc/a.jpg"}]), "leads out of the folder"),
    ],
)
def test_what_is_wrong_with_a_coco_file_is_named_and_can_be_skipped(put, content, said):
    good = {"id": 99, "image_id": 9, "category_id": 2, "keypoints": [1, 2, 2, 3, 4, 2]}
    content["annotations"].append(good)
    content["images"].append({"id": 9, "file_name": "good.jpg"})
    path = put("a.json", content)
    with pytest.raises(DataError, match=re.escape(said)):
        FORMATS["coco_json"].read(path)
    dataset = FORMATS["coco_json"].read(path, skip=True)
    assert 99 in dataset.labels.ids.tolist()
    assert any(note.startswith("left out 1") for note in dataset.notes)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"images": [], "annotations": []}, "has no images"),
        (coco(categories=[{"id": 2, "name": "a", "keypoints": ["x", "y"]}, {"id": 3, "keypoints": ["x", "z"]}]), "a, "),
        (coco(categories=[{"id": 2, "name": "a", "keypoints": ["x", "x"]}]), "names x more than once"),
        (coco(categories=[{"id": 2, "name": "a", "keypoints": ["x", "y"], "skeleton": [[1, 9]]}]), "limb (0, 8)"),
    ],
)
def test_a_coco_file_that_cannot_be_understood_is_refused(put, content, said):
    with pytest.raises(DataError, match=re.escape(said)):
        FORMATS["coco_json"].read(put("a.json", content))


def region(name: str, x: float, y: float, **further: object) -> dict[str, object]:
    value = {"x": x, "y": y, "width": 0.5, "keypointlabels": [name]}
    about = {"original_width": 200, "original_height": 50, "image_rotation": 0, "from_name": "kp", "to_name": "img"}
    return {"id": f"{name}{x}", "type": "keypointlabels", "value": value, **about, **further}


def rectangle(name: str, x: float) -> dict[str, object]:
    value = {"x": x, "y": 10, "width": 20, "height": 40, "rotation": 0, "rectanglelabels": ["pen"]}
    return region("", 0, 0) | {"id": name, "type": "rectanglelabels", "value": value}


def task(*result: dict[str, object], file: str = "/data/upload/3/ab12-a.jpg") -> dict[str, object]:
    return {"id": 7, "data": {"img": file}, "annotations": [{"id": 1, "was_cancelled": False, "result": [*result]}]}


def test_label_studio_keypoints_belong_to_the_rectangle_that_is_their_parent(put):
    """Percent of 200 x 50 pixels: x 10 is 20, y 20 is 10."""
    result = [rectangle("r1", 5), rectangle("r2", 50), region("tip", 10, 20, parentID="r1")]
    result += [region("end", 60, 40, parentID="r2"), region("tip", 55, 20, parentID="r2")]
    dataset = open_dataset(put("project.json", [task(*result)]))
    labels = dataset.labels
    assert dataset.skeleton.names == ("tip", "end")
    assert (labels.files.tolist(), labels.sizes.tolist()) == (["ab12-a.jpg"], [[200, 50]])
    np.testing.assert_allclose(labels.xy, [[[20, 10], [NAN, NAN]], [[110, 10], [120, 20]]])
    np.testing.assert_allclose(labels.boxes, [[10, 5, 50, 25], [100, 5, 140, 25]])


def test_without_rectangles_the_keypoints_of_an_image_are_one_instance(put):
    dataset = open_dataset(put("p.json", [task(region("tip", 10, 20), region("end", 20, 20))]))
    np.testing.assert_allclose(dataset.labels.xy, [[[20, 10], [40, 10]]])


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("https://host/data/upload/1/x-a.jpg", "x-a.jpg"),
        ("/data/local-files/?d=mice/a.jpg", "mice/a.jpg"),
        ("mice/a.jpg", "mice/a.jpg"),
        ("upload/3/a.jpg", "a.jpg"),
        ("https://bucket.host/mice/a%20b.jpg?signature=1", "mice/a b.jpg"),
    ],
)
def test_the_names_of_label_studios_images(put, given, name):
    assert open_dataset(put("p.json", [task(region("tip", 1, 1), file=given)])).labels.files.tolist() == [name]


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ([task(region("tip", 1, 1), region("tip", 2, 2))], "task 1: tip comes twice in one instance"),
        ([task(rectangle("a", 1), rectangle("b", 2), region("tip", 1, 1))], "is in none of 2 rectangles"),
        ([task(region("tip", "ten", 1))], "task 1: Expected `float`, got `str`"),
        ([task(region("tip", NAN, 1))], "task 1: Expected `float`, got `str`"),
        ([task(region("tip", 1e308, 1))], "is at 1e+308, 1 percent"),
        ([task(region("tip", 1, 1, image_rotation=90))], "the image was turned by 90 degrees"),
        ([task(region("tip", 1, 1, original_width=0))], "does not say original_width"),
        ([task(region("tip", 1, 1)), task(region("tip", 1, 1))], "has another task before it"),
        ([task(region("tip", 1, 1), file="nothing")], "expected an image among it"),
        ([task(region("tip", 1, 1), file="/home/me/a.jpg")], "leads out of the folder"),
    ],
)
def test_what_is_wrong_with_a_task_is_named(put, tasks, said):
    path = put("p.json", tasks)
    with pytest.raises(DataError, match=re.escape(said)):
        FORMATS["label_studio"].read(path)


def yolo(put, *lines: str, shape: str = "[2, 3]", further: str = "") -> object:
    """A data set of one image of 40 x 20 pixels."""
    file = put("set/data.yaml", f"train: images/train\nkpt_shape: {shape}\nnames: [pen]\n{further}")
    put("set/labels/train/a.txt", "".join(f"{line}\n" for line in lines))
    image(file.parent / "images/train/a.png")
    return file


def test_the_labelling_interface_is_not_written_over_another_xml(put):
    labels = put("a.xml", CVAT)
    with pytest.raises(DataError, match=r"a\.xml is there, where the labelling interface belongs, and is none"):
        FORMATS["label_studio"].write(open_dataset(labels), labels.with_suffix(".json"))
    assert labels.read_text() == CVAT


def test_yolo_shares_of_the_image_become_pixels(put):
    """40 x 20 pixels: the centre 0.5 0.5 is 20 10; a box 0.5 x 0.5 is 20 x 10."""
    file = yolo(put, "0 0.5 0.5 0.5 0.5 0.25 0.5 2 0.75 0.1 1", "0 0.5 0.5 0.5 0.5 0 0 0 0.75 0.1 1")
    dataset = open_dataset(file.parent)
    assert dataset.skeleton.names == ("keypoint_0", "keypoint_1")
    assert dataset.labels.files.tolist() == ["train/a.png"]
    np.testing.assert_allclose(dataset.labels.xy, [[[10, 10], [30, 2]], [[NAN, NAN], [30, 2]]])
    assert dataset.labels.visible.tolist() == [[2, 1], [0, 1]]
    assert dataset.labels.boxes[0].tolist() == [10, 5, 30, 15]


def test_a_byte_order_mark_before_the_lines_of_yolo_is_no_harm(put):
    file = yolo(put, "\ufeff0 0.5 0.5 0.5 0.5 0.25 0.5 2 0.75 0.1 1")
    assert len(open_dataset(file).labels) == 1


def test_yolo_without_visibility(put):
    file = yolo(put, "0 0.5 0.5 0.5 0.5 0.25 0.5 0 0", shape="[2, 2]", further="kpt_names:\n  0: [tip, end]\n")
    dataset = open_dataset(file)
    assert dataset.skeleton.names == ("tip", "end")
    np.testing.assert_allclose(dataset.labels.xy, [[[10, 10], [NAN, NAN]]])


def test_yolo_names_that_are_missing_are_those_of_the_one_known_skeleton_with_these_pairs(put):
    mirror = list(SKELETONS["coco17"].mirror)
    points = " ".join(["0.5 0.5 2"] * 17)
    file = yolo(put, f"0 0.5 0.5 0.5 0.5 {points}", shape="[17, 3]", further=f"flip_idx: {mirror}\n")
    dataset = open_dataset(file)
    assert dataset.skeleton is SKELETONS["coco17"]
    assert any("taken for coco17" in note for note in dataset.notes)


def test_one_split_of_a_yolo_set_is_opened_by_its_folder_of_images(put):
    file = yolo(put, "0 0.5 0.5 0.5 0.5 0.25 0.5 2 0.75 0.1 1", further="val: images/val\n")
    image(file.parent / "images/val/b.png")
    assert open_dataset(file).labels.files.tolist() == ["train/a.png", "val/b.png"]
    dataset = open_dataset(file.parent / "images/val")
    assert (dataset.labels.files.tolist(), len(dataset.labels)) == (["val/b.png"], 0)


def test_yolo_as_roboflow_lays_it_out(put, monkeypatch):
    """A folder images in each split, and paths that begin one folder too high; opened by a relative path."""
    file = put("set/data.yaml", "train: ../train/images\nval: ../valid/images\nkpt_shape: [1, 3]\nnames: [pen]\n")
    for split in ("train", "valid"):
        image(file.parent / split / "images/a.png")
        put(f"set/{split}/labels/a.txt", "0 0.5 0.5 0.5 0.5 0.25 0.5 2\n")
    monkeypatch.chdir(file.parent.parent)
    labels = open_dataset("set").labels
    assert labels.files.tolist() == ["train/images/a.png", "valid/images/a.png"]
    assert labels.xy.tolist() == [[[10, 10]], [[10, 10]]]
    assert open_dataset("set/valid/images").labels.files.tolist() == ["valid/images/a.png"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 0.5 0.5 0.5 0.5 0.25 0.5 2", "8 numbers, expected 11: class, box, and 2 x 3"),
        ("0 0.5 0.5 0.5 0.5 0.25 0.5 2 0.75 x 1", "could not convert string to float"),
        ("0 0.5 0.5 0.5 0.5 0.25 0.5 2 0.75 nan 1", "a number is not within 1e+12"),
        ("0 0.5 0.5 0.5 0.5 0.25 0.5 7 0.75 0.1 1", "expected 0, 1 and 2"),
    ],
)
def test_what_is_wrong_with_a_line_of_yolo_is_named(put, line, said):
    good = "0 0.5 0.5 0.5 0.5 0.25 0.5 2 0.75 0.1 1"
    file = yolo(put, good, line)
    with pytest.raises(DataError, match=re.escape(said)) as caught:
        FORMATS["yolo"].read(file)
    assert "a.txt, line 2" in str(caught.value)
    assert len(FORMATS["yolo"].read(file, skip=True).labels) == 1


@pytest.mark.parametrize(
    ("shape", "further", "said"),
    [
        ("[17]", "", "kpt_shape is [17], expected the number of keypoints and 2 or 3"),
        ("[2, 3]", "names: cat\n", "names is 'cat', expected a name under the number of each class"),
        ("[2, 3]", "test: {a: 1}\n", "train, val or test is no name of a folder"),
        ("[2, 3]", "flip_idx: [0, 0]\n", "flip_idx is [0, 0], expected each of 0 to 1 once"),
        ("[2, 3]", "kpt_names: {0: [tip]}\n", "expected 2 names"),
        ("[2, 3", "", "is no yaml"),
    ],
)
def test_what_is_wrong_with_data_yaml_is_named(put, shape, further, said):
    with pytest.raises(DataError, match=re.escape(said)):
        FORMATS["yolo"].read(yolo(put, shape=shape, further=further))


def test_a_yolo_image_that_cannot_be_read_is_named_and_counted(put):
    file = yolo(put)
    (file.parent / "images/train/b.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"b\.png"):
        FORMATS["yolo"].read(file)
    assert FORMATS["yolo"].read(file, skip=True).notes[0].startswith("left out 1 images that cannot be read")


HEADER = "scorer,me,me,me,me\nbodyparts,nose,nose,tail,tail\ncoords,x,y,x,y\n"


def test_deeplabcut_of_one_animal(put):
    text = f"{HEADER}labeled-data/v1/a.png,1.5,2,3,4\nlabeled-data/v2/b.png,,,5,6\nlabeled-data/v2/c.png,,,,\n"
    path = put("CollectedData_me.csv", text)
    labels = open_dataset(path.parent).labels
    assert labels.files.tolist() == ["labeled-data/v1/a.png", "labeled-data/v2/b.png", "labeled-data/v2/c.png"]
    assert labels.groups.tolist() == [0, 1, 1]
    np.testing.assert_array_equal(labels.xy, [[[1.5, 2], [3, 4]], [[NAN, NAN], [5, 6]]])


def test_all_videos_of_a_project_of_deeplabcut(put):
    """Each in a folder of its own, with names that begin at the project."""
    for video in ("v1", "v2"):
        image(
            put(f"labeled-data/{video}/CollectedData_me.csv", f"{HEADER}labeled-data/{video}/a.png,1,2,3,4\n").parent
            / "a.png"
        )
    project = put("config.yaml", "").parent
    dataset = open_dataset(project)
    assert dataset.labels.files.tolist() == ["labeled-data/v1/a.png", "labeled-data/v2/a.png"]
    assert [dataset.path(row).is_file() for row in range(2)] == [True, True]
    assert dataset.labels.groups.tolist() == [0, 1]


def test_deeplabcut_of_several_animals_with_the_name_in_three_cells(put):
    """As newer versions write it; mice with names of their own are identities."""
    header = (
        "scorer,,,me,me,me,me\nindividuals,,,anna,anna,ben,ben\nbodyparts,,,nose,nose,nose,nose\ncoords,,,x,y,x,y\n"
    )
    labels = open_dataset(put("a.csv", f"{header}labeled-data,v,a.png,1,2,3,4\nlabeled-data,v,b.png,,,5,6\n")).labels
    assert labels.files.tolist() == ["labeled-data/v/a.png", "labeled-data/v/b.png"]
    assert labels.xy[:, 0].tolist() == [[1, 2], [3, 4], [5, 6]]
    assert (labels.image.tolist(), labels.tracks.tolist()) == ([0, 0, 1], [0, 1, 1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER + "a.png,1,2,3\n", "line 4: it has 4 cells, expected 5"),
        (HEADER + "a.png,1,2,3,x\n", "line 4: could not convert string to float: 'x'"),
        (HEADER + "a.png,1,2,3,inf\n", "line 4: inf is not within 1e+12"),
        (HEADER + "a.png,1,2,3,\n", "a.png: tail has only one of x and y, expected both or neither"),
        (HEADER.replace("x,y,x,y", "x,y,x,z") + "a.png,1,2,3,4\n", "has the coordinates x, y, z; expected x and y"),
        (HEADER + "a.png,1,2,3,4\na.png,1,2,3,4\n", "it comes twice"),
        (HEADER, "has no line that can be used"),
        (HEADER.replace("tail", "nose"), "the column nose x more than once"),
        ("scorer,me\nbodyparts,nose\n", "expected lines that begin with scorer, bodyparts and coords"),
        (HEADER.replace("x,y,x,y", "x,y,likelihood,y") + "a.png,1,2,3,4\n", "what a network found, not labels"),
    ],
)
def test_what_is_wrong_with_a_csv_of_deeplabcut_is_named(put, text, said):
    with pytest.raises(DataError, match=re.escape(said)):
        FORMATS["deeplabcut"].read(put("CollectedData.csv", text))


class Harm:
    """An object whose reading would make a file."""

    def __reduce__(self):
        return (open, ("harm.txt", "w"))


def test_an_h5_that_would_run_code_is_refused(tmp_path, monkeypatch):
    import h5py

    monkeypatch.chdir(tmp_path)
    with h5py.File("CollectedData.h5", "w") as file:
        file.create_group("df_with_missing").attrs["info"] = np.bytes_(pickle.dumps(Harm(), protocol=0))
    with pytest.raises(DataError, match="would run code"):
        FORMATS["deeplabcut"].read(tmp_path / "CollectedData.h5")
    assert not (tmp_path / "harm.txt").exists()


@pytest.mark.parametrize("form", ["fixed", "table"])
def test_an_h5_of_deeplabcut_is_read_in_both_of_pandas_ways_to_write_it(tmp_path, form):
    import pandas

    columns = pandas.MultiIndex.from_product(
        [["me"], ["nose", "tail"], ["x", "y"]], names=["scorer", "bodyparts", "coords"]
    )
    frame = pandas.DataFrame([[1.5, 2, NAN, NAN]], ["labeled-data/v/a.png"], columns)
    frame.to_hdf(tmp_path / "CollectedData.h5", key="df_with_missing", format=form, mode="w")
    labels = open_dataset(tmp_path).labels
    assert labels.files.tolist() == ["labeled-data/v/a.png"]
    np.testing.assert_array_equal(labels.xy, [[[1.5, 2], [NAN, NAN]]])


def test_an_h5_of_deeplabcut_with_an_infinite_number_is_refused(tmp_path):
    import pandas

    columns = pandas.MultiIndex.from_product([["me"], ["nose"], ["x", "y"]], names=["scorer", "bodyparts", "coords"])
    path = tmp_path / "CollectedData.h5"
    pandas.DataFrame([[np.inf, np.inf], [1.0, 2.0]], ["a.png", "b.png"], columns).to_hdf(path, key="x", mode="w")
    with pytest.raises(DataError, match=r"a\.png: a number is not within 1e\+12"):
        FORMATS["deeplabcut"].read(path)
    assert len(FORMATS["deeplabcut"].read(path, skip=True)) == 1


def test_a_csv_of_numbered_points(put):
    labels = open_dataset(put("a.csv", "file,x0,y0,x1,y1\na.jpg,1,2,3,4\n")).labels
    assert labels.xy.tolist() == [[[1, 2], [3, 4]]]
    assert labels.visible.tolist() == [[2, 2]]


def test_a_csv_with_a_row_a_keypoint(put):
    """As `vitruvian predict` writes it."""
    rows = "a.jpg,0,nose,1,2,0.9\na.jpg,0,tail,,,0.1\na.jpg,1,nose,5,6,0.9\n"
    dataset = open_dataset(put("a.csv", f"file,person,keypoint,x,y,score\n{rows}"))
    assert dataset.skeleton.names == ("nose",) or dataset.skeleton.names == ("nose", "tail")
    np.testing.assert_array_equal(dataset.labels.xy[:, 0], [[1, 2], [5, 6]])


@pytest.mark.parametrize(
    ("cells", "visible"), [("1", 2), ("2", 2), ("visible", 2), ("hidden", 1), ("0", 0), ("", 0), ("1.0", 2)]
)
def test_the_words_and_numbers_of_visibility(put, cells, visible):
    """1 is a flag where nothing says 2; in the last line of the table below something does."""
    dataset = open_dataset(put("a.csv", f"file,nose_x,nose_y,nose_v\na.jpg,1,2,{cells}\n"))
    assert dataset.labels.visible.tolist() == ([[visible]] if visible else [])
    counted = open_dataset(put("b.csv", f"file,nose_x,nose_y,nose_v\na.jpg,1,2,{cells}\nb.jpg,1,2,2\n"))
    assert counted.labels.visible[-1].tolist() == [2]
    if cells == "1":
        assert counted.labels.visible[0].tolist() == [1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,nose_x,nose_y\na.jpg,1,abc\n", 'line 2: nose_y is "abc", expected a number'),
        ("file,nose_x,nose_y\na.jpg,1,inf\n", "line 2: nose_y is inf"),
        ("file,nose_x,nose_y\na.jpg,1,1e308\n", "line 2: nose_y is 1e308, expected a number within 1e+12"),
        ("file,nose_x,nose_y\na.jpg,1,\n", "line 2: nose_x is 1, but nose_y is empty; expected both or neither"),
        ("file,nose_x,nose_y\na.jpg,1\n", "line 2: it has 2 cells, expected 3"),
        ("file,nose_x,nose_y,nose_v\na.jpg,1,2,9\n", 'line 2: nose_v is "9", expected one of'),
        ("file,nose_x,nose_y,id\na.jpg,1,2,one\n", 'line 2: id is "one", expected a whole number'),
        ("file,nose_x,nose_y\n../a.jpg,1,2\n", "line 2: the file name"),
        ("file,nose_x,nose_y\n,1,2\n", "line 2: the file name"),
        ("file,nose_x,nose_y\n", "has no line that can be used"),
        ("name,a,b\nx,1,2\n", "has the columns name, a, b, ...; expected a column file"),
        ("file,nose_x,nose_x\n", 'the column "nose_x" more than once'),
    ],
)
def test_what_is_wrong_with_a_csv_is_named(put, text, said):
    with pytest.raises(DataError, match=re.escape(said)):
        FORMATS["csv"].read(put("a.csv", text))


def test_a_bad_line_of_a_csv_is_skipped_and_counted(put):
    dataset = open_dataset(put("a.csv", "file,nose_x,nose_y,mood\na.jpg,1,abc,\nb.jpg,1,2,good\n"), skip=True)
    assert dataset.labels.files.tolist() == ["b.jpg"]
    assert dataset.notes[:2] == ("left out 1 lines that cannot be used", "the columns mood are passed over")


def test_a_group_of_more_digits_than_a_number_has_is_a_name(put):
    dataset = open_dataset(put("a.csv", f"file,group,nose_x,nose_y\na.jpg,{'9' * 30},1,2\nb.jpg,{'9' * 30},3,4\n"))
    assert dataset.labels.groups.tolist() == [0, 0]


def test_the_mice(shared):
    """The first frame: paw1LH_top at 77.25, 36.25."""
    dataset = open_dataset(shared / "realdata/custom_mouse")
    assert (len(dataset), len(dataset.labels), len(dataset.skeleton)) == (90, 90, 17)
    first = dataset.labels.files.tolist().index("labeled-data/img01.png")
    assert dataset.labels.xy[dataset.instances(first)[0], 0].tolist() == [77.25, 36.25]
    assert dataset.path(first).is_file()
    assert any(note.startswith("the sigmas are set by size") for note in dataset.notes)


def test_the_faces(shared):
    dataset = open_dataset(shared / "realdata/youtube_faces_68/keypoints.csv")
    assert (len(dataset), len(dataset.skeleton)) == (1000, 68)
    assert dataset.path(0).is_file()


def test_the_people_of_coco(shared):
    dataset = open_dataset(shared / "realdata/coco_mini")
    assert (len(dataset), len(dataset.labels), dataset.skeleton) == (44, 172, SKELETONS["coco17"])
    assert int((dataset.labels.visible > 0).any(1).sum()) == 86
    assert dataset.path(0).is_file()


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "yolo"])
def test_the_people_of_coco_survive_every_format(name, shared, tmp_path):
    """Their 86 labelled instances, to a billionth of a pixel."""
    dataset = open_dataset(shared / "realdata/coco_mini")
    target = tmp_path / f"people{FORMATS[name].suffixes[0]}"
    FORMATS[name].write(dataset, target)
    back = FORMATS[name].read(target, dataset.folder)
    assert back.skeleton is SKELETONS["coco17"]
    for one in (dataset.labels, back.labels):
        assert int((one.visible > 0).any(1).sum()) == 86
    at = {file: np.sort(back.labels.xy[back.labels.image == row].ravel()) for row, file in enumerate(back.labels.files)}
    for row, file in enumerate(dataset.labels.files):
        there = dataset.labels.xy[dataset.labels.image == row]
        there = there[np.isfinite(there)]
        np.testing.assert_allclose(at[file][: len(there)] if file in at else there, np.sort(there), atol=1e-9)
