# The one command screen. `make` alone prints what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# The system's own Python where it will do: one built by hand often lacks its optimizations, and is a third slower.
PY ?= $(or $(shell for own in /usr/bin/python3 python3; do \
	$$own -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && echo $$own && break; done),python3)
BIN := .venv/bin
STAMPS := .venv/.stamps
UV := $(BIN)/uv --quiet
# Some machines keep Python from storing what it compiled; then every process here compiles every library again.
unexport PYTHONDONTWRITEBYTECODE
# The package itself; one module of it is compiled where there is a compiler, and does without where there is none.
BUILT_FROM := pyproject.toml hatch_build.py src/insignia/vc/canon/compiled.pyx
# Tests of one file share what they set up; files go to whichever process is free, in their order.
AT_ONCE := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help demo run test kernel looks fuzz chaos lint bench fix openapi lock clean

help: ## print this help
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(STAMPS)/run ## a complete small world: the main job in the terminal, then a server to walk through
	@$(BIN)/insignia demo $(ARGS)

run: $(STAMPS)/run ## start Insignia on this machine: SQLite, one process, no configuration
	@$(BIN)/insignia run $(ARGS)

test: $(STAMPS)/dev ## lint, then every test (installs a browser and PostgreSQL when root)
	@$(BIN)/python tests/prepare_machine.py & packages=$$!; \
		$(MAKE) --no-print-directory -j2 -Oline lint kernel; green=$$?; wait $$packages && exit $$green
	@echo "test: everything else, on SQLite"; $(BIN)/pytest $(AT_ONCE) -q --ignore=tests/vc $(ARGS)
	@echo "test: the domains, on PostgreSQL"; $(BIN)/python tests/with_postgresql.py $(BIN)/pytest $(AT_ONCE) -q tests/platform --ignore=tests/platform/web -m "(django_db or postgresql) and not browser"

kernel: $(STAMPS)/dev ## only the tests of the kernel, which need nothing but Python
	@echo "test: the kernel"
	@$(BIN)/pytest $(AT_ONCE) -q tests/vc

looks: $(STAMPS)/dev ## a picture of every page, wide and on a telephone, light and dark, in build/screenshots
	@$(BIN)/python tests/prepare_machine.py
	@INSIGNIA_PICTURES=all $(BIN)/pytest $(AT_ONCE) -q -m browser tests/journeys tests/platform $(ARGS)

fuzz: $(STAMPS)/dev ## every property on many more cases, new ones each time (TIMES=20)
	@INSIGNIA_EXAMPLES_TIMES=$(or $(TIMES),20) $(BIN)/pytest $(AT_ONCE) -q -m hypothesis $(ARGS)

chaos: $(STAMPS)/dev ## kill workers and the database over many awards, then count (ROWS=100000 KILLS=1000)
	@$(BIN)/python -m tests.chaos

lint: $(STAMPS)/dev ## style, types, the import ladder
	@mkdir -p build
	@echo "lint: ruff"; $(BIN)/ruff check -q . && $(BIN)/ruff format -q --check .
	@echo "lint: the ladder (import-linter)"; $(BIN)/lint-imports --no-cache > build/ladder.txt || (cat build/ladder.txt; exit 1)
	@echo "lint: types (mypy --strict)"; $(BIN)/mypy

bench: $(STAMPS)/dev ## measure everything beside its peers (ONLY=sign|verify|batch|dryrun|status|pages, ROWS=10000)
	@$(BIN)/python tests/prepare_machine.py
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(ROWS),--rows $(ROWS))

fix: $(STAMPS)/dev ## format and repair what a tool can repair
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

openapi: $(STAMPS)/dev ## write the description of the API again, after it changed
	@INSIGNIA_DATA=build/openapi INSIGNIA_ORIGIN=https://insignia.example $(BIN)/python -m insignia.api.openapi docs/reference/openapi.json

lock: | $(BIN)/uv ## lock every version with its hash again, after pyproject.toml changed
	$(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml --group build -o requirements/run.txt
	$(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml --group build --group dev -o requirements/dev.txt

clean: ## remove what was built (not your data)
	rm -rf build .venv .mypy_cache .pytest_cache .ruff_cache src/insignia/vc/canon/compiled.*.so

$(BIN)/uv:
	@$(PY) deploy/bootstrap.py

$(STAMPS)/run: requirements/run.txt $(BUILT_FROM) | $(BIN)/uv
	@mkdir -p $(STAMPS) build
	@if test -e $(STAMPS)/dev; then $(MAKE) --no-print-directory $(STAMPS)/dev; else \
		echo "install: the libraries, each version checked against its hash (once; under a minute)"; \
		$(UV) pip sync --require-hashes requirements/run.txt && \
		$(UV) pip install --no-deps --no-build-isolation -e .; fi
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(BUILT_FROM) | $(BIN)/uv
	@$(PY) tests/prepare_machine.py compiler
	@echo "install: the libraries and the tools of development (once; under a minute)"
	@mkdir -p $(STAMPS) build
	@$(UV) pip sync --require-hashes requirements/dev.txt
	@$(UV) pip install --no-deps --no-build-isolation -e .
	@touch $@ $(STAMPS)/run
