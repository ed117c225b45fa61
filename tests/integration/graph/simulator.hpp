#pragma once
// The Graph simulator (tests/graph_simulator) as a process of its own.

#include <boost/json.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace dvsync::source::graph::testing {

class Simulator {
 public:
  // One for the whole test program, started on first use.
  static Simulator& instance();
  // One behind Stoplight Prism (--validate). REQUIRES: validator_installed().
  static Simulator& validated();
  [[nodiscard]] static bool validator_installed();

  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;
  ~Simulator();

  // graph, authority, imds, proxy, ca_file, validated
  [[nodiscard]] std::string address(const std::string& name) const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  // Commands of control.js; the results in the same order.
  boost::json::array run(const boost::json::array& commands);
  boost::json::value run(boost::json::object command);

 private:
  // Ends with this process. Throws std::runtime_error when Node.js does not start it.
  explicit Simulator(bool validate);

  std::filesystem::path folder_;
  int standard_input_ = -1;
  int process_ = -1;
  boost::json::value addresses_;
};

}  // namespace dvsync::source::graph::testing
