"""A model run by PyTorch, behind the interface of the exported ones."""

import numpy as np
import pytest
import torch

from tests.exported import CENTRES, COLOURED, HANDS, SETTINGS, Colours, blobs, recipe_of
from vitruvian.errors import ShapeError
from vitruvian.recipes import card_for
from vitruvian.runtime.torch_network import PixelsToPoints, TorchNetwork


def network(name: str, flip_test: bool = False) -> TorchNetwork:
    codec = SETTINGS[name].codec
    model = Colours(codec)
    return TorchNetwork(
        PixelsToPoints(model, codec, HANDS, flip_test), card_for(recipe_of(SETTINGS[name]), model, name)
    )


@pytest.mark.parametrize("name", COLOURED)
def test_a_blob_of_colour_is_found_where_its_cell_stands(name: str):
    """Its peak is cell (x - 1.5) / 4; the grid of the codec says which pixel that is.

    Combined adds its offset, and its wide blur pulls a peak towards the middle of so small a map.
    """
    codec = SETTINGS[name].codec
    xy, score = network(name).points(blobs(CENTRES))
    sx, sy, tx, ty = codec.grid
    expected = (CENTRES - 1.5) / 4 * (sx, sy) + (tx, ty)
    if name == "udp combined":
        expected += 0.25 * codec.radius * 16 * np.array([sx, sy])
    assert np.abs(xy - expected).max() < (5 if name == "udp combined" else 2.2)
    assert ((score > 0.1) & (score <= 1)).all()


def test_any_number_of_people_is_answered_in_numpy():
    for number in (0, 1, 7):
        xy, score = network("probability").points(blobs(CENTRES[:number]))
        maps = network("probability").likelihood(blobs(CENTRES[:number]))
        assert (xy.shape, score.shape, maps.shape) == ((number, 3, 2), (number, 3), (number, 3, 16, 16))
        assert {array.dtype for array in (xy, score, maps)} == {np.dtype(np.float32)}


def test_the_model_is_set_to_evaluation():
    module = PixelsToPoints(torch.nn.Dropout(), SETTINGS["gaussian"].codec, HANDS, False).train()
    TorchNetwork(module, network("gaussian").card)
    assert not module.training


def test_other_crops_are_refused():
    with pytest.raises(ShapeError, match=r"crops must be \(N, 64, 64, 3\) uint8 for gaussian, got \(1, 32, 64, 3\)"):
        network("gaussian").points(np.zeros((1, 32, 64, 3), np.uint8))


def test_a_flip_test_sees_the_hands_exchanged():
    """In the mirrored image the red hand counts as the right one: the maps of left and right are mixed evenly."""
    crops = blobs(CENTRES)
    plain, mixed = network("udp").likelihood(crops), network("udp", flip_test=True).likelihood(crops)
    np.testing.assert_allclose(mixed[:, 0], (plain[:, 0] + plain[:, 1]) / 2, atol=1e-5)
    np.testing.assert_allclose(mixed[:, 2], plain[:, 2], atol=1e-5)


def flat_but_for(bump: float) -> TorchNetwork:
    """The first map has a peak of that height over ripples of a millionth, and the others have the ripples alone."""
    codec = SETTINGS["gaussian"].codec
    ripples = 1e-6 * torch.rand((1, 3, 16, 16), generator=torch.Generator().manual_seed(0))
    ripples[0, 0, 8, 8] = bump

    class Fixed(torch.nn.Module):
        def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"heatmap": ripples.expand(len(image), -1, -1, -1)}

    return TorchNetwork(PixelsToPoints(Fixed(), codec, HANDS, False), network("gaussian").card)


def test_a_point_is_steady_where_its_map_has_a_peak_and_not_where_it_is_flat():
    """Rounding is three millionths of the peak, the ripples one."""
    steady = flat_but_for(1.0).steady(blobs(CENTRES[:2]), pixels=8.0)
    assert steady.tolist() == [[True, False, False]] * 2


def test_the_points_of_clear_peaks_are_steady():
    assert network("probability").steady(blobs(CENTRES), pixels=0.01).all()
