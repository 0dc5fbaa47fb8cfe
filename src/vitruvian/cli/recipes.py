"""`vitruvian recipes`: what can be trained by name, and what publishers reached with the same settings."""

from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.options import OFF
from vitruvian.errors import UnknownNameError, needs
from vitruvian.version import __version__

if TYPE_CHECKING:
    from vitruvian.recipes import Recipe, Result


def recipes(
    name: Annotated[str | None, tyro.conf.Positional, OFF] = None,
    search: Annotated[str | None, OFF, tyro.conf.arg(metavar="TEXT")] = None,
) -> int:
    """List the named recipes for `vitruvian train`, or print one as a file.

    With model, skeleton, input, codec, and what publishers reached with them.

    Args:
        name: Of one recipe: all its settings, as a file for `vitruvian train` to start from: > mine.toml.
        search: Words in the name, model, skeleton, codec or data set, such as "hrnet udp" or "rhd".
    """
    return _list(search) if name is None else _print(name)


def _print(name: str) -> int:
    """One recipe as TOML. Raises UnknownNameError for a name that is not in the table."""
    with needs("train", "a recipe"):
        from vitruvian.recipes import RECIPES, recipe_to_toml
    if name not in RECIPES:
        raise UnknownNameError("recipe", name, RECIPES)
    print(f"# {name} of vitruvian {__version__}; see docs/recipes.md for what the settings mean")
    print(recipe_to_toml(RECIPES[name]()), end="")
    return 0


def _list(search: str | None) -> int:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    with needs("train", "a recipe"):
        from vitruvian.recipes import RECIPES, RESULTS, SOURCES
    words = (search or "").casefold().split()
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("recipe", no_wrap=True)
    table.add_column("model", overflow="fold")
    table.add_column("published result", overflow="fold")
    found, sources = 0, set()
    for name, make in RECIPES.items():
        cells = name, _made_of(make()), _published(RESULTS.get(name))
        if all(word in "\n".join(cells).casefold() for word in words):
            table.add_row(*(Text(cell) for cell in cells))
            found += 1
            sources |= {RESULTS[name].source} if name in RESULTS else set()
    if found:
        Console().print(table)
    for source in SOURCES:
        if source in sources:
            print(f"{source}: {SOURCES[source]}")
    print("Published results are what the publishers say; none of them was measured with this package.")
    print(f"{found} of {len(RECIPES)} recipes; docs/recipes.md says how to train one")
    return 0 if found else 1


def _made_of(recipe: "Recipe") -> str:
    from vitruvian.recipes import recipe_to_dict

    width, height = recipe.codec.input_size
    return f"{recipe.model}\n{recipe.joints.name}, {width} x {height}\n{recipe_to_dict(recipe)['codec']['kind']}"


def _published(result: "Result | None") -> str:
    if result is None:
        return "none"
    metrics = ", ".join(f"{name} {value:.{2 if value > 1 else 3}f}" for name, value in result.metrics)
    note = f"\n({result.note})" if result.note else ""
    return f"{result.dataset}, by {result.source}\n{metrics}{note}"
