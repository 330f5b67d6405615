# Each target does all the set-up that it needs; what is done already costs nothing.
#
#   make nightly            make test            make run ARGS="-k transfer --route egi:cstcloud"
#   make nightly EXTENT=full
#
# Settings: PYTHON (3.11 or newer), ARGS (more words for the command), TESTBED_INVENTORY, TESTBED_MIRROR,
#   EXTENT (core by default; full: what is too heavy for every night, too).

PYTHON ?= python3
ARGS ?=

export PYTHON
ifdef EXTENT
export TESTBED_EXTENT := $(EXTENT)
endif
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# Stamps: the set-up is done while they are younger than what it was made from.
TOOLS := .venv/.ready
REPORT := node_modules/.ready

.DEFAULT_GOAL := help
.PHONY: help setup browser nightly up check run prove robustness report demo publish down status doctor test lint unit integration e2e reference messages format lock bundles clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

nightly: setup ## Do it all: provision the twin testbed, run every scenario over every route, build the report.
	@testbed nightly $(ARGS)

test: setup lint unit integration e2e ## Check everything: lint, types, unit tests, and runs on real containers.

up: setup ## Start the testbed: from snapshots, or by provisioning what has changed.
	@testbed up $(ARGS)

check: setup ## Check services, ports and versions of every host.
	@testbed check $(ARGS)

run: setup ## Run the scenarios on a testbed that is up.
	@testbed run $(ARGS)

prove: setup ## Prove that every scenario can fail: run each against the broken sites that must make it fail.
	@testbed prove $(ARGS)

robustness: setup ## Try what trouble in mid-run and broken files do, and write docs/robustness.md.
	@python -m tests.robustness --write $(ARGS)

report: setup ## Build the report of the latest run again.
	@testbed report $(ARGS)

demo: setup ## Show a use case live, in the terminal and in a browser: make demo ARGS="environment --lang zh".
	@testbed demo $(ARGS)

publish: setup ## Publish the pages of all nights: make publish ARGS="--to ssh://web@host/srv/www".
	@testbed publish $(ARGS)

down: setup ## Remove the testbed's containers and networks.
	@testbed down $(ARGS)

status: setup ## Show which hosts are there, and who works on them.
	@testbed status $(ARGS)

doctor: setup ## Check what this machine must have, and say what to do.
	@testbed doctor $(ARGS)

setup: $(TOOLS) $(REPORT) ## Set up the tools alone: virtual environment, Node, report generator.
	@:

browser:
	@sh harness/bootstrap.sh browser

lint: $(TOOLS) ## Check style, types, scenarios and playbooks.
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	python -m harness.engine.lint scenarios
	python -m harness.engine.wording scenarios $(wildcard inventories/*/known-deviations.yaml)
	python -m harness.engine.reference --check docs/reference
	python -m harness.messages --check
	yamllint --strict .
	ansible-lint --offline playbooks

unit: $(TOOLS) ## Run the unit tests.
	pytest tests/unit -n auto --dist loadfile $(ARGS)

integration: setup ## Run the tests that drive real containers.
	pytest tests/integration $(ARGS)

e2e: setup browser ## Run the tests that use the command line, and the site in a browser, from end to end.
	pytest tests/e2e $(ARGS)

reference: $(TOOLS) ## Make the reference for authors anew from the code (docs/reference).
	python -m harness.engine.reference docs/reference

messages: $(TOOLS) ## Bring the catalogues of translations up to date (harness/translation).
	python -m harness.messages

format: $(TOOLS) ## Format the code.
	ruff check --fix .
	ruff format .

lock: $(TOOLS) ## Make requirements.lock and package-lock.json anew, with the newest versions that fit.
	uv pip compile --upgrade --generate-hashes --no-emit-index-url --python-version 3.11 \
		--group dev --group build --extra cluster --universal pyproject.toml -o requirements.lock
	npm install --package-lock-only --omit-lockfile-registry-resolved

bundles: $(TOOLS) ## Pin the wheels of the use cases anew (harness/science/fields/*/bundle/requirements.txt).
	for list in harness/science/fields/*/bundle/requirements.in; do \
		overrides=$$(dirname $$list)/overrides.txt; \
		[ -f $$overrides ] && set -- --overrides $$overrides || set --; \
		UV_CUSTOM_COMPILE_COMMAND="make bundles" uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url \
			--python-version 3.13 --python-platform x86_64-manylinux_2_40 --only-binary :all: \
			"$$@" $$list -o $${list%.in}.txt || exit; \
	done

clean: ## Remove the tools and caches; the testbed and its runs stay.
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .ansible

$(TOOLS): requirements.lock pyproject.toml harness/bootstrap.sh
	@sh harness/bootstrap.sh python
	@touch $@

$(REPORT): package.json package-lock.json harness/bootstrap.sh | $(TOOLS)
	@sh harness/bootstrap.sh report
	@touch $@
