#include "run/kernel_in_effect.h"

#include "base/digest.h"
#include "base/json.h"
#include "run/kernel_arguments.h"
#include "run/thread_rules.h"
#include "stats/same_kernels.h"

namespace loopgate {
namespace {

using nlohmann::json;

// The archive's name has its digest: of modules that are loaded, the image says nothing.
json modules_of(const Kernel& kernel, const KernelFiles& files) {
  json modules = {{"load", modules_to_load(kernel.source)}};
  if (!files.modules.empty()) modules["archive"] = files.modules.filename().string();
  if (files.target) {
    modules["initrd_sha256"] = files.target->initrd_sha256;
  } else if (const auto* image = std::get_if<ImageSource>(&kernel.source)) {
    modules["folder"] = image->modules.string();
  } else if (std::holds_alternative<BuildSource>(kernel.source) && !modules_to_load(kernel.source).empty()) {
    modules["config_sha256"] = files.build.config_sha256;
  }
  return modules;
}

std::string digest_of(const Kernel& kernel, const KernelFiles& files, std::vector<std::string> arguments,
                      const std::vector<const ThreadTuning*>& threads) {
  if (files.image_sha256.empty()) return {};
  json rules = json::array();
  for (const ThreadTuning* thread : threads) {
    rules.push_back({thread->name, thread->policy, thread->priority});
    if (!thread->cpus.empty()) rules.back().push_back(thread->cpus);
  }
  json written = json::array();
  for (const FileTuning& file : kernel.files) written.push_back({file.path, file.value});
  json described = {{"image_sha256", files.image_sha256},
                    {"modules", modules_of(kernel, files)},
                    {"arguments", std::move(arguments)},
                    {"files", std::move(written)},
                    {"threads", std::move(rules)}};
  // Two contenders' figures differ by more than chance.
  if (!kernel.contender.empty()) described["contender"] = kernel.contender;
  return sha256_of(described.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

std::string kernel_as_asked_sha256(const Kernel& kernel, const KernelFiles& files) {
  std::vector<const ThreadTuning*> threads;
  for (const ThreadTuning& rule : kernel.threads) threads.push_back(&rule);
  return digest_of(kernel, files, {kernel.arguments}, threads);
}

std::string kernel_in_effect_sha256(const Kernel& kernel, const KernelFiles& files, const Report& report) {
  std::vector<std::string> arguments;
  for (const ArgumentRow& row : argument_rows(kernel.arguments, report))
    if (!did_nothing(row.state)) arguments.push_back(row.argument);
  std::vector<const ThreadTuning*> threads;
  for (const ThreadTuning& rule : kernel.threads) {
    if (!threads_of(kernel, rule, report.tuning).empty()) threads.push_back(&rule);
  }
  return digest_of(kernel, files, std::move(arguments), threads);
}

std::vector<std::string> same_kernels_of(const Plan& plan, const std::vector<KernelFiles>& kernels) {
  std::vector<NamedInput> digests;
  for (std::size_t i = 0; i < kernels.size(); ++i)
    digests.push_back({plan.kernels[i].name, kernel_as_asked_sha256(plan.kernels[i], kernels[i])});
  std::vector<std::string> sentences;
  for (const auto& names : same_kernels(digests))
    sentences.push_back(same_kernels_text(names) + "; no difference between their figures is one of kernels");
  return sentences;
}

}  // namespace loopgate
