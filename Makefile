# Everything that a person types. `make` alone says what there is. Works with GNU make 3.81 (macOS) and later.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
LOCAL := $(VENV)/.installed-local
DEV := $(VENV)/.installed-dev
CODE := services shared deploy cockpit tests bench
TEMPLATES := services/gateway/templates services/mailer/templates deploy/local/templates
MIGRATIONS = $(wildcard services/*/migrations/*.sql shared/messaging/*migrations/*.sql)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help port run reset test check format generate lock cockpit screenshots bench test-compose clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: port $(LOCAL) ## start everything with demo data, until Ctrl-C (PORT and others: deploy/env.example)
	@exec $(PY) -m deploy.local

# Said before the packages are installed; where they are, the launcher says it, and knows more about it.
port:
	@test -e $(LOCAL) || { $(check_python); $(check_port); }

reset: $(LOCAL) ## forget what `make run` has kept
	@exec $(PY) -m deploy.local reset

# Compiled once for all the workers and the services that they start, whatever this shell says about it.
test: export PYTHONDONTWRITEBYTECODE =
test: $(DEV) ## run all tests, on real PostgreSQL, RabbitMQ, SMTP and Chromium
	$(PY) -m tests.prerequisites
	$(PY) -m pytest tests -n auto --dist loadscope --no-loadscope-reorder

check: $(DEV) ## everything that CI asks: format, lint, types, contracts, templates, migrations, tests
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/vulture
	$(VENV)/bin/deptry .
	$(VENV)/bin/codespell
	$(VENV)/bin/djlint --lint $(TEMPLATES)
	$(VENV)/bin/squawk $(MIGRATIONS)
	$(PY) -m deploy.extract_texts --check
	@$(MAKE) test

format: $(DEV) ## put the code into its one form
	$(VENV)/bin/ruff check --fix-only .
	$(VENV)/bin/ruff format .

generate: $(DEV) ## write anew what is made from the code: bindings, event docs, schemas, texts to translate
	$(PY) -m deploy.generate
	$(PY) -m deploy.extract_texts

cockpit: ## pack the command line for workstations into build/cockpit.pyz
	$(PYTHON) -m deploy.pack_cockpit build/cockpit.pyz

# Without the registry's address, so that everybody's own mirror serves the same files.
LOCK = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

lock: $(DEV) ## write the lock files anew from pyproject.toml
	$(LOCK) pyproject.toml --extra local --output-file requirements.lock
	$(LOCK) pyproject.toml --extra local --extra dev --output-file requirements-dev.lock

screenshots: $(DEV) ## take pictures of all pages (build/screenshots) and the one of the README
	$(PY) -m tests.prerequisites
	$(PY) -m pytest tests/e2e/test_pages.py
	cp build/screenshots/readme.png docs/proof.png

bench: $(DEV) ## measure speed and size; figures, not tests
	$(PY) -m bench.start
	$(PY) -m bench.outbox_to_inbox
	$(PY) -m bench.order_page
	$(PY) -m bench.lists

test-compose: $(DEV) ## start docker-compose.yml for real and play the main job in it
	tests/compose/run

clean: ## remove the environment and all caches, but not what `make run` has kept
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps say which lock file an environment was made from.
$(LOCAL): requirements.lock
	@$(check_python)
	@$(install) -r requirements.lock
	@touch $(LOCAL)

$(DEV): requirements-dev.lock
	@$(check_python)
	@$(install) -r requirements-dev.lock
	@touch $(LOCAL) $(DEV)

define check_python
command -v $(PYTHON) >/dev/null 2>&1 || \
	{ echo "Python 3.11 or newer is needed, and there is no $(PYTHON) here: install it, or name it: make PYTHON=..." >&2; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Python 3.11 or newer is needed, and $(PYTHON) is older: name a newer one: make PYTHON=python3.11 ..." >&2; exit 1; }; \
$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	{ echo "Python's venv is missing (Debian, Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
endef

define check_port
$(PYTHON) -c 'import os, socket; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", int(os.environ.get("PORT") or 8080)))' 2>/dev/null || \
	{ echo "Port $${PORT:-8080} cannot be used, mostly because another program has it: choose another one, for example: make run PORT=8090" >&2; exit 1; }
endef

define install
echo "Installing the Python packages into $(VENV) ..."; \
$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || exit 1; \
$(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
endef
