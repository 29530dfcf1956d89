"""The start of a project's server."""

import socket
import sys

import pytest

from copperplate.verify.boot import HOST, reserved_port


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the server could not listen on a reserved port")
def test_a_reserved_port_is_given_to_nobody_but_the_server_may_listen_on_it() -> None:
    with reserved_port() as port:
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind((HOST, port))
        with socket.create_server((HOST, port)), socket.create_connection((HOST, port)):
            pass
    with socket.socket() as other:
        other.bind((HOST, port))
