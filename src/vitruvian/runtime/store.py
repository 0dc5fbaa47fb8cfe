"""The models that come with the package, by name."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from vitruvian.errors import UnknownNameError, WeightsError

FOLDER = Path(__file__).parent / "bundled"


@dataclass(frozen=True)
class Bundled:
    """A model file inside the package. sha256: of the file, checked whenever it is opened."""

    file: str
    sha256: str


BUNDLED: dict[str, Bundled] = {
    "body14": Bundled("body14.onnx", "8a20eb46db75eeee97fc246aee870a985986c1b852120a0d1a38ee4a1bdd11d5"),
}
DEFAULT = "body14"


def find_model(name: str | Path) -> Path:
    """The file of a bundled model, or the path itself when it names a file (anything with a suffix or a folder).

    Raises UnknownNameError, with the nearest names, for a name that is neither; WeightsError for a bundled file that
    was changed.
    """
    if str(name) in BUNDLED:
        return _verified(BUNDLED[str(name)])
    path = Path(name)
    if path.suffix or len(path.parts) > 1 or path.exists():
        return path
    raise UnknownNameError("model", str(name), BUNDLED)


def _verified(model: Bundled) -> Path:
    path = FOLDER / model.file
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != model.sha256:
        raise WeightsError(f"{path} is missing or was changed; install vitruvian again")
    return path
