"""Access tokens of WeCom."""

from ..access_token import Token, expiring_token
from ..errors import EndpointError, Problem
from ..transport import Transport
from .codes import OK, token_error


async def fetch_token(transport: Transport, *, corp_id: str, secret: str) -> Token:
    """Request an access token (`GET /cgi-bin/gettoken`, document 91039).

    Args:
        transport: transport to WeCom.
        corp_id: ID of the corporation.
        secret: secret of the application.

    Raises:
        CredentialsError: the secret is refused; never repeat it.
        ClientError: as `Transport.request`, or another refusal of WeCom.

    """
    answer = await transport.get(
        "/cgi-bin/gettoken", {"corpid": corp_id, "corpsecret": secret}
    )
    if (code := answer.json["errcode"]) != OK:
        raise token_error(code, transport.clean(answer.json.get("errmsg")))
    token = answer.json.get("access_token")
    if not isinstance(token, str) or not token:
        raise EndpointError(Problem.NOT_THIS_SERVICE, status=answer.status)
    transport.hide(token)
    return expiring_token(token, answer.json.get("expires_in"))
