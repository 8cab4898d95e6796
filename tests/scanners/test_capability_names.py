"""A mistyped name leads to the one that was meant, or to none."""

from __future__ import annotations

import pytest

from aibom.scanners.capability_names import nearest


@pytest.mark.parametrize(
    ("module", "name", "meant"),
    [
        ("os", "sytem", "os.system"),
        ("subproces", "Popen", "subprocess.Popen"),
        ("torch.hub", "laod", "torch.hub.load"),
        ("imaplib", "IMAP4.logni", "imaplib.IMAP4.login"),
        ("imaplib.IMAP4", "logni", "imaplib.IMAP4.login"),
        ("os", "zzzzzz", None),
        ("os", "", None),
        ("zzzzzz", "f", None),
        ("torch.no_such", "load", None),
    ],
)
def test_the_nearest_name_is_one_that_is_known(module: str, name: str, meant: str | None) -> None:
    assert nearest(module, name) == meant


@pytest.mark.parametrize("meant", ["os.system", "imaplib.IMAP4.login", "torch.hub.load"])
def test_a_known_name_is_nearest_to_itself(meant: str) -> None:
    module, _, name = meant.rpartition(".")
    assert nearest(module, name) == meant
