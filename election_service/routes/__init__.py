"""The HTTP face of the use cases: one module for each, no `try`, no rules (docs/architecture.md)."""
