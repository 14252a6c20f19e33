#include "accept/in_toto.h"

#include "base/json.h"

namespace loopgate {
namespace {

using nlohmann::json;

json resource(const json& name, const json& sha256) {
  return {{"name", name}, {"digest", {{"sha256", sha256}}}};
}

json subjects_of(const json& acceptance, const std::string& bundle_name, const std::string& bundle_sha256) {
  json subjects = json::array({resource(bundle_name, bundle_sha256)});
  for (const json& kernel : acceptance.at("kernels"))
    if (kernel.at("image_sha256") != "")
      subjects.push_back(
          resource(kernel.at("run").get<std::string>() + "/" + kernel.at("name").get<std::string>(),
                   kernel.at("image_sha256")));
  return subjects;
}

json configuration_of(const json& acceptance) {
  const json& plan = acceptance.at("plan");
  json files = json::array({resource(plan.at("file"), plan.at("sha256"))});
  for (const json& run : acceptance.at("runs"))
    files.push_back(
        resource(run.at("folder").get<std::string>() + "/policy.toml", run.at("policy").at("sha256")));
  return files;
}

json tests_of(const json& acceptance, const char* verdict) {
  json tests = json::array();
  for (const json& run : acceptance.at("runs"))
    for (const json& group : run.at("groups"))
      if (group.at("verdict") == verdict)
        tests.push_back(run.at("name").get<std::string>() + "/" + group.at("kernel").get<std::string>() +
                        "/" + group.at("load").get<std::string>());
  return tests;
}

}  // namespace

std::optional<std::string> in_toto_statement(const json& acceptance, const std::string& bundle_name,
                                             const std::string& bundle_sha256) {
  const bool passed = acceptance.at("verdict") == "PASS";
  if (!passed && acceptance.at("verdict") != "FAIL") return std::nullopt;
  const json statement = {{"_type", "https://in-toto.io/Statement/v1"},
                          {"subject", subjects_of(acceptance, bundle_name, bundle_sha256)},
                          {"predicateType", "https://in-toto.io/attestation/test-result/v0.1"},
                          {"predicate",
                           {{"result", passed ? "PASSED" : "FAILED"},
                            {"configuration", configuration_of(acceptance)},
                            {"passedTests", tests_of(acceptance, "PASS")},
                            {"warnedTests", json::array()},
                            {"failedTests", tests_of(acceptance, "FAIL")}}}};
  return statement.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace loopgate
