# Suites whose folder has a go.mod: one static program each, named by its module. By the standard library alone: nothing is fetched, and the
# module names no other. Without cgo, so that neither a C compiler nor the sysroot is asked for.
find_program(go_program go REQUIRED)
set(go_architecture_aarch64 arm64)
set(go_architecture_x86_64 amd64)
set(go_architecture_arm arm)
file(GLOB go_modules CONFIGURE_DEPENDS ${root}/suites/*/go.mod)
foreach(module ${go_modules})
  get_filename_component(folder ${module} DIRECTORY)
  file(STRINGS ${module} name REGEX "^module ")
  string(REPLACE "module " "" name ${name})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.go)
  list(FILTER sources EXCLUDE REGEX "_test\\.go$")
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${name}
    COMMAND ${CMAKE_COMMAND} -E env GOOS=linux GOARCH=${go_architecture_${CMAKE_SYSTEM_PROCESSOR}} GOARM=7 CGO_ENABLED=0 GO111MODULE=on GOFLAGS=-mod=mod
      GOPROXY=off GOTOOLCHAIN=local GOWORK=off GOENV=off
      # Equal sources give equal programs wherever they are built. Symbols stay: loopgate explain names functions by them.
      ${go_program} build -trimpath -buildvcs=false -ldflags "-w -buildid=" -o ${CMAKE_BINARY_DIR}/${name} .
    DEPENDS ${module} ${sources} WORKING_DIRECTORY ${folder} VERBATIM)
  list(APPEND programs ${CMAKE_BINARY_DIR}/${name})
  list(APPEND packed ${name}=/bin/${name})
endforeach()
