"""Makes runtime/published.json from the facts: `python -m tests.published_table`.

The facts name a configuration for each checkpoint. What model, codec and skeleton that means is written down here as
rules over names; the settings were read in the configurations of MMPose 1.3. Entries whose model or codec is not in
our tables yet are left out, so run this again when one is added.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.parity.cases import shared_folder
from vitruvian.codecs import CODECS
from vitruvian.models import MODELS
from vitruvian.runtime.catalogue import TABLE

LICENCE = "Apache-2.0, with MMPose (OpenMMLab)"

# What a configuration's name starts with, without "td-hm_" -> our model; {n} is the group of that number.
HEATMAP_MODELS = [
    (r"hrnet-w(32|48)_", "hrnet_w{1}"),
    (r"hrnetv2-w18_", "hrnetv2_w18"),
    (r"res(50|101|152)_", "simple_baseline_resnet{1}"),
    (r"mobilenetv2_", "simple_baseline_mobilenetv2"),
    (r"hourglass52_", "hourglass52"),
    (r"(?:topdown_heatmap_)?scnet(50|101)_", "scnet{1}"),
    (r"litehrnet-w?(18|30)_", "lite_hrnet_{1}"),
    (r"cpm_", "cpm"),
    (r"mspn50_", "mspn50"),
    (r"([234])xmspn50_", "mspn50_x{1}"),
    (r"rsn(18|50)_", "rsn{1}"),
    (r"([23])xrsn50_", "rsn50_x{1}"),
    (r"vipnas-mbv3_", "vipnas_mobilenet_v3"),
    (r"vipnas-res50_", "vipnas_resnet50"),
    (r"ViTPose-(small|base|large|huge)-simple_", "vitpose_{1}_simple"),
    (r"ViTPose-(small|base|large|huge)_", "vitpose_{1}"),
    (r"cspnext-tiny_", "simple_baseline_cspnext_t"),
    (r"cspnext-([sml])_", "simple_baseline_cspnext_{1}"),
]
OTHER_MODELS = [
    (r"rtm(pose|w)-([tsmlx])_", "rtm{1}_{2}"),
    (r"simcc_res50_wo-deconv", "simcc_resnet50_plain"),
    (r"simcc_res50_", "simcc_resnet50"),
    (r"simcc_vipnas-mbv3_", "simcc_vipnas_mobilenet_v3"),
    (r"simcc_mobilenetv2_", "simcc_mobilenetv2"),
    (r"td-reg_res(50|101|152)_rle", "deep_pose_resnet{1}_rle"),
    (r"td-reg_mobilenetv2_rle", "deep_pose_mobilenetv2_rle"),
    (r"td-reg_res(50|101|152)_", "deep_pose_resnet{1}"),
    (r"ipr_res50_debias", "integral_resnet50_debiased"),
    (r"ipr_res50_dsnt", "dsnt_resnet50"),
    (r"ipr_res50_", "integral_resnet50"),
]

# The folder of a configuration -> our skeleton.
SKELETONS = {
    "300w": "face68",
    "300wlp": "face68",
    "aflw": "aflw19",
    "aic": "aic14",
    "animalpose": "animalpose20",
    "ap10k": "ap10k17",
    "body8": "coco17",
    "coco": "coco17",
    "coco_wholebody_face": "face68",
    "coco_wholebody_hand": "hand21",
    "coco-wholebody": "coco_wholebody133",
    "cocktail14": "coco_wholebody133",
    "cofw": "cofw29",
    "crowdpose": "crowdpose14",
    "exlpose": "exlpose14",
    "face6": "lapa106",
    "freihand2d": "hand21",
    "hand5": "hand21",
    "humanart": "coco17",
    "jhmdb": "jhmdb15",
    "lapa": "lapa106",
    "mpii": "mpii16",
    "onehand10k": "hand21",
    "posetrack18": "posetrack17",
    "rhd2d": "rhd21",
    "ubody2d": "coco_wholebody133",
    "wflw": "wflw98",
}
RTMPOSE_SIGMA = {(192, 256): [4.9, 5.66], (256, 256): [5.66, 5.66], (288, 384): [6.0, 6.93]}  # by (width, height)
SPELLINGS = {
    "AIC": "AI Challenger",
    "COCO-Wholebody-Face": "COCO-WholeBody-Face",
    "COCO-Wholebody-Hand": "COCO-WholeBody-Hand",
    "FreiHand": "FreiHAND",
    "FreiHand2d": "FreiHAND",
    "RHD2d": "RHD",
    "JHMDB": "sub-JHMDB",
}

# Terms that were read; for the others, where they stand.
TERMS = {
    "COCO": "annotations CC BY 4.0, images under their Flickr licences (https://cocodataset.org/#termsofuse)",
    "COCO-WholeBody": "research and non-commercial use only (https://github.com/jin-s13/COCO-WholeBody)",
    "MPII": "research only, no commercial use (http://human-pose.mpi-inf.mpg.de)",
}
TERMS["COCO-WholeBody-Face"] = TERMS["COCO-WholeBody-Hand"] = TERMS["COCO-WholeBody"]
HOMES = {
    "300W": "https://ibug.doc.ic.ac.uk/resources/300-W/",
    "AFLW": "https://www.tugraz.at/institute/icg/research/team-bischof/lrs/downloads/aflw/",
    "AP-10K": "https://github.com/AlexTheBad/AP-10K",
    "COFW": "http://www.vision.caltech.edu/xpburgos/ICCV13/",
    "CrowdPose": "https://github.com/Jeff-sjtu/CrowdPose",
    "FreiHAND": "https://lmb.informatik.uni-freiburg.de/projects/freihand/",
    "Halpe": "https://github.com/Fang-Haoshu/Halpe-FullBody",
    "Human-Art": "https://idea-research.github.io/HumanArt/",
    "LaPa": "https://github.com/JDAI-CV/lapa-dataset",
    "PoseTrack18": "https://posetrack.net",
    "RHD": "https://lmb.informatik.uni-freiburg.de/resources/datasets/RenderedHandposeDataset.en.html",
    "WFLW": "https://wywu.github.io/projects/LAB/WFLW.html",
    "sub-JHMDB": "http://jhmdb.is.tue.mpg.de",
}


def table(facts: Path) -> dict[str, Any]:
    """The content of published.json; `facts` is the folder of the facts."""
    source = json.loads((facts / "published_models.json").read_text())
    contradictions = json.loads((facts / "published_models_inconsistencies.json").read_text())
    entries: dict[str, dict[str, Any]] = {}
    digits: dict[str, list[str]] = defaultdict(list)
    for fact in source["models"]:
        entry = _entry(fact)
        if entry is None:
            continue
        if entry["name"] in entries:
            _add_results(entries[entry["name"]], fact)
            continue
        _add_results(entry, fact)
        entry["notes"] += _contradictions(fact["name"], contradictions)
        entries[entry["name"]] = entry
        if entry["sha256"]:
            digits[entry["sha256"]].append(entry["name"])
    for names in digits.values():
        for name in names if len(names) > 1 else []:
            others = ", ".join(other for other in names if other != name)
            entries[name]["notes"].append(f"the published hash is the same as that of {others}")
    for entry in entries.values():
        _doubt_shared_file(entry, list(entries.values()))
    _keep_clear_aliases(list(entries.values()))
    data = sorted({name for entry in entries.values() for name in entry["trained_on"]})
    return {
        "source": source["source"],
        "licence": LICENCE,
        "terms": {
            name: TERMS.get(name) or f"terms not read here, see {HOMES.get(name, 'its makers')}" for name in data
        },
        "models": list(entries.values()),
    }


def _entry(fact: Mapping[str, Any]) -> dict[str, Any] | None:
    """One line of the table, without results; None where we have no such model, codec or skeleton."""
    config = Path(fact["config"]).stem
    renamed = fact["name"] != config and ("crowdpose" in config) != ("crowdpose" in fact["name"])
    name = config if renamed else fact["name"]
    found = _model_and_codec(name)
    skeleton = SKELETONS.get(Path(fact["config"]).parent.name)
    if "halpe26" in name:
        skeleton = "halpe26"
    if "aic-256x192-combine" in name:
        skeleton = "coco_aic19"
    if found is None or skeleton is None:
        return None
    model, codec = found
    entry: dict[str, Any] = {"name": name, "url": fact["url"].lstrip("("), "sha256": fact["sha256_prefix"] or ""}
    aliases = fact["alias"] if isinstance(fact["alias"], list) else [fact["alias"]] if fact["alias"] else []
    trained_on = fact["trained_on"] if isinstance(fact["trained_on"], list) else [fact["trained_on"]]
    entry |= {"aliases": aliases, "model": model, "codec": codec, "skeleton": skeleton}
    entry |= {"trained_on": [SPELLINGS.get(data, data) for data in trained_on], "accuracy": {}, "notes": []}
    if renamed:
        entry["notes"].append(f"the published list calls it {fact['name']}, which is another model")
    if fact["url"].startswith("("):
        entry["notes"].append("the published address begins with a stray bracket, left out here")
    if not entry["sha256"]:
        entry["notes"].append("no hash is published")
    return entry


def _model_and_codec(name: str) -> tuple[str, dict[str, Any]] | None:
    size = re.search(r"(\d+)x(\d+)(?:-merge|-combine)?$", name)
    if size is None:
        return None
    height, width = int(size[1]), int(size[2])
    for pattern, model in HEATMAP_MODELS:
        if match := re.match(pattern, name.removeprefix("td-hm_")):
            model = model.format(None, *match.groups())
            codec = _heatmap_codec(name, model, (width, height))
            break
    else:
        for pattern, model in OTHER_MODELS:
            if match := re.match(pattern, name):
                model = model.format(None, *match.groups())
                codec = _other_codec(name, model, (width, height))
                break
        else:
            return None
    return (model, codec) if model in MODELS and codec["kind"] in CODECS else None


def _heatmap_codec(name: str, model: str, size: tuple[int, int]) -> dict[str, Any]:
    wide = max(size) >= 384  # larger inputs were trained with wider bumps
    codec: dict[str, Any] = {"kind": "gaussian_heatmap", "input_size": list(size)}
    if model.startswith(("mspn", "rsn")):
        return {"kind": "megvii_heatmap", "input_size": list(size), "blur_kernel": 5}
    if "udp" in name or model.startswith(("vitpose", "simple_baseline_cspnext")):
        codec["kind"] = "udp_heatmap"
        codec |= {"combined": True} if "udp-regress" in name else {}
        codec |= {"sigma": 3.0, "blur_kernel": 17} if wide else {}
        return codec
    if model == "cpm":
        codec["stride"] = 8
    if re.search(r"_(300w|300wlp|cofw)-", name):
        codec["sigma"] = 1.5
    elif wide:
        codec["sigma"] = 3.0
    if "dark" in name:
        codec |= {"unbiased": True, "refine": "dark"} | ({"blur_kernel": 17} if wide else {})
    return codec


def _other_codec(name: str, model: str, size: tuple[int, int]) -> dict[str, Any]:
    codec: dict[str, Any] = {"kind": "simcc", "input_size": list(size)}
    if model.startswith("rtm"):
        codec |= {"sigma": RTMPOSE_SIGMA[size], "normalise": False}
        codec |= {"sharpness": 150.0} if model.startswith("rtmw") else {}
    elif model.startswith("deep_pose"):
        codec["kind"] = "regression"
        codec |= {"spread": True} if model.endswith("_rle") else {}
    elif not model.startswith("simcc"):
        codec |= {"kind": "integral_regression", "reach": None}
    return codec


def _add_results(entry: dict[str, Any], fact: Mapping[str, Any]) -> None:
    """The metrics of one published result; a second one of the same data set gets a number."""
    for result in fact["results"]:
        metrics, data, number = result["metrics"], result["dataset"], 1
        while any(f"{metric}, {data}" in entry["accuracy"] for metric in metrics):
            number += 1
            data = f"{result['dataset']} ({number})"
        if number == 2:
            entry["notes"].append("published twice with different numbers; the list does not say how they differ")
        entry["accuracy"] |= {f"{metric}, {data}": value for metric, value in metrics.items()}


def _contradictions(name: str, rows: list[list[Any]]) -> Iterator[str]:
    """Numbers of the metafile that the page beside it does not have."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        if row[0] == name and len(row) == 6:
            _, data, metric, value, on_page, file = row
            if any(abs(100 * value - number) < 0.06 for number in on_page):
                continue  # a share here is a percentage there
            found[file, data, ", ".join(map(str, on_page))].append(f"{metric} {value}")
        elif row[0] == name:
            yield f"the numbers of {Path(row[2]).name} are not on the page beside it"
    for (file, data, on_page), values in found.items():
        yield f"{data}: {file} says {', '.join(values)}; the page beside it has {on_page}"


def _doubt_shared_file(entry: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """Mark an entry whose address is that of another one, of another input size, which the address names."""
    for other in entries:
        if other["url"] == entry["url"] and other["codec"]["input_size"] != entry["codec"]["input_size"]:
            width, height = entry["codec"]["input_size"]
            if f"{height}x{width}" not in entry["url"]:
                entry["doubtful"] = True
                entry["notes"] = [
                    f"the published address and hash are those of {other['name']}, so the accuracy is of another file"
                ]


def _keep_clear_aliases(entries: list[dict[str, Any]]) -> None:
    """Leave out the short names that mean more than one model."""
    count: dict[str, int] = defaultdict(int)
    for entry in entries:
        for alias in entry["aliases"]:
            count[alias] += 1
    for entry in entries:
        entry["aliases"] = [alias for alias in entry["aliases"] if count[alias] == 1]


def text(content: Mapping[str, Any]) -> str:
    """The table as it is stored: one model a line."""
    lines = ",\n".join(
        "  " + json.dumps({key: value for key, value in entry.items() if value not in ([], {})}, ensure_ascii=False)
        for entry in content["models"]
    )
    head = {key: value for key, value in content.items() if key != "models"}
    return json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}") + f',\n "models": [\n{lines}\n ]\n}}\n'


if __name__ == "__main__":
    made = table(shared_folder() / "facts")
    TABLE.write_text(text(made), encoding="utf-8")
    print(f"{len(made['models'])} models -> {TABLE}")
