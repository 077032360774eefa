# Both commands need only Python >= 3.11 and make; everything else they install into .venv from the locks.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help dashboards check pictures demo test lint types unit snapshots generated lock ui ui-check wheel bench scale queries capacity clean

help: ## show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1|/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

dashboards: $(VENV)/.runtime ## render every environment into build/, validated, and docs/tables.md
	@$(BIN)/dashgen build
	@$(BIN)/dashgen docs --out docs/tables.md

check: $(VENV)/.dev ## prove every query on a real QuestDB
	@$(BIN)/dashgen check

# Not of QuestDB's dashboard: bytes on disk differ each time.
pictures: $(VENV)/.dev ## draw the shipped dashboards, healthy and in an outage, into docs/pictures/ (needs a Chromium)
	@$(BIN)/dashgen preview --png docs/pictures/day --at 2026-01-05T13:30 --width 1280 --dashboard overview --dashboard daemon-health --dashboard pipeline
	@$(BIN)/dashgen preview --png docs/pictures/outage --at 2026-01-05T08:53 --width 1280 --dashboard overview --dashboard exchanges

demo: $(VENV)/.dev ## show the dashboards over demo data in a Grafana on this machine (installed, or by Docker)
	@$(BIN)/dashgen demo

test: lint types unit ## run everything: ruff, mypy --strict, pytest with the snapshots

lint: $(VENV)/.dev ## run ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## run mypy --strict
	$(BIN)/mypy

unit: $(VENV)/.dev ## run pytest on all cores
	$(BIN)/python -m pytest -n auto --dist worksteal --durations 20

snapshots: $(VENV)/.dev ## accept changed panel snapshots (`make dashboards` renders build/)
	$(BIN)/python -m pytest --snapshot-update

generated: $(VENV)/.dev ## write derived files: the schemas from the SDK, docs/rules.md, docs/reference/
	$(BIN)/python -m dashgen.schema.generate
	$(BIN)/python -m dashgen.check.pages
	$(BIN)/python -m dashgen.reference

bench: $(VENV)/.dev ## measure builds against the SDK, grafanalib and Jsonnet (docs/benchmarks.md, BENCH="--resume" goes on); builds after a change, and how soon they are seen; tables; diff; checks and back tests
	$(BIN)/python -m benchmarks.peers --out docs $(BENCH)
	$(BIN)/python -m benchmarks.incremental
	$(BIN)/python -m benchmarks.watching
	$(BIN)/python benchmarks/tables.py
	$(BIN)/python benchmarks/diff.py
	$(BIN)/python -m benchmarks.checking_at_scale --out docs

scale: $(VENV)/.dev ## measure dashgen, git and Grafana's way of reading files with 100,000 dashboards (docs/scale.md)
	$(BIN)/python -m benchmarks.scale measure --out docs $(BENCH)

queries: $(VENV)/.dev ## measure every query of the shipped dashboards over 60 million rows (docs/queries.md)
	$(BIN)/python -m benchmarks.queries --out docs

capacity: $(VENV)/.dev ## measure disk, an hour of 10,000 rows a second, and time to the page (docs/capacity.md)
	@found=$$(mktemp) && trap 'rm -f "$$found"' EXIT && \
	$(BIN)/python -m benchmarks.capacity.sustained --out "$$found" && \
	$(BIN)/python -m benchmarks.capacity --sustained "$$found" --out docs

# Extras stay in the lock: pip takes `coverage[toml]` for unpinned where only `coverage` is, once there is a newer one.
lock: $(VENV)/.dev ## resolve the dependencies again (needs uv on the PATH)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q pyproject.toml requirements/build.in -o requirements/runtime.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-annotate --no-header -q pyproject.toml requirements/build.in --extra questdb --extra dataframe --extra preview --extra dev -c requirements/runtime.lock -o requirements/dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-annotate --no-header -q pyproject.toml --extra preview -c requirements/dev.lock -o dashgen/starter/requirements.lock

ui: ## build the page of `dashgen preview` from ui/ (needs Node >= 20)
	@cd ui && npm ci --loglevel=error && npm run --silent check && node build.mjs

ui-check: ## compare the committed page with a build of ui/
	@cd ui && npm ci --loglevel=error && npm run --silent check
	@made=$$(mktemp -d) && trap 'rm -rf "$$made"' EXIT && node ui/build.mjs --out "$$made" >/dev/null && \
	diff -r "$$made" dashgen/preview/assets || { echo "dashgen/preview/assets is not what ui/ makes: run make ui" >&2; exit 1; }

# SOURCE_DATE_EPOCH would be the time of the files in it; without it hatchling takes one of its own.
wheel: $(VENV)/.runtime ## build dist/dashgen_grafana-….whl from the lock, without network, the same bytes each time
	@env -u SOURCE_DATE_EPOCH $(BIN)/python -m hatchling build -t wheel -d dist -c
	@$(BIN)/python -m pip --disable-pip-version-check hash dist/*.whl | tail -n 1

clean: ## remove the virtual environment, the wheel and caches
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache build/local

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "dashgen needs Python >= 3.11; run: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@echo "making $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml | $(BIN)/python
	@echo "installing from requirements/runtime.lock ..." >&2
	@$(PIP) install --require-hashes -r requirements/runtime.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.runtime
	@echo "installing from requirements/dev.lock ..." >&2
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@
