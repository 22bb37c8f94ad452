"""The delivery report for people: on the terminal, and as a page."""

from upstander.pipeline.receipts import Receipt


def report_words(receipt: Receipt) -> str:
    """The message, the line account and the first mistakes, for the terminal."""
    return receipt.message
