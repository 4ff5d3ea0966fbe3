"""Between frozen values and JSON, and the one way a document becomes bytes."""

from insignia.vc.codec.reading import from_json
from insignia.vc.codec.writing import model_json, serialize, to_json

__all__ = ["from_json", "model_json", "serialize", "to_json"]
