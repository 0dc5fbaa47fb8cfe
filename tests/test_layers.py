"""The rooms of the package: a room imports only from the lines above its own, and only what is public there.

Imports inside functions count too. The light rooms never import torch, not even when they are imported themselves.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import vitruvian

PACKAGE = Path(vitruvian.__file__).parent

LINES = (  # rooms on one line do not import one another
    ("errors", "version"),
    ("folders",),
    ("structures", "geometry"),
    ("media", "metrics", "tracking", "draw", "codecs", "models"),
    ("datasets", "synthesis", "runtime"),
    ("recipes",),
    ("training", "inference", "lifting", "analysis"),
    ("export", "service"),
    ("cli",),
)
LINE = {room: number for number, line in enumerate(LINES) for room in line}
MODULES = ("errors", "version", "folders")  # single files; all other rooms are folders

HEAVY = ("codecs", "models", "recipes", "synthesis", "training", "export", "runtime.torch_network")
BIG = {"torch", "numba"}  # what only these import
BASE = {"av", "cv2", "msgspec", "numpy", "onnxruntime", "rich", "tyro"}  # what the base install brings
NAMELESS = {"common", "helpers", "misc", "tools", "util", "utils"}  # names that say nothing


@dataclass(frozen=True)
class Import:
    """One import. target: dotted, with the imported name at the end; at_once: it runs when its file is imported."""

    target: str
    line: int
    at_once: bool

    def within(self, *modules: str) -> bool:
        return any(self.target == module or self.target.startswith(module + ".") for module in modules)


def imports(path: Path, module: str) -> Iterator[Import]:
    """All imports of a file, wherever they stand in it."""
    yield from _imports(ast.parse(path.read_text(encoding="utf-8")), module, path.name == "__init__.py", True)


def _imports(node: ast.AST, module: str, is_package: bool, at_once: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, at_once) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            parents = module.split(".")[: len(module.split(".")) - child.level + is_package]
            source = ".".join([*(parents if child.level else []), *([child.module] if child.module else [])])
            yield from (Import(f"{source}.{alias.name}", child.lineno, at_once) for alias in child.names)
        elif isinstance(child, ast.Call) and ast.unparse(child.func).split(".")[-1] in ("import_module", "__import__"):
            yield from (Import(a.value, child.lineno, at_once) for a in child.args if isinstance(a, ast.Constant))
        later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        later |= isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        yield from _imports(child, module, is_package, at_once and not later)


def files(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file of the package with its dotted name below it: "runtime.store"; the package itself is ""."""
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        yield path, ".".join(parts[:-1] if parts[-1] in ("__init__", "__main__") else parts)


def problems(root: Path) -> list[str]:
    """What is wrong with a package, a sentence each, beginning with the file and the line."""
    found = list(misplaced(root))
    for path, module in files(root):
        for entry in imports(path, f"vitruvian.{module}".rstrip(".")):
            where = f"{path.relative_to(root).as_posix()}:{entry.line}"
            found += [f"{where} {reason}" for reason in unlawful(module, entry, root)]
    return found


def misplaced(root: Path) -> Iterator[str]:
    for path in sorted(root.iterdir()):
        if path.stem not in LINE and path.name not in ("__init__.py", "__main__.py", "__pycache__", "py.typed"):
            yield f"{path.name} is not in the table of rooms"
        elif path.suffix == ".py" and path.stem in LINE and path.stem not in MODULES:
            yield f"{path.name} must be a folder"
        elif path.is_dir() and path.stem in LINE and public(path) is None:
            yield f"{path.name}/__init__.py has no __all__"
    yield from (
        f"{path.relative_to(root).as_posix()} has a name that says nothing"
        for path in sorted(root.rglob("*"))
        if path.stem in NAMELESS
    )


def public(room: Path) -> list[str] | None:
    """The names in a room's __all__; None if it has none."""
    face = room / "__init__.py"
    for node in ast.parse(face.read_text(encoding="utf-8")).body if face.is_file() else []:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return None


def unlawful(module: str, entry: Import, root: Path) -> Iterator[str]:
    """What is wrong with one import in vitruvian.<module>."""
    top, room = entry.target.split(".")[0], module.split(".")[0]
    heavy = Import(module, 0, True).within(*HEAVY)
    if top != "vitruvian":
        if top in BIG and not heavy:
            yield f"imports {top} outside the rooms that may"
        elif entry.at_once and top not in sys.stdlib_module_names | BASE | BIG:
            yield f"imports {top} when it is imported; it is not in the base install, so import it inside the function"
        return
    other, _, name = entry.target.removeprefix("vitruvian").removeprefix(".").partition(".")
    if other == room and room:
        pass
    elif other not in LINE:
        yield f"imports {entry.target}, which is in no room"
    elif room and LINE[other] >= LINE[room]:
        yield f"{room} imports {other}, which is not above it"
    elif (
        other not in MODULES
        and name
        and name not in (public(root / other) or [])
        and not entry.within("vitruvian.runtime.torch_network")
    ):
        yield f"imports {entry.target}, which is private: it is not in {other}.__all__"
    if entry.at_once and not heavy and entry.within(*(f"vitruvian.{one}" for one in HEAVY)):
        yield f"imports {entry.target} when it is imported, and with it torch or numba; import it inside the function"


def test_the_package_keeps_its_layers():
    assert problems(PACKAGE) == []


def test_every_room_that_is_there_is_looked_at():
    """A search that finds no file would find no fault either."""
    seen = {module.split(".")[0] for _, module in files(PACKAGE)}
    assert seen >= {"", "errors", "structures", "geometry", "media", "codecs", "models", "recipes", "inference", "cli"}
    heavy = [entry for path, module in files(PACKAGE) for entry in imports(path, module) if entry.within("torch")]
    assert len(heavy) > 10


@pytest.fixture
def sound(tmp_path):
    """A small package without fault."""
    content = {
        "__init__.py": "def __getattr__(name):\n    from vitruvian.inference import load\n    return load\n",
        "errors.py": "",
        "geometry/__init__.py": "from vitruvian.geometry.boxes import area\n__all__ = ['area']\n",
        "geometry/boxes.py": "import numpy as np\nfrom vitruvian.errors import PoseError\narea = _side = 1\n",
        "codecs/__init__.py": "import torch\nfrom .udp import UDP\n__all__ = ['UDP']\n",
        "codecs/udp.py": "from torch import Tensor\nUDP = 1\n",
        "metrics/__init__.py": "from vitruvian.geometry import area\n__all__ = ['area']\n",
        "runtime/__init__.py": "__all__ = []\n",
        "runtime/torch_network.py": "import torch\nfrom vitruvian.codecs import UDP\n",
        "inference/__init__.py": "__all__ = ['load']\ndef load():\n    from vitruvian.runtime.torch_network import x\n",
        "py.typed": "",
    }
    for name, text in content.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_a_sound_package_has_no_problems(sound):
    assert problems(sound) == []


LAZY = "def f():\n    "
UPWARD = "geometry imports metrics, which is not above it"


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("geometry/a.py", "from vitruvian.metrics import area", f"geometry/a.py:1 {UPWARD}"),
        ("geometry/a.py", f"{LAZY}from vitruvian.metrics import area", f"geometry/a.py:2 {UPWARD}"),
        ("geometry/a.py", "import vitruvian.metrics", f"geometry/a.py:1 {UPWARD}"),
        ("geometry/a.py", "from vitruvian import metrics", f"geometry/a.py:1 {UPWARD}"),
        ("geometry/a.py", "from ..metrics import area", f"geometry/a.py:1 {UPWARD}"),
        ("geometry/a.py", "from .. import metrics", f"geometry/a.py:1 {UPWARD}"),
        ("geometry/a.py", "if TYPE_CHECKING:\n    from vitruvian.metrics import area", f"geometry/a.py:2 {UPWARD}"),
        ("geometry/a.py", 'importlib.import_module("vitruvian.metrics")', f"geometry/a.py:1 {UPWARD}"),
        ("metrics/a.py", f"{LAZY}from vitruvian.codecs import UDP", "metrics/a.py:2 metrics imports codecs, which is"),
        ("geometry/a.py", "from vitruvian import load", "geometry/a.py:1 imports vitruvian.load, which is in no room"),
        (
            "metrics/a.py",
            "from vitruvian.geometry.boxes import _side",
            "metrics/a.py:1 imports vitruvian.geometry.boxes._side, which is private",
        ),
        (
            "metrics/a.py",
            "from vitruvian.geometry import _side",
            "metrics/a.py:1 imports vitruvian.geometry._side, which is private",
        ),
        ("metrics/a.py", f"{LAZY}import torch", "metrics/a.py:2 imports torch outside the rooms that may"),
        ("metrics/a.py", f"{LAZY}from torch.nn import Module", "metrics/a.py:2 imports torch outside"),
        ("runtime/a.py", "import torch", "runtime/a.py:1 imports torch outside"),
        (
            "runtime/a.py",
            "import openvino",
            "runtime/a.py:1 imports openvino when it is imported; it is not in the base",
        ),
        ("codecs/a.py", "try:\n    import onnx\nexcept ImportError:\n    pass", "codecs/a.py:2 imports onnx when"),
        ("inference/a.py", "from vitruvian.codecs import UDP", "inference/a.py:1 imports vitruvian.codecs.UDP when"),
        ("inference/a.py", "class A:\n    from vitruvian.runtime import torch_network", "inference/a.py:2 imports"),
        ("__init__.py", "from vitruvian.codecs import UDP", "__init__.py:1 imports vitruvian.codecs.UDP when"),
        ("extra.py", "", "extra.py is not in the table of rooms"),
        ("magic/__init__.py", "", "magic is not in the table of rooms"),
        ("metrics.py", "", "metrics.py must be a folder"),
        ("draw/__init__.py", "", "draw/__init__.py has no __all__"),
        ("draw/ink.py", "", "draw/__init__.py has no __all__"),
        ("geometry/utils.py", "", "geometry/utils.py has a name that says nothing"),
    ],
)
def test_a_fault_is_found(sound, file, text, said):
    path = sound / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    found = problems(sound)
    assert len(found) == 1, found
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("inference/a.py", f"{LAZY}from vitruvian.codecs import UDP"),
        ("inference/a.py", "if TYPE_CHECKING:\n    from vitruvian.codecs import UDP"),
        ("runtime/a.py", f"{LAZY}import openvino"),
        ("codecs/a.py", "import torch.nn.functional\nimport math"),
        ("metrics/a.py", "from vitruvian.errors import PoseError\nfrom . import area"),
    ],
)
def test_what_is_lawful_is_left_alone(sound, file, text):
    (sound / file).write_text(text)
    assert problems(sound) == []
