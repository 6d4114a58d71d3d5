"""From logged ballots to the declared result: sums, shares, counts, constitution, outcome. Pure, and without floats."""
