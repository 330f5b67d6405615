"""Computing elements: one interface, whatever protocol a site speaks.

`arc` speaks the REST interface of ARC CE; `arc_commands` and `htcondor` type a user's commands. Every
answer is an `Answer`; what it says of jobs beyond that, it says as `Submission` and `JobStatus`.
"""

from harness.clients.compute.arc import ArcElement
from harness.clients.compute.arc_commands import ArcCommands
from harness.clients.compute.element import (
    STDERR,
    STDOUT,
    ComputingElement,
    Job,
    JobDescription,
    JobState,
    JobStatus,
    StillWaiting,
    Submission,
)
from harness.clients.compute.htcondor import HTCondorElement

__all__ = [
    "STDERR",
    "STDOUT",
    "ArcCommands",
    "ArcElement",
    "ComputingElement",
    "HTCondorElement",
    "Job",
    "JobDescription",
    "JobState",
    "JobStatus",
    "StillWaiting",
    "Submission",
]
