"""What can be wrong with an agreement."""

from upstander.errors import NotAcceptable


class BadAgreement(NotAcceptable):
    """An agreement cannot be read, contradicts itself, or asks more of its legal gateway than the law gives."""
