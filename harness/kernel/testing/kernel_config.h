// A kernel's .config, as tests read it.
#pragma once

namespace loopgate::testing {

// Without an end of line.
inline constexpr const char* kernel_config = R"(#
# Automatically generated file; DO NOT EDIT.
CONFIG_CC_VERSION_TEXT="gcc-14 (Debian 14.2.0-19) 14.2.0"
CONFIG_PREEMPT_RT=y
# CONFIG_PREEMPT_VOLUNTARY is not set
CONFIG_HZ=250
CONFIG_GPIO_PL061=m
CONFIG_LOCALVERSION=""
CONFIG_LAST=y)";

}  // namespace loopgate::testing
