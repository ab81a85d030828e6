"""`python -m infra.openapi` writes the document to where it is served from."""

from infra.openapi.document import ROOT, text

WRITTEN = ROOT / "functions" / "reference" / "openapi.json"

if __name__ == "__main__":
    WRITTEN.write_text(text(), encoding="utf-8")
