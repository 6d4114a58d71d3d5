"""The checks of docs/protocol.md §11, one module an idea. `audit/verify.py` lists them in order.

`verify_x(log, entry)` raises a DataError for what is wrong and then lets later entries build on what is right. Checks
never trust each other's verdicts: an entry whose approvals are false still moves the log on, so that one fault does not
hide the next.
"""
