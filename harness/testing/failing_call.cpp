// A test loads this before the C library (LD_PRELOAD): one call of one program fails, as on a disk that is
// full or a machine without memory.
//   LOOPGATE_FAILING_CALL      KIND:N    the N-th of its kind (from 1) fails; KIND:N+ every one from the N-th
//   on LOOPGATE_FAILING_PROGRAM   its name; other programs go on as ever LOOPGATE_FAILING_DONE      a file
//   that is made when a call has failed: without it there was no N-th
// Kinds: write (what is written into files, pipes and devices), rename, open (of a file that is to be
// written), fork (programs and threads), allocation.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

enum class Kind { none, write, rename, open, fork, allocation };

struct Plan {
  Kind kind = Kind::none;
  long nth = 0;
  bool ever_after = false;
  const char* done = nullptr;
};

// The loader offers no other place: the C library's functions have no argument for it.
Plan plan;
std::atomic<long> calls{0};

constexpr struct {
  const char* name;
  Kind kind;
} kinds[] = {{"write", Kind::write},
             {"rename", Kind::rename},
             {"open", Kind::open},
             {"fork", Kind::fork},
             {"allocation", Kind::allocation}};

__attribute__((constructor)) void start() {
  const char* text = std::getenv("LOOPGATE_FAILING_CALL");
  const char* program = std::getenv("LOOPGATE_FAILING_PROGRAM");
  if (text == nullptr || program == nullptr || std::strcmp(program, program_invocation_short_name) != 0)
    return;
  ::unsetenv("LD_PRELOAD");  // what this program starts is spared
  const char* colon = std::strchr(text, ':');
  if (colon == nullptr) return;
  Plan wanted;
  char* end = nullptr;
  wanted.nth = std::strtol(colon + 1, &end, 10);
  wanted.ever_after = *end == '+';
  wanted.done = std::getenv("LOOPGATE_FAILING_DONE");
  for (const auto& each : kinds)
    if (std::strncmp(text, each.name, static_cast<std::size_t>(colon - text)) == 0) wanted.kind = each.kind;
  plan = wanted;
}

// Whether this call, of that kind, is one that must fail; errno is set then.
bool fails(Kind kind, int error) {
  if (plan.kind != kind) return false;
  const long call = calls.fetch_add(1) + 1;
  if (call < plan.nth || (call > plan.nth && !plan.ever_after)) return false;
  if (call == plan.nth && plan.done != nullptr) {
    const long fd = ::syscall(SYS_openat, AT_FDCWD, plan.done, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    if (fd >= 0) ::syscall(SYS_close, fd);
  }
  errno = error;
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool is_written(int flags) { return (flags & O_ACCMODE) != O_RDONLY; }

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

// Each has the C library's own declaration; NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  return fails(Kind::write, ENOSPC) ? -1 : real(fd, bytes, size);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return fails(Kind::write, ENOSPC) ? -1 : real(fd, bytes, size, at);
}

ssize_t writev(int fd, const iovec* parts, int count) {
  static auto* const real = next<ssize_t(int, const iovec*, int)>("writev");
  return fails(Kind::write, ENOSPC) ? -1 : real(fd, parts, count);
}

size_t fwrite(const void* bytes, size_t size, size_t count, FILE* file) {
  static auto* const real = next<size_t(const void*, size_t, size_t, FILE*)>("fwrite");
  return fails(Kind::write, ENOSPC) ? 0 : real(bytes, size, count, file);
}

int fflush(FILE* file) {
  static auto* const real = next<int(FILE*)>("fflush");
  return fails(Kind::write, ENOSPC) ? EOF : real(file);
}

int fclose(FILE* file) {
  static auto* const real = next<int(FILE*)>("fclose");
  const bool lost = fails(Kind::write, ENOSPC);
  const int closed = real(file);
  if (!lost) return closed;
  errno = ENOSPC;
  return EOF;
}

ssize_t sendfile(int to, int from, off_t* at, size_t size) {
  static auto* const real = next<ssize_t(int, int, off_t*, size_t)>("sendfile");
  return fails(Kind::write, ENOSPC) ? -1 : real(to, from, at, size);
}

int fsync(int fd) {
  static auto* const real = next<int(int)>("fsync");
  return fails(Kind::write, EIO) ? -1 : real(fd);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  static auto* const real = next<int(int, const char*, int, const char*, unsigned)>("renameat2");
  return fails(Kind::rename, EIO) ? -1 : real(from_folder, from, to_folder, to, flags);
}

int rename(const char* from, const char* to) {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return fails(Kind::rename, EIO) ? -1 : real(from, to);
}

int mkostemp(char* path, int flags) {
  static auto* const real = next<int(char*, int)>("mkostemp");
  return fails(Kind::open, EMFILE) ? -1 : real(path, flags);
}

int open(const char* path, int flags, ...) {
  static auto* const real = next<int(const char*, int, ...)>("open");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return is_written(flags) && fails(Kind::open, EMFILE) ? -1 : real(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  static auto* const real = next<int(const char*, int, ...)>("open64");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return is_written(flags) && fails(Kind::open, EMFILE) ? -1 : real(path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
  static auto* const real = next<FILE*(const char*, const char*)>("fopen");
  return mode[0] != 'r' && fails(Kind::open, EMFILE) ? nullptr : real(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
  static auto* const real = next<FILE*(const char*, const char*)>("fopen64");
  return mode[0] != 'r' && fails(Kind::open, EMFILE) ? nullptr : real(path, mode);
}

int mkdir(const char* path, mode_t mode) {
  static auto* const real = next<int(const char*, mode_t)>("mkdir");
  return fails(Kind::open, ENOSPC) ? -1 : real(path, mode);
}

char* mkdtemp(char* pattern) {
  static auto* const real = next<char*(char*)>("mkdtemp");
  return fails(Kind::open, ENOSPC) ? nullptr : real(pattern);
}

int memfd_create(const char* name, unsigned flags) {
  static auto* const real = next<int(const char*, unsigned)>("memfd_create");
  return fails(Kind::open, EMFILE) ? -1 : real(name, flags);
}

int ftruncate(int fd, off_t size) {
  static auto* const real = next<int(int, off_t)>("ftruncate");
  return fails(Kind::write, ENOSPC) ? -1 : real(fd, size);
}

int truncate(const char* path, off_t size) {
  static auto* const real = next<int(const char*, off_t)>("truncate");
  return fails(Kind::write, ENOSPC) ? -1 : real(path, size);
}

pid_t fork() {
  static auto* const real = next<pid_t()>("fork");
  return fails(Kind::fork, EAGAIN) ? -1 : real();
}

int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const* argv, char* const* environment) {
  static auto* const real = next<int(pid_t*, const char*, const posix_spawn_file_actions_t*,
                                     const posix_spawnattr_t*, char* const*, char* const*)>("posix_spawn");
  return fails(Kind::fork, EAGAIN) ? EAGAIN : real(pid, path, actions, attributes, argv, environment);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*function)(void*),
                   void* argument) {
  static auto* const real =
      next<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  return fails(Kind::fork, EAGAIN) ? EAGAIN : real(thread, attributes, function, argument);
}

void* malloc(size_t size) { return fails(Kind::allocation, ENOMEM) ? nullptr : __libc_malloc(size); }

void* calloc(size_t count, size_t size) {
  return fails(Kind::allocation, ENOMEM) ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* old, size_t size) {
  return fails(Kind::allocation, ENOMEM) ? nullptr : __libc_realloc(old, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  return fails(Kind::allocation, ENOMEM) ? nullptr : __libc_memalign(alignment, size);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
