#include "run/board_audit.h"

#include "audit/audit.h"
#include "audit/fact_script.h"
#include "audit/json_report.h"
#include "audit/text_report.h"
#include "base/file.h"
#include "run/candidate_facts.h"

namespace loopgate {

Result<std::string> BoardAudit::after(const CellRequest& request, const Ask& ask) {
  if (!request.kernel || audited_ == request.boot) return std::string();
  const auto answer = ask(script_for(request_of(rules_)));
  if (!answer) return tl::unexpected(answer.error());
  TRY(facts, candidate_facts(*answer, board_.name + "'s facts", *request.kernel));
  const auto done = audit(rules_, facts, parameters_of(board_, rules_));
  if (!done) return tl::unexpected(done.error());
  if (auto written = write_file_atomically(request.folder / "audit.json", to_json(*done)); !written)
    return tl::unexpected(written.error());
  audited_ = request.boot;
  return summary_of(*done);
}

}  // namespace loopgate
