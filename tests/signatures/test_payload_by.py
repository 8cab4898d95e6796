"""A signer knows its own earlier signatures, whatever lies beside them."""

from aibom.signatures import generate_keys, payload_by
from aibom.signatures.keys import load_private
from aibom.signatures.signer import KeySigner
from tests.signatures.examples import PRIVATE, signed


def test_knows_its_own_and_no_other() -> None:
    own, other = KeySigner(load_private(PRIVATE)), KeySigner(load_private(generate_keys()[0]))
    assert payload_by(own, signed(b"x")) == b"x"
    assert payload_by(other, signed(b"x")) is None
    assert payload_by(own, b"{}") is None


def test_without_a_lasting_key_it_knows_none() -> None:
    class Passing:
        warnings = ()
        sign = KeySigner(load_private(PRIVATE)).sign

    assert payload_by(Passing(), signed(b"x")) is None
