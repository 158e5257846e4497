# Two commands for whoever opens this folder: `make letters` and `make test`.
# Each makes its own virtual environment and installs what it needs.

PYTHON ?= python3
VENV := .venv
OLDEST := .venv-oldest
PACKAGE := .venv-package
WINDOWS := .venv-windows
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Python keeps what it compiled, whoever forbids it: without, each start of the tests takes 7 s more.
test coverage soak filesystems oldest: export PYTHONDONTWRITEBYTECODE :=

.PHONY: letters test coverage windows soak filesystems oldest bench word-pack frozen-campaign package \
	windows-package format clean

letters: $(VENV)/letters.stamp
	@$(BIN)/merge letters

test: $(VENV)/test.stamp
	@sh tools/bring-programs.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(BIN)/mypy >$(VENV)/mypy.txt 2>&1 & types=$$!; \
	$(BIN)/pytest -n auto $(if $(SLOW),,-m "not slow") $(ARGS); \
	tests=$$?; wait $$types; types=$$?; cat $(VENV)/mypy.txt; exit $$((tests || types))

# Which code the quick tests and those with LibreOffice reach; the limit is in pyproject.toml. Measuring
# more than doubles the time of the code, so CI does without. Python 3.11 may refuse to trace a thread,
# and a browser would wait for its answer forever: these tests are not measured.
coverage: $(VENV)/test.stamp
	@sh tools/bring-programs.sh
	$(BIN)/pytest -n auto --cov --cov-report=term:skip-covered \
		-m "not slow and not page or libreoffice" $(ARGS)

# The tests with a Python for Windows, under Wine: docs/platforms.md. SLOW=1 for the rest, QUICK=1 for
# the files of these subjects: disk, records, create, import, print, page; without random days, which
# take minutes there. Regular expressions are the same on each system, and Windows measures the time
# of a process in steps of 16 ms.
QUICK_ON_WINDOWS := tests/test_disk.py tests/test_naming.py tests/state tests/excel/test_saving.py \
	$(addprefix tests/campaign/test_,windows_files.py letters_run.py moved_letters.py) \
	tests/cli/test_import_command.py tests/campaign/test_print_run.py tests/workbook tests/register \
	tests/page/test_campaigns.py tests/page/test_letters.py --ignore=tests/state/test_random_computers.py
windows: $(WINDOWS)/test.stamp
	$(WINDOWS)/python -m pytest -n auto -p no:cacheprovider --basetemp='C:\tests' -rs \
		-m "$(if $(SLOW),slow,not slow) and not libreoffice and not page" \
		--ignore=tests/test_regular_expressions.py $(if $(QUICK),$(QUICK_ON_WINDOWS)) $(ARGS)

# Everything that is tried at random, many times; SOAK=3 for three times as many.
soak: $(VENV)/test.stamp
	@sh tools/bring-programs.sh
	SOAK=$(or $(SOAK),1) $(BIN)/pytest -n auto -m "soak or hypothesis" $(ARGS)

# Disks of other systems, as far as they can be mounted here: tests/README.md.
filesystems: $(VENV)/test.stamp
	@sh tools/bring-programs.sh
	$(BIN)/python -m tests.filesystems $(ARGS)

oldest: $(OLDEST)/test.stamp
	@sh tools/bring-programs.sh
	$(OLDEST)/bin/pytest -n auto -m "not slow" $(ARGS)

bench: $(VENV)/bench.stamp
	@$(BIN)/python benchmarks/run.py $(ARGS)

# Files for people who have Word and Excel, with a checklist and a form to send back.
word-pack: $(VENV)/letters.stamp
	@$(BIN)/python tools/word_pack.py

# A campaign of this version, for the tests of later ones: see CONTRIBUTING.md.
frozen-campaign: $(VENV)/test.stamp
	PYTHONPATH=tests $(BIN)/python -m support.frozen_campaign

# The package for this system, and its smoke test: docs/packaging.md.
package: $(PACKAGE)/package.stamp
	@sh tools/bring-programs.sh
	$(PACKAGE)/bin/python -m pip --disable-pip-version-check --quiet install \
		--no-deps --no-build-isolation --force-reinstall .
	$(PACKAGE)/bin/python packaging/build_package.py
	$(PACKAGE)/bin/python packaging/smoke_test.py

# The package for Windows, built under Wine; its installer is tried on an empty disk.
windows-package: $(WINDOWS)-package/package.stamp
	@sh packaging/windows_package.sh $(WINDOWS)-package

format: $(VENV)/test.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(OLDEST) $(PACKAGE) $(WINDOWS)* build dist .coverage .mypy_cache .pytest_cache .ruff_cache

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)

$(VENV)/letters.stamp: pyproject.toml constraints.txt | $(VENV)/pyvenv.cfg
	@echo "Setting up: this happens once and takes a minute."
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/test.stamp: pyproject.toml constraints.txt | $(VENV)/pyvenv.cfg
	@echo "Setting up for tests: this happens once and takes a minute or two."
	$(PIP) install -c constraints.txt -e '.[test]'
	@touch $@ $(VENV)/letters.stamp

$(OLDEST)/test.stamp: pyproject.toml constraints-oldest.txt
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip --disable-pip-version-check --quiet install \
		-c constraints-oldest.txt -e '.[test]'
	$(OLDEST)/bin/python -m pip --disable-pip-version-check --quiet install \
		--no-deps --upgrade -c constraints.txt openxml-audit
	@touch $@

$(WINDOWS)/test.stamp: pyproject.toml constraints.txt tools/windows_python.sh
	@echo "Setting up a Python for Windows: this happens once and takes a minute."
	@sh tools/windows_python.sh $(WINDOWS) test
	@touch $@

$(WINDOWS)-package/package.stamp: packaging/requirements.txt tools/windows_python.sh
	@echo "Setting up a Python for Windows: this happens once and takes a minute or two."
	@sh tools/windows_python.sh $(WINDOWS)-package package
	@touch $@

# Exactly the files whose hashes are in the list, also on the computer of the release workflow.
$(PACKAGE)/package.stamp: packaging/requirements.txt
	$(PYTHON) -m venv $(PACKAGE)
	$(PACKAGE)/bin/python -m pip --disable-pip-version-check --quiet install \
		--require-hashes -r packaging/requirements.txt
	@touch $@

$(VENV)/bench.stamp: pyproject.toml constraints.txt | $(VENV)/pyvenv.cfg
	$(PIP) install -c constraints.txt -e '.[bench]'
	@touch $@
