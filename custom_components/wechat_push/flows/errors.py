"""Turn what is wrong with a form's input into what the form shows."""

from collections.abc import Mapping

import voluptuous as vol

from ..clients.errors import ClientError
from ..providers.forms import InputError

type FormError = InputError | ClientError


def form_errors(
    err: FormError, schema: vol.Schema, problem_fields: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the errors of a form, by field, and what their texts name.

    Args:
        err: what is wrong.
        schema: the form; an error of a field that it has not is shown above it.
        problem_fields: the field that is to blame for a problem.

    """
    field = (
        err.field if isinstance(err, InputError) else problem_fields.get(err.problem)
    )
    shown = field if field in schema.schema else "base"
    return {str(shown): err.problem}, dict(err.details)
