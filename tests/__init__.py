"""Tests of Vitruvian; a package, so that `python -m tests.parity` runs from the root of the repository."""
