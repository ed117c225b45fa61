#include "dvsync/console/console.hpp"

#include "server.hpp"
#include "site.hpp"

namespace dvsync::console {

class Console::Served {
 public:
  explicit Served(const Parts& parts) : site_(parts), server_(site_, parts.log) {}

  void serve(service::SharedConfiguration configuration) {
    auto place = place_of(*configuration);
    site_.use(std::move(configuration));
    server_.listen(std::move(place));
  }

 private:
  Site site_;
  Server server_;  // last: its threads end first
};

Console::Console(const Parts& parts) : served_(std::make_unique<Served>(parts)) {}
Console::~Console() = default;

void Console::serve(service::SharedConfiguration configuration) { served_->serve(std::move(configuration)); }

}  // namespace dvsync::console
