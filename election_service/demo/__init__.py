"""The demo: a made-up university, an election from the roll to the verified result, on this machine."""
