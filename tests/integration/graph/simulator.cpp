#include "integration/graph/simulator.hpp"

#include <curl/curl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace dvsync::source::graph::testing {
namespace {

namespace json = boost::json;

std::filesystem::path new_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "graph-simulator-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

std::string read_line(int descriptor) {
  std::string line;
  for (char c = '\0'; read(descriptor, &c, 1) == 1 && c != '\n';) {
    line += c;
  }
  return line;
}

std::size_t append(char* data, std::size_t, std::size_t size, void* text) {
  static_cast<std::string*>(text)->append(data, size);
  return size;
}

std::string post(const std::string& url, const std::string& body) {
  CURL* curl = curl_easy_init();
  std::string answer;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  if (code != CURLE_OK) {
    throw std::runtime_error(std::string("the simulator's control does not answer: ") + curl_easy_strerror(code));
  }
  return answer;
}

}  // namespace

Simulator& Simulator::instance() {
  static Simulator simulator(false);
  return simulator;
}

Simulator& Simulator::validated() {
  static Simulator simulator(true);
  return simulator;
}

bool Simulator::validator_installed() {
  return std::filesystem::exists(GRAPH_SIMULATOR "/node_modules/@stoplight/prism-cli");
}

Simulator::Simulator(bool validate) : folder_(new_folder()) {
  std::array<int, 2> to_child{};
  std::array<int, 2> from_child{};
  if (pipe(to_child.data()) != 0 || pipe(from_child.data()) != 0) throw std::runtime_error("no pipe");
  process_ = fork();
  if (process_ == 0) {
    dup2(to_child[0], STDIN_FILENO);
    dup2(from_child[1], STDOUT_FILENO);
    for (const int descriptor : {to_child[0], to_child[1], from_child[0], from_child[1]}) {
      close(descriptor);
    }
    execlp(NODE_PROGRAM, "node", GRAPH_SIMULATOR "/server.js", folder_.c_str(), validate ? "--validate" : nullptr,
           nullptr);
    std::perror("Node.js (" NODE_PROGRAM ") cannot be started; install the package nodejs");
    std::_Exit(EXIT_FAILURE);
  }
  close(to_child[0]);
  close(from_child[1]);
  standard_input_ = to_child[1];
  const std::string line = read_line(from_child[0]);
  close(from_child[0]);
  if (line.empty()) throw std::runtime_error("the Graph simulator did not start; its own words are above");
  addresses_ = json::parse(line);
}

Simulator::~Simulator() {
  close(standard_input_);
  waitpid(process_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Simulator::address(const std::string& name) const {
  return std::string(addresses_.at(name).as_string().c_str());
}

json::array Simulator::run(const json::array& commands) {
  return json::parse(post(address("control"), json::serialize(commands))).as_array();
}

json::value Simulator::run(json::object command) { return run(json::array{std::move(command)}).front(); }

}  // namespace dvsync::source::graph::testing
