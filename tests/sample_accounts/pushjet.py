"""The sample account of Pushjet."""

from typing import Any

from tests.simulators import BAD_ANSWERS
from tests.simulators.pushjet import PUBLIC, SECRET, Service, Subscription

from .sample import LINK, MARKUP, Person, Renewal, Sample, Titled, of_form


def demand_login(simulator: Any) -> None:
    """Put a proxy that wants a login in front of the server."""
    simulator.basic_auth = ("zhangsan", "RenewedPassword")


# Of a service without credentials.
LOGIN = Renewal(
    happens=demand_login,
    credentials={"username": "zhangsan", "password": "RenewedPassword"},
    wrong={"username": "zhangsan", "password": "WrongPassword"},
    errors={"username": "proxy_login"},
    refusal=BAD_ANSWERS["proxy_login_401"],
    problem="proxy_login",
)


def _person(number: int) -> Person:
    """Return a service that a phone subscribes to."""
    secret = f"{number:032x}"
    public = f"{number:04}-000000-000000000000-00000-000000000"

    def join(pushjet: Any) -> None:
        service = Service(secret=secret, public=public, name=f"Person {number}")
        phone = Subscription(uuid=f"{number:08}-0000-0000-0000-0", service=service)
        pushjet.services.append(service)
        pushjet.subscriptions.append(phone)

    return Person(fields={"secret": secret}, receiver=public, join=join)


SAMPLE = Sample(
    service="pushjet",
    title="Pushjet · 127.0.0.1",
    recipient_title="Home alarms (Pushjet)",
    chinese_titles=("Pushjet · 127.0.0.1", "Home alarms（Pushjet）"),
    entity_id="notify.home_alarms_pushjet",
    console_url=None,
    account={},
    recipient={"secret": SECRET},
    second={"secret": "a" * 32},
    wrong_recipient={"secret": "deadbeefdeadbeefdeadbeefdeadbeef"},
    receivers=[PUBLIC],
    person=_person,
    stored_account={},
    stored_recipient={"secret": SECRET, "public": PUBLIC},
    needed=frozenset({"secret"}),
    secret_field=None,
    secrets=(SECRET,),
    path="/message",
    check_path="/service",
    own_server=True,
    renewal=LOGIN,
    burst=50,
    limit=65_535,
    limit_bytes=65_535,
    parts=2,
    body=of_form,
    text_field="message",
    formats={
        "text": MARKUP,
        "markdown": "A\n\nb (https://c.d) e",
        "html": "# A [b](https://c.d) e",
    },
    titled=Titled(
        text={"message": "Done", "title": "Laundry", "link": LINK},
        link_alone={"message": "Done", "link": LINK},
        markdown={"message": "Done", "title": "A *b*", "link": LINK},
        html={"message": "Done", "title": "A & B", "link": LINK},
    ),
)
