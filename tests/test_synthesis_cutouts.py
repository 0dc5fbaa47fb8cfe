import numpy as np
import pytest

pytest.importorskip("numba")

from vitruvian.synthesis.rendering.cutouts import COVERS, covered


@pytest.mark.parametrize("cover", COVERS, ids=lambda cover: cover.__name__)
@pytest.mark.parametrize("size", [(96, 64), (31, 77)])
def test_every_cover_is_between_nothing_and_all_and_mostly_leaves_something_to_see(cover, size):
    covers = np.array([cover(size, np.random.default_rng(seed)) for seed in range(30)])
    assert covers.shape == (30, size[1], size[0])
    assert covers.min() >= 0
    assert covers.max() <= 1
    assert 0 < covers.mean() < 0.5


def test_what_is_not_hidden_stays_as_it_was():
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3)).astype(np.uint8)
    for seed in range(20):
        found, hidden = covered(image, np.random.default_rng(seed), 2)
        assert (found.shape, found.dtype, hidden.shape, hidden.dtype) == (image.shape, np.uint8, (60, 80), bool)
        untouched = ~hidden & (found == image).all(-1)
        assert untouched.mean() > 0.2
        assert (found == covered(image, np.random.default_rng(seed), 2)[0]).all()


def test_no_cover_gives_the_picture_back():
    image = np.random.default_rng(0).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    found, hidden = covered(image, np.random.default_rng(0), 0)
    assert (found == image).all()
    assert not hidden.any()
