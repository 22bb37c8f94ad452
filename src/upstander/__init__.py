"""Upstander: the platform a Violence Reduction Network runs on.

Comes in: files from agencies that share data under an agreement. Goes out: safe evidence that people act on.
Must never: release a small number, keep an identity past intake, or change what was delivered.
"""

import os

# Linear algebra shared between threads adds numbers up in another order, and differs in the last digit: one thread,
# set before the libraries are loaded, so that the same input gives the same bytes whatever the machine.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1"}
