"""Convert exceptions to errors of a form."""

from collections.abc import Mapping

import voluptuous as vol

from ..clients.errors import ClientError
from ..providers.forms import InputError

type FormError = InputError | ClientError


def form_errors(
    err: FormError, schema: vol.Schema, problem_fields: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the errors of a form by field, and their placeholders.

    Args:
        err: raised by the check of the input.
        schema: of the form; errors of other fields are shown above it.
        problem_fields: the field that causes a problem.

    """
    field = (
        err.field if isinstance(err, InputError) else problem_fields.get(err.problem)
    )
    shown = field if field in schema.schema else "base"
    return {str(shown): err.problem}, dict(err.details)
