# `make build` and `make test` set up what they need in .venv and nothing outside the project.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
READY := .venv/ready
RUN := $(BIN)/commissioning

.PHONY: build test coverage ingest refresh marts check reports bench clean lock
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
clean: $(READY) ; $(RUN) clean
lock: $(READY) ; $(BIN)/python -m pip freeze --exclude-editable > requirements.lock

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[test]'
	$(BIN)/python -c "open('$(READY)', 'w').close()"
