"""Reading .pth files: tensors and plain containers, and nothing that runs."""

import os
import subprocess
import sys
import types
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch

from vitruvian.errors import WeightsError
from vitruvian.recipes import read_pth

WEIGHTS = {"conv1.weight": torch.arange(6.0).reshape(2, 3), "bn1.num_batches_tracked": torch.tensor(7)}


class Calls:
    """Pickled as a call of any function with any arguments."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def same(read: dict[str, torch.Tensor]) -> bool:
    return list(read) == list(WEIGHTS) and all(torch.equal(read[name], value) for name, value in WEIGHTS.items())


@pytest.mark.parametrize("new", [True, False], ids=["zip", "before PyTorch 1.6"])
@pytest.mark.parametrize(
    "content",
    [WEIGHTS, OrderedDict(WEIGHTS), {"state_dict": WEIGHTS, "meta": {"a": [1, "b", None]}}, {"model": WEIGHTS}],
    ids=["bare", "ordered", "with notes", "under model"],
)
def test_the_weights_are_read_wherever_they_stand(tmp_path: Path, content: object, new: bool):
    torch.save(content, tmp_path / "a.pth", _use_new_zipfile_serialization=new)
    assert same(read_pth(tmp_path / "a.pth"))


def history_buffer(module: str) -> type:
    """A class that lists its own methods when it is pickled, as that of MMEngine does; pickle then names getattr."""

    class HistoryBuffer:
        def mean(self) -> float:
            return 0.0

        def __getstate__(self) -> dict[str, object]:
            return {**self.__dict__, "statistics_methods": {"mean": HistoryBuffer.mean}}

    HistoryBuffer.__module__, HistoryBuffer.__qualname__ = module, "HistoryBuffer"
    HistoryBuffer.mean.__module__, HistoryBuffer.mean.__qualname__ = module, "HistoryBuffer.mean"
    return HistoryBuffer


@pytest.mark.parametrize("new", [True, False], ids=["zip", "before PyTorch 1.6"])
def test_getattr_is_a_mark_and_never_the_function(tmp_path: Path, new: bool):
    """Were it called, the transposed tensor would be a weight."""
    weights = WEIGHTS | {"conv2.weight": Calls(getattr, WEIGHTS["conv1.weight"], "T")}
    torch.save({"state_dict": weights}, tmp_path / "a.pth", _use_new_zipfile_serialization=new)
    with pytest.raises(WeightsError, match=r"a\.pth holds no table of tensors"):
        read_pth(tmp_path / "a.pth")


@pytest.mark.parametrize(
    "odd",
    [torch.eye(3).to_sparse(), torch.zeros(3, device="meta"), torch.zeros(3) + 1j],
    ids=["sparse", "meta", "complex"],
)
def test_odd_tensors_are_a_sentence(tmp_path: Path, odd: torch.Tensor):
    torch.save(WEIGHTS | {"odd.weight": odd}, tmp_path / "a.pth")
    with pytest.raises(
        WeightsError, match=r"a\.pth has tensors that are sparse, .* such as odd\.weight; expected dense"
    ):
        read_pth(tmp_path / "a.pth")


@pytest.mark.parametrize("new", [True, False], ids=["zip", "before PyTorch 1.6"])
@pytest.mark.filterwarnings("ignore")  # torch may also complain on the way
def test_damaged_bytes_end_in_a_sentence_or_in_tensors(tmp_path: Path, new: bool):
    """Any byte of a file may be another one; whatever torch makes of it, one kind of error comes of it."""
    torch.save({"state_dict": WEIGHTS}, tmp_path / "a.pth", _use_new_zipfile_serialization=new)
    whole = (tmp_path / "a.pth").read_bytes()
    generator = np.random.default_rng(0)
    for _ in range(300):
        data = bytearray(whole)
        data[generator.integers(len(data))] = generator.integers(256)
        (tmp_path / "b.pth").write_bytes(data)
        with suppress(WeightsError):
            assert all(isinstance(value, torch.Tensor) for value in read_pth(tmp_path / "b.pth").values())


@pytest.mark.parametrize("new", [True, False], ids=["zip", "before PyTorch 1.6"])
def test_notes_of_numpy_and_of_mmengine_are_left_unread(tmp_path: Path, monkeypatch, new: bool):
    """A class of that name is made up here, to be pickled; reading must not import it."""
    module = types.ModuleType("mmengine.logging.history_buffer")
    module.HistoryBuffer = history_buffer(module.__name__)
    with monkeypatch.context() as patch:
        for name in ("mmengine", "mmengine.logging"):
            patch.setitem(sys.modules, name, types.ModuleType(name))
        patch.setitem(sys.modules, module.__name__, module)
        history = module.HistoryBuffer()
        history.values = np.arange(3.0)
        notes = {"message_hub": {"loss": history}, "meta": {"sigmas": np.array([0.1]), "best": np.float64(0.7)}}
        torch.save({"state_dict": WEIGHTS, **notes}, tmp_path / "a.pth", _use_new_zipfile_serialization=new)
    assert same(read_pth(tmp_path / "a.pth"))
    assert "mmengine" not in sys.modules


@pytest.mark.parametrize("new", [True, False], ids=["zip", "before PyTorch 1.6"])
@pytest.mark.parametrize("place", ["meta", "state_dict"])
@pytest.mark.parametrize(
    "function",
    [os.system, os.mkdir, eval, subprocess.check_output, Path.touch, torch.load, torch.hub.load],
)
def test_code_is_refused_wherever_it_stands_and_is_not_run(
    tmp_path: Path, monkeypatch, function, place: str, new: bool
):
    monkeypatch.chdir(tmp_path)
    trap = Calls(function, "touch trapped")
    content = {"state_dict": WEIGHTS, place: {"a": trap}}
    torch.save(content, tmp_path / "a.pth", _use_new_zipfile_serialization=new)
    with pytest.raises(WeightsError, match=r"a\.pth (asks for|cannot be read as a PyTorch checkpoint)"):
        read_pth(tmp_path / "a.pth")
    assert [path.name for path in tmp_path.iterdir()] == ["a.pth"]


def test_the_message_names_the_code(tmp_path: Path):
    torch.save({"state_dict": WEIGHTS, "meta": Calls(eval, "1")}, tmp_path / "a.pth")
    with pytest.raises(
        WeightsError, match=r"a\.pth asks for (__builtin__|builtins)\.eval; weights need no such code, so nothing of"
    ):
        read_pth(tmp_path / "a.pth")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_a_sentence(tmp_path: Path, share: float):
    torch.save({"state_dict": {"a": torch.zeros(1000)}}, tmp_path / "a.pth")
    whole = (tmp_path / "a.pth").read_bytes()
    (tmp_path / "a.pth").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(
        WeightsError, match=r"a\.pth cannot be read as a PyTorch checkpoint .*; it is damaged, or holds"
    ):
        read_pth(tmp_path / "a.pth")


@pytest.mark.parametrize("content", [[1, 2], {}, {"state_dict": {}}, {"a": 1}, torch.zeros(3)])
def test_a_file_without_weights_is_a_sentence(tmp_path: Path, content: object):
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(WeightsError, match=r"a\.pth holds no table of tensors"):
        read_pth(tmp_path / "a.pth")


def test_a_missing_file_is_a_sentence(tmp_path: Path):
    with pytest.raises(WeightsError, match=r"b\.pth cannot be read as .*No such file"):
        read_pth(tmp_path / "b.pth")
