#include "bundle/signatures.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/process.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

enum class Signed { holds, by_another_key, not_of_these_bytes };

KeyKind kind_of_signature(const fs::path& file) {
  return file.extension() == ".minisig" ? KeyKind::minisign : KeyKind::ssh;
}

Result<int> exit_status_of(std::vector<std::string> argv, const fs::path& input, const fs::path& read) {
  Program program;
  program.argv = std::move(argv);
  program.limit = time_to_read(read);
  program.input_file = input;
  TRY(ended, run_program(program));
  return ended.exit_status;
}

// Whether the second line of a signature names the number of this key. Characters 4 to 11 of the base64 are
// six of its eight bytes and nothing else; of a stranger's key with the same six it is said that it does not
// hold.
bool is_of_minisign_key(const std::string& signature, std::string_view key) {
  const std::size_t line = signature.find('\n');
  if (line == std::string::npos || signature.size() < line + 1 + 12) return false;
  return signature.compare(line + 1 + 4, 8, key.substr(4, 8)) == 0;
}

Result<Signed> check_minisign(const fs::path& bundle, const PublicKey& key, const fs::path& signature) {
  TRY(text, read_text_file(signature, ErrorKind::data));
  if (!is_of_minisign_key(text, key.key)) return Signed::by_another_key;
  TRY(status,
      exit_status_of({"minisign", "-V", "-q", "-P", key.key, "-m", bundle.string(), "-x", signature.string()},
                     {}, bundle));
  return status == 0 ? Signed::holds : Signed::not_of_these_bytes;
}

Result<Signed> check_ssh(const fs::path& bundle, const PublicKey& key, const fs::path& signature,
                         const fs::path& scratch) {
  const fs::path signers = scratch / "signers";
  TRY_STATUS(write_file_atomically(signers, fmt::format("signer {}\n", key.key)));
  TRY(found, exit_status_of(
                 {"ssh-keygen", "-Y", "find-principals", "-f", signers.string(), "-s", signature.string()},
                 {}, signature));
  if (found != 0) return Signed::by_another_key;
  TRY(status, exit_status_of({"ssh-keygen", "-Y", "verify", "-f", signers.string(), "-I", "signer", "-n",
                              signature_namespace, "-s", signature.string()},
                             bundle, bundle));
  return status == 0 ? Signed::holds : Signed::not_of_these_bytes;
}

tl::unexpected<Error> not_signed(const fs::path& bundle, const std::string& what) {
  return fail(ErrorKind::data, fmt::format("{}: {}", bundle.string(), what),
              "trust no figure of it until who made it gives what is missing");
}

std::string told(const CheckedSignatures& checked) {
  std::string text;
  for (const HeldSignature& each : checked.held)
    text += fmt::format("; {} signed ({})", each.key.string(), each.signature.filename().string());
  for (const std::string& each : checked.not_counted) text += "; " + each;
  return text;
}

void tell_unsigned(const std::vector<PublicKey>& keys, const std::vector<fs::path>& files,
                   CheckedSignatures* checked) {
  for (const PublicKey& key : keys) {
    if (std::ranges::any_of(checked->held, [&](const auto& each) { return each.key == key.file; })) continue;
    const bool has_kind =
        std::ranges::any_of(files, [&](const fs::path& file) { return kind_of_signature(file) == key.kind; });
    const char* const program = key.kind == KeyKind::minisign ? "minisign" : "ssh-keygen";
    checked->not_counted.push_back(
        has_kind ? fmt::format("{} signed none of the signatures beside it", key.file.string())
                 : fmt::format("{} is a key of {}, and no signature of that kind is beside it",
                               key.file.string(), program));
  }
}

// Whose the signature is; of none of the keys is no error.
Status check_one(const fs::path& bundle, const std::vector<PublicKey>& keys, const fs::path& signature,
                 const fs::path& scratch, CheckedSignatures* checked) {
  for (const PublicKey& key : keys) {
    if (kind_of_signature(signature) != key.kind) continue;
    TRY(is, key.kind == KeyKind::minisign ? check_minisign(bundle, key, signature)
                                          : check_ssh(bundle, key, signature, scratch));
    if (is == Signed::not_of_these_bytes)
      return not_signed(bundle,
                        fmt::format("{} is made with {} and does not hold: it signs other bytes, or is "
                                    "not of the namespace {}",
                                    signature.filename().string(), key.file.string(), signature_namespace));
    if (is == Signed::by_another_key) continue;
    const bool again =
        std::ranges::any_of(checked->held, [&](const auto& each) { return each.key == key.file; });
    if (!again) checked->held.push_back({key.file, signature});
    return {};
  }
  checked->not_counted.push_back(
      fmt::format("{} is by no trusted key and does not count", signature.filename().string()));
  return {};
}

}  // namespace

std::chrono::seconds time_to_read(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  return std::chrono::minutes(1) + std::chrono::seconds(error ? 0 : size / 10'000'000);
}

Status check_signing_program(KeyKind kind) {
  const char* const program = kind == KeyKind::minisign ? "minisign" : "ssh-keygen";
  if (!find_program(program).empty()) return {};
  return fail(
      ErrorKind::infrastructure, fmt::format("the program {} is not installed", program),
      fmt::format("install Debian's package {}", kind == KeyKind::minisign ? "minisign" : "openssh-client"));
}

Result<std::vector<fs::path>> signature_files(const fs::path& bundle) {
  const fs::path folder = bundle.has_parent_path() ? bundle.parent_path() : fs::path(".");
  const std::string begin = bundle.filename().string() + ".";
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
    const fs::path name = each->path().filename();
    const bool is_signature = name.extension() == ".sig" || name.extension() == ".minisig";
    if (!is_signature || !name.string().starts_with(begin)) continue;
    // As of the statement beside it, BUNDLE.intoto.json.minisig: it signs that file, and not the bundle.
    std::error_code ignored;
    if (name.stem() != bundle.filename() && fs::exists(folder / name.stem(), ignored)) continue;
    files.push_back(each->path());
  }
  if (error)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be listed for signatures: {}", folder.string(), error.message()));
  std::ranges::sort(files);
  return files;
}

Result<CheckedSignatures> check_signatures(const fs::path& bundle, const std::vector<PublicKey>& keys,
                                           std::size_t wanted, const fs::path& scratch) {
  for (const PublicKey& key : keys) TRY_STATUS(check_signing_program(key.kind));
  TRY(files, signature_files(bundle));
  if (files.empty())
    return not_signed(bundle, fmt::format("is not signed: no {0}.minisig or {0}.NAME.sig is beside it",
                                          bundle.filename().string()));
  CheckedSignatures checked{wanted, {}, {}};
  for (const fs::path& file : files) TRY_STATUS(check_one(bundle, keys, file, scratch, &checked));
  tell_unsigned(keys, files, &checked);
  if (checked.held.size() < wanted)
    return not_signed(bundle, fmt::format("{} of {} wanted signatures {}{}", checked.held.size(), wanted,
                                          checked.held.size() == 1 ? "holds" : "hold", told(checked)));
  return checked;
}

}  // namespace loopgate
