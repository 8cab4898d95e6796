"""A timestamp authority is asked over HTTP and by no other way."""

import pytest

from aibom.signatures.errors import SignatureError
from aibom.signatures.timestamps import request_timestamp


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://tsa.example/", "", "tsa.example"])
def test_an_address_of_another_kind_is_refused_before_anything_is_opened(url: str) -> None:
    with pytest.raises(SignatureError) as refused:
        request_timestamp(url, b"signature")
    assert refused.value.code == "key-uri"
