"""`initialize` with FastAPI, behind Mangum."""

from typing import Annotated

from by_hand import DuplicateReference, NotAuthenticated, OpenedAnswer, Order, authenticate, opened
from fastapi import FastAPI, Header, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from mangum import Mangum

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_headers=["*"])


@app.post("/api/v1/checkout/initialize", status_code=201)
def initialize(
    order: Order,
    x_public_key: Annotated[str, Header()],
    x_secret_key: Annotated[str, Header()],
) -> OpenedAnswer:
    try:
        return opened(authenticate(x_public_key, x_secret_key), order)
    except NotAuthenticated as refused:
        raise HTTPException(401, "Invalid API credentials") from refused
    except DuplicateReference as taken:
        raise HTTPException(409, "This tx_ref was already used") from taken


handler = Mangum(app, lifespan="off")
