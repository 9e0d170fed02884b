# The commands for people and for CI. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo corpus test check format setup setup-dev redis browser engine image dev doctor bench lock clean

REQUEST ?= Buy when RSI(14) crosses above 30 or a bullish engulfing forms while close is above the 200-day SMA; sell when RSI rises above 70, with a 5% stop loss, a 15% take profit and at most 30 bars
MODEL ?= offline
ONLY ?=
PORT ?= 2024
PYTEST_ARGS ?= -n logical --dist loadgroup

# The person's words reach the program through the environment: neither make nor the shell reads them.
export AIDEV_REQUEST := $(value REQUEST)
unexport REQUEST

BIN := .venv/bin
LOCKED := $(shell { pwd; cat pyproject.toml requirements*.txt scripts/venv.sh; } | cksum | tr ' ' -)
CORE := .venv/core-$(LOCKED)
DEV := .venv/dev-$(LOCKED)
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: setup engine image ## set everything up, then build a strategy: make demo [REQUEST="…"] [MODEL=…]
	@$(BIN)/aidev run --model "$(MODEL)" --yes -- "$$AIDEV_REQUEST"

test: setup-dev redis browser engine image ## every test, against real Docker, Postgres, Redis and git
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

corpus: setup engine image ## cheats, hostile and honest answers through the real tester: make corpus [ONLY="cheats exits"]
	@$(BIN)/python -m corpus $(ONLY)

check: setup-dev ## format, lint, strict types, import layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports

format: setup-dev ## put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

setup: $(CORE) ## the virtual environment in .venv
setup-dev: $(DEV) ## the same with what tests and checks need

$(CORE):
	@scripts/venv.sh requirements.txt
	@touch $@

$(DEV):
	@scripts/venv.sh requirements-dev.txt
	@touch $(CORE) $@

redis:
	@command -v redis-server >/dev/null || scripts/need.sh redis-server "brew install redis"

browser:
	@command -v chromium >/dev/null || scripts/need.sh chromium "brew install chromium"
	@command -v curl >/dev/null || scripts/need.sh curl "brew install curl"

engine: ## a Docker engine that answers
	@scripts/engine.sh

image: setup engine ## the sandbox image
	@scripts/image.sh

dev: setup-dev ## the server: API, page, LangGraph's own routes: make dev [PORT=2024]
	@$(BIN)/aidev serve --port "$(PORT)"

doctor: setup ## what works here and what does not
	@$(BIN)/aidev doctor

bench: setup-dev engine image ## the figures of docs/benchmarks.md
	@$(BIN)/python -m benchmarks

lock: setup ## lock the newest versions that requirements*.in allow
	$(COMPILE) --upgrade requirements-uv.in -o requirements-uv.txt
	$(COMPILE) --upgrade requirements-dev.in -o requirements-dev.txt
	$(COMPILE) --upgrade requirements-server.in -c requirements-dev.txt -o requirements-server.txt
	$(COMPILE) --upgrade requirements.in -c requirements-dev.txt -o requirements.txt
	$(COMPILE) --upgrade tools/sandbox/image/requirements.in -c requirements-dev.txt -o tools/sandbox/image/requirements.txt

clean: ## remove what setup made; workflows and their data stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
