# `make help` says what there is. Nothing is needed but Python 3.11 or newer and make.
# Variables given to make reach the programs: `make run ISHYURA_PORT=4600`.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
# checkov pins a boto3 of its own, so what audits has an environment of its own.
AUDITORS := .venv-audit/installed
# What functions are measured against is not in the artefact, nor is Lambda's own part.
PEERS := .venv-bench/installed
LOCKS := infra/requirements-uv.txt infra/requirements-dev.txt
# Handlers and their libraries import each other from the zip's root, which is functions/.
WITH_FUNCTIONS := PYTHONPATH=functions:.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header
# The template is checked without an account: no region or profile of the caller's is asked for.
SAM := SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(BIN)/sam

BANDIT := $(BIN)/bandit --quiet --configfile pyproject.toml --recursive functions infra

# What is checked without running anything, side by side; make 3.81 mixes what they say.
SIDE_BY_SIDE := --no-print-directory --jobs=2 \
	$(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# One process starts the local stack and tests it, another does all that needs none.
AT_ONCE := --numprocesses 2 --dist loadscope

.DEFAULT_GOAL := help
.PHONY: help setup lock build run demo test lint audit types imports template unit integration e2e load browser \
	simulate crash-points guards figures bench first-view screenshots sam-local openapi php clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  Variables: PYTHON (python3), ISHYURA_PORT (4566), ISHYURA_SHOP_PORT (8001),"
	@echo "  ISHYURA_HANDSET_PORT (8002), ISHYURA_KPAY_PORT (8011), ISHYURA_VPAY_PORT (8012),"
	@echo "  ISHYURA_DGSPAY_PORT (8013), ISHYURA_RWANDAPAY_PORT (8014), ISHYURA_STATE_DIR (.local),"
	@echo "  PROVIDERS_KPAY, PROVIDERS_VPAY, PROVIDERS_DGSPAY, PROVIDERS_RWANDAPAY (the base address"
	@echo "  of a provider of your own in place of the simulator),"
	@echo "  ISHYURA_BIND_HOST (127.0.0.1; sam-local on Linux needs 0.0.0.0)"

setup: $(INSTALLED) ## Make the virtual environment from the hashed locks
	@:

$(INSTALLED): $(LOCKS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed, and \`$(PYTHON)\` is not it." \
	    "Name one that is: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "\`$(PYTHON)\` came without its venv module." \
	    "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "Making .venv"; $(PYTHON) -m venv .venv; }
	@echo "Installing what the locks name"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  --requirement infra/requirements-uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes infra/requirements-dev.txt
	@touch $@

lock: setup ## Write the hashed locks anew from pyproject.toml (UPGRADE=1: newest versions)
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group dev pyproject.toml \
	  --output-file infra/requirements-dev.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --constraint infra/requirements-dev.txt pyproject.toml \
	  --output-file functions/requirements.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group audit --output-file infra/requirements-audit.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --constraint infra/requirements-dev.txt --group bench \
	  --output-file infra/requirements-bench.txt
	echo uv | $(COMPILE) --no-annotate --constraint infra/requirements-dev.txt - \
	  --output-file infra/requirements-uv.txt
	$(BIN)/python -m infra.artefact.partitions

build: setup ## What to deploy: `sam build`, and its modules compiled (ENV=production, RUNTIME)
	@# One folder for all functions in place of a copy each, to build, to compile and to upload.
	@SAM_CLI_BETA_BUILD_PERFORMANCE=1 $(SAM) build --config-env $(or $(ENV),production) \
	  $(if $(RUNTIME),--parameter-overrides PythonRuntime=$(RUNTIME))
	@$(WITH_FUNCTIONS) $(BIN)/python -m infra.artefact $(if $(RUNTIME),--runtime $(RUNTIME))

run: setup ## Start everything on this machine: open the shop, pay on the handset
	@$(WITH_FUNCTIONS) exec $(BIN)/python -m infra.local run

openapi: setup ## Write the OpenAPI document anew from the code
	@$(WITH_FUNCTIONS) $(BIN)/python -m infra.openapi

demo: setup ## Make payments that end in every way, and show who settled them and how
	@$(WITH_FUNCTIONS) exec $(BIN)/python -m infra.local demo

sam-local: setup ## Debug one handler in Docker, against the stack that `make run` started
	@$(WITH_FUNCTIONS) exec $(BIN)/python -m infra.local sam-local

test: setup browser php ## Check everything, as continuous integration does
	@$(MAKE) $(SIDE_BY_SIDE) lint types imports template
	@$(BIN)/python -m pytest $(AT_ONCE)

lint: setup ## Ruff: rules and formatting; bandit: what looks dangerous
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BANDIT)

audit: $(AUDITORS) ## Bandit, checkov, and whether a pinned version is known to be vulnerable
	@$(BANDIT)
	@$(WITH_FUNCTIONS) $(BIN)/python -m infra.audit

$(AUDITORS): infra/requirements-audit.txt | $(INSTALLED)
	@echo "Installing what audits into .venv-audit"
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-audit
	@$(BIN)/uv pip sync --quiet --python .venv-audit/bin/python --require-hashes \
	  infra/requirements-audit.txt
	@touch $@

$(PEERS): infra/requirements-bench.txt | $(INSTALLED)
	@echo "Installing what is measured against into .venv-bench"
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-bench
	@$(BIN)/uv pip sync --quiet --python .venv-bench/bin/python --require-hashes \
	  infra/requirements-bench.txt
	@touch $@

types: setup ## Mypy, strict
	@$(BIN)/mypy

imports: setup ## Import rules: which folder may know which
	@$(WITH_FUNCTIONS) $(BIN)/lint-imports

template: setup ## The template, by SAM's eyes and cfn-lint's
	@$(SAM) validate --lint
	@$(BIN)/cfn-lint template.yaml

unit: setup ## Unit tests alone
	@$(BIN)/python -m pytest tests/unit

integration: setup php ## Tests against moto and the simulators, in process
	@$(BIN)/python -m pytest tests/integration tests/contract

e2e: setup browser ## Tests on the real local stack, IAM enforced, with a real browser
	@$(BIN)/python -m pytest tests/e2e

load: setup ## Payments at a steady rate, then every ledger compared (RATE, SECONDS, SEED)
	@$(WITH_FUNCTIONS) exec $(BIN)/python -m tests.load \
	  $(if $(RATE),--rate $(RATE)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

simulate: setup ## Random schedules of everything that can go wrong (N=2000, SEED=0)
	@$(WITH_FUNCTIONS) exec $(BIN)/python -m tests.simulation simulate \
	  $(if $(N),--n $(N)) $(if $(SEED),--seed $(SEED))

crash-points: setup ## A crash at every point of a payment, and at every pair of points
	@$(WITH_FUNCTIONS) exec $(BIN)/python -m tests.simulation crash-points

guards: setup ## Take each guard away by itself, and count the schedules until it is missed
	@$(WITH_FUNCTIONS) exec $(BIN)/python -m tests.simulation guards

figures: setup ## What the tests behind the README's figures counted (the stack's too)
	@$(BIN)/python -m tests.figures

bench: setup $(PEERS) ## Measure speed, calls and cost beside what else one would build (PART=runtime)
	@$(WITH_FUNCTIONS) exec $(BIN)/python -m tests.benchmarks $(PART)

first-view: setup browser ## What each page weighs, and how soon it is seen on slow 3G
	@$(WITH_FUNCTIONS) exec $(BIN)/python -m tests.benchmarks.first_view

screenshots: setup browser ## Draw every state of the page anew, for the README
	@$(WITH_FUNCTIONS) exec $(BIN)/python -m tests.e2e.screenshots

browser: setup
	@$(BIN)/python -m tests.e2e.chromium >/dev/null

php: setup
	@$(BIN)/python -m tests.integration.examples.php >/dev/null

clean: ## Remove what was built and cached, the virtual environment too
	rm -rf .venv .venv-audit .venv-bench .aws-sam .local .mypy_cache .pytest_cache .ruff_cache .import_linter_cache \
	  .hypothesis
	find functions infra tests -name __pycache__ -type d -prune -exec rm -rf {} +
