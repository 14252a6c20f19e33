"""The last key of outcome.json, `sha256`, of all text before it: harness/record/seal.h, computed again."""
import hashlib
import json

_KEY = ',\n  "sha256": "'


def sealed(document: dict) -> str:
    """The text of a file with this document and its seal."""
    values = {key: value for key, value in document.items() if key != "sha256"}
    text = json.dumps(values, indent=2, ensure_ascii=False)[: -len("\n}")]
    return text + _seal_of(text)


def is_sealed(text: str) -> bool:
    begin = text.rfind(_KEY)
    return begin >= 0 and text[begin:] == _seal_of(text[:begin])


def _seal_of(text):
    return f'{_KEY}{hashlib.sha256(text.encode("utf-8")).hexdigest()}"\n}}\n'
