# Names for what cargo does.

COMPONENT := target/component/qonduit.wasm

.PHONY: setup component build

setup:
	rustup target add wasm32-unknown-unknown

component: setup
	cargo build --locked --package qonduit-component --profile guest --target wasm32-unknown-unknown
	@mkdir -p $(dir $(COMPONENT))
	cp target/wasm32-unknown-unknown/guest/qonduit_component.wasm $(COMPONENT)

build: component
	cargo build --locked --release --workspace
