SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
unexport PYTHONDONTWRITEBYTECODE

bin := .venv/bin
# Locks come from the main index alone, for a private one may lack other platforms; and they leave
# out what was published in the last week, for bad releases are mostly found within days.
compile := $(bin)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --exclude-newer "1 week"

.PHONY: help env demo demo-server test lint format bench lock clean

help: ## Show what can be made
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 13

env: .venv/dev.stamp ## Make .venv with everything development needs

demo: .venv/demo.stamp ## Train a small model, simulate its deployment, report what happened
	@$(bin)/python examples/breast_cancer.py demo-out

demo-server: env ## Start the server, send it sixty days of a model, print the address
	@$(bin)/python examples/server_demo.py demo-out

test: ## Run every check, exactly as .ci/run does
	@.ci/run

lint: env ## Look for mistakes without running anything
	$(bin)/ruff check
	$(bin)/lint-imports
	$(bin)/codespell
	$(bin)/mypy

format: env ## Lay the code out
	$(bin)/ruff format
	$(bin)/ruff check --fix

bench: env ## Compare speed and memory with a plain scan of the same file
	$(bin)/python benchmarks/speed.py benchmarks/data

lock: env ## Pin the newest versions that are a week old
	$(compile) pyproject.toml --extra server --extra notify --group dev \
		--output-file requirements/dev.txt --upgrade
	$(compile) pyproject.toml --group demo --constraints requirements/dev.txt \
		--output-file requirements/demo.txt --upgrade
	$(compile) pyproject.toml --constraints requirements/dev.txt \
		--output-file requirements/runtime.txt --upgrade
	$(compile) --group installer --output-file requirements/installer.txt --upgrade

clean: ## Remove everything that can be made again
	rm -rf .venv dist build demo-out benchmarks/data
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests examples benchmarks -name __pycache__ -prune -exec rm -rf {} +

.venv/%.stamp: requirements/%.txt pyproject.toml
	@echo "Filling .venv with what $< pins"
	@.ci/uv pip install --quiet --compile-bytecode --require-hashes --requirement $<
	@.ci/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
