# The only commands of the project. Each does its own set-up; PYTHON names the interpreter to begin with.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed

.PHONY: demo test test-all check bench bench-quick mutation docs clean

demo: $(INSTALLED) ## run the main job on the photographs in examples/clothing
	$(BIN)/headstart fit examples/clothing --out runs/demo-$$(date +%Y%m%d-%H%M%S)
	@echo
	@echo "That was: headstart fit examples/clothing   (140 photographs to learn from, 60 to test on, 10 classes)"
	@echo "Now open the report named above in a browser, or classify pictures of your own:"
	@echo "    $(BIN)/headstart predict RUN PICTURE..."

# Two processes with one thread each take half the time of one with two; a file stays in one of them, with its fixtures.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile

test: $(INSTALLED) ## the whole suite but the slow tests
	$(PYTEST)

test-all: $(INSTALLED) ## the slow tests too
	$(PYTEST) -m "not gpu"

check: $(INSTALLED) ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(INSTALLED) ## DATA=folder of data sets; see benchmarks/README.md
	$(BIN)/python benchmarks/solver.py
	$(BIN)/python benchmarks/intervals.py
	$(BIN)/python benchmarks/main_job.py --timed --data $(DATA)

bench-quick: $(INSTALLED) ## five minutes: the ratios that matter beside the last committed ones
	$(BIN)/python benchmarks/quick.py

mutation: $(INSTALLED) ## two hours: do the tests of evaluation and of the activation store notice changed code?
	$(BIN)/python -m pip install --quiet --editable ".[mutation]"
	$(BIN)/python benchmarks/mutation.py

docs: $(INSTALLED) ## the site, in site/; needs a server for its search: python -m http.server --directory site
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

clean: ## remove the environment, the runs and the site
	rm -rf $(VENV) runs site

# torch from PyPI carries CUDA on Linux (about 3 GB); TORCH_INDEX=URL takes the index of CPU builds that pytorch.org names
$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24"
	$(if $(TORCH_INDEX),$(BIN)/python -m pip install --quiet torch torchvision --index-url $(TORCH_INDEX))
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $(INSTALLED)
