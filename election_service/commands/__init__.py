"""The `election-service` command, one module per noun; each command calls one use case and prints what it did."""
