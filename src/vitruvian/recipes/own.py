"""Recipes of the models that come with the package; docs/models has the data that each was trained on."""

from dataclasses import replace

from vitruvian.codecs import ProbabilityHeatmap
from vitruvian.datasets import Augmentation
from vitruvian.recipes.recipe import Recipe

_WORN = Augmentation(
    flip=0.5,
    turn=0.7,
    scale=1.35,
    shift=0.1,
    zoom=0.1,
    colour=0.4,
    grey=0.1,
    cut_out=0.3,
    blur=0.2,
    noise=0.1,
    jpeg=0.15,
    paste=0.15,
)


def _own(skeleton: str, augmentation: Augmentation, learning_rate: float = 2e-3, average: float = 0.999) -> Recipe:
    """Trained as long as one likes: the rate stays, and the moving average of the weights stands for its fall."""
    return Recipe(
        skeleton=skeleton,
        model="residual_unet_small",
        codec=ProbabilityHeatmap(input_size=(128, 128)),
        loss="heatmap_cross_entropy",
        augmentation=augmentation,
        steps=20_000,
        learning_rate=learning_rate,
        floor=1.0,
        average=average,
        precision="bfloat16",
    )


def vitruvian_body() -> Recipe:
    """26 keypoints of a body in a box, 128 x 128: photos of sport and of everyday life, and rendered people."""
    return _own("halpe26", replace(_WORN, degrees=45, half=0.1), learning_rate=1e-3, average=0.9995)


def vitruvian_hand() -> Recipe:
    """21 keypoints of a hand in a box, however it is turned, 128 x 128: rendered hands alone."""
    return _own("hand21", replace(_WORN, degrees=180))


def vitruvian_face() -> Recipe:
    """68 points of a face in a box, 128 x 128: photos and rendered faces."""
    return _own("face68", replace(_WORN, degrees=40))
