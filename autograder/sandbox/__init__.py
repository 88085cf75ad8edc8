"""The sandbox: processes in which student code runs, and what keeps them apart from everything else.

`ForkServer` starts a child for a submission, `Child` is the judge's handle on it. The other rooms are: `forkserver`
(the process the children are forked from), `library` (the part of course_lib a child sees).
"""

from autograder.sandbox.client import Child, ForkServer

__all__ = ["Child", "ForkServer"]
