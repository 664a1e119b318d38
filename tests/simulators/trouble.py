"""Troubles of a whole service, which a person switches on the page of the phones."""

from enum import StrEnum, auto


class Trouble(StrEnum):
    """What is wrong with a service, until switched off."""

    DOWN = auto()  # connections are refused
    SLOW = auto()  # every answer takes long
    REFUSE = auto()  # messages are refused for what they say
    CREDENTIALS = auto()  # the credentials are refused, as if they had been changed
