#include "bundle/sign.h"

#include <fmt/format.h>

#include "base/process.h"
#include "bundle/at_terminal.h"
#include "bundle/signatures.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes time_to_type{10};

// a.lgb.minisig, as minisign itself calls it; a.lgb.vendor.sig of the key vendor or vendor.pub.
fs::path signature_beside(const fs::path& bundle, const fs::path& key, KeyKind kind) {
  if (kind == KeyKind::minisign) return bundle.string() + ".minisig";
  const fs::path name = key.extension() == ".pub" ? key.stem() : key.filename();
  return fmt::format("{}.{}.sig", bundle.string(), name.string());
}

// ssh-keygen reads the bundle as its standard input: of a named one it would ask whether to write over.
TerminalProgram signing_program(const fs::path& bundle, const Signing& signing, const fs::path& out) {
  TerminalProgram program;
  program.limit = time_to_type + time_to_read(bundle);
  if (signing.kind == KeyKind::minisign) {
    program.argv = {"minisign", "-S", "-s", signing.key.string(), "-m", bundle.string(), "-x", out.string()};
    return program;
  }
  program.argv = {"ssh-keygen", "-q", "-Y", "sign", "-f", signing.key.string(), "-n", signature_namespace};
  program.input_file = bundle;
  program.output_file = out;
  return program;
}

Status run_signing(const fs::path& bundle, const Signing& signing, const fs::path& part) {
  const TerminalProgram program = signing_program(bundle, signing, part);
  TRY(status, run_at_terminal(program));
  std::error_code error;
  if (status == 0 && fs::file_size(part, error) > 0 && !error) fs::rename(part, signing.signature, error);
  if (status == 0 && !error) return {};
  return fail(ErrorKind::infrastructure,
              fmt::format("{} is written and is not signed: {} {}", bundle.string(), program.argv[0],
                          status == 0 ? "wrote no signature"
                                      : fmt::format("ended with exit status {} and said why above", status)));
}

}  // namespace

Result<Signing> plan_signing(const fs::path& bundle, const fs::path& key) {
  TRY(kind, kind_of_signing_key(key));
  TRY_STATUS(check_signing_program(kind));
  Signing signing{kind, key, signature_beside(bundle, key, kind)};
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(signing.signature, ignored)))
    return fail(ErrorKind::usage, fmt::format("{}: is there already", signing.signature.string()),
                "a signature is never written over: remove it, or give the bundle another name");
  return signing;
}

Status sign(const fs::path& bundle, const Signing& signing) {
  const fs::path part = signing.signature.string() + ".part";
  Status done = run_signing(bundle, signing, part);
  if (done) return {};
  std::error_code ignored;
  fs::remove(part, ignored);
  Error error = std::move(done).error();
  error.next_step =
      fmt::format("sign it with the right passphrase: {}",
                  signing.kind == KeyKind::minisign
                      ? quoted({"minisign", "-S", "-s", signing.key.string(), "-m", bundle.string()})
                      : quoted({"ssh-keygen", "-Y", "sign", "-f", signing.key.string(), "-n",
                                signature_namespace, bundle.string()}));
  return tl::unexpected(std::move(error));
}

}  // namespace loopgate
