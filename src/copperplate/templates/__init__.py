"""Templates: their locations, their releases and their renderings."""
