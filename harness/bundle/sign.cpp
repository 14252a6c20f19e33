#include "bundle/sign.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/process.h"
#include "base/scratch_dir.h"
#include "base/temporary_folder.h"
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

// vendor.pub of vendor and vendor.pub; minisign's vendor.pub of vendor.key.
fs::path public_key_beside(fs::path key, KeyKind kind) {
  if (kind == KeyKind::minisign) return key.replace_extension(".pub");
  return key.extension() == ".pub" ? key : fs::path(key.string() + ".pub");
}

Status check_bytes(const fs::path& bundle, const std::string& sha256) {
  TRY(now, sha256_of_file(bundle));
  if (now == sha256) return {};
  return fail(ErrorKind::data,
              fmt::format("{}: has sha256 {}, and what was verified had {}", bundle.string(), now, sha256),
              "it was replaced meanwhile, and is not signed: verify what is there now");
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
              fmt::format("{} is there and is not signed: {} {}", bundle.string(), program.argv[0],
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

Status sign_these_bytes(const fs::path& bundle, const std::string& sha256, const Signing& signing) {
  TRY_STATUS(check_bytes(bundle, sha256));
  TRY_STATUS(sign(bundle, signing));
  Status after = check_bytes(bundle, sha256);
  std::error_code ignored;
  if (!after) fs::remove(signing.signature, ignored);
  return after;
}

Result<std::optional<fs::path>> signature_that_holds(const fs::path& bundle, const fs::path& key) {
  TRY(kind, kind_of_signing_key(key));
  const fs::path signature = signature_beside(bundle, key, kind);
  std::error_code error;
  if (!fs::exists(fs::symlink_status(signature, error))) return std::nullopt;
  const fs::path own = public_key_beside(key, kind);
  if (!fs::exists(own, error))
    return fail(ErrorKind::usage,
                fmt::format("{}: is there already, and without {} nobody can tell whether it holds",
                            signature.string(), own.string()),
                "put the public key there, or leave --sign out");
  TRY(keys, read_public_keys({own}));
  TRY(temporary, temporary_folder());
  TRY(scratch, ScratchDir::create(temporary, "sign"));
  TRY(checked, check_signatures(bundle, keys, 1, scratch.path()));
  if (checked.held.front().signature.filename() == signature.filename()) return signature;
  return fail(ErrorKind::data,
              fmt::format("{}: is there already and is not made with {}", signature.string(), own.string()),
              "remove it; a signature is never written over");
}

}  // namespace loopgate
