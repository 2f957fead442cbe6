# Every chore has one word. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PW := $(BIN)/pocketward

.PHONY: help run install test check acceptance soak bench docs pictures new clean
.DEFAULT_GOAL := help

help:  ## list these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# --- set-up: each step leaves a stamp, so a second run costs nothing ---------------------------------------

$(VENV)/run.stamp: requirements/run.txt requirements/build.txt pyproject.toml lab/pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing locked dependencies"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e lab
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements/test.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/static.stamp: $(VENV)/run.stamp package-lock.json $(wildcard src/pocketward/locale/*/LC_MESSAGES/*.po)
	@$(BIN)/python -m pocketward.web.build_static
	@$(BIN)/python -m pocketward.web.build_locale
	@touch $@

# --- chores -------------------------------------------------------------------------------------------------

run: $(VENV)/static.stamp  ## show a new demo clinic being protected; prints one link
	@exec $(PW) demo --fresh --home var/demo

install: $(VENV)/static.stamp  ## make the environment that deploy/systemd starts

test: $(VENV)/test.stamp $(VENV)/static.stamp  ## set up and run every test
	@$(BIN)/python tests/system_packages.py
	@$(BIN)/python -m tests.run

check: $(VENV)/test.stamp  ## format, lint, types, import contracts, house rules
	@$(BIN)/ruff format --check src lab tests bench
	@$(BIN)/ruff check src lab tests bench
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy src lab/src
	@$(BIN)/pytest -q tests/contracts

acceptance: $(VENV)/test.stamp $(VENV)/static.stamp  ## which rows of docs/acceptance.md are met on this commit
	@$(BIN)/python -m tests.acceptance

soak: $(VENV)/test.stamp $(VENV)/static.stamp  ## KILLS=300: the lost-phone story told until so many processes were killed in it
	@$(BIN)/python -m tests.kills.soak $(or $(KILLS),300)

bench: $(VENV)/test.stamp $(VENV)/static.stamp  ## measured ratios against a named peer, as a table and var/bench.json
	@$(BIN)/python -m bench.run

docs: $(VENV)/static.stamp  ## generate docs/reference from the catalogues
	@$(BIN)/python -m pocketward.cli.reference docs/reference

pictures: $(VENV)/test.stamp $(VENV)/static.stamp  ## take the README's pictures anew, of a demo clinic
	@$(BIN)/python -m tests.browser.pictures

new: $(VENV)/run.stamp  ## kind=posture-check name=screen_lock: an entry of a catalogue and its test
	@$(BIN)/python -m pocketward.cli.new "$(kind)" "$(name)"
	@$(BIN)/python -m pocketward.cli.reference docs/reference

clean:  ## forget the demo and what was built
	@rm -rf var $(VENV) src/pocketward/web/static/built
