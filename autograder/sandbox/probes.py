"""A child's loop for trials: it runs whatever source it is sent in the notebook's shell, and tells what came of it.

It stands where the student's loop stands, so that what is tried in it is tried in the real sandbox.
"""

from __future__ import annotations

import json
import socket
from typing import Any

from autograder.shell import describe, run_cell

SERVE = "autograder.sandbox.probes:serve"
LIMIT = 1 << 20  # characters of output


def serve(channel: socket.socket, shell: Any) -> None:
    """Run one cell a line until the other end closes."""
    with channel, channel.makefile("rwb") as stream:
        for number, line in enumerate(stream):
            outputs, error = run_cell(shell, f"probe-{number}", json.loads(line), LIMIT)
            answer = {"outputs": outputs, "error": describe(error) if error else None}
            stream.write(json.dumps(answer).encode() + b"\n")
            stream.flush()


def run(channel: socket.socket, source: str) -> dict[str, Any]:
    """Have a child run this source; return its outputs and error, or {"lost": True} when it ended instead."""
    try:
        channel.sendall(json.dumps(source).encode() + b"\n")
        data = bytearray()
        while not data.endswith(b"\n"):
            piece = channel.recv(1 << 20)
            if not piece:
                return {"lost": True}
            data += piece
    except OSError:
        return {"lost": True}
    answer: dict[str, Any] = json.loads(data)
    return answer


def printed(answer: dict[str, Any]) -> str:
    """Return what a cell printed."""
    return "".join(item["text"] for item in answer.get("outputs", []) if item["output_type"] == "stream")
