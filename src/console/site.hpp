#pragma once
// Who answers what: probes, metrics, the page, the API.

#include <mutex>

#include "api.hpp"
#include "dvsync/console/console.hpp"
#include "message.hpp"

namespace dvsync::console {

class Site : public Handler {
 public:
  explicit Site(const Parts& parts) : parts_(parts), api_(parts.log) {}

  // For requests from now on. Any thread.
  void use(service::SharedConfiguration configuration);

  [[nodiscard]] std::optional<Answer> answer_at_once(const Request& request) override;
  [[nodiscard]] Answer answer(const Request& request, const std::stop_token& stop) override;

 private:
  [[nodiscard]] service::SharedConfiguration current();

  Parts parts_;
  Api api_;
  std::mutex mutex_;
  service::SharedConfiguration configuration_;  // guarded by mutex_
};

}  // namespace dvsync::console
