# Shared by the host's build (tests) and the target's (the program).
set(loopback_sources
    ${CMAKE_CURRENT_LIST_DIR}/events.cpp
    ${CMAKE_CURRENT_LIST_DIR}/options.cpp
    ${CMAKE_CURRENT_LIST_DIR}/own_stamps.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recorder.cpp
    ${CMAKE_CURRENT_LIST_DIR}/schedule.cpp
    ${CMAKE_CURRENT_LIST_DIR}/jumper_check.cpp)
# What host and target share, which the host has in libraries of its own.
set(loopback_shared_sources
    ${CMAKE_CURRENT_LIST_DIR}/../../base/json_reader.cpp
    ${CMAKE_CURRENT_LIST_DIR}/../../base/result.cpp
    ${CMAKE_CURRENT_LIST_DIR}/../../protocol/instrument_event.cpp
    ${CMAKE_CURRENT_LIST_DIR}/../../record/samples_file.cpp
    ${CMAKE_CURRENT_LIST_DIR}/../../schedule/pulse_train.cpp)
# Only the program: these need libgpiod.
set(loopback_program_sources
    ${CMAKE_CURRENT_LIST_DIR}/check_command.cpp
    ${CMAKE_CURRENT_LIST_DIR}/gpio_pins.cpp
    ${CMAKE_CURRENT_LIST_DIR}/main.cpp
    ${CMAKE_CURRENT_LIST_DIR}/rights.cpp
    ${CMAKE_CURRENT_LIST_DIR}/run_command.cpp)
