"""The public log and everything that can be checked about it.

Entries, their chain and tree, checkpoints and tiles; and `verify`, the one list of checks, each with the attack that
it stops. `election-audit` is its face on the command line and needs three libraries: coincurve, cryptography, msgspec.
Pure but for the command itself: bytes come in, verdicts go out; there is no clock and no environment.
"""
