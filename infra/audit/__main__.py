"""`make audit`: the template by checkov, the pinned versions by pip-audit.

Ends with 0 when nothing unexplained was found, with 1 when something was, and with 3 when nobody
could be asked about some versions. Bandit looks at the code in `make lint`.
"""

import sys

from infra.audit import template, vulnerabilities


def main() -> int:
    """Look at everything, whatever the first finds; the exit code."""
    return max(template.look(), vulnerabilities.look()).code


if __name__ == "__main__":
    sys.exit(main())
