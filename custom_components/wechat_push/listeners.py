"""Those who want to be told of something."""

from collections.abc import Callable
import logging

from homeassistant.core import CALLBACK_TYPE, callback

_LOGGER = logging.getLogger(__name__)


class Listeners[*ArgsT]:
    """Whom to tell when something happens."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._listeners: list[Callable[[*ArgsT], None]] = []

    @callback
    def add(self, listener: Callable[[*ArgsT], None]) -> CALLBACK_TYPE:
        """Tell somebody from now on; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def tell(self, *args: *ArgsT) -> None:
        """Tell all of them."""
        # One that is told may end it.
        for listener in tuple(self._listeners):
            try:
                listener(*args)
            except Exception:
                # What somebody makes of it must not keep messages from being sent.
                _LOGGER.exception("Telling a listener failed")
