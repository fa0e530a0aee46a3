"""Header and method names; their room is ``_base.hdrs``."""

from ._base.hdrs import *  # noqa: F403 - one name per header, and no others
