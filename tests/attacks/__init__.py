"""Attacks, by the ids of docs/threat-model.md: each is tried for real, and each test first shows what is accepted."""
