"""What the model is made from, and what it has to come to. Imported on the host and in the tree: no libraries here."""

CLASSES = ("NG", "OK")
METADATA = {"name": "loopgate-scratch", "version": "1", "classes": ",".join(CLASSES)}  # in the file's metadata_props

# Which parts are for what: the seed of the first, and their count. No part is in two sets.
SETS = {
    "training": {"first_seed": 1_000_000, "count": 12_000},
    "validation": {"first_seed": 2_000_000, "count": 3_000},
    "test": {"first_seed": 3_000_000, "count": 3_000},
}
EPOCHS = 8
QUICK_SHARE = 40  # of which --quick takes one

ACCURACY_WANTED = 0.99  # in int8, on the test set
SIZE_LIMIT = 300_000


def sets(quick):
    if not quick:
        return SETS
    return {name: {**one, "count": one["count"] // QUICK_SHARE} for name, one in SETS.items()}
