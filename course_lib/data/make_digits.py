"""Make digits.gz, the bundled copy of the handwritten digits, from the table it comes from.

Run once by hand, never by the build: ``python course_lib/data/make_digits.py TABLE``. TABLE is the file
optdigits.tes of the UCI repository, or the digits.csv.gz of scikit-learn, which holds the same 1797 lines: 64
counts from 0 to 16 and the class, separated by commas. The README.md beside this file says more.
"""

import gzip
import hashlib
import sys
from pathlib import Path

import numpy as np


def pack(table: np.ndarray) -> bytes:
    """Return the table (1797, 65) as compressed bytes, one byte a number, row by row; always the same bytes."""
    if table.shape != (1797, 65) or table.min() < 0 or table[:, :64].max() > 16 or table[:, 64].max() > 9:
        raise ValueError(
            f"the table has shape {table.shape}, expected (1797, 65) with 64 counts 0..16 and a class 0..9"
        )
    return gzip.compress(table.astype(np.uint8).tobytes(), compresslevel=9, mtime=0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python course_lib/data/make_digits.py TABLE (optdigits.tes or scikit-learn's digits.csv.gz)")
    packed = pack(np.loadtxt(sys.argv[1], delimiter=","))
    Path(__file__).with_name("digits.gz").write_bytes(packed)
    print(f"digits.gz: {len(packed)} bytes, SHA-256 {hashlib.sha256(packed).hexdigest()}")
