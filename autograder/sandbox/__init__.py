"""The sandbox: processes in which student code runs, and what keeps them apart from everything else.

`ForkServer` starts a child for a submission, `Child` is the judge's handle on it, `probe` tells what this host offers.
From the outside in: `client` (our end), `forkserver` (the warm process children are forked from), `child` (how one
locks itself in), `levels` (which protections there are), then one room for each of them: `namespaces`, `landlock`,
`seccomp`, `limits`; `environment` and `library` say what a child may read; `probes` tries to break it all.
"""

from autograder.sandbox.client import Child, ForkServer, probe
from autograder.sandbox.levels import Level

__all__ = ["Child", "ForkServer", "Level", "probe"]
