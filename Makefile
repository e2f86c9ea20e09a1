# Thin targets: everything behind them is the `newsdex` command or a standard tool.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo test test-fast test-slow test-browser coverage lint types check bench-quality clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    set everything up and run Newsdex over the samples (newsdex demo --remove takes them away again)"
	@echo "make test    set everything up and run the test suite"
	@echo "make lint    ruff, import contracts;  make types  mypy"
	@echo "make test-fast  what needs no server, in a minute;  make test-slow, test-browser, coverage, bench-quality: what takes longer"

# Installed again when what is asked for changes; the stamp is written last, so a broken install is done again.
.venv/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; \
	  sys.exit(0 if (3, 11) <= v[:2] <= (3, 13) else f"Newsdex needs Python 3.11 to 3.13; {sys.executable} is {v.major}.{v.minor}. Try: make PYTHON=python3.12")'
	@echo "Installing into .venv (about a minute and 1.3 GB the first time) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --progress-bar off -c constraints.txt -e '.[dev]'
	@touch $@

demo: .venv/.installed
	@$(BIN)/newsdex demo

# One node and one Prefect server for both processes; whoever is idle takes tests from the other.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist worksteal

test: .venv/.installed
	$(PYTEST) -m "not slow and not browser"

# Without a node or a Prefect server: what can be known while one writes.
test-fast: .venv/.installed
	HYPOTHESIS_PROFILE=quick $(PYTEST) -m "not slow and not browser and not services"

test-slow: .venv/.installed
	$(BIN)/python -m pytest -q -m slow

test-browser: .venv/.installed
	$(BIN)/python -m pytest -q -m browser

# Of what needs no server. Interrupting an article in a thread and measuring coverage there do not go together.
coverage: .venv/.installed
	HYPOTHESIS_PROFILE=quick $(PYTEST) --cov --cov-report=term:skip-covered -m "not slow and not browser and not services" \
	  --ignore tests/flows/test_article_limit.py --ignore tests/flows/test_linear_time.py

lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: .venv/.installed
	$(BIN)/mypy

check: lint types test

bench-quality: .venv/.installed
	$(BIN)/python -m benchmarks.quality

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
