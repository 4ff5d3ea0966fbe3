"""A plugin of pytest: everything as where no compiler was, with `filling` instead of `compiled`."""

import importlib
import sys

sys.modules["insignia.vc.canon.compiled"] = None  # type: ignore[assignment]  # makes its import fail
assert not importlib.import_module("insignia.vc.canon.quick").COMPILED
