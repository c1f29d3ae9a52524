# Two commands do everything: `make run` and `make test`. Both may be repeated.
.DEFAULT_GOAL := help
.PHONY: help run serve test lint protos clean

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8500
REST_API_PORT ?= 8501
LAB_PORT ?= 8888
LAB_ARGS ?=
PYTEST_ARGS ?=

help:
	@echo "make run     environment, demo models (trained once), JupyterLab with them served (LAB_PORT=$(LAB_PORT))"
	@echo "make serve   the same models, served without Jupyter (PORT=$(PORT) REST_API_PORT=$(REST_API_PORT))"
	@echo "make test    environment and the whole suite (PYTEST_ARGS=... for a part)"
	@echo "make lint    ruff and mypy alone"
	@echo "make protos  compile the .proto files after a change"
	@echo "make clean   remove the environment and everything made here"

run: $(VENV)/ready
	@$(BIN)/python -m tfs_notebook.demo.lab --ServerApp.port=$(LAB_PORT) $(LAB_ARGS)

serve: $(VENV)/ready
	@$(BIN)/python -m tfs_notebook.demo --port=$(PORT) --rest_api_port=$(REST_API_PORT)

test: $(VENV)/ready-to-test
	@echo "==> Running the tests"
	@$(BIN)/python -m pytest -n logical --maxprocesses=4 --dist loadfile $(PYTEST_ARGS)

lint: $(VENV)/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

protos: $(VENV)/ready-to-test
	$(BIN)/python -m tfs_notebook.wire.compile_protos

$(VENV)/ready: pyproject.toml environment.sh Makefile
	@sh environment.sh $(VENV) '.[demo]'
	@touch $@

$(VENV)/ready-to-test: pyproject.toml environment.sh
	@sh environment.sh $(VENV) '.[all,test]'
	@touch $(VENV)/ready $@

clean:
	rm -rf $(VENV) .demo .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
