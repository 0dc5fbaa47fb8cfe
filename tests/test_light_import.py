"""To use a model is light: what the base install does not bring is never imported on the way to poses."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import run_alone
from tests.fake_network import painted
from tests.tiny_model import write_tiny_model
from vitruvian.media import write_image

EXTRAS = ("torch", "torchvision", "safetensors", "onnx", "onnxscript", "onnx_ir", "openvino", "hotcoco", "pytest")

BLOCK = f"""
import importlib.abc, sys

class NotInstalled(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {EXTRAS}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, NotInstalled())
"""


def modules_after(code: str) -> set[str]:
    """The packages that are loaded in a fresh process after `code`."""
    tell = "import json, sys; print(); print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{tell}"], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture
def folder(tmp_path):
    write_tiny_model(tmp_path / "tiny.onnx")
    write_image(tmp_path / "photo.png", painted((100, 90), (40, 30), (50, 60), (70, 20)))
    return tmp_path


def test_importing_the_package_imports_next_to_nothing():
    loaded = modules_after("import vitruvian; vitruvian.__version__; dir(vitruvian)")
    assert not loaded & {"torch", "cv2", "onnxruntime", "numpy", "rich", "tyro", "av", *EXTRAS}


@pytest.mark.parametrize("command", ["[]", "['predict', '--help']", "['train', '--help']"])
def test_help_imports_nothing_heavy(command):
    code = (
        f"import contextlib\nfrom vitruvian.cli import main\nwith contextlib.suppress(SystemExit):\n    main({command})"
    )
    assert not modules_after(code) & {"torch", "cv2", "onnxruntime", "numpy", "av", *EXTRAS}


def test_the_library_needs_only_the_base_install(folder):
    code = f"""{BLOCK}
import vitruvian
poses = vitruvian.predict({str(folder / "photo.png")!r}, {str(folder / "tiny.onnx")!r})
assert len(poses) == 1
"""
    assert not modules_after(code) & set(EXTRAS)


def test_a_whole_predict_needs_only_the_base_install(folder):
    """With drawing, a heatmap and a table; the extras are blocked, so that importing one would be an error."""
    answer = run_alone("predict", "photo.png", "--model", "tiny.onnx", "--heatmap", "red", before=BLOCK, cwd=folder)
    assert (answer.code, answer.err) == (0, "")
    assert (folder / "out/photo_pose.png").is_file()
    (image,) = json.loads((folder / "out/poses.json").read_text())["images"]
    assert len(image["people"]) == 1


def test_the_list_of_models_needs_only_the_base_install():
    answer = run_alone("models", before=BLOCK)
    assert (answer.code, answer.err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "train lsp_residual_unet_128 data",
            'training needs the package torch. Install it with: pip install "vitruvian[train]"',
        ),
        (
            "export a.safetensors a.onnx",
            'export needs the package torch. Install it with: pip install "vitruvian[train]"',
        ),
        (
            "predict photo.png --model a.safetensors",
            'a checkpoint needs the package torch. Install it with: pip install "vitruvian[train]"',
        ),
        (
            "predict photo.png --model tiny.onnx --backend openvino",
            'the openvino backend needs the package openvino. Install it with: pip install "vitruvian[openvino]"',
        ),
    ],
)
def test_what_needs_more_says_what_to_install(folder, arguments, said):
    answer = run_alone(*arguments.split(), before=BLOCK, cwd=folder)
    assert answer == (2, "", f"vitruvian: {said}\n")
    assert sorted(path.name for path in Path(folder).iterdir()) == ["photo.png", "tiny.onnx"]


def test_a_run_leaves_nothing_of_the_runtimes_makers_in_the_home_folder(folder, tmp_path):
    """ONNX Runtime would keep a device number and a list of events there, and send them."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    code = "import sys, vitruvian; vitruvian.predict(sys.argv[1], model=sys.argv[2])"
    subprocess.run(
        [sys.executable, "-c", code, str(folder / "photo.png"), str(folder / "tiny.onnx")],
        check=True,
        env={**environment, "HOME": str(home), "XDG_CACHE_HOME": str(home), "XDG_DATA_HOME": str(home)},
    )
    assert list(home.iterdir()) == []
