"""From a published checkpoint to a model in the store: what is proved, and what is refused."""

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.fake_network import colour_card
from tests.parity.cases import shared_folder
from tests.parity.transform import rgb_images
from tests.published_checkpoint import NAME, Checkpoint, known_weights, list_one
from tests.tiny_model import save
from tests.web import Site, serving
from vitruvian import load
from vitruvian.errors import DataError, DownloadError, RecipeError, UnknownNameError, WeightsError
from vitruvian.export import Agreement, Source, conversion, pull
from vitruvian.folders import alone
from vitruvian.recipes import RECIPES, load_checkpoint
from vitruvian.runtime import (
    METADATA_KEY,
    ModelCard,
    OnnxNetwork,
    certificate_file,
    checkpoint_file,
    find_checkpoint,
    find_model,
    model_file,
    published,
    pulled,
    read_certificate,
)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """As MMPose publishes it: the weights, and notes beside them."""
    notes = {"meta": {"epoch": 210, "time": "now"}}
    return Checkpoint.of(tmp_path_factory.mktemp("pth") / "a.pth", {**notes, "state_dict": known_weights()})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty store."""
    monkeypatch.setenv("VITRUVIAN_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    published.cache_clear()


@pytest.fixture
def site(store: Path, checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A server of the checkpoint, and a table that lists it."""
    with serving({"/a.pth": checkpoint.content}) as site:
        list_one(tmp_path, monkeypatch, site.url("/a.pth"), checkpoint.sha256[:8])
        yield site
    published.cache_clear()


def files(folder: Path) -> list[str]:
    """What a store holds, locks left out."""
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"
    )


def refuse_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what must stop before the export fail loudly if it does not."""
    monkeypatch.setattr(conversion, "export_onnx", lambda *args, **options: pytest.fail("exported"))


def fake_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a model of a few hundred bytes with what the card says of the weights, at once."""

    def export(path: Path, model: object, estimator: object, card: ModelCard, *rest: object, **options: object):
        about = {name: getattr(card, name) for name in ("name", "flip_test", "trained_on", "accuracy", "licence")}
        tiny = replace(colour_card(), **about)
        save(path, {METADATA_KEY: tiny.to_json()}, tiny.input_size)
        return Agreement(0.0, 0.0, 1, 0.0)

    monkeypatch.setattr(conversion, "export_onnx", export)


def test_a_published_checkpoint_becomes_a_model_with_the_known_answers(site: Site, store: Path, checkpoint: Checkpoint):
    certificate = pull(NAME)
    assert files(store) == [f"models/{NAME}.json", f"models/{NAME}.onnx", f"models/{NAME}.safetensors"]
    assert pulled() == [NAME]
    assert read_certificate(NAME) == certificate
    assert certificate.source == site.url("/a.pth")
    assert certificate.source_sha256 == checkpoint.sha256
    assert certificate.sha256 == hashlib.sha256(model_file(NAME).read_bytes()).hexdigest()
    assert certificate.verified
    assert certificate.layout == "MMPose 1.x"
    assert certificate.tensors_used == len(known_weights())
    assert certificate.tensors_unused == certificate.tensors_absent == ()
    assert certificate.distance_99 <= certificate.largest_distance <= 0.01
    assert certificate.versions["torch"] == torch.__version__

    card = load(NAME).network.card
    assert (card.name, card.skeleton.name, card.trained_on) == (NAME, "coco17", "COCO")
    assert (card.accuracy, card.licence, card.data_licence) == ({"AP, COCO": 0.648}, "Apache-2.0", "COCO: see there")
    _check_reference(find_model(NAME))

    site.asked.clear()
    assert pull(NAME) == pull("small") == certificate  # by its name or its alias, once is enough
    assert site.asked == []


def test_the_weights_stay_as_a_checkpoint_to_train_on_from(site: Site, store: Path, monkeypatch):
    """By name, alias or file; all tensors are those that were published."""
    fake_export(monkeypatch)
    certificate = pull(NAME)
    checkpoint = checkpoint_file(NAME)
    assert certificate.checkpoint_sha256 == hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    for name in (NAME, "small", model_file(NAME)):
        assert find_checkpoint(name) == checkpoint
    model, recipe = load_checkpoint(checkpoint)
    known = known_weights()
    assert recipe == RECIPES["coco_mobilenetv2_256x192"]()
    assert all(torch.equal(value, known[name]) for name, value in model.state_dict().items())


def test_a_checkpoint_that_is_lost_is_fetched_again_and_predicting_needs_none(site: Site, monkeypatch):
    fake_export(monkeypatch)
    pull(NAME)
    checkpoint_file(NAME).unlink()
    assert find_model(NAME) == model_file(NAME)
    with pytest.raises(WeightsError, match=rf"is missing or was changed; fetch it again with: vitruvian pull {NAME}"):
        find_checkpoint(NAME)
    pull(NAME)
    assert find_checkpoint(NAME) == checkpoint_file(NAME)


def test_the_way_to_a_lost_checkpoint_of_a_file_at_hand_names_the_file(site: Site, tmp_path: Path, monkeypatch):
    fake_export(monkeypatch)
    (tmp_path / "b.pth").write_bytes(site.files["/a.pth"])
    pull(NAME, Source(tmp_path / "b.pth", name="mine"))
    checkpoint_file("mine").write_bytes(b"changed")
    with pytest.raises(WeightsError, match=rf"vitruvian pull {NAME} --from {tmp_path}/b.pth --name mine"):
        find_checkpoint("mine")


def _check_reference(path: Path) -> None:
    """The scores and points of the reference implementation with the same weights, where they are at hand."""
    folder = shared_folder() / "golden/model_predict"
    if not folder.is_dir():
        return
    case = np.load(folder / "td_mobilenetv2_coco_256x192_noflip.npz")
    crops = rgb_images(np.load(folder / "images_192x256_plain.npz")["images_bgr_chw"])
    xy, score = OnnxNetwork(path).points(np.asarray(crops))
    np.testing.assert_allclose(score, case["out_keypoint_scores"].clip(0, 1), atol=1e-3)
    centre, extent = case["in_input_center"][:, None], case["in_input_scale"][:, None]
    expected = (case["out_keypoints"] - centre) / extent * [192, 256] + [96, 128]
    known = case["out_keypoint_scores"] > 0
    distance = np.linalg.norm(xy - expected, axis=-1)[known]
    assert np.median(distance) < 1e-3
    assert (distance < 1e-3).mean() > 0.9  # the others have two peaks of nearly the same height


def test_a_file_at_hand_does_as_well(site: Site, store: Path, checkpoint: Checkpoint, tmp_path: Path, monkeypatch):
    """Whether it is right is known by its hash, and by nothing else."""
    refuse_export(monkeypatch)
    path = tmp_path / "b.pth"
    path.write_bytes(checkpoint.content[:-1])
    with pytest.raises(WeightsError, match=rf"b\.pth has SHA-256 \w+, that of {NAME} begins with \w+; it was not read"):
        pull(NAME, Source(path))
    path.write_bytes(checkpoint.content)
    with pytest.raises(pytest.fail.Exception, match="exported"):
        pull(NAME, Source(path))
    assert site.asked == []
    assert path.read_bytes() == checkpoint.content
    assert files(store) == []


def test_a_file_that_is_not_verified_does_not_pass_for_the_published_one(
    site: Site, checkpoint: Checkpoint, tmp_path: Path, monkeypatch
):
    fake_export(monkeypatch)
    (tmp_path / "mine.pth").write_bytes(checkpoint.content + b"\0")
    with pytest.raises(
        RecipeError, match=r"mine\.pth may be anything, so it cannot have a published name; give --name"
    ):
        Source(tmp_path / "mine.pth", unverified=True)
    with pytest.raises(RecipeError, match=r"is a published name; choose another --name"):
        pull(NAME, Source(tmp_path / "mine.pth", unverified=True, name=NAME))
    certificate = pull("small", Source(tmp_path / "mine.pth", unverified=True, name="mine"))
    assert (certificate.name, certificate.published, certificate.verified) == ("mine", NAME, False)
    card = load("mine").network.card
    assert (card.name, card.trained_on, card.accuracy, card.licence) == ("mine", "", {}, "")


def test_a_name_by_which_another_model_is_found_is_refused(site: Site, tmp_path: Path, monkeypatch):
    fake_export(monkeypatch)
    with pytest.raises(RecipeError, match="body is a model of the package; choose another --name"):
        pull(NAME, Source(name="body"))
    with pytest.raises(RecipeError, match=f"small is a published name, and not that of {NAME}; choose another --name"):
        pull(NAME, Source(name="small"))  # the model would be found by it, and another one by its own name
    assert pull(NAME, Source(name=NAME)).name == NAME


@pytest.mark.parametrize("doubtful", [False, True])
def test_the_accuracy_of_another_file_is_not_repeated(
    site: Site, checkpoint: Checkpoint, tmp_path, monkeypatch, doubtful
):
    fake_export(monkeypatch)
    list_one(tmp_path, monkeypatch, site.url("/a.pth"), checkpoint.sha256[:8], doubtful=doubtful)
    pull(NAME)
    card = load(NAME).network.card
    assert card.accuracy == ({} if doubtful else {"AP, COCO": 0.648})
    assert card.trained_on == "COCO"


@pytest.mark.parametrize("name", ["a/b", "../a", "a.onnx", ".", "-a"])
def test_a_name_that_would_be_a_path_is_refused(name: str):
    with pytest.raises(RecipeError, match="a model's name must be letters, digits"):
        Source(name=name)


def test_a_wrong_hash_is_refused_before_anything_reads_the_file(site: Site, store: Path, tmp_path, monkeypatch):
    monkeypatch.setattr(conversion, "read_pth", lambda path: pytest.fail("read"))
    list_one(tmp_path, monkeypatch, site.url("/a.pth"), "00000000")
    with pytest.raises(WeightsError, match="its published hash begins with 00000000"):
        pull(NAME)
    assert files(store) == []


def test_without_a_published_hash_nothing_is_fetched_unless_one_asks_for_it(site: Site, tmp_path, monkeypatch):
    refuse_export(monkeypatch)
    list_one(tmp_path, monkeypatch, site.url("/a.pth"), "")
    with pytest.raises(WeightsError, match=r"no hash of .* is published, .* give --unverified to take it nevertheless"):
        pull(NAME)
    assert site.asked == []
    with pytest.raises(pytest.fail.Exception, match="exported"):
        pull(NAME, Source(unverified=True))


def test_a_missing_file_and_an_unknown_name_are_sentences(site: Site, store: Path):
    del site.files["/a.pth"]
    with pytest.raises(DownloadError, match="404 Not Found"):
        pull(NAME)
    with pytest.raises(UnknownNameError, match=rf'unknown published model "smal"; known: small, {NAME}\. Did you mean'):
        pull("smal")
    with pytest.raises(WeightsError, match=rf"{NAME} is not here yet; fetch it with: vitruvian pull {NAME}"):
        load(NAME)


@pytest.mark.parametrize(
    ("model", "keypoints", "said"),
    [
        (
            "simple_baseline_mobilenetv2",
            21,
            r"head\.final_layer\.weight is \(21, 256, 1, 1\), the model has \(17, 256, 1, 1\)",
        ),
        ("simple_baseline_resnet18", 17, r"without backbone\.conv1\.bn\.bias, .*with unknown backbone\.bn1\.bias"),
    ],
)
def test_weights_of_another_model_are_named(
    site: Site, store: Path, tmp_path: Path, monkeypatch, model: str, keypoints: int, said: str
):
    refuse_export(monkeypatch)
    other = Checkpoint.of(tmp_path / "o.pth", {"state_dict": known_weights(model, keypoints)})
    site.files["/o.pth"] = other.content
    list_one(tmp_path, monkeypatch, site.url("/o.pth"), other.sha256[:8])
    with pytest.raises(WeightsError, match=said.replace(", .*", ".*")):
        pull(NAME)
    assert files(store) == ["downloads/o.pth"]  # it is what was published, after all


def test_a_pickle_that_would_run_code_is_refused(site: Site, store: Path, tmp_path: Path, monkeypatch):
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "trapped",)

    bad = Checkpoint.of(tmp_path / "bad.pth", {"state_dict": known_weights(), "meta": Trap()})
    site.files["/bad.pth"] = bad.content
    list_one(tmp_path, monkeypatch, site.url("/bad.pth"), bad.sha256[:8])
    with pytest.raises(WeightsError, match=r"bad\.pth asks for .*pathlib.*; weights need no such code"):
        pull(NAME)
    assert not (tmp_path / "trapped").exists()


def test_a_disk_that_fills_up_leaves_no_model(site: Site, store: Path, monkeypatch):
    def full(path: Path, *rest: object, **options: object) -> None:
        path.write_bytes(b"half of a mod")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(conversion, "export_onnx", full)
    with pytest.raises(DataError, match=r"cannot write into .*models \(No space left on device\); make room there"):
        pull(NAME)
    assert files(store) == ["downloads/a.pth"]
    assert not certificate_file(NAME).exists()


def test_a_lost_connection_is_not_called_a_full_disk(site: Site, monkeypatch):
    def lost(*args: object, **options: object) -> str:
        raise OSError(113, "No route to host")

    monkeypatch.setattr(conversion, "download", lost)
    with pytest.raises(OSError, match="No route to host") as caught:
        pull(NAME)
    assert not isinstance(caught.value, DataError)


def test_a_download_is_held_until_it_has_become_the_model(site: Site, store: Path, monkeypatch):
    """Two names of one file: were it not held, one could delete it while the other reads."""
    fake_export(monkeypatch)
    read, at_once, most = conversion.read_pth, [], []

    def slowly(path: Path) -> dict[str, torch.Tensor]:
        at_once.append(path)
        most.append(len(at_once))
        time.sleep(0.2)
        assert path.is_file()
        at_once.remove(path)
        return read(path)

    monkeypatch.setattr(conversion, "read_pth", slowly)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda name: pull(NAME, Source(name=name)), ["one", "two", "three"]))
    assert pulled() == ["one", "three", "two"]
    assert most == [1, 1, 1]


def test_a_stop_between_model_and_certificate_leaves_none(site: Site, monkeypatch):
    """The old certificate does not fit the new model; without one the model is simply not pulled."""
    fake_export(monkeypatch)
    pull(NAME)
    replace_file = os.replace

    def stop(source: Path, target: Path) -> None:
        if target == certificate_file(NAME):
            raise KeyboardInterrupt
        replace_file(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            pull(NAME, flip_test=True)
    assert pulled() == []
    with pytest.raises(WeightsError, match="is not here yet"):
        find_model("small")
    pull(NAME, flip_test=True)
    assert find_model("small") == find_model(NAME) == model_file(NAME)


@pytest.mark.parametrize("text", ["{}", '{"format": 1}', "of another"])
def test_a_damaged_certificate_is_healed_by_another_pull(site: Site, monkeypatch, text: str):
    fake_export(monkeypatch)
    other = pull(NAME, Source(name="other")).to_json()
    pull(NAME)
    certificate_file(NAME).write_text(other if text == "of another" else text)
    with pytest.raises(WeightsError, match=rf"{NAME}\.json is .*; pull .* again"):
        find_model(NAME)
    pull(NAME)
    assert find_model(NAME) == model_file(NAME)


def test_what_is_there_needs_no_lock(site: Site, monkeypatch):
    fake_export(monkeypatch)
    certificate = pull(NAME)
    monkeypatch.setattr(conversion, "alone", lambda name: pytest.fail("locked"))
    assert pull(NAME) == certificate


def test_what_was_changed_or_asked_for_otherwise_is_made_again(site: Site, monkeypatch):
    fake_export(monkeypatch)
    pull(NAME)
    model_file(NAME).write_bytes(b"damaged")
    with pytest.raises(WeightsError, match=rf"{NAME}\.onnx is missing or was changed; pull {NAME} again"):
        find_model(NAME)
    pull(NAME)
    assert not load(NAME).network.card.flip_test
    pull(NAME, flip_test=True)
    assert load(NAME).network.card.flip_test
    assert len(site.asked) == 3
    pull(NAME, flip_test=True)
    assert len(site.asked) == 3


def test_what_a_killed_process_left_does_not_matter(site: Site, store: Path, checkpoint: Checkpoint, monkeypatch):
    """Half a download, half a model in the working folder, and a model whose certificate was not written any more."""
    fake_export(monkeypatch)
    for name in (f"models/.{NAME}/{NAME}.onnx", f"models/{NAME}.onnx", "downloads/a.pth.partial"):
        (store / name).parent.mkdir(parents=True, exist_ok=True)
        (store / name).write_bytes(checkpoint.content[:1000])
    assert pulled() == []
    with pytest.raises(WeightsError, match="is not here yet"):
        find_model(NAME)
    pull(NAME)
    assert files(store) == [f"models/{NAME}.json", f"models/{NAME}.onnx", f"models/{NAME}.safetensors"]
    assert site.asked == [("/a.pth", "bytes=1000-")]


def test_a_pull_clears_what_killed_processes_left_of_others_and_nothing_else(site: Site, store: Path, monkeypatch):
    """A folder whose lock is held is somebody's; one that no model can have the name of is not ours."""
    fake_export(monkeypatch)
    for name in ("dead", "busy", "not a name"):
        (store / f"models/.{name}").mkdir(parents=True)
        (store / f"models/.{name}/half.onnx").touch()
    with alone("busy"):
        pull(NAME)
    left = ["models/.busy/half.onnx", "models/.not a name/half.onnx"]
    assert files(store) == [*left, f"models/{NAME}.json", f"models/{NAME}.onnx", f"models/{NAME}.safetensors"]
    pull(NAME, flip_test=True)
    assert files(store) == [left[1], f"models/{NAME}.json", f"models/{NAME}.onnx", f"models/{NAME}.safetensors"]


def test_of_several_that_pull_at_once_one_works(site: Site, store: Path, monkeypatch):
    fake_export(monkeypatch)
    with ThreadPoolExecutor(4) as pool:
        certificates = list(pool.map(pull, [NAME] * 4))
    assert len({certificate.to_json() for certificate in certificates}) == 1
    assert len(site.asked) == 1
    assert files(store) == [f"models/{NAME}.json", f"models/{NAME}.onnx", f"models/{NAME}.safetensors"]
