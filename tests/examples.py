"""Example rolls from outside the repository: more input to try, not a part of the machine.

`EXAMPLE_ROLLS` names the folder; otherwise it is looked for beside the repository. Tests marked `examples` run where it
is there. Elsewhere they are left out, and the summary says so (tests/conftest.py).
"""

import os
from pathlib import Path

EXAMPLES = Path(os.environ.get("EXAMPLE_ROLLS") or Path(__file__).resolve().parents[2] / "shared" / "data")
