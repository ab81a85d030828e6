"""Why the local stack does not start: each says what is wrong and what to do about it.

LocalStackRefused
├── NotAPort          a variable that should hold a port holds something else
├── PortTaken         another program listens where we would
├── AlreadyRunning    a stack of this very folder is up
├── NotRunning        there is no stack to talk to
├── StepFailed        a program that we called ended badly; carries what it printed
└── NoContainerEngine nothing answers as Docker does
"""


class LocalStackRefused(Exception):
    """Root of what a person can put right; printed without a traceback."""


class NotAPort(LocalStackRefused):
    """A variable that should hold a port number holds something else."""


class PortTaken(LocalStackRefused):
    """Another program listens on a port that we need."""


class AlreadyRunning(LocalStackRefused):
    """A stack whose files lie in the same folder is up."""


class NotRunning(LocalStackRefused):
    """No local stack is up, and the command needs one."""


class StepFailed(LocalStackRefused):
    """A program that the start-up called ended badly."""


class NoContainerEngine(LocalStackRefused):
    """No container engine answers."""
