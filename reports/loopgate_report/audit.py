"""audit.json of a cell on a board: what its settings do to latency, as its kernel was booted there."""
from loopgate_report.fields import read_json

JUDGEMENTS = ("good", "attention", "unknown", "not applicable")
TOLD = ("attention", "unknown")  # the rest needs no one


def read_audit(folder):
    """{"counts": {judgement: count}, "findings": those to tell, as rows}; None when the cell has no such file."""
    path = folder / "audit.json"
    if not path.exists():
        return None
    findings = read_json(path, str(path)).children("findings")
    judgements = [_judgement(finding) for finding in findings]
    return {
        "counts": {judgement: judgements.count(judgement) for judgement in JUDGEMENTS},
        "findings": [
            {key: finding.get(key, str) for key in ("title", "seen", "expected", "why", "change")} | {"judgement": judgement}
            for finding, judgement in zip(findings, judgements)
            if judgement in TOLD
        ],
    }


def _judgement(finding):
    judgement = finding.get("judgement", str)
    if judgement not in JUDGEMENTS:
        finding.refuse(f'"judgement" is {judgement}, which is not known')
    return judgement


def audit_rows(run):
    """One row for each boot that was audited, and the findings to tell, each once with the kernels that it was seen on."""
    audited = [cell for cell in run.cells if cell.audit]
    boots = [{"cell": cell.name, "counts": list(cell.audit["counts"].values())} for cell in audited]
    told = {}
    for cell in audited:
        for finding in cell.audit["findings"]:
            kernels = told.setdefault(tuple(finding.items()), [])
            if cell.kernel not in kernels:
                kernels.append(cell.kernel)
    findings = [{**dict(finding), "kernels": ", ".join(kernels)} for finding, kernels in told.items()]
    return {"boots": boots, "judgements": JUDGEMENTS, "findings": sorted(findings, key=lambda row: TOLD.index(row["judgement"]))}
