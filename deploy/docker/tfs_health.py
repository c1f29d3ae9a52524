#!/usr/bin/env python3
"""``tfs_health.py live|ready [PORT]``: exit 0 when the server of this container says so.

Live: it answers. Ready: a model can answer, too.
"""

import http.client
import sys

_SECONDS = 4.0


def main(state: str, port: str = "8501") -> int:
    """Ask, and return the exit code: 0 for yes, 1 for no or no answer."""
    connection = http.client.HTTPConnection("localhost", int(port), timeout=_SECONDS)
    try:
        connection.request("GET", f"/v2/health/{state}")
        response = connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        print(f"no answer: {error}")
        return 1
    print(f"{state}: {response.status}")
    return 0 if response.status == http.HTTPStatus.OK else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
