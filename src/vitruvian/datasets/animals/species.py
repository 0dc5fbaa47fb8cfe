"""What animal each instance is: the names of the categories in COCO's layout."""

from collections.abc import Sequence

import numpy as np

from vitruvian.datasets.coco_layout import Annotation, Category


def species(categories: Sequence[Category], annotations: Sequence[Annotation]) -> np.ndarray:
    """(N,) text, the name of each annotation's category; empty where the file does not say."""
    names = {category.id: category.name for category in categories}
    return np.array(["" if one.category_id is None else names.get(one.category_id, "") for one in annotations], np.str_)
