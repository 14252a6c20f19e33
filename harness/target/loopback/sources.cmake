# Shared by the host's build (tests) and the target's (the program).
set(loopback_sources
    ${CMAKE_CURRENT_LIST_DIR}/events.cpp
    ${CMAKE_CURRENT_LIST_DIR}/options.cpp
    ${CMAKE_CURRENT_LIST_DIR}/own_stamps.cpp
    ${CMAKE_CURRENT_LIST_DIR}/payload_records.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recorder.cpp
    ${CMAKE_CURRENT_LIST_DIR}/schedule.cpp
    ${CMAKE_CURRENT_LIST_DIR}/jumper_check.cpp)
# Only the program: these need libgpiod.
set(loopback_program_sources
    ${CMAKE_CURRENT_LIST_DIR}/check_command.cpp
    ${CMAKE_CURRENT_LIST_DIR}/gpio_pins.cpp
    ${CMAKE_CURRENT_LIST_DIR}/main.cpp
    ${CMAKE_CURRENT_LIST_DIR}/rights.cpp
    ${CMAKE_CURRENT_LIST_DIR}/run_command.cpp)
