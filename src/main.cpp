#include <sysexits.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>

#include "dvsync/cli/program.hpp"

namespace {

// Where an exception can go no further, in a thread's or a destructor's last words. Being short of memory is no defect
// of the program, and needs no core dump.
[[noreturn]] void end_without_memory() {
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    constexpr std::string_view words = "dvsync: out of memory\n";
    if (write(STDERR_FILENO, words.data(), words.size()) < 0) _exit(EX_IOERR);
    _exit(EX_OSERR);
  } catch (...) {
    throw;  // says which one, and aborts
  }
  std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  std::set_terminate(end_without_memory);
  return dvsync::cli::run_program(argc, argv);
}
