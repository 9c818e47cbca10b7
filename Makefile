# Each target does its own set-up, is safe to repeat, and needs no server to be running.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: run test check install install-dev bench load messages pictures clean

run: ## The whole platform at http://localhost:8000; SEASON=folder builds a season from its videos
	@$(PYTHON) config/install.py
	@exec $(RUN) -m config.up

install:
	@$(PYTHON) config/install.py

install-dev:
	@$(PYTHON) config/install.py --dev

test: ## Every test: unit, integration on embedded services, browser
	@$(PYTHON) config/install.py --dev --browser
	@npm_config_update_notifier=false $(RUN) -m config.node test
	@$(RUN) -m tests $(TESTS)

check: ## Lint, types, import contracts, templates, migrations, deployment settings
	@$(PYTHON) config/install.py --dev
	@$(RUN) -m config.check

bench: ## Every benchmark; make bench-NAME one of them
	@$(PYTHON) config/install.py --dev --browser
	@$(RUN) -m tests.load

bench-%:
	@$(PYTHON) config/install.py --dev --browser
	@$(RUN) -m tests.load $*

load: ## The load report: how many viewers this machine carries, as .cache/load/report.html
	@$(PYTHON) config/install.py --dev
	@$(RUN) -m tests.load capacity

messages: ## Collect the interface's texts into the catalogues (needs gettext)
	@$(RUN) manage.py makemessages --locale zh_Hans --no-location --no-obsolete --ignore ".venv/*" --ignore "node_modules/*" --ignore "static/*"

pictures: ## Take the README's pictures anew from the running demo
	@$(PYTHON) config/install.py --dev --browser
	@KEEP_PICTURES=1 $(RUN) -m pytest -q tests/config/test_demo_alive.py tests/browser/test_room_states.py

clean:
	rm -rf .cache static/dist
