"""What happens when things break: kill -9 at random moments, races, lost answers, older databases, stopped processes.

`python -m tests.faults ROUNDS` kills as often as one likes; `pytest tests/faults` does a few rounds on both databases.
Everything runs against real serving processes; one function, `promises.check_promises`, judges every log.
"""
