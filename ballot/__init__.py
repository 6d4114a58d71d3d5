"""What a ballot is: the contest it answers, the token that admits it, its encryption, its proofs, its receipt.

`verification` decides whether a ballot is one. The service asks it before it gives a receipt, the verifier asks it
again, and there is no third opinion. `booth/` holds the voter's own program, in TypeScript, which makes the same bytes.
Pure: randomness is an argument, there is no clock, no network and no environment.
"""
