#include "inspection/pictures.h"

#include <algorithm>
#include <cstdint>
#include <iomanip>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "inspection/decision.h"
#include "inspection/model.h"
#include "inspection/picture_source.h"
#include "protocol/clock_pair.h"

namespace loopgate::inspection {

namespace {

struct Row {
  std::string file;
  Decision decision;
  Scores scores;
  std::size_t top;             // the class with the largest value
  std::vector<float> outputs;  // of a model that is no classifier
  std::int64_t preprocess_ns;
  std::int64_t inference_ns;
};

const char* text_of(Decision decision) { return decision == Decision::ok ? "OK" : "NG"; }

// The values of a model that is no classifier; none of others.
std::vector<float> outputs_of(const Model& model) {
  std::vector<float> values;
  if (model.task.is_raw())
    for (const std::int8_t value : model.engine->output()) values.push_back(model.task.value(value));
  return values;
}

std::string class_of(const Row& row, const Task& task) {
  return task.labels().empty() ? std::to_string(row.top) : task.labels()[row.top];
}

Result<std::vector<Row>> decide_all(PictureSource* source, Model* model) {
  std::vector<std::uint8_t> frame(static_cast<std::size_t>(source->size().bytes()));
  std::vector<Row> rows;
  for (std::size_t i = 0; i < source->names().size(); ++i) {
    source->capture(i + 1, 0, frame.data());
    const std::int64_t begin = now_ns();
    model->preprocess->run(frame.data(), model->engine->picture().data());
    const std::int64_t ready = now_ns();
    if (!model->engine->run()) return fail(target::exit_broken, "the engine failed");
    const std::int64_t done = now_ns();
    const Scores scores = model->task.judge(model->engine->output());
    rows.push_back({source->names()[i], decide(scores), scores, model->task.top(model->engine->output()),
                    outputs_of(*model), ready - begin, done - ready});
  }
  return rows;
}

void print_table(const std::vector<Row>& rows, const Task& task, std::ostream& out) {
  std::size_t widest = std::string("picture").size();
  for (const Row& row : rows) widest = std::max(widest, row.file.size());
  const auto width = static_cast<int>(widest);
  out << std::left << std::setw(width) << "picture" << "  verdict  for NG   for OK   ms"
      << (task.has_classes() ? "     class" : "") << '\n'
      << std::fixed;
  for (const Row& row : rows)
    out << std::left << std::setw(width) << row.file << "  " << std::setw(7) << text_of(row.decision)
        << std::right << std::setprecision(2) << std::setw(8) << row.scores.ng << ' ' << std::setw(8)
        << row.scores.ok << std::setprecision(3) << ' ' << std::setw(7)
        << static_cast<double>(row.preprocess_ns + row.inference_ns) / 1e6
        << (task.has_classes() ? "  " + class_of(row, task) : "") << '\n';
}

void print_json(const std::vector<Row>& rows, const Model& model, std::ostream& out) {
  using Json = nlohmann::ordered_json;
  Json pictures = Json::array();
  for (const Row& row : rows) {
    Json one = {{"file", row.file},
                {"decision", text_of(row.decision)},
                {"score_ng", row.scores.ng},
                {"score_ok", row.scores.ok},
                {"preprocess_ns", row.preprocess_ns},
                {"inference_ns", row.inference_ns}};
    if (model.task.has_classes()) one["class"] = class_of(row, model.task);
    if (model.task.is_raw()) one["output"] = row.outputs;
    pictures.push_back(std::move(one));
  }
  const Json json = {
      {"engine", model.engine->name()},
      {"model",
       {{"file", model.file}, {"name", model.name}, {"version", model.version}, {"sha256", model.sha256}}},
      {"pictures", pictures}};
  out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace

Status inspect_pictures(const Options& options, std::ostream& out) {
  const Result<std::unique_ptr<Model>> model = load_model(options.model, options.how, DigestFile::if_there);
  if (!model) return tl::unexpected(model.error());
  Result<PictureSource> source = PictureSource::open(options.images, 1, (*model)->format.channels);
  if (!source) return tl::unexpected(source.error());
  if (Status fits = look_at(model->get(), source->size()); !fits) return tl::unexpected(fits.error());
  const Result<std::vector<Row>> rows = decide_all(&*source, model->get());
  if (!rows) return tl::unexpected(rows.error());
  if (options.json)
    print_json(*rows, **model, out);
  else
    print_table(*rows, (*model)->task, out);
  return {};
}

}  // namespace loopgate::inspection
