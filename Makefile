# Every target sets up what it needs by itself, from Python, a C compiler, make and git; run again, it is quick.
#   PYTHON=python3.13   the interpreter the environment is made of (another one needs another VENV)
#   ARGS=...            handed on to pytest, mypy, the demo
#   AIOHTTP_FAST_PURE=1 leave the compiled core alone and test the pure one

SHELL = bash
PYTHON ?= python3
VENV ?= .venv
ARGS ?=
URL ?=
export URL
FUZZ_SECONDS ?= 120
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

BIN = $(VENV)/bin
PY = $(BIN)/python
BUILD = build
STAMPS = $(VENV)/stamps
PIP = $(PY) -m pip --disable-pip-version-check install --quiet

PURE := $(filter-out 0,$(AIOHTTP_FAST_PURE) $(AIOHTTP_NO_EXTENSIONS))
# A core that cannot be built is an error here: half of the tests would be left out unseen.
FORCE = AIOHTTP_FAST_BUILD=force

.DEFAULT_GOAL := help
.PHONY: help venv build test test-slow lint types bench bench-counts fuzz sanitize wheel demo annotate vendor clean
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
	  printf '  make %-14s %s\n' "$$name" "$$text"; done

$(PY):
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip

# One stamp for each dependency group; the run-time dependencies come with all of them.
$(STAMPS)/%: pyproject.toml | $(PY)
	@mkdir -p $(STAMPS)
	@echo "installing what '$*' needs"
	@$(PY) -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
	  > $(STAMPS)/requirements.txt
	@$(PIP) -r $(STAMPS)/requirements.txt --group $*
	@touch $@

venv: $(STAMPS)/test ## make the virtual environment

build: $(STAMPS)/build $(STAMPS)/installed ## compile the core, in place
	$(if $(PURE),@echo "the pure core is asked for: nothing to build",$(FORCE) $(PY) setup.py -q build_ext --inplace)

# The environment finds the package here. A path file, as what pip's editable installs import would cost every start.
$(STAMPS)/installed: | $(PY)
	@mkdir -p $(STAMPS)
	@$(PY) -c "import pathlib, sysconfig; \
	  pathlib.Path(sysconfig.get_path('purelib'), 'aiohttp_fast.pth').write_text('$(CURDIR)\n')"
	@touch $@

test: $(STAMPS)/test build ## run the tests over both cores
	$(PY) -m pytest -m "not slow" -n $(JOBS) --dist worksteal $(ARGS)

test-slow: $(STAMPS)/test build ## build packages in every way and look into them
	$(PY) -m pytest -m slow $(ARGS)

lint: $(STAMPS)/lint ## ruff, mypy --strict, cython-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PATH="$(abspath $(BIN)):$$PATH" cython-lint aiohttp_fast

types: $(STAMPS)/lint ## mypy --strict
	$(BIN)/mypy $(ARGS)

bench: $(STAMPS)/bench build ## measure against aiohttp, peers and the raw floor
	$(PY) -m pytest benchmarks --benchmark-only
	$(PY) benchmarks/compare.py $(ARGS)

bench-counts: $(STAMPS)/bench build ## calls and instructions per message, beside the recorded ones
	$(PY) benchmarks/counts.py $(ARGS)

fuzz: $(STAMPS)/fuzz build ## two minutes of fuzzing (FUZZ_SECONDS=...): both directions of the parser, the C scanner
	$(PY) tests/fuzz/run.py --seconds $(FUZZ_SECONDS) $(ARGS)

# The package is built apart: a sanitized module loads into a prepared interpreter only. Its core is imported before pytest
# puts the checkout into the path; were it not there, nothing would run. Reports are written past Python, so pytest leaves
# the file descriptors alone. Leaks are not looked for: the interpreter itself does not free everything.
# Left out: the pure halves, which hold no C of ours, and the tests that compare times, which the sanitizers distort.
# For the same reason hypothesis runs without deadlines: that is its own profile "ci".
SANITIZED = $(CURDIR)/$(BUILD)/sanitize
SANITIZED_TESTS = tests/base tests/wire tests/stream tests/client tests/flows
SANITIZED_PYTEST = import sys, pytest, aiohttp_fast._wire.http.parser_c as core; print(core.__file__); sys.exit(pytest.main())
sanitize: $(STAMPS)/test ## run the tests of the compiled core under ASAN and UBSAN; needs gcc
	CC=gcc AIOHTTP_FAST_BUILD=sanitize $(PY) setup.py -q build --build-lib $(SANITIZED)/package --build-temp $(SANITIZED)/temp
	LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" \
	ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1:abort_on_error=1 \
	PYTHONMALLOC=malloc PYTHONPATH=$(SANITIZED)/package $(PY) -P -c "$(SANITIZED_PYTEST)" \
	  --capture=sys --hypothesis-profile=ci -k "not pure and not test_time_is_linear" $(SANITIZED_TESTS) $(ARGS)

# By way of the source archive, as a user's own build would be.
wheel: $(STAMPS)/wheel ## build and repair a wheel, try it in a fresh environment
	rm -rf $(BUILD)/wheel $(BUILD)/smoke
	AIOHTTP_FAST_BUILD=$(or $(AIOHTTP_FAST_BUILD),force) $(PY) -m build --outdir $(BUILD)/wheel
	mkdir -p dist
	cp $(BUILD)/wheel/*.tar.gz dist/
	if $(PY) -c "import auditwheel" 2>/dev/null && ls $(BUILD)/wheel/*-linux_*.whl >/dev/null 2>&1; then \
	  PATH="$(abspath $(BIN)):$$PATH" $(PY) -m auditwheel repair --wheel-dir $(BUILD)/wheel/repaired $(BUILD)/wheel/*.whl; \
	else mkdir -p $(BUILD)/wheel/repaired && cp $(BUILD)/wheel/*.whl $(BUILD)/wheel/repaired/; fi
	$(PY) -m venv $(BUILD)/smoke
	$(BUILD)/smoke/bin/python -m pip --disable-pip-version-check install --quiet $(BUILD)/wheel/repaired/*.whl
	cd $(BUILD)/smoke && bin/python -P $(CURDIR)/tests/smoke_wheel.py
	cp $(BUILD)/wheel/repaired/*.whl dist/
	@ls -1 dist/*.whl

demo: $(STAMPS)/demo build ## the client over a server of its own, or over URL=...
	$(PY) examples/demo.py $${URL:+"$$URL"} $(ARGS)

annotate: $(STAMPS)/test ## show what the core still asks of the interpreter, line by line
	@mkdir -p $(BUILD)/annotate
	@for pxd in $$(find aiohttp_fast -name '*.pxd'); do test -f "$${pxd%.pxd}.py" && echo "$${pxd%.pxd}.py"; done \
	  | cat - <(find aiohttp_fast -name '*.pyx') | while read -r source; do \
	  $(BIN)/cython -3 --annotate -X annotation_typing=False -o "$(BUILD)/annotate/$$(basename $${source%.*}).c" "$$source"; done
	@ls -1 $(BUILD)/annotate/*.html

vendor: $(PY) ## verify the vendored llhttp; SOURCE=aiohttp==... refreshes it
	$(PY) vendor/update.py $(SOURCE)

clean: ## remove what was built; the environment stays
	rm -rf $(BUILD) dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find aiohttp_fast tests benchmarks examples tools vendor \( -name '*.so' -o -name '*.pyd' -o -name __pycache__ \) -prune -exec rm -rf {} + 2>/dev/null || true
