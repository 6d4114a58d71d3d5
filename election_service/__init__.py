"""The running service: everything that touches a network, a disk, a clock or a terminal.

One module for each use case (roll, login, issue, cast, seal, poll, tally, approvals ...); the command, the HTTP API
and the pages are three thin faces of the same use cases. It decides nothing about cryptography or law: it asks the
packages below, which the verifier asks too.
"""
