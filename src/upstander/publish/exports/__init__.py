"""Released tables as files that people take away: open data, accessible workbooks, numbered copies for recipients.

Comes in: `ReleasedTable`s and facts that are not about people (title, publisher, licence, recipient).
Goes out: bytes, the same for the same input, opened by another reader and compared cell by cell before they leave.
Must never: take a number from anywhere but a `ReleasedTable`, write a number under a cell that is withheld, or give out
a file with anything hidden or live in it.
"""

from upstander.publish.exports.copies import checked_copy, export_release
from upstander.publish.exports.facts import Copy, ExportFacts

__all__ = ["Copy", "ExportFacts", "checked_copy", "export_release"]
