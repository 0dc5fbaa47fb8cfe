"""What the tests of `vitruvian predict` share: a folder to work in, and readers and writers of its files."""

import json
from pathlib import Path

from tests.fake_network import painted
from tests.tiny_model import write_tiny_model
from vitruvian.media import write_image

BOX = [20, 10, 84, 74]  # 64 x 64, as the model's input: points are exact


def fill(folder: Path) -> None:
    """Write tiny.onnx, and photos/ with img1 to img3, whose red spots are at x = 31, 32 and 33."""
    write_tiny_model(folder / "tiny.onnx")
    (folder / "photos").mkdir()
    for k in (1, 2, 3):
        write_image(folder / f"photos/img{k}.png", painted((100, 90), (30 + k, 30), (50, 60), (70, 20)))


def found(file: str = "out/poses.json") -> dict[str, list[list[float]]]:
    """File -> x and y of each person's red point."""
    content = json.loads(Path(file).read_text())
    points = {image["file"]: [one["keypoints"]["red"] for one in image["people"]] for image in content["images"]}
    return {name: [[point["x"], point["y"]] for point in people] for name, people in points.items()}


def write_boxes(boxes: object, name: str = "boxes.json") -> str:
    """Write a file of boxes, and give its name."""
    Path(name).write_text(json.dumps(boxes))
    return name
