# Builds what runs on Debian 13's libraries as a part of the host's build, with a toolchain of its own: the target's programs (arm64), and,
# when asked for, the inspection application for the host (amd64), so that both decide with the very same libraries. What runs on x86 boards
# and on those of 32 bits is built when asked for, since most have none: cmake --build build --target target-amd64, or target-armhf.
option(LOOPGATE_TARGET_AMD64 "Build what runs on x86 boards with everything else" OFF)
option(LOOPGATE_TARGET_ARMHF "Build what runs on Arm boards of 32 bits with everything else" OFF)
option(LOOPGATE_TARGET_PLANTED "Build the programs with planted faults, too, which tests run" ${BUILD_TESTING})
option(LOOPGATE_GO "Build the payloads that are written in Go, too (suite responder-go)" OFF)
if(LOOPGATE_GO)
  find_program(LOOPGATE_GO_PROGRAM go)
  if(NOT LOOPGATE_GO_PROGRAM)
    message(FATAL_ERROR "LOOPGATE_GO is ON and there is no Go compiler: install Debian's package golang-go, or configure with -DLOOPGATE_GO=OFF")
  endif()
  set(with_go --go)
endif()

# Each is asked on every build, and finds out by itself whether there is anything to do: `build` by the digest of its sources.
if(LOOPGATE_TARGET_PLANTED)
  set(with_planted --planted)
endif()
add_custom_target(target_programs ALL
  COMMAND ${CMAKE_SOURCE_DIR}/harness/target/build ${CMAKE_BINARY_DIR}/target --arch arm64 ${with_planted} ${with_go}
  COMMENT "The target's programs (arm64)" VERBATIM)
foreach(architecture amd64 armhf)
  string(TOUPPER ${architecture} name)
  set(with_everything)
  if(LOOPGATE_TARGET_${name})
    set(with_everything ALL)
  endif()
  add_custom_target(target-${architecture} ${with_everything}
    COMMAND ${CMAKE_SOURCE_DIR}/harness/target/build ${CMAKE_BINARY_DIR}/target-${architecture} --arch ${architecture} ${with_planted} ${with_go}
    COMMENT "The target's programs (${architecture})" VERBATIM)
endforeach()
if(LOOPGATE_INSPECT_ON_HOST)
  add_custom_target(inspect_on_host ALL
    COMMAND ${CMAKE_SOURCE_DIR}/fixtures/sysroot/build ${CMAKE_SOURCE_DIR}/reference-app ${CMAKE_BINARY_DIR}/reference-app amd64
      -DINSPECT_TESTS=${LOOPGATE_INSPECT_TESTS} -DINSPECT_FUZZ=${LOOPGATE_INSPECT_TESTS}
    COMMENT "The inspection application for the host" VERBATIM)
endif()
