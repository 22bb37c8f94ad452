# Six words are the whole interface: demo, test, prove, check, bench, docs.
# Each does its own set-up first, in any order; a second run starts at once. Wanted: Python 3.11, Node 20, npm, make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

BIN := .venv/bin
# A stamp lies inside what it vouches for: remove .venv or node_modules, and the next word makes it again.
STAMPS := .venv/stamps
REQUIREMENTS := requirements/base.txt requirements/dev.txt
# The two cores of the smallest machine we build for; a bigger one may say `make test WORKERS=8`.
WORKERS ?= 2
# `make prove SEED=…` repeats a long run exactly; the seed stands in docs/proof.md beside each figure.
SEED ?= $(shell date +%Y%m%d)
# Where Python may keep nothing it compiled, each of the thousand processes that tests start compiles all of it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test prove check bench docs
.PHONY: help setup lock
.DEFAULT_GOAL := help

help:
	@echo "make demo    a fictional county: load its deliveries, make its release and bulletins, open the site on it"
	@echo "make test    format, lint, types, rooms, and every test that takes minutes"
	@echo "make prove   everything, the long loops too, and docs/proof.md with the figures"
	@echo "make check   format, lint, types and rooms only"
	@echo "make bench   a whole delivery against what you would use today; writes docs/benchmarks.md"
	@echo "make docs    data dictionary, method pages and guides in site/; checks every link"

# SERVE=no ends it when everything is made; without a terminal it ends there by itself.
demo: setup
	@$(BIN)/upstander demo $(if $(filter no,$(SERVE)),--no-serve)

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test: check $(STAMPS)/spark
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not prove"

prove: check $(STAMPS)/spark
	@rm -rf .make/proof
	@UPSTANDER_PROVE=1 $(BIN)/pytest -n $(WORKERS) --dist worksteal --hypothesis-seed=$(SEED)
	@$(BIN)/python bench/planted_truth.py --write docs/methods/planted-truth.md >/dev/null
	@$(BIN)/python tools/oracles.py --write >/dev/null
	@$(BIN)/python tools/proof.py --seed $(SEED)

bench: setup
	@tools/setup.sh bench $(REQUIREMENTS) requirements/bench.txt requirements/spark.txt
	@.venv-bench/bin/python bench/run.py

docs: setup
	@$(BIN)/python tools/site/build.py

# ── Set-up, kept in stamps ──────────────────────────────────────────────────────────────────────────────────────────

FONTS := src/upstander/publish/fonts/manifest.json
SITE := src/upstander/web/static/manifest.json

setup: $(STAMPS)/product

$(STAMPS)/environment: tools/setup.sh requirements/uv.txt
	@tools/setup.sh environment
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/packages: $(STAMPS)/environment $(REQUIREMENTS)
	@tools/setup.sh packages $(REQUIREMENTS)
	@touch $@

$(STAMPS)/spark: $(STAMPS)/product requirements/spark.txt
	@tools/setup.sh spark
	@touch $@

node_modules/stamp: tools/setup.sh package.json package-lock.json .npmrc
	@tools/setup.sh assets
	@touch $@

$(FONTS): $(STAMPS)/packages node_modules/stamp tools/fonts.py
	@$(BIN)/python tools/fonts.py
	@touch $@

$(SITE): $(FONTS) node_modules/stamp tools/site_assets.py $(wildcard src/upstander/web/assets/*)
	@$(BIN)/python tools/site_assets.py
	@touch $@

$(STAMPS)/product: $(STAMPS)/packages $(FONTS) $(SITE) pyproject.toml
	@tools/setup.sh product
	@touch $@

# Rewrites the locked requirements after a change to requirements/*.in. Hashes, and no address of any index.
lock: $(STAMPS)/environment
	@tools/setup.sh lock
