"""An archive of one file of rows is read like that file; any other archive is refused unopened."""

import hashlib
import io
import zipfile

import pytest

from intake.desk import read_bytes, rms
from upstander.contracts.readings import Outcome

ROWS = rms(*[{}] * 5)


def _packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


def test_one_packed_file_gives_the_rows_it_would_give_alone() -> None:
    sent = _packed(extract_csv=ROWS)
    result, tray = read_bytes(sent)
    alone, same = read_bytes(ROWS)
    assert result.outcome is Outcome.NORMALISE
    assert "packed in an archive" in result.message
    assert tray.accepted.equals(same.accepted)
    assert result.lines == alone.lines
    assert (result.sha256, result.byte_count) == (hashlib.sha256(sent).hexdigest(), len(sent))


def test_what_is_in_the_packed_file_is_judged_as_if_it_came_alone() -> None:
    assert "PDF" in read_bytes(_packed(extract_csv=b"%PDF-1.7 and so on"))[0].message
    assert read_bytes(_packed(extract_csv=b""))[0].outcome is Outcome.FILEQ
    assert "byte order mark" in read_bytes(_packed(extract_csv=b"\xef\xbb\xbf" + ROWS))[0].message


@pytest.mark.parametrize(
    "files", [{"a_csv": ROWS, "b_csv": ROWS}, {"a_pdf": b"%PDF"}, {"inside_zip": _packed(a_csv=ROWS)}, {}]
)
def test_any_other_archive_is_refused(files: dict[str, bytes]) -> None:
    result, tray = read_bytes(_packed(**files))
    assert result.outcome in {Outcome.REFUSE, Outcome.FILEQ}
    assert tray.batches == []


def test_a_packed_file_that_was_damaged_is_not_read() -> None:
    sent = bytearray(_packed(extract_csv=ROWS * 20))
    sent[120] ^= 0xFF
    result, tray = read_bytes(bytes(sent))
    assert (result.outcome, tray.batches) == (Outcome.FILEQ, [])


def test_a_packed_file_that_expands_to_too_much_is_refused() -> None:
    result, _ = read_bytes(_packed(extract_csv=b"0," * 101_000_000))
    assert (result.outcome, "expands to" in result.message) == (Outcome.REFUSE, True)
