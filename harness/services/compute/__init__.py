"""Computing elements: one interface, whatever protocol a site speaks.

`arc` speaks the REST interface of ARC CE; `arc_commands` and `htcondor` type a user's commands. Every
answer is an `Answer`; what it says of jobs beyond that, it says as `Submission` and `JobStatus`.
"""

from harness.services.compute.arc import ArcElement
from harness.services.compute.arc_commands import ArcCommands
from harness.services.compute.client import (
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
from harness.services.compute.htcondor import HTCondorElement

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
