"""The card of a trained model says what its recipe decided."""

from tests.dots import DOTS, dot_finder
from vitruvian.recipes import card_for
from vitruvian.version import __version__


def test_a_card_for_a_recipe(dots):
    """Parameters: 3 * 8 * 16 + 8, 8 + 8 of the norm, 8 * 2 + 2 of the head: 426. Cells of 4 pixels, their middles at
    1.5, 5.5, ...."""
    card = card_for(
        dots,
        dot_finder({"heatmap": (2, 8, 8)}, (32, 32)),
        "dots",
        flip_test=True,
        licence="CC0-1.0",
        accuracy={"PCK": 0.5},
    )
    assert (card.name, card.version, card.skeleton) == ("dots", __version__, DOTS)
    assert (card.input_size, card.padding, card.convention) == ((32, 32), 1.0, "msra")
    assert card.codec == {"kind": "probability_heatmap", "input_size": (32, 32), "stride": 4, "sigma": 1.0, "reach": 2}
    assert card.grid == (4, 4, 1.5, 1.5)
    assert (card.flip_test, card.parameters) == (True, 426)
    assert (card.licence, card.accuracy, card.trained_on) == ("CC0-1.0", {"PCK": 0.5}, "")
