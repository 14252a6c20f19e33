#include "capture/export_run.h"

#include "capture/export_forms.h"

namespace loopgate {
namespace {

Result<Exported> exported_of(const ExportRequest& request, const ExportSource& source) {
  return request.form == ExportForm::csv ? export_as_csv(source) : export_as_cyclictest(request, source);
}

}  // namespace

Result<Exported> export_run(const ExportRequest& request) {
  TRY(source, read_export_source(request));
  TRY(exported, exported_of(request, source));
  for (const ExportedGroup& group : source.groups)
    for (const UnmeasuredCell& cell : group.evidence->invalid)
      if (cell.unreadable) exported.unreadable.push_back(cell.cell);
  return exported;
}

}  // namespace loopgate
