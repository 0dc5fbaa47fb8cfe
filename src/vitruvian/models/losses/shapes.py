"""What all losses check: that output, target and weight fit each other before they could broadcast."""

from torch import Tensor

from vitruvian.errors import ShapeError


def check_pair(output: Tensor, target: Tensor) -> None:
    """Raises ShapeError unless both have the same shape."""
    if output.shape != target.shape:
        raise ShapeError(
            f"the network gives {tuple(output.shape)}, the codec expects {tuple(target.shape)}; "
            f"build the model with codec.heads(keypoints), for inputs of codec.input_size"
        )


def weights_for(weight: Tensor | None, output: Tensor, whole: bool = True) -> Tensor | None:
    """A weight (B, K) for output (B, K, ...), with sides of 1 added so that it multiplies all of a keypoint.

    None stays None. whole: also take a weight of every number, in the shape of the output.
    Raises ShapeError for a weight of another shape.
    """
    if weight is None:
        return None
    if weight.shape == output.shape[:2]:
        return weight.reshape(*weight.shape, *(1 for _ in output.shape[2:]))
    if whole and weight.shape == output.shape:
        return weight
    expected = f"(B, K){f' or {tuple(output.shape)}' if whole else ''} of an output {tuple(output.shape)}"
    raise ShapeError(f"weight must be {expected}, got {tuple(weight.shape)}")


def weighted_pair(output: Tensor, target: Tensor, weight: Tensor | None) -> tuple[Tensor, Tensor]:
    """Output and target, both times the weight, as published coordinate losses weigh: known is 1, unknown 0.

    A weight between them is inside the loss, not before it: a squared difference is weighted by its square.
    """
    check_pair(output, target)
    factor = weights_for(weight, output)
    return (output, target) if factor is None else (output * factor, target * factor)
