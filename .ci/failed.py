"""Names the tests that failed in the last round. Exits with 1 if it did not come to its end, or more than three did.

What failed is a test only if it is named like one: processes that collect different tests fail as well.
"""

import json
import sys
from pathlib import Path

MOST = 3
CACHE = Path(".pytest_cache/v")
ended = CACHE / "queueflow" / "ended"
failed = json.loads((CACHE / "cache" / "lastfailed").read_text()) if ended.exists() else {}
for test in failed:
    print(f"failed beside others: {test}")
sys.exit(0 if 0 < len(failed) <= MOST and all("::" in test for test in failed) else 1)
