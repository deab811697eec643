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
export VILLAGE_LAB_DIR ?= $(CACHE)/lab

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

.PHONY: help setup build run test clippy bench judge screens torture torture-worlds torture-power torture-kills torture-submissions torture-link torture-window torture-cards lab lab-packages lab-usb lab-camera clean

help:
	@echo 'make run                  the demo: town hall, virtual card, sample pages, and the window'
	@echo 'make run DEVICES=real     the same with this machine'"'"'s card reader and camera'
	@echo 'make test                 everything that is tested'
	@echo 'make clippy               the closed doors of .clippy.toml, and what else clippy sees'
	@echo 'make bench                the figures (release build); SCAN_SET=DIR PYTHON=… : the page finder beside the baseline in DIR'
	@echo 'make judge SET=DIR         how well pages are judged, on generated pages with truth.json and meta.json'
	@echo 'make screens              pictures of every step into docs/screens'
	@echo 'make torture              the window and the hall killed at every step, COUNT times (default 10)'
	@echo 'make torture PART=worlds  towns lived by seeds; PART=power and PART=kills: the real programs cut off and killed'
	@echo '                          (SEED=… COUNT=…; what was reached is written into docs/reliability.md)'
	@echo 'make torture PART=submissions  the same filings offered COUNT times; PART=link: 12 MB over 512 kbit/s, cut every COUNT s'
	@echo 'make torture PART=cards   1,000 cards and 100 restarts of a real pcscd (CYCLES, RESTARTS)'
	@echo 'make lab [PART=usb]       what needs a kernel of its own, in a guest: card readers on USB; PART=camera: a V4L2 camera'

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
# Times without an offset are the place's own, whatever the machine thinks where it stands.
	@TZ=America/Los_Angeles cargo test --workspace --lib --quiet
	$(call stage,done,)

# The closed doors of .clippy.toml.
clippy: setup
	@cargo clippy --workspace --all-targets

screens: build
	@$(WALK) run --screens docs/screens

bench: setup
	@cargo build --release --workspace --all-targets
	@cargo test --release --workspace --quiet --test walk -- bench
	@cargo test --release --workspace --quiet --test walk -- preview
	@cargo bench --workspace --bench '*'

# Into docs/performance.md. The pages: synth.py --preset quality --n 400 --seed … of the baseline's folder.
judge: setup
	@cargo run --release -p scan --example held-lab -- '$(SET)' --keep docs/performance.md

# make torture PART=…: another part is another target here.
torture: build torture-$(or $(PART),window)

torture-window:
	@for i in $$(seq 1 $(or $(COUNT),10)); do printf '%s ' "$$i"; $(WALK) kills >/dev/null; echo one filing, whole; done

# These end within 45 minutes each and go on where the last run ended.
torture-worlds:
	$(call stage,3 worlds,a tenth of a second each)
	@cargo test --workspace --quiet --test worlds -- torture '$(or $(SEED),next)' '$(or $(COUNT),2000)'

torture-power torture-kills:
	$(call stage,3 the real programs,up to 45 minutes)
	@cargo test --workspace --quiet --test torture -- '$(@:torture-%=%)' '$(or $(SEED),next)' '$(or $(COUNT),100)'

torture-submissions:
	$(call stage,3 submissions,about ten minutes)
	@STORM_COUNT=$(or $(COUNT),100000) cargo test --workspace --quiet --test stories -- storm --nocapture

torture-link:
	$(call stage,3 a bad line,about eight minutes)
	@cargo test --workspace --quiet --test link -- torture $(or $(COUNT),20)

torture-cards:
	$(call stage,3 cards,about half an hour)
	@CABLE_CYCLES=$(or $(CYCLES),1000) CABLE_RESTARTS=$(or $(RESTARTS),100) \
	  cargo test --workspace --quiet --test cable -- many_

# make lab PART=…: another part is another target here, and another case in tests/lab.
lab: build lab-packages lab-$(or $(PART),usb)

lab-usb:
	$(call stage,3 lab,about five minutes without KVM)
	@cargo test --workspace --quiet --test lab -- usb

lab-camera:
	$(call stage,3 lab,about five minutes without KVM)
	@cargo test --workspace --quiet --test lab -- camera

# QEMU is installed; the guest's kernel and busybox are only unpacked.
lab-packages:
	@command -v qemu-system-x86_64 >/dev/null || \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends qemu-system-x86 >/dev/null
	@if [ ! -d '$(VILLAGE_LAB_DIR)/boot' ]; then \
	  mkdir -p '$(VILLAGE_LAB_DIR)'; cd '$(VILLAGE_LAB_DIR)'; \
	  image=$$(apt-cache depends --important linux-image-amd64 | awk '/Depends: linux-image/ {print $$2; exit}'); \
	  apt-get download -qq "$$image" busybox-static; \
	  for package in *.deb; do dpkg-deb -x "$$package" .; done; rm -f *.deb; \
	fi

clean:
	rm -rf '$(CACHE)'
