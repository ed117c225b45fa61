#include "sync/foreground.hpp"

#include "sync/summary.hpp"

namespace dvsync::cli {

int tell(const Context& context, const config::Configuration& configuration, const sync::RunReport& report, bool json) {
  const auto held = sync::read_held(configuration, report);
  if (json) {
    context.out.write(boost::json::serialize(sync::json_of(report, held)) + "\n");
  } else {
    context.out.write(summary_of(report, held, context.out.paint(), context.out.table_width()));
  }
  return report.exit_code();
}

}  // namespace dvsync::cli
