"""Every failure that is the operator's to mend. A program catches `AibomError` and nothing else."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    FINDINGS = 1  # at or above the threshold
    USAGE = 2
    INCOMPLETE = 3  # something was not read
    SIGNATURE = 4  # signing or verification failed
    BUG = 70
    INTERRUPTED = 130  # by Ctrl-C; by another signal, 128 and its number


class Terminated(KeyboardInterrupt):
    """Somebody asked this process to end, by a signal other than that of Ctrl-C."""

    def __init__(self, number: int) -> None:
        """Remember which."""
        super().__init__(number)
        self.number = number


class AibomError(Exception):
    """What went wrong, where, and what to do about it, in one or two sentences."""

    exit_code: Exit = Exit.USAGE


class TargetError(AibomError):
    """The thing to scan, sign or verify is missing, or is nothing that can be read."""


class UnsignedError(TargetError):
    """The BOM or the signature that should be verified is not there."""

    exit_code = Exit.SIGNATURE


class OutputError(AibomError):
    """A result could not be written; nothing was left half-written."""


class IsolationError(AibomError):
    """The lock that was demanded for parsers is not to be had on this machine."""

    exit_code = Exit.INCOMPLETE


class PolicyError(AibomError):
    """The policy forbids the step that was asked for."""

    exit_code = Exit.FINDINGS


class BomError(AibomError):
    """A bill of materials cannot be read, or would not be valid."""
