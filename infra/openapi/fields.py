"""Parts of paths and queries that several operations share."""

from infra.openapi.operation import Parameter
from payments.link import LINK_ID
from payments.references import SESSION_ID

SESSION = Parameter(
    name="session_id",
    description="The `session_id` that opening the payment answered.",
    schema={"type": "string", "pattern": f"^{SESSION_ID.pattern}$"},
    example="CHK-V0CFMJGNI8ZWIJBR",
)
REFERENCE = Parameter(
    name="reference",
    description="Your own `tx_ref`, or the `session_id`.",
    schema={
        "type": "string",
        "minLength": 1,
        "maxLength": 50,
        # As payments/references.py has it, but for outer spaces, "." and "..".
        "pattern": r"^[^\x00-\x20\x7f-\x9f/?#%\\\u2028\u2029]+$",
    },
    example="ORDER-12345",
)
SESSION_AS_REFERENCE = Parameter(
    name="reference",
    description=SESSION.description,
    schema=SESSION.schema,
    example=SESSION.example,
)
LINK = Parameter(
    name="link_id",
    description="The `link_id` that making the link answered.",
    schema={"type": "string", "pattern": f"^{LINK_ID.pattern}$"},
    example="lnk_0v3f8a1k2m9x",
)
EVENT = Parameter(
    name="event_id",
    description="The `event_id` of the list, which is the `webhook-id` of the message.",
    schema={"type": "string", "pattern": "^evt_[0-9A-Z]{16}_[0-9]+$"},
    example="evt_V0CFMJGNI8ZWIJBR_3",
)
