"""Weights shared out over the processes (FSDP), for models of which none of them has room for all.

Each process keeps a part of every parameter, of its average and of its moments. A module is put together where it is
called, and taken apart after it. Whatever is written is whole: files do not show how weights lay in memory.
"""

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeGuard

from torch import Tensor, nn

from vitruvian.models import PoseModel, normalise
from vitruvian.recipes import Recipe, build
from vitruvian.training.hardware import Team
from vitruvian.training.shapes import shapes

if TYPE_CHECKING:
    from torch.distributed.tensor import DTensor

LARGE = 5_000_000  # parameters that are put together at a time, and no sooner than needed
VIEWS = "FSDP2-wrapped module .* returned a view"  # which may not be changed in place, and no model does that


def shard(models: Iterable[PoseModel], recipe: Recipe, team: Team) -> None:
    """Leave each process its part of the weights of the leading one. They stay modules of the same names."""
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method

    warnings.filterwarnings("ignore", VIEWS)
    mesh = init_device_mesh(team.device.type, (team.size,))
    closed = _closed(recipe)
    for model in models:
        team.same(value.detach() for value in (*model.parameters(), *model.buffers()))
        for module in (*_large(model, closed), model):
            fully_shard(module, mesh=mesh)
        register_fsdp_forward_method(model, "stages")


def _large(model: PoseModel, closed: set[str]) -> Iterator[nn.Module]:
    """Modules with many parameters beside those of the modules before; what is left is the model's own.

    closed: names of those that may be. Losses look into the head after the pass, so it stays together.
    """
    taken: set[nn.Parameter] = set()
    for name, module in reversed(list(model.named_modules())):  # parts before what they are parts of
        own = set(module.parameters()) - taken
        if name in closed and not name.startswith("head") and sum(one.numel() for one in own) > LARGE:
            taken |= own
            yield module


def _closed(recipe: Recipe) -> set[str]:
    """The names of the modules that one pass calls once, and whose parts are called by nobody else: when they are
    called, and only then, their parameters are needed. Tried on tensors without content."""
    model, image = shapes(recipe)
    calls: Counter[str] = Counter()
    inside: list[str] = []
    entered: set[str] = set()  # past their own call

    def begin(name: str) -> None:
        calls.update([name])
        entered.update(set(_above(name)).difference(inside))
        inside.append(name)

    for name, module in model.named_modules():
        module.register_forward_pre_hook(lambda *_, name=name: begin(name))
        module.register_forward_hook(lambda *_: inside.pop() and None)
    model.stages(normalise(image))
    return {name for name, count in calls.items() if count == 1} - entered


def _above(name: str) -> Iterator[str]:
    """a.b.c -> a, a.b: the modules that one is a part of."""
    parts = name.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts)))


def together(value: Tensor) -> Tensor:
    """A tensor put together from its parts, for which every process must ask; one that is whole, as it is."""
    return value.full_tensor() if _is_shared_out(value) else value


def all_together(named: Mapping[str, Tensor], keeps: bool) -> dict[str, Tensor]:
    """`together` of tensors by name, for those processes that keep them; the others get none.

    One after the other, and then in the memory of the CPU, for that of the device may not have room for all.
    """
    found: dict[str, Tensor] = {}
    for name, value in named.items():
        one = together(value).cpu() if _is_shared_out(value) else value
        if keeps:
            found[name] = one
    return found


def part_of(value: Tensor, like: Tensor) -> Tensor:
    """The inverse of `together`: of a tensor that every process has, what lies here of one that is shared out so."""
    if not _is_shared_out(like):
        return value
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(value.to(like.device), like.device_mesh, like.placements, src_data_rank=None)


def parts_of(weights: Mapping[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """`part_of` of the weights by name that a model has; of the others there are none."""
    own = model.state_dict()
    return {name: part_of(value, own[name]) if name in own else value for name, value in weights.items()}


def whole_model(model: PoseModel, recipe: Recipe) -> PoseModel:
    """A model that can be asked without the other processes: itself, or a whole copy of one that is shared out."""
    state = model.state_dict()
    if not shared_out(model):
        return model
    copy = build(recipe).to(next(iter(state.values())).device)
    copy.load_state_dict(all_together(state, keeps=True))
    return copy.eval()


def shared_out(model: nn.Module) -> bool:
    """Whether each process has only a part of it."""
    return any(map(_is_shared_out, model.parameters()))


def _is_shared_out(value: Tensor) -> TypeGuard["DTensor"]:
    """Asked for by what it can do, because torch takes a second to import the type."""
    return hasattr(value, "full_tensor")
