"""Models by name: those that come with the package, and those that were pulled."""

from dataclasses import dataclass
from pathlib import Path

from vitruvian.errors import UnknownNameError, WeightsError
from vitruvian.folders import home
from vitruvian.runtime.catalogue import published_names
from vitruvian.runtime.certificate import MODEL_NAME, Certificate
from vitruvian.runtime.fetch import file_sha256

FOLDER = Path(__file__).parent / "bundled"


@dataclass(frozen=True)
class Bundled:
    """A model file inside the package.

    skeleton: of its keypoints, a name in SKELETONS; sha256: of the file, checked whenever it is opened.
    rendered: whether it was trained on rendered people alone, on whom nobody has a licence.
    """

    file: str
    skeleton: str
    sha256: str
    rendered: bool = False


BUNDLED: dict[str, Bundled] = {
    "body": Bundled("body.onnx", "halpe26", "f43a9cd3b72f447501aee9f085ac4603ec1717d49b5defafde822b6b2e02e080"),
    "hand": Bundled("hand.onnx", "hand21", "24cc0cf42b9e8c15022f31a40ef929918275cf5c58ae8cc9e3fb41a3c8fa2993", True),
    "face": Bundled("face.onnx", "face68", "aa97953f5051249ba7aff4f1386e167681aa6ac5d87685c794fc8b708f202df2"),
}
DEFAULT = "body"


def find_model(name: str | Path) -> Path:
    """The file of a bundled or pulled model, or the path itself when it names a file (with a suffix or a folder).

    A published model is found by its name and by its aliases. A name without a suffix is a path only where there is
    such a file and no such model.

    Raises UnknownNameError, with the nearest names, for a name that is neither; WeightsError for a published model
    that is not pulled yet, and for a file that was changed.
    """
    if str(name) in BUNDLED:
        return _verified(BUNDLED[str(name)])
    path = Path(name)
    if path.suffix or len(path.parts) > 1:
        return path
    known = published_names()
    own = known[str(name)].name if str(name) in known else str(name)
    if certificate_file(own).is_file():
        return pulled_file(read_certificate(own))
    if own in known:
        raise WeightsError(f"{name} is not here yet; fetch it with: vitruvian pull {name}")
    if path.is_file():
        return path
    raise UnknownNameError("model", str(name), [*BUNDLED, *pulled()], hinted=known)


def find_checkpoint(name: str | Path) -> Path:
    """The weights to train on from: of a pulled model, by name or file, its checkpoint; else what `find_model` gives.

    Raises what `find_model` raises, and WeightsError for a pulled model whose checkpoint is missing or changed.
    """
    path = find_model(name)
    return pulled_checkpoint(path.stem) if path == model_file(path.stem) and path.stem in pulled() else path


def model_file(name: str) -> Path:
    """Where a pulled model of that name lies, or would."""
    return home() / "models" / f"{name}.onnx"


def certificate_file(name: str) -> Path:
    """Where its certificate lies, or would."""
    return home() / "models" / f"{name}.json"


def checkpoint_file(name: str) -> Path:
    """Where the weights of a pulled model lie, to train on from, or would."""
    return home() / "models" / f"{name}.safetensors"


def pulled() -> list[str]:
    """The names of the models that were pulled."""
    names = (path.stem for path in (home() / "models").glob("*.json"))
    return sorted(name for name in names if MODEL_NAME.fullmatch(name))


def read_certificate(name: str) -> Certificate:
    """The certificate of a pulled model. Raises WeightsError for one that is missing or damaged."""
    path = certificate_file(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise WeightsError(f"{path} is missing or damaged; pull {name} again") from error
    certificate = Certificate.from_json(text, str(path))
    if certificate.name != name:
        raise WeightsError(f"{path} is the certificate of {certificate.name}, not of {name}; pull {name} again")
    return certificate


def pulled_file(certificate: Certificate) -> Path:
    """The model file of a certificate. Raises WeightsError for one that is missing or was changed."""
    path = model_file(certificate.name)
    if not path.is_file() or file_sha256(path) != certificate.sha256:
        raise WeightsError(f"{path} is missing or was changed; pull {certificate.name} again")
    return path


def pulled_checkpoint(name: str) -> Path:
    """The checkpoint of a pulled model. Raises WeightsError, with the command, for one that is missing or changed."""
    certificate = read_certificate(name)
    path = checkpoint_file(name)
    if not path.is_file() or file_sha256(path) != certificate.checkpoint_sha256:
        raise WeightsError(
            f"{path}, the weights of {name} to train on from, is missing or was changed; fetch it again with: "
            f"{certificate.command()}"
        )
    return path


def _verified(model: Bundled) -> Path:
    path = FOLDER / model.file
    if not path.is_file() or file_sha256(path) != model.sha256:
        raise WeightsError(f"{path} is missing or was changed; install vitruvian again")
    return path
