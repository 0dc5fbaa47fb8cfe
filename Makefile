# make demo   the joints of a person in a real photo, with the base package only
# make test   every check: ruff, mypy, pytest
# make parity GOLDEN=DIR   agreement with reference numbers

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The one place where the tested version of PyTorch stands. It is installed first and alone, so that an index of
# CPU builds can be chosen: make test TORCH="torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu"
TORCH ?= torch==2.13.0
GOLDEN ?= $(or $(VITRUVIAN_SHARED),../shared)/golden
EXAMPLE := src/vitruvian/media/example

.PHONY: demo test parity bench clean

demo: $(VENV)/base
	$(BIN)/vitruvian predict $(EXAMPLE)/cameraman.png --boxes $(EXAMPLE)/boxes.json --out out/demo

test: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

parity: $(VENV)/dev
	$(BIN)/python -m tests.parity $(GOLDEN)

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.codecs
	$(BIN)/python -m benchmarks.predict
	$(BIN)/python -m benchmarks.bundled
	$(BIN)/python -m benchmarks.models
	$(BIN)/python -m benchmarks.matrix_rate
	$(BIN)/python -m benchmarks.datasets
	$(BIN)/python -m benchmarks.evaluation
	$(BIN)/python -m benchmarks.loading
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.synthesis
	$(BIN)/python -m benchmarks.doctor

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, $(PYTHON) is {sys.version.split()[0]}; try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/base: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/base

clean:
	rm -rf $(VENV) out
