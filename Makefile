# Every command a newcomer needs. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
ARGS ?=
NAME ?=
BENCH_DATA := $(or $(JIKIMI_BENCH_DATA),$(if $(wildcard ../shared/pages),$(abspath ../shared)))
export JIKIMI_BENCH_DATA := $(BENCH_DATA)

help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  \033[1m%-18s\033[0m %s\n", $$1, $$2}'

setup: ## Install everything into .venv (and system packages where allowed)
	@scripts/setup

demo: setup ## Run the main job on the sandbox, then serve the web interface (ARGS=--no-serve ends instead)
	@.venv/bin/jikimi demo $(ARGS)

test: setup check ## Set up all it needs, check and test
	@.venv/bin/pytest -n 2 --dist loadfile -m "not integration and not faults" $(ARGS)

test-integration: ## Start PostgreSQL, Redis and Elasticsearch and test on them
	@scripts/setup integration
	@tests/integration/run $(ARGS)

test-faults: setup ## Kill, starve and break things on purpose (slow)
	@.venv/bin/pytest -m faults $(ARGS)

check: setup ## Lint, types, import layers, templates
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/djlint --check --quiet $(wildcard */templates) && .venv/bin/djlint --lint --quiet $(wildcard */templates)

format: setup ## Format code and templates
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .
	@.venv/bin/djlint --reformat --quiet $(wildcard */templates) || true

messages: setup ## Collect new interface texts into the Korean catalogues and name those without Korean
	@.venv/bin/python -m scripts.messages

extension: setup ## Pack the browser extension into build/
	@.venv/bin/python -m scripts.extension

bench: setup ## Measure speed as ratios (NAME=... for one; lists them without)
	@.venv/bin/python -m benchmarks $(NAME)

lock: ## Renew requirements.lock from pyproject.toml, and the WACZ tool's own
	@.venv/bin/python -m pip install -q uv==0.13.9
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --extra dev --no-header pyproject.toml -o requirements.lock
	@echo wacz | .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header - -o requirements-wacz.lock

clean: ## Remove what was built and everything the demo wrote
	@rm -rf var build dist .venv .mypy_cache .pytest_cache .ruff_cache static_collected

.PHONY: help setup demo test test-integration test-faults check format messages extension bench lock clean
