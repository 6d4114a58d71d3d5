"""Measurements. `make bench` prints the table of docs/performance.md; nothing here is asserted anywhere."""
