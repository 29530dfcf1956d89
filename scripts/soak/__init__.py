"""Soak tests, which take too long for every change: thousands of histories, kills at random moments, every release."""
