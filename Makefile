# What people run by hand, and CI runs too. `make help` lists it.

CARGO ?= cargo

# A recipe fails with the first command that fails, in a pipe too.
SHELL = /usr/bin/env bash -o pipefail
.SHELLFLAGS = -ec

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*##"; print "Usage: make <target>\n"} /^[a-z-]+:.*##/ {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## The main job: from an empty folder to an operator on a real API server
	@demo/demo.sh

.PHONY: test
test: ## All tests, the slow ring too: generated projects, real API servers
	@demo/prerequisites.sh --tests
	$(CARGO) build --locked --workspace --all-features
	"$${CARGO_TARGET_DIR:-target}/debug/rustop" envtest use
	RUSTOP_SLOW=1 $(CARGO) test --locked --no-fail-fast --workspace --all-features

.PHONY: test-fast
test-fast: ## The tests that take seconds
	$(CARGO) test --locked --workspace --all-features

.PHONY: lint
lint: ## Check the format, the lints and the scripts; a warning is an error
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --all-features -- -D warnings
	if command -v shellcheck >/dev/null; then shellcheck demo/*.sh bench/*.sh fuzz/run .ci/run; \
	else echo "shellcheck is not installed: the scripts were not checked" >&2; fi

.PHONY: fmt
fmt: ## Format the code
	$(CARGO) fmt --all

.PHONY: deny
deny: ## Check licences and advisories of the dependencies
	if command -v cargo-deny >/dev/null; then $(CARGO) deny check; \
	else echo "cargo-deny is not installed: run \`cargo install --locked cargo-deny\`" >&2; exit 1; fi

.PHONY: bench
bench: ## Measure init, create api and manifests with a release build
	bench/run.sh

.PHONY: bench-operator
bench-operator: ## Measure an operator made by rustop against one written in Go, on a real API server
	bench/operator.sh

.PHONY: soak
soak: ## Wear an operator out: changes, killed leaders, an API server that goes and comes
	bench/operator.sh soak

.PHONY: fuzz
fuzz: ## Look for inputs that break a property, FUZZ_SECONDS (60) for each target
	fuzz/run

.PHONY: update-snapshots
update-snapshots: ## Write the projects in snapshots/ anew; read the diff before you commit it
	UPDATE_SNAPSHOTS=1 $(CARGO) test --locked --test it snapshots

# The list that is compiled is written from the table, so the second time is its turn.
.PHONY: update-builtin
update-builtin: ## Ask a real API server for Kubernetes' own kinds: src/resource/builtin.tsv
	for written in table list; do \
	  UPDATE_BUILTIN=1 RUSTOP_SLOW=1 $(CARGO) test --locked --test it slow::builtin || exit 1; \
	done

# Generated projects start with this file. The scaffold puts the project's name
# in the place of `rustop-project`.
.PHONY: update-lock
update-lock: ## Resolve templates/project/Cargo.lock anew: the newest versions that fit
	$(CARGO) build --locked
	rustop="$$(realpath "$${CARGO_TARGET_DIR:-target}/debug/rustop")"; \
	folder="$$(mktemp -d)"; trap 'rm -rf "$$folder"' EXIT; \
	"$$rustop" init --quiet --domain example.com --project-name rustop-project "$$folder"; \
	(cd "$$folder" && \
	 "$$rustop" create api --quiet --group apps --version v1 --kind MyApp --resource --controller && \
	 rm Cargo.lock && $(CARGO) generate-lockfile); \
	cp "$$folder/Cargo.lock" templates/project/Cargo.lock
	$(CARGO) build --locked

.PHONY: install
install: ## Install rustop from this folder
	$(CARGO) install --locked --path .
