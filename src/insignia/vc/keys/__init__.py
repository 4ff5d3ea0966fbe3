"""Keys: public ones in every written form, and the Signer port behind which private ones stay."""

from insignia.vc.keys.public import Algorithm, PublicKey
from insignia.vc.keys.signer import LocalSigner, Signer

__all__ = ["Algorithm", "LocalSigner", "PublicKey", "Signer"]
