"""What SciPy and R's evd fit to the samples on standard input, {"excesses": [...], "maxima": [...]}: one JSON object on standard output.

A part that is not installed is null. Shapes have the sign of Coles (2001), as evd has it.
"""

import json
import math
import shutil
import subprocess
import sys

R = """
suppressPackageStartupMessages(library(evd))
lines <- readLines(file("stdin"))
numbers <- function(line) as.numeric(strsplit(line, " ")[[1]])
fine <- list(reltol = 1e-14, maxit = 10000)
peaks <- fpot(numbers(lines[1]), threshold = 0, std.err = FALSE, method = "Nelder-Mead", control = fine)
blocks <- fgev(numbers(lines[2]), std.err = FALSE, method = "Nelder-Mead", control = fine)
cat(sep = " ", format(digits = 15, c(peaks$estimate["scale"], peaks$estimate["shape"], -peaks$deviance / 2,
    blocks$estimate["loc"], blocks$estimate["scale"], blocks$estimate["shape"], -blocks$deviance / 2)))
"""


def by_scipy(excesses, maxima):
    try:
        from scipy import stats
    except ImportError:
        return None
    shape, _, scale = stats.genpareto.fit(excesses, floc=0)
    minus_shape, location, block_scale = stats.genextreme.fit(maxima)
    goodness = stats.goodness_of_fit(
        stats.genpareto, excesses[:100], known_params={"loc": 0}, statistic="ad", n_mc_samples=199, random_state=1
    )
    return {
        "pareto": [scale, shape, float(stats.genpareto.logpdf(excesses, shape, 0, scale).sum())],
        "gev": [location, block_scale, -minus_shape,
                float(stats.genextreme.logpdf(maxima, minus_shape, location, block_scale).sum())],
        "anderson_darling": float(goodness.statistic),
        "p": float(goodness.pvalue),
    }


# evd's optimiser stops early where figures are large.
UNIT = 1_000


def by_evd(excesses, maxima):
    if shutil.which("Rscript") is None:
        return None
    lines = "\n".join(" ".join(repr(value / UNIT) for value in values) for values in (excesses, maxima)) + "\n"
    done = subprocess.run(["Rscript", "--vanilla", "-e", R], input=lines, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        if "no package called" in done.stderr:
            return None
        sys.exit(done.stderr)
    scale, shape, likelihood, location, block_scale, block_shape, block_likelihood = map(float, done.stdout.split())
    return {
        "pareto": [scale * UNIT, shape, likelihood - len(excesses) * math.log(UNIT)],
        "gev": [location * UNIT, block_scale * UNIT, block_shape, block_likelihood - len(maxima) * math.log(UNIT)],
    }


samples = json.load(sys.stdin)
json.dump({"scipy": by_scipy(**samples), "evd": by_evd(**samples)}, sys.stdout)
