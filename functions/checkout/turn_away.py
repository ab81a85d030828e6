"""Whatever no other route takes: a 404 in the documented shape.

Without it the gateway itself would answer, and speak of a missing authentication token.
"""

from plumbing.merchant_api import answering, merchant_api

# It has no routes: everything is unknown to it.
api = merchant_api()

handler = answering(api)
