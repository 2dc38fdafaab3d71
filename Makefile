# `make` lists what can be made. Every target installs what it needs and says so; a second run
# installs nothing.

SWIFT ?= swift
PYTHON ?= python3
VENV := .venv
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
BIN = $(shell $(SWIFT) build -c release --show-bin-path)
REVIEWS := fixtures/reviews.npz

DEBIAN := libhdf5-dev libopenblas-dev libzip-dev zlib1g-dev pkg-config
DEBIAN_TEST := $(DEBIAN) python3 python3-venv
BREW := hdf5 libzip pkgconf
KERAS := keras==3.15.1 tensorflow-cpu==2.21.0 tf-keras==2.21.0 h5py==3.14.0

.DEFAULT_GOAL := help
.PHONY: help demo build test lint libraries test-libraries keras clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: libraries build ## Train the review classifier, inspect and evaluate what it saved
	@$(BIN)/ReviewClassifier $(REVIEWS)
	@echo; echo '$$ h5tool inspect best_model.h5'
	@$(BIN)/h5tool inspect best_model.h5
	@echo; echo '$$ h5tool evaluate best_model.h5 --data $(REVIEWS) --num-words 10000 --maxlen 60'
	@$(BIN)/h5tool evaluate best_model.h5 --data $(REVIEWS) --num-words 10000 --maxlen 60

build: libraries ## Build the library and the commands in release
	@$(SWIFT) build -c release --explicit-target-dependency-import-check error

test: test-libraries keras lint ## Run every test, with the real Keras beside
	@$(SWIFT) build -c release --build-tests --explicit-target-dependency-import-check error
	@$(SWIFT) test -c release --skip-build

lint: ## Check the layout of the source
	@$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

clean: ## Remove what was built, the Python of the tests included
	@rm -rf .build $(VENV)

# Debian's packages or Homebrew's, those that are missing only.
define install
	@if command -v dpkg-query >/dev/null; then \
	  missing=; \
	  for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	  if [ -n "$$missing" ]; then \
	    echo "Installing from Debian:$$missing"; \
	    $(SUDO) apt-get update -qq && \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	  fi; \
	elif command -v brew >/dev/null; then \
	  for p in $(BREW); do brew list $$p >/dev/null 2>&1 || { echo "Installing from Homebrew: $$p"; brew install -q $$p; }; done; \
	else \
	  echo "Neither Debian's packages nor Homebrew here: install HDF5, OpenBLAS, libzip, zlib and pkg-config by hand." >&2; exit 1; \
	fi
endef

libraries:
	$(call install,$(DEBIAN))

test-libraries:
	$(call install,$(DEBIAN_TEST))

keras: test-libraries $(VENV)/.keras-installed

# The stamp is written last, so an interrupted installation is done again.
$(VENV)/.keras-installed: Makefile
	@echo "Installing from PyPI into $(VENV): $(KERAS)"
	@[ -x $(VENV)/bin/python ] || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check $(KERAS)
	@touch $@
