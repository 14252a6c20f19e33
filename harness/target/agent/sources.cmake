# Shared by the host's build (tests) and the target's (the program).
set(agent_sources
    ${CMAKE_CURRENT_LIST_DIR}/boot.cpp
    ${CMAKE_CURRENT_LIST_DIR}/channel_map.cpp
    ${CMAKE_CURRENT_LIST_DIR}/child.cpp
    ${CMAKE_CURRENT_LIST_DIR}/events.cpp
    ${CMAKE_CURRENT_LIST_DIR}/instrument_part.cpp
    ${CMAKE_CURRENT_LIST_DIR}/job_runner.cpp
    ${CMAKE_CURRENT_LIST_DIR}/job_runner_probe.cpp
    ${CMAKE_CURRENT_LIST_DIR}/job_runner_programs.cpp
    ${CMAKE_CURRENT_LIST_DIR}/job_runner_stop.cpp
    ${CMAKE_CURRENT_LIST_DIR}/kernel_facts.cpp
    ${CMAKE_CURRENT_LIST_DIR}/kernel_log.cpp
    ${CMAKE_CURRENT_LIST_DIR}/load_part.cpp
    ${CMAKE_CURRENT_LIST_DIR}/perturbation.cpp
    ${CMAKE_CURRENT_LIST_DIR}/proc.cpp
    ${CMAKE_CURRENT_LIST_DIR}/program_run.cpp
    ${CMAKE_CURRENT_LIST_DIR}/symbols.cpp
    ${CMAKE_CURRENT_LIST_DIR}/text_file.cpp
    ${CMAKE_CURRENT_LIST_DIR}/tuning.cpp)
# Only the program: these need libgpiod.
set(agent_program_sources ${CMAKE_CURRENT_LIST_DIR}/control_pins.cpp ${CMAKE_CURRENT_LIST_DIR}/main.cpp)
