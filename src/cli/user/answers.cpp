#include "user/answers.hpp"

#include <sysexits.h>

#include <algorithm>
#include <array>

#include "dvsync/sync/user_operations.hpp"
#include "explain/reasons.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

struct Look {
  char mark;
  std::string_view words;
};
Look look_of(core::Decision decision) {
  switch (decision) {
    using enum core::Decision;
    case create:
      return {'+', "created"};
    case enable:
      return {'^', "enabled"};
    case disable:
      return {'!', "disabled"};
    case update:
      return {'~', "updated"};
    case keep:
      return {'=', "unchanged"};
    case ignore:
    case refuse:
      break;
  }
  return {'x', "refused"};
}

std::string painted(const Paint& paint, core::Decision decision, const std::string& text) {
  switch (decision) {
    using enum core::Decision;
    case create:
    case enable:
      return paint.green(text);
    case disable:
    case refuse:
      return paint.red(text);
    case update:
      return paint.yellow(text);
    case keep:
    case ignore:
      break;
  }
  return paint.faint(text);
}

// A detail may list users, one a line.
std::string indented(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    text += (text.empty() ? "    " : "\n    ") + printable(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text;
}

}  // namespace

std::string line_of(const sync::RequestOutcome& answer, const Paint& paint) {
  const auto look = look_of(answer.decision);
  const bool same = answer.user_name.empty() || answer.user_name == answer.asked;
  std::string text = painted(paint, answer.decision, std::string(1, look.mark)) + " " + printable(answer.asked);
  if (!same) text += " (" + printable(answer.user_name) + ")";
  text += ": " + std::string(look.words) + (answer.access ? ", may enter" : ", may not enter");
  text += " (" + printable(answer.reason) + ")";
  const bool good = answer.access && !answer.held && !answer.missing;
  if (const auto sentence = sentence_of(answer.reason); !good && !sentence.empty()) {
    text += ": " + std::string(sentence);
  }
  if (!answer.detail.empty()) text += "\n" + indented(answer.detail);
  return text + "\n";
}

bool is_nobody(const sync::RequestOutcome& answer) {
  const bool nobody =
      answer.reason == sync::refusal::ambiguous_user || answer.reason == sync::refusal::malformed_request ||
      answer.reason == sync::refusal::not_in_directory || answer.reason == sync::refusal::directory_unknown;
  return nobody && !answer.object_id && !answer.systemuserid;
}

int exit_code_of(const sync::RequestOutcome& answer) {
  if (answer.reason == sync::refusal::stale_directory) return EX_UNAVAILABLE;
  if (answer.held || answer.missing) return EX_TEMPFAIL;
  if (answer.decision != core::Decision::refuse) return 0;
  return is_nobody(answer) ? EX_USAGE : EX_DATAERR;
}

int weightier(int code, int other) {
  static constexpr std::array by_weight{0, EX_DATAERR, EX_USAGE, EX_TEMPFAIL, EX_UNAVAILABLE};
  const auto weight = [](int one) { return std::find(by_weight.begin(), by_weight.end(), one) - by_weight.begin(); };
  return weight(code) >= weight(other) ? code : other;
}

}  // namespace dvsync::cli
