"""A whole year of a made-up self-governance: what happens (script), who plays it (roles), how it is played (play)."""
