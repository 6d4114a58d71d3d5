"""The legal record of one election: what the rules know at any entry of the log, and what follows from it.

A fold over the legal facts of the log, entry by entry. Service and verifier use this one class: what the service would
not do, the verifier does not accept.
"""
