class ServerError(Exception):
    """A private server cannot be had, or did not start. The message says what to do."""
