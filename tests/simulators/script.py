"""The scripted answers of a simulator, by path and by text of the request."""

from collections import deque
from typing import NamedTuple

from .answers import Answer
from .recorded import RecordedRequest


class Condition(NamedTuple):
    """Which requests an answer is for; None stands for all."""

    path: str | None
    text: str | None


class Script:
    """Answers that are given once, and answers that are given until removed."""

    def __init__(self) -> None:
        self._once: dict[Condition, deque[Answer]] = {}
        self._always: dict[Condition, Answer] = {}

    @property
    def needs_body(self) -> bool:
        """Return if an answer depends on the body of the request."""
        return any(key.text is not None for key in (*self._once, *self._always))

    def add(self, condition: Condition, *answers: Answer) -> None:
        """Give these answers to the next requests, each once and in order."""
        self._once.setdefault(condition, deque()).extend(answers)

    def set(self, condition: Condition, answer: Answer | None) -> None:
        """Give this answer to every request; None removes it."""
        if answer is None:
            self._always.pop(condition, None)
        else:
            self._always[condition] = answer

    def clear(self) -> None:
        """Remove all answers."""
        self._once.clear()
        self._always.clear()

    def next(self, path: str, request: RecordedRequest | None = None) -> Answer | None:
        """Return the answer for a request, the one with the most conditions first.

        Args:
            path: of the request.
            request: the whole request; needed if `needs_body`.

        """
        if not self._once and not self._always:
            return None
        for condition in self._conditions(path, request):
            if answers := self._once.get(condition):
                answer = answers.popleft()
                if not answers:
                    del self._once[condition]
                return answer
            if condition.text is not None and condition in self._always:
                return self._always[condition]
        return self._always.get(Condition(path, None)) or self._always.get(
            Condition(None, None)
        )

    def _conditions(
        self, path: str, request: RecordedRequest | None
    ) -> list[Condition]:
        """Return the conditions that a request meets, the closest first."""
        keys = (*self._once, *self._always)
        texts = [
            text
            for text in dict.fromkeys(key.text for key in keys)
            if text is not None and request is not None and request.says(text)
        ]
        return [
            *(Condition(path, text) for text in texts),
            *(Condition(None, text) for text in texts),
            Condition(path, None),
            Condition(None, None),
        ]
