# Writes the commit that SOURCE is at into OUT: nothing where SOURCE is no clone, as in a release's archive.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
file(CONFIGURE OUTPUT ${OUT} CONTENT "#define LOOPGATE_COMMIT \"${commit}\"\n" @ONLY)
