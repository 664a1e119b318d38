"""One sample account of each service: all that the tests of all providers need."""

from . import (
    pushjet,
    pushplus,
    serverchan,
    wecom,
    wecom_robot,
    wxpusher,
    wxpusher_simple_push,
)
from .sample import Renewal, Sample

__all__ = ["SAMPLES", "Renewal", "Sample"]

SAMPLES = {
    module.SAMPLE.service: module.SAMPLE
    for module in (
        wxpusher,
        wxpusher_simple_push,
        wecom,
        wecom_robot,
        pushplus,
        serverchan,
        pushjet,
    )
}
