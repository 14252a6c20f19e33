# Read by cpack: of which Debian packages the libraries of what runs on the host are. CPack's own search asks dpkg-shlibdeps of the
# target's programs, too, which it cannot read.
set(scratch ${CPACK_PACKAGE_DIRECTORY}/_shlibdeps)
file(WRITE ${scratch}/debian/control "Source: loopgate\n\nPackage: loopgate\nArchitecture: any\n")
list(TRANSFORM CPACK_LOOPGATE_BINARIES PREPEND -e OUTPUT_VARIABLE asked)
execute_process(COMMAND dpkg-shlibdeps -O ${asked} WORKING_DIRECTORY ${scratch} OUTPUT_VARIABLE found ERROR_VARIABLE why RESULT_VARIABLE failed)
file(REMOVE_RECURSE ${scratch})
if(NOT found MATCHES "shlibs:Depends=([^\n]+)")
  message(FATAL_ERROR "dpkg-shlibdeps (package dpkg-dev) found no libraries: ${failed} ${why}")
endif()
set(CPACK_DEBIAN_PACKAGE_DEPENDS "${CMAKE_MATCH_1}, ${CPACK_DEBIAN_PACKAGE_DEPENDS}")
