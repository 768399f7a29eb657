# Parcelight: `make help` lists what there is.

SAMPLE   := data-samples/pajottenland_2019/pajottenland_2019.parcelight.toml
FIGURES  := target/sample-figures
PROGRAM  := $(or $(CARGO_TARGET_DIR),target)/quick/parcelight

# `make run PROJECT=path/to/project.parcelight.toml` opens another project.
PROJECT  ?= $(SAMPLE)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run build figures test setup setup-run setup-test bench screenshots

help: ## lists these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: setup-run build ## builds the program and opens the sample project; without a display writes its figures to files
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	  exec $(PROGRAM) "$(PROJECT)"; \
	else \
	  echo "No display (DISPLAY and WAYLAND_DISPLAY are empty): writing the calendar and graphs to $(FIGURES)/ instead."; \
	  $(MAKE) --no-print-directory figures; \
	fi

build:
	@cargo build --profile quick --bin parcelight

figures: build
	@mkdir -p $(FIGURES)
	@for parcel in FLAPAJ013 FLAPAJ001; do \
	  $(PROGRAM) calendar --project "$(SAMPLE)" --parcel $$parcel -o $(FIGURES)/$${parcel}_calendar.png --quiet || exit 1; \
	  $(PROGRAM) calendar --project "$(SAMPLE)" --parcel $$parcel --view NDVI -o $(FIGURES)/$${parcel}_ndvi.png --quiet || exit 1; \
	  $(PROGRAM) graph --project "$(SAMPLE)" --parcel $$parcel --peers -o $(FIGURES)/$${parcel}_graphs.png --quiet || exit 1; \
	done
	@ls -1 $(FIGURES)/*.png

test: setup-test ## all checks: format, lints, the build without a window, tests, documentation
	cargo fmt --check
	cargo clippy --all-targets --quiet -- -D warnings
	cargo check --no-default-features --quiet
	@if cargo nextest --version >/dev/null 2>&1; then \
	  echo "cargo nextest run && cargo test --doc"; \
	  cargo nextest run --cargo-quiet --status-level fail && cargo test --doc --quiet; \
	else \
	  echo "cargo test"; \
	  cargo test --quiet; \
	fi
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --quiet

setup: setup-run setup-test ## installs the system packages that are missing (with apt, using sudo when not root)

setup-run:
	@packaging/setup.sh run

setup-test:
	@packaging/setup.sh run test

bench: setup-run ## measures speed on this machine, in release, and how well shipped rulesets find known events
	@cargo bench --quiet --bench calendar --bench start --bench frame --bench extract --bench prepared --bench markers --bench heterogeneity --bench million --bench remote --bench report --bench serve --bench evaluate

screenshots: setup-test build ## drives the real window under Xvfb and writes pictures to target/screenshots/
	@if [ -x packaging/screenshots.sh ]; then \
	  packaging/screenshots.sh $(PROGRAM) "$(SAMPLE)" target/screenshots; \
	else \
	  echo "packaging/screenshots.sh is missing" >&2; exit 1; \
	fi
