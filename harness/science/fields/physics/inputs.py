"""The settings of the generator, which the scientist has at home."""

from harness.science.field import Files

_SETTINGS = """\
! Electrons and positrons at the Z pole into quarks: settings of Pythia 8.
Beams:idA = 11
Beams:idB = -11
PDF:lepton = off
WeakSingleBoson:ffbar2gmZ = on
23:onMode = off
23:onIfAny = 1 2 3 4 5
ParticleDecays:limitTau0 = on
Random:setSeed = on
Print:quiet = on
"""


def make() -> Files:
    """Return the card of settings."""
    return {"z-pole.cmnd": _SETTINGS.encode()}
