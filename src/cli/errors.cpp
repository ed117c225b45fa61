#include "errors.hpp"

#include <sysexits.h>

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <system_error>

#include "command.hpp"
#include "dvsync/error.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/saved_plan.hpp"
#include "plan/plan_file.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

// The machine has no memory, thread or descriptor left. What Asio throws for want of one is not the standard's.
bool is_want_of_means(const std::exception& error) {
  if (const auto* of_boost = dynamic_cast<const boost::system::system_error*>(&error)) {
    return of_boost->code().category() == boost::system::system_category();
  }
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
         dynamic_cast<const std::system_error*>(&error) != nullptr;
}

int exit_code_of(const std::exception& error) {
  if (const auto* store = dynamic_cast<const StoreError*>(&error)) return cli::exit_code_of(store->kind());
  if (const auto* source = dynamic_cast<const SourceError*>(&error)) {
    return source->kind() == SourceError::Kind::denied ? EX_NOPERM : EX_UNAVAILABLE;
  }
  if (dynamic_cast<const sync::UsageError*>(&error) != nullptr) return EX_USAGE;
  if (const auto* file = dynamic_cast<const PlanFileError*>(&error)) return file->exit_code();
  if (dynamic_cast<const sync::PlanRefused*>(&error) != nullptr) return EX_DATAERR;
  if (dynamic_cast<const sync::Busy*>(&error) != nullptr) return EX_TEMPFAIL;
  if (dynamic_cast<const Interrupted*>(&error) != nullptr) return EX_TEMPFAIL;
  return is_want_of_means(error) ? EX_OSERR : EX_SOFTWARE;
}

// The first line says where and what; the caret is the last.
std::string describe(const config::Diagnostic& diagnostic, const Paint& paint) {
  const auto text = config::to_string(diagnostic);
  const auto first = text.find('\n');
  if (first == std::string::npos) return paint.bold(text) + "\n";
  const auto last = text.rfind('\n');
  return paint.bold(text.substr(0, first)) + text.substr(first, last - first) + "\n" +
         paint.red(text.substr(last + 1)) + "\n";
}

}  // namespace

int exit_code_of(StoreError::Kind kind) {
  switch (kind) {
    case StoreError::Kind::unavailable:
      return EX_UNAVAILABLE;
    case StoreError::Kind::denied:
      return EX_NOPERM;
    case StoreError::Kind::fenced:
      return EX_TEMPFAIL;
    case StoreError::Kind::schema:   // `dvsync migrate` was not run
    case StoreError::Kind::refused:  // the configuration asks for what must not be done
      return EX_CONFIG;
  }
  return EX_SOFTWARE;
}

int exit_code_of(const std::vector<config::Diagnostic>& diagnostics) {
  return std::ranges::any_of(diagnostics, &config::Diagnostic::denied) ? EX_NOPERM : EX_CONFIG;
}

std::string describe(const std::vector<config::Diagnostic>& diagnostics, const Paint& paint) {
  std::string text;
  for (const auto& diagnostic : diagnostics) text += describe(diagnostic, paint);
  return text;
}

Failure failure_of(const std::exception& error, const Paint& paint) {
  if (const auto* invalid = dynamic_cast<const InvalidConfiguration*>(&error)) {
    return {exit_code_of(invalid->diagnostics()), describe(invalid->diagnostics(), paint)};
  }
  return {exit_code_of(error), paint.red("dvsync:") + " " + printable_lines(words_of(error)) + "\n"};
}

}  // namespace dvsync::cli
