# Names for what cargo does. The component is built first, because the host carries it.

COMPONENT := target/component/qonduit.wasm
FUNCTION  := target/component/qonduit-function.wasm
WASM      := wasm32-unknown-unknown
PYTHON    ?= python3

.PHONY: help setup component function hosts build demo test check bench formats clients soak accept deny clean

help:
	@echo 'make demo     set up, build, and sync a simulated subscription'
	@echo 'make test     build, and run all tests'
	@echo 'make check    formatting, lints, documentation'
	@echo 'make bench    measure speed and memory against peers'
	@echo 'make build    target/release/qonduit, target/release/qualys-sim, $(COMPONENT), $(FUNCTION)'
	@echo 'make hosts    install the servers that the tests run the function on (needs Python and npm)'
	@echo 'make clients  let independent Qualys clients fetch from the simulator (needs Python packages)'
	@echo 'make formats  have the exports read by the OCSF schema, the CycloneDX library and pyarrow (needs Python packages)'
	@echo 'make soak     let a year of days go by in the simulator; takes long'
	@echo 'make accept   rewrite the expected records of the fixtures; read the difference'
	@echo 'make deny     licences and advisories of the dependencies (needs cargo-deny)'

# The target is there already on most machines; rustup is asked only where it is not.
setup:
	@rustc --print target-libdir --target $(WASM) | xargs test -d || rustup target add $(WASM)

# Equal bytes are left alone, so that the host is not built anew; `built` tells the tests of which
# sources they are, as it is from before the build.
component: setup
	@mkdir -p $(dir $(COMPONENT)) && touch $(dir $(COMPONENT))begun
	cargo rustc --locked --package qonduit-component --profile guest --target $(WASM) \
		--features component --crate-type cdylib
	@cmp -s target/$(WASM)/guest/qonduit_component.wasm $(COMPONENT) \
		|| cp target/$(WASM)/guest/qonduit_component.wasm $(COMPONENT)
	@mv $(dir $(COMPONENT))begun $(dir $(COMPONENT))built

# The same library behind the doors of wasi:http.
function: setup
	@mkdir -p $(dir $(FUNCTION)) && touch $(dir $(FUNCTION))function-begun
	cargo build --locked --package qonduit-function --lib --example hello --profile guest --target $(WASM)
	@cmp -s target/$(WASM)/guest/qonduit_function.wasm $(FUNCTION) \
		|| cp target/$(WASM)/guest/qonduit_function.wasm $(FUNCTION)
	@mv $(dir $(FUNCTION))function-begun $(dir $(FUNCTION))function-built

# Servers of others that the tests run the function on, into folders below target.
hosts:
	@PYTHON=$(PYTHON) sh tests/hosts.sh

build: component function
	cargo build --locked --release --workspace --bins

demo: build
	@sh tests/demo.sh

test: build
	cargo test --locked --release --workspace

check: component function
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --features qonduit/parquet -- --deny warnings
	cargo clippy --locked --package qonduit-component --features component --target $(WASM) -- --deny warnings
	cargo clippy --locked --package qonduit-function --lib --example hello --target $(WASM) -- --deny warnings
	RUSTDOCFLAGS='--deny warnings --allow rustdoc::private_intra_doc_links' cargo doc --locked --workspace --no-deps --document-private-items --lib

bench: build
	@PYTHON=$(PYTHON) sh tests/bench.sh

formats: build
	@PYTHON=$(PYTHON) sh tests/formats.sh

clients: build
	$(PYTHON) tests/clients/run.py target/release/qualys-sim

soak: build
	QONDUIT_DAYS=365 QONDUIT_DAYS_HOSTS=2000 cargo test --locked --release \
		--package qonduit-tests --test system -- days:: --nocapture

accept:
	QONDUIT_ACCEPT=1 cargo test --locked --release --package qonduit-component --test fixtures --test reference --test exports

deny:
	cargo deny check

clean:
	cargo clean
