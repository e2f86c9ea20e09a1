"""What two texts are compared by: a hash for equal content, banded MinHash for similar content, and the true similarity.

The way from text to signature never makes a Python object for a word: one table look-up for each character, prefix sums
for the words, sliding sums for the shingles, all in numpy. The words are those of the regular expression `\\w+` on
lower-case text, with one difference: in scripts that are written without spaces (Chinese, Japanese, Thai…) every
character is a word, since otherwise a whole sentence would be one.

MinHash: Broder, "On the resemblance and containment of documents" (1997). Banding: Leskovec, Rajaraman, Ullman, "Mining of
Massive Datasets", section 3.4.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import xxhash

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    """Sorted, distinct 64-bit hashes of a text's shingles."""
    Signature = NDArray[np.uint32]
    """`PERMUTATIONS` minima."""

SHINGLE_WORDS: Final = 5
"""Words in a shingle: the usual size for news, and the one that the gold pairs are counted with."""
BANDS: Final = 20
"""Bands of a signature. See `ROWS`."""
ROWS: Final = 4
"""Minima in a band. A pair of similarity s shares a band with probability 1 - (1 - s^ROWS)^BANDS: 0.996 at 0.7 and 0.99997
at 0.8. `benchmarks/dedupe.py` measures it on the gold pairs beside other choices."""
PERMUTATIONS: Final = BANDS * ROWS
MIN_SHINGLES: Final = 20
"""Texts with fewer distinct shingles have no bands: they are compared for equal content only. A one-paragraph market
note of 1987 differs from its template by a few figures: below this length, similarity does not tell a reprint from
the next day's note (`benchmarks/dedupe.py --short` prints the pairs)."""
MAX_CHARS: Final = 1_000_000
"""Only so much of a text is compared: twenty times the longest article of the 20,000, so that memory stays bounded (about
60 MB) whatever comes in."""

_BLOCK: Final = 4_096
"""Shingles that are permuted at once: the table (4,096 x 80 x 4 bytes) stays within the processor's cache."""
_SEED: Final = 6  # benchmarks/stories_weights.py has no part in it: any seed does, this one gives the tables below
