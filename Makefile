# `make` lists what can be made. Every target installs what it needs and says so; a second run
# installs nothing.

SWIFT ?= swift
PYTHON ?= python3
VENV := .venv
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
BIN = $(shell $(SWIFT) build -c release --show-bin-path)
REVIEWS := fixtures/reviews.npz

# libhdf5 and OpenBLAS are loaded when they are used, so that nothing links them.
DEBIAN := libhdf5-dev libopenblas0 zlib1g-dev pkg-config
DEBIAN_TEST := $(DEBIAN) python3 python3-venv
BREW := hdf5 pkgconf
KERAS := keras==3.15.1 tensorflow-cpu==2.21.0 tf-keras==2.21.0 h5py==3.14.0
DEBIAN_BENCH := $(DEBIAN) hdf5-tools python3 python3-venv
PEERS := keras==3.15.1 tensorflow-cpu==2.21.0 h5py==3.14.0 jax==0.10.2 onnxruntime==1.31.1 onnx==1.23.2

.DEFAULT_GOAL := help
.PHONY: help demo build test bench conformance random-models conform applications lint libraries test-libraries bench-libraries keras clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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

# Every class with many combinations of its arguments, and random models, against both Keras; takes
# some ten minutes. ONLY="keras3 Conv2D " takes the models whose label has that, INTO=FILE puts the table there.
SEED ?= 1
COUNT ?= 500
conformance: conform ## Hold every layer class against Keras, with many combinations of arguments
	@$(VENV)/bin/python Tests/Conformance/Python/conformance.py --runner $(BIN)/conform --seed $(SEED) \
	  --sequential 500 --functional 200 --nested --slices --only "$(ONLY)" $(if $(INTO),--into $(INTO))

random-models: conform ## Hold COUNT random models of a SEED against Keras
	@$(VENV)/bin/python Tests/Conformance/Python/conformance.py --runner $(BIN)/conform --seed $(SEED) \
	  --no-spaces --no-layers --sequential $(COUNT) --functional $(COUNT) --nested --slices --only "$(ONLY)"

conform: test-libraries keras
	@$(SWIFT) build -c release --product conform

# Choose with CASES="notebook whole"; QUICK=1 takes shorter runs, INTO=README.md puts the table there.
bench: bench-libraries Benchmarks/.venv/.peers-installed ## Measure the speed beside Keras, JAX, ONNX Runtime
	@for product in contestant allocations h5tool; do \
	  $(SWIFT) build -c release --package-path Benchmarks --product $$product || exit 1; \
	done
	@Benchmarks/.venv/bin/python Benchmarks/Python/bench.py --cases Benchmarks/.cases \
	  --binaries "$$($(SWIFT) build -c release --package-path Benchmarks --show-bin-path)" \
	  --json Benchmarks/results.json $(if $(INTO),--into $(INTO)) $(if $(QUICK),--quick) $(CASES)

# Choose with NAMES="ResNet50 VGG16"; QUICK=1 and INTO=FILE as for bench.
applications: bench-libraries Benchmarks/.venv/.peers-installed ## Compare keras.applications with Keras
	@for product in contestant h5tool; do \
	  $(SWIFT) build -c release --package-path Benchmarks --product $$product || exit 1; \
	done
	@Benchmarks/.venv/bin/python Benchmarks/Python/applications.py --cases Benchmarks/.cases \
	  --binaries "$$($(SWIFT) build -c release --package-path Benchmarks --show-bin-path)" \
	  $(if $(INTO),--into $(INTO)) $(if $(QUICK),--quick) $(NAMES)

lint: ## Check the layout of the source
	@$(SWIFT) format lint --strict --recursive Package.swift Sources Tests \
	  Benchmarks/Package.swift Benchmarks/Sources

clean: ## Remove what was built, the Python of the tests included
	@rm -rf .build $(VENV) Benchmarks/.build Benchmarks/.venv Benchmarks/.cases

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
	  echo "Neither Debian's packages nor Homebrew here: install HDF5, OpenBLAS, zlib and pkg-config by hand." >&2; exit 1; \
	fi
endef

libraries:
	$(call install,$(DEBIAN))

test-libraries:
	$(call install,$(DEBIAN_TEST))

bench-libraries:
	$(call install,$(DEBIAN_BENCH))

keras: test-libraries $(VENV)/.keras-installed

# The stamp is written last, so an interrupted installation is done again.
$(VENV)/.keras-installed: Makefile
	@echo "Installing from PyPI into $(VENV): $(KERAS)"
	@[ -x $(VENV)/bin/python ] || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check $(KERAS)
	@touch $@

# Keras exports to ONNX by tf2onnx, whose own wishes for versions are older than the others'.
Benchmarks/.venv/.peers-installed: Makefile
	@echo "Installing from PyPI into Benchmarks/.venv: $(PEERS)"
	@[ -x Benchmarks/.venv/bin/python ] || $(PYTHON) -m venv Benchmarks/.venv
	@Benchmarks/.venv/bin/python -m pip install --quiet --disable-pip-version-check $(PEERS)
	@Benchmarks/.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps tf2onnx==1.17.0
	@touch $@
