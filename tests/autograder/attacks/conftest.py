"""A fork server for each level, for the session; what attempts reach for, planted."""

import pytest
import sandboxes

from autograder.sandbox import ForkServer
from autograder.sandbox.attempts import planted
from autograder.sandbox.probes import SERVE


@pytest.fixture(scope="session")
def unprotected():
    server = ForkServer(trusted=True, serve=SERVE)
    yield server
    server.close()


@pytest.fixture(scope="session", params=sandboxes.LEVELS)
def server(request):
    server = sandboxes.open_server(request.param)
    yield server
    server.close()


@pytest.fixture(scope="session")
def plant():
    with planted() as plant:
        yield plant


@pytest.fixture
def child(server):
    child = server.start(sandboxes.LIMITS, ["checks"], 0)
    yield child
    child.end()
