# Every target makes its own virtual environment from the lock; `make help` lists them.
# Another interpreter: make test PYTHON=python3.13 VENV=build/3.13

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# Per cent of lines and branches; all of aibom, and the two parts where a miss is a hole.
COVERAGE_FLOOR ?= 95
KERNEL_FLOOR ?= 100

# The one tool that is not in the lock, because it makes the lock.
UV := uv==0.13.9
LOCK_ARGS ?=

VERSION_OF := -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
VERSION := $(shell $(PYTHON) $(VERSION_OF))
STAMP := $(VENV)/.made-from-lock-$(VERSION)
REPORT := build/coverage.json
EXPORT_FLAGS := --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --quiet

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.PHONY: help demo test check docs bench fuzz lock clean python lint format types pyright imports budgets

help: ## Say what the targets do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

demo: $(STAMP) ## Scan, describe, sign and verify a small model, and show each step
	$(BIN)/python tools/demo.py

# The tests of the locked process fork, so they need a test process with a single thread.
test: $(STAMP) ## Run all tests with branch coverage, and hold its floors
	$(BIN)/pytest --cov --cov-report= tests/scanners/isolate
	$(BIN)/pytest -n auto --ignore tests/scanners/isolate --cov --cov-append --cov-report=json:$(REPORT) --cov-report=
	$(BIN)/python tools/coverage_floor.py $(REPORT) aibom=$(COVERAGE_FLOOR) \
	  aibom.signatures=$(KERNEL_FLOOR) aibom.scanners.pickles=$(KERNEL_FLOOR)

check: lint format types pyright imports budgets ## Lint, check format, types, imports and size budgets (-k: do not stop at the first)
lint: $(STAMP)
	$(BIN)/ruff check
format: $(STAMP)
	$(BIN)/ruff format --check
types: $(STAMP)
	$(BIN)/mypy
pyright: $(STAMP)
	$(BIN)/pyright --pythonpath $(BIN)/python
imports: $(STAMP)
	$(BIN)/lint-imports --no-logo
budgets: $(STAMP)
	$(BIN)/python tools/budgets.py

# The site is built apart from everything else: what builds it is large, and nothing else needs it. With --quiet,
# mkdocs would count no warnings, and --strict mean nothing.
DOCS := build/docs-$(VERSION)
DOCS_STAMP := $(DOCS)/.made-from-lock

docs: $(DOCS_STAMP) ## Build the documentation site in build/site, and check its links
	$(DOCS)/bin/python -m tools.site build/site-pages
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict --config-file tools/site/mkdocs.yml
	$(DOCS)/bin/python -m tools.site.check build/site-pages build/site

$(DOCS_STAMP): requirements-docs.lock | python
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/pip install --quiet --no-deps --require-hashes --requirement $<
	@touch $@

bench: $(STAMP) ## Measure every figure of docs/figures.md
	$(BIN)/python benchmarks/run.py

# Atheris has no place in the lock: it exists for few systems, and only this needs it.
SECONDS ?= 600
TARGETS ?=
ATHERIS := build/fuzz/atheris

fuzz: $(STAMP) $(ATHERIS) ## Fuzz every reader for SECONDS in all (TARGETS="pickle zip": these alone)
	$(BIN)/python -m tools.fuzz $(SECONDS) $(TARGETS)

$(ATHERIS): tools/fuzz/requirements.txt | $(STAMP)
	$(BIN)/pip install --quiet --no-deps --require-hashes --upgrade --target $@ --requirement $<
	@touch $@

lock: python ## Resolve the dependencies again (LOCK_ARGS=--upgrade for newer ones)
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet $(UV)
	build/lock/bin/uv pip compile $(EXPORT_FLAGS) $(LOCK_ARGS) pyproject.toml --output-file requirements.lock
	build/lock/bin/uv pip compile $(EXPORT_FLAGS) $(LOCK_ARGS) pyproject.toml --group dev \
	  --constraints requirements.lock --output-file requirements-dev.lock
	build/lock/bin/uv pip compile $(EXPORT_FLAGS) $(LOCK_ARGS) pyproject.toml --extra policy --extra sigstore \
	  --group action --constraints requirements.lock --output-file requirements-action.lock
	build/lock/bin/uv pip compile $(EXPORT_FLAGS) $(LOCK_ARGS) pyproject.toml --group docs \
	  --constraints requirements.lock --output-file requirements-docs.lock

clean: ## Remove the environment, builds and caches
	rm -rf $(VENV) build dist .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis \
	  .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment of another Python is made anew; one of the same Python is brought up to the lock.
$(STAMP): requirements-dev.lock pyproject.toml hatch_build.py | python
	@[ "$$($(BIN)/python $(VERSION_OF))" = "$(VERSION)" ] || rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-deps --require-hashes --requirement requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is not Python 3.11 or newer. Name one: make test PYTHON=python3.13" >&2; exit 1; }
