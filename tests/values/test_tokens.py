"""Tokens are HMAC-SHA256 in base32, however fast they are made."""

import base64
import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from upstander.values.tokens import key_id, tokens


@given(key=st.binary(min_size=32, max_size=32), values=st.lists(st.text(st.characters(codec="utf-8")), max_size=20))
def test_a_token_is_the_standard_librarys_hmac_in_base32(key: bytes, values: list[str]) -> None:
    plain = [
        base64.b32encode(hmac.digest(key, value.encode(), hashlib.sha256)).decode()[:26].lower() for value in values
    ]
    assert tokens(key, values) == [f"u1.{key_id(key)}.{text}" for text in plain]
