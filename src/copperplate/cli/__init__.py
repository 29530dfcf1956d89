"""The command line: parsing, prompting and exit codes. `commands` does the work, and `console` prints."""
