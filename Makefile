# Every target works on a fresh clone: Python 3.11+, make and a package index are enough.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
LOCK := uv.lock pyproject.toml
# Side by side when all tests run; a chosen few start quicker one after the other.
JOBS ?= 2
ALL := $(if $(ARGS),,-n $(JOBS) --dist worksteal)

.PHONY: up manage test test-15 check nightly messages bench assets clean
export PORT

up: .venv/.installed
	@$(BIN)/python -m clm.local up

# make manage ARGS="createcachetable"
manage: .venv/.installed
	@$(BIN)/python -m clm.local manage $(ARGS)

test: .venv/.installed-dev
	@$(BIN)/pytest $(ALL) $(ARGS)

# What asks PostgreSQL most of its own, once more on the oldest one we promise; at night everything: make test-15 CORE=tests
CORE := tests/metrics/test_acquisition.py tests/metrics/test_clocks.py tests/metrics/test_moving.py tests/metrics/test_orders.py \
	tests/metrics/test_retention.py tests/metrics/test_stages.py tests/metrics/test_survival.py \
	tests/metrics/test_value_and_cohorts.py tests/lifecycle/test_walk_edges.py tests/lifecycle/test_admission.py tests/lifecycle/test_passes.py \
	tests/lifecycle/test_components.py tests/lifecycle/test_day_edges.py tests/lifecycle/simulating/test_past.py \
	tests/customers/test_intake.py tests/customers/test_intake_money.py tests/customers/test_intake_customers.py \
	tests/customers/test_import_running.py tests/customers/test_import_undoing.py tests/customers/test_import_last_word.py \
	tests/customers/test_segments.py tests/customers/test_segment_keeping.py tests/customers/test_segment_increments.py \
	tests/customers/test_conditions.py tests/customers/test_lead_conditions.py tests/customers/test_late_rates.py \
	tests/campaigns/test_guards.py tests/campaigns/test_handing.py tests/campaigns/test_running.py
test-15: .venv/.installed-dev
	@POSTGRES_BIN=/usr/lib/postgresql/15/bin PROPERTY_EXAMPLES=4 \
		$(BIN)/pytest -m "database and not browser and not nightly" $(CORE) --ignore-glob=*_pages*.py $(ALL) $(ARGS)

# The long tests, the property tests with many more examples than `make test` gives them, and everything
# that asks the database on the oldest PostgreSQL, where it is installed.
nightly: .venv/.installed-dev
	@$(BIN)/pytest -m nightly $(ARGS)
	@PROPERTY_EXAMPLES=200 $(BIN)/pytest tests/lifecycle/test_walk_agrees.py tests/lifecycle/test_walk_any_way.py \
		tests/lifecycle/lost/test_lost_news.py tests/lifecycle/test_own_stages.py tests/lifecycle/test_model_files.py tests/customers/test_import_last_word.py tests/campaigns/test_quiet.py \
		tests/test_every_condition.py $(ALL)
	@if [ -x /usr/lib/postgresql/15/bin/postgres ]; then $(MAKE) --no-print-directory test-15 CORE=tests; \
		else echo "PostgreSQL 15 is not installed: its tests were left out."; fi

check: .venv/.installed-dev
	@$(BIN)/python -m clm.local.check

# Takes new texts into the catalogs in locale/ and compiles them: make messages LANGUAGE=da
messages: .venv/.installed
	@$(BIN)/python -m clm.local.translations merge $(LANGUAGE)

# make bench SIZE=1000000 ONLY=lifecycle
bench: .venv/.installed-dev
	@$(BIN)/python -m bench $(if $(SIZE),--size $(SIZE)) $(if $(ONLY),--only $(ONLY))

# Only for those who change styles or scripts: the built files are committed.
assets: package.json
	npm ci --ignore-scripts && npm run build

.venv/.installed: $(LOCK)
	@$(PYTHON) clm/local/bootstrap.py && touch $@

.venv/.installed-dev: $(LOCK)
	@$(PYTHON) clm/local/bootstrap.py --dev && touch $@ .venv/.installed

clean:
	rm -rf .venv staticfiles
