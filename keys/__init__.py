"""The ground floor: group, scalars, hashes, canonical bytes, signatures, and the keys made of them.

Nothing here knows what an election is for. `curve` is the one door to libsecp256k1, `transcript` the one registry of
hash tags, `canonical` the one reader of JSON. On them stand the trustees' ceremony, the issuer keys and the key files.
Pure: randomness is an argument, there is no clock, no network and no environment.
"""
