"""Templates: where they are, which releases they have, and what they render to."""
