# make        set up .venv, build the book, release the exercises, grade a sample class, print its grades
# make test   everything that continuous integration runs
# make serve  read the book at http://127.0.0.1:8000 (make serve PORT=8080 for another port)
# make prove  the same tests at full strength; slow
# make bench  measure the library beside other libraries, in an environment of its own (.bench)
# make lock   renew requirements.lock from requirements.txt

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
READY := .venv/.ready
# nbgrader and jupyter start programs by name: the environment's own come first. One BLAS thread a process, since the
# work is spread over processes.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export OPENBLAS_NUM_THREADS := 1
export PYDEVD_DISABLE_FILE_VALIDATION := 1

.PHONY: all test serve prove bench lock clean

all: $(READY)
	@python book/_tools/build.py
	@autograder demo

test: $(READY)
	@ruff check --quiet . && ruff format --check --quiet . && echo "lint: clean"
	@mypy
	@python book/_tools/build.py
	@pytest -n auto --dist worksteal -q

prove: $(READY)
	@ruff check --quiet . && ruff format --check --quiet . && mypy
	@rm -rf _build && python book/_tools/build.py
	@pytest -n auto --dist worksteal -q --prove

bench: .bench/.ready
	@.bench/bin/python -m benchmarks library

.bench/.ready: pyproject.toml
	@$(PYTHON) -m venv .bench
	@echo "Installing the peers into .bench ..."
	@.bench/bin/python -m pip install --disable-pip-version-check --quiet --editable '.[bench]'
	@touch $@

serve: $(READY)
	@python book/_tools/serve.py --port $(PORT)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or later is needed, but $(PYTHON) is `$(PYTHON) -V 2>&1`. Name another one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
	  echo "The virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing the packages of requirements.lock into .venv (about a minute) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --prefer-binary -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --editable .
	@touch $(READY)

lock: $(READY)
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet uv
	@{ echo "# The exact set that CI and graders install. Made by: make lock"; \
	   $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header requirements.txt; } > requirements.lock.new
	@mv requirements.lock.new requirements.lock

clean:
	@rm -rf _build _course
