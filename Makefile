# Python 3.11+ and make are all that a fresh machine needs; each target sets up what it uses.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Tests start the command line hundreds of times; without bytecode, each would compile the whole project.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-long bench bench-memory lint format schemas clean help

help:  ## what can be typed here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

demo: $(READY)  ## a machine and a human with one `sub`, told apart
	@$(BIN)/policy-engine demo

test: lint  ## everything that decides whether a change is good (about six minutes)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -q --cov --cov-report=term -m "not long"

test-long: $(READY)  ## a million mutants, and every property with 20 times as many examples (about twenty minutes)
	SAMPLES=20 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -q -m "long or hypothesis"

bench: $(READY)  ## what decisions, tokens, lists, loading and reloading cost, against peers in the same run (about five minutes)
	@$(BIN)/python tests/benchmarks/everything.py

bench-memory: $(READY)  ## what memory a million tokens and requests leave behind (about ten minutes)
	@$(BIN)/python tests/benchmarks/bounds.py --rows build/benchmarks.jsonl

lint: $(READY)  ## style, types and import layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## write the style that `lint` checks
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

schemas: $(READY)  ## write schemas/ and generated reference pages anew
	$(BIN)/python tests/plugins/generated.py

clean:  ## remove what was built
	rm -rf $(VENV) build dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else 0'
	@echo "Setting up $(VENV) (once; about a minute) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]' --constraint constraints.txt
	@touch $@
