"""The law from outside: an oracle written from the clauses, the 22 cases, and laws over whole elections."""
