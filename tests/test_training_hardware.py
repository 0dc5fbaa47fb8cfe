"""Who does what, of several processes, and on which device."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.errors import RecipeError
from vitruvian.training import Hardware
from vitruvian.training.hardware import Team, team

CPU = torch.device("cpu")


@given(st.integers(0, 200), st.integers(1, 9))
def test_every_row_is_the_share_of_one_process_and_shares_are_alike(count, size):
    shares = [list(range(count))[Team(rank, size, CPU).share(count)] for rank in range(size)]
    assert [row for share in shares for row in share] == list(range(count))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_one_process_alone_needs_nobody():
    with team("cpu") as alone:
        assert (alone.rank, alone.size, alone.leads, alone.device) == (0, 1, True, CPU)
        assert alone.gather("a") == ["a"]
        assert alone.told("b") == "b"
        assert alone.mean(torch.tensor(3.0)) == 3
        alone.same([torch.ones(2)])


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(RecipeError, match=r'^there is no device "gpu" here \(.+\); try auto or cpu$'), team("gpu"):
        pass


@pytest.mark.parametrize(("name", "value"), [("workers", -1), ("micro_batch", 0), ("cache", -1)])
def test_numbers_out_of_range_are_refused(name, value):
    with pytest.raises(RecipeError, match=f"^{name} must be at least [01], got {value}$"):
        Hardware(**{name: value})
