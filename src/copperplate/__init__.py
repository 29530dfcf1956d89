"""Generator of complete async Python backends from one template, which it keeps current."""
