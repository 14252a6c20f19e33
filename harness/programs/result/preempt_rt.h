// Whether the kernel that a result file names has PREEMPT_RT, as far as the file tells. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace loopgate {

enum class PreemptRt {
  not_told,
  realtime_0,  // /sys/kernel/realtime is 0 or not there, which PREEMPT_RT kernels of kernel.org say as well
  no,          // its version names another preemption model
  yes,         // its version names PREEMPT_RT, or no model, and /sys/kernel/realtime is 1
};

// `version` as `uname -v` prints it ("#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1"), empty where the file has
// none; `realtime` what the file has of /sys/kernel/realtime, which Debian's PREEMPT_RT kernels have.
PreemptRt preempt_rt_of(std::string_view version, std::optional<std::uint64_t> realtime = {});

// "not told", "realtime 0", "no", "yes"; a literal. And back; nothing for another text.
const char* name_of(PreemptRt said);
std::optional<PreemptRt> preempt_rt_named(std::string_view name);

// Whether a kernel's name claims PREEMPT_RT: one of its words is "rt", or "rt" and a number.
bool claims_preempt_rt(std::string_view kernel);

// Whether it claims another preemption model: it claims no PREEMPT_RT, and one of its words is "generic",
// "voluntary" or "dynamic".
bool claims_other_model(std::string_view kernel);

}  // namespace loopgate
