"""Contact sheets."""

import numpy as np
import pytest

from vitruvian.draw import Print, draw_sheet
from vitruvian.draw.sheet import CAPTION, GAP, PAPER
from vitruvian.errors import ShapeError
from vitruvian.structures import Poses, Skeleton

DOT = Skeleton.define("dot", ["point"])


def photo(width: int, height: int, colour: tuple[int, int, int] = (200, 0, 0), at: tuple[float, float] | None = None):
    """An image of one colour, with a labelled point or none."""
    image = np.full((height, width, 3), colour, np.uint8)
    if at is None:
        return Print(image, Poses.nobody(1), "photo.jpg")
    return Print(
        image, Poses(np.array([[at]], np.float32), np.ones((1, 1), np.float32), np.full((1, 4), np.nan, np.float32))
    )


def test_a_sheet_of_two_by_two():
    sheet = draw_sheet([photo(50, 50)] * 3, DOT, columns=2, side=50)
    assert sheet.shape == (2 * (50 + CAPTION) + 3 * GAP, 2 * 50 + 3 * GAP, 3)
    assert sheet[GAP + 25, GAP + 25].tolist() == [200, 0, 0]
    assert sheet[-GAP - CAPTION - 25, -GAP - 25].tolist() == list(PAPER)  # the fourth place is empty


@pytest.mark.parametrize(("width", "height"), [(400, 100), (100, 400), (7, 3), (1, 500)])
def test_an_image_fits_its_place_without_being_stretched(width, height):
    cell = draw_sheet([photo(width, height)], DOT, side=100)[GAP : GAP + 100, GAP : GAP + 100]
    rows, columns = np.nonzero((cell == (200, 0, 0)).all(-1))
    across, down = np.ptp(columns) + 1, np.ptp(rows) + 1
    assert max(across, down) == 100
    assert min(across, down) == max(1, round(100 * min(width, height) / max(width, height)))


def test_a_point_is_drawn_where_it_is_after_the_image_is_made_smaller():
    """The pixel 149.5, 49.5 of 200 x 200 is the middle of the upper right quarter: 37.25, 12.25 of 50 x 50."""
    sheet = draw_sheet([photo(200, 200, (0, 0, 0), at=(149.5, 49.5))], DOT, side=50)
    cell = sheet[GAP : GAP + 50, GAP : GAP + 50].astype(float).sum(-1)
    rows, columns = np.indices(cell.shape)
    assert (columns * cell).sum() / cell.sum() == pytest.approx(37.0, abs=0.6)
    assert (rows * cell).sum() / cell.sum() == pytest.approx(12.0, abs=0.6)


def test_a_long_caption_keeps_to_its_place():
    one, other = photo(50, 50), photo(50, 50)
    sheet = draw_sheet([Print(one.image, one.poses, "ä" * 200), other], DOT, side=50)
    assert (sheet[GAP + 50 :, GAP + 50 : GAP + 50 + GAP] == PAPER).all()


def test_no_images_and_other_skeletons_are_refused():
    with pytest.raises(ShapeError, match="at least one image"):
        draw_sheet([], DOT)
    with pytest.raises(ShapeError, match="has 2"):
        draw_sheet([photo(5, 5)], Skeleton.define("two", ["a", "b"]))
