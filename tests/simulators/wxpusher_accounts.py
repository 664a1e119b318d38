"""Applications, topics and users of the simulated WxPusher."""

from dataclasses import dataclass, field

APP_TOKEN = "AT_SimulatedAppToken0000000000000000"
UID_ZHANG = "UID_Zhang000000000000000000000000"
UID_LI = "UID_Li00000000000000000000000000000"
UID_WANG = "UID_Wang00000000000000000000000000"
SPT = "SPT_SimulatedSimplePushToken000000"
OTHER_SPT = "SPT_OtherSimplePushToken0000000001"


@dataclass(kw_only=True, slots=True)
class Follower:
    """A follower of an application or a topic."""

    record_id: int
    uid: str
    nickname: str = ""
    reject: bool = False
    created: int = 1_790_000_000_000


@dataclass(kw_only=True, slots=True)
class Audience:
    """An application or a topic with its followers."""

    audience_id: int
    name: str
    followers: dict[str, Follower] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class QrCode:
    """A QR code with a parameter and the last user who scanned it."""

    app_token: str
    extra: str
    scanned_by: str | None = None


def initial_apps() -> dict[str, Audience]:
    """Return the applications by token."""
    zhang = Follower(record_id=1, uid=UID_ZHANG, nickname="Zhang San")
    li = Follower(record_id=2, uid=UID_LI)
    home = Audience(
        audience_id=5135, name="Home alarms", followers={UID_ZHANG: zhang, UID_LI: li}
    )
    return {APP_TOKEN: home}


def initial_topics() -> dict[int, Audience]:
    """Return the topics by ID."""
    zhang = Follower(record_id=3, uid=UID_ZHANG, nickname="Zhang San")
    return {
        8001: Audience(audience_id=8001, name="Family", followers={UID_ZHANG: zhang}),
        8002: Audience(audience_id=8002, name="Neighbours"),
    }
