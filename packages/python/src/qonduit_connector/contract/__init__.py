"""The contract, an interface a module. Made from `wit/`; `make accept` writes it."""

VERSION = "0.1.0"
