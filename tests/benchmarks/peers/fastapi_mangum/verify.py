"""`verify` with FastAPI, behind Mangum."""

from by_hand import SESSION_ID, Verified, verified
from fastapi import FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from mangum import Mangum

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_headers=["*"])


@app.get("/api/v1/checkout/{reference}/verify")
def verify(reference: str) -> Verified:
    found = verified(reference) if SESSION_ID.fullmatch(reference) else None
    if found is None:
        raise HTTPException(404, "Checkout session not found or expired")
    return found


handler = Mangum(app, lifespan="off")
