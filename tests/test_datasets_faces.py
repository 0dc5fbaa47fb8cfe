"""Data sets of faces: their own files, their subsets and groups, and the real samples."""

import re

import numpy as np
import pytest

from vitruvian.datasets.faces import FACES
from vitruvian.datasets.faces.photos import photo_groups
from vitruvian.datasets.faces.pts import parse_pts
from vitruvian.errors import DataError
from vitruvian.structures import HIDDEN, UNLABELLED, VISIBLE

from . import published_sets

SAMPLES = "realdata/mmpose_samples"


# ---- groups


def test_faces_of_one_photo_are_a_group():
    """134212_1 and _2 are of one photo; another folder, another number and other names are not."""
    files = ["afw/134212_1.jpg", "afw/134212_2.jpg", "helen/134212_1.jpg", "afw/99999_1.jpg", "indoor_1.png", "a.png"]
    assert photo_groups(files).tolist() == [0, 0, 1, 2, 3, 4]


def test_names_of_few_digits_are_no_photos():
    """In 0_1 and 0_2 the first number does not say a photo."""
    assert photo_groups(["0_1.png", "0_2.png"]).tolist() == [0, 1]


# ---- .pts


def pts_text(xy, header="version: 1\nn_points: 68\n"):
    return header + "{\n" + "\n".join(f"{x!r} {y!r}" for x, y in xy) + "\n}\n"


def test_pts_coordinates_lose_one_and_nothing_else():
    xy = np.random.default_rng(0).uniform(-1e4, 1e4, (68, 2))
    np.testing.assert_array_equal(parse_pts(pts_text(xy.tolist())), xy - 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", 'expected a list of points between "{" and "}"; is the file cut short?'),
        (pts_text([(1.0, 2.0)] * 68)[:-3], 'expected a list of points between "{" and "}"; is the file cut short?'),
        (pts_text([(1.0, 2.0)] * 67), "it has 134 coordinates, expected 136 for 68 points"),
        (pts_text([(1.0, 2.0)] * 67 + [(1.0, float("nan"))]), "point 68 is not a pair of numbers"),
        (pts_text([(1.0, 2.0)] * 67 + [(float("inf"), 1.0)]), "point 68 is not a pair of numbers"),
        (pts_text([(1.0, 2.0)] * 67 + [(1e300, 1.0)]), "point 68 is not a pair of numbers within 1e+12"),
        (pts_text([(1.0, 2.0)] * 67 + [("left", 1.0)]), "could not convert string to float: \"'left'\""),
        (pts_text([(1.0, 2.0)] * 68, "n_points: 5\n"), "its header says n_points: 5, expected 68"),
    ],
)
@pytest.mark.parametrize("skip", [False, True])
def test_a_bad_pts_file_is_named_or_left_out_and_counted(tmp_path, text, sentence, skip):
    folder = published_sets.pts(tmp_path)
    (folder / "helen/bad.pts").write_text(text)
    if not skip:
        with pytest.raises(DataError, match=re.escape(f"{folder}: helen/bad.pts: {sentence}")):
            FACES["pts"].read(folder)
    else:
        dataset = FACES["pts"].read(folder, skip=True)
        assert len(dataset) == 3
        assert dataset.notes == ("left out 1 .pts files that cannot be used",)


def test_a_folder_of_bad_pts_files_alone_is_refused_even_so(tmp_path):
    (tmp_path / "a.pts").write_text("nothing")
    with pytest.raises(DataError, match=r"holds nothing that can be used; expected \.pts files of 68 points"):
        FACES["pts"].read(tmp_path, skip=True)


def test_a_folder_without_pts_files_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"has no \.pts files in it; give the folder that has"):
        FACES["pts"].read(tmp_path)


def test_a_pts_file_without_its_image_is_counted(tmp_path):
    folder = published_sets.pts(tmp_path)
    (folder / "helen/testset/1234567_1.jpg").unlink()
    dataset = FACES["pts"].read(folder)
    assert dataset.notes == ("1 .pts files have no image of their name; taken to be .jpg",)


def test_an_image_of_any_usual_kind_is_found(tmp_path):
    folder = published_sets.pts(tmp_path)
    (folder / "helen/testset/1234567_1.jpg").rename(folder / "helen/testset/1234567_1.PNG")
    assert FACES["pts"].read(folder).labels.files[1] == "helen/testset/1234567_1.PNG"


def test_one_pts_file_is_a_data_set_of_one_face(tmp_path):
    folder = published_sets.pts(tmp_path)
    dataset = FACES["pts"].read(folder / "helen/testset/1234567_2.pts")
    assert dataset.labels.files.tolist() == ["1234567_2.jpg"]
    assert dataset.labels.xy[0, 3].tolist() == [23, 23]


def test_a_huge_pts_file_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "a.pts").open("wb") as file:
        file.truncate(2**21)
    with pytest.raises(DataError, match=r"a\.pts: it has over 1,048,576 bytes"):
        FACES["pts"].read(tmp_path)


# ---- 300-W


def test_folders_of_300w_tell_its_subsets(tmp_path):
    """HELEN's and LFPW's test sets are common, iBUG is challenging, training sets are neither."""
    text = pts_text([(1.0, 2.0)] * 68)
    for name in ("helen/testset/a", "helen/trainset/b", "ibug/c", "lfpw/testset/d", "300W/01_Indoor/e"):
        path = tmp_path / f"{name}.pts"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    labels = FACES["300w"].read(tmp_path).labels
    in_subset = {name: [labels.files[row] for row in np.flatnonzero(flags)] for name, flags in labels.extras.items()}
    assert in_subset == {
        "common": ["helen/testset/a.jpg", "lfpw/testset/d.jpg"],
        "challenging": ["ibug/c.jpg"],
        "indoor": ["300W/01_Indoor/e.jpg"],
    }


def test_a_single_folder_of_300w_tells_its_subset_by_its_own_name(tmp_path):
    folder = published_sets.pts(tmp_path)
    assert FACES["300w"].read(folder / "helen/testset").labels.extras["common"].all()


# ---- WFLW


def test_wflw_lists_boxes_and_six_subsets(tmp_path):
    """Record 0 is in pose, 1 in expression, 2 in makeup; all boxes are 1, 2, 31, 42."""
    labels = FACES["wflw"].read(published_sets.wflw(tmp_path)).labels
    assert list(labels.extras) == ["pose", "expression", "illumination", "makeup", "occlusion", "blur"]
    assert [flags.tolist() for flags in labels.extras.values()] == [
        [True, False, False], [False, True, False], [False] * 3, [False, False, True], [False] * 3, [False] * 3,
    ]  # fmt: skip
    assert labels.boxes.tolist() == [[1, 2, 31, 42]] * 3


def test_a_list_of_wflw_without_attributes_has_tight_boxes(tmp_path):
    path = published_sets.wflw(tmp_path)
    path.write_text(
        "\n".join(" ".join([*line.split()[:196], line.split()[-1]]) for line in path.read_text().split("\n")[:3])
    )
    labels = FACES["wflw"].read(path).labels
    assert labels.extras == {}
    assert labels.boxes[1].tolist() == [10, 20, 107, 117]


def test_two_faces_of_wflw_may_be_in_one_image(tmp_path):
    path = published_sets.wflw(tmp_path)
    path.write_text(path.read_text().replace("/1.jpg", "/0.jpg"))
    dataset = FACES["wflw"].read(path)
    assert (len(dataset), dataset.labels.image.tolist()) == (2, [0, 0, 1])
    assert len(dataset[0].poses.xy) == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda words: words[1:], "it has 206 words, expected 207: 196 coordinates, box, 6 attributes, image"),
        (lambda words: ["nan", *words[1:]], "a number is not within 1e+12, expected coordinates in pixels"),
        (lambda words: ["x", *words[1:]], "could not convert string to float: 'x'"),
        (lambda words: [*words[:200], "2", *words[201:]], "its attributes are 2 1 0 0 0 0, expected six of 0 or 1"),
        (lambda words: [*words[:-1], "../a.jpg"], 'the file name "../a.jpg" leads out of the folder of images'),
    ],
)
def test_a_bad_line_of_wflw_is_named_or_left_out_and_counted(tmp_path, change, sentence):
    path = published_sets.wflw(tmp_path)
    lines = path.read_text().splitlines()
    lines[1] = " ".join(change(lines[1].split()))
    path.write_text("\n".join(lines))
    with pytest.raises(DataError, match=re.escape(f"{path}: line 2: {sentence}")):
        FACES["wflw"].read(path)
    dataset = FACES["wflw"].read(path, skip=True)
    assert (len(dataset.labels), dataset.notes) == (2, ("left out 1 lines that are no face",))


@pytest.mark.parametrize(("file", "subset"), [("test_blur", "blur"), ("test_largepose", "pose"), ("test", None)])
def test_the_name_of_a_conversion_of_wflw_tells_its_subset(tmp_path, file, subset):
    path = published_sets.converted(98)(tmp_path)
    path = path.rename(tmp_path / f"face_landmarks_wflw_{file}.json")
    assert list(FACES["wflw"].read(path).labels.extras) == ([subset] if subset else [])


# ---- LaPa


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("105\n" + "1 2\n" * 105, "it has 211 numbers, expected 106 and then 212 coordinates"),
        ("106\n" + "1 2\n" * 105 + "1 nan", "a coordinate is not within 1e+12, expected pixels"),
        ("106\n" + "1 2\n" * 105 + "1 a", "could not convert string to float: b'a'"),
    ],
)
def test_a_bad_file_of_lapa_is_named_or_left_out_and_counted(tmp_path, text, sentence):
    folder = published_sets.lapa(tmp_path)
    (folder / "landmarks/88888_1.txt").write_text(text)
    with pytest.raises(DataError, match=re.escape(f"{folder}/landmarks: 88888_1.txt: {sentence}")):
        FACES["lapa"].read(folder)
    dataset = FACES["lapa"].read(folder, skip=True)
    assert (len(dataset), dataset.notes) == (2, ("left out 1 landmark files that cannot be used",))


def test_faces_of_lapa_are_grouped_by_photo(tmp_path):
    assert FACES["lapa"].read(published_sets.lapa(tmp_path)).labels.groups.tolist() == [0, 0, 0]


# ---- dlib


def dlib_text(boxes):
    return f"<dataset><images><image file='a.png'>{boxes}</image></images></dataset>"


def test_a_box_of_dlib_covers_whole_pixels(tmp_path):
    """Left 1, top 2, 30 x 40: from the left edge of pixel 1, at 0.5, to the right edge of pixel 30, at 30.5."""
    labels = FACES["dlib_xml"].read(published_sets.dlib_xml(tmp_path)).labels
    assert labels.boxes.tolist() == [[0.5, 1.5, 30.5, 41.5]] * 3
    assert labels.sizes.tolist() == [[240, 160]] * 3


def test_other_parts_of_dlib_are_a_skeleton_of_their_own(tmp_path):
    """Numbers are ordered as numbers. The second box has one part only, and is to be ignored."""
    (tmp_path / "a.xml").write_text(
        dlib_text(
            "<box top='0' left='0' width='9' height='9'><part name='2' x='1' y='2'/><part name='10' x='3' y='4'/></box>"
            "<box top='0' left='0' width='9' height='9' ignore='1'><part name='10' x='5' y='6'/></box>"
        )
    )
    dataset = FACES["dlib_xml"].read(tmp_path / "a.xml")
    assert (dataset.skeleton.name, dataset.skeleton.names) == ("dlib2", ("2", "10"))
    np.testing.assert_array_equal(dataset.labels.xy, [[[1, 2], [3, 4]], [[np.nan] * 2, [5, 6]]])
    assert dataset.labels.visible.tolist() == [[VISIBLE, VISIBLE], [UNLABELLED, VISIBLE]]
    assert dataset.labels.crowd.tolist() == [False, True]


def test_images_of_dlib_without_a_box_are_counted(tmp_path):
    path = published_sets.dlib_xml(tmp_path)
    path.write_text(path.read_text().replace("</images>", "<image file='empty.png'/></images>"))
    assert FACES["dlib_xml"].read(path).notes == ("left out 1 images without a box",)


BOX = "<box top='0' left='0' width='9' height='9'>{}</box>"


@pytest.mark.parametrize(
    ("boxes", "sentence"),
    [
        (BOX.format("<part name='a' x='one' y='2'/>"), '<part> has x="one", expected a number of pixels'),
        (BOX.format("<part name='a' x='nan' y='2'/>"), '<part> has x="nan", expected a number of pixels'),
        (BOX.format("<part name='a' y='2'/>"), '<part> has x="None", expected a number of pixels'),
        (BOX.format("<part name='a' x='1' y='2'/>" * 2), 'two parts are called "a"'),
        (BOX.format("<part x='1' y='2'/>"), "a part has no name"),
        ("<box top='0' left='0' width='-9' height='9'/>", '<box> has width="-9", expected a number of pixels'),
        ("<box left='1'/>", '<box> has top="None", expected a number of pixels'),
    ],
)
def test_a_bad_box_of_dlib_is_named(tmp_path, boxes, sentence):
    (tmp_path / "a.xml").write_text(dlib_text(boxes))
    with pytest.raises(DataError, match=re.escape(f"a.xml: image 1 (a.png), box 1: {sentence}")):
        FACES["dlib_xml"].read(tmp_path / "a.xml")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><dataset/>", "it has a document type, which data has no need of"),
        ("<dataset><images>", "is not whole XML"),
        ("<faces/>", "begins with <faces>, expected <dataset>"),
        ("<dataset/>", "holds nothing that can be used; expected images with boxes with parts"),
        (dlib_text(BOX.format("")), "has 0 names of parts, expected 1 to 1000"),
        (dlib_text(BOX.format("<part name='left_eye' x='1' y='2'/>")), "its parts make no skeleton"),
    ],
)
def test_what_is_no_xml_of_dlib_is_refused(tmp_path, text, sentence):
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(DataError, match=re.escape(sentence)):
        FACES["dlib_xml"].read(tmp_path / "a.xml", skip=True)


# ---- the real samples


@pytest.mark.parametrize(
    ("name", "file", "instances", "first", "size"),
    [
        ("300w", "300w/test_300w.json", 2, (268.0, 398.882), (960, 845)),
        ("aflw", "aflw/test_aflw.json", 2, (337.28341384863, 205.78904991948), (853, 1280)),
        ("cofw", "cofw/test_cofw.json", 2, (46.562534549474826, 120.07575548185008), (235, 322)),
        ("lapa", "lapa/test_lapa.json", 2, (406.0, 644.0), (1424, 1494)),
        ("wflw", "wflw/test_wflw.json", 4, (440.696106, 132.732559), (1024, 661)),
    ],
)
def test_the_real_samples_read_as_their_files_say(shared, name, file, instances, first, size):
    dataset = FACES[name].read(shared / SAMPLES / file)
    assert (len(dataset), len(dataset.labels), dataset.notes) == (2, instances, ())
    assert dataset.labels.xy[0, 0].tolist() == pytest.approx(first)
    for row, sample in enumerate(dataset):
        assert sample.load().shape[1::-1] == tuple(dataset.labels.sizes[row])
    assert tuple(dataset.labels.sizes[0]) == size


def test_real_faces_of_aflw_have_the_size_of_their_box(shared):
    labels = FACES["aflw"].read(shared / SAMPLES / "aflw/test_aflw.json").labels
    assert labels.extras["box_size"].tolist() == [362, 128]


def test_a_real_face_of_cofw_has_a_hidden_mouth(shared):
    """Its right lip corner, number 22, has visibility 1; its right eye, number 8, has 2."""
    labels = FACES["cofw"].read(shared / SAMPLES / "cofw/test_cofw.json").labels
    assert labels.visible[0, [8, 22]].tolist() == [VISIBLE, HIDDEN]


def test_the_real_pts_files_agree_with_the_conversion_that_keeps_their_first_pixel_at_one(shared):
    """300-VW comes with both: x 743.224, y 197.764 in the file."""
    (face, _) = FACES["pts"].read(shared / SAMPLES / "300vw/001/annot", folder=shared / SAMPLES / "300vw/001/imgs")
    assert face.name == "000006.jpg"
    assert face.poses.xy[0, 0].tolist() == pytest.approx([742.224, 196.764], abs=1e-3)
    assert face.load().shape == (720, 1280, 3)


def test_the_real_faces_of_ibug_read(shared):
    """206 faces, 55 of AFW and 151 of HELEN, of which 46 of the test set; the first point 229.197518, 235.632827."""
    dataset = FACES["300w"].read(shared / "realdata/ibug_faces_68")
    labels = dataset.labels
    assert (len(dataset), dataset.notes) == (206, ())
    assert sum(name.startswith("afw/") for name in labels.files) == 55
    assert labels.xy[0, 0].tolist() == pytest.approx([228.197518, 234.632827])
    assert labels.groups[labels.files == "afw/156474078_1.jpg"] == labels.groups[labels.files == "afw/156474078_2.jpg"]
    assert labels.extras["common"].sum() == 46
    assert dataset[0].load().shape == (948, 711, 3)
