# CLI11's code, compiled once for all programs: who links this reads its declarations alone (with its code, each took some 10 s of CPU).
if(NOT TARGET command_line)
  add_library(command_line STATIC ${CMAKE_CURRENT_LIST_DIR}/command_line.cpp)
  target_compile_definitions(command_line PUBLIC CLI11_COMPILE)
  target_compile_options(command_line PRIVATE -O1)  # it runs once a start
endif()
