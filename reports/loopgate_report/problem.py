"""Why there is no report, as one sentence."""


class BadRun(Exception):
    """The run's files can't be drawn. The text names the file, what is wrong, and what to do."""


class BadUse(Exception):
    """The caller's mistake."""
