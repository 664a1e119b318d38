"""Errors of the clients can be built, copied and written down in one way."""

import copy

import pytest

from custom_components.wechat_push.clients import errors
from custom_components.wechat_push.clients.errors import (
    ClientError,
    LimitError,
    Problem,
    TemporaryError,
)

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ClientError)
]


@pytest.mark.parametrize("kind", KINDS)
def test_from_its_parts(kind: type[ClientError]) -> None:
    """A name, a problem and details make every error again."""
    err = getattr(errors, kind.__name__)("timeout", status=500, text="x")
    assert type(err) is kind
    assert (err.problem, err.details) == ("timeout", {"status": "500", "text": "x"})


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize(
    "err",
    [
        *(kind(Problem.TIMEOUT, status=1) for kind in KINDS),
        LimitError(Problem.TOO_MANY_REQUESTS, retry_after=5, of_content=True, text="x"),
        TemporaryError(Problem.SERVER_ERROR, uncertain=True, status=500),
    ],
    ids=lambda err: type(err).__name__,
)
def test_copies(err: ClientError, copied: object) -> None:
    """A copy says the same."""
    assert callable(copied)
    other = copied(err)
    assert (type(other), vars(other), str(other)) == (type(err), vars(err), str(err))
