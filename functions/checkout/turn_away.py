"""Whatever no other route takes: a 404 in the documented shape.

Without it the gateway itself would answer, and speak of a missing authentication token.
"""

from plumbing.merchant_api import answering

handler = answering({})
