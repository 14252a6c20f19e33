# Shared by the host's build (tests) and the target's (the program).
set(probe_sources
    ${CMAKE_CURRENT_LIST_DIR}/collector.cpp
    ${CMAKE_CURRENT_LIST_DIR}/findings.cpp
    ${CMAKE_CURRENT_LIST_DIR}/kernel_refusal.cpp
    ${CMAKE_CURRENT_LIST_DIR}/line_interrupt.cpp
    ${CMAKE_CURRENT_LIST_DIR}/relay.cpp
    ${CMAKE_CURRENT_LIST_DIR}/trace_events.cpp
    ${CMAKE_CURRENT_LIST_DIR}/trace_follower.cpp
    ${CMAKE_CURRENT_LIST_DIR}/trace_format.cpp
    ${CMAKE_CURRENT_LIST_DIR}/trace_keeper.cpp
    ${CMAKE_CURRENT_LIST_DIR}/trace_page.cpp
    ${CMAKE_CURRENT_LIST_DIR}/trace_refusal.cpp
    ${CMAKE_CURRENT_LIST_DIR}/tracefs.cpp)
# Only the program: these need libbpf.
set(probe_program_sources
    ${CMAKE_CURRENT_LIST_DIR}/archive_gap.cpp
    ${CMAKE_CURRENT_LIST_DIR}/kernel_probe.cpp
    ${CMAKE_CURRENT_LIST_DIR}/kernel_session.cpp
    ${CMAKE_CURRENT_LIST_DIR}/main.cpp
    ${CMAKE_CURRENT_LIST_DIR}/trace_stimuli.cpp)
