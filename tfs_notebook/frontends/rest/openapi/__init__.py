"""``GET /openapi.json``: all that is served over REST, as an OpenAPI 3.1 document."""
