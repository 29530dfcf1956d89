"""What takes too long for every change: thousands of lives, kills at random moments, every release to its end."""
