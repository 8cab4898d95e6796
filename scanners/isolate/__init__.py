"""Run a pure function over hostile bytes in a process that can do nothing else.

The host starts one *zygote*, which never sees a hostile byte and only forks. Each of its *children*
gives up every power that parsing does not need, says how much of that worked, and then answers
jobs: JSON and a `Source` in, JSON out. `Sandbox` is the host's side, `InProcess` the same interface
without the wall.
"""

from ..kits import NeedsKit
from .inprocess import InProcess
from .outcome import Bounds, Done, Lost, Outcome
from .pool import Sandbox

__all__ = ["Bounds", "Done", "InProcess", "Lost", "NeedsKit", "Outcome", "Sandbox"]
