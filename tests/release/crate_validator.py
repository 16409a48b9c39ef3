"""Validate an RO-Crate offline, in the environment of roc-validator, and print each issue.

The context that the validator would fetch is put into its cache from the `rocrate` wheel.
"""

import sys
import tempfile
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

CONTEXT = "https://w3id.org/ro/crate/1.3/context"
PROFILE = "ro-crate-1.3"


def seeded(folder: Path) -> Path:
    """Return a cache of answers in *folder* that holds the context of RO-Crate 1.3."""
    requests: Any = import_module("requests")
    urllib3: Any = import_module("urllib3")
    context = Path(str(import_module("rocrate").__file__)).parent / "data" / "ro-crate.jsonld"
    session: Any = import_module("requests_cache").CachedSession(
        cache_name=str(folder / "cache"), backend="sqlite", expire_after=-1
    )
    headers = {"Content-Type": "application/ld+json"}
    body = context.read_bytes()
    for accepted in ({}, {"Accept": "application/ld+json, application/json"}):
        answer = requests.Response()
        answer.status_code, answer.url, answer._content = 200, CONTEXT, body
        answer.headers.update(headers)
        answer.request = requests.Request("GET", CONTEXT, headers=accepted).prepare()
        answer.raw = urllib3.HTTPResponse(
            body=BytesIO(body), status=200, headers=headers, preload_content=False
        )
        session.cache.save_response(answer)
    session.close()
    return folder / "cache"


def main(crate: str) -> None:
    """Print the issues of the folder *crate*, one a line, and how many checks are required."""
    services: Any = import_module("rocrate_validator.services")
    models: Any = import_module("rocrate_validator.models")
    with tempfile.TemporaryDirectory() as folder:
        settings = models.ValidationSettings(
            rocrate_uri=crate,
            profile_identifier=PROFILE,
            requirement_severity="REQUIRED",
            cache_path=seeded(Path(folder)),
            offline=True,
        )
        result = services.validate(settings)
    for issue in result.get_issues():
        print(issue.check.identifier, issue.message)  # noqa: T201 - this is a script
    print("valid" if result.passed() else "invalid")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
