"""Reading XML that others wrote: bounded, whole, and without a document type, which may define entities."""

from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from vitruvian.errors import DataError

LARGEST = 2**30  # bytes


def read_xml(path: Path, root: str, expected: str) -> Element:
    """The tree of a file whose outermost element is called `root`; `expected` says what the file should be.

    Raises DataError for what is not that, is no whole XML, has a document type, or is larger than `LARGEST`.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f"{path} has over {LARGEST / 2**30:.0f} GiB; split it")
        with path.open("rb") as file:
            parser.ParseFile(file)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); expected {expected}") from error
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise DataError(f"{path} is not whole XML ({error}); expected {expected}") from error
    tree: Element = builder.close()
    if tree.tag != root:
        raise DataError(f"{path} begins with <{tree.tag}>, expected <{root}>: {expected}")
    return tree


def _refuse(*_: object) -> None:
    raise ValueError("it has a document type, which data has no need of; remove the line <!DOCTYPE ...>")
