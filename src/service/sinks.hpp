#pragma once
// The places entries go to.

#include <memory>

#include "dvsync/service/log.hpp"

namespace dvsync::service {

// Whether systemd connected standard error to the journal.
[[nodiscard]] bool stderr_is_journal();

// To the journal, with every field. While its socket is missing: text on standard error.
[[nodiscard]] std::unique_ptr<Sink> make_journal_sink();
// Lines on standard error, with the time and, on request, colours.
[[nodiscard]] std::unique_ptr<Sink> make_text_sink(bool color);
// One JSON object a line, on standard error.
[[nodiscard]] std::unique_ptr<Sink> make_json_sink();

}  // namespace dvsync::service
