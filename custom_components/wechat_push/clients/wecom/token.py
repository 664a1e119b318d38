"""How WeCom gives an access token."""

from ..access_token import Token, lasting
from ..errors import Problem, TemporaryError
from ..transport import Transport
from .codes import OK, token_error


async def fetch_token(transport: Transport, *, corp_id: str, secret: str) -> Token:
    """Ask for an access token (`GET /cgi-bin/gettoken`, document 91039).

    Args:
        transport: the way to WeCom.
        corp_id: of the corporation.
        secret: of the application.

    Raises:
        CredentialsError: the secret is refused; never ask again with the same one.
        ClientError: there is no token to be had for another reason.

    """
    answer = await transport.get(
        "/cgi-bin/gettoken", {"corpid": corp_id, "corpsecret": secret}
    )
    if (code := answer.json["errcode"]) != OK:
        raise token_error(code, transport.clean(answer.json.get("errmsg")))
    token = answer.json.get("access_token")
    if not isinstance(token, str) or not token:
        raise TemporaryError(Problem.NOT_THIS_SERVICE, status=answer.status)
    transport.hide(token)
    return lasting(token, answer.json.get("expires_in"))
