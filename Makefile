# Every target makes .venv first if it is missing or older than what it is made from.

bin := .venv/bin
ready := .venv/ready

.PHONY: help results refit notebooks test test-all lint lock clean

help:
	@echo "make results    rebuild what is out of date: estimates, figures, tables, numbers, paper"
	@echo "make refit      the same, estimating everything again instead of reading the results on file"
	@echo "make notebooks  run the notebooks and make a page of each in build/notebooks/"
	@echo "make test       the quick tests"
	@echo "make test-all   the quick tests and those that take minutes of statistics"
	@echo "make lint       style, types and the order of imports"
	@echo "make lock       write requirements.txt again after a change of dependencies"
	@echo "make clean      delete build/ and the tools' caches"

$(ready): requirements.txt pyproject.toml .python-version .ci/environment
	@.ci/environment

results: $(ready)
	$(bin)/overbuild build --workers 2

refit: $(ready)
	$(bin)/overbuild build --workers 2 --refit

notebooks: $(ready)
	$(bin)/overbuild build --workers 2 --only notebooks

test: $(ready)
	$(bin)/python -m pytest -m "not slow" -n 2

test-all: $(ready)
	$(bin)/python -m pytest -n 2

lint: $(ready)
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/pyright
	$(bin)/lint-imports

lock: $(ready)
	$(bin)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --extra dev --extra cluster --extra notebooks --extra timeseries \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file requirements.txt pyproject.toml

clean:
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache .pytask
	find . \( -path ./.venv -o -path ./.boot \) -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
