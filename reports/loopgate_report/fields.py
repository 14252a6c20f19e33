"""JSON files of a run, read strictly: a missing or mistyped key is one sentence that names file and key."""
import json

from loopgate_report.problem import BadRun

ABSENT = object()
LARGEST = 2**64 - 1  # seeds and counts are unsigned 64-bit numbers

_TYPE_NAMES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


class Fields:
    """One JSON object. `where` is its file and place, for messages."""

    def __init__(self, values, where):
        if not isinstance(values, dict):
            raise BadRun(f"{where}: must be an object")
        self.values = values
        self.where = where

    def get(self, key, kind, default=ABSENT):
        """The value of `key`. Without a default it must be there; with one, it may also be null."""
        value = self.values.get(key, ABSENT)
        if default is not ABSENT and (value is ABSENT or value is None):
            return default
        if value is ABSENT:
            raise BadRun(f'{self.where}: key "{key}" is missing')
        if not _is(value, kind):
            raise BadRun(f'{self.where}: "{key}" must be {_TYPE_NAMES[kind]}')
        return float(value) if kind is float else value

    def nullable(self, key, kind):
        """The value of `key`, which must be there; None where it is null."""
        return None if self.values.get(key, ABSENT) is None else self.get(key, kind)

    def child(self, key, optional=False):
        """The object under `key`; None when it is optional and absent or null."""
        value = self.get(key, dict, None if optional else ABSENT)
        return None if value is None else Fields(value, f"{self.where}: {key}")

    def children(self, key, optional=False):
        values = self.get(key, list, [] if optional else ABSENT)
        return [Fields(value, f"{self.where}: {key}[{i}]") for i, value in enumerate(values)]

    def integers(self, key):
        values = self.get(key, list)
        if not all(_is(value, int) for value in values):
            raise BadRun(f'{self.where}: "{key}" must be a list of whole numbers')
        return values

    def numbers(self, key):
        values = self.get(key, list)
        if not all(_is(value, float) for value in values):
            raise BadRun(f'{self.where}: "{key}" must be a list of numbers')
        return values

    def texts(self, key):
        values = self.get(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise BadRun(f'{self.where}: "{key}" must be a list of texts')
        return values

    def refuse(self, sentence):
        raise BadRun(f"{self.where}: {sentence}")


def read_json(path, name, known=1, oldest=None):
    """The file's object, of the format that is known, or of one from `oldest` on. `name` stands for it in messages."""
    try:
        return parse_json(path.read_bytes(), name, known, oldest)
    except OSError as error:
        raise BadRun(f"{name}: cannot be read: {error.strerror}") from None


def parse_json(data, name, known=1, oldest=None):
    try:
        values = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (
        ValueError,
        RecursionError,
    ) as error:  # both UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise BadRun(f"{name}: is not valid JSON ({error}): it was damaged or cut off") from None
    fields = Fields(values, name)
    if (known if oldest is None else oldest) <= fields.get("format", int) <= known:
        return fields
    if fields.get("format", int) < known:
        version = fields.get("loopgate", str, "")
        fields.refuse(
            f"format is {fields.get('format', int)}: {f'loopgate {version}' if version else 'an earlier loopgate'}"
            f" wrote it, and this version reads format {known}"
        )
    return fields.refuse(f"has format {fields.get('format', int)}, and only {known} is known")


def _is(value, kind):
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e30
    return isinstance(value, kind)


def _no_constant(name):
    raise ValueError(f"{name} is not a number")
