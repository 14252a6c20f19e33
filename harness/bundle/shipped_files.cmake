# Writes the SHA-256 of each suite, policy and load of SOURCE into OUT: in a clone, of those that are as its commit has them, so that no
# change in a tree makes itself a release.
set(patterns suites/*/*.toml fixtures/loads/*.toml)
execute_process(COMMAND git -C ${SOURCE} ls-files -- ${patterns} OUTPUT_VARIABLE tracked OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
execute_process(COMMAND git -C ${SOURCE} diff --name-only --no-renames HEAD -- ${patterns} OUTPUT_VARIABLE changed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
string(REPLACE "\n" ";" files "${tracked}")
string(REPLACE "\n" ";" changed "${changed}")
if(NOT files)  # no clone: a release's archive
  list(TRANSFORM patterns PREPEND ${SOURCE}/)
  file(GLOB files RELATIVE ${SOURCE} ${patterns})
elseif(changed)
  list(REMOVE_ITEM files ${changed})
endif()
set(lines "")
foreach(file ${files})
  file(SHA256 ${SOURCE}/${file} digest)
  string(APPEND lines "    {\"${file}\", \"${digest}\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${OUT} CONTENT "constexpr ShippedFile files_of_this_build[] = {\n${lines}    {\"\", \"\"}};\n" @ONLY)
