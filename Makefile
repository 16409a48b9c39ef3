.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-faults fuzz lint format docs bench bench-scale bench-duplicates profile wheel clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STORE := sqlite:///demo/regesta.db
REGESTA := $(BIN)/regesta --store $(STORE)

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("regesta needs Python 3.11 or newer; try: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing regesta into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing regesta and its tests' tools into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,postgres]'
	@touch $@ $(VENV)/installed

demo: $(VENV)/installed ## make a store, import russia-dprk, look at it, release, verify and load it
	@rm -rf demo && mkdir demo
	@echo "== A new store: demo/regesta.db"
	@$(REGESTA) init --dataset russia-dprk
	@echo "== Import the tables of datasets/russia-dprk, as one batch"
	@$(REGESTA) import datasets/russia-dprk --author "make demo" --message "the curated tables"
	@echo "== The gifts between the two, from 2023 to March 2024"
	@$(REGESTA) timeline --between RUS PRK --type gift --since 2023 --until 2024-03
	@echo "== One of them, with who says what of it"
	@$(REGESTA) show gift-aurus-2024-02-18
	@echo "== Release 1.0.0: demo/releases/russia-dprk/1.0.0"
	@$(REGESTA) release 1.0.0 --out demo/releases
	@echo "== Verify it: digests, rows, log and root"
	@$(BIN)/regesta verify demo/releases/russia-dprk/1.0.0
	@echo "== Load it in pandas"
	@$(BIN)/python -c 'import regesta; rd = regesta.load("demo/releases/russia-dprk/1.0.0"); print(rd); print(rd.timeline()[["date", "event_type", "title", "status"]].tail(12).to_string(max_colwidth=72)); print(rd.cite())'

test: $(VENV)/installed-dev ## run the tests, one process a core
	@$(BIN)/python -m pytest -q -n auto --dist loadfile

test-all: $(VENV)/installed-dev ## run the tests, the slow ones too
	@$(BIN)/python -m pytest -q -n auto --dist loadfile -m "slow or not slow" --hypothesis-profile default

test-faults: $(VENV)/installed-dev ## kill, fill and race a store, hundreds of times
	@$(BIN)/python -m pytest -q -m "slow or not slow" tests/faults --hypothesis-profile default

EXAMPLES ?= 5000
fuzz: $(VENV)/installed-dev ## hand damaged and hostile input, EXAMPLES of each kind, to every reader and parser
	@REGESTA_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -q tests/fuzz --hypothesis-profile default

lint: $(VENV)/installed-dev ## hold the code against its rules: style, types, floors and doors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/installed-dev ## bring the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(VENV)/installed-dev ## write docs/cli.md and docs/codebook.md from the code
	@$(BIN)/python docs/generate.py

.venv-crate: ## install the validator of RO-Crate, which needs an environment of its own
	$(PYTHON) -m venv $@
	@$@/bin/python -m pip install --quiet --disable-pip-version-check 'roc-validator>=0.13,<1' 'rocrate>=0.16,<1'

$(VENV)/installed-bench: pyproject.toml | $(VENV)/installed-dev
	@echo "Installing the peers that benchmarks compare with into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,postgres,bench]'
	@touch $@

SIZE ?= 100000
STAGES ?=
bench: $(VENV)/installed-bench ## time SIZE events beside the peers, all or some STAGES, into docs/performance.md
	@$(BIN)/python benchmarks/run.py $(SIZE) "$(STAGES)"

bench-scale: $(VENV)/installed-bench ## time imports of 100 thousand, a million and ten million events
	@$(BIN)/python benchmarks/run.py $(SIZE) scale

profile: $(VENV)/installed-dev ## show where an import of SIZE events spends its time
	@$(BIN)/python benchmarks/profiling.py $(SIZE)

bench-duplicates: $(VENV)/installed-dev ## plant known duplicates and count how many are found
	@$(BIN)/python benchmarks/duplicates.py

wheel: $(VENV)/installed-dev ## build sdist and wheel into dist/
	@$(BIN)/python -m build --outdir dist .

clean: ## remove what make made
	rm -rf $(VENV) demo dist
