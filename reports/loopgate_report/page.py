def page(run,p): return "x"
