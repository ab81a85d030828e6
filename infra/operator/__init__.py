"""The command line of whoever runs a deployment: merchants, keys, credentials, addresses."""

import sys
from pathlib import Path

FUNCTIONS = str(Path(__file__).parents[2] / "functions")

# The functions' folder is the root of their zip, not a package: here is where it is put on the
# path for everything under infra.operator, however it was started.
if FUNCTIONS not in sys.path:
    sys.path.insert(0, FUNCTIONS)
