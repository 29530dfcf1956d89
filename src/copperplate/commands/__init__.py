"""Commands, one module for each verb: it takes data, returns a frozen result, and prints nothing."""
