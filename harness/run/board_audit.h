// What a board's settings do to latency, as each kernel was booted there: the rules of `loopgate audit`,
// asked after the first cell of each boot, so that no measured sample and no first stimulus waits for it.
#pragma once

#include <functional>
#include <string>

#include "audit/rules.h"
#include "config/board.h"
#include "machine/machine.h"

namespace loopgate {

class BoardAudit {
 public:
  using Ask = std::function<Result<std::string>(const std::string& script)>;

  BoardAudit(Rules rules, Board board) : rules_(std::move(rules)), board_(std::move(board)) {}

  // Leaves audit.json in the cell's folder, and gives its tally; empty where the boot was audited already, or
  // is the known-good kernel's. Takes the board some seconds. Errors: the board's, and data where its answer
  // can't be read: nothing is known of that boot then, and what was measured is what it was.
  Result<std::string> after(const CellRequest& request, const Ask& ask);

 private:
  Rules rules_;
  Board board_;
  std::string audited_;  // the boot, as CellRequest::boot has it
};

}  // namespace loopgate
