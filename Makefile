# Names for what cargo does. The component is built first, because the host carries it.

COMPONENT := target/component/qonduit.wasm
FUNCTION  := target/component/qonduit-function.wasm
WASM      := wasm32-unknown-unknown
PYTHON    ?= python3
# All members at once, and examples with the binaries: so cargo takes the features that the tests
# need from the beginning, and compiles nothing twice.
MEMBERS   := --locked --release --workspace --exclude qonduit-packages
# Makes what is made from the contract, and writes into components what they are.
TOOL      := target/release/qonduit-packages

# Paths of the machine have no place in a component: they would differ from one to the next. These
# flags come behind those of .cargo/config.toml; the folders of sources are there once cargo fetched.
SOURCES    = $(shell ls -d "$(or $(CARGO_HOME),$(HOME)/.cargo)"/registry/src/*/ 2>/dev/null)
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS = \
	--remap-path-prefix=$(CURDIR)/= $(SOURCES:%=--remap-path-prefix=%=)

.PHONY: help setup tool component function hosts build demo test check bench formats clients soak accept deny clean packages wit contract-release

help:
	@echo 'make demo     set up, build, and sync a simulated subscription'
	@echo 'make test     build, and run all tests'
	@echo 'make check    formatting, lints, documentation'
	@echo 'make bench    measure speed and memory against peers'
	@echo 'make build    target/release/qonduit, target/release/qualys-sim, $(COMPONENT), $(FUNCTION)'
	@echo 'make packages build the packages for JavaScript, Python and Rust into target/packages'
	@echo 'make wit      check the contract and build its WIT package'
	@echo 'make hosts    install the servers that the tests run the function on (needs Python and npm)'
	@echo 'make clients  let independent Qualys clients fetch from the simulator (needs Python packages)'
	@echo 'make formats  have the exports read by the OCSF schema, the CycloneDX library and pyarrow (needs Python packages)'
	@echo 'make soak     let a year of days go by in the simulator; takes long'
	@echo 'make accept   rewrite the expected records of the fixtures; read the difference'
	@echo 'make deny     licences and advisories of the dependencies (needs cargo-deny)'

# The target is there already on most machines; rustup is asked only where it is not.
setup:
	@rustc --print target-libdir --target $(WASM) | xargs test -d || rustup target add $(WASM)

tool:
	@cargo build --locked --release --package qonduit-packages

# Equal bytes are left alone, so that the host is not built anew; `built` tells the tests of which
# sources they are, as it is from before the build.
component: setup tool
	@mkdir -p $(dir $(COMPONENT)) && touch $(dir $(COMPONENT))begun
	@cargo fetch --locked --quiet --target $(WASM)
	cargo rustc --locked --package qonduit-component --profile guest --target $(WASM) \
		--features component --crate-type cdylib
	@$(TOOL) stamp target/$(WASM)/guest/qonduit_component.wasm $(COMPONENT) --package qonduit-component
	@mv $(dir $(COMPONENT))begun $(dir $(COMPONENT))built

# The same library behind the doors of wasi:http.
function: setup tool
	@mkdir -p $(dir $(FUNCTION)) && touch $(dir $(FUNCTION))function-begun
	@cargo fetch --locked --quiet --target $(WASM)
	cargo build --locked --package qonduit-function --lib --example hello --profile guest --target $(WASM)
	@$(TOOL) stamp target/$(WASM)/guest/qonduit_function.wasm $(FUNCTION) --package qonduit-function
	@mv $(dir $(FUNCTION))function-begun $(dir $(FUNCTION))function-built

# Servers of others that the tests run the function on, into folders below target.
hosts:
	@PYTHON=$(PYTHON) sh tests/hosts.sh

build: component function
	cargo build $(MEMBERS) --bins --example sync --example read

demo: build
	@sh tests/demo.sh

packages: build
	@PYTHON=$(PYTHON) sh tests/packages.sh

wit: tool
	@$(TOOL) wit target/packages/wit

# Keeps the contract as it is as the one that callers rely on; done when a version is released.
contract-release: tool
	@$(TOOL) release

test: packages
	cargo test $(MEMBERS)
	cargo test --locked --release --package qonduit-packages

check: component function
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --features qonduit/parquet -- --deny warnings
	cargo clippy --locked --package qonduit-component --features component --target $(WASM) -- --deny warnings
	cargo clippy --locked --package qonduit-function --lib --example hello --target $(WASM) -- --deny warnings
	RUSTDOCFLAGS='--deny warnings --allow rustdoc::private_intra_doc_links' cargo doc --locked --workspace --no-deps --document-private-items --lib

bench: packages
	@PYTHON=$(PYTHON) sh tests/bench.sh

formats: build
	@PYTHON=$(PYTHON) sh tests/formats.sh

clients: build
	$(PYTHON) tests/clients/run.py target/release/qualys-sim

soak: build
	QONDUIT_DAYS=365 QONDUIT_DAYS_HOSTS=2000 cargo test $(MEMBERS) --test system -- days:: --nocapture

accept:
	QONDUIT_ACCEPT=1 cargo test --locked --release --package qonduit-component --test fixtures --test reference --test exports
	QONDUIT_ACCEPT=1 cargo test --locked --release --package qonduit-packages --test made

deny:
	cargo deny check

clean:
	cargo clean
