"""Computing elements: one interface, whatever protocol a site speaks.

`arc` speaks the REST interface of ARC CE; `arc_commands` and `htcondor` type a user's commands. Every
answer is an `Answer`; what it says of jobs beyond that, it says as `Submission` and `JobStatus`.
"""
