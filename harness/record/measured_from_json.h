// `measured_from` of outcome.json: its fields as a table.
#pragma once

#include "base/json_table.h"
#include "record/measured_from.h"

namespace loopgate {

static constexpr auto fields_of(const MeasuredFrom*) {
  return std::tuple(
      field("image_sha256", &MeasuredFrom::image_sha256),
      field("initrd_sha256", &MeasuredFrom::initrd_sha256),
      field("kernel_sha256", &MeasuredFrom::kernel_sha256),
      field("kernel_arguments", &MeasuredFrom::kernel_arguments),
      field("suite_sha256", &MeasuredFrom::suite_sha256), field("load_sha256", &MeasuredFrom::load_sha256),
      field("board_sha256", &MeasuredFrom::board_sha256), field("base_sha256", &MeasuredFrom::base_sha256),
      field("programs_sha256", &MeasuredFrom::programs_sha256),
      field("payload_sha256", &MeasuredFrom::payload_sha256),
      field("instrument_sha256", &MeasuredFrom::instrument_sha256),
      field("machine_sha256", &MeasuredFrom::machine_sha256),
      field("schedule_sha256", &MeasuredFrom::schedule_sha256), field("seed", &MeasuredFrom::seed),
      field("loopgate", &MeasuredFrom::loopgate), field("started", &MeasuredFrom::started),
      field("plan_sha256", &MeasuredFrom::plan_sha256));
}

}  // namespace loopgate
