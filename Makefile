# `make build` and `make test` set up what they need in .venv and nothing outside the project.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
READY := .venv/ready
RUN := $(BIN)/commissioning

.PHONY: build test coverage ingest refresh marts check reports bench spark clean lock
.DEFAULT_GOAL := build

build: $(READY) ; $(RUN) build
marts: $(READY) ; $(RUN) build --marts-only
test: $(READY) ; $(BIN)/python -m pytest -n auto --dist worksteal --durations=25
coverage: $(READY) ; $(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term
ingest: $(READY) ; $(RUN) ingest
refresh: $(READY) ; $(RUN) ingest --refresh
check: $(READY) ; $(RUN) check
reports: $(READY) ; $(RUN) render
bench: $(READY) ; $(RUN) bench
# Tests on a cluster of this machine: Java 17, and pyspark in an environment of its own (docs/scale.md).
SPARK := data/build/spark
spark: $(READY)
	$(PYTHON) -m venv $(SPARK)
	$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check pyspark==4.2.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[test,spark]'
	COMMISSIONING_PYSPARK=$(SPARK) $(BIN)/python -m pytest -n 0 tests/test_on_spark.py
clean: $(READY) ; $(RUN) clean
lock: $(READY) ; $(BIN)/python -m pip freeze --exclude-editable > requirements.lock

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[test]'
	$(BIN)/python -c "open('$(READY)', 'w').close()"
