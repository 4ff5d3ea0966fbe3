"""Any bytes to a report: the one entrance of everybody who checks a credential."""

from insignia.vc.open.judging import judge
from insignia.vc.open.lists import FetchedLists, SuppliedLists
from insignia.vc.open.opening import Opened, open_bytes

__all__ = ["FetchedLists", "Opened", "SuppliedLists", "judge", "open_bytes"]
