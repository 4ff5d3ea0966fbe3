"""The door for programs: REST under /api/v1. Load, one domain call, answer; the logic lies in the domains below.

- A program shows a token (`tokens.Bearer`): `Authorization: Bearer insignia_...`. Cookies mean nothing here, so no
  browser can be led to act; and no answer allows another origin to read it.
- Every error is a problem document (RFC 9457), from the one table in `foundation.problems`; its `type` is the
  address of the page that explains the code.
- A POST with an `Idempotency-Key` happens once, however often it is sent (`idempotency.answered_once`).
- What comes in is bounded before it is read (`reading`). In and out have schemas of their own.
- `docs/reference/openapi.json` is what `insignia.api.openapi` writes; a test holds them equal.
"""
