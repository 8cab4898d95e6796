"""A target that takes long to import."""

import time

time.sleep(0.5)


def target(job: object, _source: object) -> object:
    """Return the job."""
    return job
