class ServerError(Exception):
    """A private server is missing or did not start. The message says what to do."""
