# Two commands matter: `make run` shows Arasha at work, `make test` proves it. Each sets up all it
# needs in .venv. `make help` lists the rest.

# Arguments for pytest: make test ARGS="-k log". Unless told otherwise three processes, a file in one:
# many tests wait for a service, a bank or a browser, so on two cores two left one at rest.
ARGS ?= -n 3 --dist loadfile
BIN := .venv/bin

# Every process would compile all modules anew, and the tests start many.
unexport PYTHONDONTWRITEBYTECODE

# Third-party data to develop and test on. Without them, small data are made on the spot.
ifndef ARASHA_DATA
ifneq ($(wildcard ../shared/data),)
export ARASHA_DATA := $(abspath ../shared/data)
endif
endif

.PHONY: help run tour model test test-slow check format pictures bench lock clean setup-run setup-dev

help: ## what can be made
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

run: setup-run ## the whole centre with a simulated country in it, its console in the browser
	$(BIN)/arasha demo

tour: setup-run ## judge a file of payments, look at a decision, verify the log
	$(BIN)/python -m arasha.app.tour

model: setup-run ## the default model anew, the same bytes, with its card (ten minutes of processor time)
	$(BIN)/python -m arasha.app.default_model

test: check ## everything that must hold before a change lands
	$(BIN)/python -m pytest $(ARGS)

test-slow: setup-dev ## long faults and simulations
	$(BIN)/python -m pytest -m slow $(ARGS)

check: setup-dev ## formatting, lint, types, directions of imports, tidiness
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q tests/test_house_tidy.py

format: setup-dev ## put the code into the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

pictures: setup-dev ## the pages' pictures in docs/pictures anew, to be looked at
	$(BIN)/python tests/take_pictures.py

bench: setup-dev ## all benchmarks, their peers in the same run
	$(BIN)/arasha bench all

lock: setup-dev ## newest releases into requirements/*.txt
	bash requirements/lock.sh

clean: ## remove everything that was made here
	rm -rf .venv build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache src/*.egg-info
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

setup-run:
	@bash requirements/setup.sh run

setup-dev:
	@bash requirements/setup.sh dev
