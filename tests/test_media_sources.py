"""Which files a list of names, folders and patterns means."""

import re
from pathlib import Path

import pytest

from vitruvian.errors import DataError
from vitruvian.media import find_images, read_image


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """photos/ with three images, a note, a hidden file and a sub-folder; the working folder is above it."""
    for name in ("img10.jpg", "img2.PNG", "img1.webp", "notes.txt", ".img3.jpg", "day 2/img4.jpg", "day 10/img5.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return Path("photos")


def names(found: list[Path]) -> list[str]:
    return [path.as_posix() for path in found]


def test_a_folder_gives_its_own_images_counted_as_people_count(photos):
    assert names(find_images([photos])) == ["photos/img1.webp", "photos/img2.PNG", "photos/img10.jpg"]


def test_a_single_source_needs_no_list(photos):
    assert find_images("photos") == find_images(photos) == find_images(["photos"])


def test_a_named_file_is_kept_whatever_its_suffix(photos):
    assert names(find_images([photos / "notes.txt", photos / ".img3.jpg"])) == ["photos/notes.txt", "photos/.img3.jpg"]


def test_a_pattern_gives_images_only(photos):
    assert names(find_images(["photos/*"])) == ["photos/img1.webp", "photos/img2.PNG", "photos/img10.jpg"]


def test_two_stars_descend_into_folders(photos):
    assert names(find_images(["photos/**/*.jpg"])) == [
        "photos/day 2/img4.jpg",
        "photos/day 10/img5.jpg",
        "photos/img10.jpg",
    ]


def test_sources_keep_their_order_and_a_file_comes_once(photos):
    found = find_images(["photos/img2.PNG", "photos", "./photos/../photos/img1.webp", photos.resolve() / "img10.jpg"])
    assert names(found) == ["photos/img2.PNG", "photos/img1.webp", "photos/img10.jpg"]


def test_a_name_with_brackets_is_a_file_before_it_is_a_pattern(photos):
    (photos / "copy[1].jpg").write_bytes(b"")
    (photos / "copy1.jpg").write_bytes(b"")
    assert names(find_images(["photos/copy[1].jpg"])) == ["photos/copy[1].jpg"]


def test_leading_zeros_and_capitals_order_stably(tmp_path):
    for name in ("b.jpg", "A.jpg", "a01.jpg", "a1.jpg", "a007.jpg"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in find_images(tmp_path)] == ["A.jpg", "a01.jpg", "a1.jpg", "a007.jpg", "b.jpg"]


def test_a_folder_named_like_an_image_is_no_image(photos):
    (photos / "album.jpg").mkdir()
    assert len(find_images(photos)) == 3


def test_no_sources_are_no_images():
    assert find_images([]) == []


def test_a_folder_without_images_is_named_with_the_known_suffixes(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(DataError, match=r'the folder has no images; expected files ending in \.bmp, .*, \.jpg, .*"'):
        find_images([tmp_path])


def test_a_missing_file_is_named(photos):
    with pytest.raises(DataError, match=r'"photos/img3\.jpg": no such file or folder in .*; check the name'):
        find_images(["photos/img3.jpg", "photos/*.gif"])


def test_what_gives_no_image_is_kept_beside_what_does(photos):
    """A missing file, an empty folder, a pattern without matches: reading them says what is wrong."""
    Path("empty").mkdir()
    found = find_images(["gone.jpg", "photos/img1.webp", "empty", "photos/*.gif"])
    assert names(found) == ["gone.jpg", "photos/img1.webp", "empty", "photos/*.gif"]
    for path in found[:1] + found[2:]:
        with pytest.raises(DataError, match=f"^{re.escape(str(path))}: (no such file|is a folder)"):
            read_image(path)


def test_an_empty_name_is_no_folder(photos):
    with pytest.raises(DataError, match='"": no such file or folder'):
        find_images([""])


def test_a_pattern_that_matches_nothing_is_named(photos):
    with pytest.raises(DataError, match=r'"photos/\*\.gif": the pattern matches nothing in .*; check it'):
        find_images(["photos/*.gif"])


def test_a_pattern_that_matches_no_image_says_what_counts_as_one(photos):
    with pytest.raises(
        DataError, match=r'"photos/\*\.txt": matches 1 names, but no image; expected files ending in \.bmp'
    ):
        find_images(["photos/*.txt"])
