"""python -m tests.parity DIR: exit 0 if all that is covered agrees, 1 if not, 2 if there is nothing to compare."""

import sys
from pathlib import Path

from .report import compare, lines


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m tests.parity DIR", file=sys.stderr)
        return 2
    tallies = compare(Path(arguments[0]))
    if not tallies:
        print(f"{arguments[0]} holds no cases; expected index.json or <kind>/<name>.json files", file=sys.stderr)
        return 2
    print("\n".join(lines(tallies)))
    return int(any(tally.failed for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
