"""Methods about who a record is about: how an identifier is checked, and how it is keyed."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from upstander.analysis.errors import UnfitNumbers
from upstander.analysis.methods.names import as_given
from upstander.contracts.methods import Answer, Method, Output, WantedColumn
from upstander.values import identifiers
from upstander.values.tokens import keyed_digests


def _keyed(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    vectors = frames["vectors"]
    keys, messages = (_from_hex(vectors[column]) for column in ("key_hex", "msg_hex"))
    digests = [keyed_digests(key, [message]).hex() for key, message in zip(keys, messages, strict=True)]
    names = as_given(vectors["case"]) if "case" in vectors.columns else pl.Series(range(1, vectors.height + 1))
    rows = vectors.with_columns(case=names, hmac_sha256=pl.Series(digests, dtype=pl.String))
    return Answer(rows, {"messages": rows.height})


def _from_hex(column: pl.Series) -> list[bytes]:
    decoded = column.str.decode("hex", strict=False)
    if decoded.null_count():
        row = decoded.is_null().arg_true()[0]
        raise UnfitNumbers(
            f"Column {column.name}, row {row + 1}, is not bytes in hexadecimal.",
            where=f"column {column.name}, row {row + 1}", found=column[row], expected="two digits 0-9, a-f a byte",
        )  # fmt: skip
    return decoded.to_list()


HMAC_SHA256 = Method(
    name="hmac_rfc4231",
    version="1.0.0",
    title="Keyed hash of an identifier",
    says="HMAC-SHA256 of a message under a key, by the same code that makes tokens: a token is its first 26 characters "
    "in base32. Never give it a key in use: what is given to a method is shown.",
    source="RFC 2104; vectors in RFC 4231, section 4",
    inputs={
        "vectors": (
            WantedColumn("case", "text", "name of the vector; its position where there is none", required=False),
            WantedColumn("key_hex", "text", "key", "hexadecimal"),
            WantedColumn("msg_hex", "text", "message", "hexadecimal"),
        )
    },
    params=(),
    outputs=(
        Output("case", "text", "as given"),
        Output("hmac_sha256", "text", "keyed hash", "64 hexadecimal digits"),
    ),
    compute=_keyed,
)


def _nhs(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    sent = pl.col("nhs_number")
    rows = frames["numbers"].with_columns(
        valid_checksum=identifiers.has_check_digit(sent),
        is_placeholder=identifiers.is_placeholder_nhs_number(sent),
        canonical=identifiers.nhs_number(sent),
    )
    return Answer(rows, {"numbers": rows.height, "accepted": rows["canonical"].count()})


NHS_NUMBER = Method(
    name="nhs_number",
    version="1.0.0",
    title="NHS number, modulus 11",
    says="Whether the last of ten digits is the check digit of the others, and whether anybody can have the number: "
    "one digit ten times passes the check and is nobody's.",
    source="NHS Data Model and Dictionary, NHS NUMBER",
    inputs={"numbers": (WantedColumn("nhs_number", "text", "as it was typed"),)},
    params=(),
    outputs=(
        Output("nhs_number", "text", "as given"),
        Output("valid_checksum", "boolean", "ten digits, and the last is right"),
        Output("is_placeholder", "boolean", "typed to get past a form"),
        Output("canonical", "text", "the form that is keyed; null where the number is refused"),
    ),
    compute=_nhs,
)
