# Builds what runs on Debian 13's libraries as a part of the host's build, with a toolchain of its own: the target's programs (arm64), and
# the inspection application for the host (amd64), so that both decide with the very same libraries. What runs on x86 boards is built when
# asked for, since most have none: cmake --build build --target target-amd64. The inspection application is not among it: its suites need
# decisions, which only the virtual bench reads.
option(LOOPGATE_TARGET_AMD64 "Build what runs on x86 boards with everything else" OFF)
include(ExternalProject)
function(loopgate_sysroot_project name folder source architecture in_all)
  if(${in_all})
    set(on_demand OFF)
  else()
    set(on_demand ON)
  endif()
  ExternalProject_Add(${name}
    SOURCE_DIR ${source}
    BINARY_DIR ${CMAKE_BINARY_DIR}/${folder}
    CONFIGURE_COMMAND ""
    BUILD_COMMAND ${CMAKE_SOURCE_DIR}/fixtures/sysroot/build ${source} ${CMAKE_BINARY_DIR}/${folder} ${architecture} ${ARGN}
    INSTALL_COMMAND ""
    BUILD_ALWAYS ON
    EXCLUDE_FROM_ALL ${on_demand}
    USES_TERMINAL_BUILD ON)
endfunction()

loopgate_sysroot_project(target_programs target ${CMAKE_SOURCE_DIR}/harness/target arm64 ON)
loopgate_sysroot_project(target-amd64 target-amd64 ${CMAKE_SOURCE_DIR}/harness/target amd64 ${LOOPGATE_TARGET_AMD64} -DLOOPGATE_TARGET_INSPECT=OFF)
if(LOOPGATE_INSPECT_ON_HOST)
  loopgate_sysroot_project(inspect_on_host reference-app ${CMAKE_SOURCE_DIR}/reference-app amd64 ON
    -DINSPECT_TESTS=${LOOPGATE_INSPECT_TESTS})
endif()
