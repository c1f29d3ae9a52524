# Two commands do everything: `make run` and `make test`. Both may be repeated.
.DEFAULT_GOAL := help
.PHONY: help run serve test test-all test-failed lint notebooks pictures protos texts clean

VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses=4 --dist loadfile --no-loadscope-reorder
PORT ?= 8500
REST_API_PORT ?= 8501
LAB_PORT ?= 8888
LAB_ARGS ?=
PYTEST_ARGS ?=

# The tests start hundreds of processes: what these import is compiled once, and kept, also
# where the environment says otherwise.
test test-all test-failed: export PYTHONDONTWRITEBYTECODE :=

NOTEBOOKS ?=

help:
	@echo "make run     environment, demo models (trained once), JupyterLab with them served (LAB_PORT=$(LAB_PORT))"
	@echo "make serve   the same models, served without Jupyter (PORT=$(PORT) REST_API_PORT=$(REST_API_PORT))"
	@echo "make test    environment, and all tests but the long ones (PYTEST_ARGS=... for a part)"
	@echo "make test-all  the long ones as well: notebooks that train models, most of what is seen in a browser,"
	@echo "               and five times as many examples made up by Hypothesis"
	@echo "make test-failed  what failed last time again, one test after another"
	@echo "make lint    ruff and mypy alone"
	@echo "make notebooks  execute the notebooks, and store them with what they give (NOTEBOOKS=... for some)"
	@echo "make pictures  take the pictures of the front end for JupyterLab anew"
	@echo "make protos  compile the .proto files after a change"
	@echo "make texts   compile the texts of the widgets in other languages after a change"
	@echo "make clean   remove the environment and everything made here"

run: $(VENV)/ready
	@$(BIN)/python -m tfs_notebook.demo.lab --ServerApp.port=$(LAB_PORT) $(LAB_ARGS)

serve: $(VENV)/ready
	@$(BIN)/python -m tfs_notebook.demo --port=$(PORT) --rest_api_port=$(REST_API_PORT)

test: $(VENV)/ready-to-test
	@echo "==> Running the tests, but for the long ones (make test-all)"
	@$(PYTEST) -m "not long" $(PYTEST_ARGS)

test-all: $(VENV)/ready-to-test
	@echo "==> Running all tests"
	@$(PYTEST) $(PYTEST_ARGS)

test-failed: $(VENV)/ready-to-test
	@echo "==> Running again, one after another, what failed last time"
	@$(BIN)/python -m pytest --last-failed --last-failed-no-failures=none --exitfirst $(PYTEST_ARGS)

lint: $(VENV)/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

notebooks: $(VENV)/ready-to-test
	@$(BIN)/python -m tests.notebooks.store $(NOTEBOOKS)

pictures: $(VENV)/ready-to-test
	@$(BIN)/python -m tests.browser.pictures

protos: $(VENV)/ready-to-test
	$(BIN)/python -m tfs_notebook.wire.compile_protos

texts: $(VENV)/ready-to-test
	$(BIN)/pybabel compile --domain tfs_notebook --directory tfs_notebook/notebook/widgets/locale

# What the front end for JupyterLab is made of; what its build writes is none of it.
FRONT_END := $(wildcard $(addprefix labextension/,package.json yarn.lock .yarnrc.yml tsconfig*.json \
	api/* schema/* scripts/* src/*.ts* src/*/*.ts* web/*.* web/*/* style/*.* style/*/*) \
	tfs_notebook/_version.py tfs_notebook/locale/*/LC_MESSAGES/*.json)
FRONT_END := $(filter-out %/src/version.ts %/src/api/answers.ts,$(FRONT_END))

$(VENV)/front-end: environment.sh front_end.sh labextension/packages.sh $(FRONT_END)
	@sh front_end.sh $(VENV) $@

# The front end is built already, or cannot be had.
INSTALL := SKIP_JUPYTER_BUILDER=1 sh environment.sh $(VENV) --editable

$(VENV)/ready: pyproject.toml environment.sh Makefile $(VENV)/front-end
	@echo "==> Installing what runs; TensorFlow is 600 MB, so the first time takes minutes"
	@$(INSTALL) '.[demo]'
	@touch $@

$(VENV)/ready-to-test: pyproject.toml environment.sh chromium.sh $(VENV)/front-end
	@echo "==> Installing what the tests need; TensorFlow is 600 MB, so the first time takes minutes"
	@$(INSTALL) '.[all,test]'
	@sh chromium.sh $(VENV)
	@touch $(VENV)/ready $@

clean:
	rm -rf labextension/node_modules labextension/lib tfs_notebook/labextensions tfs_notebook/web_page
	rm -rf $(VENV) .demo .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
