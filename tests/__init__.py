"""Tests. Names are claims: `test_second_ballot_for_a_spent_token_is_refused`."""
