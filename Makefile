# Two commands: `make run` and `make test`. Each line calls cargo; the thinking is in Rust.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Outside the checkout, one for each, so that two checkouts do not disturb each other.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/village-point/$(shell printf %s '$(CURDIR)' | sha256sum | cut -c1-12)
export CARGO_TARGET_DIR ?= $(CACHE)/target
export VILLAGE_DEMO_DIR ?= $(CACHE)/demo
export VILLAGE_VPCD_DIR ?= $(CACHE)/vpcd

PACKAGES := $(shell grep -v '^\#' assets/deploy/packages-debian-12.txt)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
START := $(shell date +%s)
# One form of the command everywhere: another choice of packages means another feature set,
# and a hundred crates compile twice.
BUILD := cargo build --workspace --all-targets
WALK := cargo test --workspace --quiet --test walk -- 

define stage
@printf '\n== %s · %s · %d s since the start\n' "$(1)" "$(2)" "$$(( $$(date +%s) - $(START) ))"
endef

.PHONY: help setup build run test bench screens torture clean

help:
	@echo 'make run                  the demo: town hall, virtual card, sample pages, and the window'
	@echo 'make run DEVICES=real     the same with this machine'"'"'s card reader and camera'
	@echo 'make test                 everything that is tested'
	@echo 'make bench                the figures (release build)'
	@echo 'make screens              pictures of every step into docs/screens'
	@echo 'make torture              the window and the hall killed at every step, COUNT times (default 10)'

setup:
	$(call stage,1 packages,a few minutes the first time)
	@if ! command -v apt-get >/dev/null; then \
	  echo 'This is not Debian: please install what corresponds to these packages:'; \
	  echo '$(PACKAGES)' | fold -s -w 100; \
	else \
	  missing=; for p in $(PACKAGES); do \
	    [ "$$(dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null || true)" = installed ] || missing="$$missing $$p"; done; \
	  if [ -n "$$missing" ]; then \
	    echo "installing:$$missing"; \
	    $(SUDO) apt-get update -qq; \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing >/dev/null; \
	  fi; \
	fi
	@command -v cargo >/dev/null || { echo 'Rust (cargo 1.95 or newer) is needed'; exit 1; }
# The virtual reader's driver is unpacked, never installed: installed it would listen on the network.
	@if [ ! -d '$(VILLAGE_VPCD_DIR)/usr' ] && command -v apt-get >/dev/null; then \
	  mkdir -p '$(VILLAGE_VPCD_DIR)'; cd '$(VILLAGE_VPCD_DIR)'; \
	  ls *.deb >/dev/null 2>&1 || apt-get download -qq vsmartcard-vpcd || { $(SUDO) apt-get update -qq; apt-get download -qq vsmartcard-vpcd; }; \
	  dpkg-deb -x vsmartcard-vpcd_*.deb .; \
	fi

build: setup
	$(call stage,2 build,about 8 minutes the first time and seconds later)
	@$(BUILD)

run: build
	$(call stage,3 demo,half a minute; on a virtual display the walk takes about two minutes)
	@$(WALK) run --devices $(or $(DEVICES),stand-in)

test: build
	$(call stage,3 tests,about fifteen minutes)
	@cargo test --workspace
	$(call stage,4 closed doors,five minutes the first time)
	@if cargo clippy --version >/dev/null 2>&1; then cargo clippy --quiet --workspace --all-targets; \
	else echo 'clippy is not installed: the closed doors of .clippy.toml were not looked at'; fi
	$(call stage,done,)

screens: build
	@$(WALK) run --screens docs/screens

bench: setup
	@cargo build --release --workspace --all-targets
	@cargo test --release --workspace --quiet --test walk -- bench
	@cargo bench --workspace

torture: build
	@for i in $$(seq 1 $(or $(COUNT),10)); do printf '%s ' "$$i"; $(WALK) kills >/dev/null; echo one filing, whole; done

clean:
	rm -rf '$(CACHE)'
